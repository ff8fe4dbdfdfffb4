"""Elementary calls that NumPy has no function for: writes that give a copy, and items."""
from typing import Any

import numpy as np


def scalar_power(x: Any, p: Any) -> Any:
    """x**p of a scalar of NumPy's, which has a power of its own."""
    return x[()]**p


def item(x: Any) -> Any:
    """The one entry of an array, as a number of Python's."""
    return x.item()


def is_basic(index: Any) -> bool:
    """Whether x[index] is a view of x."""
    parts = index if type(index) is tuple else (index,)
    return all(part is None or part is ... or type(part) in (int, slice) for part in parts)


def falling(strides: tuple) -> list[int]:
    """The axes by falling strides: how a new array is made that lies the same way."""
    return sorted(range(len(strides)), key=lambda i: -abs(strides[i]))


def filled(values: Any, shape: tuple, dtype: Any, strides: tuple) -> np.ndarray:
    """The values as an array of this shape and dtype that lies in memory as one of these
    strides, as x[...] = values makes it."""
    axes = falling(strides)
    out = np.empty([shape[i] for i in axes], dtype).transpose(np.argsort(axes))
    out[...] = values
    return out


def put(x: Any, index: Any, values: Any) -> np.ndarray:
    """A copy of x with x[index] = values."""
    out = x.copy("K")
    out[index] = values
    return out


def added_at(ufunc: Any, x: Any, *rest: Any) -> np.ndarray:
    """A copy of x after ufunc.at(x, ...)."""
    out = x.copy("K")
    ufunc.at(out, *rest)
    return out
