"""Which signs a polynomial can have on a domain, as far as a certificate says."""
from dataclasses import dataclass

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.polys.rings import ring
from sympy.solvers.simplex import InfeasibleLPError, UnboundedLPError, linprog

from optim.proving.intervals import Evaluator, Undefined, Unsure, sign_of

Signs = frozenset
ANY, POSITIVE, NONNEGATIVE = Signs({-1, 0, 1}), Signs({1}), Signs({0, 1})
NEGATIVE, NONPOSITIVE, ZERO, NONZERO = (
    Signs({-1}), Signs({-1, 0}), Signs({0}), Signs({-1, 1}))


@dataclass(frozen=True)
class Range:
    """Where a generator lies: all reals, or 0 and up, or 0 to 1; an end may be open."""
    low: bool = False
    open_low: bool = False
    high: bool = False
    open_high: bool = False


RANGES = {"real": Range(), ">= 0": Range(True), "> 0": Range(True, True),
          "[0, 1)": Range(True, False, True, True), "[0, 1]": Range(True, False, True),
          "(0, 1)": Range(True, True, True, True)}


def times(k: int, signs: Signs) -> Signs:
    return Signs(k*x for x in signs)


# ------------------------------------------------------------------ signs from the domain
class Parametrised:
    """Polynomials, times positive numbers, in variables that are > 0, >= 0 or real.

    x in [0, 1) is a/(a + 1), x in (0, 1] is 1/(1 + b), x in [0, 1] is a/(a + b) where a and
    b are not both 0. Each polynomial becomes {exponents: coefficient} in .terms.
    """

    def __init__(self, polynomials: list, ranges: dict) -> None:
        symbols = sorted(set().union(*(p.free_symbols for p in polynomials)), key=str)
        self.kinds: list[str] = []
        self.pairs: list[tuple[int, int]] = []
        plan = [self._variables(ranges[x]) for x in symbols]
        one, *xs = ring([f"x{i}" for i in range(len(self.kinds) or 1)], sp.QQ)
        one = one.one
        pick = [tuple(one if i is None else xs[i] for i in pair) for pair in plan]
        bounded = [ranges[x].high for x in symbols]
        polys = [sp.Poly(p, *symbols, domain=sp.QQ) for p in polynomials]
        degree = [max(p.degree(x) for p in polys) if is_bounded else 0
                  for x, is_bounded in zip(symbols, bounded)]
        self.terms = []
        for p in polys:
            total = one*0
            for powers, c in p.rep.to_dict().items():
                term = one*c
                for k, d, (a, b), is_bounded in zip(powers, degree, pick, bounded):
                    term *= a**k*((a + b)**(d - k) if is_bounded else 1)
                total += term
            self.terms.append(dict(total.terms()))

    def _variables(self, r):
        """The indices of a and b (None stands for the constant 1) for one symbol."""
        def new(kind):
            self.kinds.append(kind)
            return len(self.kinds) - 1
        if not r.high:
            return new("real" if not r.low else ">" if r.open_low else ">="), None
        if r.open_high:
            return new(">" if r.open_low else ">="), None
        if r.open_low:
            return None, new(">=")
        self.pairs.append((new(">="), new(">=")))
        return self.pairs[-1]

    def sign_of_term(self, powers) -> bool:
        """Whether the monomial is >= 0 everywhere."""
        return all(kind != "real" or k % 2 == 0 for kind, k in zip(self.kinds, powers))

    def covers(self, monomials) -> bool:
        """Whether at each point one of these monomials is not 0."""
        loose = [{i for i, kind in enumerate(self.kinds) if kind != ">"}]
        for a, b in self.pairs:
            loose = [s - {x} for s in loose for x in (a, b)]
        return all(any(not any(m[i] for i in zeros) for m in monomials) for zeros in loose)

    def sign(self, terms) -> Signs:
        """The signs it can have if all its terms have one, else any."""
        if not terms:
            return ZERO
        if all(map(self.sign_of_term, terms)):
            for s in (1, -1):
                if all(s*c > 0 for c in terms.values()):
                    return Signs({s}) if self.covers(terms) else Signs({0, s})
        return ANY


def domain_sign(p, ranges, depth=2) -> Signs:
    """The signs the polynomial p can have on the whole domain, as far as can be proved."""
    if p.is_Number:
        return Signs({int(sp.sign(p))})
    whole = Parametrised([p], ranges)
    s = whole.sign(whole.terms[0])
    if s != ANY or not depth:
        return s
    for x in sorted(p.free_symbols, key=str):              # a x^2 + b x + c, by its square
        if ranges[x].low or sp.degree(p, x) != 2:
            continue
        a, b, c = (sp.expand(q) for q in sp.Poly(p, x).all_coeffs())
        for k in (1, -1):
            if all(domain_sign(k*q, ranges, depth - 1) <= NONNEGATIVE for q in (a, c)):
                rest = domain_sign(sp.expand(4*a*c - b**2), ranges, depth - 1)
                if rest <= NONNEGATIVE:
                    return Signs({k}) if rest == POSITIVE else Signs({0, k})
    return ANY


def coefficient(terms, m):
    c = terms.get(m, sp.QQ(0))
    return sp.Rational(int(c.numerator), int(c.denominator))


def contradictory(facts, ranges) -> bool:
    """Whether a nonnegative combination of the facts p > 0, p >= 0 is negative (Farkas)."""
    polynomials, strict = [], []
    for p, s in facts:
        for k in (1, -1):
            if -k not in s and s:                        # then k*p >= 0
                polynomials.append(k*p)
                strict.append(0 not in s)
    if not polynomials:
        return False
    whole = Parametrised([sp.expand(p) for p in polynomials], ranges)
    monomials = sorted(set().union(*whole.terms))
    upper: list = []
    equal: list = []
    for m in monomials:              # sum of l_i p_i: no term may be able to be positive
        row = [coefficient(t, m) for t in whole.terms]
        (upper if whole.sign_of_term(m) else equal).append(row)
    # a strict fact must take part, or the sum must be surely negative: weigh both
    certain = [sum(coefficient(t, m) for m in monomials
                   if whole.covers([m]) and whole.sign_of_term(m)) for t in whole.terms]
    weights = [c - int(s) for c, s in zip(certain, strict)]
    try:
        least, _ = linprog(weights, upper + [[1]*len(weights)], [0]*len(upper) + [1],
                           equal or None, [0]*len(equal) if equal else None)
    except (InfeasibleLPError, UnboundedLPError):
        return False
    return least < 0


def constant_sign(e) -> Signs:
    """The sign of a number such as 1 - sqrt(2), by its interval; G(1) is no such number."""
    if not e.free_symbols and not e.has(AppliedUndef):
        try:
            return Signs({sign_of(Evaluator({})(e))})
        except (Unsure, Undefined):
            pass
    return ANY
