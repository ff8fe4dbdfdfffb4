"""The page of all public names: signature, first sentence, and the rest folded.

    python -m optim.commands.reference      writes notebooks/reference/api.md

All of it is read off __all__ of the packages and of their rooms, and off the docstrings. A
test compares the page with what this module would write.
"""
import inspect
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import minigrad
import optim

PAGE = Path(__file__).parents[2]/"notebooks"/"reference"/"api.md"
OPENING = """# All public names

Written by `python -m optim.commands.reference` from the docstrings. Rooms stand in
the order in which they may be read; a name that several rooms have stands in the first.
Search the page for a name; click it for the rest of what is said of it.
"""
ADDRESS = re.compile(r"<(?:built-in )?(?:function|class) '?(<lambda>|[\w.<>]+?)'?"
                     r"(?: at \w+)?>")


def rooms() -> Iterator[tuple[str, ModuleType]]:
    """Both packages, each followed by its public rooms, in reading order."""
    for package in (minigrad, optim):
        yield package.__name__, package
        order = re.findall(r"^    (\w+)(?:/|\.py)", package.__doc__ or "", re.M)
        for name in sorted({*package.__all__} & {*order}, key=order.index):
            room = getattr(package, name)
            if inspect.ismodule(room):
                yield room.__name__, room
                for library in vars(room).get("MODULES", ()):
                    yield f"{room.__name__}.{library}", getattr(room, library)


def names(room: ModuleType) -> list[str]:
    """The public names of a room: __all__, or its own functions and classes."""
    own = [name for name, value in vars(room).items() if not name.startswith("_")
           and getattr(value, "__module__", None) and callable(value)
           and value.__module__.startswith((room.__name__, "optim.dialects"))]
    return sorted(vars(room).get("__all__", own), key=lambda name: (name.lower(), name))


def signature(name: str, value: Any) -> str:
    """How it is called, with the defaults and without the types; a plain value's type."""
    if not callable(value):
        return f"{name}: {type(value).__name__}"
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):                             # built in
        return f"{name}(...)"
    bare = [p.replace(annotation=p.empty) for p in parameters]
    return ADDRESS.sub(r"\1", f"{name}{inspect.Signature(bare)}")


def entry(name: str, value: Any) -> str:
    """A name's lines; what follows the first sentence is folded."""
    known = callable(value)                 # a dict's docstring is that of all dicts
    told = inspect.getdoc(value) or "" if known else ""
    first, _, rest = told.partition("\n\n")
    sentence = re.split(r"(?<=[.?!]) ", " ".join(first.split()), maxsplit=1)
    head = f"<code>{escape(signature(name, value), quote=False)}</code>"
    said = f"{head} {escape(sentence[0], quote=False)}".rstrip()
    if not rest and len(sentence) == 1:
        return f"- {said}"
    return (f"<details><summary>{said}</summary>\n\n"
            f"```text\n{told}\n```\n\n</details>")


def page() -> str:
    """The page as text."""
    seen, parts = set[int](), [OPENING]
    for title, room in rooms():
        entries = []
        for name in names(room):
            value = getattr(room, name)
            if inspect.ismodule(value) or callable(value) and id(value) in seen:
                continue
            seen.add(id(value))
            entries.append(entry(name, value))
        if entries:
            told = " ".join((room.__doc__ or "").split("\n\n")[0].split())
            parts.append("\n".join([f"## {title}\n\n{told}\n", *entries, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
