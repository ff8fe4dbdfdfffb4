"""Rules run on plain numbers, to find which of many wrong ones a submission may be.

Runs that agree prove nothing; what survives here is proved or dropped (diagnosing.py).
"""
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minigrad.randomness import generator
from optim.optimizers.signatures import anatomy, first_states, step_of
from optim.rules import LEGEND

STEPS, ENTRIES, POINTS = 6, 4, 2
CLOSE = 1e-8
# Where a number is drawn for a letter of each domain, so that none hides another.
RANGES = {"[0, 1)": (0.3, 0.8), "> 0": (0.2, 0.9), ">= 0": (0.1, 0.6), "real": (0.3, 1.2)}


def settings_of(names: Any, held: Mapping[str, float], point: int) -> dict[str, float]:
    """A number for each of these letters, the same whatever others there are."""
    found = {}
    for n in names:
        domain = LEGEND[n].domain if n in LEGEND else "> 0"
        low, high = RANGES.get(domain, (0.3, 0.9))
        found[n] = held.get(n, random.Random(f"{n}{point}").uniform(low, high))
    return found


def path(rule: Callable, held: Mapping[str, float], first: int = 1,
         points: int = POINTS, steps: int = STEPS) -> np.ndarray:
    """theta after each step of a run from the start, for several settings, whose steps are
    counted from the first; NaN where a rule has no value or fails."""
    out = np.full((points, steps, ENTRIES), np.nan)
    for point in range(points):
        rng = generator(point)
        theta = rng.normal(size=ENTRIES)
        gradients = rng.normal(size=(STEPS, ENTRIES))[:steps]
        settings = settings_of(anatomy(rule)[1], held, point)
        try:
            with np.errstate(all="ignore"):
                states = [*first_states(rule, theta, settings).values()]
                for k, g in enumerate(gradients):
                    theta, *states = step_of(rule, theta, g, *states, t=first + k,
                                             **settings)
                    out[point, k] = theta
        except (ArithmeticError, ValueError):
            continue
    return out


def step(rule: Callable, held: Mapping[str, float]) -> dict[str, np.ndarray]:
    """theta and each state after one step from states that are not those of a start."""
    rng = generator(9)
    theta, g = rng.normal(size=(2, ENTRIES))
    states, names = anatomy(rule)
    at = {n: np.random.Generator(np.random.PCG64([*n.encode()])).uniform(0.2, 1.5, ENTRIES)
          for n in states}
    try:
        with np.errstate(all="ignore"):
            after = step_of(rule, theta, g, *at.values(), t=3,
                            **settings_of(names, held, 0))
    except (ArithmeticError, ValueError):
        after = (np.nan,)*(1 + len(at))
    return {n: np.broadcast_to(np.asarray(x, float), (ENTRIES,))
            for n, x in zip(("theta", *at), after)}


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two runs agree, but for rounding; where one has no value, neither may."""
    return bool(np.isfinite(a).any() and np.allclose(a, b, CLOSE, CLOSE, equal_nan=True))
