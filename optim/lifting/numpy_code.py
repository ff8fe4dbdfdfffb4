"""Plain NumPy: object arrays whose entries remember, so that views, in-place updates and
out= are NumPy's own. Each entry has letters of its own; a rule treats all alike.
"""
import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from optim.lifting.graph import (
    OF_MATH, Node, Number, called, key, letter, node_of, value_of)
from optim.lifting.named_norms import (
    Place, of_parameter, outside, parted, recognized)

MAKERS = {name: getattr(np, name) for name in (
    "zeros", "ones", "full", "empty", "array", "asarray", "asanyarray",
    "ascontiguousarray", "copy")}
MATH = {name: getattr(math, name) for name in OF_MATH}
REST = {name: f for name, f in vars(math).items() if callable(f) and name not in MATH
        and name[0] != "_"}
BEFORE = " before"                      # on letters of a step before
LIKE = {np.zeros_like: 0, np.ones_like: 1, np.empty_like: 0}
SHAPES = (np.shape, np.ndim, np.size, np.reshape, np.ravel, np.copyto, np.copy,
          np.atleast_1d, np.broadcast_to, np.expand_dims, np.squeeze, np.may_share_memory,
          np.result_type)
TRUTHS = {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
          np.logical_and, np.logical_or, np.logical_not, np.logical_xor}
LOGIC = {np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.where}
OF_BITS: dict[Any, Any] = {np.bitwise_and: np.logical_and, np.bitwise_or: np.logical_or,
                           np.invert: np.logical_not}
FINITE = {np.isnan: False, np.isinf: False, np.isfinite: True}
# Also while np's own are others, see making_entries.
empty, asarray, plain_norm = np.empty, np.asarray, np.linalg.norm


class Entries(np.ndarray):
    """An array of Numbers, in which NumPy's functions are remembered entry by entry."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, where=True, **kwargs):
        ufunc = OF_BITS.get(ufunc, ufunc)
        name = f"np.{ufunc.__name__}"
        given = [asarray(x, dtype=object) for x in inputs]
        if method == "reduce" and ufunc in (np.logical_and, np.logical_or) and not any(
                isinstance(x, Number) for x in given[0].flat):
            return getattr(ufunc, method)(given[0].astype(bool))
        if method == "reduce" and ufunc is np.add and kwargs.get("initial") is None:
            return of_entries(np.add.reduce(apart(arithmetic, *given), kwargs.get(
                "axis", 0), keepdims=kwargs.get("keepdims", False)))
        if ufunc is np.matmul and method == "__call__" and out is None:
            return product(*inputs)
        if method != "__call__" or ufunc.signature:
            raise mixing(name if method == "__call__" else f"{name}.{method}")
        if ufunc in FINITE:                             # letters stand for finite numbers
            return MAKERS["full"](given[0].shape, FINITE[ufunc])
        if ufunc.nout != 1 or kwargs.keys() - {"dtype", "casting"}:
            raise NotImplementedError(f"{name} {sorted(kwargs) or ''}: what it means is "
                                      "not known here")
        if ufunc.__name__ == "clip":
            return clipped(*inputs, out=out)
        result = apart(lambda *x: entry(ufunc, *x), *given)
        if where is not True:
            if out is None:
                raise NotImplementedError(f"{name}(where=…) without out=: the other "
                                          "entries are whatever there was in memory")
            result = apart(lambda *x: entry(np.where, *x), where, result, out[0])
        if out is None:
            return of_entries(result)
        out[0][...] = result
        return out[0]

    def __array_function__(self, function, types, args, kwargs):
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        if function is np.where and len(args) == 3:
            return of_entries(apart(lambda *x: entry(np.where, *x), *args))
        if function is np.clip:
            return clipped(*args, **kwargs)
        if function in LIKE:
            return made(LIKE[function], np.shape(args[0]))
        if function is np.full_like:
            value = args[1] if len(args) > 1 else kwargs["fill_value"]
            return made(value, np.shape(args[0]))
        if function is np.nan_to_num:
            return self.copy()
        if function in (np.dot, np.vdot, np.inner) and not kwargs and len(args) == 2:
            return product(*args)
        if function is plain_norm:
            return length(*args, **kwargs)
        if function is np.sum:
            return np.add.reduce(*args, **{"axis": None} | kwargs)
        if function in (np.any, np.all) and not isinstance(args[0], Number):
            return super().__array_function__(function, types, args, kwargs)
        if function not in SHAPES:
            raise mixing(name)
        return super().__array_function__(function, types, args, kwargs)

    def astype(self, *args, **kwargs):
        """The same numbers, a truth as 1 or 0; whether that is so is seen in plain runs."""
        return of_entries(apart(arithmetic, self)) if self.ndim else self.copy()

    def __setitem__(self, index, value):
        if isinstance(index, Entries):                          # x[mask] = value
            chosen = apart(lambda *x: entry(np.where, *x), index, value, self)
            super().__setitem__(..., chosen)
        else:
            super().__setitem__(index, value)

    def __getitem__(self, index):
        if isinstance(index, Entries):
            raise NotImplementedError("x[mask]: how many entries that are depends on them; "
                                      "write np.where(mask, a, b)")
        return super().__getitem__(index)


def mixing(name: str) -> ValueError:
    return ValueError(f"{name} is not elementwise, or not known here; a rule does to each "
                      "entry what it does to one alone")


def entry(ufunc: Any, *x: Any) -> Any:
    """A function of one entry of each array; a truth in arithmetic is 1 or 0."""
    x = x if ufunc in LOGIC else tuple(map(arithmetic, x))
    return called(ufunc, *x)


def arithmetic(x: Any) -> Any:
    """A truth as 1 or 0; any number is itself."""
    if isinstance(x, Number) and isinstance(x.node, Node) and x.node.function in TRUTHS:
        return Number(value_of(x), Node(np.where, x.node, 1, 0))
    return x


def clipped(x: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *,
            min: Any = None, max: Any = None) -> Any:
    """np.clip."""
    low, high = (b if a is None else a for a, b in ((a_min, min), (a_max, max)))
    x = x if low is None else np.maximum(x, low)
    x = x if high is None else np.minimum(x, high)
    if out is None:
        return x
    out = out[0] if isinstance(out, tuple) else out
    out[...] = x
    return out


def length(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """np.linalg.norm, where it is the root of the sum of all squares."""
    if axis is not None or keepdims or ord not in {
            1: (None, 2), 2: (None, "fro")}.get(np.ndim(x), (None,)):
        raise mixing(f"np.linalg.norm(ord={ord}, axis={axis})")
    return called(np.sqrt, np.sum(np.square(x)))


def product(a: Any, b: Any) -> Any:
    """The sum of the products of two vectors' entries."""
    if np.ndim(a) != 1 or np.ndim(b) != 1:
        raise mixing(f"a product of arrays of shapes {np.shape(a)} and {np.shape(b)}")
    return np.sum(np.multiply(a, b))


