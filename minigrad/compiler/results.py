"""What a compiled function returns, made of what its step returns."""
from collections.abc import Callable
from typing import Any

from numpy import asarray

from minigrad.compiler.bound_names import PLAIN_VALUES
from minigrad.compiler.comparing import Differing
from minigrad.compiler.outcome import Result, leaves_of_results
from minigrad.compiler.shared_memory import window
from minigrad.tape import Node
from minigrad.tensors import Tensor


def compiled_result() -> None:
    """Stands in a graph for what a compiled function has done: its way back is not kept."""


class Replayed(Node):
    """What a graph has for a compiled function's result."""
    __slots__ = ()

    @property
    def args(self) -> Any:
        """Asked for by the way back: RuntimeError."""
        raise RuntimeError(
            "backward: the graph of what a compiled function returns is not kept; call "
            "backward() inside of it: compile the whole step, not only the model")


USED_UP: Any = Replayed()               # of every result
USED_UP.function, USED_UP.time, USED_UP.place = compiled_result, 1, None
USED_UP.values = None
USED_UP.kwargs, USED_UP.positions = {}, ()


def constant(data: Any) -> Tensor:
    """A tensor; a scalar of NumPy's becomes an array of shape ()."""
    return Tensor(asarray(data))


def wanting(data: Any) -> Tensor:
    """A tensor that wants a gradient, whose graph has been used up."""
    out = constant(data)
    out.requires_grad, out._node = True, USED_UP
    return out


def refuse_other_results(name: str, first: Any, second: Any) -> None:
    """CannotFollow unless two calls returned the same kinds of things, the same objects."""
    one, two = ([(x.kind, repr(x.node) if isinstance(x.node, PLAIN_VALUES) else id(x.node))
                 if x.kind == "object" else (x.kind, x.wants_gradient)
                 for x in leaves_of_results(tree)] for tree in (first, second))
    if rebuilt_tree(first, iter(one)) != rebuilt_tree(second, iter(two)):
        x, y = next(((x, y) for x, y in zip(one, two) if x != y), (one, two))
        raise Differing(f"{name}: two calls with the same signature returned different "
                        f"things, {x[-1]} and {y[-1]}; what differs must be an argument, "
                        "or computed from arrays")


def builder(tree: Any) -> Callable:
    """What makes the function's value of the leaves of its arguments and the results."""
    if isinstance(tree, Result) and tree.kind == "tensor":
        make = wanting if tree.wants_gradient else constant
        return lambda leaves, data: make(data)
    specs = leaves_of_results(tree)
    firsts = [[*map(id, specs)].index(id(spec)) for spec in specs]

    def build(leaves, *results):
        values = iter(results)
        new = [made(spec, leaves, values) for spec in specs]
        return rebuilt_tree(tree, iter([new[i] for i in firsts]))
    return build


def made(spec: Result, leaves: Any, values: Any) -> Any:
    """A leaf of what the function returns."""
    if spec.kind == "argument":
        return leaves[spec.node]
    if spec.kind == "object":
        return spec.node
    if spec.kind == "outside":
        source, place = spec.node
        array = source.fetch(leaves)
        if place is None:
            return array
        return array[...] if place is ... else window(array, *place)
    value = next(values)
    if spec.kind != "tensor":
        return value
    return wanting(value) if spec.wants_gradient else constant(value)


def rebuilt_tree(tree: Any, leaves: Any) -> Any:
    """The structure, in which Results are the leaves, with others."""
    if isinstance(tree, Result):
        return next(leaves)
    if isinstance(tree, dict):
        return {key: rebuilt_tree(part, leaves) for key, part in tree.items()}
    parts = [rebuilt_tree(part, leaves) for part in tree]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
