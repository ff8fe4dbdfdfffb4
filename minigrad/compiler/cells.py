"""Numbers in arrays of shape (), which NumPy takes sooner than numbers of Python's.

In x*0.9, NumPy has to find out at every call that 0.9 is a number and in which dtype it
counts, that of x; an array with 0.9 in that dtype saves a third of a small call's time.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Constant, Node

SCALED = {np.add, np.subtract, np.multiply, np.true_divide, np.maximum, np.minimum, np.less,
          np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
WORDS = {0: "zero", 1: "one", 2: "two"}


class Cells:
    """The arrays of shape () of one program; `lines` are its lines."""

    def __init__(self, lines: Any):
        self.lines = lines
        self.of: dict[tuple, str] = {}      # (call, number): the array that holds it
        self.names: dict[tuple, str] = {}

    def text_in(self, call: Call, text: Callable) -> Callable:
        """How an argument of a call is written."""
        return lambda x: self.of.get((id(call), id(x))) or text(x)

    def prepare(self, call: Call) -> None:
        """Put the numbers among the arguments of a call into arrays."""
        if call.function not in SCALED:
            return
        dtypes = {x.layout.dtype for x in call.args
                  if isinstance(x, Node) and x.layout is not None}
        dtype = dtypes.pop() if len(dtypes) == 1 else None
        if dtype is None or dtype.kind != "f":
            return
        for x in call.args:
            number = x.value if isinstance(x, Constant) else x
            if type(number) in (int, float) or isinstance(number, np.generic) or (
                    isinstance(number, Node) and number.layout is None
                    or self.lines.is_scalar(number)):
                self.of[id(call), id(x)] = self.cell(x, number, dtype, call.quiet)

    def cell(self, x: Any, number: Any, dtype: np.dtype, quiet: frozenset) -> str:
        """The array that holds a number in this dtype; a node's is filled at every step."""
        lines, node = self.lines, isinstance(number, Node)
        key = id(x) if node else repr(number), dtype
        if key not in self.names:
            text = lines.names.text(x)
            wish = text if text.isidentifier() else WORDS.get(number, "number")
            name = self.names[key] = lines.names.free(f"{wish}_0d")
            plain = number.item() if isinstance(number, np.generic) else number
            value = "empty(()" if node else f"array({lines.names.text(plain)}"
            lines.once.append(f"{name} = np.{value}, {lines.names.text(dtype)})")
            if node:
                lines.add(f"{name}[()] = {text}", quiet)
        return self.names[key]
