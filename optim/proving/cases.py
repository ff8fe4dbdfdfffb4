"""A proof by cases that cover the domain; a case where the sides differ gives a witness."""
import random
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import sympy as sp

from optim.domains import DOMAINS, Domain
from optim.proving.branches import BOUND, Branch
from optim.proving.generators import Generators, Split, Unsupported
from optim.proving.functions import angles_of
from optim.proving.goals import Goal
from optim.proving.intervals import Undefined
from optim.proving.points import constants, moved_into, points
from optim.proving.signs import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, ZERO)
from optim.proving.splitting import children
from optim.proving.thin import equation_of
from optim.proving.verdicts import Verdict

# No rule of ours, no polynomial, not within SymPy's reach, nested too deeply: such a case
# stays open, and so does the goal.
BEYOND = (Unsupported, sp.PolynomialError, NotImplementedError, RecursionError)
MOST_BRANCHES = 3000
LONGEST, MOST_CASES = 200, 4     # letters of a formula, and cases, in a message


def by_cases(goal: Goal, most: int = MOST_BRANCHES) -> Verdict:
    """A proof, branch by branch, or a witness from a branch where the sides differ.

    A branch without rational points is looked at once, in the end: where the sides are not
    seen to agree on it, the verdict names its equation as an exception.
    """
    root, unshift = whole_domain(goal)
    hidden = within_sums(goal, unshift)
    stack: list = [(root, [])]
    thin: list = []
    count, doubts, nowhere = 0, [], []
    while stack:
        branch, trail = stack.pop()
        count += 1
        if count > most:
            return Verdict("UNDECIDED", method=f"more than {most} branches")
        try:
            if holds_in(goal, branch):
                if branch.valueless:
                    nowhere.append(trail)
                continue
        except Split as split:
            grow(stack, thin, branch, trail, split, hidden)
            continue
        except BEYOND as why:
            doubts.append(f"{why}")
            continue
        if branch.empty():
            continue
        finer = branch.undetermined()             # the sides may agree where two cases meet
        found = [(e.xreplace(unshift), case) for e, case in trail]
        witness = by_search(goal, found, tries=30 if finer is None else 5)
        if witness is not None:
            return replace(witness, method=f"{witness.method}; found in branch {count}")
        if finer is not None:
            grow(stack, thin, branch, trail, finer, hidden)
        else:
            facts = described(found) or "any point goes"
            doubts.append(f"no rule makes the two sides agree where {facts}, "
                          "and no such point of the domain was found at which they differ")
    if doubts:
        return Verdict("UNDECIDED", method=doubts[0])
    exceptions = [equation.xreplace(unshift) for branch, equation in thin
                  if not agreed(goal, branch)]
    cases = "1 case" if count == 1 else f"{count} cases"
    return Verdict("PROVED", method=f"normal form, {cases}" + valueless(nowhere, unshift),
                   except_on=tuple(dict.fromkeys(exceptions)))


def whole_domain(goal) -> tuple[Branch, dict]:
    """The branch that is all of the domain, where t is 1 + n; and {n: t - 1}."""
    unshift, ranges, integers, known = {}, {}, set(), dict(goal.known)
    for s, domain in goal.domains.items():
        if domain == "1, 2, ...":
            n = sp.Dummy(s.name, integer=True, nonnegative=True)
            known[s], unshift[n] = 1 + n, s - 1
            ranges[n] = Domain(0, integer=True)
            integers.add(n)
        else:
            ranges[s] = DOMAINS[domain]
    generators = Generators()
    generators.angles = angles_of([goal.a, goal.b, *goal.known.values()])
    return Branch(generators, ranges, integers, known), unshift


def within_sums(goal, unshift) -> set:
    """The letters of sums, integrals and the like: no equation is solved for them."""
    hidden = set().union(*(e.free_symbols for side in (goal.a, goal.b, *goal.known.values())
                           for e in side.atoms(*BOUND)))
    return hidden | {n for n, e in unshift.items() if e.free_symbols & hidden}


