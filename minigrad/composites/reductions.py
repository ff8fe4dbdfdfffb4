"""Statistics along axes, written in sums, sorts and norms: their derivatives follow.

Each takes what NumPy's own takes, and nothing else: an argument that is missing here
raises instead of being ignored. In float16 sums run in float32, as NumPy's mean does.
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


def wide(a):
    """a in a precision in which its sums do not overflow."""
    return astype(a, np.float32) if a.dtype == np.float16 else a


def narrow(out, a):
    """A result back in the precision of a."""
    return astype(out, np.float16) if a.dtype == np.float16 else out


def mean(a, axis=None, *, keepdims=False):
    """The mean along axes."""
    return narrow(np.sum(wide(a), axis=axis, keepdims=keepdims)/count(a, axis), a)


def var(a, axis=None, *, ddof=0, keepdims=False):
    """The mean square of the distances from the mean; n - ddof stands for n."""
    from_mean = wide(a) - mean(wide(a), axis=axis, keepdims=True)
    n = max(count(a, axis) - ddof, 0)
    return narrow(np.sum(from_mean**2, axis=axis, keepdims=keepdims)/n, a)


def std(a, axis=None, *, ddof=0, keepdims=False):
    """A norm, so its slope is 0 where all entries are equal."""
    from_mean = wide(a) - mean(wide(a), axis=axis, keepdims=True)
    n = max(count(a, axis) - ddof, 0)
    return narrow(p_norm(from_mean, 2, axis, keepdims)/math.sqrt(n), a)


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


def nansum(a, axis=None, *, keepdims=False):
    """The sum of the entries that are numbers."""
    return np.sum(np.where(np.isnan(a), 0, a), axis=axis, keepdims=keepdims)


def nanmean(a, axis=None, *, keepdims=False):
    """The mean of the entries that are numbers."""
    present = np.sum(~np.isnan(a), axis=axis, keepdims=keepdims)
    return nansum(a, axis=axis, keepdims=keepdims)/np.asarray(present).astype(a.dtype)


def quantile(a, q, axis=None, *, method="linear", keepdims=False):
    """Between the two sorted entries next to position q*(n - 1); NaN where one is NaN."""
    if method != "linear":
        raise ValueError(f"quantile: method={method!r} is not supported; use 'linear'")
    if np.ndim(q):
        parts = [quantile(a, p, axis, keepdims=keepdims) for p in np.ravel(q).tolist()]
        out = np.reshape(np.stack(parts), np.shape(q) + parts[0].shape)
        return astype(out, np.result_type(a.dtype, np.asarray(q).dtype))
    if not 0 <= q <= 1:
        raise ValueError(f"quantile: came q = {q}, needs 0 <= q <= 1")
    axes = sorted(range(np.ndim(a)) if axis is None
                  else normalize_axis_tuple(axis, np.ndim(a)))
    rest = [i for i in range(np.ndim(a)) if i not in axes]
    n = count(a, tuple(axes))
    s = np.sort(np.reshape(np.transpose(a, [*rest, *axes]), (
        *(np.shape(a)[i] for i in rest), n)))
    below = math.floor(q*(n - 1))
    part = q*(n - 1) - below
    low, high, last = s[..., below], s[..., min(below + 1, n - 1)], s[..., -1]
    out = np.where(np.isnan(last), last, low + (high - low)*part)
    return np.expand_dims(out, tuple(axes)) if keepdims else out


def percentile(a, q, axis=None, *, method="linear", keepdims=False):
    """quantile, with q in percent."""
    q = np.asarray(q)/100 if np.ndim(q) else float(q)/100
    return quantile(a, q, axis, method=method, keepdims=keepdims)


def median(a, axis=None, *, keepdims=False):
    """The middle entry in order, or the mean of the middle two."""
    return quantile(a, 0.5, axis, keepdims=keepdims)


def with_start(accumulate, start):
    """np.cumulative_sum or _prod, made of np.cumsum or np.cumprod."""
    def run(x, /, *, axis=None, include_initial=False):
        if axis is None and np.ndim(x) > 1:
            raise ValueError(f"cumulative: an array of {np.ndim(x)} axes needs axis=")
        axis = 0 if axis is None else axis
        out = accumulate(x, axis=axis)
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
    np.nansum: nansum, np.nanmean: nanmean,
    np.quantile: quantile, np.percentile: percentile, np.median: median,
    np.trapezoid: trapezoid,
}
for name, start in (("sum", 0), ("prod", 1)):
    if hasattr(np, f"cumulative_{name}"):               # NumPy 2.1
        COMPOSITES[getattr(np, f"cumulative_{name}")] = with_start(
            getattr(np, f"cum{name}"), start)
