"""Batches. Their size is all that separates the three forms of gradient descent: every
example (BGD), one (SGD), or a handful (MBGD).
"""
import operator
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from minigrad.randomness import Random

Array = NDArray


def batches(x: Array, y: Array, size: int | None,
            rng: Random = None) -> Iterator[tuple[Array, Array]]:
    """Every example once, in batches of `size`; the last one may be smaller.

    The order is drawn from `rng`. With size None there is one batch, the arrays as they
    are: their order does not matter to a mean. Size 1 is SGD, None is BGD, else MBGD.
    Raises ValueError for a size beyond the examples or for x and y of two lengths.

    >>> x, y = np.arange(5.), np.arange(5)
    >>> [len(part) for part, _ in batches(x, y, 2, rng=0)]
    [2, 2, 1]
    """
    n = len(x)
    if len(y) != n:
        raise ValueError(f"batches: x has {n} examples and y {len(y)}; needed as many")
    if n == 0:
        raise ValueError("batches: no examples; needed at least one")
    if size is None:
        return iter([(x, y)])
    size = _batch_size(size, n)
    order = np.random.default_rng(rng).permutation(n)
    parts = (order[start:start + size] for start in range(0, n, size))
    return ((x[part], y[part]) for part in parts)


def _batch_size(size: int, n: int) -> int:
    try:
        if isinstance(size, bool):
            raise TypeError
        size = operator.index(size)
    except TypeError:
        raise TypeError(f"batches: size is {size!r}; needed an int, or None for all"
                        ) from None
    if not 1 <= size <= n:
        raise ValueError(f"batches: size is {size}; needed 1 to {n} (the examples),"
                         " or None for all")
    return size
