"""Functions that turn, spread and subtract entries, written in flips, moves and sums."""
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from minigrad.primitives import shapes
from minigrad.composites.picking import along
from minigrad.primitives.shapes import concatenate


def rot90(m, k=1, axes=(0, 1)):
    """Quarter turns from the first axis towards the second."""
    first, second = normalize_axis_tuple(axes, np.ndim(m))
    if k % 4 == 0:
        return shapes.copy(m)
    if k % 4 == 2:
        return np.flip(m, axes)
    if k % 4 == 1:
        return np.swapaxes(np.flip(m, second), first, second)
    return np.flip(np.swapaxes(m, first, second), second)


def repeat(a, repeats, axis=None):
    """Each entry, or row of an axis, several times one after the other."""
    if axis is None:
        a, axis = np.ravel(a), 0
    source = np.repeat(np.arange(np.shape(a)[axis]), repeats)
    return a[along(axis, np.ndim(a), source)]


def tile(A, reps):
    """A axis of length 1 before each axis, stretched to the number of copies."""
    reps = np.ravel(reps).tolist()
    shape = (1,)*(len(reps) - np.ndim(A)) + np.shape(A)
    reps = [1]*(len(shape) - len(reps)) + reps
    apart = np.reshape(A, [k for n in shape for k in (1, n)])
    copies = np.broadcast_to(apart, [k for pair in zip(reps, shape) for k in pair])
    return np.reshape(copies, [r*n for r, n in zip(reps, shape)])


def rollaxis(a, axis, start=0):
    """One axis moved in front of another."""
    axis = normalize_axis_index(axis, np.ndim(a))
    start = normalize_axis_index(start, np.ndim(a) + (start >= 0))
    return np.moveaxis(a, axis, start - 1 if start > axis else start)


def broadcast_arrays(*args):
    """The arrays stretched to one shape."""
    shape = np.broadcast_shapes(*(np.shape(a) for a in args))
    return tuple(np.broadcast_to(a, shape) for a in args)


def full_like(a, fill_value, dtype=None, *, shape=None):
    """The shape (and dtype) of a, filled with a value that may want a gradient."""
    shape = np.shape(a) if shape is None else shape
    return shapes.astype(np.broadcast_to(fill_value, shape), dtype or a.dtype)


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """num numbers in equal steps from start to stop, along a new axis."""
    if retstep:
        raise ValueError("linspace: retstep has no derivative here; the step is the "
                         "difference of two entries")
    part = np.linspace(0, 1, num, endpoint=endpoint)
    part = part.astype(np.result_type(start, stop, 1.0))
    out = np.multiply.outer(1 - part, np.ones(np.broadcast_shapes(
        np.shape(start), np.shape(stop)), bool))*start + np.reshape(
            part, (-1,) + (1,)*max(np.ndim(start), np.ndim(stop)))*stop
    return np.moveaxis(out if dtype is None else shapes.astype(out, dtype), 0, axis)


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    """Powers of base, the exponents in equal steps."""
    steps = linspace(start, stop, num, endpoint)
    out = np.power(np.expand_dims(base, 0) if np.ndim(base) else base, steps)
    return np.moveaxis(out if dtype is None else shapes.astype(out, dtype), 0, axis)


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """num numbers in equal ratios from start to stop."""
    ratio = np.divide(stop, start)
    steps = linspace(np.zeros_like(ratio), np.ones_like(ratio), num, endpoint)
    out = shapes.astype(start*np.power(ratio, steps), dtype or np.float64)   # as NumPy's
    return np.moveaxis(out, 0, axis)


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    """Coordinates of a grid from those of its axes: x along columns, unless "ij"."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing={indexing!r}; needs 'xy' or 'ij'")
    order = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        order[:2] = [1, 0]
    out = tuple(np.reshape(x, [-1 if j == i else 1 for j in range(len(xi))])
                for x, i in zip(xi, order))
    return out if sparse else broadcast_arrays(*out)


def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """The function's results for the vectors along an axis, in place of that axis."""
    axis = normalize_axis_index(axis, np.ndim(arr))
    lines = np.moveaxis(arr, axis, -1)
    lead = np.shape(lines)[:-1]
    found = [func1d(line, *args, **kwargs)
             for line in np.reshape(lines, (-1, np.shape(lines)[-1]))]
    out = np.reshape(np.stack(found), lead + np.shape(found[0]))
    r = np.ndim(found[0])
    return np.moveaxis(out, range(-r, 0), range(axis, axis + r))


