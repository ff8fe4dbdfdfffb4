"""Tables for notebooks, each cell escaped."""
from collections.abc import Iterable
from html import escape
from typing import Any


def html_table(heads: Iterable[str], rows: Iterable[Iterable[Any]], above: str = "") -> str:
    """A table as HTML, with a paragraph above it.

    >>> html_table(["t", "value"], [[0, "<1"]])
    '<table><tr><th>t</th><th>value</th></tr><tr><td>0</td><td>&lt;1</td></tr></table>'
    """
    def line(cells: Iterable[Any], kind: str) -> str:
        inner = "".join(f"<{kind}>{escape(str(cell))}</{kind}>" for cell in cells)
        return f"<tr>{inner}</tr>"
    body = "".join(line(row, "td") for row in rows)
    before = f"<p>{escape(above)}</p>" if above else ""
    return f"{before}<table>{line(heads, 'th')}{body}</table>"


def some_of(count: int) -> list[int]:
    """The first rows of so many, the middle one and the last."""
    return sorted({0, 1, 2, (count - 1)//2, count - 1} & set(range(count)))
