"""What JAX has traced, as calls of NumPy's functions: a jaxpr read line by line.

Every value is an array of entries that remember, or of plain numbers. What is made of plain
numbers alone is computed by JAX itself. What JAX computes with counters that would overflow
is left out: t stays below the largest whole number.
"""
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optim.lifting.graph import Node, Number, called, letters_of
from optim.lifting.numpy_code import apart, asarray

NAMES = {name: getattr(np, name) for name in (
    "sign sqrt square exp log log1p expm1 tanh floor cos sin exp2 cbrt").split()} | {
    "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply,
    "div": np.true_divide, "neg": np.negative, "abs": np.absolute, "pow": np.power,
    "integer_pow": np.power, "max": np.maximum, "min": np.minimum, "atan2": np.arctan2,
    "gt": np.greater, "lt": np.less, "ge": np.greater_equal, "le": np.less_equal,
    "and": np.logical_and, "or": np.logical_or,
    "not": np.logical_not}
SAME = set("copy copy_p stop_gradient device_put optimization_barrier".split())
INNER = {"pjit": "jaxpr", "jit": "jaxpr", "closed_call": "call_jaxpr", "remat": "jaxpr",
         "core_call": "call_jaxpr", "custom_jvp_call": "call_jaxpr", "checkpoint": "jaxpr",
         "custom_vjp_call": "call_jaxpr", "custom_vjp_call_jaxpr": "fun_jaxpr"}
LARGEST = 2**31 - 1, 2**63 - 1
LONGEST = 1000                          # rounds of a loop


def read(jaxpr: Any, consts: Sequence[Any], arguments: Sequence[np.ndarray]
         ) -> list[np.ndarray]:
    """The results of a jaxpr, from its arguments.

    NotImplementedError for a primitive that has no meaning here.
    """
    known = dict(zip(jaxpr.constvars, map(plain, consts)))
    known.update(zip(jaxpr.invars, arguments, strict=True))

    def get(variable):
        return plain(variable.val) if hasattr(variable, "val") else known[variable]
    for line in jaxpr.eqns:
        known.update(zip(line.outvars, results(line, [get(v) for v in line.invars])))
    return [get(v) for v in jaxpr.outvars]


def plain(x: Any) -> np.ndarray:
    """An array of JAX's as one of Python's numbers; what has entries stays."""
    if jnp.issubdtype(getattr(x, "dtype", float), jax.dtypes.prng_key):
        raise NotImplementedError("jax: a key of random numbers: what it computes is "
                                  "another each time")
    return x if getattr(x, "dtype", None) == object else asarray(asarray(x).tolist(),
                                                                 dtype=object)


