"""The largest entry, where the first of several gets the gradient.

Theorem: off the ties the VJP is the derivative. At a tie the first entry gets all, as in
PyTorch's pooling, whereas np.max shares it.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive


@primitive
def first_max(x):
    """The largest entries along axis 1; NaN passes."""
    return x.max(axis=1)


def first_place(x):
    """Where along axis 1 the largest entry stands first, or the last NaN."""
    best = x[:, 0]
    place = best < best                     # 0 everywhere
    for i in range(1, np.shape(x)[1]):
        here = x[:, i]
        place = np.where((here > best) | (here != here), np.int32(i), place)
        best = np.maximum(best, here)
    return place


def first_max_vjp(g, y, x):
    """The first of the largest gets the cotangent."""
    n = np.shape(x)[1]
    order = np.reshape(np.arange(n, dtype=np.int32), (n,) + (1,)*(np.ndim(x) - 2))
    chosen = np.expand_dims(first_place(x), 1) == order
    return np.where(chosen, np.expand_dims(g, 1), 0)


VJPS: dict = {
    first_max: (first_max_vjp,),
}
