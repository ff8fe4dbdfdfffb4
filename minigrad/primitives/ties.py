"""The largest entry, where the first of several gets the gradient.

Theorem: off the ties the VJP is the derivative. At a tie the first entry gets all, as in
PyTorch's pooling, whereas np.max shares it.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.masking import zeroed


@primitive
def first_max(x):
    """The largest entries along axis 1; NaN passes."""
    return x.max(axis=1)


def first_place(x):
    """Where along axis 1 the largest entry stands first, or the last NaN."""
    kind = np.min_scalar_type(-np.shape(x)[1]).type     # small numbers are quick
    best = x[:, 0]
    place = (best < best)*kind(0)
    for i in range(1, np.shape(x)[1]):
        here = x[:, i]
        place = np.maximum(place, ((here > best) | (here != here))*kind(i))
        best = np.maximum(best, here)
    return place


def first_max_vjp(g, y, x):
    """The first of the largest gets the cotangent."""
    n, place = np.shape(x)[1], np.expand_dims(first_place(x), 1)
    order = np.reshape(np.arange(n, dtype=place.dtype), (n,) + (1,)*(np.ndim(x) - 2))
    return zeroed(np.expand_dims(g, 1), place != order)


VJPS: dict = {
    first_max: (first_max_vjp,),
}
