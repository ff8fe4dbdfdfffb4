"""What a stretch of memory holds, as a node: writes make new nodes, views find them.

Arrays that share memory share one Memory. It is seen through its anchor, the array that
was met first; any other array in it is a window of that one.
"""
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Node, layout_of
from minigrad.stand_ins import session_here


class CannotFollow(TypeError):
    """The recorded function does what a recording cannot repeat; the message says what.

    The recording hears of it, so that a function that catches it is refused all the same.
    """

    def __init__(self, *message: str):
        super().__init__(*message)
        session = session_here()
        if session is not None:
            session.raised.append(self)


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
    return np.ndarray(shape, x.dtype, x.ravel("K"), offset, strides)


def updated(x: Any, offset: int, shape: tuple, strides: tuple, values: Any) -> Any:
    """A copy of x with these values in a window."""
    out = x.copy("K")
    window(out, offset, shape, strides)[...] = values
    return out


class Memory:
    """A stretch of memory; `source` is the Input that it came by, None if it was made."""
    __slots__ = ("anchor", "node", "source", "version", "keeps", "before")

    def __init__(self, anchor: np.ndarray, node: Node, source: Any = None):
        self.anchor = anchor
        self.node = node
        self.source = source
        self.version = 0                # how often it was written
        self.keeps = root_of(anchor)    # so that its id belongs to no other array
        self.before: Any = None         # what it held before the first write

    def place(self, array: np.ndarray) -> tuple[int, tuple, tuple] | None:
        """Where an array lies in the anchor; None if it is the anchor."""
        offset = address(array) - address(self.anchor)
        if offset == 0 and layout_of(array) == layout_of(self.anchor):
            return None
        low, high = reach(array)
        inside = (array.dtype == self.anchor.dtype and is_dense(self.anchor)
                  and 0 <= offset + low and offset + high <= self.anchor.nbytes)
        if not inside:
            raise CannotFollow("an array was written that others see in another dtype or "
                               "order of memory; write into a copy of it")
        return offset, array.shape, array.strides

    def window(self, array: np.ndarray) -> Node:
        """The node of what an array in this memory holds now."""
        place = self.place(array)
        if place is None:
            return self.node
        return Call(layout_of(array), window, (self.node, *place), of=self.node)

    def about_to_be_written(self, array: np.ndarray) -> None:
        """Keep what it holds, if it lives outside; CannotFollow if no window fits."""
        self.place(array)
        if self.before is None and self.source is not None:
            self.before = self.anchor.copy()

    def written(self, array: np.ndarray, values: Node, origin: Any) -> None:
        """Note that all of an array in this memory was replaced by these values."""
        place = self.place(array)
        if place is None:
            self.node = values
        else:
            self.node = Call(layout_of(self.anchor), updated, (self.node, *place, values),
                             {}, *origin)
        self.version += 1


def reach(array: np.ndarray) -> tuple[int, int]:
    """The bytes that an array takes, from its first entry: from, to."""
    ends = [(n - 1)*stride for n, stride in zip(array.shape, array.strides) if n]
    return (sum([x for x in ends if x < 0]),
            sum([x for x in ends if x > 0]) + array.itemsize*(array.size > 0))


def is_dense(array: np.ndarray) -> bool:
    """Whether its entries lie end to end, whichever axis varies fastest."""
    return reach(array) == (0, array.nbytes)
