"""Refutation: rational points at which two formulas provably differ.

A formula is evaluated at a point to an exact fraction where it has one, else to an interval
that surely holds its value. So "the two sides differ here" and "this side has no value
here" are theorems, not rounding. What cannot be told apart raises Unsure.
"""
import random
from fractions import Fraction

import mpmath
import sympy as sp
from mpmath.ctx_iv import MPIntervalContext
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or

from optim.proving.decimals import NEAR, decimal, is_rounded
from optim.proving.needs import Defined, Nonnegative, Nonzero, Power, beside_imaginary

PRECISION = 160                # bits of an interval's ends
LARGEST = 20_000               # bits of an exact power; larger ones become intervals
LONGEST = 2_000                # terms of a Sum that are added up
FACTS = ("is_integer", "is_rational", "is_nonzero", "is_negative", "is_nonpositive",
         "is_real")            # what SymPy may know of a function besides its sign

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


def exponential(x):
    """exp of an interval, if it is not too large to be written down."""
    if abs(x).b > LARGEST:
        raise Unsure("an exponent that is too large")
    return iv.exp(x)


def near(e: sp.Float):
    """What a float stands for: the decimal that it prints as, or some number near it."""
    x = Fraction(*decimal(e).as_numer_denom())
    if not is_rounded(e):
        return x
    return enclose(x)*iv.mpf([(1 - NEAR).numerator, (1 + NEAR).numerator])/NEAR.denominator


def exact_root(x: Fraction, q: int) -> Fraction | None:
    """The q-th root of x >= 0 if it is a fraction."""
    up, exact_up = sp.integer_nthroot(x.numerator, q)
    down, exact_down = sp.integer_nthroot(x.denominator, q)
    return Fraction(int(up), int(down)) if exact_up and exact_down else None


