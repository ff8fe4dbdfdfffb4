"""One call of a function, recorded: on stand-ins for the leaves of its arguments."""
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.bound_names import Name
from minigrad.compiler.call_leaves import rebuilt, structure_of
from minigrad.compiler.calls import Constant
from minigrad.compiler.naming import named_variables
from minigrad.compiler.outcome import Outcome, outcome_of, settled
from minigrad.compiler.replaying import Plan
from minigrad.compiler.session import Session
from minigrad.compiler.fetching import Source
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.tensors import Tensor


class Recording(NamedTuple):
    """One recorded call."""
    session: Session
    outcome: Outcome
    names: list[Name]
    leaves: list                        # of the arguments, as stand-ins
    kinds: tuple | None                 # of arguments by position, if they are plain

    def entry(self) -> list[bool]:
        """Which tensors had no gradient at the beginning."""
        return [met.grad is None for met in self.session.tensors.values()]

    def plan(self, name: str, first: "Recording") -> Plan:
        """What two recordings agree on; what lives outside is what both have met."""
        writes = [(goal, node) for goal, node in self.outcome.writes
                  if not isinstance(goal, Constant) or goal.captured]
        grads = [(source, g) for source, g in self.outcome.grads
                 if any(source.same(other) for other, _ in first.outcome.grads)]
        outcome = self.outcome._replace(writes=writes, grads=grads)
        return Plan(name, self.session, outcome, self.names, first.session,
                    self.leaves, self.kinds)


def recorded(session: Session, function: Callable, args: tuple, kwargs: dict,
             leaves: list, kinds: tuple | None) -> tuple[Recording, Any]:
    """The recording of a call, and what it returns."""
    with session:
        texts = names_of_leaves(function, args, kwargs)
        stand_ins = [stand_in(session, x, i, text)
                     for i, (x, text) in enumerate(zip(leaves, texts))]
        args, kwargs = with_leaves(args, kwargs, stand_ins)
        left: list = []
        before = structure_of((args, kwargs), [])
        with session.outside, named_variables(session.outside.note):
            value = function(*args, **kwargs)
        for error in session.raised:
            raise error if isinstance(error, CannotFollow) else CannotFollow(
                f"{session.name}: catches an error that values have raised ({error}), and "
                "others might not; test the values outside")
        after = structure_of((args, kwargs), left)
        if before != after or [*map(id, left)] != [*map(id, stand_ins)]:
            raise CannotFollow(f"{session.name}: changes a list or dict among its arguments"
                               "; return what shall stand in it")
        outcome = outcome_of(session, value, stand_ins)
        for constant in [*session.constants.values()]:
            if constant.array is not None:
                session.is_new(constant.array)
        return Recording(session, outcome, session.names, stand_ins, kinds), settled(
            value)


def names_of_leaves(function: Callable, args: tuple, kwargs: dict) -> list[str]:
    """What the leaves of the arguments are called in the function."""
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        given = {}
    own = {id(x): name for name, x in given.items()}
    leaves: list = []
    for name, part in [*((None, x) for x in args), *kwargs.items()]:
        count = len(leaves)
        structure_of(part, leaves)
        base = own.get(id(part), name) or "x"
        leaves[count:] = [base]*(len(leaves) - count)
    return leaves


def stand_in(session: Session, x: Any, i: int, name: str) -> Any:
    """What the function gets for leaf i of its arguments while it is recorded."""
    source = Source(f"leaves[{i}]")
    if type(x) is Tensor:
        session.adopt(x, name, source)
        return x
    if type(x) in (np.ndarray, float, int) or isinstance(x, np.generic):
        return session.given(x, name, source)
    return x


def with_leaves(args: tuple, kwargs: dict, leaves: list) -> tuple[tuple, dict]:
    """The arguments with other leaves."""
    new = iter(leaves)
    return rebuilt(args, new), rebuilt(kwargs, new)
