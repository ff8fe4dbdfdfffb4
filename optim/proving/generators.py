"""Generators: what stands for a root, a power, a function in the polynomials of a proof."""
from functools import lru_cache

import sympy as sp

REMEMBERED = 10_000             # polynomials that recur, in one proof and in the next


@lru_cache(REMEMBERED)
def expanded(p):
    """A polynomial multiplied out; other hints of SymPy's look at every part for nothing.
    """
    return sp.expand(p, power_base=False, power_exp=False, log=False, basic=False)


@lru_cache(REMEMBERED)
def as_quotient(u):
    """Numerator and denominator of a rational function."""
    u = sp.sympify(u)                       # a sum of no terms is Python's 0
    whole = all(x.exp.is_nonnegative for x in u.atoms(sp.Pow))
    return (u, sp.Integer(1)) if whole else sp.fraction(sp.together(u))


@lru_cache(REMEMBERED)
def irreducible(p):
    """The number and the irreducible polynomials, with powers, of which p is the product.
    """
    if p.is_Symbol or p.is_Number:
        return (p, []) if p.is_Number else (sp.Integer(1), [(p, 1)])
    number, found = sp.Poly(p).factor_list()
    return number, [(f.as_expr(), k) for f, k in found]


class Unsupported(Exception):
    """The formula holds something this prover has no rule for."""


class Split(Exception):
    """The sign of this polynomial is needed; the cases cover all it may be.

    .asked is the equation of which it is a factor, where a condition asked for it.
    """

    def __init__(self, polynomial, cases):
        super().__init__(polynomial)
        self.polynomial, self.cases, self.asked = polynomial, cases, None


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
        p = expanded(p)
        for s, (f, q) in reversed(self.square.items()):
            if p.has(s):
                terms = sp.Poly(p, s).terms()
                if any(k >= q for (k,), _ in terms):
                    p = expanded(sum(c*f**(k//q)*s**(k % q) for (k,), c in terms))
        return p
