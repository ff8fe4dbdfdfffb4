"""Inverses, determinants, eigenvalues, singular values, norms.

Theorem: each VJP is the adjoint of the differential of the defining equation (A X = I,
A V = V diag(w), L L^T = A, ...). Conventions:

- cholesky and eigh read one triangle of the matrix, and only it gets a cotangent.
- Where eigenvalues or singular values are equal, their vectors are not determined by the
  matrix: a cotangent on them raises. The values alone are fine.
- pinv jumps where the rank falls, so a matrix of less than full rank raises; Q of qr is
  not determined there, and raises too.
- The slope of a norm at 0 is 0.

np.linalg.eigh, svd, qr and slogdet have several results; composites/matrices.py cuts them
from one array, which is made here.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.elementwise import quotient
from minigrad.primitives.linear import sum_vjp, transposed


def stretch(g):
    """One number for each matrix, as an array that multiplies the matrices."""
    return np.expand_dims(g, (-2, -1))


def diagonal_mask(n):
    """Where i = j in an n by n matrix."""
    return np.eye(n, dtype=bool)


# --- inverses ---------------------------------------------------------------------------
def inv_vjp(g, y, a):
    """A X = I gives dX = -X dA X."""
    return -transposed(y) @ g @ transposed(y)


def solve_left(g, y, a, b):
    """A x = b gives A dx = db - dA x."""
    back = np.linalg.solve(transposed(a), np.expand_dims(g, -1) if np.ndim(b) == 1 else g)
    return -back @ (np.expand_dims(y, -2) if np.ndim(b) == 1 else transposed(y))


def solve_right(g, y, a, b):
    """A^-T g: the cotangent of the right side."""
    if np.ndim(b) == 1:
        return np.linalg.solve(transposed(a), np.expand_dims(g, -1))[..., 0]
    return np.linalg.solve(transposed(a), g)


def pinv_vjp(g, y, a, rcond=None, hermitian=False, *, rtol=None):
    """dP = -P dA P + P P^T dA^T (I - A P) + (I - P A) dA^T P^T P, at constant rank."""
    rank = min(np.shape(a)[-2:])
    if a.dtype.kind == "f" and np.any(np.linalg.matrix_rank(y) < rank):
        raise ValueError(f"pinv: a matrix of shape {np.shape(a)[-2:]} has a rank below "
                         f"{rank}, where pinv jumps and has no derivative; add a multiple "
                         "of the identity and use np.linalg.solve")
    gt, yt = transposed(g), transposed(y)
    left, right = gt @ y @ yt, yt @ y @ gt
    return -yt @ g @ yt + (left - a @ y @ left) + (right - right @ y @ a)


# --- determinants -----------------------------------------------------------------------
def minors(a):
    """Determinants of a without row i and column j, for all i and j."""
    n = np.shape(a)[-1]
    rest = np.array([[k for k in range(n) if k != i] for i in range(n)], int)
    rest = np.reshape(rest, (n, n - 1))
    return np.linalg.det(a[..., rest[:, None, :, None], rest[None, :, None, :]])


def nearly_singular(a):
    """Whether inv(a) would lose half of the digits; a matrix of symbols is general."""
    if a.dtype.kind != "f":
        return False
    ranks = np.linalg.matrix_rank(a, rtol=np.finfo(a.dtype).eps**0.5)
    return np.any(ranks < np.shape(a)[-1])


def cofactors(a, det):
    """d det(A)/dA = det(A) inv(A)^T; where A is singular, or nearly, from the minors."""
    n = np.shape(a)[-1]
    if not np.size(a):
        return np.zeros_like(a)
    if n <= 3 or nearly_singular(a):
        even = np.sum(np.indices((n, n)), axis=0) % 2 == 0
        return np.where(even, minors(a), -minors(a))
    return stretch(det)*transposed(np.linalg.inv(a))


@primitive
def signed_logdet(a):
    """The two results of slogdet, sign and logarithm, along a last axis."""
    return np.stack(np.linalg.slogdet(a), axis=-1)


def signed_logdet_vjp(g, y, a):
    """d log|det A| = trace(inv(A) dA); the sign is constant."""
    return stretch(g[..., 1])*transposed(np.linalg.inv(a))


# --- eigenvalues and singular values ----------------------------------------------------
def ties(values):
    """Which pairs of different positions have values equal up to rounding.

    The symbols of a formula stand for different values.
    """
    n = np.shape(values)[-1]
    if values.dtype.kind != "f" or n == 0:
        return np.zeros((n, n), bool)
    values = np.expand_dims(values, -2)
    size = np.max(np.abs(values), axis=-1, keepdims=True)
    close = np.abs(values - transposed(values)) <= 10*n*np.finfo(values.dtype).eps*size
    return close & ~diagonal_mask(n)


def over_gaps(turn, values, tied, name):
    """(turn_ij - turn_ji)/(values_j - values_i), and 0 on the diagonal.

    Raises where values tie and turn, what the cotangent says of their vectors, is not 0.
    """
    if np.any(tied):
        size = np.max(np.abs(turn), axis=(-2, -1), keepdims=True)
        if np.any(tied & (np.abs(turn) > 1e3*np.finfo(turn.dtype).eps*size)):
            raise ValueError(f"{name}: some values are equal, so the matrix does not "
                             "determine their vectors, which have no derivative; use the "
                             "values alone")
    same = tied | diagonal_mask(np.shape(values)[-1])
    values = np.expand_dims(values, -2)
    gap = values - transposed(values)
    return np.where(same, 0, turn - transposed(turn))/np.where(same, 1, gap)


def on_diagonal(values):
    """The matrices with these values on the diagonal, 0 elsewhere."""
    return np.where(diagonal_mask(np.shape(values)[-1]), np.expand_dims(values, -2), 0)


def in_triangle(full, UPLO="L"):
    """The cotangent of a symmetric matrix of which one triangle is read."""
    both = full + transposed(full)
    one = np.tril(both) if UPLO.upper() == "L" else np.triu(both)
    return np.where(diagonal_mask(np.shape(full)[-1]), full, one)


@primitive
def eigh_rows(a, UPLO="L"):
    """The results of eigh in one array: the eigenvalues as a row above the vectors."""
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([np.expand_dims(w, -2), v], axis=-2)


def eigh_vjp(g, y, a, UPLO="L"):
    """With B = V^T dA V: dw_i = B_ii, and dV = V C where C_ij = B_ij/(w_j - w_i)."""
    w, v = y[..., 0, :], y[..., 1:, :]
    turn = transposed(v) @ g[..., 1:, :]
    inner = on_diagonal(g[..., 0, :]) + over_gaps(turn, w, ties(w), "eigh")/2
    return in_triangle(v @ inner @ transposed(v), UPLO)


@primitive
def svd_rows(a):
    """The results of the short svd in one array: U above s above V, K columns each."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, np.expand_dims(s, -2), transposed(vh)], axis=-2)


