"""How a tensor looks: in a print, in an f-string, in a notebook."""
import numpy as np

from minigrad.guards import name_of
from minigrad.html_tables import html_table

ROWS, COLUMNS = 10, 8                   # of a table in a notebook


class Displays:
    """The texts of an array `_data` that a call `_node` made."""
    __slots__ = ()

    def _origin(self):
        """What made it, or that it wants a gradient, as ', made by add'."""
        if self._node is not None:
            return f", made by {name_of(self._node.function)}"
        return ", requires_grad=True" if self.requires_grad else ""

    def __repr__(self):
        text = np.array2string(self._data, separator=", ", prefix="tensor(")
        kind = "" if self.dtype == float else f", dtype={self.dtype}"
        return f"tensor({text}{kind}{self._origin()})"

    def __format__(self, spec):
        """One number as Python formats it; an array takes no format, as NumPy's do not."""
        if not self.ndim:
            return format(self._data[()], spec)
        if spec:
            raise TypeError(f"format {spec!r} is for one number, the tensor has shape"
                            f" {self.shape}; use x.item() if it has one entry, else"
                            " np.round(x.numpy(), 2)")
        return str(self)

    def __round__(self, digits=None):
        """One number rounded, a Python number; an array as np.round, whose slope is 0."""
        return np.round(self, digits or 0) if self.ndim else round(self.item(), digits)

    def _repr_html_(self):
        if not self.ndim:
            return None                 # its text says it all
        note = f"shape {self.shape}, {self.dtype}{self._origin()}"
        if self.ndim > 2 or not self.size:
            return html_table((), [], f"{self!r}\n{note}")
        grid = np.atleast_2d(self._data)
        lines = [[f"{x:.6g}" for x in row[:COLUMNS].tolist()] + ["…"]*(row.size > COLUMNS)
                 for row in grid[:ROWS]]
        return html_table((), lines + [["…"]*len(lines[0])]*(len(grid) > ROWS), note)
