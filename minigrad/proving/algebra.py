"""Deciding that a formula is zero on the whole domain of its symbols.

A formula is rewritten as a quotient of polynomials in letters (normal_forms.py). If, by
what the letters obey, the numerator is the polynomial 0, the formula is 0 wherever it is
defined. What cannot be decided counts as not zero; no number is ever tried out.
"""
import functools

import sympy as sp

from minigrad.proving.normal_forms import Letters


def vanishes(e, letters=None):
    """Whether algebra shows that the formula e is 0 wherever it is defined.

    >>> x = sp.Symbol("x", positive=True)
    >>> vanishes(sp.log(x**2) - 2*sp.log(x)), vanishes(sp.log(x**2) - sp.log(x))
    (True, False)
    """
    if e.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        return False
    if e.is_polynomial():
        return sp.expand(e) == 0
    letters = letters or Letters()
    e = letters.rational(e)
    polynomials = Polynomials(e, letters.relations)
    above, below = polynomials.quotient(e)
    return polynomials.is_zero(above) and not any(map(polynomials.is_zero, below))


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


def between_jumps(e, r):
    """e with each floor of n + a*r + b decided, where 0 < r < 1 and n is whole.

    a*r + b runs through an open interval; if no whole number lies in it, its floor is
    the floor of the smaller end. Other floors stay.
    """
    def decided(kind):
        def value(argument):
            whole = sum(t for t in sp.Add.make_args(argument) if t.is_integer)
            rest = sp.expand(argument - whole)
            ends = sorted([rest.subs(r, 0), rest.subs(r, 1)], key=lambda n: n.sort_key())
            if (rest.free_symbols == {r} and sp.Poly(rest, r).degree() == 1
                    and sp.ceiling(max(ends)) - sp.floor(min(ends)) == 1):
                return whole + kind(min(ends) if kind is sp.floor else max(ends))
            return kind(argument, evaluate=False)
        return value
    return e.replace(sp.floor, decided(sp.floor)).replace(sp.ceiling, decided(sp.ceiling))
