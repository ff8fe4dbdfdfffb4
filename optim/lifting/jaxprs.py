"""What JAX has traced, as calls of NumPy's functions: a jaxpr read line by line.

What JAX computes with counters that would overflow is left out: t stays below 2**31 - 1.
"""
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from optim.lifting.graph import Node, letters_of

NAMES = {name: getattr(np, name) for name in (
    "sign sqrt square exp log log1p expm1 tanh floor cos sin exp2 cbrt").split()} | {
    "add": np.add, "add_any": np.add, "sub": np.subtract, "mul": np.multiply,
    "div": np.true_divide, "neg": np.negative, "abs": np.absolute, "pow": np.power,
    "integer_pow": np.power, "max": np.maximum, "min": np.minimum, "atan2": np.arctan2,
    "gt": np.greater, "lt": np.less, "ge": np.greater_equal, "le": np.less_equal,
    "eq": np.equal, "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or,
    "not": np.logical_not}
SAME = set("broadcast_in_dim reshape squeeze copy copy_p stop_gradient device_put "
           "expand_dims optimization_barrier".split())
OF_ALL: dict[str, Any] = {"reduce_sum": np.sum, "reduce_max": np.max, "reduce_min": np.min}
INNER = {"pjit": "jaxpr", "jit": "jaxpr", "closed_call": "call_jaxpr", "remat": "jaxpr",
         "core_call": "call_jaxpr", "custom_jvp_call": "call_jaxpr", "checkpoint": "jaxpr",
         "custom_vjp_call": "call_jaxpr", "custom_vjp_call_jaxpr": "fun_jaxpr"}
LARGEST = 2**31 - 1
ENTRIES = 2                                     # of a parameter that is traced


def number(x: Any) -> Any:
    """The number that all entries of an array are."""
    entries = set(np.ravel(np.asarray(x)).tolist())
    if len(entries) != 1:
        raise NotImplementedError(f"jax: an array of several constants, {sorted(entries)}")
    return entries.pop()


def read(jaxpr: Any, consts: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """The nodes of a jaxpr's results, from those of its arguments.

    NotImplementedError for a primitive that has no meaning here.
    """
    known = dict(zip(jaxpr.constvars, [
        x if isinstance(x, Node) else number(x) for x in consts]))
    known.update(zip(jaxpr.invars, arguments, strict=True))

    def get(variable):
        return number(variable.val) if hasattr(variable, "val") else known[variable]
    for line in jaxpr.eqns:
        results = meaning(line, [get(v) for v in line.invars])
        for variable, node in zip(line.outvars, results):
            if isinstance(node, Node) and np.prod(variable.aval.shape) > ENTRIES:
                raise NotImplementedError(f"jax primitive {line.primitive.name!r} to the "
                                          f"shape {variable.aval.shape}: entries are mixed")
            known[variable] = node
    return [get(v) for v in jaxpr.outvars]


def meaning(line: Any, x: list[Any]) -> list[Any]:
    """The results of one line of a jaxpr."""
    name, params = line.primitive.name, line.params
    if name in INNER:
        inner = params[INNER[name]]
        return read(inner.jaxpr, inner.consts, x) if hasattr(inner, "jaxpr") else read(
            inner, [], x)
    if name == "cond":
        if len(params["branches"]) != 2:
            raise NotImplementedError("jax: a switch of more than two branches")
        no, yes = (read(b.jaxpr, b.consts, x[1:]) for b in params["branches"])
        return [chosen(x[0], a, b) for a, b in zip(yes, no)]
    if name in SAME:
        return x[:1]
    if name == "convert_element_type":
        return [cast(x[0], line.invars[0].aval.dtype, line.outvars[0].aval.dtype)]
    if name == "select_n" and len(x) == 3:
        return [chosen(x[0], x[2], x[1])]
    if name == "clamp":
        return [Node(np.minimum, Node(np.maximum, x[1], x[0]), x[2])]
    if name == "rsqrt":
        return [Node(np.true_divide, 1, Node(np.sqrt, x[0]))]
    if name == "integer_pow":
        x = [*x, params["y"]]
    if name in OF_ALL and line.outvars[0].aval.shape == ():
        before = line.invars[0].aval.shape
        return [Node(OF_ALL[name], x[0]) if before else x[0]]
    if name not in NAMES:
        raise NotImplementedError(f"jax primitive {name!r}: what it means is not known "
                                  "here")
    if line.invars and np.issubdtype(line.invars[0].aval.dtype, np.integer) and name in (
            "div", "and", "or", "not") and any(isinstance(a, Node) for a in x):
        raise NotImplementedError(f"jax primitive {name!r} of whole numbers")
    if name == "lt" and x[1] == LARGEST:                # a counter that would overflow
        return [True]
    return [Node(NAMES[name], *x) if any(isinstance(a, Node) for a in x)
            else NAMES[name](*x).item()]


def cast(x: Any, before: Any, after: Any) -> Any:
    """A node as another type: truths are 1 and 0; what would be rounded is refused."""
    if before == after or not isinstance(x, Node):
        return x
    if before == bool:
        return Node(np.where, x, 1, 0)
    if after == bool:
        return Node(np.not_equal, x, 0)
    rounds = before.itemsize > after.itemsize and letters_of(x) - {"t"}
    if rounds or np.issubdtype(before, np.inexact) and np.issubdtype(after, np.integer):
        raise NotImplementedError(f"jax: {before} made {after}, which rounds it")
    return x


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """yes where the condition holds, else no."""
    if not isinstance(condition, Node):
        return yes if condition else no
    return Node(np.where, condition, yes, no)


def graph(function: Callable, values: tuple, nodes: tuple) -> list[Any]:
    """The nodes of what a function gives, from those of its arguments, in structures."""
    closed = jax.make_jaxpr(function)(*values)
    leaves = jax.tree.leaves(nodes, is_leaf=lambda x: isinstance(x, Node))
    return read(closed.jaxpr, closed.consts, leaves)
