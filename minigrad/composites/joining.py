"""Functions that join arrays, written in concatenate, reshape and indexing."""
import numpy as np

from minigrad.composites.picking import along
from minigrad.primitives.shapes import astype, concatenate

TOGETHER = 64


def at_least(n, a):
    """a with axes of length 1 put in front until there are n."""
    return np.reshape(a, (1,)*(n - np.ndim(a)) + np.shape(a))


def at_least_3(a):
    """As np.atleast_3d: a vector lies along the middle axis, a matrix gets a last axis."""
    return np.expand_dims(at_least(2, a), -1) if np.ndim(a) < 3 else a


def each(function):
    """Of one array, or a tuple of those of several."""
    def run(*arys):
        results = tuple(function(a) for a in arys)
        return results[0] if len(results) == 1 else results
    return run


def joined(arrays, axis=0, *, dtype=None, casting="same_kind"):
    """Arrays end to end along an axis that they have; None flattens them.

    Of many, some are joined first: the VJP of each looks at all that stand beside it.
    """
    while len(arrays) > TOGETHER:
        arrays = [concatenate(*arrays[i:i + TOGETHER], axis=axis)
                  for i in range(0, len(arrays), TOGETHER)]
    out = concatenate(*arrays, axis=axis)
    if dtype is None:
        return out
    if not np.can_cast(out.dtype, dtype, casting):
        raise TypeError(f"concatenate: casting={casting!r} does not allow {out.dtype} to "
                        f"become {np.dtype(dtype)}")
    return astype(out, dtype)


def stack(arrays, axis=0, **options):
    """Arrays of one shape side by side along a new axis."""
    return joined([np.expand_dims(a, axis) for a in arrays], axis, **options)


def hstack(tup, **options):
    """Along the second axis, or the first where that is the only one."""
    arrays = [at_least(1, a) for a in tup]
    return joined(arrays, 0 if arrays[0].ndim == 1 else 1, **options)


def vstack(tup, **options):
    """Along the first axis; a vector counts as a row."""
    return joined([at_least(2, a) for a in tup], **options)


def dstack(tup):
    """Along the third axis."""
    return joined([at_least_3(a) for a in tup], 2)


def column_stack(tup):
    """Along the second axis; a vector counts as a column."""
    return joined([np.transpose(at_least(2, a)) if np.ndim(a) < 2 else a for a in tup], 1)


def append(arr, values, axis=None):
    """Values after those of arr along an axis; None flattens both."""
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return concatenate(arr, values, axis=axis)


def block(arrays):
    """Nested lists of blocks: the innermost lists are joined along the last axis."""
    def depth(x):
        return 1 + depth(x[0]) if isinstance(x, list) else 0

    def leaves(x):
        return [leaf for part in x for leaf in leaves(part)] if isinstance(x, list) else [x]

    def build(x, axis):
        if not isinstance(x, list):
            return at_least(ndim, x)
        return concatenate(*[build(part, axis + 1) for part in x], axis=axis)
    ndim = max(depth(arrays), *(np.ndim(leaf) for leaf in leaves(arrays)))
    return build(arrays, -depth(arrays))


STATISTICS = {"maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min}


def rim(array, axis, width, mode, value, last):
    """What is put at one end of an axis (the last, or the first): width entries."""
    shape = [width if i == axis else n for i, n in enumerate(np.shape(array))]
    if mode == "constant":
        return np.full(shape, value, array.dtype)
    if mode == "linear_ramp":               # towards the end value, which it reaches
        edge = np.take(array, -1 if last else 0, axis)
        ramp = np.linspace(value, edge, width, endpoint=False, axis=axis)
        return astype(np.flip(ramp, axis) if last else ramp, array.dtype)
    n = np.shape(array)[axis] if value is None else int(value)
    here = slice(-n, None) if last else slice(0, n)
    part = array[along(axis, np.ndim(array), here)]
    return np.broadcast_to(STATISTICS[mode](part, axis=axis, keepdims=True), shape)


def pad(array, pad_width, mode="constant", *, constant_values=0, end_values=0,
        stat_length=None):
    """An array with a rim of pad_width on each side: a constant, a ramp to an end value, a
    statistic of the entries next to it, or entries of the array's own."""
    widths = np.broadcast_to(pad_width, (np.ndim(array), 2)).tolist()
    if mode in ("edge", "wrap", "reflect", "symmetric"):    # entries of the array itself
        for axis, width in enumerate(widths):
            source = np.pad(np.arange(np.shape(array)[axis]), width, mode)
            array = array[along(axis, np.ndim(array), source)]
        return array
    if mode not in ("constant", "linear_ramp", *STATISTICS):
        raise ValueError(f"pad: mode={mode!r} has no derivative here; use 'constant', "
                         "'linear_ramp', 'edge', 'wrap', 'reflect', 'symmetric', 'maximum',"
                         " 'mean', 'median' or 'minimum'")
    given = {"constant": constant_values, "linear_ramp": end_values}.get(mode, stat_length)
    values = np.broadcast_to(np.array(given), (np.ndim(array), 2))
    for axis, width in enumerate(widths):
        array = concatenate(*[
            array if last is None else rim(array, axis, width[last], mode,
                                           values[axis, last], last)
            for last in (0, None, 1)], axis=axis)
    return array


COMPOSITES = {
    np.concatenate: joined, np.stack: stack, np.hstack: hstack, np.vstack: vstack,
    np.dstack: dstack, np.column_stack: column_stack, np.append: append, np.block: block,
    np.atleast_1d: each(lambda a: at_least(1, a)), np.atleast_3d: each(at_least_3),
    np.atleast_2d: each(lambda a: at_least(2, a)), np.pad: pad,
}
