"""What a function can reach by names: its closure, globals, and what is read through them.

Tensors and arrays among these are inputs of a recording. All the names are watched: who
binds one anew would be ignored by a compiled step, so the next call says so.
"""
import dis
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.nn.modules import Module
from minigrad.tensors import Tensor

MOST_PARTS = 1000           # of a list or dict, that are looked at one by one
PLAIN_VALUES = (bool, int, float, complex, str, bytes, type(None))
LIBRARIES = {*sys.stdlib_module_names, "numpy", "minigrad", "optim"} - {"__main__"}


class Name(NamedTuple):
    """Something that is bound to a value: a cell of a closure, or a key of a dict or list.
    """
    holder: Any
    key: Any
    value: Any
    text: str

    def now(self) -> Any:
        """What it is bound to now; the holder itself if it is no longer bound."""
        try:
            if isinstance(self.holder, types.CellType):
                return self.holder.cell_contents
            return len(self.holder) if self.key is len else self.holder[self.key]
        except (KeyError, IndexError, ValueError):
            return self.holder

    def bind(self, value: Any) -> None:
        """Bind it to another value."""
        if isinstance(self.holder, types.CellType):
            self.holder.cell_contents = value
        else:
            self.holder[self.key] = value

    def can_bind(self) -> bool:
        """Whether it may be bound to another value."""
        return isinstance(self.holder, (types.CellType, dict, list))

    def holds(self) -> bool:
        """Whether it still has the value, or for a plain one an equal one."""
        now = self.now()
        return now is self.value or type(now) is type(self.value) in PLAIN_VALUES and (
            now == self.value)


def names_from(roots: list[tuple[Any, str]]) -> list[Name]:
    """All names by which the roots, pairs (value, text), reach a value, each once."""
    found: list[Name] = []
    seen: dict[int, Any] = {}
    waiting = [Name(None, None, value, text) for value, text in roots]
    while waiting:
        name = waiting.pop()
        if name.holder is not None or type(name.value) is Tensor:
            found.append(name)
        if id(name.value) not in seen and not isinstance(name.value, PLAIN_VALUES):
            seen[id(name.value)] = name.value
            waiting += [*names_in(name.value, name.text)][::-1]
    return found


def names_in(x: Any, text: str) -> Iterator[Name]:
    """The names that a value has itself."""
    if isinstance(x, types.FunctionType):
        yield from names_of_function(x)
    elif isinstance(x, types.MethodType):
        yield Name(None, None, x.__func__, text)
        yield Name(None, None, x.__self__, text)
    elif isinstance(x, functools.partial):
        for part in (x.func, *x.args, *x.keywords.values()):
            yield Name(None, None, part, text)
    elif isinstance(x, (list, tuple)) and len(x) <= MOST_PARTS:
        if isinstance(x, list):
            yield Name(x, len, len(x), f"len({text})")
        for i, part in enumerate(x):
            yield Name(x, i, part, f"{text}[{i}]")
    elif isinstance(x, dict) and len(x) <= MOST_PARTS:
        yield Name(x, len, len(x), f"len({text})")
        for key, part in x.items():
            yield Name(x, key, part, f"{text}[{key!r}]")
    elif hasattr(x, "param_groups"):                    # an optimizer records its own step
        for group in x.param_groups:
            for i, tensor in enumerate(group["params"]):
                yield Name(None, None, tensor, f"{text}_parameter_{i}")
    elif hasattr(type(x), "__dict__") and is_of_user(x):
        parts = getattr(x, "__dict__", {})
        for key, part in parts.items():
            yield Name(parts, key, part, f"{text}.{key}")
        for kind in type(x).__mro__:
            if kind.__module__.partition(".")[0] not in LIBRARIES:
                yield from names_of_class(kind, text)


def names_of_class(kind: type, text: str) -> Iterator[Name]:
    """What stands in the body of a class of the user's, and what its methods read."""
    for key, part in vars(kind).items():
        part = getattr(part, "fget", None) or getattr(part, "__func__", part)
        if isinstance(part, types.FunctionType):
            yield Name(None, None, part, text)
        elif not key.startswith("__"):
            yield Name(vars(kind), key, part, f"{text}.{key}")


def is_of_user(x: Any) -> bool:
    """Whether an object's attributes are looked at: of modules, and of users' classes."""
    if isinstance(x, (type, types.ModuleType, Tensor, np.ndarray, np.generic)):
        return False
    library = type(x).__module__.partition(".")[0] in LIBRARIES - {"optim"}
    return isinstance(x, Module) or not library


def names_of_function(function: types.FunctionType) -> Iterator[Name]:
    """Its closure, its defaults, and the globals that its code reads."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            yield Name(cell, None, cell.cell_contents, name)
        except ValueError:                              # not bound yet
            pass
    by_name = function.__kwdefaults__ or {}
    for value in (*(function.__defaults__ or ()), *by_name.values()):
        yield Name(None, None, value, "a default")
    if function.__module__ and function.__module__.partition(".")[0] not in LIBRARIES:
        for name in globals_read(function.__code__):
            value = function.__globals__.get(name, function)
            if value is not function and not isinstance(value, types.ModuleType):
                yield Name(function.__globals__, name, value, name)


@functools.cache
def globals_read(code: types.CodeType) -> list[str]:
    """The names of globals that code reads, also in the functions inside it."""
    names = [i.argval for i in dis.get_instructions(code)
             if i.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL")]
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            names += globals_read(part)
    return [*dict.fromkeys(names)]


def tests_of(names: list[Name]) -> tuple[list[str], dict[str, Any]]:
    """Tests, in Python, that every name still has its value; and what they speak of."""
    kept = [name for name in names if name.holder is not None]
    space: dict[str, Any] = {"same": lambda i: kept[i].holds()}
    tests = []
    for i, name in enumerate(kept):
        space |= {f"n{i}": name.holder, f"b{i}": name.value, f"k{i}": name.key}
        now = (f"n{i}.cell_contents" if isinstance(name.holder, types.CellType) else
               f"len(n{i})" if name.key is len else f"n{i}.get(k{i}, n{i})"
               if hasattr(name.holder, "get") else f"n{i}[{name.key}]")
        sign = "==" if name.key is len else "is"
        more = f" or same({i})" if isinstance(name.value, PLAIN_VALUES) else ""
        tests.append(f"({now} {sign} b{i}{more})")
    return tests, space
