"""Identities that show the sign of a polynomial: it is a sum of products of known signs.

    terms       each letter as a number >= 0 (x, 1 - x, x - 1, -x), all terms of one sign
    a root      of a + b s that of a^2 - b^2 s^2, over a - b s
    facts       a sum of known polynomials and terms, with weights (Farkas)
    a square    4 a p = (2 a x + b)^2 + (4 a c - b^2)

Each is what optim/checker.py multiplies out again.
"""
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from optim.certificates.case_samples import seen
from optim.checker import (
    NEGATIVE, NONNEGATIVE, NONPOSITIVE, ONE, POSITIVE, ZERO, Case, Quotient, Rejected, key,
    letter, monic, names, plus, product, scaled, step_factors, step_sign)

Poly = dict
MOST_COLUMNS, MOST_PIVOTS, MOST_ENTRIES = 150, 200, 5000
ONE_WHOLE: Poly = {(): 1}


def written(p: Poly) -> dict[str, str]:
    """A polynomial as certificates have it."""
    return {"*".join(name if k == 1 else f"{name}^{k}" for name, k in m): str(c)
            for m, c in p.items()}


def atoms(case: Case, x: str) -> list[Poly]:
    """[a] with x = end + a or x = -a, [a, b] with a + b = 1 and x = a, [] for any x; each
    >= 0."""
    own, rise = case.sign(letter(x)), case.sign(plus(letter(x), ONE, -1))
    if rise <= NONNEGATIVE and rise:
        return [plus(letter(x), ONE, -1)]
    if own <= NONNEGATIVE and rise <= NONPOSITIVE:
        return [letter(x), plus(ONE, letter(x), -1)]
    if own <= NONNEGATIVE:
        return [letter(x)]
    return [scaled(letter(x), -1)] if own <= NONPOSITIVE else []


def in_terms(case: Case, p: Poly) -> list[tuple[Fraction, list[tuple[Poly, int]]]]:
    """p as a sum of [c, [[atom, power], ...]]."""
    result: list = [((), p)]
    for x in sorted(names(p)):
        found = atoms(case, x)
        split: list = []
        for powers, q in result:
            split += [((*powers, *more), r) for more, r in one_letter(q, x, found)]
        gathered: dict = {}
        for powers, q in split:
            gathered[powers] = plus(gathered.get(powers, {}), q)
        result = [(powers, q) for powers, q in gathered.items() if q]
    return [(q[()], [(dict(f), k) for f, k in powers]) for powers, q in result]


def one_letter(p: Poly, x: str, found: list[Poly]) -> list[tuple[tuple, Poly]]:
    """p as a sum of products of powers of x's atoms, and what is left."""
    by_power: dict[int, Poly] = {}
    for m, c in p.items():
        k = dict(m).get(x, 0)
        rest = {tuple(f for f in m if f[0] != x): c}
        by_power[k] = plus(by_power.get(k, {}), rest)
    d, out = max(by_power), []
    if len(found) == 2:                              # x^k (x + (1 - x))^(d - k)
        a, b = map(key, found)
        for k, q in by_power.items():
            for j in range(d - k + 1):
                c = sp.binomial(d - k, j)
                out.append((pairs((a, k + j), (b, d - k - j)), scaled(q, Fraction(int(c)))))
        return out
    for k, q in by_power.items():
        if not found or found[0] == letter(x):
            out.append((pairs((key(letter(x)), k)), q))
        elif found[0] == scaled(letter(x), -1):
            out.append((pairs((key(found[0]), k)), scaled(q, Fraction((-1)**k))))
        else:                                        # (1 + a)^k
            for j in range(k + 1):
                out.append((pairs((key(found[0]), j)),
                            scaled(q, Fraction(int(sp.binomial(k, j))))))
    return out


def pairs(*powers: tuple) -> tuple:
    return tuple((f, k) for f, k in powers if k)


def step_of(p: Poly, terms: list, times: list[Poly] = []) -> dict[str, Any]:
    step: dict[str, Any] = {"sign": written(p)}
    if times:
        step["times"] = [written(q) for q in times]
    step["sum"] = [[str(c), [[written(f), k] for f, k in powers]] for c, powers in terms]
    return step


