"""The graph as SVG: values and cotangents in boxes, from the leaves down to the loss.

Colours are Okabe and Ito's, which the colour-blind tell apart, and shapes differ too. Text
and lines have the colour of the surrounding text, so they are light in the dark.
"""
from html import escape
from typing import Any

from minigrad.explanation.layout import placed
from minigrad.explanation.numbers import cut, nearest, short, spread
from minigrad.explanation.tables import factor

WIDE, HIGH, GAP, DROP, POINT = 178, 56, 14, 34, 22
STYLE = """
.mg-graph text {font: 12px system-ui, sans-serif; fill: currentColor}
.mg-graph .mg-name {font-weight: 600}
.mg-graph rect {fill: currentColor; fill-opacity: .04; stroke: currentColor;
  stroke-opacity: .55}
.mg-graph .mg-parameter rect {fill: #0072b2; fill-opacity: .16; stroke: #3b97d3;
  stroke-width: 2.5; stroke-opacity: 1}
.mg-graph .mg-constant rect {stroke-dasharray: 5 3}
.mg-graph .mg-loss rect {fill: #e69f00; fill-opacity: .2; stroke: #d08a00;
  stroke-width: 2.5; stroke-opacity: 1}
.mg-graph path {fill: none; stroke: currentColor; stroke-opacity: .5; stroke-width: 1.3}
.mg-graph .mg-now rect {stroke: #d55e00; stroke-width: 4; stroke-opacity: 1}
"""
CORNERS = {"parameter": 16, "constant": 2, "operation": 5}


def numbers_of(array: Any) -> str:
    """An array in the width of a box."""
    if array is None:
        return "none"
    if array.size <= 3 or array.dtype.kind == "b":
        return cut(short(array), 24)
    shape = "×".join(map(str, array.shape))
    return cut(f"{shape}: {spread(array).partition(', mean')[0]}", 25)


def box(step: Any, x: float, y: float, last: bool, uid: str) -> str:
    """One node."""
    text = step.name if step.function is None else f"{step.name} = {step.expression}"
    kind = "loss" if last else step.kind
    details = [text, step.place or step.kind, f"value {short(step.value)}",
               f"cotangent {short(step.cotangent)}", *[
                   f"∂{edge.source.name}: {factor(edge)}" for edge in step.edges
                   if edge.cotangent is not None]]
    back = "wants no gradient" if step.kind == "constant" else (
        f"∂ {numbers_of(step.cotangent)}")
    lines = [f'<text class="{name}" x="{x + 9:g}" y="{y + 17 + 16*i:g}">{escape(part)}'
             "</text>" for i, (name, part) in enumerate((
                 ("mg-name", cut(text, 25)), ("", numbers_of(step.value)), ("", back)))]
    return (f'<g class="mg-{kind}" id="{uid}-n{step.index}"><title>'
            f'{escape(chr(10).join(details))}</title><rect x="{x:g}" y="{y:g}" '
            f'width="{WIDE}" height="{HIGH}" rx="{CORNERS[step.kind]}"/>'
            f'{"".join(lines)}</g>')


def line(points: list[tuple[float, float]]) -> str:
    """A smooth line down through points (middle, y)."""
    (x, y), *rest = points
    parts = [f"M{x:g} {y:g}"]
    for a, b in rest:
        parts.append(f"C{x:g} {(y + b)/2:g} {a:g} {(y + b)/2:g} {a:g} {b:g}")
        x, y = a, b
    return f'<path d="{"".join(parts)}" marker-end="url(#ARROW)"/>'


def graph_svg(nodes: list, uid: str) -> str:
    """The graph of all steps, or of those next to the loss with a note."""
    steps, note = nearest(nodes)
    rows, ways = placed(steps)
    size = [[WIDE if isinstance(key, int) else POINT for key in row] for row in rows]
    widths = [sum(row) + GAP*(len(row) - 1) for row in size]
    width, top = max(*widths, 360) + 24, 26 if note else 8
    at: dict[Any, tuple[float, float]] = {}
    for k, (row, sizes) in enumerate(zip(rows, size)):
        x = (width - widths[k])/2
        for key, wide in zip(row, sizes):
            at[key] = x, top + k*(HIGH + DROP)
            x += wide + GAP
    height = top + len(rows)*(HIGH + DROP) - DROP + 8
    drawn = []
    for way in ways.values():
        points = [(at[way[0]][0] + WIDE/2, at[way[0]][1] + HIGH)]
        for key in way[1:-1]:
            x, y = at[key]
            points += [(x + POINT/2, y), (x + POINT/2, y + HIGH)]
        points.append((at[way[-1]][0] + WIDE/2, at[way[-1]][1] - 3))
        drawn.append(line(points).replace("ARROW", f"{uid}-arrow"))
    boxes = [box(step, *at[step.index], step is nodes[-1], uid) for step in steps]
    words = [f'<text x="12" y="16">{escape(note)}</text>']*bool(note)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="mg-graph" width="{width:g}" '
            f'height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
            f'aria-label="the graph of {escape(nodes[-1].name, quote=True)}, '
            f'{len(nodes)} steps"><style>{STYLE}</style><defs><marker id="{uid}-arrow" '
            'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0L8 4L0 8" style="stroke-opacity:.8"/></marker>'
            f'</defs>{"".join(words + drawn + boxes)}</svg>')
