"""The graph of one backward pass as SVG, drawn here: no other program is needed.

In a box: what it is called and which function made it, its value, its cotangent.
"""
from html import escape
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step, shortly
from minigrad.explanation.graph_layout import BOX, GAP, Place, layered, nearest

MOST_DRAWN = 60                 # boxes; of a larger graph those nearest to the result
HEIGHT, ROOM, EDGE = 58, 34, 6  # of a box, between layers, at the border: pixels
LONGEST, HEAD = 19, 16          # characters in a box, in bold letters

STYLE = """
.mg-graph{--paper:#fdfdfb;--ink:#1d2126;--soft:#59616b;--line:#9aa2ab;--leaf:#e3eef7;
--leaf-line:#0072b2;--end:#fdeedd;--end-line:#d55e00;font:11px system-ui,sans-serif}
@media (prefers-color-scheme:dark){.mg-graph{--paper:#15181c;--ink:#e4e6e9;--soft:#a3abb5;
--line:#6b747e;--leaf:#12293b;--leaf-line:#56b4e9;--end:#3a2410;--end-line:#e69f00}}
.mg-graph .paper{fill:var(--paper)}.mg-graph text{fill:var(--ink);text-anchor:middle}
.mg-graph .soft{fill:var(--soft)}.mg-graph .name{font-weight:650}
.mg-graph rect.box{fill:var(--paper);stroke:var(--line)}
.mg-graph .leaf rect.box{fill:var(--leaf);stroke:var(--leaf-line);stroke-width:1.5}
.mg-graph .data rect.box{stroke-dasharray:4 3}
.mg-graph .end rect.box{fill:var(--end);stroke:var(--end-line);stroke-width:2}
.mg-graph path{fill:none;stroke:var(--line);stroke-width:1.3}
"""


def svg(explanation: Any) -> str:
    """The picture: inputs above, the result below; wanted inputs are round and blue."""
    steps = nearest(explanation.loss, MOST_DRAWN)
    left = len(explanation.nodes) - len(steps)
    layers = layered(steps)
    width = max(sum(p.width + GAP for p in layer) for layer in layers) + 2*EDGE - GAP
    note = 18 if left else 0
    height = len(layers)*(HEIGHT + ROOM) - ROOM + 2*EDGE + note
    places = [place for layer in layers for place in layer]
    lines = "".join(line(place, lower) for place in places for lower in place.below)
    boxes = "".join(box(place, explanation.loss) for place in places if place.step)
    more = (f'<text class="soft" x="{width/2:g}" y="{height - 8}">and {left:,} more, '
            "farther from the result</text>" if left else "")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="mg-graph" width="{width:g}" '
            f'height="{height}" viewBox="0 0 {width:g} {height}" role="img" aria-label="'
            f'Graph of {len(steps)} values, inputs above, the result below">'
            f'<style>{STYLE}</style><rect class="paper" width="100%" height="100%"/>'
            f"{lines}{boxes}{more}</svg>")


def top(place: Place) -> float:
    return EDGE + place.layer*(HEIGHT + ROOM)


def line(upper: Place, lower: Place) -> str:
    """From the lower edge of one to the upper edge of the next."""
    x, y = upper.x + EDGE, top(upper) + HEIGHT
    u, v = lower.x + EDGE, top(lower)
    through = f"M{x:g} {y - HEIGHT:g}V{y:g}" if upper.step is None else f"M{x:g} {y:g}"
    return f'<path d="{through}C{x:g} {(y + v)/2:g} {u:g} {(y + v)/2:g} {u:g} {v:g}"/>'


def box(place: Place, loss: Step) -> str:
    """One step: a box with its name and function, value and cotangent."""
    step, x, y = place.step, place.x + EDGE, top(place)
    assert step is not None
    kind = ("end" if step is loss else "op" if not step.is_leaf else
            "leaf" if step.wants_gradient else "data")
    head = step.name if step.is_leaf else f"{step.name} = {step.operation}"
    back = "–" if step.cotangent is None else shortly(step.cotangent)
    texts = [("name", cut(head, HEAD)), ("", in_box(step.value)),
             ("soft", "∂ " + (back if step.cotangent is None
                              else in_box(step.cotangent).rpartition(": ")[2]))]
    inside = "".join(
        f'<text class="{name}" x="{x:g}" y="{y + 17 + 16*i:g}">{escape(cut(text))}</text>'
        for i, (name, text) in enumerate(texts))
    about = "\n".join(filter(None, [
        f"{step.name} = {step.call}" if step.call else f"{step.name}: input", step.place,
        f"value {shortly(step.value)}", f"cotangent {back}"]))
    return (f'<g class="{kind}"><title>{escape(about)}</title><rect class="box" '
            f'x="{x - BOX/2:g}" y="{y:g}" width="{BOX}" height="{HEIGHT}" '
            f'rx="{14 if step.is_leaf else 3}"/>{inside}</g>')


def in_box(x: np.ndarray) -> str:
    """A value in the few characters of a box."""
    if x.size <= 2:
        return ", ".join(f"{entry:.3g}" for entry in x.reshape(-1).tolist()) or "empty"
    whole = x[np.isfinite(x)] if x.dtype.kind == "f" else x
    if whole.size < x.size:
        return f"{x.shape} not finite"
    return f"{'×'.join(map(str, x.shape))}: {whole.min():.2g}…{whole.max():.2g}"


def cut(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else text[:most - 1] + "…"


def scrolling(picture: str) -> str:
    """The picture in a box of its own that scrolls where the page is narrower."""
    return f'<div style="overflow-x:auto;max-width:100%">{picture}</div>'
