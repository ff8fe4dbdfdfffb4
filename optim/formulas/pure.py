"""What is known to give the same each time, and what asks for more than numbers."""
import builtins
import functools
import itertools
import math
import operator
from fractions import Fraction
from types import MethodDescriptorType, MethodType, WrapperDescriptorType
from typing import Any

import numpy as np
import sympy as sp

from optim.optimizers.signatures import step_of


def named(module: Any, names: str) -> dict[int, Any]:
    """Some things in a module, by their identity."""
    return {id(x): x for x in (getattr(module, n, None) for n in names.split())}


PURE = {id(x): x for x in [*vars(math).values(), *vars(itertools).values()]} | named(
    builtins, "abs all any bool complex dict divmod enumerate filter float frozenset int "
    "iter len list map max min next pow print range reversed round set slice sorted sum "
    "tuple zip") | named(
    operator, "add sub mul truediv floordiv mod pow neg pos abs getitem lt le eq ne ge gt"
    ) | named(functools, "reduce partial") | named(
    np, "array asarray asanyarray zeros ones full arange eye identity errstate finfo iinfo"
    ) | {id(step_of): step_of}
ASKING = named(builtins, "isinstance issubclass type hasattr getattr callable id hash str "
               "repr format vars dir") | named(np, "isscalar iterable dtype issubdtype")
OF_KIND = "dtype", "itemsize", "nbytes"          # attributes that tell the kind of numbers
CONSTANTS = (type(None), bool, int, float, complex, str, bytes, range, slice, np.generic,
             Fraction, sp.Basic, type(...), np.errstate)
OF_ARRAYS = "minigrad.primitives", "minigrad.composites", "sympy"    # pure functions
LAZY = "numpy", "minigrad", "optim"             # modules that load their parts when named
CONTAINERS = list, tuple, set, frozenset, dict, np.ndarray
WRAPPERS: dict = {
    MethodType: ("__func__", "__self__"), functools.partial: ("func", "args", "keywords"),
    property: ("fget",)} | dict.fromkeys(
        (staticmethod, classmethod, functools._lru_cache_wrapper), ("__wrapped__",))
IN_C = MethodDescriptorType, WrapperDescriptorType
WRITES = {"STORE_GLOBAL": "assigns to {}", "DELETE_GLOBAL": "deletes {}",
          "STORE_ATTR": "assigns to .{}", "DELETE_ATTR": "deletes .{}",
          "LOAD_BUILD_CLASS": "makes a class"}
MOST = 100_000                              # entries that a rule is run on
QUIET = "CACHE", "PUSH_NULL", "EXTENDED_ARG", "NOP"
ATTRIBUTE = "LOAD_ATTR", "LOAD_METHOD"
HIDDEN = ("__init__", "__post_init__", "__repr__", "__str__", "__setattr__", "__hash__",
          "__new__", "__getnewargs__", "__replace__", "__annotate_func__")


def of_numpy(x: Any) -> bool:
    """Whether it is a function of NumPy's that knows letters, or one of its types."""
    if isinstance(x, type):
        return issubclass(x, (np.generic, BaseException)) and x is not np.datetime64
    return isinstance(x, (np.ufunc, type(np.sum))) and "empty" not in x.__name__


def flat(x: Any) -> list[Any]:
    """The parts of nested tuples."""
    return [z for y in x for z in flat(y)] if isinstance(x, tuple) else [x]


def frozen(x: Any) -> Any:
    """What a container holds now."""
    if isinstance(x, np.ndarray):
        return x.shape, x.tobytes()
    parts = [*x.items()] if isinstance(x, dict) else [(y,) for y in x]
    return [tuple(y if isinstance(y, CONSTANTS) else id(y) for y in part) for part in parts]
