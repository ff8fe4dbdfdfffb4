"""Entries set to 0 by their bits (primitives/masking.py), with all views made once."""
from typing import Any

from minigrad.compiler.calls import Call
from minigrad.primitives.masking import BITS, zeroed


class Masks:
    """The views of one program's arrays as integers; `lines` are its lines."""

    def __init__(self, lines: Any):
        self.lines = lines
        self.names: dict[str, str] = {}         # of each expression in bind

    def lines_of(self, call: Call) -> list[str]:
        """The lines of a call of zeroed on arrays that are the same at every step."""
        if call.function is not zeroed or not all(
                map(self.lines.stays, (*call.args, call))):
            return []
        x, mask, out = map(self.lines.names.text, (*call.args, call))
        bits = self.lines.names.text(BITS[call.layout.dtype.itemsize])
        views = [self.once(f"{name}_bits", f"{name}.view({dtype})")
                 for name, dtype in ((mask, "np.int8"), (x, bits), (out, bits))]
        ones = self.once("ones", f"np.empty_like({views[0]})")      # which lies as it
        one = self.once("one_0d", "np.array(1, np.int8)")
        return [f"subtract({views[0]}, {one}, {ones})      # 0, or all bits",
                f"bitwise_and({views[1]}, {ones}, {views[2]})"]

    def once(self, wish: str, expression: str) -> str:
        """The name of what is made once."""
        if expression not in self.names:
            name = self.names[expression] = self.lines.names.free(wish)
            self.lines.once.append(f"{name} = {expression}")
        return self.names[expression]
