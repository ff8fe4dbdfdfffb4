"""mg.explain and what it returns: one backward pass, as data, text, pictures and a page."""
import sys
from collections.abc import Mapping
from functools import cached_property
from html import escape
from os import PathLike
from secrets import token_hex
from typing import Any

import numpy as np

from minigrad.explanation.collecting import Collector
from minigrad.explanation.graphs import graph_svg
from minigrad.explanation.names import Names, variables
from minigrad.explanation.numbers import nearest
from minigrad.explanation.records import Step
from minigrad.explanation.stepping import Steps
from minigrad.explanation.tables import (
    BACKWARD, FORWARD, backward_rows, forward_rows, table_text)
from minigrad.html_tables import html_table
from minigrad.stand_ins import StandIn
from minigrad.structures import vector_like
from minigrad.tensors import Tensor
from minigrad.whole_files import whole_file

STYLE = """
.mg-explain {max-width: 100%} .mg-explain .mg-box {overflow-x: auto; max-width: 100%}
.mg-explain .mg-hint {display: none; font-size: 13px; opacity: .75}
@media (max-width: 700px) {.mg-explain .mg-hint {display: block}}
.mg-explain td, .mg-explain th {text-align: left; padding: 2px 10px; font-size: 13px}
.mg-explain td {font-family: ui-monospace, monospace; max-width: 34em;
  overflow-wrap: anywhere} .mg-explain summary {cursor: pointer; padding: 6px 0}
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>TITLE</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {color-scheme: light dark} body {font: 15px system-ui, sans-serif; margin: 12px;
  color: CanvasText; background: Canvas}</style></head><body><h1>TITLE</h1>
BODY</body></html>
"""


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

    def table(self) -> str:
        """The evaluation trace as text: forward values, then adjoints."""
        return table_text(self.nodes)

    __str__ = table

    def __repr__(self) -> str:
        return f"<explanation of {self.loss.name}: {len(self.nodes)} steps; print it>"

    def steps(self) -> Steps:
        """The backward pass step by step: print it, iterate, or show it in a notebook."""
        return Steps(self.nodes, f"mg{token_hex(6)}")

    def svg(self) -> str:
        """The graph as text of an SVG; of a large one the part next to the loss."""
        return graph_svg(self.nodes, f"mg{token_hex(6)}")

    def _repr_html_(self) -> str:
        uid = f"mg{token_hex(6)}"               # two outputs stand in one notebook
        steps, note = nearest(self.nodes)
        note = f"<p>{escape(note)}</p>" if note else ""
        tables = (html_table(FORWARD, forward_rows(steps), "Forward"),
                  html_table(BACKWARD, backward_rows(steps, self.nodes),
                             f"Backward: ∂v = d({self.loss.name})/dv"))
        hint = '<div class="mg-hint">wider than the screen: scroll sideways ↔</div>'
        inner = "".join(f'{hint}<div class="mg-box" tabindex="0">{part}</div>'
                        for part in tables)
        return (f'<style>{STYLE}</style><div class="mg-explain">{hint}<div class="mg-box" '
                f'tabindex="0">{graph_svg(self.nodes, uid)}</div>{note}<details><summary>'
                "Step through the backward pass</summary>"
                f"{Steps(self.nodes, uid)._repr_html_()}</details><details><summary>Table "
                f"of values and adjoints</summary>{inner}</details></div>")

    def save(self, path: str | PathLike[str]) -> None:
        """Write one page that holds everything and needs no network.

        OSError where it cannot be written; an earlier page then stays as it was.
        """
        body = self._repr_html_().replace("<details>", "<details open>")
        page = PAGE.replace("TITLE", escape(f"The backward pass of {self.loss.name}"))
        with whole_file(path) as file:
            file.write(page.replace("BODY", body).encode())

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
