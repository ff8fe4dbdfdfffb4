"""Functions that pick entries: where, maximum, max, sort.

Theorem: off the ties the VJP is the derivative. At a tie, by convention, the candidates
share the cotangent equally, so that d max(x, x)/dx = 1; the slope of relu at 0 is 0.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.linear import sum_vjp
from minigrad.primitives.masking import zeroed
from minigrad.primitives.shapes import scatter


def share(g, y, mine, other):
    """The part of g that goes to `mine` where y is one of the two: 1, 0, or half of it."""
    return np.where(mine == other, g/2, np.where(y == mine, g, 0))


@primitive
def relu(x):
    """max(x, 0), with slope 0 at 0; NaN stays NaN, and -0 becomes 0."""
    return np.maximum(x, 0) + 0


def extremum_vjp(g, y, x, axis=None, keepdims=False):
    """max and min: equal shares to the entries that attain it."""
    hit = x == sum_vjp(y, None, x, axis, None, keepdims)
    portion = 1/np.sum(hit, axis=axis, keepdims=True)       # float16 cannot count to 2049
    g = sum_vjp(g, None, x, axis, None, keepdims)
    return np.where(hit, g, 0)*portion.astype(g.dtype)


def clip_bound(g, y, mine, x):
    """A bound gets the cotangent of the entries that it replaced."""
    return np.where((y == mine) & (x != mine), g, 0)


def clip_vjp(g, y, x, a_min=None, a_max=None):
    """Entries inside the bounds, or on them, keep their cotangent."""
    above = True if a_min is None else x >= a_min
    below = True if a_max is None else x <= a_max
    return np.where(above & below, g, 0)


def order_of(x, axis):
    """Indices that sort x along axis, as an index for x."""
    index = list(np.ogrid[tuple(slice(n) for n in np.shape(x))])
    index[axis] = np.argsort(x, axis=axis, kind="stable")
    return tuple(index)


def sort_vjp(g, y, x, axis=-1, kind=None, order=None, *, stable=None):
    """Cotangents go back to where their entries came from."""
    if axis is None:
        return np.reshape(scatter(g, np.argsort(x, axis=None, kind="stable"),
                                  (np.size(x),)), np.shape(x))
    return scatter(g, order_of(x, axis), np.shape(x))


def partition_vjp(g, y, x, kth, axis=-1):
    """The k-th smallest entry of y is the k-th smallest of x."""
    if axis is None:
        return np.reshape(partition_vjp(g, y, np.reshape(x, -1), kth), np.shape(x))
    index = list(order_of(x, axis))
    rank = np.argsort(order_of(y, axis)[axis], axis=axis)
    index[axis] = np.take_along_axis(index[axis], rank, axis=axis)
    return scatter(g, tuple(index), np.shape(x))


VJPS: dict = {
    np.where:   (None, lambda g, y, c, a, b: zeroed(g, np.logical_not(c)),
                 lambda g, y, c, a, b: zeroed(g, np.logical_or(c, False))),
    relu:       (lambda g, y, x: zeroed(g, x <= 0),),
    **dict.fromkeys((np.maximum, np.minimum, np.fmax, np.fmin),
                    (share, lambda g, y, a, b: share(g, y, b, a))),
    **dict.fromkeys((np.max, np.min, np.amax, np.amin), (extremum_vjp,)),
    np.clip:    (clip_vjp,
                 lambda g, y, x, a_min=None, a_max=None: clip_bound(g, y, a_min, x),
                 lambda g, y, x, a_min=None, a_max=None: clip_bound(g, y, a_max, x)),
    np.sort:    (sort_vjp,),
    np.partition: (partition_vjp,),
}
