"""The way back step by step: what arrives at a value, and what it hands on."""
from html import escape
from itertools import count
from typing import Any

import numpy as np

from minigrad.explanation import evaluation_trace, graph_pictures
from minigrad.explanation.backward_records import Edge, Step, shortly
from minigrad.explanation.evaluation_trace import bar

MOST_STEPS = 100                # of a long graph, the first ones
numbered = count(1).__next__    # two of them in one notebook are two

STYLE = """
.mg-x{--ink:#1d2126;--soft:#59616b;--line:#c9cdd2;--paper:#fdfdfb;--accent:#0b5c9e;
color:var(--ink);background:var(--paper);padding:.6em .8em;
font:14px/1.5 system-ui,sans-serif}
@media (prefers-color-scheme:dark){.mg-x{--ink:#e4e6e9;--soft:#a3abb5;--line:#3c434b;
--paper:#15181c;--accent:#7fbcee}}
.mg-x .mg-scroll{overflow-x:auto;max-width:100%}.mg-x table{border-collapse:collapse;
font-variant-numeric:tabular-nums;background:none}.mg-x caption{text-align:left;
color:var(--soft);padding:.5em 0 .2em;white-space:nowrap}
.mg-x td,.mg-x th{padding:.2em .9em .2em 0;text-align:left;color:var(--ink);
background:none;white-space:nowrap;border:0}.mg-x thead th{color:var(--soft);
border-bottom:1px solid var(--line)}
.mg-x li,.mg-x pre{overflow-x:auto}.mg-x pre{margin:0;background:none;color:inherit;
font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
.mg-x .mg-bar{display:flex;gap:.5em;align-items:center;flex-wrap:wrap;margin:.3em 0}
.mg-x button{font:inherit;color:var(--ink);background:none;border:1px solid var(--line);
border-radius:.35em;min-width:44px;min-height:40px;padding:0 .8em;cursor:pointer}
.mg-x :focus-visible{outline:2px solid var(--accent)}.mg-x summary{cursor:pointer;
padding:.4em 0}.mg-x h1{font-size:1.3em}
"""
SCRIPT = """
(function () {
  var all = document.getElementById(ID), items = all.querySelectorAll("li"), at = 0;
  var where = all.querySelector("output");
  function show(i) {
    at = Math.max(0, Math.min(items.length - 1, i));
    items.forEach(function (item, j) { item.hidden = j !== at; });
    where.textContent = (at + 1) + " of " + items.length;
  }
  all.querySelector(".mg-bar").hidden = false;
  all.querySelectorAll("button").forEach(function (button) {
    button.onclick = function () { show(at + Number(button.dataset.by)); };
  });
  all.onkeydown = function (event) {
    var by = {ArrowRight: 1, ArrowLeft: -1, Home: -1e9, End: 1e9}[event.key];
    if (by) { show(at + by); event.preventDefault(); event.stopPropagation(); }
  };
  show(0);
}());
"""


def cotangent_line(step: Step, loss: Step) -> str:
    """The cotangent as the sum of what came to it."""
    parts = [shortly(edge.contribution) for edge in step.outputs]
    total = shortly(step.cotangent)
    if step is loss:
        return f"{bar(step)} = {total}   (where the way back begins)"
    if len(parts) < 2:
        return f"{bar(step)} = {total}"
    return (f"{bar(step)} = {' + '.join(parts)} = {total}   (used {len(parts)} times: the "
            "contributions are added up)")


