"""A witness counts only if the two rules, run there as NumPy runs them, differ too.

Where rounding hides the difference, or reading and running disagree, other points are
tried; if none replays, the verdict is UNDECIDED and says so.
"""
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import sympy as sp

from optim.domains import domain_of
from optim.equivalence.measured_letters import met
from optim.formulas.nearness import ROUNDING, exact_value, middle, off, replays
from optim.formulas.trials import OTHER, outcome, start
from optim.proving.cases import by_cases
from optim.proving.intervals import Unsure
from optim.proving.goals import Goal
from optim.proving.needs import START
from optim.proving.points import constants, points
from optim.proving.signs import ZERO
from optim.proving.verdicts import Verdict

TRIES = 80                      # points at which a difference is looked for again
BRANCHES = 200                  # of a proof by cases that looks for one
Replay = Callable[[Verdict], Verdict | None]


class DoesNotRun(Exception):
    """What a rule raises on numbers."""


@dataclass(frozen=True)
class Replayed(Goal):
    """A goal that a point refutes only if the rules, run there, differ as well, and if a
    run may meet it.

    Floats are off most solutions of an equation, so which of them is found first would
    decide, by chance, whether there is a witness.
    """
    replayed: Replay = lambda found: found
    met: Callable[[Verdict, Goal], Verdict | None] = lambda found, goal: found

    def refuted(self, point: dict, seed: int = 0) -> Verdict | None:
        plain = Goal(self.a, self.b, self.domains, self.holds, self.known)
        found = plain.refuted(point, seed)
        found = None if found is None else self.met(found, plain)
        return None if found is None or self.replayed(found) is None else found


@dataclass(frozen=True)
class Points:
    """A goal left = right of two rules, and the points that refute it.

    given {name: expression} stands for some letters; measured: as Formula's;
    fixed: the hyperparameters.
    """
    left: sp.Expr
    right: sp.Expr
    domains: Mapping[sp.Symbol, str]
    given: Mapping[str, Any]
    measured: Mapping[sp.Symbol, tuple]
    fixed: frozenset[sp.Symbol]

    @property
    def letters(self) -> dict[sp.Symbol, str]:
        """The domains, with those of letters that only stand in what is given."""
        return dict(self.domains) | {s: domain_of(s) for e in self.known.values()
                                     for s in e.free_symbols if s not in self.domains}

    @property
    def known(self) -> dict[sp.Symbol, sp.Expr]:
        return {s: sp.sympify(self.given[s.name]) for s in self.domains
                if s.name in self.given}

    def refuting(self, first: Verdict, replayed: Replay) -> Iterator[Verdict]:
        """The refutation itself, then others at further points, then one that a proof by
        cases finds where the rules replay it: where an equation holds, numbers that floats
        hold, or round to what solves it too. All are at points that a run may meet.
        """
        free = self.left.free_symbols | self.right.free_symbols | set().union(
            *(e.free_symbols for e in self.known.values()))
        ranges = {s: d for s, d in self.letters.items() if s in free - self.known.keys()}
        goal = Replayed(self.left, self.right, ranges, ZERO, self.known, replayed=replayed,
                        met=self.met)
        tried = islice(points(ranges, constants(self.left, self.right)), TRIES)
        for found in chain(map(self.met, [first], [goal]), map(goal.refuted, tried),
                           map(by_cases, [goal], [BRANCHES])):
            if found is not None and found.status == "REFUTED":
                yield found

    def met(self, found: Verdict, goal: Goal) -> Verdict | None:
        """The refutation, at a point that a run may meet."""
        if not self.measured:
            return found
        try:
            point = self.complete(found.witness or {})
        except Unsure:
            return None
        return met(found, point, self.measured, self.known, self.fixed, goal.refuted)

    def complete(self, witness: Mapping) -> dict[sp.Symbol, Fraction]:
        """The point of a witness, with some value for the letters that do not matter."""
        at = {s: sp.Rational(x) for s, x in witness.items()}
        point = {s: Fraction(1 if d == "1, 2, ..." else OTHER)
                 for s, d in self.letters.items()}
        point |= {s: Fraction(int(x.p), int(x.q)) for s, x in at.items()}
        for s, e in self.known.items():
            value = exact_value(e, point)
            if not isinstance(value, Fraction):
                raise Unsure("no fraction")
            point[s] = value
        return point


def confirmed(verdict: Verdict, label: str, sides: tuple[Any, Any],
              called: Mapping[str, str], where: Points) -> Verdict:
    """The verdict, at a witness that replays if it is a refutation; else UNDECIDED.

    called {letter of the right side: the left side's name for it}
    """
    if verdict.status != "REFUTED" or not all(hasattr(f, "rule") for f in sides):
        return verdict

    def replayed(found: Verdict) -> Verdict | None:
        """The verdict, if the rules differ at its witness as it says."""
        try:
            point = where.complete(found.witness or {})
            values = tuple(exact_value(e, point) for e in (where.left, where.right))
        except Unsure:
            return None
        try:
            ran, shaken = (tuple(
                run(f, label, at, names, value) for f, names, value in zip(
                    sides, ({}, called), values))
                for at in (point, off(point, ROUNDING)))
        except Exception as error:
            raise DoesNotRun(f"{type(error).__name__}: {error}") from error
        return replace(found, method=found.method + (None in values)*(
            "; a formula has no value where NumPy gives inf or NaN")
            ) if replays(values, ran, shaken) else None
    try:
        found = next((again for each in where.refuting(verdict, replayed)
                      if (again := replayed(each)) is not None), None)
    except DoesNotRun as error:
        return replace(verdict, status="UNDECIDED", witness=None, method=(
            f"a rule does not run on numbers: {error}"))
    if found is not None:
        return replace(found, goal=found.goal or verdict.goal)
    at = ", ".join(f"{s} = {x}" for s, x in (verdict.witness or {}).items())
    return replace(verdict, status="UNDECIDED", witness=None, method=(
        f"the formulas differ at {at}, but not the rules as NumPy runs them, nor at other "
        "points that were tried: reading and running disagree, or rounding hides it"
        + ", or no run measures such numbers"*bool(where.measured)))


def run(f: Any, label: str, point: Mapping[sp.Symbol, Fraction], called: Mapping[str, str],
        value: Any) -> float | None:
    """The quantity of this label as the rule gives it; without a rule, the formula's."""
    if f.rule is None:
        return None if value is None else middle(value)
    ours = {s.name: x for s, x in point.items()}
    named = {n: ours[called.get(n, n)] for n in f.symbols}
    name = label.removesuffix(START).removesuffix("'")
    name = next((n for n, other in called.items() if other == name), name)
    if label.endswith(START):
        return start(f, name, named)
    return outcome(f, named)[name]


def checked_by_running(verdict: Verdict, sides: tuple[Any, Any]) -> Verdict:
    """UNDECIDED instead of PROVED if a rule, run on numbers, is not its formula."""
    notes = [note for f in sides for note in getattr(f, "notes", ())]
    if verdict.status == "PROVED":
        wrong = [f.disagreement for f in sides if getattr(f, "disagreement", "")]
        if wrong:
            return replace(verdict, status="UNDECIDED", method=wrong[0], except_on=())
    return replace(verdict, method="; ".join([verdict.method, *dict.fromkeys(notes)]))
