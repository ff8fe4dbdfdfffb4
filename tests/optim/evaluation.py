"""A second evaluation of formulas, which shares no code with the prover.

SymPy's lambdify on mpmath, 60 digits; TOLERANCE separates a real gap from their rounding.
"""
from functools import cache

import mpmath
import sympy as sp

TOLERANCE = mpmath.mpf(10)**-40


def real_root(x):
    if x < 0:
        raise ZeroDivisionError("mpmath would go on with a complex number")
    return mpmath.sqrt(x)


@cache
def compiled(e):
    root = sp.Function("real_root")
    e = e.replace(lambda q: q.is_Pow and q.exp.is_Rational and q.exp.q == 2,
                  lambda q: root(q.base)**(2*q.exp))
    symbols = sorted(e.free_symbols, key=str)
    return symbols, sp.lambdify(symbols, e, [{"real_root": real_root}, "mpmath"])


def value(e, point, digits=60):
    """The value at {symbol: number}, None where there is none."""
    symbols, function = compiled(e)
    with mpmath.workdps(digits):
        try:
            return mpmath.mpf(function(*(mpmath.mpmathify(point[s]) for s in symbols)))
        except ZeroDivisionError:
            return None


def differ(a, b, point):
    """Whether the two differ at the point, or only one is defined there."""
    left, right = value(a, point), value(b, point)
    if left is None or right is None:
        return (left is None) != (right is None)
    return abs(left - right) > TOLERANCE*(1 + abs(left))