def edge_lines(edge: Edge) -> list[str]:
    """What comes back to one argument."""
    step, source = edge.step, edge.source
    name = f"∂{step.name}/∂{source.name}"
    value = "" if edge.number is None else f" = {shortly(edge.number)}"
    if edge.formula.startswith("g -> "):
        lines = [f"to {source.name}: {edge.formula}, where g is {bar(step)}"]
        if value and edge.number is not None and edge.number.size <= 16:
            lines.append(f"   {name}{value}")
    else:
        said = edge.formula if value != f" = {edge.formula}" else ""
        lines = [f"to {source.name}: {name} = {said}{value if said else value[3:]}"]
    if edge.axes:
        axes = ", ".join(map(str, edge.axes))
        lines.append(f"   {source.name} was stretched from {source.value.shape} to "
                     f"{edge.before.shape}: {shortly(edge.before)} is summed over "
                     f"ax{'i' if len(edge.axes) == 1 else 'e'}s {axes} (unbroadcast)")
    lines.append(f"   contributes {shortly(edge.contribution)} to {bar(source)}")
    return lines


def step_lines(step: Step, loss: Step) -> list[str]:
    """All that is said of one step."""
    head = f"{step.name} = {step.call}" if step.call else f"{step.name} is an input"
    lines = [head + (f"      {step.place}" if step.place else ""),
             f"value {shortly(step.value)}", cotangent_line(step, loss)]
    if step.is_leaf and step.wants_gradient:
        lines.append(f"backward() adds this to {step.name}.grad")
    for edge in step.inputs:
        lines += edge_lines(edge)
    return lines


def shown_steps(explanation: Any) -> tuple[list[list[str]], int]:
    """The lines of the first steps, and how many steps are left out."""
    back = explanation.backward_order
    with np.errstate(all="ignore"):
        return ([step_lines(step, explanation.loss) for step in back[:MOST_STEPS]],
                max(0, len(back) - MOST_STEPS))


def text(explanation: Any) -> str:
    """The steps for a terminal."""
    steps, left = shown_steps(explanation)
    blocks = [f"{i}. " + "\n   ".join(lines) for i, lines in enumerate(steps, 1)]
    return "\n\n".join([*blocks, *([f"... {left:,} steps more"] if left else [])])


def html(explanation: Any) -> str:
    """The steps with buttons; all of them where scripts do not run."""
    return f'<div class="mg-x"><style>{STYLE}</style>{control(explanation)}</div>'


def control(explanation: Any) -> str:
    """The list of steps, of which a script shows one at a time."""
    steps, left = shown_steps(explanation)
    name = f"mg-steps-{numbered()}-{id(explanation)}"
    items = "".join(f"<li><pre>{escape(chr(10).join(lines))}</pre></li>" for lines in steps)
    note = f"<p>… {left:,} steps more</p>" if left else ""
    script = SCRIPT.replace("ID", f'"{name}"')
    return (f'<div id="{name}" tabindex="0" role="group" aria-label="The way back, step by '
            'step: arrow keys"><div class="mg-bar" hidden>'
            '<button data-by="-1" aria-label="previous step">‹ back</button>'
            '<button data-by="1" aria-label="next step">next ›</button>'
            f'<output aria-live="polite"></output></div><ol>{items}</ol>{note}'
            f"<script>{script}</script></div>")


def whole(explanation: Any) -> str:
    """Trace, graph and way back, for a notebook."""
    picture = graph_pictures.scrolling(graph_pictures.svg(explanation))
    return (f'<div class="mg-x"><style>{STYLE}</style>'
            f"{evaluation_trace.html(explanation)}"
            f"<details open><summary>The graph</summary>{picture}</details>"
            f"<details><summary>The way back, step by step</summary>{control(explanation)}"
            "</details></div>")


def page(explanation: Any) -> str:
    """One page that needs nothing from elsewhere: what is wrong, then what was done."""
    found = explanation.diagnosis._repr_html_()
    return ('<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta '
            'name="viewport" content="width=device-width, initial-scale=1"><meta '
            'name="color-scheme" content="light dark"><title>A backward pass</title></head>'
            f'<body class="mg-x"><style>{STYLE} body {{ margin: 0 }} '
            f".mg-x .mg-x {{ padding: 0 }}</style>"
            f"<h1>A backward pass</h1>{found}{whole(explanation)}</body></html>")
