"""Deciding that a formula is zero on the whole domain of its symbols.

A formula is rewritten as a quotient of polynomials in letters (normal_forms.py). If, by
what the letters obey, the numerator is the polynomial 0, the formula is 0 wherever it is
defined. What cannot be decided counts as not zero; no number is ever tried out.
"""
import sympy as sp

from minigrad.proving.normal_forms import Letters
from minigrad.proving.polynomials import Polynomials


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
