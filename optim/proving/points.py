"""Rational points of a domain: ordinary ones, edges, and points of a given case."""
import contextlib
import random
from collections.abc import Iterator
from fractions import Fraction

import mpmath
import sympy as sp

from optim.domains import DOMAINS
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, enclose, sign_of
from optim.proving.needs import Power

LARGEST = 10**6                # exponent in which a number is put for a letter
HIGHEST = 20                   # degree of a polynomial whose roots are looked for

ORDINARY = {
    "real": "2 -1 3 1/2 -3/2 5/2 -4 7/4 -1/3",
    ">= 0": "2 1 3 1/2 3/2 5/2 4 7/4 1/3",
    "> 0": "2 1 3 1/2 3/2 1/10 4 7/4 1/3",
    "> 1": "2 3 3/2 6/5 5/2 4 7/4 10/9",
    "[0, 1)": "1/2 3/10 3/5 9/10 1/3 4/5 1/10",
    "(0, 1)": "1/2 3/10 3/5 9/10 1/3 4/5 1/10",
    "(0, 1]": "1/2 3/10 3/5 9/10 1/3 4/5 1/10",
    "[0, 1]": "1/2 3/10 3/5 9/10 1/3 4/5 1/10",
    "1, 2, ...": "2 3 4 1 5 7"}
EDGES = {
    "real": "0 1 -1 1/1000000 -1000000 1000000 10000000000000000000000 -1/10000000000000",
    ">= 0": "0 1 1/1000000 1000000 100000000000000",
    "> 0": "1 1/1000000 1000000 1/1000000000000 100000000000000",
    "> 1": "1000001/1000000 1000000 100000000000000",
    "[0, 1)": "0 999/1000 1/1000 1/2 999999999/1000000000",
    "(0, 1)": "999/1000 1/1000 1/2 999999999/1000000000 1/1000000000",
    "(0, 1]": "1 999/1000 1/1000 1/2 1/1000000000",
    "[0, 1]": "0 1 999/1000 1/1000 1/2",
    "1, 2, ...": "1 2 10 11 100 1000 6 8 9 12 13 20"}


def constants(*expressions) -> list[Fraction]:
    """The numbers in the formulas and their neighbours: where a case may begin."""
    numbers = set().union(*(e.atoms(sp.Rational) for e in expressions))
    found = {Fraction(int(x.p), int(x.q)) for x in numbers}
    return sorted({x + k for x in found for k in (-1, 0, 1)} | {-x for x in found})


def points(domains: dict, special: list[Fraction], seed: int = 0,
           ordinary: int = 12, edges: int = 40) -> Iterator[dict]:
    """Points of the domain: ordinary ones, at rest, edges, equal values, special ones."""
    rng, symbols = random.Random(seed), sorted(domains, key=str)
    plain = {s: [Fraction(x) for x in ORDINARY[domains[s]].split()] for s in symbols}
    steep = {s: [Fraction(x) for x in EDGES[domains[s]].split()]
             + [x for x in special if DOMAINS[domains[s]].holds(x)] for s in symbols}
    for _ in range(ordinary):
        yield {s: rng.choice(plain[s]) for s in symbols}
    for still in (["real"], ["real", ">= 0"]):       # no gradient, nothing remembered
        yield {s: Fraction(0) if domains[s] in still else plain[s][0] for s in symbols}
    for _ in range(edges if symbols else 0):         # several at an edge
        yield {s: rng.choice(steep[s] if rng.random() < 0.6 else plain[s]) for s in symbols}
    for x in sorted({x for s in symbols for x in steep[s]}):        # equal values
        yield {s: x if DOMAINS[domains[s]].holds(x) else rng.choice(plain[s])
               for s in symbols}
    for s in symbols:                                # one symbol at an edge
        for x in steep[s]:
            yield {r: x if r is s else rng.choice(plain[r]) for r in symbols}


# ---------------------------------------------- points where given conditions hold
def has_sign(e, case, point, known=None) -> bool:
    try:
        return sign_of(Evaluator(point, known)(e)) in case
    except (Unsure, Undefined, ZeroDivisionError, OverflowError, RecursionError):
        return False


def moved_into(point: dict, conditions: list, domains: dict, rng,
               known: dict | None = None) -> dict | None:
    """The point with one symbol moved for each condition that fails; None if that is hard.

    Conditions are pairs (formula, signs it may have), the equations first.
    """
    point = dict(point)
    fixed: set = set()
    for e, case in conditions:
        if has_sign(e, case, point, known):
            continue
        free = sorted(e.free_symbols & set(domains) - fixed, key=str)
        rng.shuffle(free)
        for x in free:
            inside = filter(DOMAINS[domains[x]].holds, candidates(e, x, case, point))
            choice = next((r for r in inside
                           if has_sign(e, case, point | {x: r}, known)), None)
            if choice is not None:
                point[x] = choice
                if case == {0}:
                    fixed.add(x)
                break
        else:
            return None
    return point


def candidates(e, x, case, point):
    """Values of x at which e, with all else as in the point, may have the wanted sign."""
    others = {s: sp.Rational(v.numerator, v.denominator)
              for s, v in point.items() if s is not x}
    if not has_room(e, {s: v for s, v in point.items() if s is not x}):
        return []
    top = sp.fraction(sp.together(e.xreplace(others)))[0]
    if top.has(sp.zoo, sp.nan) or not top.has(x) or not top.is_polynomial(x):
        return []
    if sp.Poly(top, x).domain not in (sp.ZZ, sp.QQ) or sp.degree(top, x) > HIGHEST:
        return []
    roots = rational_roots(top, x)
    if case == {0}:
        return roots
    with contextlib.suppress(mpmath.libmp.NoConvergence):
        roots += [Fraction(str(r)) for r in sp.Poly(top, x).nroots(n=10) if r.is_real]
    steps = [Fraction(k) for k in ("1", "1/4", "1/1000", "1/1000000000", "1000")]
    middles = [(p + q)/2 for p, q in zip(sorted(roots), sorted(roots)[1:])]
    return roots + middles + [r + k*d for r in roots for d in steps for k in (1, -1)]


def has_room(e, point: dict, largest: int = LARGEST) -> bool:
    """Whether the powers in e can be written down with these numbers for their letters: no
    exponent is above the largest, as in 2**(2**100)."""
    for power in e.atoms(sp.Pow, Power):
        exponent = power.args[1]
        if exponent.free_symbols <= point.keys():
            try:
                if not abs(enclose(Evaluator(point)(exponent))) <= largest:
                    return False
            except Undefined:
                continue
            except (Unsure, ArithmeticError, RecursionError):
                return False
        elif any(abs(point.get(s, 0)) > largest for s in exponent.free_symbols):
            return False
    return True


def rational_roots(e, x) -> list[Fraction]:
    _, factors = sp.factor_list(e, x)
    lines = [sp.Poly(f, x) for f, _ in factors]
    roots = [-p.nth(0)/p.nth(1) for p in lines if p.degree() == 1]
    return [Fraction(int(r.p), int(r.q)) for r in roots if r.is_Rational]
