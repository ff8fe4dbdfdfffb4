"""Formulas as rational functions of generators, in one case of a proof.

A formula is evaluated bottom-up: sums and products as they are, powers and roots by their
generators, |x|, max and Piecewise by the signs that the case knows or is split on, G(x),
log(x) and a sum by one generator for each function and each argument. Two formulas agree
in a case if the numerator of their difference reduces to 0 by s**2 = f. Nothing here is
decided by a sample.
"""
import sympy as sp
from sympy.core.function import AppliedUndef

from optim.domains import Domain
from optim.proving.choices import Choices
from optim.proving.generators import Split, Unsupported
from optim.proving.functions import WAVES
from optim.proving.decimals import decimal
from optim.proving.intervals import Undefined
from optim.proving.lemmas import polynomial
from optim.proving.needs import (
    DIVISION, Defined, Nonnegative, Nonzero, Power, beside_imaginary)
from optim.proving.signs import ANY, NEGATIVE, NONNEGATIVE, NONZERO, ZERO, Signs

BOUND = (sp.Sum, sp.Product, sp.Integral, sp.Derivative)      # whole: equal if identical


class Branch(Choices):
    """The part of the domain where the facts hold, and the values of formulas there."""
    valueless = False                   # whether neither side of a claim has a value here

    def value(self, e):
        """The formula as a rational function of generators, every denominator nonzero.

        What it needs beside is added to .asked: powers that have a value only at some
        exponents.
        """
        if e not in self.memo:
            before, self.asked = self.asked, frozenset()
            self.memo[e] = self._value(e), self.asked
            self.asked = before
        found, asked = self.memo[e]
        self.asked |= asked
        return found

    def _value(self, e):
        if e.is_Rational:
            return e
        if e.is_Float:
            return decimal(e)
        if e in self.solved:
            return self.of_solution(self.solved[e])
        if e in self.known:
            return self.value(self.known[e])
        if e.is_Symbol:
            if e not in self.ranges:
                raise Unsupported(f"no domain for {e}")
            return e
        if e in (sp.nan, sp.zoo, sp.I):
            raise Undefined("a root of a negative number" if e is sp.I else e)
        if e is sp.pi or e is sp.E:
            return self.generator((e,), e, Domain(int(e), int(e) + 1, True, True))
        if isinstance(e, BOUND):
            return self.generator((e,), e, Domain())
        for kind, method in METHODS:
            if isinstance(e, kind):
                return method(self, e)
        raise Unsupported(f"no rule for {type(e).__name__}")

    def of_solution(self, e):
        """The value of a letter for which an equation was solved; it has one here."""
        try:
            return self.value(e)
        except Undefined as why:                     # SymPy has rewritten its roots
            raise Unsupported(f"{why} in the solution of an equation") from why

    def add(self, e):
        return sp.Add(*[self.value(x) for x in e.args])

    def mul(self, e):
        beside = beside_imaginary(e)
        return (sp.Mul(*[self.value(x) for x in e.args]) if beside is None
                else self.imaginary(*beside))

    def imaginary(self, rest, is_root):
        """The value of i times these; see needs.py."""
        values = [self.value(x) for x in rest]
        if all(self.decide(u, NONZERO, ZERO) == NONZERO for u in values):
            raise Undefined("a root of a negative number")
        if not is_root:
            raise Unsupported("of which root i was taken out is not known")
        return sp.Integer(0)

    def needs(self, e):
        if isinstance(e, Defined):
            return 0*self.value(e.args[0])
        cases = ((NONZERO, ZERO) if isinstance(e, Nonzero) else (NONNEGATIVE, NEGATIVE))
        if self.decide(self.value(e.args[0]), *cases) != cases[0]:
            raise Undefined(DIVISION if isinstance(e, Nonzero) else
                            "a root of a negative number")
        return sp.Integer(0)

    def pow(self, e):
        return self.power(*map(self.value, e.args))

    def assume(self, e, case) -> bool:
        """Note that the formula e has a sign in the case; False if it cannot."""
        try:
            u = self.value(e)
        except (Split, Undefined, Unsupported):
            return True                       # a fact forgotten: the branch is only larger
        if not self.signs(u) & case:
            return False
        c, powers = self.factors(u)
        unknown = [(f, k) for f, k in powers if len(self.sign_of_factor(f)) > 1]
        if len(unknown) == 1 and unknown[0][1] % 2:
            f = unknown[0][0]
            rest = self.signs_of_product(c, [pair for pair in powers if pair[0] != f])
            if len(rest) == 1 and rest != ZERO:
                allowed = Signs(x*y for x in case for y in rest)
                self.facts[f] = self.sign_of_factor(f) & allowed
                self.signs_memo.clear()
        elif unknown:
            for top, signs in polynomial(self, u, case):
                self.facts[top] = self.facts.get(top, ANY) & signs
        return True


METHODS = (
    (sp.Add, Branch.add), (sp.Mul, Branch.mul), ((sp.Pow, Power), Branch.pow),
    (sp.exp, Branch.exp), (sp.log, Branch.log), (sp.Abs, Branch.abs),
    (sp.sign, Branch.sign),
    ((sp.Max, sp.Min), Branch.limited), (sp.Piecewise, Branch.piecewise),
    ((Nonzero, Nonnegative, Defined), Branch.needs), (WAVES, Branch.wave),
    ((sp.tanh, sp.sinh, sp.cosh), Branch.hyperbolic),
    ((sp.floor, sp.ceiling), Branch.whole),
    ((AppliedUndef, sp.Indexed, sp.erf, sp.asin, sp.acos, sp.atan, sp.asinh, sp.acosh,
      sp.atanh), Branch.opaque))