def holds_in(goal, branch) -> bool:
    """Whether the claim is proved in the branch."""
    values, asked = [], []
    for e in (goal.a, goal.b):
        branch.asked = frozenset()
        try:
            values.append(branch.extended(e))
        except Undefined:
            values.append(None)
        asked.append(branch.asked)
    branch.valueless = values == [None, None]
    if None in values:
        return branch.valueless and not goal.total
    if asked[0] != asked[1] or asked[0] and goal.total:
        raise Unsupported("a negative base with an exponent that is no integer")
    (x, y), holds = values, goal.holds
    if sp.oo in (x, -x, y, -y):
        return branch.order(x, y, holds, ANY - holds) == holds
    if 0 in holds and branch.equal(x, y):
        return True
    if holds == ZERO:
        return False
    return branch.decide(x - y, holds, ANY - holds) == holds


def grow(stack, thin, branch, trail, split, hidden) -> None:
    """Put the cases of a split on the stack, and those without rational points aside."""
    equation = equation_of(split, branch)
    for child, noted in children(branch, trail, split, hidden):
        zero = noted[-1][1] == ZERO or child.facts.get(split.polynomial) == ZERO
        if zero and equation is not None:
            thin.append((child, equation))
        else:
            stack.append((child, noted))


def describe(e, case) -> str:
    words = {ZERO: "= 0", POSITIVE: "> 0", NEGATIVE: "< 0", NONNEGATIVE: ">= 0",
             NONPOSITIVE: "<= 0", NONZERO: "!= 0"}
    text = str(e)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    return f"{text} {words.get(case, 'is real')}"


def described(trail) -> str:
    return " and ".join(dict.fromkeys(describe(e, case) for e, case in trail))


def valueless(trails, unshift) -> str:
    """Where both sides have no value, as a verdict's method tells."""
    if not trails:
        return ""
    where = [described((e.xreplace(unshift), case) for e, case in trail)
             for trail in trails[:MOST_CASES]]
    more = len(trails) - MOST_CASES
    return ("; neither side has a value" + (" where " + ", or where ".join(where)
            if all(trails) else " anywhere") + (
            f", and in {more} cases more" if more > 0 else ""))


def agreed(goal, branch) -> bool:
    """Whether the claim is seen to hold in a branch without splitting it."""
    try:
        return holds_in(goal, branch)
    except (Split, *BEYOND):
        return False


# ---------------------------------------------------------- witnesses in a given branch
def by_search(goal, trail, tries) -> Verdict | None:
    """A refutation at a point that was moved to where the branch's conditions hold.

    One that floats hold goes before all others: where an equation has to hold, the others
    are off it when the rules are run.
    """
    trail = sorted(trail, key=lambda pair: len(pair[1]))               # equations first
    special = constants(*(e for e, _ in trail))
    rng, found = random.Random(1), None
    tried = [*islice(points(goal.domains, special, seed=1), tries)]
    held = [{s: halved(x, goal.domains[s]) for s, x in point.items()} for point in tried]
    resting = [{s: at_rest(x, goal.domains[s]) for s, x in point.items()}
               for point in tried]                       # of sums of squares that are 0
    for count, point in enumerate(held + resting + tried):
        if found is not None and count >= tries:
            break
        moved = moved_into(point, trail, goal.domains, rng, goal.known)
        verdict = None if moved is None else goal.refuted(moved, count)
        if moved is not None and verdict is not None:
            if all(Fraction(float(x)) == x for x in moved.values()):
                return verdict
            found = verdict if found is None else found
    return found


def halved(x: Fraction, domain: str) -> Fraction:
    """The nearest multiple of 1/2, with which floats reckon exactly, or 1/2; or x itself.
    """
    near = Fraction(round(2*x), 2), Fraction(1, 2)
    return next(filter(DOMAINS[domain].holds, near), x)


def at_rest(x: Fraction, domain: str) -> Fraction:
    """0 for a letter that may have any size: a gradient, a state, a decay."""
    return Fraction(0) if domain in ("real", ">= 0") else x
