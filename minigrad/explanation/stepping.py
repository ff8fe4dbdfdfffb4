"""The backward pass step by step, as text and as a control with buttons and keys.

Without JavaScript the control is the list of all steps.
"""
from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np

from minigrad.explanation.numbers import nearest, short
from minigrad.explanation.tables import factor, flows_to

STYLE = """
.mg-steps {border: 1px solid #8888; border-radius: 8px; padding: 8px 12px; margin: 8px 0;
  max-width: 60em}
.mg-steps:focus-visible, .mg-steps button:focus-visible {outline: 3px solid #3b97d3}
.mg-steps section {overflow-x: auto} .mg-steps h4 {margin: 6px 0}
.mg-steps button {font: inherit; min-height: 36px; padding: 4px 14px; margin-right: 6px;
  color: inherit; background: #8882; border: 1px solid #888; border-radius: 6px}
.mg-steps button:disabled {opacity: .4} .mg-steps .mg-bar {display: none}
.mg-steps dl {display: grid; grid-template-columns: minmax(7em, auto) 1fr; margin: 4px 0;
  gap: 2px 12px} .mg-steps dt {opacity: .75} .mg-steps dd {margin: 0}
.mg-steps code {font-size: 13px; background: none; color: inherit;
  overflow-wrap: anywhere; white-space: pre-wrap}
"""
SCRIPT = """
(() => {
  const root = document.getElementById("UID-steps"); if (!root) return;
  const parts = [...root.querySelectorAll("section")], count = parts.length;
  const [first, back, on] = root.querySelectorAll("button");
  const where = root.querySelector("output"); let now = 0, marked = null;
  const show = n => {
    now = Math.min(Math.max(n, 0), count - 1);
    parts.forEach((part, i) => part.hidden = i !== now);
    first.disabled = back.disabled = now === 0; on.disabled = now === count - 1;
    where.textContent = "step " + (now + 1) + " of " + count;
    if (marked) marked.classList.remove("mg-now");
    marked = document.getElementById("UID-n" + parts[now].dataset.node);
    if (marked) marked.classList.add("mg-now");
  };
  first.onclick = () => show(0); back.onclick = () => show(now - 1);
  on.onclick = () => show(now + 1);
  root.addEventListener("keydown", event => {
    const to = {ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: count - 1};
    if (event.key in to && !event.ctrlKey && !event.metaKey && !event.altKey) {
      show(to[event.key]); event.preventDefault(); event.stopPropagation();
    }
  });
  root.querySelector(".mg-bar").style.display = "block"; show(0);
})();
"""


def facts(step: Any, arriving: list, last: Any) -> list[tuple[str, str]]:
    """What is said of one step: pairs (what, text)."""
    rows = [("value", short(step.value))]
    if step.place:
        rows.append(("your line", step.place))
    if step.inside:
        rows.append(("part of", f"the derivative of {step.inside}"))
    terms = [short(edge.cotangent) for edge in arriving]
    texts = " + ".join(map(factor, arriving))
    if step is last:
        rows.append(("cotangent", f"{short(step.cotangent)}, the seed"))
    elif not arriving:
        rows.append(("cotangent", "none: nothing flows back here"))
    else:
        rows.append(("cotangent", f"∂{step.name} = {texts}"))
        if len(arriving) > 1:
            rows.append(("accumulated", f"{' + '.join(terms)} = {short(step.cotangent)}"))
        else:
            rows.append(("", f"= {short(step.cotangent)}"))
    for edge in step.edges if step.cotangent is not None else ():
        if edge.cotangent is not None:
            rows += edge_facts(edge)
    if step.kind == "parameter":
        rows.append(("gradient", f"backward() adds {short(step.cotangent)} to "
                                 f"{step.name}.grad"))
    return rows


def edge_facts(edge: Any) -> list[tuple[str, str]]:
    """What is said of one argument: the local derivative, the product, unbroadcast."""
    to, of = edge.source.name, edge.target.name
    if edge.local is None:
        rows = [(f"to {to}", f"{edge.formula}   with g = ∂{of}")]
    else:
        rows = [(f"to {to}", f"local derivative ∂{of}/∂{to}: {edge.formula} = "
                             f"{short(edge.local)}")]
    rows.append(("", f"flows back: {short(edge.contribution)}"))
    if edge.summed_axes:
        rows.append(("", f"unbroadcast: {edge.contribution.shape} is summed over the axes "
                         f"{edge.summed_axes} to {np.shape(edge.cotangent)}, the shape of "
                         f"{to}: {short(edge.cotangent)}"))
    return rows


class Steps:
    """The steps of a backward pass, the loss first: iterate, print, or show in a notebook.

    steps[i] and iteration give the text of each.
    """

    def __init__(self, nodes: list, uid: str) -> None:
        self.nodes, self.uid = nodes, uid
        chosen, self.note = nearest(nodes)
        self.chosen = [step for step in reversed(chosen) if step.kind != "constant"]
        self.flows = flows_to(nodes)

    def __len__(self) -> int:
        return len(self.chosen)

    def facts(self, step: Any) -> list[tuple[str, str]]:
        """Pairs (what, text) of one Step."""
        return facts(step, self.flows.get(step.index, []), self.nodes[-1])

    def heading(self, step: Any) -> str:
        """Its name, and how it was computed."""
        return step.name if step.function is None else f"{step.name} = {step.expression}"

    def __getitem__(self, i: int) -> str:
        step = self.chosen[i]
        number = range(len(self.chosen))[i] + 1
        lines = [f"step {number} of {len(self)}: {self.heading(step)}"]
        return "\n".join(lines + [f"    {what:<12} {text}" for what, text in
                                  self.facts(step)])

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    def __str__(self) -> str:
        return "\n\n".join([*self, *[f"({self.note})"]*bool(self.note)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        sections = []
        for step in self.chosen:
            rows = "".join(f"<dt>{escape(what)}</dt><dd><code>{escape(text)}</code></dd>"
                           for what, text in self.facts(step))
            sections.append(f'<section data-node="{step.index}"><h4><code>'
                            f"{escape(self.heading(step))}</code></h4><dl>{rows}</dl>"
                            "</section>")
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return (
            f'<style>{STYLE}</style><div class="mg-steps" id="{self.uid}-steps" '
            'tabindex="0" role="group" aria-label="the backward pass, step by step; arrow '
            'keys go on and back"><div class="mg-bar"><button type="button">⏮ first'
            '</button><button type="button">◀ previous</button><button type="button">next ▶'
            '</button> <output aria-live="polite"></output></div>'
            f'{"".join(sections)}{note}</div>'
            f'<script>{SCRIPT.replace("UID", self.uid)}</script>')
