"""Numbers that are exact fractions, or else intervals that surely hold the value.

What a function makes of such a number is exact where it can be, so "the two sides differ
here" and "this side has no value here" are theorems, not rounding. What cannot be told
apart raises Unsure. The intervals are mpmath's.
"""
from fractions import Fraction
from functools import partial

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import to_int

from optim.proving.decimals import NEAR, decimal, is_rounded
from optim.proving.needs import DIVISION, Defined, Nonnegative, Nonzero

PRECISION = 160                # bits of an interval's ends
LARGEST = 20_000               # bits of an exact power; larger ones become intervals

iv = MPIntervalContext()       # our own: the precision of mpmath.iv belongs to the user
iv.prec = PRECISION


class Undefined(ArithmeticError):
    """The formula has no real value: 0/0, the root of a negative, log of 0."""


class Unsure(ArithmeticError):
    """Neither exact nor narrow enough to tell."""


def enclose(value):
    """The value as an interval."""
    if isinstance(value, Fraction):
        return iv.mpf(value.numerator)/iv.mpf(value.denominator)
    return value


def sign_of(value) -> int:
    """-1, 0 or 1, surely."""
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    if value.a > 0:
        return 1
    if value.b < 0:
        return -1
    raise Unsure("an interval holds 0")


def difference(a, b):
    exact = isinstance(a, Fraction) and isinstance(b, Fraction)
    return a - b if exact else enclose(a) - enclose(b)


def near(e: sp.Float):
    """What a float stands for: the decimal that it prints as, or some number near it."""
    x = Fraction(*decimal(e).as_numer_denom())
    if not is_rounded(e):
        return x
    return enclose(x)*iv.mpf([(1 - NEAR).numerator, (1 + NEAR).numerator])/NEAR.denominator


def is_infinite(value) -> bool:
    return not isinstance(value, Fraction) and (
        abs(value).a == iv.inf.a or abs(value).b == iv.inf.b)


def moderate(value):
    """The value as an interval, if its digits before the point can be written down."""
    if (abs(enclose(value)) > iv.mpf(2)**LARGEST) is not False:
        raise Unsure("a number that is too large")
    return enclose(value)


# ------------------------------------------------------------------ powers
def exact_root(x: Fraction, q: int) -> Fraction | None:
    """The q-th root of x >= 0 if it is a fraction."""
    up, exact_up = sp.integer_nthroot(x.numerator, q)
    down, exact_down = sp.integer_nthroot(x.denominator, q)
    return Fraction(int(up), int(down)) if exact_up and exact_down else None


def power(b, x):
    """b**x with 0**0 = 1, and undefined at a negative b unless x is an integer."""
    if not isinstance(x, Fraction):
        if isinstance(b, Fraction) and b == 0:
            if sign_of(x) > 0:
                return Fraction(0)
            raise Undefined("0 to a negative power")
        if sign_of(b) < 0:
            raise Unsure("a negative base with an exponent that is not exact")
        return exponential(iv.log(enclose(b))*x)
    if isinstance(b, Fraction) and b == 0 and x < 0:
        raise Undefined(DIVISION)
    if x.denominator == 1:
        return whole_power(b, x.numerator)
    if sign_of(b) < 0:
        raise Undefined("a root of a negative number")
    if isinstance(b, Fraction) and b.numerator.bit_length() < LARGEST:
        root = exact_root(b, x.denominator)
        if root is not None:
            return power(root, Fraction(x.numerator))
    if x.denominator == 2:
        return power(iv.sqrt(enclose(b)), Fraction(x.numerator))
    return exponential(iv.log(enclose(b))*enclose(x))


def whole_power(b, n: int):
    if isinstance(b, Fraction):
        bits = max(b.numerator.bit_length(), b.denominator.bit_length())
        if abs(n)*bits <= LARGEST or abs(b) in (0, 1):
            return b**(n if abs(b) != 1 else n % 2)
    elif n < 0:
        sign_of(b)                                   # surely not 0, else Unsure
    return enclose(b)**n if n >= 0 else 1/enclose(b)**(-n)


