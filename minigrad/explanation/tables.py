"""The evaluation trace: forward values, then adjoints; Baydin et al. 2018, tables 2 and 3.

Here ∂v stands for d(loss)/dv, which papers write as v with a bar.
"""
from typing import Any

from minigrad.explanation.numbers import cut, nearest, short

FORWARD = ("step", "computed as", "value", "line")
BACKWARD = ("adjoint", "sum of what flows back", "value")
WIDTHS = {FORWARD: (16, 32, 40, 0), BACKWARD: (17, 38, 40)}


def factor(edge: Any) -> str:
    """What flows back along an edge: ∂result times the local derivative."""
    upper = f"∂{edge.target.name}"
    if edge.entrywise and "g" not in words(edge.formula):
        text = upper if edge.formula == "1" else f"-{upper}" if edge.formula == "-1" else (
            f"{upper}*{bracketed(edge.formula)}")
    else:
        text = f"{{{edge.formula} | g = {upper}}}"
    return f"sum{edge.summed_axes}[{text}]" if edge.summed_axes else text


def words(text: str) -> set[str]:
    """The names in a formula."""
    return {*"".join(c if c.isalnum() or c in "._" else " " for c in text).split()}


def bracketed(text: str) -> str:
    """A formula as a factor."""
    plain = text.replace("**", "").replace(".", "").replace("_", "")
    return text if plain.isalnum() else f"({text})"


def flows_to(steps: list) -> dict[int, list]:
    """The edges along which cotangents come to each step, in the order of the walk back."""
    found: dict[int, list] = {}
    for step in reversed(steps):
        for edge in step.edges:
            if edge.cotangent is not None:
                found.setdefault(edge.source.index, []).append(edge)
    return found


def forward_rows(steps: list) -> list[tuple[str, ...]]:
    """(name, expression, value, line of the user's code) of each step."""
    return [(step.name, step.expression, short(step.value),
             "" if step.place is None else step.place.split(" ")[0]) for step in steps]


def backward_rows(steps: list, whole: list) -> list[tuple[str, ...]]:
    """(adjoint, contributions, value) of each step, the loss first."""
    flows = flows_to(whole)
    return [(f"∂{step.name}", " + ".join(map(factor, flows.get(step.index, []))) or (
                "the seed" if step is whole[-1] else "nothing flows back here"),
             short(step.cotangent)) for step in reversed(steps) if step.kind != "constant"]


def aligned(heads: tuple, rows: list) -> list[str]:
    """Lines of text in columns."""
    limits = WIDTHS[heads]
    cells = [[cut(cell, limit or 24) for cell, limit in zip(row, limits)]
             for row in (heads, *rows)]
    wide = [max(map(len, column)) for column in zip(*cells)]
    lines = ["  ".join(cell.ljust(n) for cell, n in zip(row, wide)).rstrip()
             for row in cells]
    return [lines[0], "-"*min(96, max(map(len, lines))), *lines[1:]]


def table_text(nodes: list) -> str:
    """Both tables as text."""
    steps, note = nearest(nodes)
    return "\n".join([
        "forward: values in the order of evaluation", *[f"({note})"]*bool(note),
        *aligned(FORWARD, forward_rows(steps)), "",
        f"backward: adjoints, ∂v = d({nodes[-1].name})/dv, from the loss to the leaves",
        *aligned(BACKWARD, backward_rows(steps, nodes))])