def improves(case: Case, step: dict) -> bool:
    """Apply a step that tells a sign; whether it told anything."""
    p = case.polynomial(step["sign"])
    before = case.sign(p)
    try:
        step_sign(case, step)
    except Rejected:
        return False
    return case.sign(p) < before


def of_one_sign(case: Case, terms: list) -> bool:
    """Whether all terms have one sign, as far as is known."""
    signs = []
    for c, powers in terms:
        own = POSITIVE if c > 0 else NEGATIVE
        for f, k in powers:
            of_f = case.sign(f)
            own = frozenset(x*y for x in own for y in (
                of_f if k % 2 else {z*z for z in of_f}))
        signs.append(own)
    together = frozenset().union(*signs)
    return together <= NONNEGATIVE or together <= NONPOSITIVE


def sign_steps(case: Case, p: Poly, depth: int = 2) -> list[dict]:
    """Steps, applied to the case, that tell more of the sign of p; none if none is found.
    """
    p = monic(p)[1]
    if len(seen(getattr(case, "points", []), p)) > 1:
        return []
    for search in (by_terms, by_root, by_square, by_facts):
        trial = case.branch()                        # what leads nowhere tells nothing
        steps = search(trial, p, depth)
        if steps:
            vars(case).update(vars(trial))
            return steps
    return []


def by_terms(case: Case, p: Poly, depth: int) -> list[dict]:
    terms = in_terms(case, p)
    if of_one_sign(case, terms):
        step = step_of(p, terms)
        if improves(case, step):
            return [step]
    return []


def roots(case: Case) -> list[tuple[str, Poly, int]]:
    """[(s, p, q)] with s^q = p."""
    found = []
    for s, base, x in case.made_by("power"):
        k = case.exactly(x)
        if k is not None and k.numerator == 1:
            found.append((s, base, k.denominator))
    return found


def reduced(case: Case, p: Poly) -> Poly:
    """p by the rules of its letters, where that is a polynomial."""
    u = case.tidy(Quotient(p))
    return p if u.bottom else u.top


def parted(case: Case, p: Poly):
    """(a, b, s, square) with p = a + b s for the newest square root s in it, or None."""
    for s, base, q in reversed(roots(case)):
        if q == 2 and s in names(p):
            a = {m: c for m, c in p.items() if s not in dict(m)}
            b = {tuple(f for f in m if f[0] != s): c for m, c in p.items() if s in dict(m)}
            return a, b, s, base
    return None


def known_sign(case: Case, p: Poly, depth: int, steps: list) -> frozenset:
    """The sign of p, with a search for it, factor by factor."""
    if not p:
        return ZERO
    steps += factor_steps(case, p)
    for f, _ in [*case.factors(p)[1].items()]:
        q = dict(f)
        if len(case.sign(q)) > 1:
            steps += sign_steps(case, q, depth)
    return case.sign(p)


def by_root(case: Case, p: Poly, depth: int) -> list[dict]:
    """Of a + b s, where a and b have known signs."""
    found = parted(case, p)
    if not found or not depth:
        return []
    a, b, s, base = found
    steps: list[dict] = []
    signs = known_sign(case, a, depth - 1, steps), known_sign(case, b, depth - 1, steps)
    if not a or any(x not in (POSITIVE, NEGATIVE, NONNEGATIVE, NONPOSITIVE) for x in signs):
        return []
    for k in (1, -1):
        if all(k*x >= 0 for x in signs[0] | signs[1]):
            step = step_of(p, [(Fraction(1), [(a, 1)]),
                               (Fraction(1), [(b, 1), (letter(s), 1)])])
            return [*steps, step] if improves(case, step) else []
    other = plus(a, product(b, letter(s)), -1)       # a - b s has the sign of a
    square = reduced(case, plus(product(a, a), product(product(b, b), base), -1))
    if not square:
        return []
    if len(case.sign(other)) > 1:
        step = step_of(other, [(Fraction(1), [(a, 1)]),
                               (Fraction(-1), [(b, 1), (letter(s), 1)])])
        if improves(case, step):
            steps.append(step)
    if case.sign(other) not in (POSITIVE, NEGATIVE):
        return []
    known_sign(case, square, depth - 1, steps)
    step = step_of(p, [(Fraction(1), [(square, 1)])], [other])
    return [*steps, step] if improves(case, step) else []