def svd_vjp(g, y, a):
    """With P = U^T dA V: ds_i = P_ii; inside the spans of U and V, dU = U C and dV = V D,
    C_ij = (P_ij s_j + s_i P_ji)/(s_j^2 - s_i^2), D_ij = (s_i P_ij + P_ji s_j)/(the same);
    outside them, dU = (I - U U^T) dA V/s and dV = (I - V V^T) dA^T U/s."""
    m, n = np.shape(a)[-2:]
    u, s, v = y[..., :m, :], y[..., m, :], y[..., m + 1:, :]
    gu, gs, gv = g[..., :m, :], g[..., m, :], g[..., m + 1:, :]
    tied = ties(s)
    turn_u, turn_v = transposed(u) @ gu, transposed(v) @ gv
    c, d = over_gaps(turn_u, s**2, tied, "svd"), over_gaps(turn_v, s**2, tied, "svd")
    row = np.expand_dims(s, -2)
    inner = on_diagonal(gs) + c*row + transposed(row)*d
    out = u @ inner @ transposed(v)
    if m > n:
        out = out + divided(gu - u @ turn_u, row) @ transposed(v)
    if n > m:
        out = out + u @ transposed(divided(gv - v @ turn_v, row))
    return out


def divided(g, s):
    """g/s, where 0/0 = 0: at s = 0 the vectors are not determined."""
    zero = (s == 0) & (g == 0)
    if g.dtype.kind == "f" and np.any((s == 0) & ~zero):
        raise ValueError("svd: a singular value is 0, so its vectors are not determined "
                         "and have no derivative; use the values alone")
    return np.where(zero, 0, g)/np.where(zero, 1, s)


