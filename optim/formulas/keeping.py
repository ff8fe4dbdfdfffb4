"""What SymPy would lose of one operation: where it has a value, and roots as written.

SymPy shows g for g**2/g, and sqrt(v)*sqrt(g) for sqrt(v*g) with v >= 0, which has no value
at v = 0, g < 0. So each function of a rule tells what it needs of its arguments, and a
power that SymPy would split stays a Power.
"""
import numpy as np
import sympy as sp

from minigrad.symbolic.meanings import entry, sinc, truncate
from minigrad.symbolic.truths import as_number, either
from optim.proving.needs import Defined, Nonnegative, Nonzero, Power

NOWHERE = Nonzero(sp.Integer(0))             # the need that is never met
NO_NUMBERS = sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I
HALF = sp.Rational(1, 2)


def positive(x):
    return [Nonzero(x), Nonnegative(x)]


def of_power(x, y):
    """What x**y needs; 0**0 is 1."""
    if y.is_nonnegative and (x.is_nonnegative or y.is_integer) or x.is_positive:
        return []
    if y.is_Rational:
        return [Nonzero(x)]*bool(y < 0) + [Nonnegative(x)]*(not y.is_Integer)
    return [Defined(Power(x, y))]


def of_quotient(x, y):
    return [Nonzero(y)]


def of_whole_quotient(x, y):
    if x.is_integer and y.is_integer and not y.is_nonzero:
        raise TypeError("//, %: NumPy makes 0 of a whole number by 0; divide by what is "
                        "not 0, or write np.floor(x/y)")
    return [Nonzero(y)]


def of_reciprocal(x):
    if x.is_integer:
        raise TypeError("np.reciprocal: NumPy rounds it for whole numbers; write 1/t")
    return [Nonzero(x)]


def of_signed(x, s):
    """A sign of s; 0.0 and -0.0 are one number here."""
    if not s.is_nonzero:
        raise TypeError("np.copysign, np.signbit, np.arctan2: NumPy tells -0.0 from 0.0, "
                        "and a formula does not; write np.where(x >= 0, a, b)")
    return []


# What a function needs of its arguments; all others have a value everywhere.
PARTIAL = {
    np.true_divide: of_quotient, np.floor_divide: of_whole_quotient,
    np.remainder: of_whole_quotient, np.fmod: of_whole_quotient,
    np.reciprocal: of_reciprocal, np.sqrt: lambda x: [Nonnegative(x)],
    np.power: of_power, np.float_power: of_power,
    np.log: positive, np.log2: positive, np.log10: positive,
    np.log1p: lambda x: positive(1 + x), np.arctanh: lambda x: positive(1 - x**2),
    np.copysign: of_signed, np.signbit: lambda s: of_signed(s, s),
    np.arctan2: lambda y, x: of_signed(x, y),
    np.arcsin: lambda x: [Nonnegative(1 - x**2)],
    np.arccos: lambda x: [Nonnegative(1 - x**2)],
    np.arccosh: lambda x: [Nonnegative(x - 1)]}


def power(b, x):
    """b**x, as a Power if SymPy's form of it has no value somewhere where b**x has one."""
    simple = b**x
    if simple == sp.Pow(b, x, evaluate=False) or b.is_nonnegative or x.is_Integer:
        return simple if has_value(simple) else Power(b, x)
    factors = sp.Mul.make_args(abs(b.as_coeff_Mul()[0])*b.as_coeff_Mul()[1])
    split = len(factors) > 1 and x.is_Rational and not any(
        f.is_negative or f.is_nonnegative and not f.is_positive for f in factors)
    unknown = any(f.is_positive is None for f in factors)
    return simple if split and unknown and has_value(simple) else Power(b, x)


def quotient(a, b):
    """a/b; SymPy divides each piece of a Piecewise, also by a 0 that no point chooses."""
    return a/b if has_value(1/b) else a*Power(b, sp.Integer(-1))


KEPT = {np.true_divide: quotient, np.reciprocal: lambda x: quotient(sp.Integer(1), x),
        np.floor_divide: lambda a, b: sp.floor(quotient(a, b)),
        np.remainder: lambda a, b: a - b*sp.floor(quotient(a, b)),
        np.fmod: lambda a, b: a - b*truncate(quotient(a, b)),
        np.sqrt: lambda x: power(x, HALF), np.power: power, np.float_power: power,
        np.sinc: lambda x: either(sp.Eq(x, 0), sp.Integer(1), sinc(x))}


def operation(function, parts):
    """The value of one operation, and the set of what it needs.

    >>> g = sp.Symbol("g", real=True)
    >>> operation(np.true_divide, [g**2, g])
    (g, {Nonzero(g)})
    """
    plain = [*map(as_number, parts)]
    needs = {x for x in PARTIAL.get(function, lambda *parts: [])(*plain) if not always(x)}
    if any(map(never, needs)):
        return sp.Integer(0), needs | {NOWHERE}
    value = KEPT[function](*plain) if function in KEPT else entry(function, parts)
    if has_value(value) and not (function in PARTIAL and value.is_extended_real is False):
        return value, needs
    if value.has(sp.Piecewise):
        raise TypeError(f"np.{function.__name__} of a np.where with infinity in it has no "
                        "meaning on formulas")
    return sp.Integer(0), needs | {NOWHERE}


def has_value(e) -> bool:
    """Whether SymPy has not found infinity, i, or no number at all."""
    return not (isinstance(e, sp.Expr) and e.has(*NO_NUMBERS))


def never(need) -> bool:
    """Whether SymPy knows that the need is not met."""
    x = need.args[0]
    return bool(x.is_zero if isinstance(need, Nonzero) else
                isinstance(need, Nonnegative) and x.is_negative)


def always(need) -> bool:
    """Whether SymPy knows that the need is met."""
    x = need.args[0]
    return bool(x.is_nonzero if isinstance(need, Nonzero) else
                isinstance(need, Nonnegative) and x.is_nonnegative)
