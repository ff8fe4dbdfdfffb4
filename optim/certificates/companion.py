"""Whether recorded operations are what a rule computes: both are evaluated in fractions.

The rule itself is run, on one entry and on two, at random rational points of its letters'
domains; neither SymPy nor what records it takes part in that. Points are drawn until the
operations have taken both sides of each choice, or a number of points is reached.
"""
import inspect
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from optim.certificates.operation_lists import Operations
from optim.certificates.sixty_digits import NEAR, Sixty, Unsure
from optim.domains import DOMAINS
from optim.formulas.watched import Watched, bare, lost_of
from optim.optimizers.signatures import Rule, name_of, start_of, step_of, supplied_to

POINTS, MOST = 6, 60                    # at least, and while a choice is taken one way only
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
CHOICES = {"where", "maximum", "minimum", "absolute", "sign"}


def evaluate(listed: Sequence[Sequence[Any]], place: int, point: Mapping[str, Any],
             unknown: dict | None = None, taken: dict | None = None) -> Any:
    """The value of an operation at a point {letter: number}: a Sixty, True, False, or None
    where it has no value. Raises Unsure where 60 digits do not tell.

    unknown {(name, *arguments): number} has the values of unknown functions, and gets those
    that are missing; taken {place: sides} gets which side of each choice was taken.

    >>> known = Operations()
    >>> g = known.letter("g")
    >>> evaluate(known.listed, known.add("divide", g, known.number("1/2")), {"g": 3})
    Sixty(6)
    """
    return Evaluation(listed, point, {} if unknown is None else unknown,
                      {} if taken is None else taken).value(place)


class Evaluation:
    """Values of operations at one point; where chooses before it computes."""

    def __init__(self, listed, point, unknown, taken):
        self.listed, self.point, self.unknown, self.taken = listed, point, unknown, taken
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
            if condition is None:
                return None
            self.taken.setdefault(place, set()).add(condition)
            return self.value(arguments[2 - condition])
        if name in ("sum", "product"):
            return self.repeated(name, *arguments)
        values = [self.value(x) for x in arguments if isinstance(x, int)]
        if any(x is None for x in values):
            return None
        if name == "call":
            key = arguments[0], *(x.value for x in values)
            number = random.Random(repr(key)).randint(-24, 24)
            return Sixty(self.unknown.setdefault(key, Fraction(number, 4)))
        found = PLAIN[name](*values) if name in PLAIN else getattr(values[0], name)()
        if name in CHOICES:
            side = found is values[0] if len(values) == 2 else values[0].sign() > 0
            self.taken.setdefault(place, set()).add(side)
        return None if isinstance(found, Sixty) and found.value is None else found

    def repeated(self, name, letter, low, high, body):
        ends = [self.value(low), self.value(high)]
        if any(x is None for x in ends):
            return None
        total = Sixty(name == "product")
        for i in range(int(ends[0].value), int(ends[1].value) + 1):
            term = Evaluation(self.listed, self.point | {letter: i}, self.unknown,
                              self.taken).value(body)
            if term is None:
                return None
            total = total*term if name == "product" else total + term
        return total


class Entries(Watched):
    """An array of numbers, exact or of 60 digits, that remembers where there is none."""

    def __init__(self, value: Any, lost: Any = False):
        value = np.asarray(value)
        if value.dtype != bool:
            value = np.asarray(np.frompyfunc(Sixty, 1, 1)(value), object)
            none = np.frompyfunc(lambda x: x.value is None, 1, 1)(value)
            lost = np.asarray(none, bool) | lost
        self.value, self.lost = value, np.broadcast_to(lost, value.shape)


