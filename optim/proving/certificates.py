"""Certificates: why a polynomial has just these signs on a domain.

    one variable         its real roots are counted (Sturm)
    one sign             every term of it, with its coefficient, is >= 0
    a square             a x^2 + b x + c >= 0 if a, c and 4 a c - b^2 are
    several facts        a sum of them, with weights >= 0, is impossible (Farkas)

What has no certificate may have any sign.
"""
import sympy as sp
from sympy.polys.rings import ring
from sympy.solvers.simplex import InfeasibleLPError, UnboundedLPError, linprog

from optim.proving.signs import ANY, NONNEGATIVE, POSITIVE, ZERO, Range, Signs

MOST_INTEGERS = 200            # that are gone through one by one


class Parametrised:
    """Polynomials, times positive numbers, in variables that are > 0, >= 0 or real.

    From 0 to 1 x is (0 b + 1 a)/(a + b), where b is 1 if x does not come to 1, a is 1 if it
    does not come to 0, and else a and b are not both 0; likewise from -1 to 1. From 1 on x
    is 1 + a. Each polynomial becomes {exponents: coefficient} in .terms.
    """

    def __init__(self, polynomials: list, ranges: dict) -> None:
        symbols = sorted(set().union(*(p.free_symbols for p in polynomials)), key=str)
        self.kinds: list[str] = []
        self.pairs: list[tuple[int, int]] = []
        self.plan = [self._variables(ranges[x]) for x in symbols]
        polynomial_ring, *xs = ring([f"x{i}" for i in range(len(self.kinds) or 1)], sp.QQ)
        one = polynomial_ring.one
        tops, bottoms = [], []
        for x, (i, j) in zip(symbols, self.plan):
            r, (a, b) = ranges[x], (one if k is None else xs[k] for k in (i, j))
            bounded = r.high is not None
            tops.append(r.low*b + r.high*a if bounded else a + (r.low or 0))
            bottoms.append(a + b if bounded else one)
        polys = [sp.Poly(p, *symbols, domain=sp.QQ) for p in polynomials]
        degree = [max(p.degree(x) for p in polys) for x in symbols]
        self.terms = []
        for p in polys:
            total = one*0
            for powers, c in p.rep.to_dict().items():
                term = one*c
                for k, d, top, bottom in zip(powers, degree, tops, bottoms):
                    term *= top**k*(bottom**(d - k) if bottom != one else 1)
                total += term
            self.terms.append(dict(total.terms()))

    def _variables(self, r):
        """The indices of a and b (None stands for the constant 1) for one symbol."""
        def new(kind):
            self.kinds.append(kind)
            return len(self.kinds) - 1
        if r.high is None:
            return new("real" if r.low is None else ">" if r.open_low else ">="), None
        if r.open_high:
            return new(">" if r.open_low else ">="), None
        if r.open_low:
            return None, new(">=")
        self.pairs.append((new(">="), new(">=")))
        return self.pairs[-1]

    def is_nonnegative(self, powers) -> bool:
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
        if all(map(self.is_nonnegative, terms)):
            for s in (1, -1):
                if all(s*c > 0 for c in terms.values()):
                    return Signs({s}) if self.covers(terms) else Signs({0, s})
        return ANY

    def seen(self, terms) -> Signs:
        """The signs that it does have, at a few points."""
        low = {"real": (2, -1, -3, 1), ">": (1, 3, 1, 5), ">=": (0, 2, 7, 1)}
        values = (sum(c*sp.prod(low[kind][(shift*i + shift) % 4]**k for i, (kind, k)
                                in enumerate(zip(self.kinds, powers)))
                      for powers, c in terms.items()) for shift in range(4))
        return Signs(int(x > 0) - int(x < 0) for x in values)


def domain_sign(p, ranges, depth=2) -> Signs:
    """The signs the polynomial p can have on the whole domain, as far as can be proved."""
    if p.is_Number:
        return Signs({int(sp.sign(p))})
    if len(p.free_symbols) == 1:
        x, = p.free_symbols
        return of_one_variable(p, x, ranges[x])
    whole = Parametrised([p], ranges)
    terms = whole.terms[0]
    found = whole.sign(terms)
    if found != ANY or not depth or {1, -1} <= whole.seen(terms):
        return found
    for x in sorted(p.free_symbols, key=str):
        found = by_square(p, x, ranges, depth)
        if found != ANY:
            return found
    return ANY


