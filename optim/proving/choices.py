"""|x|, max, min, sign and Piecewise: what the signs of a case choose.

Infinities may stand among the arguments of max and min, in comparisons, and as a side of
the claim; nowhere else.
"""
from functools import reduce as fold

import sympy as sp

from optim.proving.certificates import domain_sign
from optim.proving.functions import Functions
from optim.proving.generators import Split, Unsupported
from optim.proving.intervals import Undefined, Unsure
from optim.proving.signs import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO, Signs)
from optim.proving.comparisons import SIGNS, truth_of


class Choices(Functions):
    """A case in which signs choose."""

    def abs(self, e):
        u = self.value(e.args[0])
        return u if self.decide(u, NONNEGATIVE, NONPOSITIVE) == NONNEGATIVE else -u

    def sign(self, e):
        case = self.compared(e.args[0], sp.Integer(0), POSITIVE, ZERO, NEGATIVE)
        return sp.Integer(next(iter(case)))

    def extended(self, e):
        """The value, or an infinity."""
        if e in (sp.oo, -sp.oo):
            return e
        if isinstance(e, sp.Piecewise):
            return self.extended(self.piece(e))
        if isinstance(e, (sp.Max, sp.Min)):
            return self.extreme(e)
        return self.value(e)

    def extreme(self, e):
        wanted = NONNEGATIVE if isinstance(e, sp.Max) else NONPOSITIVE

        def better(x, y):
            return x if self.order(x, y, NONNEGATIVE, NONPOSITIVE) == wanted else y
        return fold(better, [self.extended(x) for x in e.args])

    def order(self, x, y, *cases):
        """The case of x - y, of which either may be infinite."""
        if sp.oo in (x, -x, y, -y):
            sign = Signs({0 if x == y else 1 if sp.oo in (x, -y) else -1})
            return next(case for case in cases if sign <= case)
        return self.decide(x - y, *cases)

    def limited(self, e):
        """The extreme of the arguments, if it is no infinity."""
        found = self.extreme(e)
        if sp.oo in (found, -found):
            raise Unsupported("infinity, but for max, min and comparisons")
        return found

    def piecewise(self, e):
        return self.value(self.piece(e))

    def piece(self, e):
        """The piece that holds."""
        for value, condition in e.args:
            if self.truth(condition):
                return value
        raise Undefined("no piece holds here")

    def truth(self, c) -> bool:
        """Whether the condition holds in the branch; undefined if a part of it is."""
        try:
            return truth_of(c, self.holds)
        except Unsure as why:
            raise Unsupported(f"{why}") from why

    def holds(self, c) -> bool:
        yes = Signs(SIGNS[type(c)])
        return self.compared(c.lhs, c.rhs, yes, ANY - yes) == yes

    def compared(self, x, y, *cases) -> Signs:
        """The case of x - y; a split that decides x = y alone tells that it was asked."""
        x_, y_ = self.extended(x), self.extended(y)
        try:
            return self.order(x_, y_, *cases)
        except Split as split:
            powers = dict(self.factors(x_ - y_)[1])
            if powers.pop(split.polynomial, 0) > 0 and all(
                    0 not in domain_sign(f, self.ranges) for f in powers):
                split.asked = sp.Eq(x, y, evaluate=False)
            raise
