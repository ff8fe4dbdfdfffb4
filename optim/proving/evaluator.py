"""The value of a formula at a rational point: exact, or surely enclosed."""
import random
from fractions import Fraction

import sympy as sp
from sympy.core.function import AppliedUndef

from optim.proving.intervals import (
    FUNCTIONS, Undefined, Unsure, difference, enclose, is_infinite, iv, near, power,
    sign_of)
from optim.proving.needs import Power, beside_imaginary
from optim.proving.comparisons import SIGNS, truth_of

MINUS_INFINITY = -sp.oo
LONGEST = 2_000                # terms of a Sum that are added up
ASSUMED = ("is_integer", "is_rational", "is_nonzero", "is_negative", "is_nonpositive",
           "is_real")          # what SymPy may know of a function besides its sign


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
        if e is sp.nan or e is sp.zoo or e is sp.I:
            raise Undefined("a root of a negative number" if e is sp.I else e)
        if e.func in FUNCTIONS:
            return FUNCTIONS[e.func](self(e.args[0]))
        for kind, method in METHODS:
            if isinstance(e, kind):
                return method(self, e)
        raise Unsure(f"no enclosure for {type(e).__name__}")

    def extended(self, e):
        """The value, or an infinity as an interval."""
        if e is sp.oo or e is MINUS_INFINITY:
            return iv.inf if e is sp.oo else -iv.inf
        if isinstance(e, sp.Piecewise):
            return self.extended(self.piece(e))
        return self.extreme(e) if isinstance(e, (sp.Max, sp.Min)) else self(e)

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
        return power(*map(self, e.args))

    def limited(self, e):
        """The extreme of the arguments, if it is no infinity."""
        found = self.extreme(e)
        if is_infinite(found):
            raise Unsure("infinity, but for max, min and comparisons")
        return found

    def extreme(self, e):
        values = [self.extended(x) for x in e.args]
        pick = max if isinstance(e, sp.Max) else min
        if all(isinstance(x, Fraction) for x in values):
            return pick(values)
        values = [enclose(x) for x in values]
        return iv.mpf([pick(x.a for x in values), pick(x.b for x in values)])

    def piecewise(self, e):
        return self(self.piece(e))

    def piece(self, e):
        """The piece that holds."""
        for value, condition in e.args:
            if self.truth(condition):
                return value
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
        if any(getattr(e, fact) not in (None, getattr(like, fact)) for fact in ASSUMED):
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
        a, b = self.extended(c.lhs), self.extended(c.rhs)
        return sign_of(difference(a, b)) in SIGNS[type(c)]


METHODS = (
    (sp.Add, Evaluator.add), (sp.Mul, Evaluator.mul), ((sp.Pow, Power), Evaluator.pow),
    ((sp.Max, sp.Min), Evaluator.limited), (sp.Piecewise, Evaluator.piecewise),
    ((sp.Sum, sp.Product), Evaluator.sum), ((AppliedUndef, sp.Indexed), Evaluator.opaque))
