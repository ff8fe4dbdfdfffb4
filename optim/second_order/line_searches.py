"""A line search: how far along a direction, so that the strong Wolfe conditions hold.

Nocedal & Wright 2006, Algorithms 3.5 (longer until an interval holds such a length) and
3.6 (zoom into it), with cubic interpolation (3.59) between trials, kept off the ends.
"""
import math
from collections.abc import Callable

import numpy as np

from optim.second_order.objectives import largest
from optim.second_order.wolfe import Trial, Wolfe, eps_of, noise_of

LONGER = 1.1, 4.0       # by how much of the last growth a step grows, at least and at most
NEAR = 0.1              # the share of an interval, at each end, where no trial is made
SHRINKS = 0.7           # an interval that stays longer than this share of it is halved
UNBOUNDED = ("f seems unbounded below: along the last direction it still falls at length "
             "{:.3g}")
FLAT = ("f is too flat: along the last direction it still falls at length {:.3g}, and has "
        "gone nowhere; multiply f by a larger number")
TRIALS = ("no step with the Wolfe conditions was found in {} trials along a line: f may "
          "have a kink there, its gradient be another's, or what is left be rounding")
ROUNDING = ("no lower point is found along the last direction: what is left is rounding "
            "of f, or a kink")


def strong_wolfe(phi: Callable[[float], Trial], length: float, wolfe: Wolfe,
                 trials: int = 60) -> Trial | str:
    """A trial with the strong Wolfe conditions, or in words why there is none.

    phi: makes the trial at a length; phi(0) costs nothing. length: the first that is tried.
    The conditions of wolfe.py hold for what is returned, the approximate decrease
    included.
    """
    first = last = phi(0.0)
    for k in range(trials):
        trial = phi(length)
        if trial.value == -math.inf:
            return UNBOUNDED.format(length)
        if not wolfe.decrease(first, trial) or (
                k and trial.value > last.value + noise_of(first)):
            return zoom(phi, first, last, trial, wolfe, trials - k)
        if wolfe.curvature(first, trial):
            return trial
        if trial.slope >= 0:
            return zoom(phi, first, trial, last, wolfe, trials - k)
        least, most = (trial.length + k*(trial.length - last.length) for k in LONGER)
        beyond = cubic_minimizer(last, trial) or 0.0
        length = between(beyond, least, most) if beyond > trial.length else most
        last = trial
    far = largest(first.point.theta) + 1 < eps_of(first)*largest(last.point.theta)
    return (UNBOUNDED if far else FLAT).format(last.length)


def zoom(phi: Callable[[float], Trial], first: Trial, low: Trial, high: Trial, wolfe: Wolfe,
         trials: int) -> Trial | str:
    """A trial between low and high: low has decrease, and f falls from there to high."""
    width = last_width = math.inf
    for _ in range(trials):
        width, last_width = abs(high.length - low.length), width
        ends = sorted((low.length, high.length))
        length = cubic_minimizer(low, high) if width < SHRINKS*last_width else None
        trial = phi((ends[0] + ends[1])/2 if length is None else
                    between(length, ends[0] + NEAR*width, ends[1] - NEAR*width))
        if any(np.array_equal(trial.point.theta, end.point.theta) for end in (low, high)):
            return ROUNDING
        if not wolfe.decrease(first, trial) or trial.value > low.value + noise_of(first):
            high = trial
            continue
        if wolfe.curvature(first, trial):
            return trial
        if trial.slope*(high.length - low.length) >= 0:
            high = low
        low = trial
    return TRIALS.format(trials)


def cubic_minimizer(one: Trial, other: Trial) -> float | None:
    """Where the cubic through both values and slopes is least, (3.59), if it is anywhere.
    """
    a, b = sorted((one, other), key=lambda trial: trial.length)
    apart = b.length - a.length
    if not apart:
        return None
    d1 = a.slope + b.slope - 3*(a.value - b.value)/-apart
    under = d1*d1 - a.slope*b.slope
    if not 0 <= under < math.inf:               # nor for what is infinite
        return None
    d2 = math.sqrt(under)
    bend = b.slope - a.slope + 2*d2
    return b.length - apart*((b.slope + d2 - d1)/bend) if bend else None


def between(x: float, low: float, high: float) -> float:
    """x, or the nearer end of the interval."""
    return min(max(x, low), high)
