"""Whether floats that a run gave are the numbers that a formula gives, but for rounding."""
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import cycle
from typing import Any

import mpmath
import sympy as sp

from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, difference, enclose

CLOSE = 1e-6                    # of the largest number there: far above float64's rounding
ROUNDING = 1e-10                # relative; what such changes of the numbers make is none


def exact_value(e: sp.Expr, point: Mapping, known: Mapping | None = None) -> Any:
    """The value at {symbol: Fraction}, a Fraction or an interval; None where undefined.

    Raises Unsure if that cannot be told.
    """
    try:
        return Evaluator(dict(point), dict(known or {}))(e)
    except Undefined:
        return None
    except (ArithmeticError, RecursionError) as why:
        raise Unsure(f"{why}") from why


def middle(x: Any) -> float:
    """The float in the middle of an exact value."""
    try:
        return float(x) if isinstance(x, Fraction) else float(mpmath.mpf(enclose(x).mid.a))
    except OverflowError:
        return math.inf


def off(point: Mapping[Any, Any], by: float) -> dict[Any, Any]:
    """The point with each number but t a little larger or smaller."""
    signs = cycle((1, -1.5, 2, -1.25, 1.75))
    return {s: x if str(s) == "t" else x*(1 + Fraction(by*k))
            for (s, x), k in zip(point.items(), signs)}


def close(value: Any, ran: float | None, others: Iterable[Any]) -> bool:
    """Whether a run gave the value, but for rounding."""
    if value is None or ran is None:
        return value is ran or value is not None and not math.isfinite(middle(value))
    largest = max(1.0, *(abs(float(x)) for x in others))
    return abs(middle(value) - ran) <= CLOSE*max(largest, abs(ran))


def replays(values: tuple, ran: tuple, shaken: tuple) -> bool:
    """Whether the runs of two rules differ as their formulas do, and by more than rounding.

    shaken: the same two runs where each number is off by ROUNDING.
    """
    (x, y), (one, two) = values, ran
    if x is None or y is None:
        return (x is None, y is None) == (one is None, two is None)
    apart = middle(difference(x, y))
    if None in ran or not abs(one - two - apart) <= abs(apart)/2 < math.inf:
        return False
    return all(z is not None and abs(z - x) < abs(apart) for x, z in zip(ran, shaken))
