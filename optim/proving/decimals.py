"""A float in a formula is the decimal that it prints as.

SymPy adds floats in binary: 0.1*x + 0.2*x is 0.30000000000000004*x, and prints as 0.3*x. A
proof takes such a number for the decimal of 15 digits that is printed, and says so. A
witness may not rest on it: there it is any number so near that rounding may have made it.
"""
from fractions import Fraction
from functools import lru_cache

import sympy as sp

NEAR = Fraction(1, 10**6)      # of a number: what rounding is allowed to have done to it


@lru_cache(1000)
def decimal(e: sp.Float) -> sp.Rational:
    """The decimal that a float prints as."""
    return sp.Rational(str(e))


@lru_cache(1000)
def is_rounded(e: sp.Float) -> bool:
    """Whether the decimal that is printed would be another float."""
    return sp.Float(str(e), precision=e._prec) != e


def rounded(*expressions: sp.Expr) -> list[sp.Float]:
    """The floats in the formulas that are not the decimals they print as."""
    found = set().union(*(e.atoms(sp.Float) for e in expressions))
    return sorted(filter(is_rounded, found))
