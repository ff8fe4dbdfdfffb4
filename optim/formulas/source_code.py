"""The syntax tree of a function: from its file or its notebook cell."""
import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType


@lru_cache(100)
def parsed(text: str, filename: str) -> tuple[ast.Module, frozenset[CodeType]]:
    """The syntax tree of a file, cell or text, and all code that comes of it."""
    try:
        tree = ast.parse(text)
        return tree, frozenset(within(compile(text, filename, "exec", 0, True)))
    except (SyntaxError, ValueError):
        return ast.Module([], []), frozenset()


def within(code: CodeType) -> Iterator[CodeType]:
    yield code
    for x in code.co_consts:
        if isinstance(x, CodeType):
            yield from within(x)


def content(cell):
    """What a name of the outer function means, None before that has assigned it."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def source(code: CodeType) -> tuple[ast.Module, ast.FunctionDef | ast.Lambda | None]:
    """The file that a function comes from, and its node there; None without a source.

    The source is believed only if it compiles to the code that runs.
    """
    tree, codes = parsed("".join(linecache.getlines(code.co_filename)), code.co_filename)
    places = {(line, column) for line, _, column, _ in code.co_positions()}
    for node in ast.walk(tree) if code in codes else ():
        if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            if (node.body.lineno, node.body.col_offset) in places:
                return tree, node
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(x.lineno for x in node.decorator_list)])
            if first == code.co_firstlineno:
                return tree, node
    return tree, None


def assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """The arithmetic that the file assigns to a name, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(x, ast.Name) and x.id == name for x in targets):
                yield node.value
