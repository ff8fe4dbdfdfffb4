"""Names that are bound to values: whether they still are, and what is said if not."""
import types
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

PLAIN_VALUES = (bool, int, float, complex, str, bytes, type(None))


class Slots:
    """The attributes of an object that stand in slots, as a dict has them."""

    def __init__(self, owner: Any):
        self.owner = owner

    def items(self) -> Iterator[tuple[str, Any]]:
        """The names of the slots that are filled, and what is in them."""
        for kind in type(self.owner).__mro__:
            for name in [*vars(kind).get("__slots__", ())]:
                if name not in ("__dict__", "__weakref__") and hasattr(self.owner, name):
                    yield name, getattr(self.owner, name)

    def get(self, name: str, other: Any) -> Any:
        """As that of a dict."""
        return getattr(self.owner, name, other)

    def __getitem__(self, name: str) -> Any:
        return getattr(self.owner, name)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self.owner, name, value)


class Name(NamedTuple):
    """Something that is bound to a value: a cell of a closure, or a key of a dict or list.
    """
    holder: Any
    key: Any
    value: Any
    text: str

    def now(self) -> Any:
        """What it is bound to now; the holder itself if it is no longer bound."""
        try:
            if isinstance(self.holder, types.CellType):
                return self.holder.cell_contents
            return len(self.holder) if self.key is len else self.holder[self.key]
        except (KeyError, IndexError, ValueError, AttributeError):
            return self.holder

    def bind(self, value: Any) -> None:
        """Bind it to another value."""
        if isinstance(self.holder, types.CellType):
            self.holder.cell_contents = value
        else:
            self.holder[self.key] = value

    def can_bind(self) -> bool:
        """Whether it may be bound to another value."""
        return isinstance(self.holder, (types.CellType, dict, list, deque, Slots))

    def holds(self) -> bool:
        """Whether it still has the value, or for a plain one an equal one."""
        now = self.now()
        return now is self.value or type(now) is type(self.value) in PLAIN_VALUES and (
            now == self.value)


def tests_of(names: list[Name]) -> tuple[list[str], dict[str, Any]]:
    """Tests, in Python, that every name still has its value; and what they speak of."""
    kept = [name for name in names if name.holder is not None]
    space: dict[str, Any] = {"same": lambda i: kept[i].holds()}
    tests = []
    for i, name in enumerate(kept):
        space |= {f"n{i}": name.holder, f"b{i}": name.value, f"k{i}": name.key}
        now = (f"n{i}.cell_contents" if isinstance(name.holder, types.CellType) else
               f"len(n{i})" if name.key is len else f"n{i}.get(k{i}, n{i})"
               if hasattr(name.holder, "get") else f"n{i}[{name.key}]")
        sign = "==" if name.key is len else "is"
        more = f" or same({i})" if isinstance(name.value, PLAIN_VALUES) else ""
        tests.append(f"({now} {sign} b{i}{more})")
    return tests, space


class Rebound(RuntimeError):
    """A name that the function reads was bound to another value."""


def refuse_rebound(name: str, names: list[Name]) -> None:
    """Raise Rebound if one of these names was bound to another value."""
    for one in names:
        if one.holder is not None and not one.holds():
            raise Rebound(
                f"{name}: {one.text} was bound to another value since it was recorded, "
                "which a compiled step would not see; pass it as an argument, or compile "
                "the function anew")
