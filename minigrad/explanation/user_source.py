"""The user's own source: the expression that made a call, and how it would be repaired."""
import ast
import linecache
import os
import sys
import sysconfig
from typing import Any

from minigrad.guards import HOME, describe, line_of

OURS = (HOME, os.path.join(os.path.dirname(HOME[:-1]), "optim") + os.sep)
LIBRARIES = tuple({os.path.join(path, "") for name, path in sysconfig.get_paths().items()
                   if name in ("stdlib", "platstdlib", "purelib", "platlib")})


def is_ours(path: str) -> bool:
    """Whether a file belongs to this project's packages, or to any library."""
    return path.startswith((*OURS, *LIBRARIES, "<frozen", "<__array"))


def users_place(depth: int = 1) -> Any:
    """The place of the innermost caller whose code is the user's, or None."""
    frame: Any = sys._getframe(depth)
    while frame and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame and (frame.f_code, frame.f_lasti)


class Line:
    """A line of the user's: `file`, `number`, what stands there, and the expression that is
    computed at the place, as text and as a tree."""

    def __init__(self, place: Any) -> None:
        self.place = place
        found: tuple[str, int] = line_of(place) if place else ("", 0)
        self.path, self.number = found
        self.file = os.path.basename(self.path)
        self.text = linecache.getline(self.path, self.number).strip()

    def __bool__(self) -> bool:
        return self.place is not None

    def __str__(self) -> str:
        return describe(self.place) if self.place else ""

    @property
    def span(self) -> tuple:
        """(first line, last line, first column, last column) of the expression."""
        if not self.place:
            return ()
        code, offset = self.place[:2]
        at = [*code.co_positions()][offset//2]
        return at if None not in at else ()

    @property
    def expression(self) -> str:
        """The text of the expression, "" where Python does not tell."""
        if not self.span:
            return ""
        first, last, begin, end = self.span
        lines = [linecache.getline(self.path, n).rstrip("\n")
                 for n in range(first, last + 1)]
        lines[-1] = in_characters(lines[-1], None, end)
        lines[0] = in_characters(lines[0], begin, None)
        return "\n".join(lines)

    @property
    def tree(self) -> Any:
        """The expression as a tree, None where it is none."""
        return parsed(self.expression)

    def arguments(self) -> list[str]:
        """The operands or arguments of the expression as text."""
        tree = self.tree
        if isinstance(tree, ast.BinOp):
            return [ast.unparse(tree.left), ast.unparse(tree.right)]
        if isinstance(tree, ast.UnaryOp):
            return [ast.unparse(tree.operand)]
        if isinstance(tree, ast.Call):
            own = (isinstance(tree.func, ast.Attribute) and not isinstance(
                tree.func.value, ast.Name)) or is_method(tree)
            head = [ast.unparse(tree.func.value)] if own and isinstance(
                tree.func, ast.Attribute) else []
            return head + [ast.unparse(x) for x in tree.args]
        return []

    def with_expression(self, new: str) -> str:
        """The line with another expression in place of its own; the expression alone where
        it does not stand on that line."""
        old = self.expression
        source = linecache.getline(self.path, self.number).rstrip("\n")
        return source.replace(old, new, 1).strip() if old and old in source else new

    def holds(self, other: "Line") -> bool:
        """Whether the other's expression is written inside this one."""
        if not (self.span and other.span) or self.path != other.path:
            return False
        (a, b, c, d), (e, f, g, h) = self.span, other.span
        return (a, c) <= (e, g) and (f, h) <= (b, d)


def is_method(call: ast.Call) -> bool:
    """Whether x.sum() is meant, not np.sum(x)."""
    return (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
            and call.func.value.id not in ("np", "numpy", "nn", "mg", "minigrad", "F"))


def in_characters(line: str, begin: int | None, end: int | None) -> str:
    """Part of a line by columns, which Python counts in bytes."""
    return line.encode()[begin:end].decode(errors="replace")


def parsed(text: str) -> Any:
    """An expression as a tree, or None."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def calls_in(tree: Any) -> set[str]:
    """The last names of all functions that are called in a tree."""
    return {getattr(node.func, "attr", getattr(node.func, "id", ""))
            for node in ast.walk(tree) if isinstance(node, ast.Call)}


def is_made_a_column(text: str) -> bool:
    """Whether an operand is given its axis on purpose, as in x[:, None], where it stands.
    """
    tree = parsed(text)
    if tree is None:
        return False
    outer = tree
    while isinstance(outer, (ast.UnaryOp, ast.Attribute)):
        outer = outer.operand if isinstance(outer, ast.UnaryOp) else outer.value
    if isinstance(outer, ast.BinOp):
        return any(is_made_a_column(ast.unparse(x)) for x in (outer.left, outer.right))
    if isinstance(outer, ast.Subscript):
        parts = ast.walk(outer.slice)
        return any(isinstance(x, ast.Constant) and x.value is None
                   or getattr(x, "attr", "") == "newaxis" for x in parts)
    named = getattr(outer, "func", None)
    return getattr(named, "attr", "") in ("expand_dims", "reshape", "atleast_2d")
