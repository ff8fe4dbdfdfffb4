"""Exact: a float that reckons as the real number for which it was written."""
import math
import operator
from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any

import numpy as np
import sympy as sp

from minigrad.symbolic.constants import NAMED, exact
from optim.formulas.keeping import operation
from optim.formulas.reading import Reading


class Exact(float):
    """A float that reckons as the real number that it stands for: .value, one of SymPy's.

    Mixed with formulas, and given to NumPy, it is that number; to all else it is a float.

    >>> (1 - Exact(sp.Rational("0.9"))).value, 1 - 0.9
    (1/10, 0.09999999999999998)
    """
    value: sp.Expr

    def __new__(cls, value: sp.Expr) -> "Exact":
        try:
            self = super().__new__(cls, value)
        except OverflowError:
            self = super().__new__(cls, math.copysign(math.inf, value))
        self.value = value
        return self

    def _sympy_(self) -> sp.Expr:
        return self.value

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(hasattr(x, "__array_ufunc__") and not isinstance(x, PLAIN) for x in inputs):
            return NotImplemented                       # it says itself what it makes of it
        inputs = tuple(Reading(x) if isinstance(x, Exact) else x for x in inputs)
        return getattr(ufunc, method)(*inputs, **kwargs)

    def __neg__(self) -> "Exact":
        return Exact(-self.value)

    def __pos__(self) -> "Exact":
        return self

    def __abs__(self) -> "Exact":
        return Exact(abs(self.value))


PLAIN = Exact, np.ndarray, np.generic
OPERATORS = {operator.add: "+", operator.sub: "-", operator.mul: "*",
             operator.truediv: "/", operator.pow: "**", operator.floordiv: "//",
             operator.mod: "%"}
HIGHEST = 1000                          # exponent of a power that is written out


def reckoned(operation: Callable, a: Any, b: Any) -> Any:
    """A Python operation: exactly if it is of two numbers, else Python's own.

    A float is the decimal that it prints as, and 1/3 of whole numbers is a third.
    """
    if not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
        return operation(a, b)
    if not isinstance(a, float) and not isinstance(b, float):
        whole = operation(a, b)                         # 1/0 raises as it does in Python
        if isinstance(whole, int):
            return whole
    divides = b == 0 and operation in (operator.truediv, operator.floordiv, operator.mod)
    large = operation is operator.pow and (a == 0 and b < 0 or abs(b) > HIGHEST)
    if divides or large or not (math.isfinite(a) and math.isfinite(b)):
        return operation(float(a), float(b))
    value = operation(exact(+a), exact(+b))             # +True is 1
    if value.is_real is False:
        raise TypeError(f"{a!r} {OPERATORS[operation]} {b!r} is no real number")
    return Exact(value)


def method(operation: Callable, reflected: bool) -> Callable:
    def run(self, other):
        if not isinstance(other, (int, float)):
            return NotImplemented
        return reckoned(operation, *((other, self) if reflected else (self, other)))
    return run


for each in OPERATORS:
    setattr(Exact, f"__{each.__name__}__", method(each, reflected=False))
    setattr(Exact, f"__r{each.__name__}__", method(each, reflected=True))


# ----------------------------------------- what the changed source of a rule calls
IN_NUMPY = {getattr(math, name, None): getattr(np, name) for name in (
    "sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan sinh cosh tanh floor ceil "
    "trunc fabs fmod hypot copysign").split()} | {math.pow: np.power}


def applied(function: Callable, *arguments: Any) -> Any:
    """A call: of one of NumPy's or math's functions and numbers alone, exactly."""
    builtin = isinstance(function, BuiltinFunctionType)
    known = IN_NUMPY.get(function) if builtin else function
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
