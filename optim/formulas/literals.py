"""A rule whose numbers are what stands in its source: 1 - 0.9 is 1/10, 1/3 is a third.

The syntax tree of a function is changed and compiled anew: each decimal becomes an Exact,
np.pi is pi, and arithmetic and NumPy's functions of numbers alone are exact. The functions
that it calls are changed likewise. A function whose source cannot be found, or is not what
its code was compiled from, stays as it is; a float is then the decimal that it prints as.
"""
import ast
import copy
import linecache
import math
import operator
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np
import sympy as sp

from minigrad.symbolic.constants import NAMED, exact
from optim.formulas.exact_numbers import Exact, reckoned
from optim.formulas.keeping import operation

OPERATIONS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv",
              ast.Pow: "pow", ast.FloorDiv: "floordiv", ast.Mod: "mod"}
IN_NUMPY = {getattr(math, name, None): getattr(np, name) for name in (
    "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh floor ceil "
    "trunc fabs fmod hypot copysign").split()} | {math.pow: np.power}
PACKAGES = "numpy", "minigrad", "sympy"                # whose functions stay as they are
FUTURE = 0x1FE0000                      # of a code's flags: the file's __future__ imports
NUMBERS = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Name, ast.Attribute, ast.operator,
           ast.unaryop, ast.expr_context)


# ------------------------------------------------------------------- what is called instead
def applied(function: Callable, *arguments: Any) -> Any:
    """A call: of one of NumPy's or math's functions and numbers alone, exactly."""
    known = IN_NUMPY.get(function, function) if callable(function) else function
    if isinstance(known, np.ufunc) and all(
            isinstance(x, (int, float)) and math.isfinite(x) for x in arguments):
        if not any(isinstance(x, float) for x in arguments):
            whole = function(*arguments)                # np.power(2, -1) raises
            if not isinstance(whole, float):
                return whole
        value, needs = operation(known, [exact(x) for x in arguments])
        if isinstance(value, sp.Expr) and value.is_real and not needs:
            return Exact(value)
    return function(*arguments)


def constant(x: Any) -> Any:
    """np.pi or math.e as the number that it is; anything else as it stands."""
    return Exact(NAMED[id(x)]) if id(x) in NAMED else x


def in_place(name: str, a: Any, b: Any) -> Any:
    """a += b and its like."""
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    return reckoned(getattr(operator, name), a, b) if numbers else (
        getattr(operator, f"i{name}")(a, b))


CALLED = {f"exactly {f.__name__}": f for f in (applied, constant, in_place, reckoned)} | {
    f"operator {name}": getattr(operator, name) for name in OPERATIONS.values()}


