"""An array that remembers which of its entries have no value, as a formula has none there.
"""
from typing import Any

import numpy as np

from minigrad.methods import ArrayMethods


class Watched(ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array that remembers which entries came of infinity or NaN on their way.

    NumPy makes 0 of 1/(1/0). What np.where does not choose is forgotten.
    """

    def __init__(self, value: Any, lost: Any = False):
        self.value = np.asarray(value)
        self.lost = np.broadcast_to(lost, self.value.shape) | ~np.isfinite(self.value)

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)

    def __len__(self):
        return len(self.value)

    def __getitem__(self, index):
        return type(self)(self.value[index], self.lost[index])

    def __setitem__(self, index, x):
        self.value[index], self.lost[index] = bare(x), lost_of(x)

    def item(self):
        if self.value.size != 1:
            raise ValueError(f"item: the shape is {self.shape}; needs one entry")
        return self.reshape(())

    def astype(self, dtype):
        return type(self)(self.value.astype(dtype), self.lost)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        lost = [x.lost for x in inputs if isinstance(x, Watched)]
        if method != "__call__" or ufunc.signature:             # it mixes entries
            lost = [np.any([x.any() for x in lost])]
        return type(self)(getattr(ufunc, method)(*map(bare, inputs), **kwargs),
                          np.logical_or.reduce(np.broadcast_arrays(*lost)))

    def __array_function__(self, function, types, args, kwargs):
        value = function(*map(bare, args), **{k: bare(x) for k, x in kwargs.items()})
        if function is np.where and len(args) == 3:
            condition, *sides = args
            chosen = np.where(bare(condition), *(lost_of(x) for x in sides))
            return type(self)(value, chosen | lost_of(condition))
        if not isinstance(value, np.ndarray) or value.dtype == bool:
            return value
        lost = [np.asarray(lost_of(x)) for x in args]
        same = all(x.shape in ((), value.shape) for x in lost)      # entry by entry
        return type(self)(value, np.any(np.broadcast_arrays(*lost), axis=0) if same else
                          any(map(np.any, lost)))


def bare(x: Any) -> Any:
    """What NumPy's functions take for it."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(bare, x))
    return x.value if isinstance(x, Watched) else x


def lost_of(x: Any) -> Any:
    """Which entries came of infinity or NaN; False for what is no Watched array."""
    if isinstance(x, (list, tuple)):
        return any(np.any(lost_of(y)) for y in x)
    return x.lost if isinstance(x, Watched) else False
