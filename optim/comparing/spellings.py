"""The rule that is meant: "adam", "torch:RMSprop", "torch.optim.RMSprop", "hw.py:adam".

A library's optimizer by a colon is our own copy of its rule (dialects/), by a dot the
installed library's class itself, lifted. Both take arguments: "torch:SGD(momentum=0.9)".
What is 0 among the arguments counts as 0; every other number is a letter, with that number
for its default.
"""
import ast
import importlib
import importlib.util
import inspect
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optim import dialects
from optim.comparing.adapted_rules import adapted
from optim.dialects.library import LibraryOptimizer
from optim.formulas import Formula, formula
from optim.hints import OTHER_NAMES, did_you_mean
from optim.lifting.lifted import library_of, lift
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import REQUIRED, anatomy, name_of, named_rule
from optim.rules import RULES

LIBRARIES = tuple(dialects.MODULES)
PACKAGES = *LIBRARIES, "torch_optimizer", "pytorch_optimizer"   # whose classes are lifted
RATE = 0.001                            # for a learning rate that has no default
ALSO = ("torch:SGD(momentum=0.9), likewise optax: and keras:; torch.optim.SGD, which lifts "
        "the installed one; FILE.py:FUNCTION")


@dataclass(frozen=True)
class Meant:
    """What was meant: how it is called, its formula, and the numbers of its letters."""
    label: str
    formula: Formula
    defaults: dict[str, Any]


def meant(x: Any) -> Meant:
    """The rule that is meant by a text or an object.

    x: a text as above, a rule, a Formula, one of our optimizer classes or optimizers, one
    of dialects', a class of torch.optim, a function of optax, a class of keras.optimizers.

    Raises ValueError for a text that names none, ModuleNotFoundError for a library that is
    not installed, TypeError for all else.

    >>> meant("torch:RMSprop").defaults
    {'lr': 0.01, 'rho': 0.99, 'eps': 1e-08}
    """
    if isinstance(x, str):
        return named(x.strip())
    if isinstance(x, type) and issubclass(x, LibraryOptimizer):
        return of_dialect(f"{library_named(x)}:{x.__name__}", x, (), {})
    if isinstance(x, LibraryOptimizer):
        given = {n: v for n, v in x.param_groups[0].items() if n != "params"}
        kind = type(x)
        return of_dialect(f"{library_named(kind)}:{kind.__name__}", kind, (), given)
    if isinstance(x, Optimizer):
        numbers = {n: v for n, v in x.param_groups[0].items() if n != "params"}
        return of_rule(name_of(x.rule), adapted(x.rule, defaults=numbers))
    if isinstance(x, Formula):
        return Meant(x.name, x, {} if x.rule is None else numbers_of(x.rule))
    if (isinstance(x, type) or not has_rule_letters(x)) and library_of(x):
        return of_library(name_of(x), x, {})
    rule = named_rule(x)
    return of_rule(name_of(rule), rule)


def has_rule_letters(x: Any) -> bool:
    """Whether a function takes t by its name, as a rule does."""
    return callable(x) and "t" in inspect.signature(x).parameters


def named(words: str) -> Meant:
    """The rule of a text."""
    name, arguments = words, ""
    if words.endswith(")"):
        name, _, arguments = words[:-1].partition("(")
    library, colon, cls = name.partition(":")
    if colon and library in LIBRARIES:
        return of_dialect(words, class_of(library, cls), *parsed(words, arguments))
    if name.partition(".")[0] in PACKAGES and "." in name:
        values, given = parsed(words, arguments)
        if values:
            raise ValueError(f"{words}: needed its arguments by name, such as lr=0.1")
        return of_library(words, attribute(name), given)
    if ":" in words or words.endswith(".py"):
        return of_file(words)
    try:
        rule = named_rule(usual(words))
    except ValueError as error:
        raise ValueError(f"{error}. Also: {ALSO}") from None
    return of_rule(name_of(rule), rule)


def usual(words: str) -> str:
    """Our name of a rule for any usual spelling of it: RMSProp, AdamW, heavy-ball."""
    def plain(name):
        return "".join(x for x in name.lower() if x.isalnum())
    known = {plain(n): n for n in RULES} | {plain(n): x for n, x in OTHER_NAMES.items()}
    return known.get(plain(words), words)


