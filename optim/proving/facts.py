"""What is known of signs in one case of a proof, and when the case has to be split.

A case is a set of facts "this polynomial has one of these signs". Where they do not tell a
sign that is needed, Split asks for two cases or more, which leave nothing out.

The theorems about derivatives have a simpler judge, minigrad/proving/normal_forms.py: it
only asks whether a formula is zero and never splits: minigrad uses nothing of optim.
"""
import sympy as sp

from optim.proving.contradictions import contradictory
from optim.proving.factors import Factors
from optim.proving.generators import Split, as_quotient
from optim.proving.lemmas import lemmas
from optim.proving.signs import ANY, NONNEGATIVE, NONPOSITIVE, ZERO, Signs, times


class Facts(Factors):
    """The part of the domain where the facts hold."""

    def narrowed(self, polynomial, case):
        facts = self.facts | {polynomial: self.facts.get(polynomial, ANY) & case}
        return type(self)(self.generators, self.ranges, self.integers, self.known,
                          self.solved, facts, self.memo)

    def decide(self, u, *cases) -> Signs:
        """The case that holds all signs of u in this branch, else the branch is split."""
        signs = self.signs(u)
        for case in cases:
            if signs <= case:
                return case
        c, powers = self.factors(u)
        unknown = [(f, k, self.sign_of_factor(f)) for f, k in powers]
        unknown = [(f, k, s) for f, k, s in unknown if len(s) > 1 and (k % 2 or 0 in s)]
        f, k, s = unknown[0]
        if k % 2 == 0:
            raise Split(f, [ZERO, s - ZERO])
        rest = self.signs_of_product(c, [pair for pair in powers if pair[0] != f])
        options = [Signs({x}) for x in s]
        if len(rest) == 1:                        # the sign of f decides: carry cases over
            options = [Signs(x*y for x in case for y in rest) & s for case in cases]
        elif s == ANY and all(0 in case for case in cases):
            options = [NONNEGATIVE, NONPOSITIVE]
        squared = self.squared(f)
        if squared and len(self.signs(squared[1])) > 1:
            self.decide(squared[1], *[times(squared[0], case) for case in options])
        if self.parts(f) and not squared:            # x - s: known where x < 0
            a, b, _ = self.parts(f)
            for u, other in ((a, b), (b, a)):
                if self.signs(u) == ANY and self.signs(other) != ANY:
                    self.decide(u, NONNEGATIVE, NONPOSITIVE)
        raise Split(f, [case for case in options if case])

    # -- what follows in this case
    def equal(self, x, y) -> bool:
        """Whether the numerator of x - y reduces to 0."""
        top = self.generators.reduce(as_quotient(x - y)[0])
        if top == 0:
            return True
        if self.signs(top) == ZERO:                          # a root less in a root
            return True
        zeros = [p for p, s in self.facts.items() if s == ZERO]
        if not zeros:
            return False
        roots = [s**q - f for s, (f, q) in self.generators.square.items()
                 if any(p.has(s) for p in [top, *zeros])]
        letters = sorted(set().union(*(p.free_symbols for p in [top, *zeros, *roots])),
                         key=str)
        whole = sp.Poly(top, *letters).clear_denoms()[1]    # halves are not in its domain
        return sp.groebner([*zeros, *roots], *letters, order="grevlex").contains(
            whole.as_expr())

    def undetermined(self):
        """A polynomial that may or may not be 0 in this branch, and those two cases."""
        for p in self.facts:
            s = self.sign_of_factor(p)
            if 0 in s and len(s) > 1:
                return Split(p, [s - ZERO, ZERO])
        return None

    def empty(self) -> bool:
        """Whether no point of the domain is proved to lie in this branch."""
        for p, s in self.facts.items():
            if not s & self.sign_of_factor(p):
                return True
        if self.impossible(list(self.facts.items())):
            return True
        known = lemmas(self, self.facts)
        return bool(known) and self.impossible([*self.facts.items(), *known])

    def impossible(self, facts) -> bool:
        flips, ranges = self.oriented()
        if contradictory(facts, self.ranges):
            return True
        return ranges != self.ranges and contradictory(
            [(p.xreplace(flips), s) for p, s in facts], ranges)
