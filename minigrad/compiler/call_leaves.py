"""The arguments of a call as leaves, and its signature: what must be alike to be replayed.

Arrays count by shape, dtype and strides, numbers by their type, tensors likewise and by
whether they want a gradient; all else (models, texts, flags) counts by what it is.
"""
from typing import Any

import numpy as np

from minigrad.compiler.drawing import is_iterator
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.tensors import Tensor

NUMBERS = (float, int)
CONTAINERS = (tuple, list, dict)


def leaves_of_call(args: tuple, kwargs: dict) -> tuple[list, Any]:
    """The leaves of the arguments in order, and the structure that they stand in."""
    if not kwargs and not any([isinstance(a, CONTAINERS) for a in args]):
        return [*args], len(args)
    leaves: list = []
    return leaves, (structure_of(args, leaves), structure_of(kwargs, leaves))


def structure_of(tree: Any, leaves: list) -> Any:
    """The structure of a tree, hashable; its leaves are appended to the list."""
    if isinstance(tree, dict):
        return type(tree), *[(key, structure_of(x, leaves)) for key, x in tree.items()]
    if isinstance(tree, (tuple, list)):
        return type(tree), *[structure_of(x, leaves) for x in tree]
    leaves.append(tree)
    return None


def refuse_iterators(name: str, leaves: list) -> None:
    """CannotFollow if an argument can be walked through only once."""
    for x in leaves:
        if is_iterator(x):
            raise CannotFollow(
                f"{name}: came {type(x).__name__}, which one call uses up; pass an array, "
                "or a list or tuple of arrays and numbers, or call it for each part")


def rebuilt(tree: Any, leaves: Any) -> Any:
    """The same structure with other leaves, taken from an iterator."""
    if isinstance(tree, dict):
        parts = {key: rebuilt(x, leaves) for key, x in tree.items()}
        return parts if type(tree) is dict else type(tree)(parts)
    if isinstance(tree, (tuple, list)):
        new = [rebuilt(x, leaves) for x in tree]
        return type(tree)(*new) if hasattr(tree, "_fields") else type(tree)(new)
    return next(leaves)


def kind_of(x: Any) -> Any:
    """What of an argument a recording rests on; hashable."""
    kind = type(x)
    if kind is np.ndarray:
        return x.shape, x.dtype, x.strides
    if kind in NUMBERS:
        return kind
    if kind is Tensor:
        data = x._data
        return (Tensor, data.shape, data.dtype, data.strides, x.requires_grad,
                x._grad is None, x._node is None)
    if isinstance(x, np.generic):
        return kind
    return Same(x)


class Same:
    """Equal for one and the same object, or for equal plain values; keeps it alive."""
    __slots__ = ("x",)

    def __init__(self, x: Any):
        self.x = x

    def __hash__(self) -> int:
        return hash(self.x) if isinstance(self.x, PLAIN) else id(self.x)

    def __eq__(self, other: Any) -> bool:
        if type(other) is not Same or type(other.x) is not type(self.x):
            return False
        return self.x is other.x or isinstance(self.x, PLAIN) and self.x == other.x


PLAIN = (bool, str, bytes, complex, type(None), np.dtype)
