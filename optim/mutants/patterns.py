"""Edits of a text of Python, written as `A + B -> A - B`; the table of them.

A capital letter stands for any expression, the same one wherever it stands; every other
name and number stands for itself. An expression of the text is changed where it is: the
rest of the text keeps its layout and its comments.

The table, of slips of the pen and of respellings, is in slips.txt: the name of each kind,
and below it its edits. `A -> B | C` is two edits, `A <-> B` one in each direction.
"respelled" is meant not to change the rule; "but for a point" divides by what may be 0 or
takes the root of what may be negative, though SymPy would cancel that.
"""
import ast
import copy
import re
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple


def parsed(expression: str) -> ast.expr:
    """The tree of an expression; SyntaxError if it is none."""
    return ast.parse(expression.strip(), mode="eval").body


def function_in(source: str) -> ast.FunctionDef:
    """The one function that a source defines, whose body begins with a docstring."""
    match ast.parse(source).body:
        case [ast.FunctionDef(body=[ast.Expr(), _, *_]) as function]:
            return function
    raise ValueError(f"came {source[:60]!r}; needed one function with a docstring and a "
                     "body")


def text(tree: ast.AST) -> str:
    """The expression as this project writes it: a*b + c."""
    return re.sub(r" (\*\*|\*|/) ", r"\1", ast.unparse(tree))


def names(tree: ast.AST) -> set[str]:
    """Every name that occurs in a tree."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def matched(pattern: Any, tree: Any,
            bound: dict[str, ast.expr] | None = None) -> dict[str, ast.expr] | None:
    """{capital letter: expression} with which the pattern is the tree, or None.

    >>> text(matched(parsed("A*B"), parsed("(1 - rho)*g**2"))["B"])
    'g**2'
    """
    bound = {} if bound is None else bound
    if isinstance(pattern, ast.Name) and pattern.id.isupper():
        first = bound.setdefault(pattern.id, tree)
        same = first is tree or ast.dump(first) == ast.dump(tree)
    elif isinstance(pattern, ast.AST) and type(pattern) is type(tree):
        parts, found = ([part for _, part in ast.iter_fields(x)] for x in (pattern, tree))
        return matched(parts, found, bound)
    elif isinstance(pattern, list):
        same = len(pattern) == len(tree) and all(
            matched(*pair, bound) is not None for pair in zip(pattern, tree))
    else:
        same = pattern == tree
    return bound if same else None


def exchanged(tree: ast.expr, table: Mapping[str, ast.expr]) -> ast.expr:
    """A copy of the tree with an expression in place of each name of the table."""
    class Exchange(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return table.get(node.id, node)
    return Exchange().visit(copy.deepcopy(tree))


def replaced(source: str, node: ast.expr, new: str) -> str:
    """The source with new in place of the node, which was parsed from it."""
    lines = source.encode().splitlines(keepends=True)            # columns count bytes
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, after = lines[first][:node.col_offset], lines[last][node.end_col_offset:]
    lines[first:last + 1] = [before + f"({new})".encode() + after]
    return b"".join(lines).decode()


# ------------------------------------------------------------------ the table
def blocks(folder: str, file: str) -> dict[str, list[str]]:
    """{first line: the others} of each block of a text that lies in a folder of ours."""
    text = resources.files(folder).joinpath(file).read_text("utf-8")
    return {kind: lines for kind, *lines in map(str.splitlines, text.split("\n\n"))}


EDITS = blocks("optim.mutants", "slips.txt")
KINDS = (*EDITS, "constant", "hyperparameter", "letter", "hat", "old state")


def edits_of(line: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(pattern, what replaces it) of each edit in a line of the table.

    >>> [ast.unparse(new) for _, new in edits_of("A + B -> A | B")]
    ['A', 'B']
    """
    left, right = re.split("<?->", line)
    yield from ((parsed(left), parsed(new)) for new in right.split("|"))
    if "<->" in line:
        yield parsed(right), parsed(left)


class Slips(NamedTuple):
    """(kind, pattern, what replaces it) of edits; the kinds that see through assignments;
    letters that may come in, though the rule has none of that name.
    """
    table: list[tuple[str, ast.expr, ast.expr]]
    deep: Collection[str]
    letters: Collection[str] = ()


SLIPS = Slips([(kind, *edit) for kind, lines in EDITS.items()
               for line in lines for edit in edits_of(line)],
              ("eps", "respelled", "but for a point"))
