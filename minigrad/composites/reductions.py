"""Sums, means and spreads along axes, of the entries that where= chooses.

In float16 sums run in float32, as NumPy's mean does.
"""
import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.primitives.linalg import p_norm
from minigrad.primitives.shapes import astype


def count(x, axis):
    """How many entries a reduction along axis takes together."""
    axes = range(np.ndim(x)) if axis is None else normalize_axis_tuple(axis, np.ndim(x))
    return math.prod(np.shape(x)[i] for i in axes)


def started(out, join, initial):
    """A result with an initial value joined to it, in the dtype that it has."""
    if initial is None:
        return out
    joined = join(out, initial)
    return joined if joined.dtype == out.dtype else astype(joined, out.dtype)


def masked(reduction, neutral, join):
    """np.sum or np.prod of the entries where= chooses, from an initial value on."""
    def run(a, axis=None, dtype=None, *, keepdims=False, initial=None, where=True):
        out = reduction(chosen(where, a, neutral), axis, dtype, keepdims=keepdims)
        return started(out, join, initial)
    return run


def masked_extremum(reduction, lowest, join):
    """np.max or np.min, likewise; where no entry may be left, initial= is needed."""
    def run(a, axis=None, *, keepdims=False, initial=None, where=True):
        if where is not True and initial is None:
            raise ValueError(f"{reduction.__name__}: where= may leave no entry; pass also "
                             f"initial=, as initial={lowest}")
        if not count(a, axis) and initial is not None:      # sums of nothing are 0
            return started(np.sum(a, axis=axis, keepdims=keepdims), np.add, initial)
        out = reduction(chosen(where, a, lowest), axis=axis, keepdims=keepdims)
        return started(out, join, initial)
    return run


def chosen(where, a, other):
    """a, with another value where it does not count."""
    if where is True:
        return a
    return np.where(np.broadcast_to(where, np.shape(a), subok=True), a, other)


def wide(a, dtype=None):
    """a in the dtype asked for, or one in which its sums do not overflow."""
    a = a if dtype is None else astype(a, dtype)
    return astype(a, np.float32) if a.dtype == np.float16 else a


def narrow(out, a, dtype=None):
    """A result in the dtype asked for, or that of a."""
    return astype(out, np.float16) if (dtype or a.dtype) == np.float16 else out


def number(a, axis, keepdims, where, dtype):
    """How many entries count: one number, or an array where where= is given."""
    if where is True:
        return count(a, axis)
    where = np.broadcast_to(where, np.shape(a))
    return np.sum(where, axis=axis, keepdims=keepdims).astype(dtype)


def mean(a, axis=None, dtype=None, *, keepdims=False, where=True):
    """The mean along axes of the entries that count."""
    x = wide(a, dtype)
    total = np.sum(chosen(where, x, 0), axis=axis, keepdims=keepdims)
    return narrow(total/number(x, axis, keepdims, where, x.dtype), a, dtype)


def from_mean(a, axis, dtype, ddof, keepdims, where, given, correction):
    """The distances from the mean, and n - ddof, how many entries count less ddof."""
    if correction is not None:
        if ddof:
            raise ValueError("var and std: ddof and correction are one; give one of them")
        ddof = correction
    x = wide(a, dtype)
    if given is None:
        given = mean(x, axis, keepdims=True, where=where)
    n = number(x, axis, keepdims, where, x.dtype) - ddof
    return chosen(where, x - given, 0), np.maximum(n, 0) if np.ndim(n) else max(n, 0)


def var(a, axis=None, dtype=None, *, ddof=0, keepdims=False, where=True, mean=None,
        correction=None):
    """The mean square of the distances from the mean; n - ddof stands for n."""
    off, n = from_mean(a, axis, dtype, ddof, keepdims, where, mean, correction)
    return narrow(np.sum(off**2, axis=axis, keepdims=keepdims)/n, a, dtype)


def std(a, axis=None, dtype=None, *, ddof=0, keepdims=False, where=True, mean=None,
        correction=None):
    """A norm, so its slope is 0 where all entries are equal."""
    off, n = from_mean(a, axis, dtype, ddof, keepdims, where, mean, correction)
    root = np.sqrt(n) if np.ndim(n) else math.sqrt(n)
    return narrow(p_norm(off, 2, axis, keepdims)/root, a, dtype)


def ptp(a, axis=None, *, keepdims=False):
    """The largest entry minus the smallest."""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    """The mean with weights, of the shape of a or of the lengths of its axes."""
    if weights is None:
        weights = np.ones_like(a)
    elif np.shape(weights) != np.shape(a):
        axes = [] if axis is None else list(normalize_axis_tuple(axis, np.ndim(a)))
        if [np.shape(a)[i] for i in axes] != list(np.shape(weights)) or not axes:
            raise ValueError(f"average: weights of shape {np.shape(weights)} for an array "
                             f"of shape {np.shape(a)} along axis {axis}; needs the lengths "
                             "of these axes, in their order")
        weights = np.transpose(weights, np.argsort(axes))
        weights = np.reshape(weights, [n if i in axes else 1
                                       for i, n in enumerate(np.shape(a))])
        weights = np.broadcast_to(weights, np.shape(a))
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    if np.any(total == 0):
        raise ZeroDivisionError("average: the weights sum to 0")
    out = np.sum(a*weights, axis=axis, keepdims=keepdims)/total
    return (out, total) if returned else out


def with_start(accumulate, start):
    """np.cumulative_sum or _prod, made of np.cumsum or np.cumprod."""
    def run(x, /, *, axis=None, dtype=None, include_initial=False):
        if axis is None and np.ndim(x) > 1:
            raise ValueError(f"cumulative: an array of {np.ndim(x)} axes needs axis=")
        axis = 0 if axis is None else axis
        out = accumulate(x, axis=axis, dtype=dtype)
        if include_initial:
            first = np.full_like(np.take(out, [0], axis), start)
            out = np.concatenate([first, out], axis)
        return out
    return run


def trapezoid(y, x=None, dx=1.0, axis=-1):
    """Trapezoids between neighbours: width times the mean of the two heights."""
    y = np.moveaxis(y, axis, -1)
    if x is not None:
        dx = np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    return np.sum(dx*(y[..., 1:] + y[..., :-1])/2, axis=-1)


COMPOSITES: dict[Any, Any] = {
    np.mean: mean, np.var: var, np.std: std, np.ptp: ptp, np.average: average,
    np.trapezoid: trapezoid,
}
for name, start in (("sum", 0), ("prod", 1)):
    if hasattr(np, f"cumulative_{name}"):               # NumPy 2.1
        COMPOSITES[getattr(np, f"cumulative_{name}")] = with_start(
            getattr(np, f"cum{name}"), start)

# Functions with a derivative of their own, where they are called with these options.
OPTIONS = {"where", "initial", "min", "max"}
WITH_OPTIONS: dict[Any, Any] = {
    np.sum: masked(np.sum, 0, np.add), np.prod: masked(np.prod, 1, np.multiply),
    **{f: masked_extremum(f, -np.inf, np.maximum) for f in (np.max, np.amax)},
    **{f: masked_extremum(f, np.inf, np.minimum) for f in (np.min, np.amin)},
    np.clip: lambda a, a_min=None, a_max=None, *, min=None, max=None: np.clip(
        a, a_min if min is None else min, a_max if max is None else max),
}
