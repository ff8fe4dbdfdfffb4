"""Functions that cut arrays and pick entries, written in indexing and np.where."""
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from minigrad.primitives import shapes


def along(axis, ndim, where):
    """The index `where` on one axis, everything on the others."""
    return (slice(None),)*normalize_axis_index(axis, ndim) + (where,)


def split(ary, indices_or_sections, axis=0):
    """Equal parts of an axis, or the parts between given places."""
    n = np.shape(ary)[axis]
    if np.ndim(indices_or_sections) == 0 and n % indices_or_sections:
        raise ValueError(f"split: {n} entries do not split into {indices_or_sections} "
                         "equal parts; use np.array_split")
    return array_split(ary, indices_or_sections, axis)


def array_split(ary, indices_or_sections, axis=0):
    """Parts of an axis, as equal as can be."""
    parts = np.array_split(np.arange(np.shape(ary)[axis]), indices_or_sections)
    return [ary[along(axis, np.ndim(ary), slice(part[0], part[-1] + 1) if len(part)
                      else slice(0, 0))] for part in parts]


def hsplit(ary, indices_or_sections):
    """Parts of the second axis, or of the only one."""
    return split(ary, indices_or_sections, 0 if np.ndim(ary) == 1 else 1)


def unstack(x, /, *, axis=0):
    """The slices along an axis, as a tuple."""
    return tuple(np.moveaxis(x, axis, 0))


def take(a, indices, axis=None, *, mode="raise"):
    """Entries at whole-number places along an axis; None flattens."""
    if axis is None:
        a, axis = np.reshape(a, -1), 0
    if mode != "raise":                     # NumPy says which places are meant
        indices = np.take(np.arange(np.shape(a)[axis]), indices, mode=mode)
    return a[along(axis, np.ndim(a), np.asarray(indices))]


def take_along_axis(arr, indices, axis=-1):
    """Entries at places that differ from row to row, as argsort gives them."""
    if axis is None:
        return np.reshape(arr, -1)[indices]
    index = list(np.ogrid[tuple(slice(n) for n in np.shape(indices))])
    index[axis] = indices
    return arr[tuple(index)]


def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """The windows of these lengths, one for each place along each axis, in last axes."""
    if writeable:
        raise ValueError("sliding_window_view: windows of a tensor are copies; leave out "
                         "writeable=True")
    axes = range(np.ndim(x)) if axis is None else np.ravel(axis).tolist()
    lengths = np.ravel(window_shape).tolist()
    if len(axes) != len(lengths):
        raise ValueError(f"sliding_window_view: came windows {lengths} for axes "
                         f"{list(axes)}, needs as many")
    for i, n in zip((normalize_axis_index(i, np.ndim(x)) for i in axes), lengths):
        if n > np.shape(x)[i]:
            raise ValueError(f"sliding_window_view: a window of {n} on an axis of "
                             f"{np.shape(x)[i]} entries")
        starts = np.arange(np.shape(x)[i] - n + 1)[:, None]
        x = np.moveaxis(take(x, starts + np.arange(n), i), i + 1, -1)
    return x


def compress(condition, a, axis=None):
    """What stands on an axis where the condition holds."""
    return take(a, np.flatnonzero(condition), axis)


def extract(condition, arr):
    """The entries where the condition holds, as a vector."""
    return compress(np.ravel(condition), arr)


def delete(arr, obj, axis=None):
    """An axis without some of its places; None flattens."""
    n = np.size(arr) if axis is None else np.shape(arr)[axis]
    return take(arr, np.delete(np.arange(n), obj), axis)


