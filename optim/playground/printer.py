"""What was written in NumPy, as JavaScript: each operation by SymPy's printer, in order.

    template(np.where, 3)               # ("A ? B : C", how strongly it binds)

Each operation is printed from what it means in SymPy (minigrad.symbolic.meanings), once, on
letters; nodes stand where the letters are. Where a meaning would be rounded otherwise, as
log(1 + x) for log1p, SymPy's own function of that name is printed; x**p is `pow` of
runtime.js, since Math.pow is up to five units in the last place off.
"""
import functools
import re
from typing import Any

import numpy as np
import sympy as sp
from sympy.codegen import cfunctions
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.precedence import precedence

from minigrad.primitives.selection import relu
from minigrad.symbolic.meanings import entry
from minigrad.symbolic.truths import BITWISE, LOGICAL
from optim.playground.written import Node

# A name of JavaScript's, or of the printed text's own, is no name for a letter.
RESERVED = {*(
    "arguments await break case catch class const continue debugger default delete do "
    "else enum eval export extends false finally for function if implements import in "
    "instanceof interface let new null package private protected public return static "
    "super switch this throw true try typeof undefined var void while with yield NaN "
    "Infinity Math Number Float64Array pow sign sum mean max full zip product "
    "transpose eigen eigenvalues eigenvectors last zip shaped identity reshape vector "
    "drawn floats keptInSingle h i n s"
).split()}
PRECISE = {np.log1p: cfunctions.log1p, np.expm1: cfunctions.expm1,
           np.cbrt: cfunctions.Cbrt, np.isfinite: sp.Function("Number.isFinite"),
           np.reciprocal: lambda x: sp.Integer(1)/x, relu: lambda x: sp.Max(0, x)}
OPERATOR = re.compile(r" (\?|\|\||&&|[=!]==|[<>]=?|[+-]) |([*/])|^([-!])")
RANK = {"?": 0, "||": 1, "&&": 2, "===": 3, "!==": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
        "+": 5, "-": 5, "*": 6, "/": 6, None: 9}
UNARY = 7
# Functions of runtime.js that take whole arrays.
WHOLE = {"sum", "mean", "max", "full", "identity", "product", "transpose", "reshape",
         "last", "eigenvalues", "eigenvectors"}


class Printer(JavascriptCodePrinter):
    """SymPy's printer, with NumPy's conventions where those of Math are others."""

    def __init__(self) -> None:
        super().__init__({"user_functions": {
            "log1p": "Math.log1p", "expm1": "Math.expm1", "Cbrt": "Math.cbrt",
            "sign": "sign", "Number.isFinite": "Number.isFinite",
            "kept_in_single": "keptInSingle"}})

    def _print_Pow(self, e: Any) -> str:
        if e.exp == 2:
            return "{0}*{0}".format(self.parenthesize(e.base, precedence(e), strict=True))
        if e.exp in (-1, sp.Rational(1, 2)):
            return super()._print_Pow(e)
        return f"pow({self._print(e.base)}, {self._print(e.exp)})"

    def _print_Relational(self, e: Any) -> str:
        sign = {"==": "===", "!=": "!=="}.get(e.rel_op, e.rel_op)
        return f"{self._print(e.lhs)} {sign} {self._print(e.rhs)}"

    def _print_Piecewise(self, e: Any) -> str:
        (yes, condition), (no, _) = e.args
        return " ".join([self._print(condition), "?", self._print(yes), ":",
                         self._print(no)])


@functools.cache
def template(function: Any, count: int) -> tuple[str, int]:
    """A call as JavaScript, with A, B, C for its arguments, and how strongly it binds."""
    letters = [sp.Symbol(name, real=True) for name in "ABC"[:count]]
    if getattr(function, "__name__", "") == "kept_in_single":
        meaning = sp.Function("kept_in_single")(*letters)
    elif isinstance(function, str):
        return f"{function}({', '.join('ABC'[:count])})", RANK[None]
    elif function in PRECISE:
        meaning = PRECISE[function](*letters)
    elif function in LOGICAL or function in BITWISE:
        meaning = (LOGICAL | BITWISE)[function](*letters)
    elif function is np.where:
        meaning = sp.Piecewise((letters[1], letters[0]), (letters[2], True))
    else:
        meaning = entry(function, letters)
    text = Printer().doprint(meaning)
    if re.fullmatch(r"[\w.]+(\([^()]*\))?", text):
        return text, RANK[None]
    found = [UNARY if m[3] else RANK[m[1] or m[2]] for m in OPERATOR.finditer(text)]
    return text, min(found)


def is_square(node: Node) -> bool:
    """Whether x*x is what NumPy computes."""
    return node.function is np.square or node.function is np.power and (
        not isinstance(node.args[1], Node) and node.args[1] == 2)


def is_one(x: Any) -> bool:
    return not isinstance(x, Node) and x == 1


def of_formula(e: sp.Expr) -> str:
    """A formula of SymPy's, in the order in which SymPy has it."""
    return Printer().doprint(e)


def number(x: Any) -> str:
    """A number of Python's, which JavaScript reads as the same float."""
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, int) and abs(x) > 2**53:
        raise ValueError(f"the whole number {x} is no float")
    if x != x or x in (np.inf, -np.inf):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    text = repr(x)
    return text[:-2] if text.endswith(".0") else text


def safe(name: str) -> str:
    """A name that JavaScript allows for a letter."""
    return f"{name}_" if name in RESERVED else name
