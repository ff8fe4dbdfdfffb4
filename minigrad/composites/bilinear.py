"""Products of two arrays, written in matmul and indexing."""
import math
from typing import Any

import numpy as np


def dot(a, b):
    """The last axis of a against the last but one of b."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a*b
    return np.matmul(a, b) if np.ndim(b) < 3 else tensordot(a, b, (-1, -2))


def tensordot(a, b, axes=2):
    """One product of matrices: the summed axes last in a and first in b."""
    if np.ndim(axes) == 0:
        axes = range(np.ndim(a) - int(axes), np.ndim(a)), range(int(axes))
    of_a = [int(i) % np.ndim(a) for i in np.ravel(axes[0])]
    of_b = [int(i) % np.ndim(b) for i in np.ravel(axes[1])]
    summed, other = [np.shape(a)[i] for i in of_a], [np.shape(b)[i] for i in of_b]
    if summed != other:
        raise ValueError(f"tensordot: axes of lengths {summed} against {other}; needs the "
                         "same")
    free_a = [i for i in range(np.ndim(a)) if i not in of_a]
    free_b = [i for i in range(np.ndim(b)) if i not in of_b]
    rows, columns = [np.shape(a)[i] for i in free_a], [np.shape(b)[i] for i in free_b]
    k, m, n = map(math.prod, (summed, rows, columns))
    out = np.matmul(as_matrix(a, free_a + of_a, (m, k)),
                    as_matrix(b, of_b + free_b, (k, n)))
    return as_matrix(out, [0, 1], tuple(rows + columns))


def as_matrix(x, order, shape):
    """x with its axes in this order, in this shape; what is so already stays."""
    if order != sorted(order):
        x = np.transpose(x, order)
    return x if np.shape(x) == shape else np.reshape(x, shape)


def outer(a, b):
    """a_i b_j of all entries: shape (a.size, b.size)."""
    return np.expand_dims(np.ravel(a), 1)*np.ravel(b)


def inner(a, b):
    """The last axis of a against the last of b."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a*b
    return np.tensordot(a, b, (np.ndim(a) - 1, np.ndim(b) - 1))


def vdot(a, b, /):
    """The sum of the products of all entries, whatever the shapes."""
    return np.dot(np.ravel(a), np.ravel(b))


def vecdot(x1, x2, /, *, axis=-1):
    """Products of vectors along an axis; the other axes are broadcast."""
    if axis != -1:
        x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    return np.matmul(np.expand_dims(x1, -2), np.expand_dims(x2, -1))[..., 0, 0]


def matvec(x1, x2, /):
    """Matrices (..., m, n) times vectors (..., n)."""
    return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]


def vecmat(x1, x2, /):
    """Vectors (..., m) times matrices (..., m, n)."""
    return np.matmul(np.expand_dims(x1, -2), x2)[..., 0, :]


def kron(a, b):
    """Every entry of a times all of b, in blocks."""
    n = max(np.ndim(a), np.ndim(b))
    a_shape = (1,)*(n - np.ndim(a)) + np.shape(a)
    b_shape = (1,)*(n - np.ndim(b)) + np.shape(b)
    a = np.reshape(a, [k for m in a_shape for k in (m, 1)])
    b = np.reshape(b, [k for m in b_shape for k in (1, m)])
    return np.reshape(a*b, [i*j for i, j in zip(a_shape, b_shape)])


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """Of vectors of three entries."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"cross: came vectors of {a.shape[-1]} and {b.shape[-1]} entries, "
                         "needs 3; give plane vectors a third entry 0")
    after, before = [1, 2, 0], [2, 0, 1]
    out = a[..., after]*b[..., before] - a[..., before]*b[..., after]
    return np.moveaxis(out, -1, axisc)


def convolve(a, v, mode="full"):
    """out_k = sum_i a_i v_(k - i): a slides over v, which is padded with zeros."""
    if np.ndim(a) != 1 or np.ndim(v) != 1:
        raise ValueError(f"convolve: shapes {np.shape(a)} and {np.shape(v)}, needs vectors")
    if len(a) < len(v):
        a, v = v, a
    n, m = len(a), len(v)
    if not m:
        raise ValueError("convolve: an array is empty")
    windows = np.arange(n + m - 1)[:, None] + np.arange(m)
    full = np.pad(a, m - 1)[windows] @ np.flip(v)
    start, length = {"full": (0, n + m - 1), "same": ((m - 1)//2, n),
                     "valid": (m - 1, n - m + 1)}[mode]
    return full[start:start + length]


def correlate(a, v, mode="valid"):
    """out_k = sum_i a_(i + k) v_i: products with v in each position."""
    if len(a) < len(v):
        return np.flip(correlate(v, a, mode))
    return convolve(a, np.flip(v), mode)


COMPOSITES: dict[Any, Any] = {
    np.dot: dot, np.tensordot: tensordot, np.outer: outer, np.inner: inner,
    np.vdot: vdot, np.vecdot: vecdot, np.kron: kron, np.cross: cross,
    np.convolve: convolve, np.correlate: correlate,
}
for name, function in (("matvec", matvec), ("vecmat", vecmat)):     # NumPy 2.2
    if hasattr(np, name):
        COMPOSITES[getattr(np, name)] = function
