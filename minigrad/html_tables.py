"""Tables for notebooks, each cell escaped."""
from collections.abc import Iterable, Sequence
from typing import Any


def html_table(heads: Sequence[str], rows: Iterable[Iterable[Any]], above: str = "") -> str:
    """A table as HTML, with a paragraph (or lines as they are) above it.

    >>> html_table(["t", "value"], [[0, "<1"]])
    '<table><tr><th>t</th><th>value</th></tr><tr><td>0</td><td>&lt;1</td></tr></table>'
    """
    from html import escape                     # only notebooks need it

    def line(cells: Iterable[Any], kind: str) -> str:
        inner = "".join(f"<{kind}>{escape(str(cell))}</{kind}>" for cell in cells)
        return f"<tr>{inner}</tr>"
    body = "".join(line(row, "td") for row in rows)
    head = line(heads, "th") if heads else ""
    tag = "pre" if "\n" in above else "p"
    return f"{f'<{tag}>{escape(above)}</{tag}>'*bool(above)}<table>{head}{body}</table>"


def some_of(count: int) -> list[int]:
    """The first rows of so many, the middle one and the last."""
    return sorted({0, 1, 2, (count - 1)//2, count - 1} & set(range(count)))
