"""A formula that somebody typed: "lr*(1 - beta1**t)", read by its syntax tree.

The tree may hold numbers, letters, arithmetic, comparisons and the functions below, and
nothing else; nothing of it is run as Python.
"""
import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from optim.rules import LEGEND

FUNCTIONS: dict[str, Callable] = {
    "sqrt": sp.sqrt, "abs": sp.Abs, "sign": sp.sign, "exp": sp.exp, "log": sp.log,
    "maximum": sp.Max, "minimum": sp.Min,
    "where": lambda condition, a, b: sp.Piecewise((a, condition), (b, True))}
OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.USub: operator.neg,
    ast.UAdd: operator.pos, ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge,
    ast.Eq: sp.Eq}
PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Load,
         ast.Constant, *OPERATORS)
LONGEST, LARGEST = 1000, 1000               # letters of a formula; a number in a power


def expression(text: str, letters: Mapping[str, sp.Symbol], nobody: str = "neither rule"
               ) -> sp.Expr:
    """The formula that a text says of these letters; ValueError if it says anything else.

    >>> expression("sqrt(a)/2 + 0.1", {"a": sp.Symbol("a")})
    sqrt(a)/2 + 1/10
    """
    text = checked(text, text)

    def meaning(node: ast.AST) -> Any:
        match node:
            case ast.Constant():
                return sp.Rational(str(Fraction(str(ast.get_source_segment(text, node)))))
            case ast.Name(name) if name in letters:
                return letters[name]
            case ast.Name(name):
                raise ValueError(f"{nobody} has a letter {name!r}; there are "
                                 f"{', '.join(letters)}")
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                return OPERATORS[type(op)](meaning(left), meaning(right))
            case ast.UnaryOp(op, operand):
                return OPERATORS[type(op)](meaning(operand))
            case ast.Call(ast.Name(name), parts):
                return FUNCTIONS[name](*map(meaning, parts))
        raise TypeError(type(node).__name__)

    try:
        found = meaning(ast.parse(text, mode="eval").body)
    except (TypeError, ArithmeticError, RecursionError):
        raise ValueError(f"{text[:80]!r} is no formula") from None
    if not isinstance(found, sp.Expr) or found.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
        raise ValueError(f"{text[:80]!r} has no value")
    return found


def checked(text: str, words: str) -> str:
    """The formula, if it holds nothing but what may stand in one."""
    try:
        if len(words) > LONGEST or re.search(r"e[+-]?[\d_]{4}", words, re.IGNORECASE):
            raise ValueError
        nodes = [*ast.walk(ast.parse(text.strip(), mode="eval"))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text.strip()[:80]!r} is no formula; needed one such as "
                         "'theta - lr*g/(sqrt(v) + eps)'") from None
    names = [node.func for node in nodes if isinstance(node, ast.Call)]
    for node in nodes:
        called = getattr(getattr(node, "func", None), "id", None)
        if isinstance(node, ast.Call) and (called not in FUNCTIONS or node.keywords):
            raise ValueError(f"{called or ast.unparse(node)!r} is no function here; there "
                             f"are {', '.join(FUNCTIONS)}")
        number = not isinstance(node, ast.Constant) or (
            isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
            and math.isfinite(node.value))
        if not isinstance(node, PARTS) or not number:
            raise ValueError(f"{ast.unparse(node)[:80]!r} may not stand in a formula; "
                             "needed numbers, letters, + - * / **, and functions")
        if not all(map(plain, in_a_power(node))):
            raise ValueError(f"{ast.unparse(node)[:80]!r} is too large a number")
        if isinstance(node, ast.Name) and node not in names and (
                node.id.startswith("_") or node.id in FUNCTIONS):
            raise ValueError(f"{node.id!r} is no letter of a formula; such as "
                             f"{', '.join([*LEGEND][:8])}")
    return text.strip()


def in_a_power(node: ast.AST) -> list[ast.expr]:
    """The base and the exponent, if the node is a power."""
    match node:
        case ast.BinOp(left, ast.Pow(), right):
            return [left, right]
        case ast.Call(ast.Name("exp"), parts):
            return parts
    return []


def plain(e: ast.AST) -> bool:
    """Whether it has a letter, or is one number that is not large."""
    if any(isinstance(node, ast.Name) and node.id not in FUNCTIONS for node in ast.walk(e)):
        return True
    if isinstance(e, ast.Call):                         # a root of numbers, no exp of them
        return getattr(e.func, "id", "exp") != "exp" and all(map(plain, e.args))
    e = e.operand if isinstance(e, ast.UnaryOp) else e
    if isinstance(e, ast.BinOp) and isinstance(e.op, ast.Div):          # x**(1/2)
        return plain(e.left) and plain(e.right)
    return isinstance(e, ast.Constant) and isinstance(e.value, (int, float)) and (
        e.value == 0 or 1/LARGEST <= abs(e.value) <= LARGEST)
