"""mg.explain and what it returns: one backward pass, as data, text, pictures and a page."""
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.explanation.collecting import Collector
from minigrad.explanation.names import Names, variables
from minigrad.explanation.records import Step
from minigrad.stand_ins import StandIn
from minigrad.structures import vector_like
from minigrad.tensors import Tensor


class Explanation:
    """One backward pass: steps in the order of evaluation, the loss last.

    nodes are all Steps; leaves those that no operation made, parameters those that want a
    gradient; loss is the last. str() is the table.
    """

    def __init__(self, nodes: list[Step], seed: np.ndarray) -> None:
        self.nodes, self.seed = nodes, seed

    loss = property(lambda self: self.nodes[-1], doc="The Step of the loss.")

    @property
    def leaves(self) -> list[Step]:
        """The Steps that no operation made."""
        return [step for step in self.nodes if step.function is None]

    @property
    def parameters(self) -> list[Step]:
        """The leaves that want a gradient."""
        return [step for step in self.nodes if step.kind == "parameter"]

    def __getitem__(self, name: str) -> Step:
        for step in self.nodes:
            if step.name == name:
                return step
        some = ", ".join(step.name for step in self.nodes[:12])
        raise KeyError(f"explanation: no step is called {name!r}; there are {some}, ...")

    @cached_property
    def diagnosis(self) -> Any:
        """What the doctor finds (doctor.py)."""
        from minigrad.explanation.doctor import diagnose
        return diagnose(self)


def explain(loss: Tensor, model: Any = None, gradient: Any = None,
            names: Mapping[str, Any] | None = None) -> Explanation:
    """What loss.backward(gradient) does, without doing it: no .grad changes, and the graph
    is kept.

    loss needs one entry, or `gradient`, of its shape. Steps carry the names of a model's
    parameters, of `names` (a dict from names to tensors, lists, dicts or models), and of
    the caller's variables; others are v1, v2, ... Baydin et al. 2018, tables 2 and 3.
    Raises TypeError for what is no Tensor, RuntimeError for one without a graph or whose
    graph was used up, ValueError for a gradient of another shape.

    >>> import minigrad as mg
    >>> x = mg.tensor(3.0, requires_grad=True)
    >>> e = explain(x*x + x)
    >>> e["x"].cotangent, [edge.formula for step in e.nodes for edge in step.edges]
    (array(7.), ['x', 'x', '1', '1'])
    """
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"explain: came {type(loss).__name__}, needs the Tensor that a computation "
            "ended in, as mg.explain(loss); of a function f: mg.explain(f(x)) with"
            " x = mg.tensor(..., requires_grad=True)")
    if isinstance(loss._data, StandIn):
        raise RuntimeError("explain: a compiled step is being recorded, and explaining is "
                           "no part of it; call the function without mg.compile")
    if not loss.requires_grad:
        raise RuntimeError(
            "explain: this tensor depends on nothing that wants a gradient, so there is "
            "nothing to walk back; make its inputs with mg.tensor(..., requires_grad=True)."
            " Results of a compiled step and of mg.no_grad() have no graph: call the "
            "function itself")
    if model is not None and not hasattr(model, "named_parameters"):
        raise TypeError(f"explain: model came {type(model).__name__}, needs a network with"
                        " named_parameters(); mg.explain(loss, gradient=...) for a"
                        " gradient, names={...} for names")
    if gradient is None and loss._data.size != 1:
        raise ValueError(f"explain: the result has shape {loss.shape}, needs one entry; "
                         "explain its np.sum, or pass gradient= of that shape")
    seed = np.ones(loss.shape, loss.dtype) if gradient is None else vector_like(
        gradient, loss, "explain")
    seed = np.array(getattr(seed, "_data", seed))
    found = variables(sys._getframe(1))
    return Explanation(Collector(loss, seed, Names(model, names, found)).steps, seed)
