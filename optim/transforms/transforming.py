"""How a transform makes of a rule another rule.

A transform is written as a rule is, around one call of the rule that it changes:

    @transform(g_norm=Norm(...))
    def clip_by_norm(step, theta, g, *, t, g_norm, max_norm=1.0):
        return step(theta, g*(max_norm/np.maximum(g_norm, max_norm).item()), t)

step(theta, g, t) gives theta and all states of that rule after a step, in a tuple; with
step(theta, g, t, moves) nothing changes unless moves holds. What the transform remembers
stands after g, and comes back after theta; its numbers stand after t.
"""
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from optim.optimizers.hyperparameters import number
from optim.optimizers.supplies import GradientAt
from optim.optimizers.signatures import (
    Rule, anatomy, name_of, named_rule, parameters_of, step_of, supplied_to)

KINDS = inspect.Parameter


@dataclass(frozen=True)
class Transform:
    """A function from a rule to a rule, by these numbers. One that is a schedule is taken
    at each step's t by who steps; as a function the rule is then to be given a number."""
    body: Callable[..., Any]
    numbers: tuple[tuple[str, Any], ...]
    supplied: tuple[tuple[str, Any], ...]
    maker: Callable[..., "Transform"]

    def __call__(self, rule: Rule | str) -> Rule:
        """The rule that computes what this one does to the other.

        Raises ValueError if both have a letter of one name.
        """
        schedules = [id(x) for _, x in self.numbers if hasattr(x, "formula")]
        return transformed(self, named_rule(rule), *schedules)

    def __hash__(self) -> int:
        return hash((self.body, self.maker))            # a schedule has none

    def __reduce__(self) -> Any:
        return self.maker, tuple(x for _, x in self.numbers)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name}={x!r}" for name, x in self.numbers)
        return f"{name_of(self.body)}({numbers})"


def transform(**supplied: Any) -> Callable[[Callable[..., Any]], Callable[..., Transform]]:
    """Make of a transform's own step, written as above, the function of its numbers.

    supplied {name: Norm, Draw or GradientAt}, of whose `of` the arguments are theta, g and
    those letters of the transform that it names.
    """
    def made(body: Callable[..., Any]) -> Callable[..., Transform]:
        takes = [p.replace(kind=KINDS.POSITIONAL_OR_KEYWORD)
                 for p in inspect.signature(body).parameters.values()
                 if p.kind is p.KEYWORD_ONLY and p.name not in ("t", *supplied)]
        signature = inspect.Signature(takes)

        def of_numbers(*args: Any, **kwargs: Any) -> Transform:
            try:
                given = signature.bind(*args, **kwargs)
                given.apply_defaults()
                for name, x in given.arguments.items():
                    if not hasattr(x, "formula"):       # it is no schedule
                        number(name_of(body), name, x)
            except TypeError as error:
                raise TypeError(f"{name_of(body)}{signature}: {error}; a transform takes "
                                "its numbers, and what that gives takes the rule: "
                                f"{name_of(body)}({', '.join(signature.parameters)})"
                                "(optim.rules.adam)") from None
            return Transform(body, tuple(given.arguments.items()), tuple(supplied.items()),
                             of_numbers)
        of_numbers.__name__ = of_numbers.__qualname__ = name_of(body)
        of_numbers.__doc__, of_numbers.__module__ = body.__doc__, body.__module__
        setattr(of_numbers, "__signature__", signature)
        return of_numbers
    return made


@dataclass(frozen=True)
class Chain:
    """Several functions from a rule to a rule as one."""
    transforms: tuple[Callable[[Rule], Rule], ...]

    def __call__(self, rule: Rule | str) -> Rule:
        """The rule that computes what all of them do to the other, the last one first."""
        made = named_rule(rule)
        for each in reversed(self.transforms):
            made = each(made)
        return made

    def __repr__(self) -> str:
        return f"chain({', '.join(map(repr, self.transforms))})"


def chain(*transforms: Callable[[Rule], Rule]) -> Chain:
    """Several transforms as one: the first is outermost, it sees the gradient first and
    the new parameters last.

    >>> from optim import transforms as tf
    >>> name_of(chain(tf.maximize(), tf.lookahead())("adam"))
    'maximize(lookahead(adam))'
    """
    return Chain(transforms)


