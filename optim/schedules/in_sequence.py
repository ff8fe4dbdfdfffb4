"""One schedule after another, each from its own t = 1 on."""
from bisect import bisect_left

import numpy as np

from optim.schedules.numbers_of_t import schedule
from optim.schedules.usual_schedules import falling


@schedule
def sequence(t, parts, *, at):
    """The first part, and after each of these numbers of steps the next one.

    parts: a list of schedules, functions of t, or numbers; one more than there are times.

    >>> from optim.schedules import exponential
    >>> rate = sequence([0.5, exponential(0.2, factor=0.5)], at=[3])
    >>> [rate(t) for t in (1, 3, 4, 5)]
    [0.5, 0.5, 0.2, 0.1]
    """
    if len(parts) != len(at) + 1:
        raise ValueError(f"sequence: came {len(parts)} parts and {len(at)} times in `at`; "
                         "needs one part more than times")
    begin = 0, *at
    if isinstance(t, float):                # of arrays a Schedule takes each entry
        k = bisect_left(at, t)
        return value_of(parts[k], int(t) - begin[k])
    value = value_of(parts[0], t)
    for part, time in zip(parts[1:], at):
        value = np.where(t > time, value_of(part, t - time), value)
    return value


def value_of(part, t):
    """A schedule or function at t; a number as it is."""
    return part(t) if callable(part) else part


@schedule
def warm_up(t, then, *, steps, start=0.0):
    """Along a line from start to where another schedule begins, then along that.

    then: a schedule, a function of t, or a number.

    >>> from optim.schedules import cosine
    >>> rate = warm_up(cosine(0.1, steps=10), steps=2)
    >>> [rate(t) for t in (1, 2, 3, 8)]
    [0.0, 0.05, 0.1, 0.05]
    """
    def line(t):
        return falling(t, start, steps, value_of(then, 1))
    return sequence.rule(t, [line, then], at=(steps,))
