"""Where plain Python keeps what it remembers: every number that an object can reach.

Attributes, dicts, lists, closures, function attributes, defaults, globals and class
attributes are looked through. What cannot be looked into (a generator, a file, a clock, a
cache) is refused by its name: what it remembers would be missed.
"""
import builtins
import copy
import dis
import functools
import logging
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

Path = tuple[Any, ...]
MISSING = object()
ATOMS = (str, bytes, bool, complex, type(None), np.dtype, np.ufunc, range, slice,
         types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType,
         types.MethodWrapperType, types.GetSetDescriptorType, types.MemberDescriptorType,
         types.GenericAlias, type(...), logging.Logger, np.finfo, type(np.where))
LIBRARIES = sys.stdlib_module_names | {"numpy", "scipy", "sympy", "optim", "minigrad",
                                         "jax", "jaxlib", "optax"}
REFUSED = {"time", "random", "datetime", "secrets", "os", "sys", "uuid", "threading",
           "socket", "subprocess", "io", "pathlib", "inspect", "gc", "ctypes", "weakref",
           "contextvars", "importlib", "shelve", "sqlite3", "tempfile",
           "multiprocessing", "concurrent", "asyncio", "numpy.random"}
REFUSED_NAMES = {"open", "input", "globals", "locals", "exec", "eval", "__import__", "vars",
                 "compile", "breakpoint"}


class Leaf(NamedTuple):
    """A number, an array, or what chooses (None, a truth, a text), and how to put another.
    """
    path: Path
    value: Any
    put: Callable[[Any], None]


class Holder(NamedTuple):
    """What outlives a call: its parts by name, and how to put and to remove one."""
    owner: str
    read: Callable[[], dict[Any, Any]]
    put: Callable[[Any, Any], None]
    remove: Callable[[Any], None]


def is_number(x: Any) -> bool:
    """Whether it is one real number; True and False choose and are none."""
    return isinstance(x, (int, float, np.integer, np.floating)) and not isinstance(x, bool)


def of_jax(x: Any) -> bool:
    """Whether it is of a type of JAX's: an array, a function that it has compiled."""
    return type(x).__module__.partition(".")[0] in ("jax", "jaxlib")


def of_library(x: Any) -> bool:
    """Whether a function, class or module is Python's own or of a library."""
    name = x.__name__ if isinstance(x, types.ModuleType) else getattr(
        x, "__module__", None) or type(getattr(x, "__self__", None)).__module__
    return (name or "").partition(".")[0] in LIBRARIES


# ------------------------------------------------------------------ functions and classes
def mentioned(code: types.CodeType) -> set[str]:
    """The names that a function's code uses, and those inside it."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(mentioned, inner))


def imported(code: types.CodeType) -> set[str]:
    """The modules that a function imports when it runs."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    own = {i.argval for i in dis.get_instructions(code) if i.opname == "IMPORT_NAME"}
    return own.union(*map(imported, inner))


def check_code(f: types.FunctionType) -> None:
    """Raise NotImplementedError if what a function does may differ from call to call."""
    names = mentioned(f.__code__)
    for name in sorted(imported(f.__code__)):
        refuse_module(f, name)
    for name in sorted(names):
        x = f.__globals__.get(name, MISSING)
        if isinstance(x, types.ModuleType):
            refuse_module(f, x.__name__)
            if x is np and "random" in names:
                refuse_module(f, "numpy.random")
        elif x is MISSING:
            if name in REFUSED_NAMES and hasattr(builtins, name):
                raise NotImplementedError(f"{f.__name__} uses {name}(): what it computes "
                                          "may be another each time")
        elif callable(x) and of_library(x):
            owner = getattr(x, "__self__", None)        # of a method, as random.random
            refuse_module(f, str(getattr(x, "__module__", None) or type(owner).__module__))


def refuse_module(f: types.FunctionType, name: str) -> None:
    if name in REFUSED or name.partition(".")[0] in REFUSED or name.startswith(
            "numpy.random"):
        raise NotImplementedError(f"{f.__name__} uses {name}: what it computes may be "
                                  "another each time")


def holders(x: Any) -> list[Holder]:
    """Those of a function or of a class."""
    if isinstance(x, type):
        return [Holder(x.__name__, lambda: {
            k: v for k, v in vars(x).items() if not (k[:2] == k[-2:] == "__")},
            functools.partial(setattr, x), functools.partial(delattr, x))]
    cells = dict(zip(x.__code__.co_freevars, x.__closure__ or ()))
    names = mentioned(x.__code__)

    def contents():
        return {k: c.cell_contents for k, c in cells.items() if filled(c)}

    def known():
        return {k: x.__globals__[k] for k in names if k in x.__globals__}
    return [
        Holder(x.__name__, lambda: defaults(x), functools.partial(put_default, x),
               lambda k: None),
        Holder(x.__name__, contents, lambda k, v: setattr(cells[k], "cell_contents", v),
               lambda k: delattr(cells[k], "cell_contents")),
        Holder(x.__name__, known, x.__globals__.__setitem__, x.__globals__.__delitem__),
        Holder(x.__name__, lambda: vars(x) | {
            "__doc__": x.__doc__, "__name__": x.__name__}, functools.partial(setattr, x),
               functools.partial(delattr, x))]


def filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not MISSING
    except ValueError:                                  # not yet bound
        return False


def positional(f: types.FunctionType) -> list[str]:
    """The parameters that f.__defaults__ are of."""
    names = f.__code__.co_varnames[:f.__code__.co_argcount]
    return list(names[len(names) - len(f.__defaults__ or ()):])


def defaults(f: types.FunctionType) -> dict[str, Any]:
    """The defaults of a function's parameters."""
    return dict(zip(positional(f), f.__defaults__ or ())) | (f.__kwdefaults__ or {})


def put_default(f: types.FunctionType, name: str, value: Any) -> None:
    """Give a parameter another default."""
    names = positional(f)
    if name in names:
        f.__defaults__ = tuple(value if n == name else x
                               for n, x in zip(names, f.__defaults__ or ()))
    elif f.__kwdefaults__:
        f.__kwdefaults__[name] = value


# ------------------------------------------------------------------------------ the walk
class Walk:
    """A walk through all that roots reach: its leaves, and the functions and classes met.
    """

    def __init__(self) -> None:
        self.seen: set[int] = set()
        self.paths: set[Path] = set()
        self.alive: list[Any] = []              # else an id would be used again
        self.lasting: list[Holder] = []
        self.libraries: dict[str, types.ModuleType] = {}
        self.spaces: list[dict[str, Any]] = []  # the globals of the functions met

    def leaves(self, x: Any, path: Path, put: Callable[[Any], None]) -> Iterator[Leaf]:
        """The leaves below an object."""
        if of_jax(x) and hasattr(x, "__array__"):
            x = np.asarray(x)
        if is_number(x) or isinstance(x, (np.ndarray, *ATOMS)):
            if isinstance(x, types.BuiltinFunctionType) and of_memory(x):
                raise unreadable(x, path)
            while path in self.paths:                   # of a base class, say
                path = (*path[:-1], "other", path[-1])
            self.paths.add(path)
            yield Leaf(path, x, put)
            return
        if id(x) in self.seen or is_sentinel(x):
            return
        self.seen.add(id(x))
        self.alive.append(x)
        for key, part, put_part in self.parts(x, path, put):
            yield from self.leaves(part, (*path, key), put_part)

    def parts(self, x: Any, path: Path, put: Callable) -> list[tuple[Any, Any, Callable]]:
        """The parts of an object: its key, itself, how to put another."""
        if isinstance(x, (dict, list, deque)):
            items = [*(x.items() if isinstance(x, dict) else enumerate(x))]
            own = vars(x).items() if hasattr(x, "__dict__") else ()
            return [(k, v, functools.partial(x.__setitem__, k)) for k, v in items] + [
                (k, v, functools.partial(setattr, x, k)) for k, v in own]
        if isinstance(x, tuple):
            def replace(i, value):
                new = [value if j == i else part for j, part in enumerate(x)]
                put(type(x)(*new) if hasattr(x, "_fields") else type(x)(new))
            return [(i, v, functools.partial(replace, i)) for i, v in enumerate(x)]
        if of_jax(x):                                   # what it has made of a function
            return [("function", f, refuse_put) for f in [getattr(x, "__wrapped__", None)]
                    if f is not None]
        if isinstance(x, (set, frozenset)) and all(isinstance(v, (str, bool)) for v in x):
            return []
        if isinstance(x, types.MethodType):
            return [("self", x.__self__, refuse_put), ("function", x.__func__, refuse_put)]
        if isinstance(x, functools.partial):
            return [("function", x.func, refuse_put), ("args", x.args, refuse_put),
                    ("keywords", x.keywords, refuse_put)]
        if isinstance(x, (staticmethod, classmethod)):
            return [("function", x.__func__, refuse_put)]
        if isinstance(x, property):
            return [(f.__name__, f, refuse_put) for f in (x.fget, x.fset, x.fdel) if f]
        if isinstance(x, types.ModuleType):
            if of_library(x):
                self.libraries[x.__name__] = x
                return []
            return [(k, v, functools.partial(setattr, x, k)) for k, v in vars(x).items()
                    if k[:2] != "__"]
        if isinstance(x, (type, types.FunctionType)):
            return self.of_holders(x)
        if hasattr(x, "__dict__") and (not of_library(type(x)) or isinstance(
                x, types.SimpleNamespace)) and not hasattr(type(x), "__next__"):
            slots = [s for k in type(x).__mro__ for s in slots_of(k) if hasattr(x, s)]
            return [("class", type(x), refuse_put)] + [
                (k, getattr(x, k), functools.partial(setattr, x, k)) for k in slots] + [
                (k, v, functools.partial(setattr, x, k)) for k, v in vars(x).items()]
        if type(x).__dict__.get("__slots__") is not None and not of_library(type(x)):
            slots = [s for k in type(x).__mro__ for s in slots_of(k) if hasattr(x, s)]
            return [("class", type(x), refuse_put)] + [
                (k, getattr(x, k), functools.partial(setattr, x, k)) for k in slots]
        raise unreadable(x, path)

    def of_holders(self, x: Any) -> list[tuple[Any, Any, Callable]]:
        """The parts of a function or a class of the user's."""
        if of_library(x):
            return []
        kinds: list[Any] = [x]
        if isinstance(x, types.FunctionType):
            check_code(x)
            if all(x.__globals__ is not space for space in self.spaces):
                self.spaces.append(x.__globals__)
        else:
            kinds = [k for k in x.__mro__ if k is not object and not of_library(k)]
            kinds += [type(x)]*(type(x) is not type)
        own = [h for kind in kinds for h in holders(kind)]
        extra = [f for k in kinds if isinstance(k, type) for n, f in vars(k).items()
                 if n[:2] == n[-2:] == "__" and isinstance(f, types.FunctionType)]
        self.lasting += own
        return [(k, v, functools.partial(h.put, k)) for h in own
                for k, v in h.read().items()] + [(f.__name__, f, refuse_put) for f in extra]


