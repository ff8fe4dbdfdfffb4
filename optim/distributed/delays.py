"""Gradients that come late, as a rule of its own: delayed(rule, delay=2).

A server that hands its parameters to several machines gets back gradients of parameters
that it has moved on from since. With a delay that is always the same this is again a pure
rule, whose states are the gradients under way; so it has a formula, a matrix on a quadratic
(optim.stability), and proofs: with delay 0 it is proved to be the rule itself.
"""
import inspect
import operator
from typing import Any

import numpy as np

from optim.optimizers.signatures import (
    Rule, anatomy, name_of, named_rule, parameters_of, supplied_to)

STATE = inspect.Parameter.POSITIONAL_OR_KEYWORD
SETTING = inspect.Parameter.KEYWORD_ONLY


def delayed(rule: Rule | str, delay: int) -> Rule:
    """The rule with each gradient applied `delay` steps after the step that computed it.

    Its states besides the rule's are g1, ..., the gradients under way, the youngest first.
    Until the first has arrived the rule is given zeros, and its t counts from that arrival
    on. Langford, Smola & Zinkevich 2009, Algorithm 1, for gradient descent.

    Raises ValueError for a delay that is no whole number from 0 on, or for a rule that has
    a letter of that name.

    >>> import optim
    >>> rule = delayed("gradient_descent", 1)
    >>> optim.minimize(lambda x: x**2, 1.0, rule, 3, lr=0.25).theta
    array([1. , 1. , 0.5, 0. ])
    """
    rule = named_rule(rule)
    count = whole("delayed: delay", delay, 0)
    own = len(anatomy(rule)[0])

    def apply(theta, g, *states, t, **settings):
        gradients = (g, *states[own:])                      # the youngest first
        after = rule(theta, gradients[count], *states[:own],
                     t=(t > count)*(t - count - 1) + 1, **settings)
        return (*(after if own else (after,)), *gradients[:count])

    queue = {f"g{age}": 0 for age in range(1, count + 1)}
    return with_states(apply, rule, f"{name_of(rule)}_delayed_{count}", queue)


def whole(name: str, value: Any, least: int) -> int:
    """The value as an int; ValueError if it is no whole number from `least` on."""
    try:
        if isinstance(value, (bool, np.bool_)) or operator.index(value) < least:
            raise TypeError
    except TypeError:
        raise ValueError(f"{name} is {value!r}; needed a whole number from {least} on"
                         ) from None
    return operator.index(value)


def plain_numbers(who: str, rule: Rule, settings: dict[str, Any]) -> dict[str, float]:
    """The hyperparameters, for a rule that is run without an Optimizer; ValueError for
    schedules among them, and for what only an Optimizer can give the rule."""
    for name, value in settings.items():
        if not isinstance(value, (int, float)):
            raise ValueError(f"{who}: {name} is {value!r}, but {name_of(rule)} is run on "
                             "replicas without an optimizer; needed a number")
    if wanted := supplied_to(rule):
        raise ValueError(f"{who}: {name_of(rule)} is given {', '.join(wanted)} by an "
                         "Optimizer, which replicas have none of; needed a rule without")
    return settings


def with_states(apply: Rule, rule: Rule, name: str, states: dict[str, Any],
                settings: dict[str, Any] | None = None) -> Rule:
    """`apply` as a rule called `name` with the signature of `rule`, and further states and
    hyperparameters {name: default} behind its own; ValueError if a name is taken."""
    given = parameters_of(rule)
    if supplied_to(rule):
        raise ValueError(f"{name}: {name_of(rule)} is given {', '.join(supplied_to(rule))} "
                         "of the gradient of this step, and not of a late one; wrap the "
                         "other way round, as clip_by_norm(1.0)(delayed('adam', 2))")
    added = states | (settings or {})
    if taken := added.keys() & given.keys():
        raise ValueError(f"{name}: {name_of(rule)} has a letter called "
                         f"{', '.join(sorted(taken))} already; rename it")
    extra = [inspect.Parameter(n, STATE if n in states else SETTING, default=default)
             for n, default in added.items()]
    ordered = sorted([*given.values(), *extra], key=lambda p: p.kind is SETTING)
    apply.__name__, apply.__doc__ = name, rule.__doc__
    setattr(apply, "__signature__", inspect.Signature(ordered))
    return apply