def of_one_variable(p, x, where) -> Signs:
    """All signs that p has for x in the range."""
    low, high = (None if k is None else sp.Integer(k) for k in (where.low, where.high))
    inside = (low + high)/2 if high is not None else (low or 0) + 1
    c, powers = sp.Poly(p, x, domain=sp.QQ).sqf_list()
    found = Signs({int(sp.sign(c))})
    for f, k in powers:
        ends = [e for e, is_open in ((low, where.open_low), (high, where.open_high))
                if e is not None and not f.eval(e)]
        if f.count_roots(low, high) > len(ends):
            one = at_integers(f) if where.whole and low == 0 else ANY
        else:
            one = Signs({int(sp.sign(f.eval(inside)))})
            if (low in ends and not where.open_low) or (high in ends
                                                        and not where.open_high):
                one |= ZERO
        found = Signs(a*(b if k % 2 else b*b) for a in found for b in one)
    return found


def at_integers(f) -> Signs:
    """The signs of f at 0, 1, 2, ...: past Cauchy's bound on its roots it keeps one."""
    lead, *rest = f.all_coeffs()
    bound = 1 + max((abs(c/lead) for c in rest), default=0)
    if bound > MOST_INTEGERS:
        return ANY
    return Signs(int(sp.sign(f.eval(k))) for k in range(int(bound) + 2))


def by_square(p, x, ranges, depth) -> Signs:
    """p as a x^2 + b x + c, or as that in x^2; then x may be any real number."""
    half = sp.Poly(p, x)
    if all(k % 2 == 0 for (k,) in half.monoms()) and half.degree() > 2:
        y = sp.Dummy("square", real=True)
        p, ranges, x = sum(c*y**(k//2) for (k,), c in half.terms()), ranges | {
            y: Range(0)}, y
        found = domain_sign(sp.expand(p), ranges, depth - 1)
        if found != ANY:
            return found
    if sp.degree(p, x) != 2:
        return ANY
    a, b, c = (sp.expand(q) for q in sp.Poly(p, x).all_coeffs())
    for k in (1, -1):
        if all(domain_sign(k*q, ranges, depth - 1) <= NONNEGATIVE for q in (a, c)):
            rest = domain_sign(sp.expand(4*a*c - b**2), ranges, depth - 1)
            if rest <= NONNEGATIVE:
                return Signs({k}) if rest == POSITIVE else Signs({0, k})
    return ANY


def least(costs, upper, limits, equal, values):
    """The least cost of weights x >= 0 with upper x <= limits, equal x = values, or None.

    What SymPy finds is put into every condition: a certificate is checked, not believed.
    (SymPy 1.14 has been seen to give weights for 0 x = 1.)
    """
    try:
        cost, x = linprog(costs, upper, limits, equal or None, values if equal else None)
    except (InfeasibleLPError, UnboundedLPError):
        return None

    def weighed(row):
        return sum(a*b for a, b in zip(row, x))
    good = (all(b >= 0 for b in x) and weighed(costs) == cost
            and all(weighed(row) <= limit for row, limit in zip(upper, limits))
            and all(weighed(row) == value for row, value in zip(equal, values)))
    return cost if good else None


def coefficient(terms, m):
    c = terms.get(m, sp.QQ(0))
    return sp.Rational(int(c.numerator), int(c.denominator))


def is_whole(p, ranges) -> bool:
    """Whether p has an integer as value, wherever it is."""
    return (all(ranges[x].whole for x in p.free_symbols)
            and all(c.is_Integer for c in sp.Poly(p, *p.free_symbols).coeffs()))


def contradictory(facts, ranges) -> bool:
    """Whether a nonnegative combination of the facts p > 0, p >= 0 is negative (Farkas)."""
    polynomials, strict = [], []
    for p, s in facts:
        for k in (1, -1):
            if -k not in s and s:                        # then k*p >= 0
                by_one = 0 not in s and is_whole(p, ranges)         # k*p > 0 is k*p >= 1
                polynomials.append(k*p - int(by_one))
                strict.append(0 not in s and not by_one)
    if not polynomials:
        return False
    whole = Parametrised([sp.expand(p) for p in polynomials], ranges)
    monomials = sorted(set().union(*whole.terms))
    upper: list = []
    equal: list = []
    for m in monomials:              # sum of l_i p_i: no term may be able to be positive
        row = [coefficient(t, m) for t in whole.terms]
        (upper if whole.is_nonnegative(m) else equal).append(row)
    # a strict fact must take part, or the sum must be surely negative: weigh both
    certain = [sum(coefficient(t, m) for m in monomials
                   if whole.covers([m]) and whole.is_nonnegative(m)) for t in whole.terms]
    weights = [c - int(s) for c, s in zip(certain, strict)]
    found = least(weights, upper + [[1]*len(weights)], [0]*len(upper) + [1],
                  equal, [0]*len(equal))
    return found is not None and found < 0
