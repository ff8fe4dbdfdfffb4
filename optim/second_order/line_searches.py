"""A line search: how far along a direction, so that the strong Wolfe conditions hold.

Nocedal & Wright 2006, Algorithms 3.5 (longer until an interval holds such a length) and
3.6 (zoom into it), with cubic interpolation (3.59) between trials, kept off the ends.
"""
import math
from collections.abc import Callable

from optim.second_order.wolfe import Trial, Wolfe, noise_of

LONGER = 1.1, 4.0       # by how much of the last growth a step grows, at least and at most
NEAR = 0.1              # the share of an interval, at each end, where no trial is made
UNBOUNDED = ("f seems unbounded below: along the last direction it still falls at length "
             "{:.3g}")
TRIALS = ("no step with the Wolfe conditions was found in {} trials along a line: f may "
          "have a kink there, or the gradient may not be that of f")
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
        beyond = cubic_minimizer(last, trial)
        length = between(beyond, least, most) if beyond > trial.length else most
        last = trial
    return UNBOUNDED.format(last.length)


def zoom(phi: Callable[[float], Trial], first: Trial, low: Trial, high: Trial, wolfe: Wolfe,
         trials: int) -> Trial | str:
    """A trial between low and high: low has decrease, and f falls from there to high."""
    width = last_width = math.inf
    for _ in range(trials):
        width, last_width = abs(high.length - low.length), width
        ends = sorted((low.length, high.length))
        length = (cubic_minimizer(low, high) if width < 0.7*last_width
                  else (low.length + high.length)/2)
        trial = phi(between(length, ends[0] + NEAR*width, ends[1] - NEAR*width))
        if trial.length in ends or width == 0:
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


def cubic_minimizer(a: Trial, b: Trial) -> float:
    """Where the cubic through both values and slopes is least, (3.59); else the middle."""
    middle = (a.length + b.length)/2
    if not math.isfinite(a.value + b.value) or a.length == b.length:
        return middle
    apart = b.length - a.length
    d1 = a.slope + b.slope - 3*(b.value - a.value)/apart
    under = d1*d1 - a.slope*b.slope
    d2 = math.copysign(math.sqrt(max(under, 0.0)), apart)
    below = b.slope - a.slope + 2*d2
    if under < 0 or not below:
        return middle if under < 0 else math.copysign(math.inf, apart)
    return b.length - apart*(b.slope + d2 - d1)/below


def between(x: float, low: float, high: float) -> float:
    """x, or the nearer end of the interval."""
    return min(max(x, low), high)
