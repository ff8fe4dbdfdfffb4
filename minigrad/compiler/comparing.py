"""Two recordings of one function, compared: whatever differs was not an input.

The two runs had other arrays and numbers, so a number or an array that was computed
behind the recording's back, or a branch that was taken on one, shows here.
"""
from typing import Any

import numpy as np

from minigrad.compiler.forms import name_of
from minigrad.compiler.calls import Call, Constant, Input, Node, below, mapped, parts_of
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.guards import describe


def refuse_differences(name: str, first: Any, second: Any, shapes: bool = True) -> None:
    """Raise CannotFollow, naming what differs, unless two structures of nodes are alike."""
    one, two = below([first]), below([second])
    places = [{id(node): i for i, node in enumerate(nodes)} for nodes in (one, two)]
    for a, b in zip(one, two):
        if isinstance(a, Constant) and isinstance(b, Constant):
            if not same_values(a.value, b.value):
                raise CannotFollow(
                    f"{name}: an array of shape {np.shape(a.value)} differs between two "
                    f"calls and was no argument{used(a, one)}; pass it as one, or draw it "
                    "by mg.randomness.draw")
        elif described(a, places[0], shapes) != described(b, places[1], shapes):
            raise CannotFollow(f"{name}: two calls did different things: "
                               f"{difference(a, b)}")
    if len(one) != len(two) or wired(first, places[0]) != wired(second, places[1]):
        raise CannotFollow(f"{name}: two calls did different things: {len(one)} operations "
                           f"in one, {len(two)} in the other; Python's `if` and loops may "
                           "depend on shapes, not on values: np.where, or pass a flag")


def same_values(a: Any, b: Any) -> bool:
    """Whether two constants are the same to the bit."""
    a, b = np.asarray(a), np.asarray(b)
    return (a.shape, a.dtype) == (b.shape, b.dtype) and a.tobytes() == b.tobytes()


def described(node: Node, places: dict[int, int], shapes: bool) -> Any:
    """What a node is, in terms that two recordings share."""
    layout = node.layout if shapes else node.layout and node.layout.dtype
    if isinstance(node, Input):
        return "input", node.name, layout
    if isinstance(node, Constant):
        return "constant", layout
    assert isinstance(node, Call)
    return node.function, wired(node.args, places), wired(node.kwargs, places), layout


def wired(x: Any, places: dict[int, int]) -> Any:
    """Arguments with the places of nodes for the nodes; 1, 1.0 and True differ."""
    return mapped(x, lambda part: ("node", places[id(part)]) if isinstance(part, Node)
                  else (type(part), repr(part) if isinstance(part, float) else part))


def used(node: Node, nodes: list[Node]) -> str:
    """Where a node is used first, as text."""
    for other in nodes:
        if isinstance(other, Call) and any(
                x is node for x in parts_of((other.args, other.kwargs))):
            return f" (in {describe(other.place)})"
    return ""


def difference(a: Node, b: Node) -> str:
    """What is different in two calls."""
    if not (isinstance(a, Call) and isinstance(b, Call)) or a.function is not b.function:
        names = [name_of(x.function) if isinstance(x, Call) else type(x).__name__.lower()
                 for x in (a, b)]
        where = next((describe(x.place) for x in (a, b) if isinstance(x, Call)), "")
        return (f"{names[0]} in one, {names[1]} in the other, at {where}; Python's `if` "
                "and loops may depend on shapes, not on values: np.where, or pass a flag")
    numbers = [(x, y) for x, y in zip(parts_of((a.args, a.kwargs)),
                                      parts_of((b.args, b.kwargs)))
               if not isinstance(x, Node) and not isinstance(y, Node) and x != y]
    what = f"the number {numbers[0][0]!r} became {numbers[0][1]!r}" if numbers else (
        "its operands are others")
    return (f"{what} in {describe(a.place)}; pass it as an argument, or draw it by "
            "mg.randomness.draw")
