"""A library's optimizer by its name and arguments: "torch:SGD(momentum=0.9)", as a rule.

What is 0 among the arguments counts as 0; every other number is a hyperparameter of the
rule, with that number for its default.
"""
import ast
import importlib
import inspect
import os
import types
from typing import Any

from optim import dialects
from optim.dialects.adapted_rules import adapted
from optim.dialects.library import LibraryOptimizer
from optim.hints import did_you_mean
from optim.optimizers.hyperparameters import unknown
from optim.optimizers.signatures import (
    REQUIRED, Rule, anatomy, is_of_whole_parameters, named_rule)
from optim.transforms import maximize

LIBRARIES = tuple(dialects.MODULES)
PACKAGES = *LIBRARIES, "torch_optimizer", "pytorch_optimizer"   # whose classes are lifted
# Where a library keeps its optimizers.
HOMES = {"torch": "torch.optim.", "optax": "optax.", "keras": "keras.optimizers."}
EXAMPLES = "torch:RMSprop", "torch.optim.RMSprop", "optax.adam", "keras:Adam"
RATE = 0.001                            # for a learning rate that has no default


def is_of_a_dialect(words: str) -> bool:
    """Whether a text begins as "torch:" does."""
    return words.partition(":")[0] in LIBRARIES and ":" in words


def called(words: str) -> Rule:
    """The rule that a library's optimizer chooses with these arguments, by that name.

    Raises ValueError for what is no optimizer of the library or no argument of it.

    >>> inspect.signature(called("torch:RMSprop(alpha=0.9)"))
    <Signature (theta, g, v, *, t, lr=0.01, rho=0.9, eps=1e-08)>
    """
    name, values, given = parsed(words.strip())
    library, _, cls = name.partition(":")
    try:
        if library == "survey":
            return of_the_survey(words.strip(), cls, given)
        return chosen(words.strip(), class_of(library, cls), values, given)
    except TypeError as error:
        raise ValueError(f"{words}: {error}") from error


def at_home(words: str) -> str:
    """The dotted name of what is called "torch:SGD" for short; any other text itself."""
    library, colon, name = words.partition(":")
    return HOMES[library] + name if colon and library in HOMES else words


def is_installed(words: str) -> bool:
    """Whether a text begins as "torch.optim." does, with a package that is lifted."""
    return "." in words and words.partition(".")[0] in PACKAGES


def installed(words: str) -> tuple[Any, dict[str, Any]]:
    """The class or function that a dotted name means in an installed package, and its
    arguments: "torch.optim.SGD(momentum=0.9)"."""
    name, values, given = parsed(words)
    if values:
        raise ValueError(f"{words}: needed its arguments by name, such as lr=0.1")
    module, _, last = name.rpartition(".")
    os.environ.setdefault("KERAS_BACKEND", "jax")       # the one that is lifted
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module or module in PACKAGES:
            raise
        raise ValueError(f"{name}: {error}") from error
    if not callable(getattr(found, last, None)):
        hint = did_you_mean(last, dir(found)) or f" needed a name such as {EXAMPLES[0]}"
        raise ValueError(f"{module} has no {last!r};{hint}")
    return getattr(found, last), given


def any_rule(x: Any) -> Rule:
    """The rule that is meant, as named_rule has it, or by a dialect's name or class.

    >>> any_rule("torch:SGD(momentum=0.5)")(1., 2., 0., t=1, lr=.25, mu=.5)
    (0.5, 2.0)
    """
    if isinstance(x, str) and is_of_a_dialect(x):
        return called(x)
    if isinstance(x, type) and issubclass(x, LibraryOptimizer) and hasattr(x, "choose"):
        return chosen(f"{library_of_class(x)}:{x.__name__}", x, (), {})
    return named_rule(x)


def of_the_survey(label: str, name: str, given: dict[str, Any]) -> Rule:
    """A rule of the survey with other defaults, called by the label."""
    rules = dialects.survey.RULES
    if name not in rules:
        raise ValueError(f"survey: has no {name!r} here;{did_you_mean(name, rules)} there "
                         f"are {', '.join(rules)}")
    for unasked in given.keys() - anatomy(rules[name])[1].keys():
        raise TypeError(unknown(name, unasked, anatomy(rules[name])[1]))
    return labelled(label, adapted(rules[name], defaults=given))


def parsed(words: str) -> tuple[str, tuple, dict[str, Any]]:
    """The name in a text and its arguments: numbers, texts, tuples, True, False, None."""
    name, _, rest = words.partition("(")
    try:
        call = ast.parse(f"f({rest}" if rest else "f()", mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError
        return (name.strip(), tuple(map(ast.literal_eval, call.args)),
                {str(k.arg): ast.literal_eval(k.value) for k in call.keywords})
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"{words[:80]!r} came; needed a name with arguments such as "
                         "(lr=0.1, nesterov=True)") from None


def class_of(library: str, name: str) -> Any:
    """A class of one of the dialects, in any case of letters."""
    known = {n.lower(): x for n, x in vars(getattr(dialects, library)).items()
             if isinstance(x, type) and issubclass(x, LibraryOptimizer)
             and hasattr(x, "choose")}
    if name.lower() not in known:
        names = [x.__name__ for x in known.values()]
        raise ValueError(f"{library}: has no {name!r} here;{did_you_mean(name, names)} "
                         f"there are {', '.join(names)}")
    return known[name.lower()]


def library_of_class(cls: type) -> str:
    """The library whose dialect a class belongs to."""
    return next(n for n, module in dialects.MODULES.items()
                if cls.__module__.endswith("." + module))


def rate_for(make: Any, values: tuple, given: dict[str, Any]) -> dict[str, float]:
    """A learning rate for a maker that has no default for it and was given none."""
    rate = inspect.signature(make).parameters.get("learning_rate")
    missing = rate is not None and rate.default is REQUIRED
    return {"learning_rate": RATE} if missing and not values and (
        "learning_rate" not in given) else {}


def chosen(label: str, cls: Any, values: tuple, given: dict[str, Any]) -> Rule:
    """The rule that a library's class chooses with these arguments, called by the label."""
    rate = rate_for(cls, values, given)
    rule, settings, climbs = cls.choice(**cls.arguments(*values, **given, **rate))
    zero = {n: 0 for n, x in settings.items() if x == 0}
    numbers = {n: REQUIRED if rate and n == "lr" else x for n, x in settings.items()
               if n not in zero}
    if is_of_whole_parameters(rule):
        raise ValueError(f"{label} looks at a whole parameter (a norm, a mean of its "
                         "rows): it is an optimizer, and no rule of one entry")
    return labelled(label, adapted(maximize()(rule) if climbs else rule, held=zero,
                                   defaults=numbers))


def labelled(label: str, made: Rule) -> Rule:
    """The rule, called by the label."""
    run: Any = types.FunctionType(made.__code__, made.__globals__, label, made.__defaults__,
                                  made.__closure__)
    run.__kwdefaults__ = made.__kwdefaults__
    vars(run).update(vars(made))
    return run
