"""What a message says of a name that other libraries have, or that was misspelled.

>>> named("Tensor", "view", METHODS, [])
"Tensor has no attribute 'view'; for x.view(3, 2) write x.reshape(3, 2)"
>>> named("minigrad.nn", "Lineer", "", ["Linear", "ReLU"])
"minigrad.nn has no attribute 'Lineer'; did you mean Linear?"
"""
import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, getattr_static, signature
from typing import Any, TypeVar, cast

import numpy as np

from minigrad.dictionary import ARGUMENTS, KEYWORDS, LACKING, METHODS, rows

KNOWN: list[Callable[[object], bool]] = []      # tensors.py adds which functions it knows


class Count(int):
    """A number of entries that says, when it is called, that it is a number.

    >>> Count(6) == 6
    True
    """
    __slots__ = ()

    def __call__(self, *axis):
        raise TypeError(f"x.size is the number {self}, as in NumPy, not a method; for "
                        "PyTorch's x.size() write x.shape, for x.size(0) x.shape[0]")


def check_keywords(function: Callable, keywords: Mapping[str, Any]) -> None:
    """Raise TypeError for a keyword that is PyTorch's name of one of NumPy's."""
    for name in filter(KEYWORDS.get, keywords):
        value = int(keywords[name]) if name == "unbiased" else keywords[name]
        raise TypeError(f"{function.__name__}: {name}= is called {KEYWORDS[name]}= here, "
                        f"as in NumPy; write {KEYWORDS[name]}={value!r}")


F = TypeVar("F", bound=Callable)


def explaining(function: F) -> F:
    """The function, which says what to write for a keyword that it does not take.

    >>> explaining(lambda x: x)(2, device="cpu")
    Traceback (most recent call last):
    TypeError: <lambda> takes no device=; leave it out, there is one device
    """
    known = tuple(name for name in signature(function).parameters if name != "self")
    own = function.__name__
    kinds = [each.kind for each in signature(function).parameters.values()]
    most = (sys.maxsize if Parameter.VAR_POSITIONAL in kinds else
            len(kinds) - kinds.count(Parameter.KEYWORD_ONLY))

    @functools.wraps(function)
    def run(*args, **kwargs):
        for name in kwargs:
            if name not in known:
                ours = [f"{each}=" for each in ARGUMENTS.get(name, ()) if each in known]
                cure = ours and f"did you mean {ours[0]}?" or LACKING.get(name) or (
                    did_you_mean(name, [f"{other}=" for other in known], near=0.6)[1:]
                    or f"it takes {', '.join(known) or 'none'}")
                owner = type(args[0]).__name__ if own == "__init__" else own
                raise TypeError(f"{owner} takes no {name}=; {cure}")
        if len(args) > most:
            pair = ", data as (x, y)" if "data" in known[:most] else ""
            raise TypeError(f"{own} takes {', '.join(known[:most])}{pair}, all else by "
                            f"name; {len(args)} came")
        return function(*args, **kwargs)
    return cast(F, run)


class Elsewhere:
    """An attribute that other libraries' objects have: reading it says what to write."""

    def __init__(self, name: str, table: str) -> None:
        self.name, self.table = name, table

    def __get__(self, x: Any, kind: type) -> Any:
        raise AttributeError(named(kind.__name__, self.name, self.table, [], "x"))


def name_elsewhere(kind: type, table: str, others: Iterable[str] = ()) -> None:
    """Let a class answer the names of a table, and others, where it has none itself.

    A __getattr__ would do so as well, and slow down the attributes that exist.
    """
    for name in {*rows(table), *others}:
        if not hasattr(kind, name):
            setattr(kind, name, Elsewhere(name, table))


def names_here(x: Any) -> list[str]:
    """The names that an object has itself, for its __dir__."""
    return [name for name in object.__dir__(x)
            if not isinstance(getattr_static(type(x), name, None), Elsewhere)]


def named(owner: str, name: str, table: str, names: Iterable[str], first: str = "") -> str:
    """What an AttributeError says: what to write for a name that its owner has not.

    first: what NumPy's function of that name is called with, if it is called with it.
    """
    said = f"{owner} has no attribute {name!r}"
    if name.startswith("_"):                            # a protocol asks, not a person
        return said
    if name in rows(table):
        return "{}; for {} write {}".format(said, *rows(table)[name])
    if METHODS in table and (ours := in_numpy(name, first)):
        return f"{said}; write {ours}"
    hint = did_you_mean(name, names, near=0.6) or f" it has {', '.join(names)}"
    return f"{said};{hint}" if names else said


def numpys_names() -> list[str]:
    """The names of NumPy's functions, and of what its arrays have."""
    names = [*vars(np), *vars(np.linalg), *dir(np.ndarray)]
    return [name for name in names if not name.startswith("_")]


def is_known(function: object) -> bool:
    """Whether it is among NumPy's functions that tensors know."""
    return any(knows(function) for knows in KNOWN)


def in_numpy(name: str, first: str) -> str:
    """How what NumPy calls so is written, with its first argument if any, or nothing.

    >>> in_numpy("sin", "x"), in_numpy("maximum", "x"), in_numpy("roll", "x")
    ('np.sin(x)', 'np.maximum(x, y)', 'np.roll(x, shift)')
    >>> in_numpy("zeros", ""), in_numpy("float32", ""), in_numpy("det", "")
    ('np.zeros', 'np.float32', 'np.linalg.det')
    """
    for home, functions in ("np", np), ("np.linalg", np.linalg):
        value = getattr(functions, name, None)
        modules = ("linalg", "random")
        if not (callable(value) or isinstance(value, float) or name in modules):
            continue
        if not first or not callable(value):
            return f"{home}.{name}"
        if not is_known(value):
            continue
        arguments = ["x", "y"][:value.nin] if isinstance(value, np.ufunc) else [
            "x", *needed(value)[1:]]
        return f"{home}.{name}({', '.join(arguments)})"
    return f"x.numpy().{name}" if hasattr(np.ndarray, name) else ""


def needed(function: Callable) -> list[str]:
    """The arguments without which a function cannot be called; [] if it does not tell."""
    try:
        known = signature(function).parameters.values()
    except ValueError:
        return []
    return [argument.name for argument in known if argument.default is argument.empty]


def did_you_mean(word: str, names: Iterable[str], aliases: Mapping[str, str] | None = None,
                 most: int = 1, near: float = 0.4) -> str:
    """The names nearest to the word as a question, or nothing if none is near.

    aliases {what it is also called: name} are looked at too, and answered with the name.
    near: how alike a name must be, from 0 to 1. Names of the same letters come first.

    >>> did_you_mean("Adma", ["adamax", "adam"])
    ' did you mean adam?'
    >>> did_you_mean("nesterof", ["adam", "nag"], {"nesterov": "nag"})
    ' did you mean nag?'
    """
    known = {other.lower(): name for other, name in (aliases or {}).items()}
    known |= {name.lower(): name for name in names}
    import difflib                              # only who misspells needs it
    word = str(word).lower()[:100]
    found = [name for name in known if sorted(name) == sorted(word)]
    found += difflib.get_close_matches(word, known, most, near)
    meant_ones = [*dict.fromkeys(known[name] for name in found)][:most]
    return f" did you mean {' or '.join(meant_ones)}?" if meant_ones else ""
