"""Elements of HTML as text that is escaped once: tag("p", "a < b")."""
import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

VOID = ("br", "hr", "img", "source")


class Html(str):
    """Text that is markup already."""


def tag(name: str, *children: Any, **attributes: Any) -> Html:
    """An element; `class_` stands for class, None leaves an attribute out.

    >>> tag("p", "a < b", tag("br"), class_="x")
    '<p class="x">a &lt; b<br></p>'
    """
    words = [name, *(f'{key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
                     for key, value in attributes.items() if value is not None)]
    inner = "".join(map(markup, children))
    return Html(f"<{' '.join(words)}>{inner}" + ("" if name in VOID else f"</{name}>"))


def markup(child: Any) -> str:
    """A child as markup: escaped, unless it is markup; a list as its parts."""
    if isinstance(child, Html):
        return child
    if isinstance(child, (list, tuple)):
        return "".join(map(markup, child))
    return html.escape(str(child), quote=False)


def prose(text: str) -> Html:
    """A sentence in which `x` is code."""
    parts = re.split(r"`([^`]+)`", text)
    return Html("".join(tag("code", part) if k % 2 else markup(part)
                        for k, part in enumerate(parts)))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]],
          classes: Sequence[str | None] = ()) -> Html:
    """A table whose first column names its rows, in a box of its own that scrolls.

    A row is a sequence of cells, or markup that is a whole row already.
    """
    classes = [*classes, *[None]*(len(heads) - len(classes))]
    body = [row if isinstance(row, Html) else
            tag("tr", tag("th", row[0], scope="row", class_=classes[0]),
                *(tag("td", cell, class_=c) for cell, c in zip(row[1:], classes[1:])))
            for row in rows]
    head = tag("tr", *(tag("th", text, scope="col", class_=c if c == "number" else None)
                       for text, c in zip(heads, classes)))
    return tag("div", tag("table", tag("caption", caption), tag("thead", head),
                          tag("tbody", body)),
               class_="scroll", tabindex="0", role="region", aria_label=caption)