def by_square(case: Case, p: Poly, depth: int) -> list[dict]:
    """4 a p = (2 a x + b)^2 + (4 a c - b^2)."""
    steps: list[dict] = []
    for x in sorted(names(p)) if depth else ():
        powers: dict[int, Poly] = {}
        for m, c in p.items():
            k = dict(m).get(x, 0)
            powers[k] = plus(powers.get(k, {}), {tuple(f for f in m if f[0] != x): c})
        if max(powers) != 2:
            continue
        a, b, c = (powers.get(k, {}) for k in (2, 1, 0))
        if known_sign(case, a, depth - 1, steps) not in (POSITIVE, NEGATIVE):
            continue
        rest = plus(scaled(product(a, c), 4), product(b, b), -1)
        known_sign(case, rest, depth - 1, steps)
        linear = plus(scaled(product(a, letter(x)), 2), b)
        terms = [(Fraction(1), [(linear, 2)])] + ([(Fraction(1), [(rest, 1)])]
                                                  if rest else [])
        step = step_of(p, terms, [scaled(a, 4)])
        if improves(case, step):
            return [*steps, step]
    return []


def by_facts(case: Case, p: Poly, depth: int) -> list[dict]:
    """p or -p as a weighted sum of known polynomials and terms."""
    if not depth:
        return []
    found = seen(getattr(case, "points", []), p)
    for sign in (1, -1):
        terms = None if -sign in found else weighted(case, scaled(p, Fraction(sign)))
        if terms:
            step = step_of(p, [(sign*c, powers) for c, powers in terms])
            if improves(case, step):
                return [step]
    return []


def columns(case: Case, p: Poly, told: list[Poly]) -> list[list[tuple[Poly, int]]]:
    """Products that are known to be >= 0: of facts, of the letters' atoms, of both."""
    degree = max(sum(k for _, k in m) for q in (p, *told) for m in q)
    own = {x: atoms(case, x) for x in sorted(names(p).union(*map(names, told)))}
    found: list = [[(ONE, 1)], *([(q, 1)] for q in told)]
    for m in dict.fromkeys(m for q in (p, *told) for m in q):
        found += of_monomial(own, m)
    if degree > 1:
        letters = [a for x in sorted(names(p)) for a in own[x]]
        found += [[(q, 1), (a, 1)] if q != a else [(a, 2)] for q in told for a in letters]
        found += [[(a, 1), (b, 1)] if a is not b else [(a, 2)]
                  for a, b in combinations_with_replacement(told, 2)]
    place = {id(f): key(f) for powers in found for f, _ in powers}
    kept = {frozenset((place[id(f)], k) for f, k in powers): powers
            for powers in reversed(found)}
    return [*reversed(kept.values())][:MOST_COLUMNS]


def facts_around(case: Case, p: Poly) -> list[Poly]:
    """What is known to be >= 0 of the letters of p, and of those that stand beside them."""
    around, known = names(p), []
    named = {f: names(dict(f)) for f in case.facts}
    for _ in range(2):
        around = around.union(*(own for own in named.values()
                                if len(own) > 1 and own & around))
    for f, signs in case.facts.items():
        if named[f] and named[f] <= around:
            if signs <= NONNEGATIVE:
                known.append(dict(f))
            elif signs <= NONPOSITIVE:
                known.append(scaled(dict(f), Fraction(-1)))
    return known


def of_monomial(own: dict[str, list[Poly]], m: tuple) -> list[list[tuple[Poly, int]]]:
    """The products >= 0 of the atoms of its letters, of its degree in each."""
    found: list = [[]]
    for x, k in m:
        if not own[x]:
            options = [[(letter(x), k)]] if k % 2 == 0 else []
        elif len(own[x]) == 1:
            options = [[(own[x][0], k)]]
        else:
            options = [[(a, j) for a, j in zip(own[x], (i, k - i)) if j]
                       for i in range(k + 1)]
        found = [powers + more for powers in found for more in options]
    return [powers for powers in found if powers]


