"""The tape, read and walked back once, as Steps.

The walk is the tape's own, with its own pull: here is only looked at what passes by. No
.grad changes, and the graph is kept.
"""
from typing import Any

import numpy as np

from minigrad.explanation.names import Names
from minigrad.explanation.records import Edge, Step
from minigrad.guards import has_nan, name_of
from minigrad.indeterminate import Indeterminate
from minigrad.tape import Node, pull, walk
from minigrad.tensors import Tensor


class Looking(Indeterminate):
    """0/0 as the walk back of backward() resolves it, without a warning or an error."""
    again = False

    def resolve(self, node: Any, result: Any, g: Any, out: Any) -> Any:
        """The cotangent with 0 for NaN where g is 0."""
        out = super().resolve(node, result, g, out)
        self.met = self.again
        return out


def graph_of(loss: Tensor) -> list[Tensor]:
    """All results behind a loss, in the order of evaluation. RuntimeError if used up."""
    found, waiting = {id(loss): loss}, [loss]
    while waiting:
        node = waiting.pop()._node
        if node is not None and node.args is None:
            raise RuntimeError(
                f"explain: the graph behind this {name_of(node.function)} was used up by "
                "an earlier backward(); call mg.explain(loss) before loss.backward(), or "
                "keep the graph with loss.backward(retain_graph=True)")
        for i in () if node is None else node.positions:
            argument = node.args[i]
            if argument.requires_grad and id(argument) not in found:
                found[id(argument)] = argument
                waiting.append(argument)
    return sorted((t for t in found.values() if t._node is not None),
                  key=lambda t: t._node.time)


def walked(loss: Tensor, seed: np.ndarray) -> tuple[dict, dict, Looking]:
    """Cotangents by tensor, and what flowed along each edge by (tensor, position)."""
    cotangents: dict[Tensor, Any] = {}
    flows: dict[tuple, Any] = {}

    def watched(forms: Any, node: Node, result: Tensor, g: Any) -> list:
        pairs = pull(forms, node, result, g)
        wanted = [i for i in node.positions if node.args[i].requires_grad]
        flows.update(((result, i), out) for i, (_, out) in zip(wanted, pairs))
        cotangents[result] = g
        return pairs
    forms = Looking([(loss, seed)], False)
    with np.errstate(all="ignore", invalid="call", call=forms):
        leaves = walk([(loss, seed)], None, 0, watched, forms)
        if has_nan([g for _, g in leaves]) and not has_nan([loss, seed]):
            forms.again = forms.met = True          # also where NumPy has not noticed it
            leaves = walk([(loss, seed)], None, 0, watched, forms)
    found = {tensor: np.asarray(g) for tensor, g in (cotangents | dict(leaves)).items()}
    return found, {edge: np.asarray(g) for edge, g in flows.items()}, forms


class Collector:
    """The steps of one graph: leaves in the order of their first use, then operations."""

    def __init__(self, loss: Tensor, seed: np.ndarray, names: Names) -> None:
        self.names = names
        results = graph_of(loss)
        self.cotangents, self.flows, self.forms = walked(loss, seed)
        self.leaves: dict[Any, Step] = {}
        self.of: dict[Tensor, Step] = {}
        steps = [self.operation(t) for t in results]
        if loss._node is None:
            steps.append(self.leaf(loss, loss._data))
            self.leaves.clear()
        self.steps = [*self.leaves.values(), *steps]
        for index, step in enumerate(self.steps):
            step.index = index
            step.name = step.name or names.free()
        self.forms.seeds = [(Tensor(loss._data.copy()), seed)]

    def leaf(self, source: Any, data: np.ndarray) -> Step:
        """The Step of a Tensor that no call made, or of an array."""
        tensor = type(source) is Tensor
        key = source if tensor else (data.shape, data.dtype.str, data.tobytes())
        if key not in self.leaves:
            wants = tensor and source.requires_grad
            name = self.names.of(source if tensor else data)
            self.leaves[key] = Step(
                -1, name, "parameter" if wants else "constant", data.copy(),
                self.cotangents.get(source) if wants else None, named=bool(name))
        return self.leaves[key]

    def operation(self, result: Tensor) -> Step:
        """The Step of a result, whose arguments have theirs."""
        node = result._node
        name = self.names.of(result)
        step = Step(-1, name, "operation", result._data.copy(),
                    self.cotangents.get(result), node.function, named=bool(name))
        self.of[result] = step
        arguments = list(node.values)
        for i, x in enumerate(node.args):
            made = type(x) is Tensor and x.requires_grad and x._node is not None
            if made or type(x) is Tensor or (type(x) is np.ndarray and x.size > 1):
                source = self.of[x] if made else self.leaf(x, getattr(x, "_data", x))
                arguments[i] = source.value
                step.edges.append(Edge(source, step, i, self.flows.get((result, i))))
        step.arguments, step.kwargs = tuple(arguments), dict(node.kwargs)
        step.where = node.place
        kept = Node()
        kept.function, kept.args, kept.place = node.function, step.arguments, node.place
        step.resolving = kept, self.forms
        return step