def centred(sign):
    """np.fft.fftshift (1), which brings entry 0 to the middle, or back (-1)."""
    def run(x, axes=None):
        axes = tuple(range(np.ndim(x))) if axes is None else tuple(np.ravel(axes).tolist())
        return np.roll(x, tuple(sign*(np.shape(x)[i]//2) for i in axes), axes)
    return run


def diff(a, n=1, axis=-1, prepend=None, append=None):
    """Differences of neighbours along an axis, n times."""
    axis = normalize_axis_index(axis, np.ndim(a))

    def edge(x):
        shape = [1 if i == axis else m for i, m in enumerate(np.shape(a))]
        return np.broadcast_to(x, shape) if np.ndim(x) == 0 else x
    parts = [edge(prepend)] if prepend is not None else []
    parts += [a] + ([edge(append)] if append is not None else [])
    a = concatenate(*parts, axis=axis) if len(parts) > 1 else a
    for _ in range(n):
        a = (a[along(axis, np.ndim(a), slice(1, None))]
             - a[along(axis, np.ndim(a), slice(None, -1))])
    return a


def ediff1d(ary, to_end=None, to_begin=None):
    """Differences of neighbours of all entries, between a beginning and an end."""
    middle = np.diff(np.ravel(ary))
    parts = [shapes.astype(np.ravel(part), middle.dtype)
             for part in (to_begin, middle, to_end) if part is not None]
    return np.concatenate(parts)


def slope(f, x, edge_order):
    """df/dx along the last axis: of the parabola through each entry and its neighbours; at
    the ends, of the line (edge_order 1) or the parabola (2) through the nearest."""
    n = np.shape(f)[-1]
    if n < edge_order + 1:
        raise ValueError(f"gradient: {n} entries along an axis, needs {edge_order + 1}")
    h = np.diff(x) if np.ndim(x) else x*np.ones(n - 1, f.dtype)
    rise = np.diff(f)/h                                     # n - 1 of them
    a, b = h[..., :-1], h[..., 1:]
    middle = (b*rise[..., :-1] + a*rise[..., 1:])/(a + b)
    first, last = rise[..., :1], rise[..., -1:]
    if edge_order == 2:
        bend = (rise[..., 1:] - rise[..., :-1])/(a + b)
        first = first - h[..., :1]*bend[..., :1]
        last = last + h[..., -1:]*bend[..., -1:]
    return np.concatenate([first, middle, last], -1)


def gradient(f, *varargs, axis=None, edge_order=1):
    """Slopes along each axis: central differences, one-sided at the ends."""
    axes = range(np.ndim(f)) if axis is None else np.ravel(axis).tolist()
    spacing = varargs*len(axes) if len(varargs) == 1 else varargs or (1,)*len(axes)
    if len(spacing) != len(axes) or edge_order not in (1, 2):
        raise TypeError(f"gradient: came {len(varargs)} spacings for {len(axes)} axes and "
                        f"edge_order={edge_order}; needs one spacing, or one for each "
                        "axis, and 1 or 2")
    out = tuple(np.moveaxis(slope(np.moveaxis(f, i, -1), x, edge_order), -1, i)
                for i, x in zip(axes, spacing))
    if f.dtype.kind == "f":                     # NumPy keeps f's dtype, not the spacing's
        out = tuple(shapes.astype(part, f.dtype) for part in out)
    return out[0] if len(axes) == 1 else out


COMPOSITES: dict[Any, Any] = {
    np.rot90: rot90, np.fliplr: lambda m: np.flip(m, 1), np.flipud: lambda m: np.flip(m, 0),
    np.repeat: repeat, np.tile: tile, np.rollaxis: rollaxis, np.linspace: linspace,
    np.matrix_transpose: lambda x, /: np.swapaxes(x, -1, -2),
    np.broadcast_arrays: broadcast_arrays, np.full_like: full_like,
    np.logspace: logspace, np.geomspace: geomspace, np.meshgrid: meshgrid,
    np.apply_along_axis: apply_along_axis, np.ediff1d: ediff1d,
    np.fft.fftshift: centred(1), np.fft.ifftshift: centred(-1),
    np.diff: diff, np.gradient: gradient, np.copy: lambda a: shapes.copy(a),
    np.real: lambda val: val, np.conjugate: lambda x, /: x, np.imag: np.zeros_like,
    np.real_if_close: lambda a, tol=100: a,
    np.angle: lambda z, deg=False: np.where(z < 0, 180 if deg else np.pi, np.zeros_like(z)),
    np.modf: lambda x: (x - np.trunc(x), np.trunc(x)),
    np.divmod: lambda a, b: (np.floor_divide(a, b), np.remainder(a, b)),
}
if hasattr(np, "astype"):                   # NumPy 2.1
    COMPOSITES[np.astype] = lambda x, dtype, /: shapes.astype(x, dtype)
