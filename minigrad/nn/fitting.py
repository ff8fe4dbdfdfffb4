"""What a layer's input must be: its dtype, its axes, its channels; errors say what fits.

`layer` is what an error begins with: a module, or the name of a function.
"""
from typing import Any

import numpy as np

from minigrad.inputs import as_array

AXES = {1: "length", 2: "height, width"}


def of_dtype(layer: Any, x: Any, wanted: Any, remade: str = "") -> Any:
    """x as an array of the parameters' dtype; a list of Python's numbers takes it.

    remade: how the layer would be made for the dtype of x, up to the dtype.
    """
    if getattr(x, "dtype", None) == wanted:
        return as_array("layer: x", x)
    x = as_array(f"{layer}: x", x, wanted)
    if x.dtype != wanted:
        own = f", or {remade}dtype=np.{x.dtype})" if remade and x.dtype.kind == "f" else ""
        raise TypeError(f"{layer}: input is {x.dtype}, parameters are {wanted}; needed"
                        f" the same: x.astype(np.{wanted}){own}")
    return x


def batch_last(layer: Any, x: Any, dims: int, channels: int | None = None
               ) -> tuple[Any, bool]:
    """(x with its batch as the last axis (c, *space, n), whether it came without a batch).

    Raises ValueError unless x is (n, c, *space) or (c, *space) with these channels.
    """
    c = "channels" if channels is None else channels
    wanted = f"(n, {c}, {AXES[dims]}) or ({c}, {AXES[dims]})"
    if x.ndim not in (dims + 1, dims + 2):
        cure = ("" if x.ndim != dims else
                ": np.expand_dims(x, -2) for one channel" if dims == 1 else
                ": np.expand_dims(x, -3) for one channel")
        raise ValueError(f"{layer}: input has shape {x.shape}, {x.ndim} axes; needed"
                         f" {wanted}{cure}")
    alone = x.ndim == dims + 1
    if channels is not None and x.shape[-1 - dims] != channels:
        last = x.shape[-1] == channels
        cure = f": np.moveaxis(x, -1, {-1 - dims})" if last else ""
        raise ValueError(f"{layer}: input has shape {x.shape}, {x.shape[-1 - dims]}"
                         f" channels; needed {channels}, as in {wanted}{cure}")
    return (np.expand_dims(x, -1) if alone else np.moveaxis(x, 0, -1)), alone


def batch_first(y: Any, alone: bool) -> Any:
    """The result (c, *space, n) as (n, c, *space), or without the batch again."""
    return y[..., 0] if alone else np.moveaxis(y, -1, 0)


def per_axis(layer: Any, name: str, value: Any, dims: int, least: int = 1
             ) -> tuple[int, ...]:
    """An option as one whole number for each axis; a single one counts for all."""
    numbers = tuple(value) if isinstance(value, (tuple, list)) else (value,)*dims
    if len(numbers) == 1:
        numbers *= dims
    if len(numbers) != dims or not all(
            isinstance(n, (int, np.integer)) and n >= least for n in numbers):
        kinds = "a whole number" if dims == 1 else f"a whole number, or {dims} of them"
        raise ValueError(f"{layer}: {name} is {value!r}; needed {kinds}, at least {least}")
    return tuple(map(int, numbers))


def whole(layer: Any, least: int = 1, **numbers: Any) -> None:
    """Raise TypeError or ValueError for what is no whole number, or is less than that."""
    for name, n in numbers.items():
        if not isinstance(n, (int, np.integer)) or n < least:
            error = ValueError if isinstance(n, (int, np.integer)) else TypeError
            raise error(f"{layer}: {name} is {n!r}; needed a whole number, at least"
                        f" {least}")
