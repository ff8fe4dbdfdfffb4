"""Step and Edge: what one operation did on the way forward and on the way back.

A record keeps copies, so that it stays true when the graph is used up or a parameter is
written. Derivatives are computed when asked for, by the VJPs of the tables.
"""
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.guards import describe, line_of, name_of
from minigrad.primitives import ELEMENTWISE, VJPS
from minigrad.primitives.masking import zeroed
from minigrad.primitives.selection import relu
from minigrad.primitives.shapes import astype, copy
from minigrad.tape import fit

# Whose result has in each entry the argument's entry of the same place, if broadcast.
ENTRYWISE = {*ELEMENTWISE, np.maximum, np.minimum, np.fmax, np.fmin, np.where, np.clip,
             relu, zeroed, astype, copy}


@dataclass(eq=False)
class Step:
    """One leaf or one operation of a graph.

    kind is "parameter" (a leaf that wants a gradient), "constant" (an array that wants
    none) or "operation". value is a copy of the result. cotangent has the shape of value:
    d(loss)/d(value), None where no gradient flows; of a leaf it is what backward() adds to
    .grad. edges are the arguments that are arrays; arguments are all of them, as they were
    computed with.
    """
    index: int
    name: str
    kind: str
    value: NDArray
    cotangent: NDArray | None = None
    function: Any = None
    arguments: tuple = ()
    kwargs: dict = field(default_factory=dict)
    where: Any = None               # code and offset, as guards.py has places
    edges: list["Edge"] = field(default_factory=list)
    named: bool = False             # whether the name is the user's
    resolving: Any = None           # node and forms, for 0/0 (indeterminate.py)

    @property
    def operation(self) -> str:
        """The name of the function, as "multiply"; "parameter" or "constant" for leaves."""
        return self.kind if self.function is None else name_of(self.function)

    inputs = property(lambda self: self.edges, doc="The edges, as graphs call them.")

    @property
    def place(self) -> str | None:
        """file:line `text` of the user's code; None for a leaf."""
        return None if self.where is None else describe(self.where)

    @property
    def line(self) -> tuple[str, int] | None:
        """The file's path and the number of the line; None for a leaf."""
        return None if self.where is None else line_of(self.where)

    @property
    def inside(self) -> str | None:
        """The operation in whose derivative it was computed, in a second derivative."""
        return name_of(self.where[2]) if self.where and len(self.where) > 2 else None

    @property
    def expression(self) -> str:
        """The call in the names of its arguments, as "w*x"; the kind for a leaf."""
        from minigrad.explanation.written import call_text
        names = {edge.position: edge.source.name for edge in self.edges}
        return self.kind if self.function is None else call_text(self, names)


@dataclass(eq=False)
class Edge:
    """One argument of an operation: source is its Step, target the operation's.

    cotangent is what flowed back along it, in the source's shape, after unbroadcast; None
    where the source wants no gradient. The cotangent of a Step is the sum over the edges
    that leave it.
    """
    source: Step
    target: Step
    position: int
    cotangent: NDArray | None = None

    @property
    def entrywise(self) -> bool:
        """Whether each entry of the result has one entry of the source to thank."""
        return self.target.function in ENTRYWISE

    def pulled(self, g: NDArray) -> NDArray:
        """The VJP of this argument: the cotangent that g of the result would give, before
        unbroadcast."""
        step = self.target
        with np.errstate(all="ignore"):
            return np.asarray(VJPS[step.function][self.position](
                g, step.value, *step.arguments, **step.kwargs))

    @cached_property
    def local(self) -> NDArray | None:
        """d(result)/d(argument), entry by entry, in the shape of the result; None for an
        operation that mixes entries (see jacobian and formula)."""
        if self.cotangent is None or not self.entrywise:
            return None
        ones = np.ones(self.target.value.shape, self.target.value.dtype)
        return np.broadcast_to(self.pulled(ones), ones.shape)

    def jacobian(self) -> NDArray:
        """d(result)/d(argument), of every entry by every entry: result's shape + source's.
        """
        shape, dtype = self.target.value.shape, self.target.value.dtype
        rows = np.empty((self.target.value.size, *self.source.value.shape), dtype)
        for i in range(len(rows)):
            unit = np.zeros(shape, dtype)
            unit.flat[i] = 1
            with np.errstate(all="ignore"):
                rows[i] = fit(self.pulled(unit), self.source.value)
        return rows.reshape(shape + self.source.value.shape)

    @cached_property
    def contribution(self) -> NDArray | None:
        """What the VJP gave, before unbroadcast: local times the result's cotangent."""
        if self.cotangent is None or self.target.cotangent is None:
            return None
        out = self.pulled(self.target.cotangent)
        node, forms = self.target.resolving
        with np.errstate(all="ignore"):
            return np.asarray(forms.resolve(
                node, SimpleNamespace(_data=self.target.value), self.target.cotangent, out))

    @property
    def summed_axes(self) -> tuple[int, ...]:
        """The axes of the contribution over which unbroadcast has summed; () if none."""
        if self.contribution is None or self.contribution.shape == self.source.value.shape:
            return ()
        wide, shape = self.contribution.shape, self.source.value.shape
        extra = len(wide) - len(shape)
        return (*range(extra), *[extra + i for i, n in enumerate(shape)
                                 if n == 1 and wide[extra + i] != 1])

    @property
    def formula(self) -> str | None:
        """The local derivative as text in the names of the steps, as "cos(v1)"; for an
        operation that mixes entries the cotangent rule in g, as "g @ W.T"."""
        from minigrad.explanation.formulas import local_text
        return None if self.cotangent is None else local_text(self)

    @property
    def latex(self) -> str | None:
        """The formula in LaTeX, None where it is text alone."""
        from minigrad.explanation.formulas import local_latex
        return None if self.cotangent is None else local_latex(self)
