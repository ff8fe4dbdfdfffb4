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


class Differing(CannotFollow):
    """Two recordings did different things."""


def refuse_differences(name: str, first: Any, second: Any, shapes: bool = True) -> None:
    """Raise CannotFollow, naming what differs, unless two structures of nodes are alike."""
    one, two = below([first]), below([second])
    places = [{id(node): i for i, node in enumerate(nodes)} for nodes in (one, two)]
    for a, b in zip(one, two):
        if isinstance(a, Constant) and isinstance(b, Constant):
            b.captured = b.array is not None and a.array is b.array
            if b.captured and b.changed:
                raise CannotFollow(
                    f"{name}: an array of shape {np.shape(b.value)} was written where a "
                    f"recording does not see it{used(b, two)}; let a name be bound to it, "
                    "or pass it as an argument")
            if not b.captured and not same_values(a.value, b.value):
                raise CannotFollow(
                    f"{name}: an array of shape {np.shape(a.value)} differs between two "
                    f"calls and was no argument{used(a, one)}; pass it as one, or draw it "
                    "by mg.randomness.draw")
        elif described(a, places[0], shapes) != described(b, places[1], shapes):
            refuse_numbers(name, a, b)
            raise Differing(f"{name}: two calls did different things: {difference(a, b)}")
    if len(one) != len(two) or wired(first, places[0]) != wired(second, places[1]):
        raise Differing(f"{name}: two calls did different things: {len(one)} operations in "
                        f"one, {len(two)} in the other; Python's `if` and loops may depend "
                        "on shapes, not on values: np.where, or pass a flag")


def same_values(a: Any, b: Any) -> bool:
    """Whether two constants are the same to the bit."""
    a, b = np.asarray(a), np.asarray(b)
    return (a.shape, a.dtype) == (b.shape, b.dtype) and a.tobytes() == b.tobytes()


def described(node: Node, places: dict[int, int], shapes: bool) -> Any:
    """What a node is, in terms that two recordings share."""
    layout = node.layout if shapes else node.layout and node.layout.dtype
    if isinstance(node, Input):
        source = node.source and (node.source.text, id(node.source.owner))
        return "input", node.name if source is None else source, layout
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


def refuse_numbers(name: str, a: Node, b: Node) -> None:
    """Raise CannotFollow if the same call was made with another number."""
    if isinstance(a, Call) and isinstance(b, Call) and a.function == b.function:
        for x, y in zip(parts_of((a.args, a.kwargs)), parts_of((b.args, b.kwargs))):
            if type(x) in (int, float) and type(y) is type(x) and repr(x) != repr(y):
                raise CannotFollow(
                    f"{name}: the number {x!r} became {y!r} in the next call, in "
                    f"{describe(a.place)}, and was no argument; pass it as one, or draw it "
                    "by mg.randomness.draw")


def difference(a: Node, b: Node) -> str:
    """What is different in two calls."""
    names = [name_of(x.function) if isinstance(x, Call) else
             f"another {type(x).__name__.lower()}" for x in (a, b)]
    where = next((describe(x.place) for x in (a, b) if isinstance(x, Call)), "")
    return (f"{names[0]} in one, {names[1]} in the other, at {where}; Python's `if` and "
            "loops may depend on shapes, not on values: np.where, or pass a flag")
