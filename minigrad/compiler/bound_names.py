"""Names that are bound to values: whether they still are, and what is said if not."""
import collections
import operator
import types
from keyword import iskeyword
from typing import Any, NamedTuple

PLAIN_VALUES = (bool, int, float, complex, str, bytes, type(None))


class Attribute(str):
    """The name of an attribute, as a Name's key."""


class Parts(tuple):
    """The very parts of a list or dict: equal if each is the same object."""

    def __eq__(self, other: Any) -> bool:
        return len(self) == len(other) and all(map(operator.is_, self, other))

    __hash__ = tuple.__hash__


class Name(NamedTuple):
    """Something that is bound to a value: a cell of a closure, an attribute, or a key of a
    dict or list. The value is the holder itself where nothing is bound yet.

    A key that can be called is a question about the holder, whose answer must stay equal.
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
            if isinstance(self.key, Attribute):
                return getattr(self.holder, self.key, self.holder)
            return self.key(self.holder) if callable(self.key) else self.holder[self.key]
        except (KeyError, IndexError, ValueError, AttributeError):
            return self.holder

    def bind(self, value: Any) -> None:
        """Bind it to another value."""
        if isinstance(self.holder, types.CellType):
            self.holder.cell_contents = value
        elif isinstance(self.key, Attribute):
            setattr(self.holder, self.key, value)
        elif value is self.holder:
            del self.holder[self.key]
        else:
            self.holder[self.key] = value

    def can_bind(self) -> bool:
        """Whether it may be bound to another value."""
        return not callable(self.key) and (
            isinstance(self.holder, (types.CellType, dict, list, collections.deque))
            or isinstance(self.key, Attribute) and not self.key.startswith("__"))

    def holds(self) -> bool:
        """Whether it still has the value, or for a plain one an equal one."""
        now = self.now()
        if callable(self.key):
            return now == self.value
        return now is self.value or type(now) is type(self.value) in PLAIN_VALUES and (
            now == self.value)


def tests_of(names: list[Name]) -> tuple[list[str], dict[str, Any]]:
    """Tests, in Python, that every name still has its value; and what they speak of.

    They may raise AttributeError or KeyError, for what was deleted.
    """
    kept = [name for name in names if name.holder is not None and not (
        isinstance(name.holder, tuple) and type(name.key) is int)]  # whose parts stay
    space: dict[str, Any] = {"same": lambda i: kept[i].holds()}
    tests = []
    for i, name in enumerate(kept):
        space |= {f"n{i}": name.holder, f"b{i}": name.value, f"k{i}": name.key}
        asked = callable(name.key)
        may_be_unbound = hasattr(name.holder, "get") and name.value is name.holder
        now = (f"n{i}.cell_contents" if isinstance(name.holder, types.CellType) else
               f"k{i}(n{i})" if asked else attribute_text(name, i)
               if isinstance(name.key, Attribute) else f"n{i}.get(k{i}, n{i})"
               if may_be_unbound else f"n{i}[k{i}]")
        sign = "==" if asked else "is"
        more = f" or same({i})" if isinstance(name.value, PLAIN_VALUES) else ""
        none = type(name.value) is Parts and not name.value
        tests.append(f"not n{i}" if none else f"({now} {sign} b{i}{more})")
    return tests, space


def attribute_text(name: Name, i: int) -> str:
    """How name i, an attribute, is looked up: getattr takes three times as long."""
    if name.value is name.holder or not name.key.isidentifier() or iskeyword(name.key):
        return f"getattr(n{i}, k{i}, n{i})"
    return f"n{i}.{name.key}"


class Rebound(RuntimeError):
    """A name that the function reads was bound to another value."""


def only_flags_differ(names: list[Name]) -> bool:
    """Whether those that are bound to another value were, and are, True or False."""
    return all(name.holds() or type(name.value) is type(name.now()) is bool
               for name in names if name.holder is not None)


def refuse_rebound(name: str, names: list[Name], inside: bool = False) -> None:
    """Raise Rebound if one of these names was bound to another value, inside or before."""
    for bound in names:
        if bound.holder is None or bound.holds():
            continue
        if inside:
            raise Rebound(
                f"{name}: {bound.text} is changed inside, which later calls would not do; "
                "return the value, and change it outside, or write into an array: "
                "a[...] = value")
        raise Rebound(
            f"{name}: {bound.text} was bound to another value since it was recorded, "
            "which a compiled step would not see; change it outside, pass it as an "
            "argument, or compile the function anew")
