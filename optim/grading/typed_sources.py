"""What was typed, in a notebook say, as a file: its source, and that of what it uses."""
import ast
import builtins
import inspect
import linecache
import math
import symtable
import sys
import sysconfig
import textwrap
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from optim.lifting.storage import LIBRARIES, filled
from optim.optimizers.signatures import name_of

HEAD = "from __future__ import annotations\n"       # so that none of them is evaluated
INSTALLED = tuple({sysconfig.get_path(n) for n in ("purelib", "platlib")})


def as_file(target: Any) -> str:
    """The source of a function or class, and before it of all that it uses.

    Raises ValueError for what it uses that cannot be written down.
    """
    parts: dict[str, str] = {}
    write_down(target, name_of(target), parts)
    return "\n".join([HEAD, *parts.values()])


def write_down(x: Any, name: str, parts: dict[str, str]) -> None:
    """Add the source of x to the parts, after that of all that it uses."""
    if name in parts:
        return
    module = getattr(x, "__module__", None) or type(x).__module__
    if isinstance(x, types.ModuleType):
        parts[name] = f"import {x.__name__} as {name}\n"
    elif hasattr(x, "__name__") and is_installed(module):
        parts[name] = f"from {module} import {x.__name__} as {name}\n"
    elif isinstance(x, (types.FunctionType, type)):
        parts[name] = ""                                        # it may use itself
        source = source_of(x, name)
        scope = scope_of(x)
        for each in sorted(free_names(source) & scope.keys() - {x.__name__}):
            write_down(scope[each], each, parts)
        parts[name] = parts.pop(name) + source + (
            f"\n{name} = {x.__name__}\n" if name != x.__name__ else "")
    else:
        parts[name] = f"{name} = {literal(x, name)}\n"


def is_installed(module: str) -> bool:
    """Whether a module is Python's own or was installed: what it has can be imported."""
    top = module.partition(".")[0]
    file = getattr(sys.modules.get(module), "__file__", None)
    return top in LIBRARIES or file is not None and file.startswith(INSTALLED)


def literal(x: Any, name: str) -> str:
    """A number, text or container of such as it is written; ValueError for all else."""
    x = x.item() if isinstance(x, np.generic) else x
    if isinstance(x, float) and not math.isfinite(x):
        return f"float({str(x)!r})"
    try:
        ast.literal_eval(repr(x))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"grade: it uses {name}, {type(x).__name__}, which cannot be sent "
                         "to a process; write all of it into a file and grade FILE.py:NAME"
                         ) from None
    return repr(x)


# ------------------------------------------------------------------ sources and their names
def source_of(x: Any, name: str) -> str:
    """The source of a function or class, its plain defaults as the numbers that they are.
    """
    try:
        text = class_source(x) if isinstance(x, type) else textwrap.dedent(
            inspect.getsource(x))
        ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        raise ValueError(f"grade: the source of {name} is not to be found; write it "
                         "into a file and grade FILE.py:NAME") from None
    return text if isinstance(x, type) else with_defaults(x, text)


def class_source(kind: type) -> str:
    """The source of a class, found by a method of it: in a notebook no other way is."""
    lines = [(f.__code__.co_filename, f.__code__.co_firstlineno) for f in methods(kind)
             if f.__qualname__ == f"{kind.__qualname__}.{f.__name__}"]
    for file, line in lines:
        text = "".join(linecache.getlines(file))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__ and (
                    node.lineno <= line <= (node.end_lineno or 0)):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                return textwrap.dedent("".join(
                    text.splitlines(True)[first - 1:node.end_lineno]))
    return textwrap.dedent(inspect.getsource(kind))


def with_defaults(f: types.FunctionType, text: str) -> str:
    """The source with a number for a default that is a name, of its surroundings then."""
    tree = ast.parse(text)
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return text                                             # a lambda in its line
    given = function.args
    known = [*zip(given.defaults, f.__defaults__ or ()),
             *((d, (f.__kwdefaults__ or {}).get(a.arg))
               for a, d in zip(given.kwonlyargs, given.kw_defaults) if d is not None)]
    table = {id(d): x for d, x in known if any(
        isinstance(n, ast.Name) for n in ast.walk(d)) and isinstance(x, (int, float, str))}

    class Defaults(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return ast.parse(literal(table[id(node)], f.__name__), mode="eval").body if (
                id(node) in table) else self.generic_visit(node)
    return ast.unparse(Defaults().visit(tree)) + "\n" if table else text


def free_names(source: str) -> set[str]:
    """The names that a source takes from outside: none of its own in whichever scope.

    >>> sorted(free_names("def f(x, y=a):\\n    lr = x\\n    return [lr*b for i in x]"))
    ['a', 'b']
    """
    def of(table: symtable.SymbolTable) -> Iterator[str]:
        yield from (s.get_name() for s in table.get_symbols() if s.is_referenced()
                    and s.is_global())
        for inner in table.get_children():
            yield from of(inner)
    whole = symtable.symtable(HEAD + source, "typed", "exec")
    return {*of(whole)} - {s.get_name() for s in whole.get_symbols() if s.is_assigned()}


def methods(x: Any) -> list[types.FunctionType]:
    """A function itself, or those of a class."""
    found = [x] if isinstance(x, types.FunctionType) else [
        getattr(f, "__func__", getattr(f, "fget", f)) for f in vars(x).values()]
    return [f for f in found if isinstance(f, types.FunctionType)]


def scope_of(x: Any) -> dict[str, Any]:
    """The globals of a function or class, and what is enclosed, by name."""
    scope = dict(vars(sys.modules.get(x.__module__, builtins)))
    for f in methods(x):
        scope |= f.__globals__
        scope |= {n: c.cell_contents for n, c in zip(
            f.__code__.co_freevars, f.__closure__ or ()) if filled(c)}
    return scope
