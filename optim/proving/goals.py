"""One goal, and the points that refute it."""
from dataclasses import dataclass
from itertools import islice

import sympy as sp

from optim.proving.branches import Branch
from optim.proving.decimals import rounded
from optim.proving.facts import Generators, Split, Unsupported
from optim.proving.intervals import Evaluator, Undefined, Unsure, enclose, gap
from optim.proving.points import constants, points
from optim.proving.verdicts import Verdict


LARGEST = 10                   # whole number of a point at which roots are reckoned with


@dataclass(frozen=True)
class Goal:
    """sign(a - b) in holds, for symbols in their domains.

    Some symbols are known: formulas of the others. They are never put into a and b, where
    SymPy would make 0 of 1/(1 + 1/x) at x = 0. If the goal is total, both sides must have
    a value everywhere.
    """
    a: sp.Expr
    b: sp.Expr
    domains: dict
    holds: frozenset
    known: dict
    total: bool = False

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
            return here.equal(here.value(self.a), here.value(self.b))
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
