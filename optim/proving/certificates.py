"""Certificates: why a polynomial has just these signs on a domain.

    one variable         its real roots are counted (Sturm)
    one sign             every term of it, with its coefficient, is >= 0
    in order             a symmetric one, where x <= y <= z are x, x + u, x + u + v
    a square             a x^2 + b x + c >= 0 if a, c and 4 a c - b^2 are

What has no certificate may have any sign.
"""
from functools import lru_cache

import sympy as sp
from sympy.polys.rings import ring

from optim.domains import Domain
from optim.proving.parametrised import Parametrised
from optim.proving.signs import ANY, NONNEGATIVE, POSITIVE, ZERO, Signs

MOST_INTEGERS = 200            # that are gone through one by one
MOST_ORDERED, HIGHEST = 5, 8   # letters and degree of a polynomial that is put in order
SQUARES = [sp.Dummy("square", real=True) for _ in range(4)]     # of letters, by depth


def domain_sign(p, ranges, depth=2) -> Signs:
    """The signs the polynomial p can have on the whole domain, as far as can be proved."""
    if p.is_Number:
        return Signs({int(sp.sign(p))})
    return certified(p, tuple((x, ranges[x]) for x in p.free_symbols), depth)


@lru_cache(10_000)
def certified(p, where, depth) -> Signs:
    """The same where each letter lies; proofs ask again for what others have asked."""
    ranges = dict(where)
    if len(ranges) == 1:
        return of_one_variable(p, *where[0])
    whole = Parametrised([p], ranges)
    terms = whole.terms[0]
    found = whole.sign(terms)
    if found != ANY or not depth or {1, -1} <= whole.seen(terms):
        return found
    found = by_order(p, ranges)
    if found != ANY:
        return found
    for x in sorted(ranges, key=str):
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
            one = at_integers(f) if where.integer and low == 0 else ANY
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
    powers = in_powers(p, x)
    if all(k % 2 == 0 for k in powers) and max(powers) > 2:
        x = SQUARES[depth]
        powers, ranges = {k//2: q for k, q in powers.items()}, ranges | {x: Domain(0)}
        found = domain_sign(sp.Add(*(sp.expand(q*x**k) for k, q in powers.items())), ranges,
                            depth - 1)
        if found != ANY:
            return found
    if max(powers) != 2:
        return ANY
    a, b, c = (powers.get(k, sp.Integer(0)) for k in (2, 1, 0))
    for k in (1, -1):
        if all(domain_sign(k*q, ranges, depth - 1) <= NONNEGATIVE for q in (a, c)):
            rest = domain_sign(sp.expand(4*a*c - b**2), ranges, depth - 1)
            if rest <= NONNEGATIVE:
                return Signs({k}) if rest == POSITIVE else Signs({0, k})
    return ANY


def in_powers(p, x) -> dict:
    """{k: coefficient of x**k, expanded} of a polynomial in x and other letters."""
    others = sorted(p.free_symbols - {x}, key=str)
    found: dict = {}
    for (k, *rest), c in sp.Poly(p, x, *others, domain=sp.QQ).terms():
        found.setdefault(k, {})[tuple(rest)] = c
    return {k: sp.Poly(terms, *others, domain=sp.QQ).as_expr()
            for k, terms in found.items()}


def by_order(p, ranges) -> Signs:
    """A symmetric polynomial in numbers >= 0, or real, that all lie in one range.

    Of real numbers the absolute values are taken: a term with an odd power in it is at
    least minus its absolute value.
    """
    xs = sorted(p.free_symbols, key=str)
    kinds = {(ranges[x].low, ranges[x].high) for x in xs}
    if len(xs) > MOST_ORDERED or not kinds <= {(0, None)} and not kinds <= {(None, None)}:
        return ANY
    terms = dict(sp.Poly(p, *xs, domain=sp.QQ).rep.to_dict())
    if max(map(sum, terms)) > HIGHEST or any(
            terms.get((*m[:i], m[i + 1], m[i], *m[i + 2:])) != c
            for m, c in terms.items() for i in range(len(xs) - 1)):
        return ANY
    for sign in (1, -1):
        least = {m: -abs(c) if (None, None) in kinds and any(k % 2 for k in m) else sign*c
                 for m, c in terms.items()}
        if in_order(least, len(xs)):
            return Signs({sign} if least.get((0,)*len(xs)) else {0, sign})
    return ANY


def in_order(terms, count) -> bool:
    """Whether all coefficients are >= 0 once the letters are sums of numbers >= 0."""
    polynomial_ring, *ys = ring([f"y{i}" for i in range(count)], sp.QQ)
    xs = [sum(ys[:i + 1]) for i in range(count)]
    total = polynomial_ring.zero
    for powers, c in terms.items():
        term = polynomial_ring.one*c
        for x, k in zip(xs, powers):
            term *= x**k
        total += term
    return all(c >= 0 for c in total.coeffs())
