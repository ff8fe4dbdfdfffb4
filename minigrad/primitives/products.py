"""Products along an axis, whose VJPs must not divide: entries may be 0.

Theorem: VJP = g * d(function)/dx, by SymPy, and it holds at zeros too because nothing is
divided. All steps are products and sums, so every higher derivative is right as well.
"""
import math

import numpy as np

from minigrad.primitives.linear import sum_vjp
from minigrad.primitives.shapes import concatenate


def product_of_others(x):
    """For each entry along the last axis, the product of all the others.

    Multiply in pairs; the others of an entry are its partner and the others of its pair.
    """
    n = np.shape(x)[-1]
    if n <= 1:
        return np.ones_like(x)
    if n % 2:
        x = concatenate(x, np.ones_like(x[..., :1]), axis=-1)
    pairs = np.reshape(x, (*np.shape(x)[:-1], -1, 2))
    above = product_of_others(pairs[..., 0]*pairs[..., 1])
    partner = np.flip(pairs, -1)
    return np.reshape(partner*np.expand_dims(above, -1), np.shape(x))[..., :n]


def prod_vjp(g, y, x, axis=None, dtype=None, keepdims=False):
    """An entry gets g times the product of the others."""
    ndim = np.ndim(x)
    axes = [i % ndim for i in (range(ndim) if axis is None else np.ravel(axis))]
    order = [i for i in range(ndim) if i not in axes] + axes
    ordered = np.transpose(x, order)
    length = math.prod(np.shape(x)[i] for i in axes)
    flat = np.reshape(ordered, (*np.shape(ordered)[:ndim - len(axes)], length))
    slope = np.reshape(product_of_others(flat), np.shape(ordered))
    return sum_vjp(g, y, x, axis, dtype, keepdims)*np.transpose(slope, np.argsort(order))


def cumprod_vjp(g, y, x, axis=None, dtype=None):
    """x_i gets the product before it, times h_i = g_i + x_(i+1) h_(i+1).

    The recurrence for h is run in log2(n) rounds: after each, a round reaches twice as far.
    """
    if axis is None:
        return np.reshape(cumprod_vjp(g, y, np.reshape(x, -1), 0), np.shape(x))
    g, y, x = (np.moveaxis(a, axis, -1) for a in (g, y, x))
    n = np.shape(x)[-1]
    if not n:
        return np.moveaxis(x, -1, axis)
    h, factor = g, later(x, 1)
    reach = 1
    while reach < n:
        h = h + factor*later(h, reach)
        factor = factor*later(factor, reach)
        reach *= 2
    before = concatenate(np.ones_like(y[..., :1]), y[..., :-1], axis=-1)
    return np.moveaxis(before*h, -1, axis)


def later(x, steps):
    """x moved `steps` towards the start of the last axis, filled up with zeros."""
    return concatenate(x[..., steps:], np.zeros_like(x[..., :steps]), axis=-1)


VJPS: dict = {
    np.prod:    (prod_vjp,),
    np.cumprod: (cumprod_vjp,),
}
