"""Statistics of samples: quantiles, which rest on sorting, and covariances."""
import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.composites.reductions import count
from minigrad.primitives.shapes import astype


def places(counts, q, method):
    """Where the quantiles q lie among so many sorted entries, for each count: those of
    0, 1, 2, ... as NumPy gives them, and NaN of none."""
    q = np.asarray(q)
    table = {n: np.quantile(np.arange(float(n)), q, method=method) if n else
             np.full(np.shape(q), np.nan) for n in set(np.ravel(counts).tolist())}
    flat = [table[n] for n in np.ravel(counts).tolist()]
    return np.reshape(flat, np.shape(counts) + np.shape(q))


def quantile(a, q, axis=None, *, method="linear", keepdims=False, skip_nan=False):
    """Between the two sorted entries next to where NumPy has the quantile of 0, ..., n - 1;
    NaN where an entry is NaN, unless these are skipped."""
    if not np.size(a):                      # NaN or an error, as NumPy has it; the sum is 0
        return np.sum(a) + np.quantile(
            np.zeros(np.shape(a), a.dtype), q, axis, method=method, keepdims=keepdims)
    axes = sorted(range(np.ndim(a)) if axis is None
                  else normalize_axis_tuple(axis, np.ndim(a)))
    rest = [i for i in range(np.ndim(a)) if i not in axes]
    shape = tuple(np.shape(a)[i] for i in rest)
    n = count(a, tuple(axes))
    s = np.sort(np.reshape(np.transpose(a, [*rest, *axes]), (*shape, n)))
    counts = np.full(shape, n)
    if skip_nan:                                            # they are sorted to the end
        counts = np.sum(~np.isnan(s), axis=-1)
        if not np.all(counts):
            warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
    at = np.reshape(places(counts, q, method), (*shape, -1))
    below = np.floor(np.where(np.isnan(at), 0, at)).astype(int)
    above = np.minimum(below + 1, np.expand_dims(np.maximum(counts, 1), -1) - 1)
    low = np.take_along_axis(s, below, -1)
    high = np.take_along_axis(s, above, -1)
    part = (at - below).astype(a.dtype if a.dtype.kind == "f" else float)
    last = s[..., -1:]
    out = low + (high - low)*part
    if not skip_nan:
        out = np.where(np.isnan(last), last, out)
    out = np.reshape(np.moveaxis(out, -1, 0), np.shape(q) + shape)
    if keepdims:
        out = np.expand_dims(out, tuple(np.ndim(q) + i for i in axes))
    if a.dtype.kind == "f":
        out = astype(out, np.quantile(np.zeros(1, a.dtype), q, method=method).dtype)
    return out


def percentile(a, q, axis=None, *, method="linear", keepdims=False, skip_nan=False):
    """quantile, with q in percent."""
    q = np.asarray(q)/100 if np.ndim(q) else float(q)/100
    return quantile(a, q, axis, method=method, keepdims=keepdims, skip_nan=skip_nan)


def median(a, axis=None, *, keepdims=False, skip_nan=False):
    """The middle entry in order, or the mean of the middle two."""
    if not np.size(a):
        return np.sum(a) + np.median(np.zeros(np.shape(a), a.dtype), axis,
                                     keepdims=keepdims)
    return quantile(a, 0.5, axis, keepdims=keepdims, skip_nan=skip_nan)


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *,
        dtype=None):
    """The covariances of the rows of m and y, or of their columns."""
    x = in_rows(m, rowvar)
    x = x if y is None else np.concatenate([x, in_rows(y, rowvar)], 0)
    x = astype(x, np.result_type(x.dtype, np.float64) if dtype is None else dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    w = fweights if aweights is None else aweights if fweights is None else (
        np.multiply(fweights, aweights))
    total = np.shape(x)[1] if w is None else np.sum(w)
    lost = ddof if aweights is None or not ddof else ddof*np.sum(
        np.multiply(w, aweights))/total
    x = x - np.expand_dims(np.average(x, axis=1, weights=w), 1)
    out = x @ np.transpose(x if w is None else x*w)/(total - lost)
    return np.squeeze(out)


def in_rows(m, rowvar):
    """A sample as a matrix with a row for each variable."""
    x = np.atleast_2d(m)
    return x if rowvar or np.ndim(m) == 1 else np.transpose(x)


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """The covariances over both standard deviations."""
    c = cov(x, y, rowvar, dtype=dtype)
    if np.ndim(c) == 0:
        return c/c
    deviation = np.sqrt(np.diag(c))
    return np.clip(c/np.expand_dims(deviation, 1)/deviation, -1, 1)


COMPOSITES: dict[Any, Any] = {
    np.quantile: quantile, np.percentile: percentile, np.median: median,
    np.cov: cov, np.corrcoef: corrcoef,
}
