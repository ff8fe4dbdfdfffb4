"""Several facts that cannot hold at once: a sum of them is impossible (Farkas' lemma)."""
import sympy as sp
from sympy.solvers.simplex import InfeasibleLPError, UnboundedLPError, linprog

from optim.proving.parametrised import Parametrised


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
    return (all(ranges[x].integer for x in p.free_symbols)
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
