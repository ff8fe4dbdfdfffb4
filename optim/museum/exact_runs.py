"""A rule run on exact numbers: fractions, and intervals of fractions where a root is taken.

NumPy runs the rule's own code on objects, whose methods these are. No formula is read here
and nothing of the prover is used, so a witness that holds here was checked by other means.
"""
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt
from typing import Any, Union

from optim.optimizers.signatures import Rule, anatomy, start_of

FINE = 10**30                           # a root is enclosed to 1/FINE
Number = Union[int, float, Fraction, "Exact"]


class Exact:
    """A number between two fractions, which are equal where it is known exactly."""

    def __init__(self, low: Fraction | int, high: Fraction | int | None = None) -> None:
        self.low = Fraction(low)
        self.high = self.low if high is None else Fraction(high)

    def __repr__(self) -> str:
        return str(self.low) if self.low == self.high else f"{float(self.low):.6g}"

    def __add__(self, other: Number) -> "Exact":
        x = exact(other)
        return Exact(self.low + x.low, self.high + x.high)

    def __neg__(self) -> "Exact":
        return Exact(-self.high, -self.low)

    def __mul__(self, other: Number) -> "Exact":
        x = exact(other)
        return around([a*b for a in (self.low, self.high) for b in (x.low, x.high)])

    def __truediv__(self, other: Number) -> "Exact":
        x = exact(other)
        if x.low <= 0 <= x.high:
            raise ZeroDivisionError("a quotient by an interval that holds 0")
        return self*Exact(1/x.high, 1/x.low)

    def __sub__(self, other: Number) -> "Exact":
        return self + -exact(other)

    def __rsub__(self, other: Number) -> "Exact":
        return exact(other) - self

    def __rtruediv__(self, other: Number) -> "Exact":
        return exact(other)/self

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, power: Number) -> "Exact":
        """A whole power, 0 and above; or 1/2."""
        x = exact(power)
        if x.low == x.high == Fraction(1, 2):
            return self.sqrt()
        if x.low != x.high or x.low.denominator != 1 or x.low < 0:
            raise ValueError(f"a power of {power} came; needed 1/2 or a whole number")
        ends = [self.low**int(x.low), self.high**int(x.low)]
        through_0 = self.low < 0 < self.high and x.low > 0
        return around(ends + [Fraction(0)]*through_0)

    def __rpow__(self, base: Number) -> "Exact":
        return exact(base)**self

    def __abs__(self) -> "Exact":
        if self.low < 0 < self.high:
            return Exact(0, max(-self.low, self.high))
        return around([abs(self.low), abs(self.high)])

    def sqrt(self) -> "Exact":
        """The root, exact of a square; np.sqrt calls this."""
        if self.low < 0:
            raise ValueError(f"a root of {self!r} came; needed a number from 0 on")
        return Exact(root(self.low)[0], root(self.high)[1])

    def __lt__(self, other: Number) -> bool:
        return self.compared(other) < 0

    def __gt__(self, other: Number) -> bool:
        return self.compared(other) > 0

    def __le__(self, other: Number) -> bool:
        return self.compared(other) <= 0

    def __ge__(self, other: Number) -> bool:
        return self.compared(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self.compared(other) == 0

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def compared(self, other: Any) -> int:
        """-1, 0 or 1; ArithmeticError where the intervals do not say."""
        gap = self - other
        if gap.low == gap.high == 0:
            return 0
        if gap.low <= 0 <= gap.high:
            raise ArithmeticError(f"{self!r} and {other!r} are too near to compare")
        return 1 if gap.low > 0 else -1


def exact(x: Any) -> Exact:
    """A number; a float is the decimal that it prints as."""
    if isinstance(x, Exact):
        return x
    x = x.item() if hasattr(x, "item") else x
    if isinstance(x, Exact):                        # out of an array of objects
        return x
    return Exact(x if isinstance(x, (int, Fraction)) else Fraction(repr(x)))


def around(values: Sequence[Fraction]) -> Exact:
    """The interval that holds these fractions."""
    return Exact(min(values), max(values))


def root(x: Fraction) -> tuple[Fraction, Fraction]:
    """Fractions below and above the root of x, which are the root itself of a square."""
    p, q = isqrt(x.numerator), isqrt(x.denominator)
    if p*p == x.numerator and q*q == x.denominator:
        return Fraction(p, q), Fraction(p, q)
    low = isqrt(x.numerator*FINE**2//x.denominator)
    return Fraction(low, FINE), Fraction(low + 1, FINE)


def exact_run(rule: Rule, gradients: Iterable[Fraction | int],
              numbers: Mapping[str, Fraction | int], theta: Fraction | int = 1
              ) -> list[Exact]:
    """Where theta is after each of these gradients, the states begun as the rule says.

    numbers {hyperparameter: value}; any other has its default.
    """
    begun, defaults = anatomy(rule)
    given = {n: exact(numbers.get(n, default)) for n, default in defaults.items()}
    at, places = exact(theta), []
    states = [exact(start_of(start, at, given)) for start in begun.values()]
    for t, g in enumerate(gradients, 1):
        out = rule(at, exact(g), *states, t=t, **given)
        at, *states = map(exact, out if isinstance(out, tuple) else (out,))
        places.append(at)
    return places
