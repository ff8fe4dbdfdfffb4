"""A difference that a run reaches: two rules from one point, along the same gradients."""
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp

from optim.comparing.partners import Pair
from optim.formulas import Formula
from optim.formulas.trials import middle
from optim.optimizers.signatures import first_states, step_of
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, enclose
from optim.equivalence.ranges import points_where

STEPS, POINTS = 4, 24
GRADIENTS = 1, -2, Fraction(1, 2), 3             # of the first one
APART = 1e-9                                     # more than rounding, in a few steps


@dataclass(frozen=True)
class Apart:
    """After this many steps from one point the two rules are at two places.

    settings {letter: number} with theta, where both begin; gradients g_1, g_2, ...
    """
    settings: dict[str, Fraction]
    gradients: tuple[Fraction, ...]
    left: float
    right: float

    def __str__(self) -> str:
        at = ", ".join(f"{n} = {x}" for n, x in self.settings.items())
        along = ", ".join(map(str, self.gradients))
        return (f"a run from {at} along g = {along} is at {self.left:.6g} and at "
                f"{self.right:.6g}")

    def as_dict(self) -> dict[str, Any]:
        """In words that JSON can hold; numbers as exact fractions."""
        return {"settings": {n: str(x) for n, x in self.settings.items()},
                "gradients": [*map(str, self.gradients)],
                "left": self.left, "right": self.right}


def reached(pair: Pair) -> Apart | None:
    """The first run found in which the two are surely apart, also as NumPy runs them."""
    sides = pair.left.formula, pair.right.formula
    place, g, *_ = sides[0].symbols
    fixed: dict[str, tuple[sp.Symbol, str]] = {}
    for f in sides:
        _, gradient, *_ = f.symbols
        fixed |= {s.name: (s, d) for s, d in f.domains.items() if s.name not in
                  (*f.update, gradient, "t")}
    letters = {s: d for s, d in fixed.values()} | {
        s: d for s, d in sides[0].domains.items() if s.name in (place, g)}
    for point in islice(points_where(letters, pair.given), POINTS):
        named = {s.name: point[s] for s in letters}
        start, first = named[place], named.pop(g)
        along = [first*Fraction(k) for k in GRADIENTS]
        named |= {s.name: named[s.name] + max(map(abs, along)) for f in sides
                  for s, (kind, *_) in f.measured.items() if kind == "Norm"}
        ways = [walk(f, named, start, along) for f in sides]
        for t, (x, y) in enumerate(zip(*ways), 1):
            if 0 in enclose(x) - enclose(y):
                continue
            if all(f.rule is None or ran(f, named, start, along[:t], middle(z))
                   for f, z in zip(sides, (x, y))):
                return Apart(named, tuple(along[:t]), middle(x), middle(y))
            break
    return None


def walk(f: Formula, named: Mapping[str, Fraction], start: Fraction, along: list[Fraction]
         ) -> list[Any]:
    """theta after each step, exact or as an interval, as far as it has a value."""
    place = next(iter(f.update))
    return [after[place] for after in quantities_after(f, named, start, along)]


def quantities_after(f: Formula, named: Mapping[str, Fraction], start: Fraction,
                     along: list[Fraction]) -> list[dict[str, Any]]:
    """theta and the states after each step, as far as they have values."""
    place, gradient, *_ = f.symbols.values()
    point = {s: named[s.name] for s in f.domains if s.name in named} | {place: start}
    found: list[dict[str, Any]] = []
    try:
        begun = Evaluator(point)
        states = {f.symbols[n]: begun(sp.sympify(e)) for n, e in f.init.items()}
        for t, g in enumerate(along, 1):
            clock = {s: Fraction(t) for n, s in f.symbols.items() if n == "t"}
            evaluate = Evaluator(point | states | clock | {gradient: g})
            if not measurable(f, evaluate):
                return found
            after = {f.symbols[n]: evaluate(e) for n, e in f.update.items()}
            found.append({n: after[f.symbols[n]] for n in f.update})
            point[place] = after.pop(place)
            states = after
    except (Undefined, Unsure, ArithmeticError, KeyError):
        return found
    return found


def measurable(f: Formula, evaluate: Evaluator) -> bool:
    """Whether some loss measures what stands for that here: norms that other parameters
    make larger, other gradients elsewhere alone."""
    for symbol, (kind, *of) in f.measured.items():
        value, *points = (middle(evaluate(e)) for e in (symbol, *of))
        if kind == "Norm" and abs(points[0]) > value or kind == "GradientAt" and (
                points[0] == points[1] and value != points[2]):
            return False
    return True


def ran(f: Formula, named: Mapping[str, Fraction], start: Fraction, along: list[Fraction],
        end: float) -> bool:
    """Whether the rule itself, run by NumPy, comes to this end."""
    assert f.rule is not None
    after = [*f.symbols][2 + len(f.init):]
    settings = {n: float(named[n]) for n in after if n in named}
    theta = np.full(2, float(start))
    states = [*first_states(f.rule, theta, settings).values()]
    with np.errstate(all="ignore"):
        for t, g in enumerate(along, 1):
            theta, *states = step_of(f.rule, theta, np.full(2, float(g)), *states, t=t,
                                     **settings)
    return bool(abs(np.ravel(theta)[0] - end) <= APART*max(1.0, abs(end)))
