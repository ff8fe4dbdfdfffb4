"""In which order an epoch takes the examples: shuffled, as they stand, or a curriculum.

A curriculum is a function (epoch, rng, x, y) -> the indices of the examples that the epoch
takes, in their order, or floats, one for each example: how hard it is; easy ones come
first (Bengio et al. 2009).
"""
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Order = Callable[[int, np.random.Generator, NDArray, NDArray], Any]


def shuffled(epoch: int, rng: np.random.Generator, x: NDArray, y: NDArray) -> NDArray:
    """Every example once, in an order that is drawn anew."""
    return rng.permutation(len(x))


def as_they_stand(epoch: int, rng: np.random.Generator, x: NDArray, y: NDArray) -> NDArray:
    """Every example once, from the first to the last."""
    return np.arange(len(x))


def indices(came: Any, count: int) -> NDArray:
    """What an order gave, as indices; ValueError for what names no examples.

    >>> indices([0.3, 0.1, 0.2], 3), indices([2, 2], 3)
    (array([1, 2, 0]), array([2, 2]))
    """
    array = np.asarray(came)
    if array.dtype.kind == "f" and array.shape == (count,) and np.isfinite(array).all():
        return np.argsort(array, kind="stable")
    if (array.dtype.kind not in "iu" or array.ndim != 1 or not array.size
            or not (0 <= array.min() and array.max() < count)):
        raise ValueError(f"fit: order gave {array.dtype} of shape {array.shape}; needed "
                         f"indices from 0 to {count - 1}, or {count} finite floats: how "
                         "hard each example is")
    return array.astype(np.int64)