# ------------------------------------------------------------------------ random points
def drawn(domain: str, rng: random.Random) -> Fraction:
    """A random rational number of a domain, often one with a rational root."""
    d = DOMAINS[domain]
    if d.integer:
        return Fraction(rng.choice((1, 1, 2, 3, 4, 5, 7, 11)))
    if d.high is not None:
        return Fraction(rng.choice((rng.randint(1, 9), 9)), 10)
    size = Fraction(rng.randint(1, 24), rng.choice((1, 2, 3, 4, 7, 40)))
    if d.low is None:
        return rng.choice((1, 1, -1, -1, 0))*size
    return d.low + (size**2 if rng.random() < .5 else size)


def disagreement(rule: Rule, operations: Operations,
                 places: Mapping[str, Mapping[str, int]], domains: Mapping[str, str],
                 letters: Mapping[str, int] | None = None, seed: int = 0) -> str:
    """Where a rule computes something else than these operations say; "" if nowhere seen.

    places: as recorded(rule, operations, letters) gives them; domains {letter: its domain}.
    """
    rng, taken, compared = random.Random(seed), dict[int, set](), 0
    parameters = inspect.signature(rule).parameters
    positional = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    single = {n for n, p in parameters.items() if n not in positional or isinstance(
        p.default, (int, float)) and p.default}
    single -= {n for n, kind in supplied_to(rule).items() if kind.entrywise}
    ends = {side: [*places[side].values()] for side in places}
    choices = [x for x in operations.needed(*(x for xs in ends.values() for x in xs))
               if operations.listed[x][0] in CHOICES]
    for tried in range(MOST):
        if compared >= POINTS and all(len(taken.get(x, ())) == 2 for x in choices):
            break
        count = 1 + tried % 2
        same = {n: drawn(d, rng) for n, d in domains.items()}
        points = [same | {n: drawn(d, rng) for n, d in domains.items()
                          if n not in single} for _ in range(count)]
        try:
            said = [[[evaluate(operations.listed, x, point, {}, taken) for x in xs]
                     for xs in ends.values()] for point in points]
            given = {n: [evaluate(operations.listed, letters[n], point) if letters
                         and n in letters else point[n] for point in points]
                     for n in parameters}
            ran = run(rule, positional, {
                n: Entries(xs[0] if n in single else np.array(xs, object))
                for n, xs in given.items()}, count)
        except Unsure:
            continue
        except Exception as error:
            return f"{name_of(rule)} does not run on fractions: {error}"
        for point, expected, found in zip(points, said, ran, strict=True):
            for side, values, others in zip(places, expected, found, strict=True):
                for name, a, b in zip(places[side], values, others, strict=True):
                    if not alike(a, b):
                        where = ", ".join(f"{n} = {x}" for n, x in point.items())
                        return (f"{name_of(rule)}: {side} of {name} is {b} as it runs, {a} "
                                f"as it was recorded, at {where}, of {count} entries")
            compared += any(x is not None for xs in expected for x in xs)
    return "" if compared else f"{name_of(rule)} had a value at no point that was tried"


def run(rule: Rule, positional: Sequence[str], given: Mapping[str, Any], count: int) -> Any:
    """For each entry the results of a rule, and where its states start."""
    place, _, *states = positional
    after = step_of(rule, *(given[n] for n in positional), **{
        n: x for n, x in given.items() if n not in positional})
    defaults = [inspect.signature(rule).parameters[n].default for n in states]
    starts = [0 if x is inspect.Parameter.empty else start_of(x, given[place], given)
              for x in defaults]
    return [[[entry(x, i, count) for x in xs] for xs in (after, starts)]
            for i in range(count)]


def entry(x: Any, i: int, count: int) -> Any:
    value, lost = (np.broadcast_to(y, count)[i] for y in (bare(x), lost_of(x)))
    return None if lost or Sixty(value).value is None else Sixty(value)


def alike(a: Any, b: Any) -> bool:
    """Whether two values are one, but for rounding where there was some."""
    if a is None or b is None:
        return a is b
    apart, size = abs((a - b).value), max(1, abs(a.value), abs(b.value))
    return apart == 0 if a.exact and b.exact else apart <= NEAR*size