class Evaluator:
    """Values of formulas at one point; an unknown function gets a value where asked.

    The same unknown function at the same argument has the same value, so a witness exhibits
    a function for which the sides differ.
    """

    def __init__(self, point: dict, known: dict | None = None,
                 unknown: dict | None = None, seed: int = 0):
        self.point, self.known = point, known or {}
        self.memo: dict = {}
        self.unknown = {} if unknown is None else unknown
        self.random = random.Random(seed)

    def __call__(self, e):
        if e not in self.memo:
            self.memo[e] = self._value(e)
        return self.memo[e]

    def _value(self, e):
        if e.is_Rational:
            return Fraction(int(e.p), int(e.q))
        if e.is_Float:
            return near(e)
        if e in self.known:
            return self(self.known[e])
        if e.is_Symbol:
            return self.point[e]
        if e is sp.pi or e is sp.E:
            return iv.pi if e is sp.pi else iv.e
        if e in (sp.nan, sp.zoo, sp.I):
            raise Undefined("a root of a negative number" if e is sp.I else e)
        for kind, method in METHODS:
            if isinstance(e, kind):
                return method(self, e)
        raise Unsure(f"no enclosure for {type(e).__name__}")

    def add(self, e):
        values = [self(x) for x in e.args]
        exact = sum((x for x in values if isinstance(x, Fraction)), Fraction(0))
        rest = [x for x in values if not isinstance(x, Fraction)]
        return sum(rest, enclose(exact)) if rest else exact

    def mul(self, e):
        beside = beside_imaginary(e)
        if beside is not None:
            return self.imaginary(*beside)
        values = [self(x) for x in e.args]         # all: 0 times undefined is undefined
        exact, result = Fraction(1), None
        for x in values:
            if isinstance(x, Fraction):
                exact *= x
            else:
                result = x if result is None else result*x
        return exact if result is None or exact == 0 else result*enclose(exact)

    def imaginary(self, rest, is_root):
        """The value of i times these; see needs.py."""
        if 0 not in [sign_of(self(x)) for x in rest]:
            raise Undefined("a root of a negative number")
        if not is_root:
            raise Unsure("of which root i was taken out is not known")
        return Fraction(0)

    def pow(self, e):
        return self.power(self(e.base), self(e.exp))

    def written(self, e):
        return self.power(*map(self, e.args))

    def power(self, b, x):
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
            raise Undefined("division by 0")
        if x.denominator == 1:
            n = x.numerator
            if isinstance(b, Fraction):
                bits = max(b.numerator.bit_length(), b.denominator.bit_length())
                if abs(n)*bits <= LARGEST or abs(b) in (0, 1):
                    return b**(n if abs(b) != 1 else n % 2)
            elif n < 0:
                sign_of(b)                          # surely not 0, else Unsure
            return enclose(b)**n if n >= 0 else 1/enclose(b)**(-n)
        if sign_of(b) < 0:
            raise Undefined("a root of a negative number")
        if isinstance(b, Fraction) and b.numerator.bit_length() < LARGEST:
            root = exact_root(b, x.denominator)
            if root is not None:
                return self.power(root, Fraction(x.numerator))
        if x.denominator == 2:
            return self.power(iv.sqrt(enclose(b)), Fraction(x.numerator))
        return exponential(iv.log(enclose(b))*enclose(x))

    def exp(self, e):
        x = self(e.args[0])
        return Fraction(1) if x == 0 else exponential(enclose(x))

    def log(self, e):
        x = self(e.args[0])
        if sign_of(x) <= 0:
            raise Undefined("log of a number that is not positive")
        return Fraction(0) if x == 1 else iv.log(enclose(x))

    def smooth(self, e):
        x = self(e.args[0])
        if isinstance(x, Fraction) and x == 0:
            return Fraction(e.func is sp.cos)
        x = enclose(x)
        if e.func is sp.tanh:
            return 1 - 2/(exponential(2*x) + 1)
        return iv.cos(x) if e.func is sp.cos else iv.sin(x)

    def abs(self, e):
        return abs(self(e.args[0]))

    def sign(self, e):
        return Fraction(sign_of(self(e.args[0])))

    def needs(self, e):
        x = self(e.args[0])
        if isinstance(e, Defined):
            return Fraction(0)
        if sign_of(x) not in ({1, -1} if isinstance(e, Nonzero) else {0, 1}):
            raise Undefined("division by 0" if isinstance(e, Nonzero) else
                            "a root of a negative number")
        return Fraction(0)

    def extreme(self, e):
        values, pick = [self(x) for x in e.args], max if isinstance(e, sp.Max) else min
        if all(isinstance(x, Fraction) for x in values):
            return pick(values)
        values = [enclose(x) for x in values]
        return iv.mpf([pick(x.a for x in values), pick(x.b for x in values)])

    def piecewise(self, e):
        for value, condition in e.args:
            if self.truth(condition):
                return self(value)
        raise Undefined("no piece holds here")

    def sum(self, e):
        if len(e.limits) != 1:
            raise Unsure("a sum over several indices")
        index, low, high = e.limits[0]
        low, high = self(low), self(high)
        if not all(isinstance(x, Fraction) and x.denominator == 1 for x in (low, high)):
            raise Unsure("bounds of a sum that are not integers")
        if not -1 <= high - low <= LONGEST:
            raise Unsure("a sum that is too long")
        total = Fraction(0) if isinstance(e, sp.Sum) else Fraction(1)
        for i in range(int(low), int(high) + 1):
            here = self.point | {index: Fraction(i)}
            term = Evaluator(here, self.known, self.unknown)
            term.random = self.random
            x = term(e.function)
            if not (isinstance(total, Fraction) and isinstance(x, Fraction)):
                total, x = enclose(total), enclose(x)
            total = total + x if isinstance(e, sp.Sum) else total*x
        return total

    def opaque(self, e):
        args = tuple(self(x) for x in (e.indices if isinstance(e, sp.Indexed) else e.args))
        if not all(isinstance(x, Fraction) for x in args):
            raise Unsure("an unknown function at a number that is not exact")
        like = sp.Dummy(**({"positive": True} if e.is_positive else
                           {"nonnegative": True} if e.is_nonnegative else {"real": True}))
        if any(getattr(e, fact) not in (None, getattr(like, fact)) for fact in FACTS):
            raise Unsure("an unknown function of other than all real or positive values")
        name = str(e.base if isinstance(e, sp.Indexed) else e.func)
        if (name, args) not in self.unknown:
            low = 1 if e.is_positive else 0 if e.is_nonnegative else -24
            self.unknown[name, args] = Fraction(self.random.randint(low, 24), 4)
        return self.unknown[name, args]

    def truth(self, c) -> bool:
        """Whether the condition holds; undefined if any part of it that is taken is."""
        return truth_of(c, self.holds)

    def holds(self, c) -> bool:
        a, b = self(c.lhs), self(c.rhs)
        exact = isinstance(a, Fraction) and isinstance(b, Fraction)
        return sign_of(a - b if exact else enclose(a) - enclose(b)) in SIGNS[type(c)]


