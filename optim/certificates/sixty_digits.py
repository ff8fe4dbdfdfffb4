"""Sixty: a rational number, or one that is known to 60 digits, or none at all.

NumPy's functions run on arrays of these by their operators and methods.
"""
import functools
import math
import operator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

DIGITS = 60
NEAR = Fraction(1, 10**12)      # of a difference: what rounding may have made
LARGEST = 4_000                 # exponent that is written out
FUNCTIONS = {name: name for name in (
    "exp expm1 log log1p log10 sin cos tan sinh cosh tanh erf erfc").split()} | {
    f"arc{name[1:]}": name for name in "asin acos atan asinh acosh atanh".split()}


class Unsure(ArithmeticError):
    """It depends on more digits than are known."""


@functools.total_ordering
class Sixty:
    """A number: .value is a fraction, None if there is none; .exact unless it was rounded.

    A float is the decimal that it prints as, and counts as rounded if it is not just that.

    >>> Sixty(4).sqrt(), Sixty(1)/0, Sixty(2).sqrt().exact, Sixty(0.5).exact
    (Sixty(2), Sixty(None), False, True)
    """
    __slots__ = "value", "exact"
    value: Fraction | None

    def __init__(self, x: Any, exact: bool = True):
        if isinstance(x, np.integer | np.bool_):
            x = int(x)
        if isinstance(x, Sixty):
            x, exact = x.value, x.exact
        elif isinstance(x, (float, np.floating)):
            finite = math.isfinite(x)
            exact = exact and finite and Fraction(float(x)) == Fraction(repr(float(x)))
            x = Fraction(repr(float(x))) if finite else None
        self.value = x if x is None or type(x) is Fraction else Fraction(x)
        self.exact = exact or x is None

    def __repr__(self):
        x = self.value
        short = x is None or max(abs(x.numerator), x.denominator) < 10**DIGITS
        return f"Sixty({x})" if short else (
            f"Sixty({mpmath.nstr(mpmath.mpf(x.numerator)/x.denominator)})")

    def __hash__(self):
        return hash(self.value)

    def __bool__(self):
        return self.sign() != 0

    def sign(self) -> int:
        """-1, 0 or 1; 0 for no value. Unsure if it is rounded and near 0."""
        x = self.value or Fraction(0)
        if not self.exact and abs(x) < NEAR:
            raise Unsure(f"the sign of {float(x)}, which is rounded")
        return (x > 0) - (x < 0)

    def __eq__(self, other):
        return (self - other).sign() == 0

    def __lt__(self, other):
        return (self - other).sign() < 0

    def __pos__(self):
        return self

    def __neg__(self):
        return 0 - self

    def __abs__(self):
        return -self if self.sign() < 0 else self

    def __pow__(self, other):
        return power(self, Sixty(other))

    def __rpow__(self, other):
        return power(Sixty(other), self)

    def __floor__(self):
        if self.value is None:
            return self
        near = Sixty(self.value - round(self.value), self.exact)
        return Sixty(math.floor(self.value + (0 if near.sign() else near.value)))

    def __ceil__(self):
        return -math.floor(-self)

    def __trunc__(self):
        return math.ceil(self) if self.sign() < 0 else math.floor(self)

    def __floordiv__(self, other):
        return math.floor(self/other)

    def __rfloordiv__(self, other):
        return math.floor(other/self)

    def __mod__(self, other):
        return self - self//other*other

    def __rmod__(self, other):
        return other - other//self*self

    def sqrt(self):
        return power(self, Sixty(Fraction(1, 2)))

    def cbrt(self):
        return self.sign()*power(abs(self), Sixty(Fraction(1, 3)))

    def hypot(self, other):
        return (self*self + other*other).sqrt()

    def exp2(self):
        return 2**self

    def log2(self):
        return self.log()/Sixty(2).log()

    def rint(self):
        half = self + Fraction(1, 2)
        down = math.floor(half)
        return down - 1 if down == half and (down/2).value.denominator > 1 else down


NUMBERS = Sixty, int, float, Fraction, np.number, np.bool_


def of_two(function, reflected):
    """The method of an operation on two of them."""
    def run(self, other):
        if not isinstance(other, NUMBERS):
            return NotImplemented
        if type(other) is not Sixty:
            other = Sixty(other)
        a, b = (other, self) if reflected else (self, other)
        lost = a.value is None or b.value is None
        if lost or function is operator.truediv and b.sign() == 0:
            return Sixty(None)
        return Sixty(function(a.value, b.value), a.exact and b.exact)
    return run


for each in operator.add, operator.sub, operator.mul, operator.truediv:
    setattr(Sixty, f"__{each.__name__}__", of_two(each, reflected=False))
    setattr(Sixty, f"__r{each.__name__}__", of_two(each, reflected=True))


def power(b: Sixty, x: Sixty) -> Sixty:
    """b**x of real numbers: 0**0 is 1, and a negative b needs a whole x."""
    if b.value is None or x.value is None:
        return Sixty(None)
    if abs(x.value) > LARGEST:
        raise Unsure(f"a power {float(x.value)}")
    whole = x.exact and x.value.denominator == 1
    if b.sign() == 0 or whole:
        lost = b.sign() == 0 and x.sign() < 0
        return Sixty(None) if lost else Sixty(
            b.value**x.value if whole else Fraction(0), b.exact)
    if b.sign() < 0:
        if not x.exact:
            raise Unsure("a power of a negative number")
        return Sixty(None)
    if x.exact and b.exact and x.value.denominator < DIGITS:
        base = b.value**x.value.numerator
        parts = [root(n, x.value.denominator) for n in (base.numerator, base.denominator)]
        if all(parts):
            return Sixty(Fraction(*parts))
    return rounded(mpmath.power, b.value, x.value)


def root(n: int, k: int) -> int:
    """The whole k-th root of n > 0; 0 if there is none."""
    with mpmath.workprec(n.bit_length()//k + DIGITS):
        found = int(mpmath.nint(mpmath.root(n, k)))
    return found if found**k == n else 0


def rounded(function: Any, *arguments: Fraction) -> Sixty:
    """A function of real numbers to 60 digits, none where it has no real value."""
    if any(abs(x) > LARGEST for x in arguments) and function in (
            mpmath.exp, mpmath.expm1, mpmath.sinh, mpmath.cosh):
        raise Unsure(f"{function.__name__} of a large number")
    with mpmath.workdps(DIGITS):
        given = [mpmath.mpf(x.numerator)/x.denominator for x in arguments]
        try:
            found = mpmath.mpmathify(function(*given))
        except (ValueError, ZeroDivisionError):         # a pole
            return Sixty(None)
        if isinstance(found, mpmath.mpc) or not mpmath.isfinite(found):
            return Sixty(None)
        sign, mantissa, exponent, _ = found._mpf_
        return Sixty((-1)**sign*int(mantissa)*Fraction(2)**int(exponent), exact=False)


def method_of(name):
    def run(self):
        if self.value is None:
            return self
        if self.value in (0, 1):                        # where it may be whole
            found = rounded(getattr(mpmath, name), self.value)
            whole = found.value is not None and found.value.denominator == 1
            return Sixty(found.value, self.exact and whole)
        return rounded(getattr(mpmath, name), self.value)
    return run


for own, other in FUNCTIONS.items():
    setattr(Sixty, own, method_of(other))
