"""A recording made smaller: equal calls once, constants folded, copies that change nothing
left out. What no result rests on is gone by itself.

No operation is replaced by another: what is left makes the calls of the recorded run.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.calls import (
    Call, Constant, Input, Node, below, layout_of, mapped, operands)
from minigrad.compiler.drawing import drawn
from minigrad.compiler.elementary import filled
from minigrad.primitives import shapes


def simplified(results: Any) -> Any:
    """The same structure of nodes, made of as few calls as can be."""
    new: dict[int, Node] = {}           # id of an old node -> the one that stands for it
    known: dict[Any, Node] = {}         # what a node is -> the first that is so

    def renewed(x: Any) -> Any:
        return new.get(id(x), x)

    for old in below([results]):
        node = rebuilt(old, renewed) if isinstance(old, Call) else old
        stands = shorter(node)
        if not isinstance(stands, Input):
            first = known.setdefault(identity(stands), stands)
            first.name = first.name or old.name
            stands = first
        new[id(old)] = stands
    return mapped(results, renewed)


def rebuilt(node: Call, renewed: Callable) -> Call:
    """The call on the nodes that stand for its operands."""
    call = Call(node.layout, node.function, mapped(node.args, renewed),
                mapped(node.kwargs, renewed), node.place, node.quiet, renewed(node.of))
    call.name, call.serial = node.name, node.serial
    return call


def shorter(node: Node) -> Node:
    """A node of the same value: a constant for a call of constants, no copy of a copy."""
    if not isinstance(node, Call):
        return node
    source = node.args[0] if node.args else None
    if (node.function in (shapes.copy, shapes.astype, filled) and isinstance(source, Node)
            and source.layout == node.layout):
        return source
    given = operands(node)
    if given and all(isinstance(x, Constant) and not x.captured for x in given):
        value = node.function(*mapped(node.args, constant), **mapped(node.kwargs, constant))
        if layout_of(value) == node.layout:
            return Constant(value)
    return node


def constant(x: Any) -> Any:
    """The array of a constant; all else is itself."""
    return x.value if isinstance(x, Constant) else x


def identity(node: Node) -> Any:
    """Equal for nodes of the same value."""
    if isinstance(node, Constant):
        value = node.value
        if node.captured or not isinstance(value, (np.ndarray, np.generic)):
            return "captured", id(node.array)
        return "constant", node.layout, value.dtype, value.tobytes()
    assert isinstance(node, Call)
    if node.function is drawn:
        return "draw", node.serial
    return node.function, key(node.args), key(node.kwargs), node.layout, node.quiet


def key(x: Any) -> Any:
    """A hashable form of a call's arguments, in which 1, 1.0 and True differ."""
    if isinstance(x, Node):
        return "node", id(x)
    if isinstance(x, (tuple, list)):
        return type(x), *map(key, x)
    if isinstance(x, dict):
        return "dict", *((name, key(part)) for name, part in x.items())
    if isinstance(x, slice):
        return "slice", key(x.start), key(x.stop), key(x.step)
    return type(x), repr(x) if isinstance(x, float) else x
