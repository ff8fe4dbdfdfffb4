"""A rule whose numbers are what stands in its source: 1 - 0.9 is 1/10, 1/3 is a third.

The syntax tree of a function is changed and compiled anew: each decimal becomes an Exact,
np.pi is pi, and arithmetic and NumPy's functions of numbers alone are exact. The functions
that it calls are changed likewise. A function whose source cannot be found, or is not what
its code was compiled from, stays as it is; a float is then the decimal that it prints as.
"""
import ast
import copy
import math
import operator
from functools import lru_cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from minigrad.symbolic.constants import NAMED, exact
from optim.formulas.exact_numbers import Exact, applied, constant, in_place, reckoned
from optim.formulas.source_code import assigned, content, source, within

OPERATIONS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv",
              ast.Pow: "pow", ast.FloorDiv: "floordiv", ast.Mod: "mod"}
PACKAGES = "numpy", "minigrad", "sympy"                # whose functions stay as they are
FUTURE = 0x1FE0000                      # of a code's flags: the file's __future__ imports
NUMBERS = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Name, ast.Attribute, ast.operator,
           ast.unaryop, ast.expr_context)


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


# ------------------------------------------------------------------ the code made anew
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
    cells = [meant(name, content(cell)) for name, cell in
             zip(code.co_freevars, function.__closure__ or ())]
    result = scope["factory"](*cells)
    node = source(code)[1]
    assert node is not None
    result.__defaults__ = function.__defaults__ and tuple(
        meant_by(x, default, tree, scope)
        for x, default in zip(node.args.defaults, function.__defaults__))
    result.__kwdefaults__ = function.__kwdefaults__
    result.__dict__.update(function.__dict__)
    return result


def as_written(name: str, x: float, tree: ast.Module, scope: dict) -> Any:
    """The number that an assignment of the file gives to this name, if it rounds to x."""
    if id(x) in NAMED:
        return constant(x)
    others = scope | {name: None}
    found = (meant_by(value, x, tree, others) for value in assigned(name, tree))
    decimal = Exact(exact(x)) if math.isfinite(x) else x
    return next((y for y in found if isinstance(y, Exact)), decimal)


def meant_by(value: ast.expr, x: Any, tree: ast.Module, scope: dict) -> Any:
    """The number that arithmetic in the source means, if it rounds to x; else x itself."""
    if type(x) is not float or not all(isinstance(y, NUMBERS) for y in ast.walk(value)):
        return x
    written = Written()
    changed = ast.Expression(written.visit(copy.deepcopy(value)))
    names = {y.id for y in ast.walk(value) if isinstance(y, ast.Name)}
    meant = {n: as_written(n, scope[n], tree, scope) for n in names
             if type(scope.get(n)) is float}
    try:
        found = eval(compile(changed, "a constant", "eval"),
                     scope | written.numbers | meant)
    except (NameError, AttributeError, TypeError, ArithmeticError):
        return x
    return found if isinstance(found, Exact) and math.isclose(
        found, x, rel_tol=1e-12) else x
