"""One goal, and the points that refute it."""
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import mpmath
import sympy as sp

from optim.proving.branches import Branch
from optim.proving.decimals import rounded
from optim.proving.generators import Generators, Split, Unsupported
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import (
    Undefined, Unsure, difference, enclose, sign_of)
from optim.proving.points import constants, points
from optim.proving.verdicts import Verdict


LARGEST = 10                   # whole number of a point at which roots are reckoned with


@dataclass(frozen=True)
class Goal:
    """sign(a - b) in holds, for symbols in their domains.

    Some symbols are known: formulas of the others. They are never put into a and b, where
    SymPy would make 0 of 1/(1 + 1/x) at x = 0. If the goal is total, both sides must have
    a value everywhere. point: where it was refuted, if the verdict's witness is in other
    letters.
    """
    a: sp.Expr
    b: sp.Expr
    domains: dict
    holds: frozenset
    known: dict
    total: bool = False
    point: dict | None = None

    def refuted(self, point: dict, seed: int = 0) -> Verdict | None:
        found = gap(self.a, self.b, point, self.holds, self.known, seed)
        if found is None and 0 not in self.holds and self.meets(point):
            found = "the sides are equal here", {}
        if found is None:
            return None
        reason, unknown = found
        witness = {s: sp.Rational(x.numerator, x.denominator)
                   for s, x in sorted(point.items(), key=lambda pair: str(pair[0]))}
        for (name, args), x in unknown.items():
            witness[sp.Function(name)(*map(sp.Rational, args))] = sp.Rational(x)
        return Verdict("REFUTED", witness, method=reason)

    def meets(self, point: dict) -> bool:
        """Whether both sides are one number here, of which intervals tell but the place."""
        if any(max(abs(x.numerator), x.denominator) > LARGEST for x in point.values()) or (
                rounded(self.a, self.b, *self.known.values())):
            return False
        numbers = {s: sp.Rational(x.numerator, x.denominator) for s, x in point.items()}
        evaluate = Evaluator(point, self.known)
        here = Branch(Generators(), {}, set(), self.known | numbers)
        try:
            if 0 not in enclose(evaluate(self.a)) - enclose(evaluate(self.b)):
                return False
            same = here.equal(here.value(self.a), here.value(self.b))
            return same and not here.asked
        except (Undefined, Unsure, Unsupported, Split, ArithmeticError, RecursionError):
            return False


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


def gap(a, b, point: dict, holds: frozenset, known: dict | None = None, seed: int = 0
        ) -> tuple[str, dict] | None:
    """Why sign(a - b) is surely not in holds at the point; None if it is or may be.

    With the reason come the values given to unknown functions.
    """
    evaluate = Evaluator(point, known, {}, seed)
    values, undefined = [], {}
    for side, e in (("left", a), ("right", b)):
        try:
            values.append(evaluate.extended(e))
        except Undefined as error:
            undefined[side] = str(error)
        except (Unsure, ZeroDivisionError, OverflowError, RecursionError):
            return None
    if len(undefined) == 1:
        (side, why), = undefined.items()
        reason = f"the {side} side is undefined here ({why}), the other is not"
        return reason, evaluate.unknown
    if undefined:
        return None
    x, y = values
    apart = difference(x, y)
    try:
        if sign_of(apart) in holds:
            return None
    except Unsure:
        return None
    if apart == 0:
        return "the sides are equal here", evaluate.unknown
    size = mpmath.nstr(mpmath.mpf(enclose(apart).mid.a), 6)
    how = "" if isinstance(apart, Fraction) else " (by intervals)"
    return f"left - right = {size} here{how}", evaluate.unknown
