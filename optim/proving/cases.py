"""One goal: rational points that refute it, or cases that cover its domain and prove it."""
import random
from dataclasses import dataclass, replace
from itertools import islice

import sympy as sp

from optim.proving.branches import BOUND, Branch
from optim.proving.facts import Generators, Split, Unsupported
from optim.proving.intervals import Undefined, gap
from optim.proving.points import constants, moved_into, points, rational_roots
from optim.proving.signs import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, RANGES, ZERO, Range)
from optim.proving.verdicts import Verdict

MOST_BRANCHES = 3000
QUICK = 24                     # points that are tried before a proof is


@dataclass(frozen=True)
class Goal:
    """sign(a - b) in holds, for symbols in their domains.

    Some symbols are known: formulas of the others. They are never put into a and b, where
    SymPy would make 0 of 1/(1 + 1/x) at x = 0.
    """
    a: sp.Expr
    b: sp.Expr
    domains: dict
    holds: frozenset
    known: dict

    def refuted(self, point: dict, seed: int = 0) -> Verdict | None:
        found = gap(self.a, self.b, point, self.holds, self.known, seed)
        if found is None:
            return None
        reason, unknown = found
        witness = {s: sp.Rational(x.numerator, x.denominator)
                   for s, x in sorted(point.items(), key=lambda pair: str(pair[0]))}
        for (name, args), x in unknown.items():
            witness[sp.Function(name)(*map(sp.Rational, args))] = sp.Rational(x)
        return Verdict("REFUTED", witness, method=reason)


def verdict_on(goal: Goal) -> Verdict:
    """Some points, then the proof, then the other points if the proof was left open."""
    found = by_points(goal, 0, QUICK)
    if found is not None:
        return found
    verdict = by_cases(goal)
    if verdict.status == "UNDECIDED":
        found = by_points(goal, QUICK)
    return verdict if found is None else found


def by_points(goal: Goal, first: int = 0, count: int | None = None) -> Verdict | None:
    """A refutation at one of some points of the domain that are often telling."""
    special = constants(goal.a, goal.b, *goal.known.values())
    telling = points(goal.domains, special)
    last = None if count is None else first + count
    for seed, point in enumerate(islice(telling, first, last)):
        verdict = goal.refuted(point, seed)
        if verdict is not None:
            return verdict
    return None


def by_cases(goal: Goal) -> Verdict:
    """A proof, branch by branch, or a witness from a branch where the sides differ."""
    unshift, ranges, integers, known = {}, {}, set(), dict(goal.known)
    for s, domain in goal.domains.items():
        if domain == "1, 2, ...":                            # t = 1 + n with n = 0, 1, ...
            n = sp.Dummy(s.name, integer=True, nonnegative=True)
            known[s], unshift[n] = 1 + n, s - 1
            ranges[n] = Range(True)
            integers.add(n)
        else:
            ranges[s] = RANGES[domain]
    hidden = set().union(*(e.free_symbols for side in (goal.a, goal.b, *goal.known.values())
                           for e in side.atoms(*BOUND)))
    hidden |= {n for n, e in unshift.items() if e.free_symbols & hidden}
    stack: list = [(Branch(Generators(), ranges, integers, known), [])]
    count, doubts, exceptions = 0, [], []
    while stack:
        branch, trail = stack.pop()
        count += 1
        if count > MOST_BRANCHES:
            return Verdict("UNDECIDED", method=f"more than {MOST_BRANCHES} branches")
        try:
            if settled(goal, branch):
                continue
        except Split as split:
            stack += children(branch, trail, split, hidden)
            continue
        except (Unsupported, sp.PolynomialError, NotImplementedError,
                RecursionError) as why:
            doubts.append(f"{why}")
            continue
        if branch.empty():
            continue
        finer = branch.unsettled()             # the sides may agree where two cases meet
        found = [(e.xreplace(unshift), case) for e, case in trail]
        witness = by_search(goal, found, tries=30 if finer is None else 5)
        if witness is not None:
            return replace(witness, method=f"{witness.method}; found in branch {count}")
        irrational = irrational_set(found)
        if finer is not None and irrational is None:
            stack += children(branch, trail, finer, hidden)
        elif irrational is not None:
            exceptions.append(irrational)
        else:
            facts = " and ".join(describe(e, s) for e, s in found) or "any point goes"
            doubts.append(f"no rule makes the two sides agree where {facts}, "
                          "and no such point of the domain was found at which they differ")
    if doubts:
        return Verdict("UNDECIDED", method=doubts[0])
    cases = "1 case" if count == 1 else f"{count} cases"
    return Verdict("PROVED", method=f"normal form, {cases}",
                   except_on=tuple(dict.fromkeys(exceptions)))


