"""A function of x and y that a user typed: `parsed("x**2 + 10*y**2")`.

Nothing is run as Python: the text is parsed by Python's grammar, and each node of the tree
must be in the closed lists below. No attribute, index, string, comparison, keyword, name or
call outside them has a meaning here. The length, the depth, the exponents and the constants
are limited, so that a value is found at once. The function takes numbers, arrays, tensors
and formulas; SymPy reckons exactly, and may take long on a text made to that end.
"""
import ast
import math
import operator
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from optim.hints import did_you_mean

Function = Callable[[Any, Any], Any]

LONGEST, DEEPEST = 500, 40                # characters; parts within parts
LARGEST, HIGHEST = 1e12, 100              # a constant; a constant exponent

NAMES: dict[str, Any] = {"x": lambda x, y: x, "y": lambda x, y: y, "pi": math.pi,
                         "e": math.e}
FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    **{name: (1, getattr(np, name)) for name in (
        "sin cos tan arcsin arccos arctan sinh cosh tanh exp log log1p expm1 sqrt cbrt abs "
        "square").split()},
    "maximum": (2, np.maximum), "minimum": (2, np.minimum)}
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.UAdd: operator.pos, ast.USub: operator.neg}


class Refused(Exception):
    """Why a part of the text has no meaning."""


def parsed(text: str) -> Function:
    """The function of x and y that the text says; ValueError if it says anything else.

    >>> parsed("x**2 + 10*y**2")(1, 2)
    41
    >>> parsed("__import__('os')")
    Traceback (most recent call last):
        ...
    ValueError: "__import__('os')": no function is called __import__; ...
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a function is missing; needed a text such as 'x**2 + 10*y**2'")
    if len(text) > LONGEST:
        raise ValueError(f"a function of {len(text)} characters came; needed at most "
                         f"{LONGEST}")
    quoted = ascii(text.strip()[:60])
    try:
        with warnings.catch_warnings(action="ignore"):          # of the grammar, on 1or 2
            tree = ast.parse(text.strip(), mode="eval").body
        value = meaning(tree)
    except (SyntaxError, UnicodeError) as error:
        raise ValueError(f"{quoted} is not a formula ({getattr(error, 'msg', error)}); "
                         "write it as in x**2 + 10*y**2, with * for each product") from None
    except Refused as error:
        raise ValueError(f"{quoted}: {error}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"the function is nested too deeply; needed at most {DEEPEST} "
                         "parts within parts") from None

    def function(x, y):
        return value(x, y) if callable(value) else value + 0*x
    function.__name__ = " ".join(text.split())
    return function


def meaning(node: ast.AST, depth: int = 0) -> Any:
    """What a part of the tree means: a number, or a function of x and y."""
    if depth > DEEPEST:
        raise RecursionError
    match node:
        case ast.Constant(value) if type(value) in (int, float):
            return constant(value)
        case ast.Name(name) if name in NAMES:
            return NAMES[name]
        case ast.Name(name):
            hint = f"write {name}(...)" if name in FUNCTIONS else "needed x or y"
            raise Refused(f"{name} is no variable; {hint}")
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            function, parts = OPERATORS[type(op)], [left, right]
        case ast.UnaryOp(op, operand) if type(op) in OPERATORS:
            function, parts = OPERATORS[type(op)], [operand]
        case ast.Call(ast.Name(name), parts, keywords):
            function = called(name, len(parts), bool(keywords))
        case _:
            kind = KINDS.get(type(node), f"a {type(node).__name__.lower()}")
            raise Refused(f"{kind} has no meaning here; needed numbers, {', '.join(NAMES)}"
                          f", + - * / **, and {', '.join(FUNCTIONS)}")
    return applied(function, [meaning(part, depth + 1) for part in parts])


def called(name: str, given: int, keywords: bool) -> Callable[..., Any]:
    """The function of this name, if it takes so many arguments."""
    if name not in FUNCTIONS:
        raise Refused(f"no function is called {name};{did_you_mean(name, FUNCTIONS)} "
                      f"needed one of {', '.join(FUNCTIONS)}")
    count, function = FUNCTIONS[name]
    if given != count or keywords:
        raise Refused(f"{name} came with {given} arguments"
                      f"{' and keywords' if keywords else ''}; needs {count}")
    return function


def applied(function: Callable[..., Any], parts: list[Any]) -> Any:
    """The function on its parts: at once if all are numbers, else when x and y come."""
    if function is operator.pow and not callable(parts[1]) and abs(parts[1]) > HIGHEST:
        raise Refused(f"the exponent {parts[1]:g} is too high; needed up to {HIGHEST}")
    if any(map(callable, parts)):
        return lambda x, y: function(*(p(x, y) if callable(p) else p for p in parts))
    try:
        with np.errstate(all="ignore"):
            return constant(function(*parts))
    except (ZeroDivisionError, OverflowError) as error:
        raise Refused(f"a constant in it cannot be worked out ({error.args[-1]}); needed "
                      "a finite number") from None


def constant(value: Any) -> Any:
    """A number that is real, finite and not too large to reckon with exactly."""
    if isinstance(value, complex) or not abs(value) <= LARGEST:
        size = f"{value:.3g}" if isinstance(value, (float, complex)) else "very large"
        raise Refused(f"a constant in it is {size}; needed a real number up to "
                      f"{LARGEST:g}")
    return value if isinstance(value, int) else float(value)


KINDS = {ast.Attribute: "an attribute (a dot after a name)", ast.Subscript: "an index",
         ast.Constant: "a text or other constant", ast.Lambda: "lambda",
         ast.Compare: "a comparison", ast.BoolOp: "and/or", ast.IfExp: "if/else",
         ast.Call: "this call", ast.NamedExpr: "an assignment", ast.Starred: "a star",
         ast.BinOp: "this operator (^ is written **)", ast.UnaryOp: "this operator"}