def parsed(words: str, arguments: str) -> tuple[tuple, dict[str, Any]]:
    """The arguments in a text: numbers, texts, tuples, True, False and None."""
    try:
        call = ast.parse(f"f({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        return (tuple(map(ast.literal_eval, call.args)),
                {str(k.arg): ast.literal_eval(k.value) for k in call.keywords})
    except (SyntaxError, ValueError, AssertionError, MemoryError, RecursionError):
        raise ValueError(f"{words[:80]}: {arguments[:80]!r} came; needed arguments such as "
                         "(lr=0.1, nesterov=True)") from None


def class_of(library: str, name: str) -> Any:
    """A class of one of the dialects, in any case of letters."""
    module = getattr(dialects, library)
    known = {n.lower(): x for n, x in vars(module).items() if isinstance(x, type)
             and issubclass(x, LibraryOptimizer) and hasattr(x, "choose")}
    if name.lower() not in known:
        names = [x.__name__ for x in known.values()]
        raise ValueError(f"{library}: has no {name!r} here;{did_you_mean(name, names)} "
                         f"there are {', '.join(names)}")
    return known[name.lower()]


def attribute(name: str) -> Any:
    """What a dotted name means, below a package that was named above."""
    module, _, last = name.rpartition(".")
    os.environ.setdefault("KERAS_BACKEND", "jax")       # the one that is lifted
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module or module in PACKAGES:
            raise
        raise ValueError(f"{name}: {error}") from error
    if not callable(getattr(found, last, None)):
        raise ValueError(f"{module} has no {last!r};{did_you_mean(last, dir(found))}")
    return getattr(found, last)


def library_named(cls: type) -> str:
    """The library whose dialect a class belongs to."""
    return next(n for n, module in dialects.MODULES.items()
                if cls.__module__.endswith("." + module))


def needed(make: Any, given: tuple | dict) -> dict[str, float]:
    """A learning rate for a maker that has no default for it and was given none."""
    parameters = inspect.signature(make).parameters
    rate = parameters.get("learning_rate")
    here = isinstance(given, dict) and "learning_rate" in given
    return {} if rate is None or here or rate.default is not REQUIRED else {
        "learning_rate": RATE}


def of_dialect(label: str, cls: Any, values: tuple, given: dict[str, Any]) -> Meant:
    """The rule that a library's arguments choose."""
    rate = {} if values else needed(cls, given)
    choice = cls.choice(**cls.arguments(*values, **given, **rate))
    zero = {n: 0 for n, x in choice.settings.items() if x == 0}
    numbers = {n: REQUIRED if n == "lr" and rate else x
               for n, x in choice.settings.items() if n not in zero}
    rule = climbing(choice.rule) if choice.maximize else choice.rule
    return of_rule(label, adapted(rule, held=zero, defaults=numbers))


def climbing(rule: Any) -> Any:
    """The rule with -g for g."""
    def run(theta, g, *states, **settings):
        return rule(theta, -g, *states, **settings)
    run.__name__ = name_of(rule)
    setattr(run, "__signature__", inspect.signature(rule))
    return run


def of_library(label: str, target: Any, given: dict[str, Any]) -> Meant:
    """The rule that is lifted from an installed library."""
    rate = needed(target, given)
    f = lift(target, **given, **rate)
    return Meant(label, f, {n: x for n, x in numbers_of(f.rule).items()
                            if not (rate and n == "lr")})


def of_rule(label: str, rule: Any) -> Meant:
    return Meant(label, formula(rule), numbers_of(rule))


def numbers_of(rule: Any) -> dict[str, Any]:
    """The default of each hyperparameter that has one."""
    return {n: x for n, x in anatomy(rule)[1].items() if x is not REQUIRED}


def of_file(words: str) -> Meant:
    """The rule that is a function of a file."""
    rule = function_of(words)
    return of_rule(words, rule)


def function_of(words: str) -> Any:
    """The function of a Python file: FILE.py:FUNCTION."""
    path, colon, name = words.rpartition(":")
    file = Path(path if colon else words)
    if file.suffix != ".py" or not file.is_file():
        raise ValueError(f"there is no Python file {str(file)!r}; needed FILE.py:FUNCTION")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None         # it ends in .py
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    name = name if colon else ""
    if not callable(getattr(module, name, None)):
        found = [n for n, x in vars(module).items() if callable(x) and n[0] != "_"]
        wanted = f"no function {name!r}" if name else f"needed {file}:FUNCTION"
        raise ValueError(f"{wanted}; the file has {', '.join(found) or 'none'}")
    return getattr(module, name)
