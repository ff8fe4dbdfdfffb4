"""What `mg.explain` gives: the steps, and how they look."""
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.explanation import evaluation_trace, graph_pictures, step_through
from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.wrong_on_purpose import mark
from minigrad.whole_files import whole_file


class Shown(str):
    """A text that prints as it is, and in a notebook as HTML where it has one."""
    html = ""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str | None:
        return self.html or None


class Explanation:
    """One backward pass: .nodes in order of evaluation, each a Step with its Edges.

    Printed it is the evaluation trace; in a notebook that, the graph and the way back step
    by step.
    """

    def __init__(self, nodes: list[Step], loss: Step, unused: Sequence[str] = ()) -> None:
        self.nodes, self.loss = nodes, loss
        self.engine = mark()            # which is "", unless it was wrong on purpose
        self.unused = unused            # parameters of the same modules, not in the graph
        self._diagnosis: Any = None

    @property
    def leaves(self) -> list[Step]:
        """The inputs that want a gradient."""
        return [step for step in self.nodes if step.is_leaf and step.wants_gradient]

    @property
    def backward_order(self) -> list[Step]:
        """The steps that a cotangent reached, the loss first."""
        return [step for step in reversed(self.nodes) if step.cotangent is not None]

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.nodes)

    def __getitem__(self, name: str | int) -> Step:
        """The step of this name, or at this place in the order of evaluation."""
        if isinstance(name, int):
            return self.nodes[name]
        for step in self.nodes:
            if step.name == name:
                return step
        raise KeyError(f"no step is called {name!r}; there are "
                       f"{', '.join(step.name for step in self.nodes[:20])}")

    @property
    def edges(self) -> list[Edge]:
        """Every edge along which a cotangent came back."""
        return [edge for step in self.nodes for edge in step.inputs]

    # --- how it looks -------------------------------------------------------------------
    def __str__(self) -> str:
        return evaluation_trace.text(self)

    __repr__ = __str__

    def table(self) -> Shown:
        """The evaluation trace: values as they were computed, then adjoints."""
        shown = Shown(evaluation_trace.text(self))
        shown.html = evaluation_trace.html(self)
        return shown

    def steps(self) -> Shown:
        """The way back step by step; in a notebook with buttons."""
        shown = Shown(step_through.text(self))
        shown.html = step_through.html(self)
        return shown

    def svg(self) -> Shown:
        """The graph as SVG."""
        shown = Shown(graph_pictures.svg(self))
        shown.html = graph_pictures.scrolling(str(shown))
        return shown

    def _repr_html_(self) -> str:
        return step_through.whole(self)

    def save(self, path: str | Path) -> None:
        """Write one page with the trace, the graph and the way back, which needs no
        network."""
        text = step_through.page(self)
        with whole_file(path) as file:
            file.write(text.encode("utf-8"))

    @property
    def diagnosis(self) -> Any:
        """What is wrong with this pass, and where; see minigrad.explanation.doctor."""
        if self._diagnosis is None:
            from minigrad.explanation.doctor import diagnose
            self._diagnosis = diagnose(self)
        return self._diagnosis


def gradient_of(explanation: Explanation, leaf: Step) -> np.ndarray:
    """The gradient of a leaf as the sum over all paths of products of the displayed local
    derivatives, each entry apart: what a textbook calls the chain rule."""
    totals: dict[Step, np.ndarray] = {}
    start = explanation.loss
    totals[start] = np.asarray(start.cotangent).reshape(1, -1)
    for step in explanation.backward_order:
        for edge in step.inputs:
            part = totals[step] @ edge.jacobian()
            totals[edge.source] = totals.get(edge.source, 0) + part
    return totals[leaf].reshape(leaf.value.shape)
