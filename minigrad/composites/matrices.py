"""np.linalg in terms of linalg.py: functions with several results, norms, short forms."""
import functools
import math
from collections import namedtuple
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from minigrad.composites.bilinear import vecdot
from minigrad.primitives.linalg import (
    eigh_rows, p_norm, qr_rows, signed_logdet, svd_rows)


SlogdetResult = namedtuple("SlogdetResult", "sign logabsdet")
EighResult = namedtuple("EighResult", "eigenvalues eigenvectors")       # in columns
SVDResult = namedtuple("SVDResult", "U S Vh")
QRResult = namedtuple("QRResult", "Q R")


def slogdet(a):
    """The sign and the logarithm of the size of the determinants of (..., n, n)."""
    both = signed_logdet(a)
    return SlogdetResult(both[..., 0], both[..., 1])


def eigh(a, UPLO="L"):
    """Eigenvalues in rising order, (..., n), and vectors of symmetric matrices."""
    rows = eigh_rows(a, UPLO)
    return EighResult(rows[..., 0, :], rows[..., 1:, :])


def eigvalsh(a, UPLO="L"):
    """The eigenvalues of symmetric matrices (..., n, n), in rising order."""
    return eigh(a, UPLO).eigenvalues


def svd(a, full_matrices=True, compute_uv=True):
    """U, S, Vh of matrices (..., m, n) with a = U diag(S) Vh; of S alone if asked."""
    m, n = np.shape(a)[-2:]
    rows = svd_rows(a)
    values = rows[..., m, :]
    if not compute_uv:
        return values
    if full_matrices and m != n:
        raise ValueError(f"svd: of a {m} by {n} matrix the last vectors are not determined "
                         "and have no derivative; pass full_matrices=False")
    return SVDResult(rows[..., :m, :], values, np.swapaxes(rows[..., m + 1:, :], -1, -2))


def svdvals(x):
    """The singular values of (..., m, n), in falling order."""
    return svd(x, compute_uv=False)


def qr(a, mode="reduced"):
    """Q and R of matrices (..., m, n) with a = Q R, k = min(m, n) columns in Q; or R."""
    m, n = np.shape(a)[-2:]
    if mode not in ("reduced", "complete", "r") or mode == "complete" and m > n:
        raise ValueError(f"qr: mode={mode!r} of a {m} by {n} matrix has no derivative; pass"
                         " mode='reduced' or 'r'")
    rows = qr_rows(a[..., :m])
    q, r = rows[..., :m, :], rows[..., m:, :]
    if n > m:                                       # the first m columns decide Q
        r = np.concatenate([r, np.swapaxes(q, -1, -2) @ a[..., m:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)


def lstsq(a, b, rcond=None):
    """x with the least |b - a x|, the sums of squares left, the rank, singular values."""
    m, n = np.shape(a)
    rcond = max(m, n)*np.finfo(a.dtype).eps if rcond is None else rcond
    x, values = np.linalg.pinv(a, rcond) @ b, svdvals(a)
    rank = np.count_nonzero(values > rcond*np.max(values))
    left = np.atleast_1d(np.sum((b - a @ x)**2, axis=0))
    return x, left if rank == n < m else left[:0], rank, values


def cond(x, p=None):
    """The norm of x times that of its inverse, for p None or 2 of singular values."""
    if p in (None, 2, -2):
        values = svdvals(x)
        ends = values[..., 0], values[..., -1]
        return ends[1]/ends[0] if p == -2 else ends[0]/ends[1]
    return of_matrices(x, p, (-2, -1), False)*of_matrices(
        np.linalg.inv(x), p, (-2, -1), False)


def tensorsolve(a, b, axes=None):
    """x with tensordot(a, x, x.ndim) = b; `axes` of a are moved to its end first."""
    if axes is not None:
        a = np.moveaxis(a, axes, range(np.ndim(a) - len(axes), np.ndim(a)))
    shape = np.shape(a)[np.ndim(b):]
    return np.reshape(np.linalg.solve(np.reshape(a, (np.size(b), -1)), np.ravel(b)), shape)


def tensorinv(a, ind=2):
    """The inverse for tensordot over the first `ind` axes."""
    first, last = np.shape(a)[:ind], np.shape(a)[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(first), -1))), last + first)


