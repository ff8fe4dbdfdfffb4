"""Where an implementation is run: unrelated numbers for its letters, and steps early and
late."""
import math
import random
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from optim.lifting.named_norms import MARK

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

    def array(self, name: str, positive: bool = False, size: int = 2) -> list[float]:
        """Entries of any sign, or positive as those of a second moment are."""
        known = self.setdefault(name, [])
        while len(known) < size:                        # more than at another step
            known.append(self.draw.uniform(0.1, 2)*(positive or self.draw.choice((1, -1))))
        return known[:size]

    def known(self) -> dict[str, Any]:
        """The letters' numbers; of entries, those of the first parameter."""
        return {k: v for k, v in self.items() if MARK not in k} | {
            k.partition(MARK)[0]: v for k, v in self.items() if k.endswith(f"{MARK}0")}

    def changed(self, new: Callable[[str, float], float], names: Collection[str]
                ) -> "Point":
        """The same point but for new(name, number) of some letters."""
        other = Point(0, self["t"])
        other.draw.setstate(self.draw.getstate())
        other.update({k: v if (name := k.partition(MARK)[0]) not in names else new(name, v)
                      if not isinstance(v, list) else [new(name, x) for x in v]
                      for k, v in self.items()})
        return other

    def state(self, name: str, size: int = 2) -> list[float]:
        """Entries of a state: positive, but of any sign at steps that are even."""
        return self.array(name, self["t"] % 2 == 1, size)


def points() -> Iterator[Point]:
    """The points at which an implementation is run."""
    for seed in range(SEEDS):
        for t in STEPS:
            yield Point(seed*100 + t, t)
