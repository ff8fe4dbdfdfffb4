"""What people pass as examples: lists, tables of pandas, other libraries' arrays.

Where the meaning is plain it becomes an array; what NumPy would make an array of objects
of is refused with the cure.
"""
from typing import Any

import numpy as np
from numpy.typing import DTypeLike


def as_array(name: str, x: Any, numbers: DTypeLike | None = None) -> Any:
    """x itself if NumPy's functions dispatch on it, as on a Tensor, else its values.

    What has no dtype of its own, as a list of Python's numbers, comes in the dtype
    `numbers`. Raises TypeError or ValueError, which begin with the name.

    >>> as_array("layer", [[1, 2.5]], np.float32)
    array([[1. , 2.5]], dtype=float32)
    """
    if hasattr(type(x), "__array_function__"):
        return x
    try:
        array = np.asarray(x)
        own = hasattr(x, "__array__") or array.dtype.kind not in "iuf"
        out = array if own or numbers is None else array.astype(numbers)
    except ValueError as error:
        raise ValueError(f"{name}: {type(x).__name__} is no array of one shape ({error});"
                         " needed rows of one length") from None
    if out.dtype.kind in "OV":
        raise TypeError(f"{name}: {type(x).__name__} holds objects, not numbers; needed"
                        f" {_numbers_of(x)}")
    return out


def _numbers_of(x: Any) -> str:
    """What gives the numbers of a table or a sparse matrix."""
    if hasattr(x, "toarray"):
        return "x.toarray()"
    if hasattr(x, "select_dtypes"):
        return "x.select_dtypes('number'), with a column for each class of the others"
    return "np.asarray(x, dtype=np.float64), or np.unique(x, return_inverse=True)[1]"
