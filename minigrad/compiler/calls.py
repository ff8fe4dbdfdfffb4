"""The graph of a recording: calls of NumPy's functions, in order, on arrays and numbers.

A node is an Input (an array or number that comes anew at every call), a Constant, or a
Call. A node with a layout stands for an array, one without for a Python number. Nodes are
never changed: what is written into an array is a new node.
"""
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np


class Layout(NamedTuple):
    """How an array lies in memory; two of one layout take the same path through NumPy."""
    shape: tuple[int, ...]
    dtype: np.dtype
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many entries it has."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def contiguous(self) -> bool:
        """Whether the entries lie end to end, the last axis varying fastest."""
        expected = self.dtype.itemsize
        for n, stride in zip(self.shape[::-1], self.strides[::-1]):
            if n != 1 and stride != expected:
                return False
            expected *= n
        return True


def layout_of(value: Any) -> Layout | None:
    """The layout of an array or of a scalar of NumPy's; None for a Python number."""
    if isinstance(value, (np.ndarray, np.generic)):
        return Layout(value.shape, value.dtype, value.strides)
    return None


counted = itertools.count(1).__next__


class Node:
    """What a value is made from; `serial` tells their order."""
    __slots__ = ("layout", "name", "serial")

    def __init__(self, layout: Layout | None, name: str | None = None):
        self.layout: Any = layout       # None of a Python number
        self.name = name                # as the recorded function calls it
        self.serial = counted()


class Input(Node):
    """What is given at every call; `source` says where it is fetched (fetching.py)."""
    __slots__ = ("source",)

    def __init__(self, layout: Layout | None, name: str | None, source: Any = None):
        super().__init__(layout, name)
        self.source = source


class Constant(Node):
    """An array or number that the recorded function met and that no input gave: a copy of
    it, and the array itself. One that two calls met is `captured`: then it counts itself,
    with what is in it at the time."""
    __slots__ = ("value", "array", "captured")

    def __init__(self, value: Any, array: np.ndarray | None = None):
        super().__init__(layout_of(value), None)
        self.value = value
        self.array = array
        self.captured = False


class Call(Node):
    """function(*args, **kwargs); nodes stand in args and kwargs, also inside tuples, lists
    and slices. `quiet` are the errors that np.errstate ignored there; `of` is the operand
    that the result is a view of, if it is one."""
    __slots__ = ("function", "args", "kwargs", "place", "quiet", "of")

    def __init__(self, layout: Layout | None, function: Callable, args: tuple,
                 kwargs: dict | None = None, place: Any = None,
                 quiet: frozenset = frozenset(), of: Node | None = None):
        super().__init__(layout)
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}
        self.place = place
        self.quiet = quiet
        self.of = of


def mapped(x: Any, change: Callable[[Any], Any]) -> Any:
    """x with change(part) for every part that is no tuple, list, dict or slice."""
    kind = type(x)
    if kind is tuple or kind is list:
        return kind([mapped(part, change) for part in x])
    if kind is dict:
        return {key: mapped(part, change) for key, part in x.items()}
    if kind is slice:
        return slice(*[mapped(part, change) for part in (x.start, x.stop, x.step)])
    return change(x)


def parts_of(x: Any) -> Iterator[Any]:
    """Every part that is no tuple, list, dict or slice, in order."""
    kind = type(x)
    if kind is tuple or kind is list:
        for part in x:
            yield from parts_of(part)
    elif kind is dict:
        yield from parts_of([*x.values()])
    elif kind is slice:
        yield from parts_of([x.start, x.stop, x.step])
    else:
        yield x


def operands(node: Node) -> list[Node]:
    """The nodes that a call takes, in order."""
    if not isinstance(node, Call):
        return []
    return [x for x in parts_of((node.args, node.kwargs)) if isinstance(x, Node)]


def owner(node: Node) -> Node:
    """The node whose memory a node lies in: of a view, what it is a view of."""
    while isinstance(node, Call) and node.of is not None:
        node = node.of
    return node


def below(results: Iterable[Any]) -> list[Node]:
    """Every node that the results rest on, in the order in which they were made."""
    found: dict[int, Node] = {}
    stack = [x for x in parts_of([*results]) if isinstance(x, Node)]
    while stack:
        node = stack.pop()
        if id(node) not in found:
            found[id(node)] = node
            stack += operands(node)
    return sorted(found.values(), key=lambda node: node.serial)
