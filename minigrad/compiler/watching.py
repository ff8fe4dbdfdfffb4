"""What a function can reach by names: its closure, globals, and what is read through them.

Tensors and arrays among these are inputs of a recording. All the names are watched: who
binds one anew would be ignored by a compiled step, so the next call says so.
"""
import array
import collections
import contextvars
import functools
import gc
import sys
import threading
import types
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.compiler.bound_names import PLAIN_VALUES, Attribute, Name, Parts
from minigrad.compiler.code_names import (
    attributes_read, closure_and_globals, globals_read, names_used)
from minigrad.nn.modules import Module
from minigrad.tensors import Tensor

MOST_PARTS = 1000           # of a list or dict, that are looked at one by one
SEQUENCES = list, tuple, collections.deque
HIDING: Any = (types.MappingProxyType, types.BuiltinMethodType, collections.ChainMap,
          type({}.keys()), type({}.values()), type({}.items()), types.MethodWrapperType)
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
        plain = isinstance(name.value, PLAIN_VALUES) or name.value is name.holder
        if id(name.value) not in seen and not plain and not callable(name.key):
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
        for part in (x.func, *x.args, x.keywords):
            yield Name(None, None, part, text)
    elif isinstance(x, contextvars.ContextVar):
        yield Name(x, set_there, set_there(x), f"{text}.get()")
        yield Name(None, None, x.get(None), text)
    elif isinstance(x, weakref.ref):
        yield Name(None, None, x(), text)
    elif isinstance(x, HIDING):                         # what they hold is not said
        for part in gc.get_referents(x):
            yield Name(None, None, part, text)
    elif isinstance(x, SEQUENCES) and len(x) <= MOST_PARTS:
        if not isinstance(x, tuple):
            yield Name(x, len, len(x), f"len({text})")
        for i, part in enumerate(x):
            yield Name(x, i, part, f"{text}[{i}]")
    elif isinstance(x, dict) and len(x) <= MOST_PARTS:
        yield Name(x, Parts, Parts(x), f"the keys of {text}")
        for key, part in x.items():
            yield Name(x, key, part, f"{text}[{key!r}]")
    elif isinstance(x, dict):
        yield Name(x, items_of, items_of(x), text)
    elif isinstance(x, (list, collections.deque)):
        yield Name(x, Parts, Parts(x), text)
    elif isinstance(x, set):
        yield Name(x, frozenset, frozenset(x), text)
    elif isinstance(x, (bytearray, array.array)):
        yield Name(x, bytes, bytes(x), text)
    elif "param_groups" in getattr(x, "__dict__", ()):  # an optimizer records its step
        for group in x.param_groups:
            for i, tensor in enumerate(group["params"]):
                yield Name(None, None, tensor, f"{text}_parameter_{i}")
    elif "__wrapped__" in getattr(x, "__dict__", ()):       # compiled, or cached
        yield Name(None, None, x.__wrapped__, text)
    elif isinstance(x, type):
        yield from names_of_class(x, text)
    elif is_of_user(x):
        parts = getattr(x, "__dict__", {})
        for key, part in parts.items():
            yield Name(parts, key, part, f"{text}.{key}")
        yield Name(x, Attribute("__class__"), type(x), f"the class of {text}")
        for key in {"training", "_hooks", "_buffers"}.difference(parts):
            if isinstance(x, Module):                       # so far the class's
                yield Name(x, Attribute(key), getattr(x, key), f"{text}.{key}")
        for key in {key: 0 for kind in classes_of_user(type(x)) for key in vars(kind)}:
            found = vars(type(x)).get(key)
            if isinstance(found, types.MemberDescriptorType):           # of __slots__
                yield Name(x, Attribute(key), getattr(x, key, x), f"{text}.{key}")
            elif not key.startswith("__") and key not in parts and not (
                    hasattr(type(found), "__set__")) and hasattr(x, "__dict__"):
                yield Name(parts, key, parts, f"{text}.{key}")      # would hide the class's


def set_there(x: contextvars.ContextVar) -> Parts:
    """What a context variable is set to here."""
    return Parts([x.get(None)])


def items_of(x: dict) -> Parts:
    """The keys of a dict, and then its values."""
    return Parts([*x, *x.values()])


def classes_of_user(kind: type) -> list[type]:
    """A class and those it is made of, but for libraries'."""
    return [c for c in kind.__mro__ if not of_library(c.__module__)]


def names_of_class(kind: type, text: str) -> Iterator[Name]:
    """What stands in the bodies of a class of the user's, and what its methods read."""
    for part_of in classes_of_user(kind):
        for key, part in vars(part_of).items():
            function = getattr(part, "fget", None) or getattr(part, "__func__", part)
            plain = isinstance(function, types.FunctionType)
            if plain or not key.startswith("__"):
                yield Name(vars(part_of), key, part, f"{text}.{key}")
            if plain:
                yield Name(None, None, function, f"{text}.{key}")


@functools.cache
def of_library(module: str) -> bool:
    """Whether a module is Python's, NumPy's, ours, or was installed: it does not change."""
    top = module.partition(".")[0]
    file = getattr(sys.modules.get(top), "__file__", None) or ""
    return top in LIBRARIES or "site-packages" in file or "dist-packages" in file


def is_of_user(x: Any) -> bool:
    """Whether an object's attributes are looked at: of modules, and of users' classes."""
    if isinstance(x, (types.ModuleType, Tensor, np.ndarray, np.generic)):
        return False
    if isinstance(x, (types.SimpleNamespace, threading.local, collections.UserDict,
                      collections.UserList)):
        return True
    if type(x).__module__ == "argparse":
        return type(x).__name__ == "Namespace"
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
    if function.__module__ and not of_library(function.__module__):
        text = function.__name__
        for key in "__code__", "__defaults__", "__kwdefaults__":
            value = getattr(function, key)
            if value is not None:
                yield Name(function, Attribute(key), value, f"{text}.{key}")
        if vars(function):
            yield Name(None, None, vars(function), text)
        space = function.__globals__
        for name in globals_read(function.__code__):
            value = space.get(name, space)
            if value is not space and not isinstance(value, types.ModuleType):
                yield Name(space, name, value, name)
        found = [(x, name) for name, x in closure_and_globals(function)]
        found += [(sys.modules[name], name) for name in names_used(
            function.__code__, "IMPORT_NAME") if name in sys.modules]
        for value, name in found:                       # a module, and modules in it
            if isinstance(value, types.ModuleType) and not of_library(value.__name__):
                for key in attributes_read(function.__code__):
                    part = vars(value).get(key, value)
                    if isinstance(part, types.ModuleType) and part is not value:
                        found.append((part, f"{name}.{key}"))
                    elif part is not value:
                        yield Name(vars(value), key, part, f"{name}.{key}")