def inner(closed: Any, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The results of a jaxpr inside of another."""
    has_consts = hasattr(closed, "jaxpr")
    return read(closed.jaxpr if has_consts else closed,
                closed.consts if has_consts else [], arguments)


def results(line: Any, x: list[np.ndarray]) -> list[np.ndarray]:
    """The results of one line of a jaxpr."""
    name, params = line.primitive.name, line.params
    if name in INNER:
        return inner(params[INNER[name]], x)
    if name in CONTROL:
        return CONTROL[name](x, **params)
    if not any(isinstance(e, Number) for a in x for e in a.flat):
        return computed(line, x)
    if name in SHAPES:
        return [asarray(SHAPES[name](line, *x), dtype=object)]
    if name == "convert_element_type":
        before, after = line.invars[0].aval.dtype, line.outvars[0].aval.dtype
        return [apart(lambda e: cast(e, before, after), *x)]
    whole = np.issubdtype(line.invars[0].aval.dtype, np.integer)
    if name not in NAMES and name not in OTHERS:
        raise NotImplementedError(f"jax primitive {name!r}: what it means is not known "
                                  "here")
    if whole and name in ("div", "and", "or", "not"):
        raise NotImplementedError(f"jax primitive {name!r} of whole numbers")
    if name == "integer_pow":
        x = [*x, asarray(params["y"], dtype=object)]
    if name == "lt" and all(type(e) is int and e in LARGEST for e in x[1].flat):
        return [apart(lambda _: True, x[0])]            # a counter that would overflow
    if name in ("eq", "ne") and line.invars[0] is line.invars[-1]:      # is it NaN?
        return [apart(lambda e: not_number(e, name), x[0])]
    return [apart(OTHERS.get(name) or (lambda *e: of(NAMES[name], *e)), *x)]


def computed(line: Any, x: list[np.ndarray]) -> list[np.ndarray]:
    """What JAX computes of plain numbers."""
    given = [jnp.asarray(np.array(a.tolist(), v.aval.dtype)) if v.aval.dtype.kind in "biufc"
             else a.item() for a, v in zip(x, line.invars)]
    out = line.primitive.bind(*given, **line.params)
    return [*map(plain, out if line.primitive.multiple_results else [out])]


# ------------------------------------------------------------------------ of single entries
def of(function: Any, *x: Any) -> Any:
    """A NumPy function of entries; a plain number of plain ones."""
    return called(function, *x) if any(isinstance(e, Number) for e in x) else function(
        *x).item()


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """yes where the condition holds, else no."""
    if not isinstance(condition, Number):
        return yes if condition else no
    node = condition.node
    if node.function is np.where and node.args[1:] == (1, 0):       # a truth as a number
        condition = Number(condition.real, node.args[0])
    return called(np.where, condition, yes, no)


def not_number(x: Any, name: str) -> Any:
    """Whether x != x, or x == x: letters are finite numbers, so that only 0/0 is none."""
    node = x.node if isinstance(x, Number) else None
    if node is None or node.function is not np.true_divide:
        return name == "eq"
    nan = Node(np.logical_and, *(Node(np.equal, a, 0) for a in node.args))
    node = nan if name == "ne" else Node(np.logical_not, nan)
    return Number(float((x.real != x.real) == (name == "ne")), node)


def equal(function: Any, a: Any, b: Any) -> Any:
    """Whether two are equal, or not; letters are finite numbers."""
    if any(not isinstance(x, Number) and abs(x) == math.inf for x in (a, b)):
        return function is np.not_equal
    return of(function, a, b)


OTHERS: dict[str, Callable] = {
    "eq": functools.partial(equal, np.equal), "ne": functools.partial(equal, np.not_equal),

    "select_n": lambda c, no, yes: chosen(c, yes, no),
    "clamp": lambda low, x, high: of(np.minimum, of(np.maximum, x, low), high),
    "rsqrt": lambda x: of(np.true_divide, 1, of(np.sqrt, x)),
    "logistic": lambda x: of(np.true_divide, 1, of(np.add, 1, of(np.exp, of(
        np.negative, x)))),
    "is_finite": lambda x: True}                        # letters are finite numbers


def cast(x: Any, before: Any, after: Any) -> Any:
    """An entry as another type: truths are 1 and 0; what would be rounded is refused."""
    if before == after or not isinstance(x, Number):
        return x
    if before == bool:
        return called(np.where, x, 1, 0)
    if after == bool:
        return called(np.not_equal, x, 0)
    rounds = before.itemsize > after.itemsize and letters_of(x.node) - {"t"}
    if rounds or np.issubdtype(before, np.inexact) and np.issubdtype(after, np.integer):
        raise NotImplementedError(f"jax: {before} made {after}, which rounds it")
    return x


# --------------------------------------------------------------- of arrays, by their places
def spread(line: Any, x: np.ndarray) -> np.ndarray:
    """broadcast_in_dim."""
    shape, places = line.params["shape"], line.params["broadcast_dimensions"]
    ones = np.ones(len(shape), int)
    ones[[*places]] = x.shape
    return np.broadcast_to(x.reshape(ones), shape)


def sliced(line: Any, x: np.ndarray) -> np.ndarray:
    start, end, step = (line.params[k] for k in ("start_indices", "limit_indices",
                                                 "strides"))
    return x[tuple(map(slice, start, end, step or [None]*x.ndim))]


def products(line: Any, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """dot_general without axes that are kept in step."""
    contracted, batched = line.params["dimension_numbers"]
    if any(batched):
        raise NotImplementedError("jax primitive 'dot_general' of batches")
    return np.tensordot(a, b, contracted)


def shaped(line: Any, x: np.ndarray) -> np.ndarray:
    return x.reshape(line.outvars[0].aval.shape)


SHAPES: dict[str, Callable] = dict.fromkeys(
    ("reshape", "squeeze", "expand_dims"), shaped) | {
    "broadcast_in_dim": spread, "slice": sliced, "dot_general": products,
    "transpose": lambda line, x: x.transpose(line.params["permutation"]),
    "rev": lambda line, x: np.flip(x, line.params["dimensions"]),
    "concatenate": lambda line, *x: np.concatenate(x, line.params["dimension"]),
    "reduce_sum": lambda line, x: np.add.reduce(x, tuple(line.params["axes"]))}
SHAPES |= {name: lambda line, *x: x[0] for name in SAME}


# ----------------------------------------------------------------------------- control flow
def cond(x: list[np.ndarray], branches: Any, **_: Any) -> list[np.ndarray]:
    """One of several branches; one of two where a letter decides."""
    index, arguments = x[0].item(), x[1:]
    if not isinstance(index, Number):
        last = len(branches) - 1
        return inner(branches[min(max(int(index), 0), last)], arguments)
    if len(branches) != 2:
        raise NotImplementedError("jax primitive 'cond': a switch of more than two "
                                  "branches by a letter")
    no, yes = (inner(b, arguments) for b in branches)
    return [apart(lambda a, b: chosen(index, a, b), *two) for two in zip(yes, no)]


def scan(x: list[np.ndarray], jaxpr: Any, length: int, num_consts: int, num_carry: int,
         reverse: bool, **_: Any) -> list[np.ndarray]:
    """A loop of a fixed number of rounds."""
    if length > LONGEST:
        raise NotImplementedError(f"jax primitive 'scan' of {length} rounds")
    consts, carry, over = x[:num_consts], x[num_consts:][:num_carry], x[
        num_consts + num_carry:]
    rows: list[list[np.ndarray]] = []
    for i in range(length)[::-1 if reverse else 1]:
        out = inner(jaxpr, [*consts, *carry, *(asarray(a[i], dtype=object) for a in over)])
        carry = out[:num_carry]
        rows.append(out[num_carry:])
    return [*carry, *map(np.stack, zip(*rows[::-1 if reverse else 1]))]


def loop(x: list[np.ndarray], cond_jaxpr: Any, body_jaxpr: Any, cond_nconsts: int,
         body_nconsts: int, **_: Any) -> list[np.ndarray]:
    """A loop whose end no letter decides."""
    asked, consts = x[:cond_nconsts], x[cond_nconsts:][:body_nconsts]
    carry = x[cond_nconsts + body_nconsts:]
    for _i in range(LONGEST):
        more = inner(cond_jaxpr, [*asked, *carry])[0].item()
        if isinstance(more, Number):
            raise NotImplementedError(f"jax primitive 'while' that goes on for as long as "
                                      f"{more.node}")
        if not more:
            return carry
        carry = inner(body_jaxpr, [*consts, *carry])
    raise NotImplementedError(f"jax primitive 'while' of more than {LONGEST} rounds")


CONTROL: dict[str, Callable] = {"cond": cond, "scan": scan, "while": loop}
