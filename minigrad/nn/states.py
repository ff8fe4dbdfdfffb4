"""The state of a module: its parameters and buffers by name, copied out and in."""
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minigrad.tensors import Tensor
from minigrad.writes import write

Parts = Mapping[str, Any]               # {name: parameter or buffer}, tied ones twice


class Incompatible(NamedTuple):
    """The names that a state lacked, and those that the module has not."""
    missing_keys: list[str]
    unexpected_keys: list[str]


def values_of(parts: Parts) -> dict[str, NDArray]:
    """Copies of all parts by name."""
    return {name: np.array(getattr(part, "_data", part)) for name, part in parts.items()}


def load(parts: Parts, state: Any, strict: bool) -> Incompatible:
    """Copy a state into the parts: all of it, or nothing and an error.

    A tied parameter may come under one of its names, or under several with equal values.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict: came {type(state).__name__}; needed a dict"
                        " as of state_dict(), or np.load(path) of an .npz file")
    came = {id(part) for name, part in parts.items() if name in state}
    missing = [name for name, part in parts.items() if id(part) not in came]
    unexpected = [name for name in state if name not in parts]
    if strict and (missing or unexpected):
        raise KeyError(f"load_state_dict: missing {missing}, unexpected {unexpected};"
                       f" needed exactly {list(parts)}")
    values: dict[int, tuple[str, Any, NDArray]] = {}
    for name, part in parts.items():
        if name not in state:
            continue
        value = fitting(name, part, state[name])
        first, _, other = values.setdefault(id(part), (name, part, value))
        if other.tobytes() != value.tobytes():
            raise ValueError(f"load_state_dict: {first} and {name} are one parameter, and"
                             " two values came; needed equal ones, or untie them first")
    for _, part, value in values.values():
        if isinstance(part, Tensor):
            write(part, value)
        else:
            part[...] = value
    return Incompatible(missing, unexpected)


def fitting(name: str, part: Any, value: Any) -> NDArray:
    """A value for a part, in its dtype; ValueError or TypeError for one that cannot be."""
    if isinstance(value, Tensor):
        value = value.numpy()
    value = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if value.shape != part.shape:
        raise ValueError(f"load_state_dict: {name} has shape {value.shape}; needed"
                         f" {part.shape}")
    if not np.can_cast(value.dtype, part.dtype, "same_kind"):
        raise TypeError(f"load_state_dict: {name} is {value.dtype}; needed numbers for"
                        f" {part.dtype}")
    try:
        with np.errstate(over="raise"):
            return value.astype(part.dtype)
    except FloatingPointError:
        raise ValueError(f"load_state_dict: {name} has numbers too large for"
                         f" {part.dtype}") from None