def insert(arr, obj, values, axis=None):
    """Values put in before places of an axis; None flattens."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    n, ndim, several = np.shape(arr)[axis], np.ndim(arr), np.ones(1)
    if np.ndim(values) < ndim:
        values = np.reshape(values, (1,)*(ndim - np.ndim(values)) + np.shape(values))
    if np.size(obj) == 1 and not isinstance(obj, slice):        # all values at one place
        values = np.moveaxis(values, 0, axis) if np.ndim(obj) == 0 else values
        several = np.ones(np.shape(values)[axis])
    k = len(np.insert(np.arange(n), obj, several)) - n
    shape = [k if i == axis % ndim else m for i, m in enumerate(np.shape(arr))]
    both = shapes.concatenate(arr, shapes.astype(np.broadcast_to(values, shape),
                                                 arr.dtype), axis=axis)
    return take(both, np.insert(np.arange(n), obj, np.arange(n, n + k)), axis)


def resize(a, new_shape):
    """The entries in order, again and again, until the new shape is full."""
    return take(a, np.resize(np.arange(np.size(a)), new_shape))


def unique(ar, return_index=False, return_inverse=False, return_counts=False, *,
           equal_nan=True):
    """The entries in rising order, each once; its first place has the slope."""
    order = np.argsort(ar, axis=None, kind="stable")
    s = np.ravel(ar)[order]
    new = np.ones(np.size(s), bool)
    new[1:] = np.not_equal(s[1:], s[:-1])
    if equal_nan:
        new[1:] &= ~(np.isnan(s[1:]) & np.isnan(s[:-1]))
    back = np.empty(np.size(s), int)
    back[order] = np.cumsum(new) - 1
    counts = np.diff(np.append(np.flatnonzero(new), np.size(s)))
    extras = ((return_index, order[new]), (return_inverse, back.reshape(np.shape(ar))),
              (return_counts, counts))
    asked = [extra for wanted, extra in extras if wanted]
    return (s[new], *asked) if asked else s[new]


def bincount(x, /, weights=None, minlength=0):
    """How often each whole number occurs, or the sum of its weights."""
    x = np.asarray(x)
    if weights is None:
        return np.bincount(x, minlength=minlength)
    n = max(minlength, int(np.max(x, initial=-1)) + 1)
    return shapes.scatter(shapes.astype(weights, np.float64), x, (n,))


def histogram(a, bins=10, range=None, density=None, weights=None):
    """How many entries each bin holds, or the sum of their weights, and its edges.

    Only the weights have slopes: counts are steps, and edges are plain.
    """
    edges = np.histogram_bin_edges(a, bins, range)
    n, a = len(edges) - 1, np.ravel(a)
    place = np.searchsorted(edges, a, "right") - 1
    place = np.where(np.equal(a, edges[-1]), n - 1, place)
    held = (place >= 0) & (place < n)
    parts = None if weights is None else np.ravel(weights)[held]
    counts = bincount(place[held], parts, n)
    return (counts/np.diff(edges)/np.sum(counts) if density else counts), edges


def diagonal_matrix(v, k=0):
    """Zeros, with v on the k-th diagonal."""
    n = np.shape(v)[0] + abs(k)
    i = np.arange(np.shape(v)[0])
    return shapes.scatter(v, (i + max(-k, 0), i + max(k, 0)), (n, n))


def diag(v, k=0):
    """The diagonal of a matrix, or the matrix with this diagonal."""
    if np.ndim(v) not in (1, 2):
        raise ValueError(f"diag: came {np.ndim(v)} axes, needs 1 or 2")
    return diagonal_matrix(v, k) if np.ndim(v) == 1 else np.diagonal(v, k)


def diagonal(a, offset=0, axis1=0, axis2=1):
    """The diagonals of the matrices in two axes, along a new last axis."""
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    return a[..., np.eye(*np.shape(a)[-2:], offset, dtype=bool)]


def trace(a, offset=0, axis1=0, axis2=1, dtype=None):
    """The sums of the diagonals in two axes."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


COMPOSITES: dict[Any, Any] = {
    np.split: split, np.array_split: array_split, np.hsplit: hsplit,
    np.vsplit: lambda ary, indices_or_sections: split(ary, indices_or_sections, 0),
    np.dsplit: lambda ary, indices_or_sections: split(ary, indices_or_sections, 2),
    np.take: take, np.take_along_axis: take_along_axis, np.compress: compress,
    np.lib.stride_tricks.sliding_window_view: sliding_window_view,
    np.extract: extract, np.delete: delete, np.trace: trace,
    np.diagonal: diagonal, np.insert: insert, np.resize: resize, np.unique: unique,
    np.bincount: bincount, np.histogram: histogram,
    np.diag: diag, np.diagflat: lambda v, k=0: diagonal_matrix(np.ravel(v), k),
}
if hasattr(np, "unstack"):                  # NumPy 2.1
    COMPOSITES[np.unstack] = unstack
