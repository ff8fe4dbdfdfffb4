"""mg.compile: the same function, from its third call on as straight NumPy code."""
import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.arguments import kind_of, leaves_of_call, rebuilt
from minigrad.compiler.calls import Constant
from minigrad.compiler.comparing import Differing, refuse_differences
from minigrad.compiler.naming import named_variables
from minigrad.compiler.outcome import Outcome, outcome_of, settled
from minigrad.compiler.plans import FAILED, Plan
from minigrad.compiler.session import Session
from minigrad.compiler.sources import Source
from minigrad.compiler.watching import Name, names_from
from minigrad.recording import is_differentiating, is_recording
from minigrad.stand_ins import sessions
from minigrad.tensors import Tensor

OFTEN = 20                  # signatures from which on a note is given


class Compiled:
    """A function whose calls are recorded twice for each signature, and then replayed."""

    def __init__(self, function: Callable):
        functools.update_wrapper(self, function)
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self.plans: dict[Any, list[Plan]] = {}
        self.firsts: dict[Any, list[tuple[Session, Outcome, list[Name]]]] = {}
        self.fixed: dict[Any, list[str]] = {}   # arguments whose values count, not only kinds
        self.last: Plan | None = None
        self.given_up = 0                   # how often the function itself had to run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if sessions and any(s.recording() for s in sessions) or is_differentiating():
            return self.function(*args, **kwargs)
        leaves, structure = leaves_of_call(args, kwargs)
        key = kind = structure, is_recording(), *map(kind_of, leaves)
        if kind in self.fixed:
            key = self.specialized(kind, leaves)
        for plan in self.plans.get(key, ()):
            if self.ready(plan):
                frame = sys._getframe(1)
                out = plan.run(leaves, (frame.f_code, frame.f_lasti))
                if out is not FAILED:
                    self.last = plan
                    return out
                self.given_up += 1
                return self.function(*args, **kwargs)
        return self.recorded(kind, args, kwargs, leaves)

    def ready(self, plan: Plan) -> bool:
        """Whether a plan may run; RuntimeError if a name was bound to another value."""
        if not plan.names_hold():
            refuse_rebound(self.name, plan.names)
        for check in plan.session.before:
            check()
        return plan.holds()

    def recorded(self, kind: Any, args: tuple, kwargs: dict, leaves: list) -> Any:
        """The call of the function itself, recorded; the second one makes a plan."""
        names = names_from([(self.function, self.name)] + [
            (x, "an argument") for x in leaves if not isinstance(x, (Tensor, np.ndarray))])
        session = Session(names, self.name)
        with session:
            stand_ins = [stand_in(session, x, i) for i, x in enumerate(leaves)]
            args, kwargs = with_leaves(args, kwargs, stand_ins)
            with named_variables():
                value = self.function(*args, **kwargs)
            outcome = outcome_of(session, value, stand_ins)
            value = settled(value)
        refuse_rebound(self.name, names)
        if not session.fixed.issubset(self.fixed.get(kind, ())):
            self.fixed[kind] = sorted(session.fixed.union(self.fixed.get(kind, ())))
            for held in self.plans, self.firsts:
                for other in [k for k in held if k == kind or k[0] == kind]:
                    del held[other]
        key = self.specialized(kind, leaves) if kind in self.fixed else kind
        self.firsts.setdefault(key, []).append((session, outcome, names))
        if len(self.firsts[key]) > 1:
            self.agreed(key, *self.firsts[key][-2:])
        return value

    def specialized(self, key: Any, leaves: list) -> Any:
        """The signature with the values of those arguments whose values were asked for."""
        return key, *[eval(text, {"leaves": leaves}) for text in self.fixed[key]]

    def agreed(self, key: Any, first: Any, second: Any) -> None:
        """Make a plan of two recordings.

        What a first call sets up may make the second one another: then a third decides.
        """
        session, outcome, names = second
        try:
            refuse_differences(self.name, first[1].nodes(), outcome.nodes())
        except Differing:
            if len(self.firsts[key]) > 2:
                del self.firsts[key]
                raise
            return
        writes = [(goal, node) for goal, node in outcome.writes
                  if not isinstance(goal, Constant) or goal.captured]
        grads = [(tensor, g) for tensor, g in outcome.grads if id(tensor) in first[0].tensors]
        plan = Plan(self.name, session, outcome._replace(writes=writes, grads=grads), names)
        self.plans.setdefault(key, []).insert(0, plan)
        del self.firsts[key]
        self.last = plan

    @property
    def source(self) -> str:
        """The NumPy source of the last call."""
        return self.last.source if self.last else ""


def stand_in(session: Session, x: Any, i: int) -> Any:
    """What the function gets for leaf i of its arguments while it is recorded."""
    source = Source(f"leaves[{i}]")
    if type(x) is Tensor:
        session.adopt(x, f"x{i}", source)
        return x
    if type(x) in (np.ndarray, float, int) or isinstance(x, np.generic):
        return session.given(x, f"x{i}", source)
    return x


def with_leaves(args: tuple, kwargs: dict, leaves: list) -> tuple[tuple, dict]:
    """The arguments with other leaves."""
    new = iter(leaves)
    return rebuilt(args, new), rebuilt(kwargs, new)


def refuse_rebound(name: str, names: list[Name]) -> None:
    """Raise RuntimeError if one of these names was bound to another value."""
    for one in names:
        if one.holder is not None and not one.holds():
            raise RuntimeError(
                f"{name}: {one.text} was bound to another value since it was recorded, "
                "which a compiled step would not see; pass it as an argument, or compile "
                "the function anew")


def compile(function: Callable) -> Compiled:                # noqa: A001
    """The same function, from its third call of a kind on as straight NumPy code."""
    return Compiled(function)
