"""Where an implementation is run: unrelated numbers for its letters, and steps early and
late."""
import math
import random
from collections.abc import Iterator

import numpy as np

STEPS = 2, 3, 5, 7, 40, 1000
SEEDS = 3
SHAPES = (2,), (2, 2), (), (2, 1, 1, 1)         # of the parameters of a trial
SIZES = [math.prod(shape) for shape in SHAPES]
ENTRIES = sum(SIZES)


def shaped(x: np.ndarray) -> list[np.ndarray]:
    """A vector's entries as parameters of several shapes, for one optimizer."""
    parts = np.split(x, np.cumsum(SIZES)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, SHAPES)]


class Point(dict):
    """A number for each letter: drawn when it is first asked for, around a default."""

    def __init__(self, seed: int, t: int):
        super().__init__(t=t)
        self.draw = random.Random(f"{seed}")

    def number(self, name: str, default: float) -> float:
        """The letter's number: of the same sign, and between 0 and 1 if the default is."""
        if name not in self:
            unit = 0 < default <= 1
            low, high = (0.1, 0.9) if unit else (0.9, 1.5)
            self[name] = self.draw.uniform(low, high)*(1 if unit else default)
        return self[name]

    def array(self, name: str, positive: bool = False) -> list[float]:
        """Two entries of any sign, or positive as those of a second moment are."""
        if name not in self:
            self[name] = [self.draw.uniform(0.1, 2)*(positive or self.draw.choice((1, -1)))
                          for _ in range(2)]
        return self[name]

    def state(self, name: str) -> list[float]:
        """Two entries of a state: positive, but of any sign at steps that are even."""
        return self.array(name, positive=self["t"] % 2 == 1)


def points() -> Iterator[Point]:
    """The points at which an implementation is run."""
    for seed in range(SEEDS):
        for t in STEPS:
            yield Point(seed*100 + t, t)