def settled(goal, branch) -> bool:
    """Whether the claim is proved in the branch."""
    values = []
    for e in (goal.a, goal.b):
        try:
            values.append(branch.value(e))
        except Undefined:
            values.append(None)
    if None in values:
        return values == [None, None]
    (x, y), holds = values, goal.holds
    if 0 in holds and branch.equal(x, y):
        return True
    if holds == ZERO:
        return False
    return branch.decide(x - y, holds, ANY - holds) == holds


def children(branch, trail, split, hidden):
    """The branch in each case of the split; f = 0 is solved for a symbol if it can be."""
    f, back = split.polynomial, branch.generators.back
    for case in split.cases:
        noted = [*trail, (back(f), case)]
        solved = solve(f, branch, hidden) if case == ZERO else None
        if solved is None:
            yield branch.narrowed(f, case), noted
            continue
        x, value = solved
        ranges = {s: r for s, r in branch.ranges.items()
                  if s is not x and s not in branch.generators.meaning}
        known = branch.known | {x: value}
        rest = Branch(Generators(), ranges, branch.integers - {x}, known)
        where, facts = branch.ranges[x], [(back(p), s) for p, s in branch.facts.items()]
        if where.low:
            facts.append((value, POSITIVE if where.open_low else NONNEGATIVE))
        if where.high:
            facts.append((1 - value, POSITIVE if where.open_high else NONNEGATIVE))
        if x in branch.integers and not value.is_Integer:
            continue
        if all(rest.assume(e, s) for e, s in facts):
            yield rest, noted


def solve(f, branch, hidden):
    """(symbol, value) with f = 0 at that value and only there, or None."""
    generators = branch.generators
    for s in f.free_symbols & set(generators.meaning):
        hidden = hidden | generators.back(s).free_symbols
    for x in sorted(f.free_symbols - set(generators.meaning) - hidden, key=str):
        if sp.degree(f, x) != 1:
            continue
        slope, rest = sp.Poly(f, x).all_coeffs()
        if 0 in branch.signs(slope):
            continue
        value = sp.cancel(generators.back(-rest/slope))
        if x not in branch.integers or value.is_Rational:
            return x, value
    return None


def describe(e, case) -> str:
    words = {ZERO: "= 0", POSITIVE: "> 0", NEGATIVE: "< 0", NONNEGATIVE: ">= 0",
             NONPOSITIVE: "<= 0", NONZERO: "!= 0"}
    return f"{e} {words.get(case, 'is real')}"


def irrational_set(trail):
    """An equation of the branch that no rational number solves, or None."""
    for e, case in trail:
        if case == ZERO and len(e.free_symbols) == 1:
            x, = e.free_symbols
            if e.is_polynomial(x) and not rational_roots(e, x):
                return sp.Eq(e, 0, evaluate=False)
    return None


# ---------------------------------------------------------- witnesses in a given branch
def by_search(goal, trail, tries) -> Verdict | None:
    """A refutation at a point that was moved to where the branch's conditions hold."""
    trail = sorted(trail, key=lambda pair: len(pair[1]))               # equations first
    special = constants(*(e for e, _ in trail))
    rng = random.Random(1)
    for count, point in enumerate(points(goal.domains, special, seed=1)):
        if count == tries:
            return None
        moved = moved_into(point, trail, goal.domains, rng)
        verdict = None if moved is None else goal.refuted(moved, count)
        if verdict is not None:
            return verdict
    return None
