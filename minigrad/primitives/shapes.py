"""Functions that move entries about: reshape, transpose, index, join, cut.

Each is linear, and its VJP moves the cotangents back. Theorem: <g, L x> = <L^T g, x>.
"""
import math

import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.linear import Each, unbroadcast


def is_repeating(index):
    """Whether an index may name an entry twice: only whole-number arrays can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(p, (list, np.ndarray)) and np.asarray(p).dtype != bool
               for p in parts)


def names_rows(index, shape):
    """Whether an index is an array of whole numbers, which name rows of this shape."""
    return (isinstance(index, np.ndarray) and index.dtype.kind in "iu" and len(shape) > 1
            and shape[0] > 0)


def entries_of(index, shape):
    """The entries of the rows that an index names, as places in the flat array, which
    NumPy adds to in a fifth of the time."""
    width = math.prod(shape[1:])
    rows = np.expand_dims(index.astype(np.intp) % shape[0], -1)
    return np.reshape(rows*width + np.arange(width), -1)


@primitive
def getitem(x, index):
    """x[index], as a function."""
    return x[index]


@primitive
def scatter(g, index, shape):
    """Zeros of this shape to which g is added at index: the adjoint of x[index]."""
    if names_rows(index, shape):
        flat = scatter(np.reshape(g, -1), entries_of(index, shape), (math.prod(shape),))
        return np.reshape(flat, shape)
    out = np.zeros(shape, np.asarray(g).dtype)
    if is_repeating(index):
        np.add.at(out, index, g)
    else:
        out[index] = g
    return out


@primitive
def replaced(x, places, values):
    """x with these values at places, counted row by row, each named once."""
    out = np.array(x)
    out.put(places, values)
    return out


@primitive
def astype(x, dtype):
    """x in another precision."""
    return np.asarray(x).astype(dtype)


@primitive
def copy(x, order="K"):
    """The same values in memory of their own."""
    return np.array(x, order=order)


@primitive
def concatenate(*arrays, axis=0):
    """np.concatenate, its arrays as arguments."""
    return np.concatenate(arrays, axis)


def concatenate_vjp(i, g, y, *arrays, axis=0):
    """Array i gets its own stretch of the cotangent."""
    if axis is None:
        start = sum(np.size(a) for a in arrays[:i])
        return np.reshape(g[start:start + np.size(arrays[i])], np.shape(arrays[i]))
    axis %= np.ndim(g)
    start = sum(np.shape(a)[axis] for a in arrays[:i])
    here = slice(start, start + np.shape(arrays[i])[axis])
    return g[(slice(None),)*axis + (here,)]


def reshape_vjp(g, y, x, shape, order="C"):
    """The cotangent in the shape of x."""
    if order not in ("C", "F"):
        raise ValueError(f"reshape: order={order!r} depends on how memory is laid out and "
                         "has no derivative here; use order='C' or 'F'")
    return np.reshape(g, np.shape(x), order=order)


def transpose_vjp(g, y, x, axes=None):
    """The axes back in their order."""
    return np.transpose(g, None if axes is None else np.argsort(np.mod(axes, g.ndim)))


def roll_vjp(g, y, x, shift, axis=None):
    """Rolled back."""
    return np.roll(g, tuple(-s for s in shift) if np.ndim(shift) else -shift, axis)


VJPS: dict = {
    getitem:         (lambda g, y, x, index: scatter(g, index, np.shape(x)),),
    scatter:         (lambda g, y, x, index, shape: g[index],),
    replaced:        (lambda g, y, x, places, values: replaced(g, places, 0), None,
                      lambda g, y, x, places, values: np.reshape(
                          np.reshape(g, -1)[places], np.shape(values))),
    astype:          (lambda g, y, x, dtype: g,),
    copy:            (lambda g, y, x, order="K": g,),
    concatenate:     Each(concatenate_vjp),
    np.reshape:      (reshape_vjp,),
    np.ravel:        (lambda g, y, x, order="C": reshape_vjp(g, y, x, None, order),),
    np.squeeze:      (lambda g, y, x, axis=None: np.reshape(g, np.shape(x)),),
    np.expand_dims:  (lambda g, y, x, axis: np.reshape(g, np.shape(x)),),
    np.broadcast_to: (lambda g, y, x, shape, *_: unbroadcast(g, np.shape(x)),),
    np.transpose:    (transpose_vjp,),
    np.swapaxes:     (lambda g, y, x, axis1, axis2: np.swapaxes(g, axis1, axis2),),
    np.moveaxis:     (lambda g, y, x, source, destination:
                      np.moveaxis(g, destination, source),),
    np.flip:         (lambda g, y, x, axis=None: np.flip(g, axis),),
    np.roll:         (roll_vjp,),
}