# ------------------------------------------------------------------ functions of one number
def exponential(x):
    """exp, if it is not too large to be written down."""
    if x == 0:
        return Fraction(1)
    if abs(enclose(x)).b > LARGEST:
        raise Unsure("an exponent that is too large")
    return iv.exp(enclose(x))


def logarithm(x):
    if sign_of(x) <= 0:
        raise Undefined("log of a number that is not positive")
    return Fraction(0) if x == 1 else iv.log(enclose(x))


def hyperbolic(name: str, x):
    """tanh, sinh, cosh."""
    if x == 0:
        return Fraction(name == "cosh")
    if name == "tanh":
        return 1 - 2/(enclose(exponential(2*enclose(x))) + 1)
    up = enclose(exponential(enclose(x)))
    return (up + 1/up)/2 if name == "cosh" else (up - 1/up)/2


def wave(name: str, x):
    """sin, cos, tan."""
    if x == 0:
        return Fraction(name == "cos")
    if name == "tan":
        sign_of(iv.cos(moderate(x)))                 # surely not at a pole, else Unsure
    return getattr(iv, name)(moderate(x))


def arctangent(x):
    return Fraction(0) if x == 0 else iv.atan2(enclose(x), iv.mpf(1))


def arcsine(x):
    rest = difference(Fraction(1), power(x, Fraction(2)))
    if sign_of(rest) < 0:
        raise Undefined("asin beyond 1")
    return Fraction(0) if x == 0 else iv.atan2(enclose(x), iv.sqrt(enclose(rest)))


def area(name: str, x):
    """asinh, acosh, atanh."""
    if name == "atanh":
        if sign_of(difference(Fraction(1), abs(x))) <= 0:
            raise Undefined("atanh beyond 1")
        return Fraction(0) if x == 0 else iv.log((1 + enclose(x))/(1 - enclose(x)))/2
    if name == "acosh" and sign_of(difference(x, Fraction(1))) < 0:
        raise Undefined("acosh of a number below 1")
    if x == (name == "acosh"):
        return Fraction(0)
    return iv.log(enclose(x) + iv.sqrt(enclose(x)**2 + (-1 if name == "acosh" else 1)))


def floor(x):
    if isinstance(x, Fraction):
        return Fraction(x.numerator//x.denominator)
    low, high = (to_int(end, "f") for end in moderate(x)._mpi_)
    if low != high:
        raise Unsure("a whole number lies in an interval")
    return Fraction(low)


def error_function(x):
    if x == 0:
        return Fraction(0)
    raise Unsure("no enclosure for erf")


def needed(signs: set, why: str, x):
    """0 where x has one of the signs; see needs.py."""
    if sign_of(x) not in signs:
        raise Undefined(why)
    return Fraction(0)


FUNCTIONS = {
    sp.exp: exponential, sp.log: logarithm, sp.Abs: abs,
    sp.sign: lambda x: Fraction(sign_of(x)),
    sp.tanh: partial(hyperbolic, "tanh"), sp.sinh: partial(hyperbolic, "sinh"),
    sp.cosh: partial(hyperbolic, "cosh"), sp.asinh: partial(area, "asinh"),
    sp.acosh: partial(area, "acosh"), sp.atanh: partial(area, "atanh"),
    sp.sin: partial(wave, "sin"), sp.cos: partial(wave, "cos"),
    sp.tan: partial(wave, "tan"), sp.atan: arctangent, sp.asin: arcsine,
    sp.erf: error_function,
    sp.acos: lambda x: iv.pi/2 - enclose(arcsine(x)),
    sp.floor: floor, sp.ceiling: lambda x: -floor(-x),
    Defined: lambda x: Fraction(0), Nonzero: partial(needed, {1, -1}, DIVISION),
    Nonnegative: partial(needed, {0, 1}, "a root of a negative number")}
