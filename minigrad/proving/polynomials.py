"""Quotients of polynomials: their factors, their parts, and when one is zero.

SymPy's ring of sparse polynomials does the arithmetic: with expanded expressions instead
the svd of a matrix of three rows is not proved in two minutes.
"""
import functools

import sympy as sp


def in_parts(e):
    """e in partial fractions, where its divisor has one symbol."""
    symbols = sp.fraction(e)[1].free_symbols
    return sp.apart(e, *symbols) if len(symbols) == 1 else e


@functools.lru_cache(maxsize=1000)
def factors(e):
    """Pairs (factor, whole exponent) whose product is e; numbers split into primes."""
    above, below = map(sp.factor_list, sp.fraction(sp.together(e)))
    number, out = sp.Rational(above[0])/sp.Rational(below[0]), []
    for factor, k in above[1] + [(factor, -k) for factor, k in below[1]]:
        if factor.is_negative:
            number, factor = number*(-1)**k, -factor
        out.append((factor, k))
    if number == 0:
        return [(number, 1)]
    if number < 0:
        out.append((sp.Integer(-1), 1))
    primes = sp.factorrat(abs(number)).items()
    return out + [(sp.Integer(prime), k) for prime, k in primes if prime != 1]


class Polynomials:
    """The polynomials in the letters of a rational expression, and their relations."""

    def __init__(self, e, relations):
        symbols = e.free_symbols.union(*[
            {letter} | power.free_symbols for letter, _, power in relations])
        self.ring = sp.ring(sorted(symbols, key=str) or [sp.Dummy()], sp.QQ)[0]
        self.letters = dict(zip(self.ring.symbols, self.ring.gens))
        self.relations = relations

    def quotient(self, e):
        """e as a polynomial over a product of powers {polynomial: exponent}; no factor is
        cancelled, so none can be lost."""
        if e.is_Symbol:
            return self.letters[e], {}
        if e.is_Rational:
            return self.ring(sp.QQ(e.p, e.q)), {}
        if e.is_Add:
            return functools.reduce(self.sum, map(self.quotient, e.args))
        if e.is_Mul:
            return functools.reduce(self.product, map(self.quotient, e.args))
        above, below = self.quotient(e.base)
        if e.exp < 0:
            above, below = self.expanded(below), {above: 1}
        k = abs(int(e.exp))
        return above**k, {factor: n*k for factor, n in below.items()}

    def expanded(self, powers):
        """The product of powers {polynomial: exponent}."""
        return sp.prod((f**n for f, n in powers.items()), start=self.ring.one)

    def sum(self, a, b):
        """a + b over the common powers of their divisors."""
        below = {f: max(a[1].get(f, 0), b[1].get(f, 0)) for f in a[1] | b[1]}
        above = [part*self.expanded({f: n - own.get(f, 0) for f, n in below.items()})
                 for part, own in (a, b)]
        return above[0] + above[1], below

    def product(self, a, b):
        """a*b, with the exponents of equal divisors added."""
        return a[0]*b[0], {f: a[1].get(f, 0) + b[1].get(f, 0) for f in a[1] | b[1]}

    def is_zero(self, polynomial):
        """Whether it is 0 once the relations have replaced powers of roots and sines."""
        for letter, q, power in reversed(self.relations):
            place = self.ring.symbols.index(letter)
            parts = {}
            for monomial, c in polynomial.terms():
                k = monomial[place]
                rest = monomial[:place] + (k % q,) + monomial[place + 1:]
                parts.setdefault(k//q, {})[rest] = c
            above, below = self.quotient(power)
            below, most = self.expanded(below), max(parts, default=0)
            polynomial = sum((self.ring.from_dict(part)*above**k*below**(most - k)
                              for k, part in parts.items()), self.ring.zero)
        return polynomial == 0
