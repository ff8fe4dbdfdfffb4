"""Where an implementation is run: unrelated numbers for its letters, and steps early and
late."""
import math
import random
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from optim.lifting.graph import Node, Question, below, evaluated, letters_of

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
        if name not in self:
            self[name] = [self.draw.uniform(0.1, 2)*(positive or self.draw.choice((1, -1)))
                          for _ in range(size)]
        return self[name]

    def state(self, name: str) -> list[float]:
        """Two entries of a state: positive, but of any sign at steps that are even."""
        return self.array(name, positive=self["t"] % 2 == 1)


def turning(questions: Iterable[Question], letters: Mapping[str, float]
            ) -> Iterator[tuple[str, float]]:
    """A letter and a number for it, for each question that has then the other answer: the
    least and the largest that are found.

    That something is not 0 is left: a 0 chooses, and does so before a run.
    """
    for question in questions:
        a, b = question.node.args
        if question.node.function in (np.equal, np.not_equal) and (
                b == 0 and isinstance(a, Node) and a.function is None):
            continue
        for name in sorted(letters_of(question.node) & letters.keys()):
            ends = [float(evaluated(x, letters)) for x in (a, b)] + [
                float(x) for node in below(question.node) if node.function
                for x in node.args if not isinstance(x, Node)]
            tried = [x*scale + shift for x in ends for scale in (1, 2, 0.5)
                     for shift in (0, 1, -1, 2)] + [letters[name]*10**k for k in (
                         -9, -6, -3, 3, 6, 9, 20, 40)]
            if name == "t":
                tried = [float(int(x)) for x in tried if 1 < x < 1e15]
            found = [x for x in dict.fromkeys(tried) if x*letters[name] > 0
                     and question.answer is not (
                         bool(evaluated(question.node, {**letters, name: x})))]
            for x in dict.fromkeys([*sorted(found)[:1], *sorted(found)[-1:]]):
                yield name, x


def points() -> Iterator[Point]:
    """The points at which an implementation is run."""
    for seed in range(SEEDS):
        for t in STEPS:
            yield Point(seed*100 + t, t)
