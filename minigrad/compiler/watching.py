"""What a function can reach by names: its closure, globals, and what is read through them.

Tensors and arrays among these are inputs of a recording. All the names are watched: who
binds one anew would be ignored by a compiled step, so the next call says so.
"""
import dis
import functools
import sys
import types
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.compiler.bound_names import PLAIN_VALUES, Name, Slots
from minigrad.nn.modules import Module
from minigrad.tensors import Tensor

MOST_PARTS = 1000           # of a list or dict, that are looked at one by one
LIBRARIES = {*sys.stdlib_module_names, "numpy", "minigrad", "optim"} - {"__main__"}


def names_from(roots: list[tuple[Any, str]]) -> list[Name]:
    """All names by which the roots, pairs (value, text), reach a value, each once."""
    found: list[Name] = []
    seen: dict[int, Any] = {}
    waiting = [Name(None, None, value, text) for value, text in roots]
    while waiting:
        name = waiting.pop()
        if name.holder is not None or type(name.value) in (Tensor, np.ndarray):
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
    elif isinstance(x, (list, tuple, deque)) and len(x) <= MOST_PARTS:
        if not isinstance(x, tuple):
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
    elif is_of_user(x):
        parts = getattr(x, "__dict__", {})
        for key, part in parts.items():
            yield Name(parts, key, part, f"{text}.{key}")
        slots = Slots(x)
        for key, part in slots.items():
            yield Name(slots, key, part, f"{text}.{key}")
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
        return False                                    # or looked at otherwise
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
