"""Textbook inequalities about functions that are no polynomials.

In a case of a proof they are facts like any other, about the generators that stand for the
values of these functions there; with a sum of facts the case may be found to be empty.

    1 + x <= exp x <= 1/(1 - x)                        the second for x < 1, cleared
    1 - 1/u <= log u <= u - 1        u > 0
    log u <= log v, x                u <= v, exp x
    floor u <= u < floor u + 1
    |sin x| <= |x|, 1 - x^2/2 <= cos x                 each within -1..1: see functions.py
    1 + x + x^2/2 <= exp x           x >= 0            and the reverse for x <= 0
    -pi/2 < atan x < pi/2, -pi/2 <= asin x <= pi/2
    b^x <= c^x                       0 < b <= c, x >= 0
    b^x <= b^y                       b >= 1, x <= y
"""
from collections.abc import Iterator
from itertools import combinations

import sympy as sp

from optim.proving.signs import (
    NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO, Signs, times)

Fact = tuple[sp.Expr, Signs]
MOST = 12                      # generators of which pairs are looked at


def lemmas(branch, polynomials) -> list[Fact]:
    """Facts (polynomial, signs) about the generators in the polynomials."""
    symbols = set().union(*(p.free_symbols for p in polynomials))
    keys = branch.generators.key
    while more := {r for s in symbols & set(keys) for part in keys[s]
                   if isinstance(part, sp.Expr) for r in part.free_symbols} - symbols:
        symbols |= more
    generators = sorted(symbols & set(keys), key=str)
    found = [fact for s in generators for fact in of_one(branch, s, *keys[s])]
    functions = [s for s in generators if keys[s][0] in (sp.Pow, sp.log)]
    for pair in combinations(functions[:MOST], 2):
        found += of_two(branch, *((s, *keys[s]) for s in pair))
    return [cleared for e, case in found for cleared in polynomial(branch, e, case)]


def polynomial(branch, e, case) -> Iterator[Fact]:
    """The fact about a quotient as one about its numerator."""
    top, bottom = sp.fraction(sp.together(e))
    sign = branch.signs(bottom)
    if len(sign) == 1 and sign != ZERO:
        yield branch.generators.reduce(top), times(next(iter(sign)), case)


def of_one(branch, s, kind, *args) -> Iterator[Fact]:
    if not args:                                     # e, pi
        return
    x = args[0]
    if kind is sp.Pow and x == branch.value(sp.E):
        x = args[1]
        yield s - 1 - x, NONNEGATIVE
        yield 1 - s*(1 - x), NONNEGATIVE
        yield from ordered(s - 1 - x - x**2/2, branch.signs(x), strict=False)
    elif kind is sp.log:
        yield x - 1 - s, NONNEGATIVE
        yield s - 1 + 1/x, NONNEGATIVE
    elif kind is sp.floor:
        yield x - s, NONNEGATIVE
        yield s + 1 - x, POSITIVE
    elif kind is sp.sin:
        for sign, case in ((NONNEGATIVE, NONNEGATIVE), (NONPOSITIVE, NONPOSITIVE)):
            if branch.signs(x) <= sign:
                yield x - s, case
                yield x + s, case
    elif kind is sp.cos:
        yield s - 1 + x**2/2, NONNEGATIVE
    elif kind in (sp.atan, sp.asin):
        half, case = branch.value(sp.pi)/2, POSITIVE if kind is sp.atan else NONNEGATIVE
        yield half - s, case
        yield half + s, case


def of_two(branch, first, second) -> Iterator[Fact]:
    """What the order of two arguments says of the values of one growing function."""
    (s, kind, *a), (r, other, *b) = first, second
    if kind is sp.log and other is sp.log:
        yield from ordered(s - r, branch.signs(a[0] - b[0]))
    elif {kind, other} == {sp.log, sp.Pow}:
        (s, a), (r, b) = ((s, a), (r, b)) if kind is sp.log else ((r, b), (s, a))
        if b[0] == branch.value(sp.E):                # log u and x, by u and exp x
            yield from ordered(s - b[1], branch.signs(a[0] - r))
    elif a[1] == b[1] and branch.signs(a[1]) <= NONNEGATIVE:
        if branch.signs(a[0]) | branch.signs(b[0]) == POSITIVE:
            strict = 0 not in branch.signs(a[1])
            yield from ordered(s - r, branch.signs(a[0] - b[0]), strict)
    elif a[0] == b[0]:
        rise = branch.signs(a[0] - 1)
        if rise <= NONNEGATIVE:
            yield from ordered(s - r, branch.signs(a[1] - b[1]), strict=0 not in rise)


def ordered(e, signs, strict=True) -> Iterator[Fact]:
    for sign, weak in ((POSITIVE, NONNEGATIVE), (NEGATIVE, NONPOSITIVE)):
        if signs <= weak:
            yield e, sign if strict and signs == sign else weak
