"""A rule walked over given slopes in interval arithmetic: a proof for so many steps.

Every state is an interval that surely holds its value, so what the last one shows is a
theorem about that walk, not a measurement.
"""
import time
from fractions import Fraction
from math import ceil, floor

import sympy as sp
from mpmath.libmp import to_rational

from optim.derivations.claim import Claim, Relation
from optim.formulas.rule_formulas import Formula
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, enclose, iv
from optim.proving.verdicts import Verdict

STEPS, SLOPE, ALPHA = 300, 3, Fraction(1, 2)     # SLOPE is C; lr is ALPHA/sqrt(t)
DIGITS = 10**6                  # the ends of an interval are printed rounded outwards


def walk(f: Formula, constants: dict[str, str], steps: int = STEPS):
    """The interval of x after the steps from +1: slopes C, -1, -1; x kept in [-1, 1]."""
    s = f.symbols
    fixed = {s[name]: Fraction(value) for name, value in constants.items()}
    state = {name: Fraction(int(start)) for name, start in f.init.items()}
    x = Fraction(1)
    for t in range(1, steps + 1):
        gradient = Fraction(SLOPE if t % 3 == 1 else -1)
        rate = enclose(ALPHA)/iv.sqrt(t)
        here = fixed | {s[name]: value for name, value in state.items()} | {
            s["theta"]: x, s["g"]: gradient, s["lr"]: rate, s["t"]: Fraction(t)}
        evaluate = Evaluator(here)
        new = {name: evaluate(e) for name, e in f.update.items()}
        x = enclose(new.pop("theta"))
        x = iv.mpf([max(min(x.a, 1), -1), max(min(x.b, 1), -1)])
        state = {name: enclose(value) for name, value in new.items()}
    return x


def walked(id: str, sentence: str, f: Formula, constants: dict[str, str], relation: str,
           bound: sp.Expr) -> Claim:
    """The claim that says on which side of the bound the walk ends.

    Its goal compares the end of the last interval, rounded outwards, with the bound. A walk
    that meets a step without a value, such as 0/0, is left undecided and has no goal.
    """
    began = time.monotonic()
    try:
        x = walk(f, constants)
    except (Undefined, Unsure) as reason:
        found = Verdict("UNDECIDED", method=f"no walk: {reason}")
        return Claim(id, sentence, decided=found)
    low, high = (Fraction(*to_rational(end)) for end in x._mpi_)
    low = sp.Rational(floor(low*DIGITS), DIGITS)
    high = sp.Rational(ceil(high*DIGITS), DIGITS)
    if relation == "<=":
        end, holds, fails = high, high <= bound, low > bound
    else:
        end, holds, fails = low, low >= bound, high < bound
    status = "PROVED" if holds else "REFUTED" if fails else "UNDECIDED"
    return Claim(id, sentence, (Relation(end, relation, bound),), decided=Verdict(
        status, method=f"{STEPS} steps in interval arithmetic",
        witness={sp.Symbol("t"): sp.Integer(STEPS)} if fails else None,
        seconds=time.monotonic() - began))
