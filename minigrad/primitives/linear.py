"""Sums and products: functions that are linear in each argument.

The VJP of a linear map L is its adjoint, and that is also the theorem proved for each
line: <g, L x> = <L^T g, x>, in each argument, on arrays of symbols.
"""
import functools

import numpy as np

from minigrad.primitives.contraction import einsum_vjp
from minigrad.primitives.dispatch import primitive


def unbroadcast(g, shape):
    """Sum g over the axes along which an array of this shape was broadcast."""
    extra = g.ndim - len(shape)
    if g.shape[extra:] == shape:            # as a layer's bias
        return np.add.reduce(g, axis=(*range(extra),))      # quicker than g.sum
    stretched = [extra + i for i, n in enumerate(shape)
                 if n == 1 and g.shape[extra + i] != 1]
    out = g.sum(axis=(*range(extra), *stretched))
    return out if out.shape == shape else out.reshape(shape)


def is_stretched(shape, wide):
    """Whether an array of the first shape can be broadcast to the second."""
    ends = zip(shape[::-1], wide[::-1])
    return len(shape) <= len(wide) and all(m in (1, n) for m, n in ends)


def sum_vjp(g, y, x, axis=None, dtype=None, keepdims=False):
    """Every summand gets the cotangent of its sum."""
    if axis is not None and not keepdims and np.ndim(x):
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, np.shape(x))


def cumsum_vjp(g, y, x, axis=None, dtype=None):
    """x_i enters every partial sum from the i-th on."""
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(g))), np.shape(x))
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def transposed(x):
    """The matrices in the last two axes, transposed."""
    return np.swapaxes(x, -1, -2)


def matmul_left(g, y, a, b):
    """g b^T, where an argument of one axis counts as a row (left) or a column (right)."""
    if np.ndim(b) == 1:
        return (np.expand_dims(g, -1) if np.ndim(a) > 1 else g)*b
    if np.ndim(a) == 1:
        return np.matmul(b, np.expand_dims(g, -1))[..., 0]
    return np.matmul(g, transposed(b))


def matmul_right(g, y, a, b):
    """a^T g, likewise."""
    if np.ndim(b) == 1:
        return g*a if np.ndim(a) == 1 else np.matmul(np.expand_dims(g, -2), a)[..., 0, :]
    if np.ndim(a) == 1:
        return np.expand_dims(a, -1)*np.expand_dims(g, -2)
    return np.matmul(transposed(a), g)


@primitive
def affine(x, weight, bias=None):
    """x weight^T + bias: what a layer of a network does to its inputs, the rows of x."""
    product = x @ weight.T
    return product if bias is None else product + bias


def affine_weight(g, y, x, weight, bias=None):
    """g^T x; for one row x the products of their entries."""
    if g.ndim == 1:
        return np.expand_dims(g, -1)*x
    return np.matmul(g.swapaxes(-1, -2), x)


class Each:
    """VJPs of a function of any number of arrays: entry i is vjp(i, g, y, *args)."""

    def __init__(self, vjp):
        self.vjp = vjp

    @functools.cache                    # check_arguments remembers functions: not ever new
    def __getitem__(self, i):
        return lambda *args, **kwargs: self.vjp(i, *args, **kwargs)


VJPS: dict = {
    np.sum:    (sum_vjp,),
    np.cumsum: (cumsum_vjp,),
    np.matmul: (matmul_left, matmul_right),
    affine:    (lambda g, y, x, weight, bias=None: np.matmul(g, weight),
                affine_weight,                  lambda g, y, x, weight, bias=None: g),
    np.einsum: Each(einsum_vjp),
    np.tril:   (lambda g, y, m, k=0: np.tril(g, k),),
    np.triu:   (lambda g, y, m, k=0: np.triu(g, k),),
}
