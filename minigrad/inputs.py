"""What people pass as examples: lists, tables of pandas, other libraries' arrays.

Where the meaning is plain it becomes an array; what NumPy would make an array of objects
of is refused with the cure.
"""
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.stand_ins import StandIn


def as_array(name: str, x: Any, numbers: DTypeLike | None = None) -> Any:
    """x itself if NumPy's functions dispatch on it, as on a Tensor, else its values.

    What has no dtype of its own, as a list of Python's numbers, comes in the dtype
    `numbers`. Raises TypeError or ValueError, which begin with the name: whose, then what.

    >>> as_array("layer: x", [[1, 2.5]], np.float32)
    array([[1. , 2.5]], dtype=float32)
    """
    if hasattr(type(x), "__array_function__"):
        return x
    try:
        out = np.asarray(x)
        if numbers is not None and out.dtype.kind in "iuf" and not _has_dtype(x):
            out = out.astype(numbers)
    except ValueError as error:
        raise ValueError(f"{name}: {type(x).__name__} is no array of one shape ({error});"
                         " needed rows of one length") from None
    if out.dtype.kind in ("OV" if numbers is None and out.ndim else "OVUS"):
        raise TypeError(f"{name}: {type(x).__name__} holds no numbers; needed"
                        f" {_numbers_of(x, name.split()[-1])}")
    return out


def float_dtype(name: str, dtype: DTypeLike) -> "np.dtype[Any]":
    """The dtype, or TypeError for one of other numbers than floats."""
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"{name}: dtype is {np.dtype(dtype)}; only floats are trained:"
                        " dtype=np.float32, and x.astype(np.float32) for whole numbers x")
    return np.dtype(dtype)


def _has_dtype(x: Any) -> bool:
    """Whether the first thing in nested lists has a dtype, as Python's numbers have not."""
    while isinstance(x, (list, tuple)) and x:
        x = x[0]
    return hasattr(x, "dtype") or hasattr(x, "__array__")


def _numbers_of(x: Any, name: str) -> str:
    """What gives the numbers of a table or a sparse matrix of that name."""
    if hasattr(x, "toarray"):
        return f"{name}.toarray()"
    if hasattr(x, "select_dtypes"):
        return f"{name}.select_dtypes('number'), and a column for each class of the others"
    if isinstance(x, Mapping):
        return f"np.column_stack([*{name}.values()])"
    if not hasattr(x, "__len__") or isinstance(x, str):
        return "an array of numbers"
    return (f"np.asarray({name}, dtype=np.float64), or the classes in it numbered:"
            f" np.unique({name}, return_inverse=True)[1]")


# --- arrays of another class or library, among the arguments of a NumPy function ---------
def as_plain(x, name):
    """An argument as an array of NumPy's own, if it is of another class or library's."""
    refuse_subclass(x, name)
    if isinstance(x, StandIn):
        return x
    if hasattr(type(x), "__array__") or isinstance(x, (array, memoryview)):
        return x if isinstance(x, np.generic) else np.asarray(x)
    return x


def refuse_subclass(x, name):
    """Refuse an array, also in a list, whose class has an arithmetic of its own."""
    kind = type(x)
    if kind in (list, tuple):
        for part in x if x and type(x[0]) not in (float, int) else ():
            refuse_subclass(part, name)
    elif kind is not np.ndarray and isinstance(x, np.ndarray) and any(
            getattr(kind, method) is not getattr(np.ndarray, method)
            for method in ("__add__", "__mul__", "__array_ufunc__", "__array_function__")):
        raise TypeError(
            f"{name}: came {kind.__name__}, whose arithmetic is not that of NumPy's arrays "
            "and would be lost (a mask, a unit, * as a product of matrices); pass "
            "np.array(x), or of a masked m m.filled(0), and np.where(m.mask, 0, result) "
            "afterwards")
