"""Sets without a rational point: where an equality may fail and still be called proved.

Numbers that one can write down as fractions never lie there, so a verdict names such a set
and leaves it out. Two arguments find them, both the rational root theorem:

    one letter           a polynomial in it has no rational root
    x in [0, 1) and n    a polynomial in x and x**n, n = 0, 1, ..., with integers (in n) as
                         coefficients, a number c as constant term, and a factor x in every
                         other term: if x = p/q solves it then p divides c, so x is at most
                         |c|/(|c| + 1); and up to there the polynomial has no zero
"""
import sympy as sp

from optim.domains import Domain
from optim.proving.certificates import domain_sign
from optim.proving.points import rational_roots
from optim.proving.signs import NONZERO

NEAR = sp.Dummy("u", real=True)       # in (0, 1]; one letter, so that signs are known again


def equation_of(split, branch) -> sp.Basic | None:
    """The equation "polynomial of the split = 0" if no rational point solves it, or None.

    It is given as the condition that asked for it, where one did.
    """
    f = split.polynomial
    if not (without_root(f, branch) or beyond_reach(f, branch)):
        return None
    return (sp.Eq(branch.generators.back(f), 0, evaluate=False) if split.asked is None
            else split.asked)


def without_root(f, branch) -> bool:
    if len(f.free_symbols) != 1 or f.free_symbols <= set(branch.generators.meaning):
        return False
    x, = f.free_symbols
    return not rational_roots(f, x)


def beyond_reach(f, branch) -> bool:
    """The second argument, for some letter x of f."""
    terms = sp.Poly(f, *f.free_symbols).terms()
    if not all(c.is_Integer for _, c in terms):
        return False
    for x in f.free_symbols - set(branch.generators.meaning) - branch.integers:
        powers = {w for (kind, *rest), w in branch.generators.symbols.items()
                  if kind is sp.Pow and rest[0] == x and rest[1] in branch.integers}
        known = f.free_symbols <= {x} | powers | branch.integers
        if not known or not branch.ranges[x].open_high:
            continue
        c = f.subs(x, 0)
        if c.is_Integer and c and all(f.subs(w, 0).has(x) for w in powers):
            near = Domain(0, 1, open_low=True)
            ranges = branch.ranges | dict.fromkeys([NEAR, *powers], near)
            reached = sp.expand(f.subs(x, NEAR*abs(c)/(abs(c) + 1)))
            if domain_sign(reached, ranges) <= NONZERO:
                return True
    return False
