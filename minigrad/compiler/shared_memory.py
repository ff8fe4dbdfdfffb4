"""What a stretch of memory holds, as a node: writes make new nodes, views find them.

Arrays that share memory share one Memory. It is seen through its anchor, the array that
was met first; any other array in it is a window of that one.
"""
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Node, layout_of


class CannotFollow(TypeError):
    """The recorded function does what a recording cannot repeat; the message says what."""


def root_of(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of this one, as far as NumPy knows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def address(array: np.ndarray) -> int:
    """Where its first entry lies."""
    return array.__array_interface__["data"][0]


def window(x: Any, offset: int, shape: tuple, strides: tuple) -> Any:
    """The view of x that begins `offset` bytes after it."""
    return np.ndarray(shape, x.dtype, x, offset, strides)


def updated(x: Any, offset: int, shape: tuple, strides: tuple, values: Any) -> Any:
    """A copy of x with these values in a window."""
    out = x.copy()
    window(out, offset, shape, strides)[...] = values
    return out


class Memory:
    """A stretch of memory; `source` is the Input that it came by, None if it was made."""
    __slots__ = ("anchor", "node", "source", "version", "keeps")

    def __init__(self, anchor: np.ndarray, node: Node, source: Any = None):
        self.anchor = anchor
        self.node = node
        self.source = source
        self.version = 0                # how often it was written
        self.keeps = root_of(anchor)    # so that its id belongs to no other array

    def place(self, array: np.ndarray) -> tuple[int, tuple, tuple] | None:
        """Where an array lies in the anchor; None if it is the anchor."""
        offset = address(array) - address(self.anchor)
        if offset == 0 and layout_of(array) == layout_of(self.anchor):
            return None
        inside = (array.dtype == self.anchor.dtype and offset >= 0 and self._flat
                  and address(array) + _reach(array) <= address(self.anchor)
                  + self.anchor.nbytes)
        if not inside:
            raise CannotFollow("an array was written that others see in another dtype or "
                               "order of memory; write into a copy of it")
        return offset, array.shape, array.strides

    @property
    def _flat(self) -> bool:
        layout = layout_of(self.anchor)
        return layout is not None and layout.contiguous

    def window(self, array: np.ndarray) -> Node:
        """The node of what an array in this memory holds now."""
        place = self.place(array)
        if place is None:
            return self.node
        return Call(layout_of(array), window, (self.node, *place), of=self.node)

    def written(self, array: np.ndarray, values: Node, origin: Any) -> None:
        """Note that all of an array in this memory was replaced by these values."""
        place = self.place(array)
        if place is None:
            self.node = values
        else:
            self.node = Call(layout_of(self.anchor), updated, (self.node, *place, values),
                             {}, *origin)
        self.version += 1


def _reach(array: np.ndarray) -> int:
    """How many bytes from its first entry on an array takes; all strides must rise."""
    if any(stride < 0 for stride in array.strides):
        return array.nbytes*2**30
    return array.itemsize + sum((n - 1)*s for n, s in zip(array.shape, array.strides) if n)