def of_memory(x: Any) -> bool:
    """Whether a built-in method is of something that remembers, as a list's append."""
    owner = getattr(x, "__self__", None)
    return owner is not None and not isinstance(owner, (types.ModuleType, type, *ATOMS))


def slots_of(kind: type) -> tuple[str, ...]:
    names = vars(kind).get("__slots__", ())
    return (names,) if isinstance(names, str) else tuple(
        n for n in names if n not in ("__dict__", "__weakref__"))


def refuse_put(value: Any) -> None:
    raise TypeError("a part that cannot be replaced")


def unreadable(x: Any, path: Path) -> NotImplementedError:
    return NotImplementedError(f"{text_of(path)} is a {type(x).__name__}: what it "
                               "remembers cannot be read")


def text_of(path: Path) -> str:
    """A path as Python would write it: m, self.m, m['W']."""
    return "".join((f".{p}" if i else p) if isinstance(p, str) and p.isidentifier()
                   else f"[{p!r}]" for i, p in enumerate(path)) or "it"


# ------------------------------------------------------------------------------ snapshots
class Snapshot:
    """What outlives a call, as it is now; a block in which each run starts from it."""

    def __init__(self, lasting: list[Holder]):
        self.saved = [(h, h.read()) for h in lasting]

    def begin(self) -> None:
        """A copy of everything, to be changed."""
        memo: dict[int, Any] = {}
        self.write(lambda x: copied(x, memo))

    def restore(self) -> None:
        """Everything as it was, itself."""
        self.write(lambda x: x)

    def write(self, of: Callable[[Any], Any]) -> None:
        for holder, parts in self.saved:
            now = holder.read()
            for k in now.keys() - parts.keys():
                holder.remove(k)
            for k, v in parts.items():
                if callable(v) and of_library(v):       # perhaps another for this run
                    continue
                if now.get(k, MISSING) is not v or not unchanging(v):
                    holder.put(k, of(v))


def is_sentinel(x: Any) -> bool:
    """Whether it stands for a default that a dataclass makes."""
    return type(x).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"


def numbers_in(libraries: Mapping[str, types.ModuleType]) -> dict[str, Any]:
    """The numbers and texts that modules hold, by their names."""
    return {f"{name}.{k}": v for name, m in libraries.items() for k, v in [*vars(m).items()]
            if is_number(v) or isinstance(v, (str, list, dict)) and k[:2] != "__" and len(
                repr(v)) < 1000}


def is_mutable(default: Any) -> bool:
    """Whether a default can change from call to call, or is made by each."""
    return not (is_number(default) or isinstance(default, (tuple, type, *ATOMS)))


def unchanging(x: Any) -> bool:
    """Whether nothing in it can change: a function, a module, a number."""
    return is_number(x) or is_sentinel(x) or isinstance(x, (
        *ATOMS, types.FunctionType, types.ModuleType, type, property, staticmethod,
        classmethod))


def copied(x: Any, memo: dict[int, Any]) -> Any:
    return x if unchanging(x) else copy.deepcopy(x, memo)
