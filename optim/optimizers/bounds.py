"""Bounds: between which two numbers all entries of an array lie, through a rule.

The rule runs on Bounds as on arrays. If it gives bounds for every result, then no entry of
any array on the way can become infinite or NaN, so that a step may write in place: there
is nothing that could have to be taken back. A rule that asks for more than is known here
(a TypeError or the like) is not refuted by that; its results are looked at.
"""
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

Ends = tuple[float, float]


class Bounds(np.lib.mixins.NDArrayOperatorsMixin):
    """All x with low <= x <= high, as entries of a float dtype, each one finite.

    Raises OverflowError where one of them might not be, as its ends are rounded outwards.
    """

    def __init__(self, low: float, high: float, dtype: Any):
        info = np.finfo(dtype)
        limit, least = float(info.max)/16, 16*float(info.tiny)
        # What is tiny may be rounded to 0, but nothing beyond it.
        self.low = rounded_down(low, 16*float(info.eps), least)
        self.high = -rounded_down(-high, 16*float(info.eps), least)
        self.dtype = dtype
        if not -limit <= self.low <= self.high <= limit:        # so, NaN neither
            raise OverflowError(f"entries may lie in {low:g} to {high:g}")

    @property
    def ends(self) -> Ends:
        """The smallest and the largest."""
        return self.low, self.high

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any,
                        **kwargs: Any) -> Any:
        if ufunc is np.power:
            return power(*inputs)
        if method != "__call__" or kwargs or ufunc not in ENDS:
            return NotImplemented
        known = [x if type(x) is Bounds else Bounds(float(x), float(x), self.dtype)
                 for x in inputs]
        return Bounds(*ENDS[ufunc](*known), self.dtype)

    def item(self) -> "Bounds":
        """Itself: a number lies between bounds, too."""
        return self

    def __bool__(self) -> bool:
        raise TypeError("whether a number between bounds is 0 is not known")

    def __array_function__(self, *call: Any) -> Any:
        return NotImplemented


def rounded_down(x: float, share: float, least: float) -> float:
    """What no number comes below that is rounded from x or more: of the sign of x, or 0."""
    lower = x - share*abs(x) - least*(x < 0)
    return 0. if 0 < lower < least else lower


def corners(operate: Callable[[float, float], float]) -> Callable[..., Ends]:
    """The ends of an operation that is monotone in each operand, the other held fixed."""
    def ends(x: Bounds, y: Bounds) -> Ends:
        values = [operate(a, b) for a in x.ends for b in y.ends]
        return min(values), max(values)
    return ends


def power(x: Any, y: Any) -> Any:
    """x**2, or what is not below 0 to a power above it."""
    if type(y) in (int, float) and y == 2:
        return np.square(x)
    low, high = x.ends if type(x) is Bounds else (x, x)
    if low < 0 or type(y) is not Bounds or y.low <= 0:
        raise TypeError("bounds are known of squares, and of powers where both are above 0")
    values = [a**b for a in (low, high) for b in y.ends]
    return Bounds(min(values), max(values), y.dtype)


def quotient(x: Bounds, y: Bounds) -> Ends:
    if y.low <= 0 <= y.high:
        raise ZeroDivisionError("a divisor may be 0")
    return corners(operator.truediv)(x, y)


def absolute(x: Bounds) -> Ends:
    low, high = sorted(map(abs, x.ends))
    return (0. if x.low <= 0 <= x.high else low), high


def square(x: Bounds) -> Ends:
    low, high = absolute(x)
    return low*low, high*high


ENDS: dict[np.ufunc, Callable[..., Ends]] = {
    np.add:      corners(operator.add),
    np.subtract: corners(operator.sub),
    np.multiply: corners(operator.mul),
    np.divide:   quotient,
    np.negative: lambda x: (-x.high, -x.low),
    np.absolute: absolute,
    np.square:   square,
    np.sqrt:     lambda x: (math.sqrt(x.low), math.sqrt(x.high)),   # ValueError below 0
    np.sign:     lambda x: (-1., 1.),
    np.maximum:  corners(max),
    np.minimum:  corners(min),
}
