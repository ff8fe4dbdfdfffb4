"""Values: the ndarray in a Tensor, its gradient, and how both are read and written.

What a Tensor is, without what is done to it (tensors.py). NumPy, lists and Python's own
functions would take the values and lose the graph; all of these raise and name the cure.
"""
import operator

import numpy as np
from numpy import ndarray

from minigrad import composites
from minigrad.displays import Displays
from minigrad.spellings import Count
from minigrad.stand_ins import StandIn
from minigrad.writes import fitting, lend, memory_of, replace


def conversion(to, what, more=""):
    """A method that gives the one number, where no gradient is lost."""
    def run(self):
        self._refuse(what, more)
        return to(self._data)
    return run


class Pending:
    """A gradient that lies where the next compiled step puts its own: copied when read."""
    __slots__ = ("array",)

    def __init__(self, array):
        self.array = array

    def copy(self):
        """The gradient, as it is now."""
        return self.array.copy()


class Values(Displays):
    """An ndarray, its gradient, the call that made it, and who has written to it."""
    __slots__ = ("_data", "_grad", "_node", "_memory", "requires_grad", "__weakref__")

    def __init__(self, data, requires_grad=False):
        if type(data) is not ndarray and not isinstance(data, StandIn):
            raise TypeError(f"Tensor: came {type(data).__name__}; write mg.tensor(data)")
        self._data = data               # always an ndarray
        self._grad = None
        self._node = None               # the call that made it, if recorded
        self._memory = None             # of writes (writes.py), if anybody asked for it
        self.requires_grad = requires_grad

    shape = property(lambda self: self._data.shape)
    dtype = property(lambda self: self._data.dtype)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: Count(self._data.size))

    @property
    def is_leaf(self):
        """Whether no recorded call made it."""
        return self._node is None

    @property
    def data(self):
        """The ndarray itself, for reading or writing. Writes behind a graph's back raise
        at backward(); from now on each use of this tensor is copied."""
        return lend(self)

    @data.setter
    def data(self, array):
        replace(self, array)

    @property
    def grad(self):
        """The gradient that backward() has added up, an ndarray, or None."""
        if type(self._grad) is Pending:
            self._grad = self._grad.copy()
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            value = value._data if isinstance(value, Values) else value
            if not isinstance(value, (np.ndarray, np.generic, StandIn)):
                raise TypeError(f"grad: came {type(value).__name__}, needs an ndarray")
            value = fitting(self, value, "grad")
        self._grad = value

    # --- its values, outside any graph --------------------------------------------------
    def tolist(self):
        """The values as nested lists of Python numbers, outside any graph."""
        return self._data.tolist()

    def numpy(self):
        """A copy of the values as an ndarray, outside any graph."""
        return self._data.copy("K")

    def item(self, *index):
        """The value of a tensor with one entry, or of one entry, as a Python number."""
        if self.size != 1 and not index:
            raise ValueError(f"item: the tensor has shape {self.shape}; needs one entry")
        return self._data.item(*index)

    def detach(self):
        """The same values and memory, wanting no gradient."""
        out = type(self)(self._data.view())
        out._memory = memory_of(self)
        return out

    def __len__(self):
        if not self.ndim:
            raise TypeError("len: a tensor of shape () has no length")
        return len(self._data)

    # --- what would lose the graph ------------------------------------------------------
    def _refuse(self, what, more=""):
        if self.requires_grad:
            raise TypeError(
                f"{what} of a tensor that wants a gradient would lose the gradient; use "
                ".item() or .numpy() for its values, "
                f"{composites.in_place_of_values()}{more}")

    @property
    def _mask(self):
        """np.ma looks here, having taken _data for that of a masked array."""
        if self.requires_grad:
            raise TypeError("np.ma: a mask would lose the gradient of a tensor; write "
                            "np.where(m.mask, 0, m.filled(0)*x) for m*x, or use x.numpy()")
        return np.ma.nomask

    def __array__(self, dtype=None, copy=None):
        self._refuse("np.array or np.asarray", ", table.to_numpy() to compute with a table")
        return np.array(self._data, dtype)

    __float__ = conversion(float, "float()", ", np.sqrt(x) and its like for math.sqrt(x)")
    __int__ = conversion(int, "int()")
    __index__ = conversion(operator.index, "using as an index")
    __bool__ = conversion(bool, "truth value")

    def as_integer_ratio(self):
        raise TypeError("statistics of tensors: needs numbers; use x.item() of each")

    def __reduce__(self):
        if self._node is not None:
            raise TypeError("a tensor inside a graph cannot be pickled or deep-copied (the "
                            "graph is not part of it); use x.detach() or x.numpy()")
        return type(self), (self._data.copy(), self.requires_grad)


def wants_gradient(x):
    """Whether a Tensor that wants a gradient is in x, or in lists, tuples, dicts of it."""
    if isinstance(x, (list, tuple)):
        return any([wants_gradient(part) for part in x])
    if type(x) is dict:
        return wants_gradient([*x.values()])
    return isinstance(x, Values) and x.requires_grad


def wanted_gradients(tensors):
    """Of each tensor its gradient, None if it has or wants none."""
    gradients = [x._grad if x.requires_grad else None for x in tensors]
    if Pending in {*map(type, gradients)}:
        return [x.grad if x.requires_grad else None for x in tensors]
    return gradients


def plain(x):
    """x with every Tensor inside replaced by its values."""
    if isinstance(x, Values):
        return x._data
    if type(x) in (list, tuple):
        return type(x)(plain(part) for part in x)
    if type(x) is dict:
        return {name: plain(part) for name, part in x.items()}
    return x
