"""Plain numbers, and a rule run on them from its source.

A second opinion on the prover's verdicts that shares nothing with it: no SymPy, no NumPy.
A number is an exact fraction for as long as it can be, then has 60 digits; two that cancel
but for rounding leave 0, which has a root. Every constant is the decimal that stands in the
source. What is not real (1/0, the root of a negative number) is no value; it matters if it
reaches what the rule returns.
"""
import ast
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from types import SimpleNamespace
from typing import Any

import mpmath

from optim.optimizers.signatures import Rule

MP = mpmath.mp.clone()                          # its numbers keep 60 digits everywhere
MP.dps = 60
TOLERANCE = MP.mpf("1e-40")                     # rounding is far below, a difference above
CANCELLED = MP.mpf("1e-50")                     # of a term: a sum below that is rounding
HIGHEST, LARGEST = 1000, 10**12                 # exponent of an exact power, and of any


def exactly(function: Callable[..., Any]) -> Callable[..., "Number"]:
    """The function on Numbers: of fractions, or else of mpmath numbers."""
    def run(*numbers: "Number") -> "Number":
        values = [x.value for x in numbers]
        if any(x is None for x in values):
            return NO_VALUE
        if not all(isinstance(x, Fraction) for x in values):
            values = [*map(rounded, values)]
        try:
            return Number(function(*values))
        except ZeroDivisionError:
            return NO_VALUE
    return run


def rounded(x: Any) -> Any:
    """A fraction to 60 digits; any other number as it is."""
    return MP.mpf(x.numerator)/x.denominator if isinstance(x, Fraction) else x


def added(operation: Callable[..., Any]) -> Callable[..., Any]:
    """A sum or a difference, exactly 0 where rounding is all that is left of it."""
    def run(a: Any, b: Any) -> Any:
        result = operation(a, b)
        exact = isinstance(result, Fraction) or abs(result) > CANCELLED*abs(a)
        return result if exact else Fraction(0)
    return run


def power(a: Any, b: Any) -> Any:
    """a**b, exactly where it is a fraction."""
    if b == Fraction(1, 2):
        return root(a)
    if isinstance(a, Fraction) and b == int(b) and abs(b) < HIGHEST:
        return a**int(b)
    if abs(b) > LARGEST:                                # 2**(2**100) has no room
        return MP.inf
    return rounded(a)**rounded(b)


def root(x: Any) -> Any:
    """The square root, exactly where it is a fraction."""
    if isinstance(x, Fraction) and x >= 0:
        up, down = isqrt(x.numerator), isqrt(x.denominator)
        if up**2 == x.numerator and down**2 == x.denominator:
            return Fraction(up, down)
    return MP.sqrt(rounded(x))


def compared(relation: Callable[..., bool]) -> Callable[..., bool | None]:
    """The relation between Numbers; None if one has no value."""
    def holds(one: "Number", other: "Number") -> bool | None:
        difference = (one - other).value
        return None if difference is None else relation(difference, 0)
    return holds


class Number:
    """A real number, or none: .value is a Fraction, an mpf or None."""
    __slots__ = ("value",)

    def __init__(self, value: Any):
        real = isinstance(value, Fraction) or (
            isinstance(value, MP.mpf) and MP.isfinite(value))
        self.value = value if real else None

    __add__, __sub__ = exactly(added(operator.add)), exactly(added(operator.sub))
    __mul__, __truediv__ = exactly(operator.mul), exactly(operator.truediv)
    __neg__, __abs__, __pow__ = exactly(operator.neg), exactly(abs), exactly(power)

    __ge__, __gt__, __lt__, __eq__ = map(compared, (                # type: ignore
        operator.ge, operator.gt, operator.lt, operator.eq))
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Number({self.value})"


def chosen(condition: bool | None, a: Number, b: Number) -> Number:
    """a or b, as the condition says; what is not chosen need not have a value."""
    return NO_VALUE if condition is None else a if condition else b


NO_VALUE = Number(None)
FUNCTIONS = SimpleNamespace(
    sqrt=exactly(root), abs=abs, where=chosen, maximum=exactly(max), minimum=exactly(min),
    sign=exactly(lambda x: Fraction((x > 0) - (x < 0))))


def number(text: str) -> Number:
    """The number that a text is, such as "0.96" or "1/3"."""
    return Number(Fraction(text))


class Constants(ast.NodeTransformer):
    """Every constant becomes a Number."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) not in (int, float):
            return node
        return ast.Call(ast.Name("number", ast.Load()), [ast.Constant(str(node.value))], [])


@lru_cache(100)
def on_plain_numbers(source: str) -> Rule:
    """The last function of the source, as one of Numbers."""
    tree = ast.fix_missing_locations(Constants().visit(ast.parse(source)))
    scope: dict[str, Any] = {"np": FUNCTIONS, "number": number}
    exec(compile(tree, "a rule", "exec"), scope)
    return scope[tree.body[-1].name]


def apart(a: Number, b: Number) -> bool:
    """Whether two numbers differ: in value, or in that only one of them is there."""
    x, y = a.value, b.value
    if x is None or y is None:
        return x is not y
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x != y
    x, y = rounded(x), rounded(y)
    return bool(abs(x - y) > TOLERANCE*max(1, abs(x), abs(y)))
