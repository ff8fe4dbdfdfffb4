"""NumPy functions written in other NumPy functions: their derivatives follow.

Each takes what NumPy's own takes, and nothing else: an argument that is missing here
raises instead of being ignored.
"""
import math

import numpy as np

from minigrad.primitives.shapes import concatenate


def count(x, axis):
    """How many entries a reduction along axis takes together."""
    axes = range(np.ndim(x)) if axis is None else np.ravel(axis)
    return math.prod(np.shape(x)[i] for i in axes)


def mean(a, axis=None, *, keepdims=False):
    return np.sum(a, axis=axis, keepdims=keepdims)/count(a, axis)


def var(a, axis=None, *, ddof=0, keepdims=False):
    from_mean = a - mean(a, axis=axis, keepdims=True)
    n = count(a, axis) - ddof
    return np.sum(from_mean**2, axis=axis, keepdims=keepdims)/n


def std(a, axis=None, *, ddof=0, keepdims=False):
    return np.sqrt(var(a, axis=axis, ddof=ddof, keepdims=keepdims))


def stack(arrays, axis=0):
    return concatenate(*[np.expand_dims(a, axis) for a in arrays], axis=axis)


def joined(arrays, axis=0):
    return concatenate(*arrays, axis=axis)


def hstack(tup):
    arrays = [at_least(1, a) for a in tup]
    return concatenate(*arrays, axis=0 if arrays[0].ndim == 1 else 1)


def vstack(tup):
    return concatenate(*[at_least(2, a) for a in tup], axis=0)


def at_least(n, a):
    """a with axes of length 1 put in front until there are n."""
    return np.reshape(a, (1,)*(n - np.ndim(a)) + np.shape(a))


def outer(a, b):
    return np.expand_dims(np.ravel(a), 1)*np.ravel(b)


def inner(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a*b
    return np.tensordot(a, b, (np.ndim(a) - 1, np.ndim(b) - 1))


def trace(a, offset=0, axis1=0, axis2=1):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def split(ary, indices_or_sections, axis=0):
    n = np.shape(ary)[axis]
    if np.ndim(indices_or_sections) == 0:
        if n % indices_or_sections:
            raise ValueError(f"split: {n} entries do not split into {indices_or_sections} "
                             "equal parts; use np.array_split")
        return array_split(ary, indices_or_sections, axis)
    return array_split(ary, indices_or_sections, axis)


def array_split(ary, indices_or_sections, axis=0):
    n = np.shape(ary)[axis]
    cuts = [len(part) for part in np.array_split(np.empty(n), indices_or_sections)]
    ends = list(np.cumsum(cuts))
    before = (slice(None),)*(axis % np.ndim(ary))
    return [ary[before + (slice(end - size, end),)] for end, size in zip(ends, cuts)]


def diff(a, n=1, axis=-1):
    before = (slice(None),)*(axis % np.ndim(a))
    for _ in range(n):
        a = a[before + (slice(1, None),)] - a[before + (slice(None, -1),)]
    return a


COMPOSITES = {
    np.mean: mean, np.var: var, np.std: std,
    np.concatenate: joined, np.stack: stack, np.hstack: hstack, np.vstack: vstack,
    np.outer: outer, np.inner: inner, np.trace: trace, np.diff: diff,
    np.split: split, np.array_split: array_split,
}
