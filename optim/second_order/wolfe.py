"""The Wolfe conditions: what makes a step long enough and f low enough.

With phi(a) = f(theta + a d), 0 < c1 < c2 < 1 (Nocedal & Wright 2006, (3.7)):

    sufficient decrease   phi(a) <= phi(0) + c1 a phi'(0)
    curvature             |phi'(a)| <= c2 |phi'(0)|

Near a minimum phi(a) - phi(0) is smaller than the rounding errors of f. There, and only
where phi(a) <= phi(0) + noise, the decrease is read off the slopes instead, which for a
quadratic says the same (Hager & Zhang 2005, (4.1)):

    approximate decrease  phi'(a) <= (2 c1 - 1) phi'(0)
"""
from typing import NamedTuple

import numpy as np

from optim.optimizers.hyperparameters import number
from optim.second_order.objectives import Point

NOISE = 2/3             # the power of eps: 4e-11 in float64, 2e-5 in float32


class Wolfe(NamedTuple):
    """The conditions with their constants."""
    c1: float = 1e-4
    c2: float = 0.9

    def checked(self, who: str) -> "Wolfe":
        """Itself; ValueError for constants for which no length need exist."""
        c1, c2 = number(who, "c1", self.c1), number(who, "c2", self.c2)
        if not 0 < c1 < c2 < 1:
            raise ValueError(f"{who}: c1 = {c1!r}, c2 = {c2!r}; needs 0 < c1 < c2 < 1")
        return Wolfe(c1, c2)

    def decrease(self, first: "Trial", trial: "Trial") -> str:
        """Which decrease a trial has: "strong", "approximate" or "", none.

        first is the trial at length 0.
        """
        if trial.value <= first.value + self.c1*trial.length*first.slope:
            return "strong"
        level = trial.value <= first.value + noise_of(first)
        flat = trial.slope <= (2*self.c1 - 1)*first.slope
        return "approximate" if level and flat else ""

    def curvature(self, first: "Trial", trial: "Trial") -> bool:
        """Whether the slope of a trial is flat enough, up or down."""
        return abs(trial.slope) <= -self.c2*first.slope


class Trial(NamedTuple):
    """A point on the line from a start along a direction, as the line sees it."""
    length: float
    value: float
    slope: float
    point: Point


def trial_of(point: Point, length: float, direction: np.ndarray) -> Trial:
    """The point at this length; what is not finite there counts as infinitely high."""
    if not point.finite and point.value != -np.inf:
        return Trial(length, np.inf, np.nan, point)
    return Trial(length, point.value, point.along(direction), point)


def noise_of(first: Trial) -> float:
    """What rounding may do to a value of f, for points of this dtype."""
    return eps_of(first)**NOISE*abs(first.value)


def eps_of(trial: Trial) -> float:
    """The eps of the dtype of its point."""
    return float(np.finfo(trial.point.theta.dtype).eps)


def conditions(wolfe: Wolfe, start: Point, direction: np.ndarray, length: float,
               end: Point) -> str:
    """Which conditions a step fulfils: "strong", "approximate", or "", not both of them.

    It asks the points alone, and so checks a line search that says otherwise.
    """
    first, last = trial_of(start, 0.0, direction), trial_of(end, length, direction)
    moved = np.array_equal(end.theta, start.theta + length*direction)
    return wolfe.decrease(first, last) if moved and wolfe.curvature(first, last) else ""
