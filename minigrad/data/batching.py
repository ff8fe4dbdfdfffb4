"""Batches. Their size is all that separates the three forms of gradient descent: every
example (BGD), one (SGD), or a handful (MBGD).
"""
import operator
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from minigrad.inputs import as_array
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining

Array = NDArray


class Batches:
    """Every example once, in batches, anew in another order for each `for`.

    >>> epochs = Batches(np.arange(5.), np.arange(5), 2, rng=0)
    >>> len(epochs), [y.tolist() for _, y in epochs], [y.tolist() for _, y in epochs]
    (3, [[2, 4], [3, 0], [1]], [[4, 1], [2, 0], [3]])
    """

    def __init__(self, x: Any, y: Any, size: int | None, rng: Random = None) -> None:
        x, y = as_array("batches: x", x), as_array("batches: y", y)
        for name, array in ("x", x), ("y", y):
            if not np.ndim(array):
                raise TypeError(f"batches: {name} is one value; needed an array of them")
        n = len(x)
        if len(y) != n:
            raise ValueError(f"batches: x has {n} examples and y {len(y)}; needed as many")
        if n == 0:
            raise ValueError("batches: no examples; needed at least one")
        self.x, self.y = x, y
        self.size = None if size is None else _batch_size(size, n)
        self.rng = None if rng is None else generator(rng)

    def __len__(self) -> int:
        return 1 if self.size is None else -(-len(self.x)//self.size)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        if self.size is None:
            return iter([(self.x, self.y)])
        n, size = len(self.x), self.size
        order = generator(self.rng).permutation(n)
        parts = (order[start:start + size] for start in range(0, n, size))
        return ((self.x[part], self.y[part]) for part in parts)

    def __next__(self) -> NoReturn:
        raise TypeError("batches: each `for x, y in batches` begins a new epoch; for one"
                        " batch write next(iter(batches))")

    def __getitem__(self, index: Any) -> NoReturn:
        raise TypeError("batches: the order is drawn anew for each `for`, so no batch has a"
                        " number; write next(iter(batches)), or list(batches)")

    def __repr__(self) -> str:
        return (f"<{len(self)} batches of {self.size or len(self.x)} from {len(self.x)}"
                f" examples: x {self.x.dtype} {self.x.shape}, y {self.y.dtype}"
                f" {self.y.shape}>")


@explaining
def batches(x: Any, y: Any, size: int | None, rng: Random = None) -> Batches:
    """Every example once, in batches of `size`; the last one may be smaller.

    x and y are arrays, lists, tables of pandas or tensors. The result may stand before the
    loop over epochs: each `for x, y in` it goes through all examples in a new order, drawn
    from `rng` when the `for` begins. It has a len(), the number of batches. With size None
    there is one batch, the arrays as they are: their order does not matter to a mean. Size
    1 is SGD, None is BGD, else MBGD. Raises ValueError for a size beyond the examples or
    for x and y of two lengths, TypeError for what holds no numbers.

    >>> x, y = np.arange(5.), np.arange(5)
    >>> [len(part) for part, _ in batches(x, y, 2, rng=0)]
    [2, 2, 1]
    """
    return Batches(x, y, size, rng)


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