def apart(function: Callable, *arrays: Any) -> np.ndarray:
    """A function of one entry of each, at every place."""
    given = np.broadcast_arrays(*[asarray(x, dtype=object) for x in arrays])
    out = empty(given[0].shape, dtype=object)
    for index in np.ndindex(out.shape):
        out[index] = function(*[x[index] for x in given])
    return out


def of_entries(x: Any) -> Any:
    """An array of objects as Entries; one entry alone as it is."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        return x.view(Entries) if x.ndim else x.item()
    return x


def made(value: Any, shape: Any) -> Entries:
    """An array of one number."""
    out = empty(shape, dtype=object).view(Entries)
    if isinstance(value, (np.ndarray, list, tuple)):
        out[...] = value
    else:
        out.fill(value)
    return out


def entries(values: Sequence[float], shape: tuple[int, ...], name: str, j: int = 0,
            count: int = 1) -> Any:
    """An array of these values, whose entries are letters of this name, for parameter j of
    so many."""
    out = empty(shape, dtype=object)
    for i, x in enumerate(values):
        out.flat[i] = Number(x, letter(f"{name}{Place(j, count, i, out.size)}"))
    return out.view(Entries)


def plain(x: Any) -> Any:
    """The numbers of an array that may remember."""
    if getattr(x, "dtype", None) != object:
        return value_of(x)
    return np.array([value_of(e) for e in x.flat], float).reshape(x.shape)


@contextlib.contextmanager
def making_entries(spaces: list[dict[str, Any]]) -> Iterator[None]:
    """A block in which np.zeros and its like make arrays that can hold Numbers, and math's
    functions remember, also under the names that they have in these spaces."""
    def filling(value: Any) -> Callable:
        return lambda shape, *args, **kwargs: made(value, shape)

    def full(shape, fill_value, *args, **kwargs):
        return made(fill_value, shape)

    def array(x, *args, **kwargs):
        if isinstance(x, Entries):
            return x.copy()
        has_past = isinstance(x, (list, tuple, Number)) and any(
            isinstance(v, (Number, Entries))
            for v in np.ravel(MAKERS["array"](x, dtype=object)))
        return MAKERS["array"](x, *(() if has_past else args), **(
            {"dtype": object} if has_past else kwargs)).view(
                Entries if has_past else np.ndarray)

    def same(x, *args, **kwargs):
        return x if isinstance(x, Entries) else array(x, *args, **kwargs)

    def norm(x, *args, **kwargs):
        return plain_norm(array(x) if isinstance(x, (list, tuple)) else x, *args, **kwargs)
    new: dict[str, Callable] = {"zeros": filling(0), "empty": filling(0),
                                "ones": filling(1), "full": full, "array": array,
                                "asarray": same, "asanyarray": same,
                                "ascontiguousarray": same, "copy": array}
    instead: dict[int, Any] = {id(MAKERS[n]): f for n, f in new.items()}
    instead[id(plain_norm)] = norm
    changed = [(vars(np), name, f) for name, f in MAKERS.items()]
    changed += [(vars(np.linalg), "norm", plain_norm)]
    others: dict[str, Callable] = {name: unfollowed(name, f) for name, f in REST.items()}
    instead |= {id(f): getattr(math, name) for name, f in MATH.items()}
    instead |= {id(f): others[name] for name, f in REST.items()}
    changed += [(vars(math), name, f) for name, f in REST.items()]
    changed += [(space, name, x) for space in spaces for name, x in space.items()
                if id(x) in instead and space not in (vars(np), vars(math))]
    try:
        for space, name, function in changed:
            space[name] = instead[id(function)]
        yield
    finally:
        for space, name, function in changed:
            space[name] = function


def unfollowed(name: str, function: Callable) -> Callable:
    """A function of math that is not followed: refused for a number with a past."""
    def run(*args, **kwargs):
        if any(isinstance(x, Number) for x in args):
            if name in ("isnan", "isinf", "isfinite"):  # letters are finite numbers
                return name == "isfinite"
            if name in ("floor", "ceil"):
                return called(getattr(np, name), *args)
            raise NotImplementedError(f"math.{name}: what it means is not known here")
        return function(*args, **kwargs)
    return run


def on_all_entries(who: str, name: str, arrays: Mapping[int, Any]) -> Any:
    """The node of every entry, if each has done the same to letters of its own.

    arrays {which parameter's: array or number}. Raises ValueError if an entry rests on
    another's letters or does something else, or on what a step before has left where
    nobody looked.
    """
    nodes: dict[Any, Any] = {}
    for j, array in arrays.items():
        objects = asarray(array, dtype=object)
        for i, x in enumerate(np.ravel(objects)):
            node = nodes[j, i if objects.ndim else None] = node_of(arithmetic(x))
            if not isinstance(node, Node) and not isinstance(node, (int, float, np.number)):
                raise TypeError(f"{who}: {name}' is {node!r}; needed a number")
    found = []
    for (j, i), node in recognized(nodes).items():
        used = {n: place for n in sorted(outside(node)) if (place := parted(n)[1])}
        if hidden := next((n for n in used if BEFORE in n), ""):
            word = parted(hidden)[0].removesuffix(BEFORE)
            raise NotImplementedError(f"{who}: {name}' depends on the {word} of the step "
                                      "before, which it keeps where it cannot be read")
        for n, place in used.items():
            if (place.parameter, place.entry) != (j, i):
                other = f" of parameter {place.parameter}"*(place.parameter != j)
                raise ValueError(
                    f"{who} is not elementwise: {name}'{f'[{i}]'*(i is not None)} depends "
                    f"on {parted(n)[0]}[{place.entry}]{other}; a rule does to each entry "
                    "what it does to one alone")
        found.append(of_parameter(who, name, node, j))
    known: dict = {}
    if len({key(node, known) for node in found}) > 1:
        a, b = next((found[0], x) for x in found if key(x, known) != key(found[0], known))
        raise ValueError(f"{who}: the entries of {name}' are not made alike, {a} and {b}: "
                         "it is not elementwise, or a number was computed outside of what "
                         "is remembered, as float() does")
    return found[0] if isinstance(found[0], Node) else float(found[0])
