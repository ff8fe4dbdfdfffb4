"""What a rule's signature says: its states, its hyperparameters, and where they start.

A rule is `(theta, g, *states, *, t, **hyperparameters)`, each by its name. Missing on
purpose: which values a hyperparameter may have (hyperparameters.py).
"""
import difflib
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim import rules

Rule = Callable[..., Any]
SHAPE = "(theta, g, *states, *, t, **hyperparameters), each by its name"
REQUIRED = inspect.Parameter.empty          # stands where a default is missing


def named_rule(rule: Rule | str) -> Rule:
    """The rule itself, given itself or its name in optim.rules."""
    if callable(rule):
        return rule
    if rule in rules.RULES:
        return rules.RULES[rule]
    near = difflib.get_close_matches(str(rule).lower(), rules.RULES, 1)
    hint = f" did you mean {near[0]}?" if near else ""
    raise ValueError(f"no rule is called {rule!r};{hint} there are "
                     f"{', '.join(rules.RULES)}")


def name_of(rule: Rule) -> str:
    """The name of a function; what functools.partial makes has only that of its type."""
    return getattr(rule, "__name__", type(rule).__name__)


def parameters_of(rule: Rule) -> Mapping[str, inspect.Parameter]:
    """The parameters of a rule; TypeError if they are not those of a rule."""
    signature = inspect.signature(rule)
    kinds = [p.kind for p in signature.parameters.values()]
    positional, named = inspect.Parameter.POSITIONAL_OR_KEYWORD, {
        inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    if kinds.count(positional) < 2 or not named.issuperset(kinds):
        raise TypeError(f"{name_of(rule)}{signature} is not a rule; needs {SHAPE}")
    return signature.parameters


@functools.lru_cache(1000)
def anatomy(rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of a rule and its hyperparameters, with their defaults.

    >>> anatomy(rules.momentum)
    ({'m': 0}, {'lr': 0.01, 'mu': 0.9})
    """
    rest = [*parameters_of(rule).values()][2:]              # after theta and g
    states = [p for p in rest if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = [p for p in rest if p.kind is p.KEYWORD_ONLY]
    if "t" not in [p.name for p in keywords]:
        raise TypeError(f"{name_of(rule)}{inspect.signature(rule)} is not a rule; "
                        f"needs {SHAPE}")
    return ({p.name: 0 if p.default is REQUIRED else p.default for p in states},
            {p.name: p.default for p in keywords if p.name != "t"})


def first_states(rule: Rule, theta: np.ndarray,
                 settings: dict[str, float]) -> dict[str, Any]:
    """What the rule remembers before its first step: arrays like theta, or floats.

    A default that is a number stays a float if the rule keeps it one, as a product of
    hyperparameters; one call on a single entry tells.
    """
    starts = {name: default(theta) if callable(default) else default
              for name, default in anatomy(rule)[0].items()}
    arrays = {name: np.broadcast_to(np.asarray(start, theta.dtype), theta.shape).copy()
              for name, start in starts.items()}
    numbers = {name: float(start) for name, start in starts.items()
               if isinstance(start, (int, float)) and start}
    if not numbers:
        return arrays
    one = np.ones(1, theta.dtype)
    with np.errstate(all="ignore"):
        _, *after = rule(one, one, *[numbers.get(n, one) for n in starts], t=1, **settings)
    return arrays | {name: numbers[name] for name, end in zip(starts, after)
                     if name in numbers and np.ndim(end) == 0}