@lru_cache(1000)                        # so that equal chains share their kernels
def transformed(transform: Transform, rule: Rule, *schedules: int) -> Rule:
    """The rule that computes what a transform does to a rule; of schedules, which may
    change, each has a rule of its own."""
    body, defaults = transform.body, dict(transform.numbers)
    numbers = {n: x for n, x in defaults.items() if not callable(x)}    # and schedules
    _, _, _, *mine = inspect.signature(body).parameters.values()
    refuse_one_name(body, rule, [p.name for p in mine if p.name != "t"])
    count = sum(p.kind is not p.KEYWORD_ONLY for p in mine)
    outer, inner = name_of(body), name_of(rule)
    called = f"{outer}({inner})"
    named = [p.name for p in mine[count:] if p.name != "t"]

    def run(theta, g, *states, t, **settings):
        letters = numbers | settings
        if missing := [n for n in named if n not in letters]:
            raise TypeError(f"{called} is to be given {', '.join(missing)}, by name")
        remembered = states[count:]

        def step(theta, g, t, moves=None):
            after = step_of(rule, theta, g, *remembered, t=t, **{
                n: x for n, x in letters.items() if n not in named})
            if moves is None:
                return after
            return *[np.where(moves, new, old)
                     for new, old in zip(after, (theta, *remembered))],
        after = body(step, theta, g, *states[:count], t=t,
                     **{n: letters[n] for n in named})
        return after if states else after[0]

    def reached(theta, g, states, letters):
        """With what the transform takes the step of the rule."""
        calls = []

        def step(theta, g, t, moves=None):
            calls.append((theta, g, states[count:], letters | {"t": t}))
            return theta, *states[count:]
        body(step, theta, g, *states[:count], t=letters["t"],
             **{n: letters[n] for n in named})
        if len(calls) != 1:
            raise ValueError(f"{called}: what {inner} is given besides is measured once in "
                             "a step, where step(theta, g, t) is called; "
                             f"{outer} called it {len(calls)} times")
        return calls[0]

    if any(isinstance(kind, GradientAt) for kind in supplied_to(rule).values()):
        ones = np.ones(1)
        at_ones = dict.fromkeys(named, ones) | numbers | {"t": 1}
        states = (ones,)*(count + len(anatomy(rule)[0]))
        if reached(ones, ones, states, at_ones)[1] is not ones:
            raise ValueError(f"{name_of(body)} before {name_of(rule)}: that takes the "
                             "gradient of the loss at another point, which nothing may "
                             "have changed before; put it first")
    inside = getattr(rule, "over", lambda other: other)
    vars(run).update(vars(rule) | {                 # of whole parameters, it remains so
        "supplied": {name: own_letters(kind) for name, kind in transform.supplied}
        | {name: behind(kind, reached) for name, kind in supplied_to(rule).items()},
        "base": getattr(rule, "base", rule),
        "over": lambda other: transform(inside(other)),
        "__signature__": signature_around(mine, defaults, rule)})
    run.__name__ = run.__qualname__ = called
    run.__doc__ = f"{inspect.getdoc(body)}\n\n{inspect.getdoc(rule)}"
    return run


def signature_around(mine: list[KINDS], numbers: dict[str, Any], rule: Rule
                     ) -> inspect.Signature:
    """That of a rule with a transform's letters: its states before the rule's, what is
    supplied before what is a number."""
    place, gradient, *theirs = parameters_of(rule).values()
    letters = [p.replace(default=numbers.get(p.name, p.default)) for p in mine] + [
        p for p in theirs if p.name != "t"]
    states = [p for p in letters if p.kind is not p.KEYWORD_ONLY]
    if any(p.default is not p.empty for p in states):
        states = [p.replace(default=0) if p.default is p.empty else p for p in states]
    return inspect.Signature([place, gradient, *states, *sorted(
        (p for p in letters if p.kind is p.KEYWORD_ONLY),
        key=lambda p: (p.name != "t", p.default is not p.empty))])


def refuse_one_name(body: Any, rule: Rule, mine: list[str]) -> None:
    """ValueError if a transform and the rule have a letter of one name."""
    if twice := [name for name in mine if name in parameters_of(rule)]:
        raise ValueError(f"{name_of(body)}: {name_of(rule)} has a letter called "
                         f"{twice[0]!r} already, and one name is one letter; a transform "
                         "stands in a chain once: leave one of the two out")


def own_letters(kind: Any) -> Any:
    """What is supplied to a transform, of(theta, g, letters), as a rule has it."""
    measure = kind.of
    if measure is None:
        return kind
    _, _, *takes = inspect.signature(measure).parameters

    def of(theta, g, states, numbers):
        return measure(theta, g, **{n: numbers[n] for n in takes})
    return replace(kind, of=of)


def behind(kind: Any, reached: Callable[..., Any]) -> Any:
    """What is supplied to a rule, as the rule that a transform makes of it has it."""
    measure = kind.of
    if measure is None:
        return kind
    return replace(kind, of=lambda *given: measure(*reached(*given)))
