"""The rule that is meant: "adam", "torch:RMSprop", "torch.optim.RMSprop", "hw.py:adam".

A library's optimizer by a colon is our own copy of its rule (dialects/), by a dot the
installed library's class itself, lifted. Both take arguments: "torch:SGD(momentum=0.9)".
A rule may also be typed: "m = mu*m + lr*g; theta - m".
"""
import inspect
from dataclasses import dataclass
from typing import Any

from optim.comparing.typed_rules import is_typed, typed_rule
from optim.dialects.adapted_rules import adapted
from optim.dialects.library import LibraryOptimizer
from optim.dialects.named_optimizers import (
    called, chosen, installed, is_installed, is_of_a_dialect, library_of_class, rate_for)
from optim.formulas import Formula, formula
from optim.lifting.lifted import library_of, lift
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import REQUIRED, anatomy, name_of, named_rule

ALSO = ("torch:SGD(momentum=0.9), likewise optax: and keras:; torch.optim.SGD, which lifts "
        "the installed one; FILE.py:FUNCTION; 'm = mu*m + lr*g; theta - m'")


@dataclass(frozen=True)
class Meant:
    """What was meant: how it is called, its formula, and the numbers of its letters."""
    label: str
    formula: Formula
    defaults: dict[str, Any]


def meant_rule(x: Any) -> Meant:
    """The rule that is meant by a text or an object.

    x: a text as above, a rule, a Formula, one of our optimizer classes or optimizers, one
    of dialects', a class of torch.optim, a function of optax, a class of keras.optimizers.

    Raises ValueError for a text that names none, ModuleNotFoundError for a library that is
    not installed, TypeError for all else.

    >>> meant_rule("torch:RMSprop").defaults
    {'lr': 0.01, 'rho': 0.99, 'eps': 1e-08}
    """
    if isinstance(x, str):
        return named(x.strip())
    given: dict[str, Any] = {}
    if isinstance(x, Optimizer):
        given = {n: v for n, v in x.param_groups[0].items() if n != "params"}
    kind = type(x) if isinstance(x, Optimizer) else x
    if isinstance(kind, type) and issubclass(kind, LibraryOptimizer):
        label = f"{library_of_class(kind)}:{kind.__name__}"
        return of_rule(label, chosen(label, kind, (), given))
    if isinstance(x, Optimizer):
        return of_rule(name_of(x.rule), adapted(x.rule, defaults=given))
    if isinstance(x, Formula):
        return Meant(x.name, x, {} if x.rule is None else numbers_of(x.rule))
    if (isinstance(x, type) or not takes_t(x)) and library_of(x):
        return of_library(name_of(x), x, {})
    rule = named_rule(x)
    return of_rule(name_of(rule), rule)


def takes_t(x: Any) -> bool:
    """Whether a function takes t by its name, as a rule does."""
    return callable(x) and not isinstance(x, type) and (
        "t" in inspect.signature(x).parameters)


def named(words: str) -> Meant:
    """The rule of a text."""
    if is_of_a_dialect(words):
        return of_rule(words, called(words))
    if is_installed(words):
        return of_library(words, *installed(words))
    if ".py:" in words or words.endswith(".py") or ":" in words and "=" not in words:
        return of_file(words)
    if is_typed(words):
        return of_rule("typed", typed_rule(words))
    try:
        rule = named_rule(words)
    except ValueError as error:
        raise ValueError(f"{error}. Also: {ALSO}") from None
    return of_rule(name_of(rule), rule)


def of_file(words: str) -> Meant:
    """The rule that is a function of a file, or what it is lifted to."""
    f = lift(words)
    return Meant(words, f, numbers_of(f.rule))


def of_library(label: str, target: Any, given: dict[str, Any]) -> Meant:
    """The rule that is lifted from an installed library."""
    rate = rate_for(target, (), given)
    f = lift(target, **given, **rate)
    return Meant(label, f, {n: x for n, x in numbers_of(f.rule).items()
                            if not (rate and n == "lr")})


def of_rule(label: str, rule: Any) -> Meant:
    return Meant(label, formula(rule), numbers_of(rule))


def numbers_of(rule: Any) -> dict[str, Any]:
    """The default of each hyperparameter that has one."""
    return {n: x for n, x in anatomy(rule)[1].items() if x is not REQUIRED}
