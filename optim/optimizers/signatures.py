"""What a rule's signature says: its states, its hyperparameters, and where they start.

A rule is `(theta, g, *states, *, t, **hyperparameters)`, each by its name. Missing on
purpose: which values a hyperparameter may have (hyperparameters.py).
"""
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim import rules
from optim.hints import OTHER_NAMES, did_you_mean, meant

Rule = Callable[..., Any]
SHAPE = "(theta, g, *states, *, t, **hyperparameters), each by its name"
REQUIRED = inspect.Parameter.empty          # stands where a default is missing


RULE_OF_CLASS: dict[type, Rule] = {}        # of the optimizer classes, see classes.py


def named_rule(rule: Any) -> Rule:
    """The rule that is meant: a function itself, a name in optim.rules, a class of ours, a
    Formula that was read from one.

    A name may be written in any case, and be what people call the rule. Raises ValueError
    for an unknown name, naming the nearest; TypeError for all else.

    >>> named_rule("Adam") is rules.adam, name_of(named_rule("SGD"))
    (True, 'gradient_descent')
    """
    if isinstance(rule, type) and rule in RULE_OF_CLASS:
        return RULE_OF_CLASS[rule]
    if callable(rule) and not isinstance(rule, type):
        return rule
    if hasattr(rule, "equations") and callable(getattr(rule, "rule", None)):
        return rule.rule
    if not isinstance(rule, str):
        plain = rule is None or isinstance(rule, (int, float))
        what = (f"the class {rule.__name__}" if isinstance(rule, type) else repr(rule)
                if plain else article(type(rule).__name__))
        raise TypeError(f"came {what}; needed a rule's name, or a rule as a function "
                        f"{SHAPE}")
    known = rules.RULES | rules.WHOLE_RULES
    if name := meant(rule, known, OTHER_NAMES):
        return known[name]
    near = (" that is optim.second_order.lbfgs(f, x0), of second order;" if
            meant(rule, ["lbfgs", "bfgs"]) else did_you_mean(rule, known, OTHER_NAMES))
    raise ValueError(f"no rule is called {rule!r};{near} there are "
                     f"{', '.join(known)}; a rule of your own is given as the "
                     "function itself")


def article(noun: str) -> str:
    """a formula, an optimizer."""
    return f"a{'n'*(noun[:1] in 'AEIOUaeiou')} {noun}"


def name_of(rule: Rule) -> str:
    """The name of a function; what functools.partial makes has only that of its type."""
    return getattr(rule, "__name__", type(rule).__name__)


def is_of_whole_parameters(rule: Rule) -> bool:
    return getattr(rule, "of_whole_parameters", False)


def supplied_to(rule: Rule) -> dict[str, Any]:
    """What a rule is given besides by whoever applies it, by its names: a norm over all
    parameters, noise, a gradient elsewhere. See supplies.py."""
    return getattr(rule, "supplied", {})


def parameters_of(rule: Rule) -> Mapping[str, inspect.Parameter]:
    """The parameters of a rule; TypeError if they are not those of a rule."""
    signature = inspect.signature(rule)
    kinds = [p.kind for p in signature.parameters.values()]
    positional, named = inspect.Parameter.POSITIONAL_OR_KEYWORD, {
        inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    if kinds.count(positional) < 2 or not named.issuperset(kinds):
        raise TypeError(f"{name_of(rule)}{signature} is not a rule; needs {SHAPE}")
    return signature.parameters


def step_of(rule: Rule, theta: Any, g: Any, *states: Any, **keywords: Any
            ) -> tuple[Any, ...]:
    """theta and the states after one step of the rule: always a tuple.

    Raises TypeError if the rule does not return theta and every state.

    >>> step_of(rules.momentum, 1., 2., 0., t=1, lr=.5, mu=.5)
    (0.0, 1.0)
    """
    after = rule(theta, g, *states, **keywords)
    after = after if isinstance(after, tuple) else (after,)
    if len(after) == 1 + len(states) and after[0] is not None:
        return after
    place, g, *names = [n for n, p in inspect.signature(rule).parameters.items()
                        if p.kind is p.POSITIONAL_OR_KEYWORD]
    settings = [n for n in names if any(
        n in ("t", *anatomy(ours)[1]) for ours in rules.RULES.values())]
    if settings:
        order = [place, g, *(n for n in names if n not in settings), "*", *settings]
        raise TypeError(f"{name_of(rule)}: the states {', '.join(names)} are not all "
                        "returned; a hyperparameter, and t, stands after a * in "
                        f"{SHAPE}; did you mean ({', '.join(order)})?")
    if len(after) == 1 and after[0] is None:
        raise TypeError(f"{name_of(rule)} returns nothing; it has to return "
                        f"{', '.join([place, *names])}")
    count = f"{len(after)} result{'s'*(len(after) != 1)}"
    raise TypeError(f"{name_of(rule)}: came {count}, needs {place} and the states "
                    f"{', '.join(names) or '(none)'}: return them all, in that order; a "
                    f"hyperparameter stands after a * in {SHAPE}")


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
            {p.name: p.default for p in keywords
             if p.name != "t" and p.name not in supplied_to(rule)})


def start_of(default: Any, theta: Any, settings: Mapping[str, Any]) -> Any:
    """Where a state starts: its default, or what that gives of theta and of those
    hyperparameters that it takes, as np.zeros_like, which takes none. TypeError if it
    takes what is no hyperparameter.

    >>> start_of(lambda theta, lr: theta + lr, 1., {"lr": .5, "eps": 0.})
    1.5
    """
    if not callable(default):
        return default
    _, *takes = inspect.signature(default).parameters.values()
    missing = [p.name for p in takes if p.name not in settings and p.default is p.empty
               and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    if missing:
        raise TypeError(f"a state's start takes {', '.join(missing)}; there are "
                        f"{', '.join(settings) or 'no hyperparameters'}")
    return default(theta, **{p.name: settings[p.name] for p in takes
                             if p.name in settings})


def first_states(rule: Rule, theta: np.ndarray,
                 settings: dict[str, float]) -> dict[str, Any]:
    """What the rule remembers before its first step: arrays like theta, or floats.

    A default that is a number stays a float if the rule keeps it one, as a product of
    hyperparameters; one call on a single entry tells.
    """
    starts = {name: start_of(default, theta, settings)
              for name, default in anatomy(rule)[0].items()}
    if is_of_whole_parameters(rule):
        return {name: np.array(start, theta.dtype) if np.ndim(start) or callable(
                    anatomy(rule)[0][name]) else np.full(theta.shape, start, theta.dtype)
                for name, start in starts.items()}
    arrays = {name: np.broadcast_to(np.asarray(start, theta.dtype), theta.shape).copy()
              for name, start in starts.items()}
    numbers = {name: float(start) for name, start in starts.items()
               if isinstance(start, (int, float)) and start}
    if not numbers:
        return arrays
    entry = np.ones(1, theta.dtype)
    given = {name: entry if x.entrywise else 1. for name, x in supplied_to(rule).items()}
    with np.errstate(all="ignore"):
        _, *after = step_of(rule, entry, entry, *[numbers.get(n, entry) for n in starts],
                            t=1, **settings, **given)
    return arrays | {name: numbers[name] for name, end in zip(starts, after)
                     if name in numbers and np.ndim(end) == 0}
