"""What is known of signs in one case of a proof, and when the case has to be split.

A case is a set of facts "this polynomial has one of these signs". The sign of a rational
function is the product of the signs of its irreducible factors; each factor's is proved
from the domain or known as a fact. Where neither says it, Split asks for two cases or more,
which leave nothing out.

The theorems about derivatives have a simpler judge (minigrad/proving/letters.py), which
only asks whether a formula is zero and never splits: minigrad uses nothing of optim.
"""
from dataclasses import replace

import sympy as sp

from optim.domains import Domain
from optim.proving.certificates import domain_sign
from optim.proving.contradictions import contradictory
from optim.proving.lemmas import lemmas
from optim.proving.signs import (
    ANY, NONNEGATIVE, NONPOSITIVE, ZERO, Signs, constant_sign, times)


class Unsupported(Exception):
    """The formula holds something this prover has no rule for."""


class Split(Exception):
    """The sign of this polynomial is needed; the cases cover all it may be.

    .asked is the equation of which it is a factor, where a condition asked for it.
    """

    def __init__(self, polynomial, cases):
        super().__init__(polynomial)
        self.polynomial, self.cases, self.asked = polynomial, cases, None


# --------------------------------------------------------------------------- generators
class Generators:
    """The generators of one proof: what each stands for; shared by all its branches."""

    def __init__(self):
        self.symbols, self.key, self.meaning, self.square = {}, {}, {}, {}
        self.factored, self.angles = {}, (None, 1)     # see functions.py for angles

    def get(self, key, meaning, square=None):
        """The generator for the key; square = (f, q) for a root with s**q = f."""
        if key not in self.symbols:
            s = sp.Dummy(f"w{len(self.symbols):03}", real=True)
            self.symbols[key], self.key[s], self.meaning[s] = s, key, meaning
            if square:
                self.square[s] = square
        return self.symbols[key]

    def back(self, e):
        """The expression in the symbols of the goal."""
        for s, meaning in reversed(self.meaning.items()):
            if e.has(s):
                e = e.xreplace({s: meaning})
        return e

    def reduce(self, p):
        """The polynomial modulo s**q = f, the newest roots first."""
        p = sp.expand(p)
        for s, (f, q) in reversed(self.square.items()):
            if p.has(s):
                terms = sp.Poly(p, s).terms()
                if any(k >= q for (k,), _ in terms):
                    p = sp.expand(sum(c*f**(k//q)*s**(k % q) for (k,), c in terms))
        return p


class Facts:
    """The part of the domain where the facts hold."""

    def __init__(self, generators, ranges, integers, known, solved=(), facts=(), memo=()):
        self.generators, self.integers = generators, integers
        self.known = known                         # symbols that are formulas of the others
        self.solved = dict(solved)                 # likewise, where equations hold
        self.ranges, self.facts, self.memo = dict(ranges), dict(facts), dict(memo)
        self.signs_memo, self.asked = {}, frozenset()

    def narrowed(self, polynomial, case):
        facts = self.facts | {polynomial: self.facts.get(polynomial, ANY) & case}
        return type(self)(self.generators, self.ranges, self.integers, self.known,
                          self.solved, facts, self.memo)

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

    # -- signs
    def factors(self, u):
        """u = c * f1**k1 * f2**k2 ... with irreducible polynomials f."""
        known = self.generators.factored
        if u not in known:
            known[u] = self._factors(u)
        return known[u]

    def _factors(self, u):
        c, powers = sp.Integer(1), []
        for part, k in zip(sp.fraction(sp.together(u)), (1, -1)):
            part = self.generators.reduce(part)
            if part == 0:
                return sp.Integer(0), []
            number, found = sp.factor_list(part)
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
        top = self.generators.reduce(sp.fraction(sp.together(x - y))[0])
        if top == 0:
            return True
        if self.signs(top) == ZERO:                          # a root less in a root
            return True
        zeros = [p for p, s in self.facts.items() if s == ZERO]
        if not zeros:
            return False
        roots = [s**q - f for s, (f, q) in self.generators.square.items()
                 if any(p.has(s) for p in [top, *zeros])]
        return sp.groebner([*zeros, *roots], *sorted(
            set().union(*(p.free_symbols for p in [top, *zeros, *roots])), key=str),
            order="grevlex").contains(top)

    def unsettled(self):
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
