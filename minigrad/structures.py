"""Structures: tuples, lists and dicts of arrays, nested, as arguments and results come."""
from typing import Any, Callable

import numpy as np

from minigrad.inputs import refuse_subclass
from minigrad.primitives.shapes import astype
from minigrad.stand_ins import numeric


def map_leaves(f: Callable, tree: Any) -> Any:
    """The same structure of dicts, tuples and lists, with f of every leaf."""
    if not isinstance(tree, (dict, tuple, list)):
        return f(tree)
    if isinstance(tree, dict):
        return {key: map_leaves(f, part) for key, part in tree.items()}
    parts = [map_leaves(f, part) for part in tree]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)


def leaves_of(tree: Any) -> list:
    """The leaves of a structure, in order."""
    if not isinstance(tree, (dict, tuple, list)):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree
    return [leaf for part in parts for leaf in leaves_of(part)]


def keys_of(tree: Any) -> list | None:
    """What a structure's parts are called, None for a leaf."""
    if isinstance(tree, dict):
        return list(tree)
    return list(range(len(tree))) if isinstance(tree, (tuple, list)) else None


def vector_like(v, x, name):
    """v, a tangent or cotangent of x, in the dtype of x. Nothing is broadcast.

    A Tensor that wants a gradient stays one.
    """
    refuse_subclass(v, name)
    data = numeric(getattr(v, "_data", v))
    if data.dtype.kind not in "fiu":
        raise TypeError(f"{name}: came {type(v).__name__} of dtype {data.dtype}, needs "
                        f"real numbers of shape {x.shape}")
    if data.shape != x.shape:
        raise ValueError(f"{name}: the vector has shape {data.shape}, what it belongs to "
                         f"{x.shape}; needed the same, nothing is broadcast")
    if getattr(v, "requires_grad", False):
        return v if v.dtype == x.dtype else astype(v, x.dtype)
    return data.astype(x.dtype, copy=False)


def vectors(name: str, given: Any, needed: Any) -> list:
    """Tangents or cotangents for each leaf of the structure `needed`, in its order.

    Raises ValueError where structure or shapes differ, as nothing is broadcast, and
    TypeError for what is not real numbers.
    """
    keys, came = keys_of(needed), keys_of(given)
    if keys is None:
        return [vector_like(given, needed, name)]
    if came is None or {*came} != {*keys}:
        shapes = [map_leaves(np.shape, tree) for tree in (given, needed)]
        raise ValueError(f"{name}: the vectors have shapes {shapes[0]}, what they belong "
                         f"to {shapes[1]}; needed the same structure")
    return [v for key in keys for v in vectors(name, given[key], needed[key])]
