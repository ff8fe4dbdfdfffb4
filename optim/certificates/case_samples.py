"""Some points of a case, in floats: what takes both signs there needs no search for one.

Nothing is proved by them; they only save the search for an identity that cannot be.
"""
import math
import random
from collections.abc import Callable
from contextlib import suppress

from optim.checker import NEGATIVE, POSITIVE, ZERO, Case, letter, plus

Point = dict[str, float]
COUNT, NEAR = 120, 1e-9
ENDS = {frozenset({0, 1}): (0.0, 0.3, 1.0, 2.5, 7.0), POSITIVE: (0.01, 0.4, 1.0, 3.0, 11.0)}


def first_points(case: Case, seed: int = 0) -> list[Point]:
    """Points of the whole domain."""
    rng, found = random.Random(seed), []
    signs = {x: (case.sign(letter(x)), case.sign(plus(letter(x), {(): 1}, -1)))
             for x in sorted(case.letters - {"(e)"})}
    for _ in range(COUNT):
        point = {"(e)": math.e}
        for x, (own, rise) in signs.items():
            if x in case.whole:
                point[x] = float(rng.choice((0, 1, 2, 5)))
            elif not own & NEGATIVE:
                low = rng.choice(ENDS[POSITIVE if 0 not in own else frozenset({0, 1})])
                point[x] = (1 + low if not rise & NEGATIVE else low if 1 in rise
                            else rng.choice((0.02, 0.3, 0.5, 0.9, 0.99, rng.random())))
            else:
                point[x] = rng.choice((-3.0, -1.0, -0.2, 0.0, 0.4, 1.0, 2.0)) + (
                    rng.random() if rng.random() < 0.7 else 0)
        found.append(point)
    return found


def at(p: dict, point: Point) -> tuple[float, float]:
    """The value of a polynomial, and the size of its terms."""
    total = size = 0.0
    for m, c in p.items():
        term = float(c)
        for name, k in m:
            term *= point[name]**k
        total += term
        size += abs(term)
    return total, size


def sign_at(p: dict, point: Point) -> int | None:
    """The sign of a polynomial at a point; None where it is near 0 or not known."""
    try:
        total, size = at(p, point)
    except (KeyError, OverflowError):
        return None
    if not math.isfinite(size) or abs(total) <= NEAR*size:
        return None
    return 1 if total > 0 else -1


def seen(points: list[Point], p: dict) -> set[int]:
    """The signs that a polynomial surely has at some of the points."""
    return {sign for point in points if (sign := sign_at(p, point)) is not None}


def within(points: list[Point], p: dict, signs: frozenset) -> list[Point]:
    """The points at which a polynomial has one of these signs, as far as floats tell."""
    if signs == ZERO:
        return []
    return [point for point in points if sign_at(p, point) in signs]


def still_within(case: Case, points: list[Point]) -> list[Point]:
    """The points of a case in which letters were solved: those are what their rules say,
    and what was made of them is made anew."""
    solved = {x: u for x, (q, u) in case.rules.items() if q == 1}
    for x, u in solved.items():
        points = with_value(points, x, lambda point: at(u.top, point)[0]/math.prod(
            at(dict(f), point)[0]**k for f, k in u.bottom.items()))
    for name in case.made:
        points = with_letter(case, points, name)
    for f, signs in case.facts.items():
        points = within(points, dict(f), signs)
    return points


def with_letter(case: Case, points: list[Point], name: str) -> list[Point]:
    """The points with a value for a letter that was made."""
    kind, *what = case.made[name]

    def value(point: Point) -> float:
        if kind == "log":
            return math.log(at(what[0], point)[0])
        below = at(what[0], point)[0]
        if case.exactly(what[1]) is not None:
            below = max(below, 0.0)                  # a root of what is 0, but for rounding
        return below**at(what[1].top, point)[0]*1.0
    return [] if kind == "call" else with_value(points, name, value)     # any function


def with_value(points: list[Point], name: str, value: Callable[[Point], float]
               ) -> list[Point]:
    found = []
    for point in points:
        with suppress(ArithmeticError, ValueError, TypeError, KeyError):
            found.append(point | {name: value(point)})
    return found