def truth_of(c, holds) -> bool:
    """Whether a condition holds, where holds(a relation) tells it of a relation.

    Of an ITE the part that is not taken is not looked at.
    """
    if isinstance(c, (BooleanTrue, BooleanFalse)):
        return bool(c)
    if isinstance(c, ITE):
        return truth_of(c.args[1] if truth_of(c.args[0], holds) else c.args[2], holds)
    if isinstance(c, (And, Or, Not)):
        parts = [truth_of(x, holds) for x in c.args]
        return not parts[0] if isinstance(c, Not) else (
            all(parts) if isinstance(c, And) else any(parts))
    if not isinstance(c, Relational) or isinstance(c.lhs, BooleanTrue | BooleanFalse):
        raise Unsure(f"no truth value for {type(c).__name__}")
    return holds(c)


SIGNS = {sp.Gt: {1}, sp.Lt: {-1}, sp.Ge: {0, 1}, sp.Le: {-1, 0}, sp.Eq: {0}, sp.Ne: {-1, 1}}
METHODS = (
    (sp.Add, Evaluator.add), (sp.Mul, Evaluator.mul), (sp.Pow, Evaluator.pow),
    (sp.exp, Evaluator.exp), (sp.log, Evaluator.log), (sp.Abs, Evaluator.abs),
    (sp.sign, Evaluator.sign), ((sp.Max, sp.Min), Evaluator.extreme),
    (sp.Piecewise, Evaluator.piecewise), ((sp.Sum, sp.Product), Evaluator.sum),
    ((sp.sin, sp.cos, sp.tanh), Evaluator.smooth),
    ((Nonzero, Nonnegative, Defined), Evaluator.needs), (Power, Evaluator.written),
    ((AppliedUndef, sp.Indexed), Evaluator.opaque))


def gap(a, b, point: dict, holds: frozenset, known: dict | None = None, seed: int = 0
        ) -> tuple[str, dict] | None:
    """Why sign(a - b) is surely not in holds at the point; None if it is or may be.

    With the reason come the values given to unknown functions.
    """
    evaluate = Evaluator(point, known, {}, seed)
    values, undefined = [], {}
    for side, e in (("left", a), ("right", b)):
        try:
            values.append(evaluate(e))
        except Undefined as error:
            undefined[side] = str(error)
        except (Unsure, ZeroDivisionError, OverflowError, RecursionError):
            return None
    if len(undefined) == 1:
        (side, why), = undefined.items()
        reason = f"the {side} side is undefined here ({why}), the other is not"
        return reason, evaluate.unknown
    if undefined:
        return None
    x, y = values
    exact = isinstance(x, Fraction) and isinstance(y, Fraction)
    difference = x - y if exact else enclose(x) - enclose(y)
    try:
        if sign_of(difference) in holds:
            return None
    except Unsure:
        return None
    if exact and difference == 0:
        return "the sides are equal here", evaluate.unknown
    middle = enclose(difference).mid
    size = mpmath.nstr(mpmath.mpf(middle.a), 6)
    how = "" if exact else " (by intervals)"
    return f"left - right = {size} here{how}", evaluate.unknown