@primitive
def qr_rows(a):
    """The results of qr in one array: Q above R; for no more columns than rows."""
    return np.concatenate(np.linalg.qr(a), axis=-2)


def qr_vjp(g, y, a):
    """dA = dQ R + Q dR with Q^T dQ skew gives (gQ + Q sym(tril(R gR^T - gQ^T Q))) R^-T,
    where sym mirrors the triangle below the diagonal."""
    m, n = np.shape(a)[-2:]
    q, r, gq, gr = y[..., :m, :], y[..., m:, :], g[..., :m, :], g[..., m:, :]
    if a.dtype.kind == "f" and np.any(np.linalg.matrix_rank(r) < n):
        raise ValueError(f"qr: a matrix of shape {(m, n)} has a rank below {n}, so Q is "
                         "not determined and has no derivative")
    low = np.tril(r @ transposed(gr) - transposed(gq) @ q)
    full = gq + q @ (low + transposed(np.tril(low, -1)))
    return transposed(np.linalg.solve(r, transposed(full)))


def cholesky_vjp(g, y, a, *, upper=False):
    """A = L L^T gives dL = L half(L^-1 dA L^-T): the lower triangle, half the diagonal."""
    if upper:
        return transposed(cholesky_vjp(transposed(g), transposed(y), a))
    lt = transposed(y)
    part = lt @ np.tril(g)
    half = np.where(diagonal_mask(np.shape(a)[-1]), part/2, np.tril(part))
    full = np.linalg.solve(lt, transposed(np.linalg.solve(lt, transposed(half))))
    return in_triangle(full)


# --- norms ------------------------------------------------------------------------------
@primitive
def p_norm(x, p, axis=None, keepdims=False):
    """sum(|x|^p)^(1/p) over one or more axes."""
    if p == 2:
        return np.sqrt(np.sum(x*x, axis=axis, keepdims=keepdims))
    return np.sum(np.abs(x)**p, axis=axis, keepdims=keepdims)**(1/p)


def p_norm_vjp(g, y, x, p, axis=None, keepdims=False):
    """sign(x) (|x|/y)^(p - 1), and 0 where the norm is 0."""
    g, y = (sum_vjp(a, None, x, axis, None, keepdims) for a in (g, y))
    ratio = quotient(x, y)
    if p == 2:
        return g*ratio
    kink = ratio == 0
    return g*np.where(kink, 0, np.sign(ratio)*np.abs(np.where(kink, 1, ratio))**(p - 1))


VJPS: dict = {
    np.linalg.inv:      (inv_vjp,),
    np.linalg.pinv:     (pinv_vjp,),
    np.linalg.solve:    (solve_left, solve_right),
    np.linalg.det:      (lambda g, y, a: stretch(g)*cofactors(a, y),),
    signed_logdet:      (signed_logdet_vjp,),
    eigh_rows:          (eigh_vjp,),
    svd_rows:           (svd_vjp,),
    qr_rows:            (qr_vjp,),
    np.linalg.cholesky: (cholesky_vjp,),
    p_norm:             (p_norm_vjp,),
}
