"""Letters that are measured: one is not two things, and not all of their values are met.

A norm over all parameters is no less than any entry of what it is the norm of, and the
gradient at theta itself is g. A point at which that is not so is met in no run, and so it
refutes nothing.
"""
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from optim.equivalence.views import letters
from optim.formulas.nearness import exact_value, middle
from optim.proving.intervals import Unsure
from optim.proving.verdicts import Verdict

Measured = Mapping[sp.Symbol, tuple]            # as Formula.measured


def check_measured(what: str, a: Any, b: Any, theirs: Measured, free: Collection[str]
                   ) -> dict[sp.Symbol, tuple]:
    """What is measured on either side, in the letters of a; ValueError if a letter of both
    is not the same thing. theirs: of b, in the letters of a. free: letters with a value.
    """
    ours = {s.name: x for s, x in getattr(a, "measured", {}).items()}
    others = {s.name: x for s, x in theirs.items()}
    for name in (ours.keys() | others.keys()) & letters(a).keys() & letters(b).keys():
        if name not in free and sized(ours.get(name)) != sized(others.get(name)):
            left, right = (in_words(x.get(name)) for x in (ours, others))
            raise ValueError(f"{what}: {name} is {left} on the left and {right} on the "
                             "right, so one letter would stand for two things; nothing is "
                             "proved of it")
    return dict(theirs) | getattr(a, "measured", {})


def sized(measured: tuple | None) -> tuple | None:
    """The same, where a norm is one of sizes: that of -g is that of g."""
    if measured is None or measured[0] != "Norm":
        return measured
    return "Norm", sp.Abs(measured[1])


def in_words(measured: tuple | None) -> str:
    """measured of g, say."""
    if measured is None:
        return "any number"
    return f"measured of {measured[1]}" if len(measured) > 1 else "drawn"


def gradients_here(measured: Measured, given: Mapping[str, Any]) -> dict[str, sp.Expr]:
    """{letter: g} of gradients at a point that is theta, with what is given."""
    table = {s: sp.sympify(given[s.name]) for x in measured.values() for e in x[1:]
             for s in e.free_symbols if s.name in given}
    return {s.name: x[3] for s, x in measured.items() if x[0] == "GradientAt"
            and s.name not in given and x[1].xreplace(table) == x[2]}


def met(found: Verdict, point: Mapping[sp.Symbol, Fraction], measured: Measured,
        known: Collection[sp.Symbol], fixed: Collection[sp.Symbol],
        refuted: Callable[[dict], Verdict | None]) -> Verdict | None:
    """A refutation at a point that a run may meet: the same, or one where what is measured
    is what it has to be; None if that is none.

    point has a value for every letter. known: letters that are not free. fixed: the
    hyperparameters.
    """
    witness = {s: x for s, x in (found.witness or {}).items() if isinstance(s, sp.Symbol)}
    changed: dict[sp.Symbol, Fraction] = {}
    numbers = {s: sp.Rational(point[s].numerator, point[s].denominator) for s in fixed}
    for s, (kind, *of) in measured.items():
        if s not in witness and s not in known:
            continue                                    # whatever it is
        at = {**point, **changed}
        if kind == "Norm":
            try:
                entry = exact_value(of[0], at)
            except Unsure:
                return None
            least = abs(entry) if isinstance(entry, Fraction) else Fraction(
                0 if entry is None else abs(middle(entry))*(1 + 1e-9))
            if at[s] >= least:
                continue
            changed[s] = least
        elif kind == "GradientAt" and of[0].xreplace(numbers) == of[1] and (
                at[s] != at[of[2]]):
            changed[s] = at[of[2]]
    if not changed:
        return found
    if changed.keys() & set(known):
        return None
    return refuted({s: changed.get(s, point[s]) for s in {*witness, *changed}})
