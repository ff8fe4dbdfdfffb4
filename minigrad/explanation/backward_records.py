"""What one backward pass did, as data: each value with its cotangent, each edge with its
local derivative."""
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.explanation import local_derivatives
from minigrad.guards import describe, name_of
from minigrad.primitives.elementwise import weight


@dataclass(eq=False)
class Edge:
    """One argument of a call: what came back along it.

    before is the cotangent in the shape of the result's side, contribution in the shape of
    the argument: summed over `axes`, along which NumPy had stretched the argument.
    """
    step: "Step"                        # of the result
    source: "Step"                      # of the argument
    position: int                       # which argument it is
    before: np.ndarray
    contribution: np.ndarray

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of `before` that were summed, since the argument was stretched."""
        wide, shape = self.before.shape, self.source.value.shape
        extra = len(wide) - len(shape)
        return (*range(extra), *(extra + i for i, n in enumerate(shape)
                                 if n == 1 and wide[extra + i] != 1))

    @cached_property
    def formula(self) -> str:
        """The local derivative d(result)/d(argument), as text."""
        call = self.step
        names = ["g′" if name == "g" else name for name in call.named_arguments()]
        return local_derivatives.formula(call.function, self.position, call.name,
                                         names, call.options,
                                         (call.value, *call.plain_arguments()))

    @cached_property
    def number(self) -> np.ndarray | None:
        """The local derivative at the values; see local_derivatives.number."""
        call = self.step
        return local_derivatives.number(call.function, self.position, call.value,
                                        call.plain_arguments(), call.options)

    @property
    def by_entry(self) -> bool:
        """Whether `number` belongs to the entries of the result one by one."""
        return self.step.function in local_derivatives.BY_ENTRY

    def jacobian(self) -> np.ndarray:
        """The local derivative as a matrix (entries of the result, of the argument)."""
        d, y, x = self.number, self.step.value, self.source.value
        if d is None:
            raise ValueError(f"jacobian: {y.size} x {x.size} numbers are too many")
        if not self.by_entry:
            return d.reshape(y.size, x.size)
        index = np.broadcast_to(np.arange(x.size).reshape(x.shape), y.shape)
        out = np.zeros((y.size, x.size), d.dtype)
        out[np.arange(y.size), index.reshape(-1)] = np.broadcast_to(d, y.shape).reshape(-1)
        return out


@dataclass(eq=False)
class Step:
    """One value of the forward pass: an input, or the result of a call.

    value and cotangent are arrays of one shape; cotangent is None where none came.
    """
    index: int
    name: str                           # v3, or what the user calls it
    value: np.ndarray
    wants_gradient: bool
    function: Any = None                # None for an input
    arguments: tuple = ()               # Steps and plain values, as the call had them
    options: dict = field(default_factory=dict)
    raw_place: Any = None               # code and offset in the user's code
    cotangent: np.ndarray | None = None
    inputs: list[Edge] = field(default_factory=list)        # to its arguments
    outputs: list[Edge] = field(default_factory=list)       # to those that use it
    is_parameter: bool = False

    @property
    def operation(self) -> str:
        """What the function is called; "input" for a value that no call made."""
        if self.function is weight and type(self.arguments[1]) is int:
            return "sigmoid"                # weight(x, 0)
        return "input" if self.function is None else name_of(self.function)

    @property
    def is_leaf(self) -> bool:
        return self.function is None

    @cached_property
    def place(self) -> str:
        """The user's line that made it, as `file.py:12` and what stands there."""
        return "" if self.raw_place is None else describe(self.raw_place)

    def plain_arguments(self) -> tuple:
        """The arguments as arrays and numbers."""
        return tuple([x.value if isinstance(x, Step) else x for x in self.arguments])

    def named_arguments(self) -> list:
        """The arguments as names; numbers stay numbers, arrays are called c0, c1, ..."""
        taken = {self.name, *(x.name for x in self.arguments if isinstance(x, Step))}
        return [x.name if isinstance(x, Step) else
                unlike(f"c{i}", taken) if isinstance(x, np.ndarray) and x.ndim else
                x.item() if isinstance(x, (np.ndarray, np.generic)) else x
                for i, x in enumerate(self.arguments)]

    @property
    def call(self) -> str:
        """The call as text: `multiply(v1, 2)`."""
        if self.is_leaf:
            return ""
        shown = self.arguments[:1] if self.operation == "sigmoid" else self.arguments
        inside = [x.name if isinstance(x, Step) else shortly(x) for x in shown]
        inside += [f"{name}={shortly(x)}" for name, x in self.options.items()]
        return f"{self.operation}({', '.join(inside)})"


def unlike(name: str, taken: set[str]) -> str:
    """The name, with as many strokes as it needs to be no other's."""
    while name in taken:
        name += "′"
    return name


def shortly(x: Any) -> str:
    """A value in a few characters: a number, a short array, or what an array spans."""
    if isinstance(x, (bool, np.bool_)) or not isinstance(x, (int, float, np.generic,
                                                             np.ndarray)):
        text = repr(x)
        if isinstance(x, (list, tuple, dict)) and len(text) > 30:
            text = "..."
        return text if len(text) <= 40 else text[:39] + "…"
    x = np.asarray(x)
    if x.size == 0:
        return f"empty {x.shape}"
    if x.ndim == 0:
        return f"{x.item():.6g}" if x.dtype.kind in "fiu" else str(x.item())
    if x.size <= 4 and x.ndim == 1:
        return "[" + ", ".join(shortly(entry) for entry in x) + "]"
    if x.dtype.kind not in "fiu":
        return f"{x.dtype} {x.shape}"
    finite = x[np.isfinite(x)] if x.dtype.kind == "f" else x
    odd = x.size - finite.size
    span = (f"{float(finite.min()):.3g} … {float(finite.max()):.3g}" if finite.size
            else "no finite entry")
    return f"{x.shape} {span}" + (f", {odd} not finite" if odd and finite.size else "")
