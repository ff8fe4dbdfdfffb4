"""The sign of a rational function: the product of the signs of its irreducible factors.

Each factor's is proved from the domain or known as a fact; of a + b s with a root s it is
that of a^2 - b^2 s^2, or of parts that have the same sign.
"""
from dataclasses import replace

import sympy as sp

from optim.domains import Domain
from optim.proving.certificates import domain_sign
from optim.proving.generators import as_quotient, irreducible
from optim.proving.signs import (
    ANY, NONNEGATIVE, NONPOSITIVE, ZERO, Signs, constant_sign, times)


class Factors:
    """The factors of polynomials and their signs, in the part where the facts hold."""

    def __init__(self, generators, ranges, integers, known, solved=(), facts=(), memo=()):
        self.generators, self.integers = generators, integers
        self.known = known                         # symbols that are formulas of the others
        self.solved = dict(solved)                 # likewise, where equations hold
        self.ranges, self.facts, self.memo = dict(ranges), dict(facts), dict(memo)
        self.signs_memo, self.asked = {}, frozenset()

    def oriented(self):
        """Letters known to be <= 0, as {x: -x}, and ranges in which signs count."""
        flips, ranges = {}, dict(self.ranges)
        for x, s in self.facts.items():
            if x in ranges and (ranges[x].low is None or ranges[x].low < 0) and s and (
                    s <= NONNEGATIVE or s <= NONPOSITIVE):
                r = ranges[x]
                if not s <= NONNEGATIVE:
                    flips[x], r = -x, Domain(
                        high=None if r.low is None else -r.low, open_high=r.open_low)
                ranges[x] = replace(r, low=0, open_low=0 not in s)
        return flips, ranges

    def factors(self, u):
        """u = c * f1**k1 * f2**k2 ... with irreducible polynomials f."""
        known = self.generators.factored
        if u not in known:
            known[u] = self._factors(u)
        return known[u]

    def _factors(self, u):
        c, powers = sp.Integer(1), []
        for part, k in zip(as_quotient(u), (1, -1)):
            part = self.generators.reduce(part)
            if part == 0:
                return sp.Integer(0), []
            number, found = irreducible(part)
            c *= number**k
            powers += [(f, k*j) for f, j in found]
        return c, powers

    def sign_of_factor(self, f) -> Signs:
        if f not in self.signs_memo:
            self.signs_memo[f] = self._sign_of_factor(f)
        return self.signs_memo[f] & self.facts.get(f, ANY)

    def _sign_of_factor(self, f) -> Signs:
        found = domain_sign(f, self.ranges)
        flips, ranges = self.oriented()
        if len(found) > 1 and ranges != self.ranges:
            found &= domain_sign(f.xreplace(flips), ranges)
        if len(found) == 1 or f.is_Number:
            return found
        roots = self.by_roots(f)
        if roots:
            found &= domain_sign(sp.expand(f.xreplace(roots)), ranges)
        if f.free_symbols <= set(self.generators.meaning):
            found &= constant_sign(self.generators.back(f))
        squared = self.squared(f)
        if squared:
            return times(squared[0], self.signs(squared[1])) & found
        return self.of_parts(f) & found

    def by_roots(self, f) -> dict:
        """{x: c s**q + d} for the letters whose roots s stand in f beside them."""
        found = {}
        for s, (base, q) in self.generators.square.items():
            if f.has(s) and len(base.free_symbols) == 1 and self.ranges[s].low is not None:
                x, = base.free_symbols
                if f.has(x) and base.is_polynomial() and sp.degree(base, x) == 1:
                    slope, rest = sp.Poly(base, x).all_coeffs()
                    found[x] = (s**q - rest)/slope
        return found

    def parts(self, f):
        """(a, b, s) with f = a + b s and a square root s >= 0, the newest in f; or None."""
        roots = [s for s, (_, q) in self.generators.square.items() if q == 2 and f.has(s)
                 and self.ranges[s].low is not None and self.ranges[s].low >= 0]
        return (f.coeff(roots[-1], 0), f.coeff(roots[-1], 1), roots[-1]) if roots else None

    def of_parts(self, f) -> Signs:
        """The signs of a + b s where a and b have the same sign."""
        if self.parts(f):
            a, b, s = self.parts(f)
            signs_a, signs_b = self.signs(a), self.signs(b*s)
            for weak in (NONNEGATIVE, NONPOSITIVE):
                if signs_a <= weak and signs_b <= weak:
                    return weak if 0 in signs_a and 0 in signs_b else weak - ZERO
        return ANY

    def squared(self, f):
        """(k, g) with sign f = k sign g and a root less: a - b for sqrt(a) - sqrt(b)."""
        if self.parts(f) is None:
            return None
        a, b, s = self.parts(f)
        signs_a, signs_b = self.signs(a), self.signs(b)
        for k in (1, -1):
            if times(k, signs_a) <= NONNEGATIVE and times(k, signs_b) <= NONPOSITIVE:
                return k, self.generators.reduce(a**2 - b**2*self.generators.square[s][0])
        return None

    def signs(self, u) -> Signs:
        return self.signs_of_product(*self.factors(u))

    def signs_of_product(self, c, powers) -> Signs:
        result = Signs({int(sp.sign(c))})
        for f, k in powers:
            s = self.sign_of_factor(f)
            result = Signs(x*(y if k % 2 else y*y) for x in result for y in s)
        return result
