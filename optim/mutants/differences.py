"""Whether two rules differ, on plain numbers: at a given point, or at any that is tried.

Rules that agree here agree at the points that were tried, and may differ at others.
"""
import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import Any

from optim.mutants.plain_numbers import NO_VALUE, Number, apart, number
from optim.rules import LEGEND
from optim.optimizers.signatures import Rule, anatomy, start_of, step_of

POINTS, RUNS, STEPS = 200, 4, 5

Point = Mapping[str, Number]
# Of each domain: points are low/whole ... high/whole, and its edges.
DRAWN = {"real": (-50, 50, 10, "0 1 -1"), ">= 0": (0, 50, 10, "0 1"),
         "> 0": (1, 50, 10, "1 1/1000"), "[0, 1)": (0, 99, 100, "0 1/2"),
         "(0, 1)": (1, 99, 100, "1/2"), "> 1": (11, 50, 10, "2"),
         "[0, 1]": (0, 100, 100, "0 1/2 1"), "1, 2, ...": (1, 30, 1, "1 2")}
INSIDE: dict[str, Callable[[Any], bool]] = {
    "real": lambda x: True, ">= 0": lambda x: x >= 0, "> 0": lambda x: x > 0,
    "> 1": lambda x: x > 1, "(0, 1)": lambda x: 0 < x < 1,
    "[0, 1)": lambda x: 0 <= x < 1, "[0, 1]": lambda x: 0 <= x <= 1,
    "1, 2, ...": lambda x: x >= 1 and x == int(x)}


def step(rule: Rule, point: Point) -> tuple[Number, ...]:
    """theta and the states after one step from a point; none of them if one has no value.
    """
    after = results(rule, point)
    return (NO_VALUE,)*len(after) if any(x.value is None for x in after) else after


def results(rule: Rule, point: Point) -> tuple[Number, ...]:
    """The same, each with its value if that one has it."""
    states, hyperparameters = anatomy(rule)
    return step_of(rule, point["theta"], point["g"], *(point[s] for s in states),
                    t=point["t"], **{h: point[h] for h in hyperparameters})


def differ_at(point: Point, rule: Rule, other: Rule) -> bool:
    """Whether the two start apart there, or make something else of one of the results: a
    state may differ where theta has no value.
    """
    one, two = (chain(first_states(each, point).values(), results(each, point))
                for each in (rule, other))
    return any(map(apart, one, two))


def differing_point(rule: Rule, other: Rule, seed: int = 0) -> Point | None:
    """A point where the two start apart or one step differs, or from where runs part; None
    if there is none.

    Each pair of rules is tried at many points of the domain, whatever the prover said, and
    on runs of some steps from the rules' own first states.
    """
    steps, runs = tried(rule, seed)
    for point, start, after in steps:
        if any(map(apart, chain(start, after), chain(
                first_states(other, point).values(), step(other, point)))):
            return point
    for point, gradients, path in runs:
        if any(map(apart, path, chain(*run(other, point, gradients)))):
            return point
    return None


@lru_cache(8)
def tried(rule: Rule, seed: int) -> tuple[list, list]:
    """What a rule does where all its mutants are tried: the points, its first states and
    its steps there, and the starts, gradients and paths of runs."""
    rng, letters = random.Random(seed), [*inspect.signature(rule).parameters]
    points = [some_point(rng, letters) for _ in range(POINTS)]
    starts = [(some_point(rng, letters), [some_point(rng, ["g"])["g"]
                                          for _ in range(STEPS)]) for _ in range(RUNS)]
    return ([(point, [*first_states(rule, point).values()], step(rule, point))
             for point in points],
            [(*start, [*chain(*run(rule, *start))]) for start in starts])


def some_point(rng: random.Random, letters: Sequence[str]) -> Point:
    """A point of the domain; often at an edge of it, and often with two letters equal."""
    point: dict[str, Number] = {}
    for letter in letters:
        domain = LEGEND[letter].domain if letter in LEGEND else "real"
        known = [x for x in point.values() if INSIDE[domain](x.value)]
        lot, (low, high, whole, edges) = rng.random(), DRAWN[domain]
        if lot < 0.3:
            point[letter] = number(rng.choice(edges.split()))
        elif lot < 0.45 and known:
            point[letter] = rng.choice(known)
        else:
            point[letter] = Number(Fraction(rng.randint(low, high), whole))
    return point


def run(rule: Rule, point: Point, gradients: Sequence[Number]
        ) -> Iterator[tuple[Number, ...]]:
    """theta and the states at a rule's start and after each gradient."""
    states = first_states(rule, point)
    here: tuple[Number, ...] = (point["theta"], *states.values())
    yield here
    for t, g in enumerate(gradients, 1):
        now = dict(zip(("theta", *states), here)) | {"g": g, "t": Number(Fraction(t))}
        here = step(rule, {**point, **now})
        yield here


def first_states(rule: Rule, point: Point) -> dict[str, Number]:
    starts = {name: start_of(default, point["theta"], point)
              for name, default in anatomy(rule)[0].items()}
    return {name: start if isinstance(start, Number) else Number(Fraction(start))
            for name, start in starts.items()}
