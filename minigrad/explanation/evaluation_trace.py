"""The evaluation trace as a table: forward values, then adjoints.

As in Baydin, Pearlmutter, Radul & Siskind 2018, "Automatic differentiation in machine
learning: a survey", tables 2 and 3; an adjoint is called by the name with a bar.
"""
from html import escape
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step, shortly

MOST_ROWS = 60                  # of a long graph, from both ends
WIDEST = 40                     # characters of a cell


def bar(step: Step) -> str:
    """The name of a step's cotangent: a bar on its letter, where the name is short."""
    name = step.name
    return f"{name[:1]}̄{name[1:]}" if len(name) <= 3 else f"d/d {name}"


def forward_row(step: Step) -> tuple[str, str, str, str]:
    return step.name, step.call or "input", shortly(step.value), step.place


def in_short(step: Step) -> tuple[str, str, str, str]:
    """The row for a terminal: of the user's line its file and number."""
    name, call, value, place = forward_row(step)
    return name, call, value, place.partition(" ")[0]


def adjoint_row(step: Step, loss: Step) -> tuple[str, str, str]:
    """The name of the cotangent, the terms of which it is the sum, and its value."""
    terms = [f"{bar(edge.step)}·∂{edge.step.name}/∂{step.name}" for edge in step.outputs]
    begins = "1" if np.all(np.asarray(step.cotangent) == 1) else "given"
    return (bar(step), " + ".join(terms) or (begins if step is loss else ""),
            shortly(step.cotangent))


def ends(steps: list) -> tuple[list, int, list]:
    """The first and the last of many rows, and how many are left out between them."""
    if len(steps) <= MOST_ROWS:
        return steps, 0, []
    half = MOST_ROWS//2
    return steps[:half], len(steps) - 2*half, steps[-half:]


def cut(cell: str) -> str:
    return cell if len(cell) <= WIDEST else cell[:WIDEST - 1] + "…"


def wide(text: str) -> int:
    """How many columns a text takes: a bar above a letter takes none."""
    return len(text) - text.count("̄")


def columns(rows: list[tuple], left: int, after: list[tuple]) -> list[str]:
    """Rows of cells as lines with aligned columns."""
    cells = [tuple(map(cut, row)) for row in [*rows, *after]]
    widths = [max(wide(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = ["  ".join(cell + " "*(width - wide(cell)) for cell, width in zip(row, widths)
                       ).rstrip() for row in cells]
    note = [f"... {left} more ..."] if left else []
    return [*lines[:len(rows)], *note, *lines[len(rows):]]


def text(explanation: Any) -> str:
    """The trace for a terminal."""
    nodes, back = explanation.nodes, explanation.backward_order
    lines = ["Forward, in order of evaluation"]
    first, left, last = ends(nodes)
    lines += ["  " + line for line in columns(
        [in_short(s) for s in first], left, [in_short(s) for s in last])]
    lines += ["", f"Backward, from the result to the inputs{explanation.engine}"]
    first, left, last = ends(back)
    loss = explanation.loss
    lines += ["  " + line for line in columns(
        [adjoint_row(s, loss) for s in first], left, [adjoint_row(s, loss) for s in last])]
    return "\n".join(lines)


def html(explanation: Any) -> str:
    """The trace for a notebook or a page: two tables, which scroll when they are wide."""
    def rows(items: list, row: Any) -> str:
        first, left, last = ends(items)
        note = (f"<tr><td colspan=4>… {left} more …</td></tr>" if left else "")
        return ("".join(line(row(s)) for s in first) + note
                + "".join(line(row(s)) for s in last))

    def line(cells: tuple) -> str:
        return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

    def table(caption: str, heads: tuple, body: str) -> str:
        head = "".join(f"<th>{name}</th>" for name in heads)
        return (f'<div class="mg-scroll"><table><caption>{caption}</caption><thead><tr>'
                f"{head}</tr></thead><tbody>{body}</tbody></table></div>")
    loss = explanation.loss
    return (table("Forward, in order of evaluation", ("name", "computed as", "value",
                                                      "line"),
                  rows(explanation.nodes, forward_row))
            + table(f"Backward, from the result to the inputs{explanation.engine}",
                    ("cotangent", "sum of", "value"),
                    rows(explanation.backward_order, lambda s: adjoint_row(s, loss))))
