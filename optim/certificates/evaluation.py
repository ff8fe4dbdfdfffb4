"""The value of recorded operations at a rational point: exact, or to 60 digits."""
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from optim.certificates.sixty_digits import LARGEST, Sixty, Unsure

PLAIN: dict[str, Any] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a*b, "divide": lambda a, b: a/b, "negative": lambda a: -a,
    "power": lambda a, b: a**b, "absolute": abs, "sign": lambda a: Sixty(a.sign()),
    "maximum": max, "minimum": min, "floor": lambda a: a.__floor__(),
    "ceil": lambda a: a.__ceil__(),
    "less": lambda a, b: a < b, "less_equal": lambda a, b: a <= b,
    "equal": lambda a, b: a == b, "not_equal": lambda a, b: a != b,
    "greater": lambda a, b: a > b, "greater_equal": lambda a, b: a >= b,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": lambda a: not a,
    "true": lambda: True, "false": lambda: False, "defined": lambda a: Sixty(0),
    "nonzero": lambda a: Sixty(0) if a.sign() else None,
    "nonnegative": lambda a: Sixty(0) if a.sign() >= 0 else None}
CHOICES = {"less", "less_equal", "equal", "not_equal", "greater", "greater_equal",
           "maximum", "minimum", "absolute", "sign"}


def evaluate(listed: Sequence[Sequence[Any]], place: int, point: Mapping[str, Any],
             unknown: dict | None = None) -> Any:
    """The value of an operation at a point {letter: number}: a Sixty, True, False, or None
    where it has no value. Raises Unsure where 60 digits do not tell.

    unknown {(name, *arguments): number} has the values of unknown functions, and gets those
    that are missing.

    >>> listed = [["letter", "g"], ["number", "1/2"], ["divide", 0, 1]]
    >>> evaluate(listed, 2, {"g": 3})
    Sixty(6)
    """
    return Evaluation(listed, point, unknown).value(place)


class Evaluation:
    """Values of operations at one point, each computed once and only where it is needed.

    .sides {place: number} tells which side each choice took, by a sign, and how nearly.
    """

    def __init__(self, listed: Sequence[Sequence[Any]], point: Mapping[str, Any],
                 unknown: dict | None = None):
        self.listed, self.point = listed, point
        self.unknown = {} if unknown is None else unknown
        self.sides: dict[int, Fraction] = {}
        self.memo: dict[int, Any] = {}

    def value(self, place: int) -> Any:
        if place not in self.memo:
            self.memo[place] = self.computed(place, *self.listed[place])
        return self.memo[place]

    def computed(self, place, name, *arguments):
        if name == "letter":
            return Sixty(self.point[arguments[0]])
        if name == "number":
            return Sixty(Fraction(arguments[0]))
        if name == "none":
            return None
        if name == "where":
            condition = self.value(arguments[0])
            return None if condition is None else self.value(arguments[2 - condition])
        if name in ("sum", "product"):
            return self.repeated(name, *arguments)
        values = [self.value(x) for x in arguments if isinstance(x, int)]
        if any(x is None for x in values):
            return None
        if name == "call":
            key = arguments[0], *(x.value for x in values)
            number = random.Random(repr(key)).randint(-24, 24)
            return Sixty(self.unknown.setdefault(key, Fraction(number, 4)))
        if name in CHOICES:
            a, b = (*values, Sixty(0))[:2]
            self.sides[place] = (a - b).value
        found = PLAIN[name](*values) if name in PLAIN else getattr(
            values[0], name)(*values[1:])
        return None if isinstance(found, Sixty) and found.value is None else found

    def repeated(self, name, letter, low, high, body):
        ends = [self.value(low), self.value(high)]
        if any(x is None for x in ends):
            return None
        first, last = (x.value for x in ends)
        if first.denominator*last.denominator > 1 or not -1 <= last - first <= LARGEST:
            raise Unsure(f"a {name} from {first} to {last}")
        total = Sixty(name == "product")
        for i in range(int(first), int(last) + 1):
            term = Evaluation(self.listed, {**self.point, letter: i}, self.unknown
                              ).value(body)
            if term is None:
                return None
            total = total*term if name == "product" else total + term
        return total
