"""An inequality for t = 1, 2, ...: by induction on t.

With f(t) for the difference of its sides it is enough that f(1) has a wanted sign, and
f(t + 1) - k f(t) too for some k >= 0: then f(t + 1) is a sum of two such numbers. Both must
have a value for every t. For k are tried 1 and the bases of powers in the goal.
"""
from collections.abc import Callable, Iterator
from dataclasses import replace

import sympy as sp

from optim.proving.goals import Goal
from optim.proving.signs import ZERO
from optim.proving.verdicts import Verdict

FEW = 60                       # branches for each part: else there is no such simple proof


def can_induct(goal: Goal) -> bool:
    is_equality = goal.holds == ZERO
    return not goal.known and not is_equality and any(s.is_integer for s in goal.domains)


def by_induction(goal: Goal, by_cases: Callable[[Goal, int], Verdict]) -> Verdict | None:
    """A proof by induction on one of the integers of an inequality, if there is one."""
    for t in sorted((s for s in goal.domains if s.is_integer), key=str):
        if not (intact(goal.a, t) and intact(goal.b, t)):
            continue
        if not whole(by_cases(at(goal, t, sp.Integer(1)), FEW)):
            continue
        for k in factors(goal, t):
            if whole(by_cases(step(goal, t, k), FEW)):
                return Verdict("PROVED", method=f"induction on {t}: it holds at 1, and "
                               f"for the difference less {k} times the one before")
    return None


def whole(verdict: Verdict) -> bool:
    """Whether it is proved without exception: else the chain from t to t + 1 has a gap."""
    return verdict.status == "PROVED" and not verdict.except_on


def intact(e: sp.Expr, t: sp.Symbol) -> bool:
    """Whether SymPy leaves the formula as it came when another letter stands for t."""
    other = sp.Dummy(t.name, **t.assumptions0)
    return e.xreplace({t: other}).xreplace({other: t}) == e


def at(goal: Goal, t: sp.Symbol, value: sp.Expr) -> Goal:
    """The goal with a value for t, which SymPy does not see (see Goal)."""
    here = sp.Dummy(t.name, **t.assumptions0)
    rest = {s: domain for s, domain in goal.domains.items()
            if s is not t or value.has(t)}
    return replace(goal, a=goal.a.xreplace({t: here}), b=goal.b.xreplace({t: here}),
                   domains=rest, known={here: value}, total=True)


def step(goal: Goal, t: sp.Symbol, k: sp.Expr) -> Goal:
    """f(t + 1) - k f(t) has a wanted sign; nothing in it is cancelled."""
    following = at(goal, t, t + 1)
    left = sp.Add(following.a, -k*goal.a, evaluate=False)
    return replace(following, a=left, b=sp.Add(following.b, -k*goal.b, evaluate=False))


def factors(goal: Goal, t: sp.Symbol) -> Iterator[sp.Expr]:
    yield sp.Integer(1)
    powers = (goal.a - goal.b).atoms(sp.Pow)
    for base in sorted({p.base for p in powers if p.exp.has(t)}, key=str):
        if base.is_nonnegative and base.is_polynomial() and not base.has(t):
            yield base
