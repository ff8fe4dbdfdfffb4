"""Bounds that last: within which a part stays, however often it steps.

Theorem: if the states of a part lie in a box, theta and g below two numbers in size, then
no number on the way of a step becomes infinite or NaN, whatever t is, and the states lie in
the box again. So a compiled step asks for the size of g and theta alone, before anything is
written, and can then write in place. The proof is a run of the rule on Bounds.
"""
from typing import Any

import numpy as np

from optim.optimizers.bounds import Bounds
from optim.optimizers.groups import Choice
from optim.optimizers.signatures import step_of

LATEST = 1e15                   # t at most


class Unbounded(ArithmeticError):
    """No bounds are known, or they do not hold: the eager step has to be taken."""


class LastingBounds:
    """The box of one part; `check` is called before every step that rests on it.

    largest_g, largest: what bounds the entries of g, and those of theta and the states.
    kernel: what part.kernel is while nobody else steps.
    """

    def __init__(self, part: Any, kernel: Any = None):
        self.part, self.kernel = part, kernel
        exponent = int(np.finfo(part.arena.dtype).maxexp)
        self.largest = 2.**(7*exponent//16)         # its square is finite, too, and
        self.largest_g = 2.**(7*exponent//32 - 2)   # sums of squares of g lie in the box
        self.choice: Any = None                 # for which it was proved,
        self.ranges: dict[str, Any] = {}        # and for which hyperparameters,
        self.lowest: tuple[float, ...] = ()     # each state's low end then,
        self.t = -1                             # and the t for which states lie in the box

    def check(self, choice: Choice) -> None:
        """Unbounded, if the states do not lie in the box, or it does not last."""
        part = self.part
        if choice is not self.choice:
            if self.choice is None or choice.rule is not self.choice.rule or not all(
                    low <= choice.settings[name] <= high
                    for name, (low, high) in self.ranges.items()):
                self.prove(choice)
            self.choice = choice
        if part.t != self.t or part.kernel is not self.kernel:      # others have stepped
            for state, low in zip(part.states.values(), self.lowest):
                if not low <= state.min() <= state.max() <= self.largest:
                    raise Unbounded("a state lies outside of its bounds")
        self.t = part.t + 1

    def prove(self, choice: Choice) -> None:
        """Find the box in which states stay by this choice, or raise Unbounded.

        What has changed since the last proof will do so again: it gets a range.
        """
        exact = {name: (x, x) for name, x in choice.settings.items()}
        wide = {name: pair if type(x) is not float or x < 0 or self.ranges.get(
                    name, pair) == pair else (0., max(2*x, self.ranges[name][1])
                    if x >= 1 else max((1 + x)/2, self.ranges[name][1]))
                for (name, pair), x in zip(exact.items(), choice.settings.values())}
        self.choice, self.t = None, -1
        try:
            self.lowest = self.lows(choice, wide)
            self.ranges = wide
        except Unbounded:
            self.lowest = self.lows(choice, exact)
            self.ranges = exact
        self.choice = choice

    def lows(self, choice: Choice, ranges: dict[str, Any]) -> tuple[float, ...]:
        """The low ends of a box in which states stay, or Unbounded."""
        lower: tuple[float, ...] = (0.,)*len(self.part.states)      # as v stays above 0
        lowest: tuple[float, ...] | None = None
        while lower != lowest:
            lowest = lower
            ends = self.after(choice, ranges, lowest)
            lower = tuple([-self.largest if x.low < low else low
                           for x, low in zip(ends, lowest)])
        if any(x.low < low or x.high > self.largest for x, low in zip(ends, lowest)):
            raise Unbounded("a state may leave its bounds")
        return lowest

    def after(self, choice: Choice, ranges: dict[str, Any], lowest: tuple[float, ...]
              ) -> list[Bounds]:
        """Bounds of the states after any step from within their own."""
        def bounds(low: float, high: float) -> Bounds:
            return Bounds(low, high, self.part.arena.dtype)

        largest, largest_g = self.largest, self.largest_g
        try:
            ends = step_of(
                choice.rule, bounds(-largest, largest), bounds(-largest_g, largest_g),
                *[bounds(low, largest) for low in lowest], t=bounds(1., LATEST),
                **{name: low if low == high else bounds(low, high)
                   for name, (low, high) in ranges.items()})
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            raise Unbounded(str(error)) from None
        if not all(type(x) is Bounds for x in ends):
            raise Unbounded("the rule gives no bounds")
        return [*ends[1:]]


def lasting_bounds(part: Any, choice: Choice, kernel: Any = None) -> LastingBounds | None:
    """The bounds of a part that all of an arena belongs to, None if there are none."""
    if not (part.whole and part.arena.dtype.itemsize in (4, 8) and part.arena.size
            and part.arena is not part.homes[0]
            and all(isinstance(x, np.ndarray) for x in part.states.values())):
        return None
    found = LastingBounds(part, kernel)
    try:
        found.prove(choice)
    except Unbounded:
        return None
    return found