def matrix_power(a, n):
    """By squaring: a^n = (a^2)^(n/2), times a where n is odd."""
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.zeros_like(a) + np.eye(np.shape(a)[-1], dtype=a.dtype)
    if n == 1:
        return a
    half = matrix_power(a @ a, n//2)
    return half @ a if n % 2 else half


def multi_dot(arrays):
    """The product of several matrices, from the left."""
    return functools.reduce(np.dot, arrays)


# --- norms ------------------------------------------------------------------------------
def of_vectors(x, ord, axis, keepdims):
    """The norm of order `ord` along one axis, or over several as one vector."""
    size = np.abs(x)
    if ord in (None, 2):
        return p_norm(x, 2, axis, keepdims)
    if ord == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(np.sign(size), axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm: order {ord!r} is for matrices; vectors need a number")
    return p_norm(x, ord, axis, keepdims)


def of_matrices(x, ord, axes, keepdims):
    """The norm of order `ord` of the matrices in two axes."""
    row, column = normalize_axis_tuple(axes, np.ndim(x))
    if ord in (None, "fro"):
        return p_norm(x, 2, (row, column), keepdims)
    if ord in ("nuc", 2, -2):
        values = svdvals(np.moveaxis(x, (row, column), (-2, -1)))
        out = {"nuc": np.sum, 2: np.max, -2: np.min}[ord](values, axis=-1)
    elif ord in (1, -1, np.inf, -np.inf):
        summed, other = (row, column) if abs(ord) == 1 else (column, row)
        sums = np.sum(np.abs(x), axis=summed, keepdims=True)
        pick = np.max if ord > 0 else np.min
        out = np.squeeze(pick(sums, axis=other, keepdims=True), (row, column))
    else:
        raise ValueError(f"norm: order {ord!r} of a matrix; needs None, 'fro', 'nuc', 1, "
                         "-1, 2, -2, inf or -inf")
    return np.expand_dims(out, (row, column)) if keepdims else out


def norm(x, ord=None, axis=None, keepdims=False):
    """np.linalg.norm: of all entries, of vectors along an axis, of matrices in two."""
    if axis is None and ord is None:
        return p_norm(x, 2, None, keepdims)
    axes = tuple(range(np.ndim(x))) if axis is None else normalize_axis_tuple(
        axis, np.ndim(x))
    if len(axes) == 1:
        return of_vectors(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return of_matrices(x, ord, axes, keepdims)
    raise ValueError(f"norm: order {ord!r} over {len(axes)} axes; needs 1 or 2 axes")


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    """np.linalg.vector_norm: over all entries, or along axes as one vector."""
    axes = tuple(range(np.ndim(x))) if axis is None else axis
    return of_vectors(x, ord, axes, keepdims)


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    """np.linalg.matrix_norm: of the matrices in the last two axes."""
    return of_matrices(x, ord, (-2, -1), keepdims)


COMPOSITES: dict[Any, Any] = {
    np.linalg.slogdet: slogdet, np.linalg.eigh: eigh, np.linalg.eigvalsh: eigvalsh,
    np.linalg.svd: svd, np.linalg.svdvals: svdvals, np.linalg.qr: qr,
    np.linalg.lstsq: lstsq, np.linalg.cond: cond, np.linalg.tensorsolve: tensorsolve,
    np.linalg.tensorinv: tensorinv,
    np.linalg.matrix_power: matrix_power, np.linalg.multi_dot: multi_dot,
    np.linalg.norm: norm, np.linalg.vector_norm: vector_norm,
    np.linalg.matrix_norm: matrix_norm,
    np.linalg.trace: lambda x, /, *, offset=0, dtype=None: np.trace(
        x, offset, -2, -1, dtype),
    np.linalg.diagonal: lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1),
    np.linalg.matrix_transpose: lambda x, /: np.swapaxes(x, -2, -1),
    np.linalg.outer: lambda x1, x2, /: np.outer(x1, x2),
    np.linalg.matmul: lambda x1, x2, /: np.matmul(x1, x2),
    np.linalg.tensordot: lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes),
    np.linalg.vecdot: lambda x1, x2, /, *, axis=-1: vecdot(x1, x2, axis=axis),
    np.linalg.cross: lambda x1, x2, /, *, axis=-1: np.cross(x1, x2, axis=axis),
}