def weighted(case: Case, p: Poly) -> list | None:
    """[(weight, powers)] with p their sum, weights >= 0; or None."""
    told = facts_around(case, p)
    products = columns(case, p, told)
    wanted, unit = in_whole_numbers(p)
    whole: dict = {id(f): in_whole_numbers(f) for powers in products for f, _ in powers}
    values, units = [], []
    for powers in products:
        q, own = ONE_WHOLE, 1
        for f, k in powers:
            for _ in range(k):
                q, own = product(q, whole[id(f)][0]), own*whole[id(f)][1]
        q, more = in_whole_numbers(reduced(case, q))
        values.append(q)
        units.append(own*more)
    kept = balanced([scaled(wanted, -1), *values])
    if 0 not in kept:
        return None
    kept = kept[1:]
    monomials = sorted({m for n in kept for m in values[n - 1]})
    if len(monomials)*len(kept) > MOST_ENTRIES:
        return None
    weights = nonnegative_solution([[values[n - 1].get(m, 0) for n in kept]
                                    for m in monomials],
                                   [wanted.get(m, 0) for m in monomials])
    if weights is None:
        return None
    return [(w*units[n - 1]/unit, products[n - 1]) for w, n in zip(weights, kept) if w]


def in_whole_numbers(p: Poly) -> tuple[Poly, int]:
    """(q, k): q is k p, with whole coefficients."""
    k = math.lcm(*(c.denominator for c in p.values()))
    return {m: c.numerator*(k//c.denominator) for m, c in p.items()}, k


def balanced(values: list[Poly]) -> list[int]:
    """Which of them may have weights > 0 in a sum that is 0: no term stands alone there."""
    kept, before = [*range(len(values))], -1
    while len(kept) != before:
        before = len(kept)
        signs = {(m, c > 0) for n in kept for m, c in values[n].items()}
        kept = [n for n in kept if all((m, c < 0) in signs for m, c in values[n].items())]
    return kept


def nonnegative_solution(rows: list[list[int]], right: list[int]) -> list[Fraction] | None:
    """x >= 0 with rows x = right, or None: the simplex method with Bland's rule.

    The table holds whole numbers, over the pivot before (Edmonds 1967).
    """
    table = [[(-1 if b < 0 else 1)*a for a in (*row, b)] for row, b in zip(rows, right)]
    basis, over = [-1]*len(table), 1                 # -1: still an artificial one
    lacking = [*map(sum, zip(*table))]               # of the rows of artificial ones
    for _ in range(MOST_PIVOTS):
        if not lacking[-1]:
            x = [Fraction(0)]*len(rows[0])
            for row, own in zip(table, basis):
                if own >= 0:
                    x[own] = Fraction(row[-1], over)
            return x
        j = next((j for j, a in enumerate(lacking[:-1]) if a > 0), None)
        if j is None:
            return None
        i = min((i for i, row in enumerate(table) if row[j] > 0),
                key=lambda i: (Fraction(table[i][-1], table[i][j]), basis[i]))
        by, basis[i] = table[i], j
        pivot = by[j]
        *table, lacking = [
            by if row is by else [(a*pivot - row[j]*b)//over for a, b in zip(row, by)]
            for row in (*table, lacking)]
        over = pivot
    return None


def as_poly(p: Poly, gens: Sequence[str] = ()) -> sp.Poly:
    """p in these letters, or in its own; a number has none of its own."""
    gens = gens or sorted(names(p))
    table = {tuple(dict(m).get(x, 0) for x in gens): sp.Rational(c.numerator, c.denominator)
             for m, c in p.items()}
    return sp.Poly.from_dict(table, *[sp.Symbol(x) for x in gens], domain=sp.QQ)


def from_poly(q: sp.Poly) -> Poly:
    gens = [str(x) for x in q.gens]
    return {tuple((x, k) for x, k in sorted(zip(gens, powers)) if k):
            Fraction(int(c.p), int(c.q)) for powers, c in q.terms() if c}


FACTORED: dict = {}


def factor_steps(case: Case, p: Poly) -> list[dict]:
    """Steps, applied to the case, that take a polynomial apart."""
    steps = []
    for f in [*case.factors(p)[1]]:
        q = dict(f)
        if len(q) < 2 or f in case.factored:
            continue
        if f not in FACTORED:
            found = [(monic(from_poly(part))[1], k)
                     for part, k in as_poly(q).factor_list()[1]]
            FACTORED[f] = found if sum(k for _, k in found) > 1 else None
        if FACTORED[f]:
            step = {"product": written(q),
                    "of": [[written(part), k] for part, k in FACTORED[f]]}
            step_factors(case, step)
            steps.append(step)
    return steps
