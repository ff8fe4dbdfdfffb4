"""Curves through points: interpolation, polynomials, phases without jumps."""
from typing import Any

import numpy as np

from minigrad.primitives.shapes import astype


def interp(x, xp, fp, left=None, right=None, period=None):
    """The broken line through the points (xp, fp) at x; the end values beyond its ends.

    At a point its slope is that of the piece to the right, at the last one to the left.
    """
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not np.size(xp):
        raise ValueError(f"interp: points of shapes {np.shape(xp)} and {np.shape(fp)}; "
                         "needs two vectors of one length, not empty")
    if period is not None:
        x, xp = np.remainder(x, abs(period)), np.remainder(xp, abs(period))
        order = np.argsort(xp, kind="stable")
        xp, fp = np.take(xp, order), np.take(fp, order)
        xp = np.concatenate([xp[-1:] - abs(period), xp, xp[:1] + abs(period)])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    n = np.size(xp)
    i = np.clip(np.searchsorted(xp, x, "right") - 1, 0, max(n - 2, 0))
    j = np.minimum(i + 1, n - 1)
    x0, y0, width = np.take(xp, i), np.take(fp, i), np.take(xp, j) - np.take(xp, i)
    slope = (np.take(fp, j) - y0)/np.where(width == 0, 1, width)
    out = y0 + slope*(np.clip(x, xp[0], xp[-1]) - x0)
    out = out if left is None else np.where(np.less(x, xp[0]), left, out)
    out = out if right is None else np.where(np.greater(x, xp[-1]), right, out)
    return astype(out, np.float64)                          # as NumPy's, whatever came


def vander(x, N=None, increasing=False):
    """The powers of a vector's entries in rows, the highest first."""
    if np.ndim(x) != 1:
        raise ValueError(f"vander: came {np.ndim(x)} axes, needs a vector")
    powers = np.arange(len(x) if N is None else N)
    return np.power(np.expand_dims(x, 1), powers if increasing else powers[::-1])


def polyval(p, x):
    """p[0]*x^(n-1) + ... + p[n-1], by Horner's rule."""
    p = p if hasattr(p, "dtype") else np.asarray(p)
    y = np.zeros_like(x)
    for i in range(len(p)):
        y = y*x + p[i]
    return y


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """The coefficients of the polynomial nearest to the points, the highest first."""
    if full or cov:
        raise ValueError("polyfit: full= and cov= have no derivative here; compute the "
                         "residuals from np.polyval(p, x)")
    x = x + 0.0
    weights = 1.0 if w is None else np.expand_dims(w, 1)
    left, right = vander(x, deg + 1)*weights, y if w is None else (y.T*w).T
    scale = np.sqrt(np.sum(left*left, axis=0))
    rcond = len(x)*np.finfo(x.dtype).eps if rcond is None else rcond
    return (np.linalg.lstsq(left/scale, right, rcond)[0].T/scale).T


def polyder(p, m=1):
    """The coefficients of the m-th derivative."""
    for _ in range(m):
        p = p[:-1]*np.arange(len(p) - 1, 0, -1)
    return p


def polyint(p, m=1, k=None):
    """The coefficients of the m-th integral; k are the constants of integration."""
    constants = np.zeros(m) if k is None else np.broadcast_to(k, m)
    for i in range(m):
        p = np.append(p/np.arange(len(p), 0, -1), constants[i])
    return p


def polyadd(a1, a2):
    """The coefficients of the sum, the highest first."""
    n = max(np.size(a1), np.size(a2))
    return np.pad(a1, (n - np.size(a1), 0)) + np.pad(a2, (n - np.size(a2), 0))


def polymul(a1, a2):
    """The coefficients of the product."""
    return np.convolve(*(np.trim_zeros(a, "f") for a in (a1, a2)))


def poly(seq_of_zeros):
    """The coefficients of the polynomial with these zeros, the highest first."""
    if np.ndim(seq_of_zeros) != 1:
        raise ValueError("poly: came a matrix, needs the vector of zeros; pass "
                         "np.linalg.eigvalsh(a) for a symmetric matrix")
    out = np.ones(1, np.mintypecode(seq_of_zeros.dtype.char))
    for i in range(len(seq_of_zeros)):
        out = np.convolve(out, np.concatenate([out[:1], -seq_of_zeros[i:i + 1]]))
    return out


def trim_zeros(filt, trim="fb", axis=None):
    """A vector without the zeros at its front ("f") or back ("b")."""
    if np.ndim(filt) != 1:
        raise ValueError(f"trim_zeros: came {np.ndim(filt)} axes, needs a vector")
    held = np.flatnonzero(filt)
    first = held[0] if len(held) and "f" in trim.lower() else 0
    last = held[-1] + 1 if len(held) and "b" in trim.lower() else len(filt)
    return filt[first:last if len(held) else 0]


def unwrap(p, discont=None, axis=-1, *, period=2*np.pi):
    """p with whole periods added so that neighbours differ by at most half of one."""
    p = np.moveaxis(p, axis, -1)
    d, half = np.diff(p), period/2
    turned = np.remainder(d + half, period) - half
    turned = np.where(np.equal(turned, -half) & np.greater(d, 0), half, turned)
    small = np.less(np.abs(d), half if discont is None else max(discont, half))
    added = np.cumsum(np.where(small, 0, turned - d), axis=-1)
    return np.moveaxis(np.concatenate([p[..., :1], p[..., 1:] + added], -1), -1, axis)


COMPOSITES: dict[Any, Any] = {
    np.interp: interp, np.vander: vander, np.polyval: polyval, np.polyfit: polyfit,
    np.polyder: polyder, np.polyint: polyint, np.polyadd: polyadd, np.polymul: polymul,
    np.polysub: lambda a1, a2: polyadd(a1, -a2), np.poly: poly, np.unwrap: unwrap,
    np.trim_zeros: trim_zeros,
}