class Written(ast.NodeTransformer):
    """Numbers and arithmetic of a syntax tree as they were meant."""

    def __init__(self) -> None:
        self.numbers: dict[str, Exact] = {}

    def call(self, node, name, *arguments):
        function = ast.Name(f"exactly {name}", ast.Load())
        return ast.fix_missing_locations(ast.copy_location(
            ast.Call(function, list(arguments), []), node))

    def visit_Constant(self, node):
        if type(node.value) is not float or not math.isfinite(node.value):
            return node
        name = f"the number {node.value!r}"
        self.numbers[name] = Exact(exact(node.value))
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if type(node.op) not in OPERATIONS:
            return node
        name = ast.Name(f"operator {OPERATIONS[type(node.op)]}", ast.Load())
        return self.call(node, "reckoned", name, node.left, node.right)

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if type(node.op) not in OPERATIONS or not isinstance(node.target, ast.Name):
            return node
        value = self.call(node, "in_place", ast.Constant(OPERATIONS[type(node.op)]),
                          ast.Name(node.target.id, ast.Load()), node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_Attribute(self, node):
        self.generic_visit(node)
        named = node.attr in ("pi", "e") and isinstance(node.ctx, ast.Load)
        return self.call(node, "constant", node) if named else node

    def visit_Call(self, node):
        self.generic_visit(node)
        plain = node.args and not node.keywords and not any(
            isinstance(x, ast.Starred) for x in node.args)
        return self.call(node, "applied", node.func, *node.args) if plain else node


# --------------------------------------------------------------------- finding the source
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


def factory(node: Any, code: CodeType) -> CodeType:
    """The code of a function that makes the one of this node."""
    arguments = node.args
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [x and ast.Constant(None) for x in arguments.kw_defaults]
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    outer: Any = ast.parse(f"def factory({', '.join(code.co_freevars)}): pass").body[0]
    if isinstance(node, ast.Lambda):
        outer.body = [ast.Return(node)]
    else:
        node.decorator_list, node.returns = [], None
        outer.body = [node, ast.Return(ast.Name(node.name, ast.Load()))]
    module = ast.fix_missing_locations(ast.Module([outer], []))
    return compile(module, code.co_filename, "exec", code.co_flags & FUTURE, True)


@lru_cache(1000)
def rewritten(code: CodeType, filename: str) -> tuple[CodeType, dict, ast.Module] | None:
    """The changed code that makes a function, its numbers, its file; None without source.
    """
    tree, node = source(code)
    if node is None:
        return None
    written, changed = Written(), copy.deepcopy(node)
    body: Any = changed.body
    changed.body = ([*map(written.visit, body)] if isinstance(body, list)
                    else written.visit(body))
    return factory(changed, code), written.numbers, tree


# --------------------------------------------------------------------- the changed function
def written_exactly(function: Any, seen: dict | None = None) -> Any:
    """The function with numbers as they stand in its source, or itself without a source.

    >>> def share(x):
    ...     return (1 - 0.9)*x
    """
    seen = {} if seen is None else seen
    if isinstance(function, partial):
        return partial(written_exactly(function.func, seen), *function.args,
                       **function.keywords)
    if isinstance(function, MethodType):
        return MethodType(written_exactly(function.__func__, seen), function.__self__)
    if not isinstance(function, FunctionType) or function.__globals__.get(
            "__name__", "").partition(".")[0] in PACKAGES:
        return function
    if function not in seen:
        seen[function] = function                       # while it calls itself
        found = rewritten(function.__code__, function.__code__.co_filename)
        if found is not None:
            seen[function] = remade(function, *found, seen)
    return seen[function]


def readable(function: Any) -> bool:
    """Whether the numbers in a function are read from its source, or there are none."""
    code = getattr(getattr(function, "func", function), "__code__", None)
    return code is None or rewritten(code, code.co_filename) is not None or not any(
        isinstance(x, float) for inner in within(code) for x in inner.co_consts)


def remade(function, made, numbers, tree, seen):
    code, scope = function.__code__, function.__globals__ | CALLED | numbers

    def meant(name, x):
        if isinstance(x, FunctionType):
            return written_exactly(x, seen)
        return as_written(name, x, tree, scope) if type(x) is float else x
    names = {name for inner in within(code) for name in inner.co_names}
    for name in names & function.__globals__.keys():
        scope[name] = meant(name, scope[name])
    exec(made, scope)
    cells = [meant(name, cell.cell_contents) for name, cell in
             zip(code.co_freevars, function.__closure__ or ())]
    result = scope["factory"](*cells)
    for name in "__defaults__", "__kwdefaults__":
        setattr(result, name, getattr(function, name))
    result.__dict__.update(function.__dict__)
    return result


def as_written(name: str, x: float, tree: ast.Module, scope: dict) -> Any:
    """The number that an assignment of the file gives to this name, if it rounds to x."""
    if id(x) in NAMED:
        return constant(x)
    for value in assigned(name, tree):
        written = Written()
        changed = ast.Expression(written.visit(copy.deepcopy(value)))
        within = {n: as_written(n, scope[n], tree, scope | {name: None}) for n in {
            part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
            if type(scope.get(n)) is float and n != name}
        try:
            found = eval(compile(changed, "a constant", "eval"),
                         scope | written.numbers | within)
        except (NameError, AttributeError, TypeError, ArithmeticError):
            continue
        if isinstance(found, Exact) and math.isclose(found, x, rel_tol=1e-12):
            return found
    return Exact(exact(x)) if math.isfinite(x) else x


def assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """The arithmetic that the file assigns to a name, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(x, ast.Name) and x.id == name for x in targets) and all(
                    isinstance(x, NUMBERS) for x in ast.walk(node.value)):
                yield node.value
