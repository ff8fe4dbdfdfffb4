"""Whether recorded operations are what a rule computes: both are evaluated in fractions.

The rule itself is run, on one entry and on two, at random rational points of its letters'
domains; neither SymPy nor what records it takes part in that. Points are drawn until the
operations have taken both sides of each choice and each letter was felt, or a number of
points is reached. Some lie at 0 and 1, some near to where a choice turns.
"""
import inspect
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from optim.certificates.evaluation import CHOICES, Evaluation, evaluate
from optim.certificates.operation_lists import Operations
from optim.certificates.recorded_rules import single_of
from optim.certificates.sixty_digits import NEAR, Sixty, Unsure
from optim.domains import DOMAINS
from optim.formulas.reading import MOVING
from optim.formulas.watched import Watched, bare, lost_of
from optim.optimizers.signatures import Rule, name_of, start_of, step_of

POINTS, MOST = 30, 120          # compared at least, and tried
FELT = 4                        # points at which a change of each letter has to be felt
NEAREST = 16                    # points of which that is taken where a choice is nearest
FAR = Fraction(10**6)


class Entries(Watched):
    """An array of numbers, exact or of 60 digits, that remembers where there is none."""

    def __init__(self, value: Any, lost: Any = False):
        value = np.asarray(value)
        if value.dtype != bool:
            value = np.asarray(np.frompyfunc(Sixty, 1, 1)(value), object)
            none = np.frompyfunc(lambda x: x.value is None, 1, 1)(value)
            lost = np.asarray(none, bool) | lost
            value = np.where(lost, np.array(Sixty(None), object), value)
        self.value, self.lost = value, np.array(np.broadcast_to(lost, value.shape))

    def __array_function__(self, function, types, args, kwargs):
        """What moves entries, or adds them, moves what has no value with them."""
        if function.__name__ not in MOVING or self.dtype == bool:
            return super().__array_function__(function, types, args, kwargs)
        return Entries(function(*map(bare, args), **{
            n: bare(x) for n, x in kwargs.items()}))

    def astype(self, dtype):
        """Whole numbers cut off what follows; others keep all their digits."""
        kind = np.dtype(dtype).kind
        if self.dtype == bool:
            return self if kind == "b" else Entries(self.value.astype(int), self.lost)
        return self != 0 if kind == "b" else np.trunc(self) if kind in "iu" else self


# ------------------------------------------------------------------------ random points
def drawn(domain: str, rng: random.Random, edges: bool = False) -> Fraction:
    """A random rational number of a domain, often one with a rational root; with edges
    often 0 or 1."""
    d = DOMAINS[domain]
    ends = [x for x in (0, 1) if edges and d.holds(x)]
    if ends and rng.random() < .4:
        return Fraction(rng.choice(ends))
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
    ends = [(side, n, x) for side in places for n, x in places[side].items()]
    single, meant = single_of(rule), letters or {}
    drawing = Drawing(operations, [x for *_, x in ends], domains, seed)
    for tried in range(MOST):
        if drawing.enough():
            break
        try:
            points = drawing.points(tried, single)
            said = [drawing.values(point) for point in points]
            given = {n: [evaluate(operations.listed, meant[n], point) if n in meant
                         else point[n] for point in points]
                     for n in inspect.signature(rule).parameters}
            ran = run(rule, {n: Entries(xs[0] if n in single else np.array(xs, object))
                             for n, xs in given.items()}, len(points))
        except Unsure:
            continue
        except Exception as error:
            return f"{name_of(rule)} does not run on fractions: {error}"
        for point, expected, found in zip(points, said, ran, strict=True):
            for (side, name, _), a, b in zip(ends, expected, found, strict=True):
                if not alike(a, b):
                    where = ", ".join(f"{n} = {x}" for n, x in point.items())
                    return (f"{name_of(rule)}: {side} of {name} is {b} as it runs, {a} as "
                            f"it was recorded, at {where}, of {len(points)} entries")
            drawing.count += any(x is not None for x in expected)
    return "" if drawing.count else f"{name_of(rule)} had a value nowhere"


class Drawing:
    """Random points at which operations are evaluated, and what was felt there.

    .count: of the points at which something was compared.
    """

    def __init__(self, operations: Operations, ends: Sequence[int],
                 domains: Mapping[str, str], seed: int):
        self.listed, self.ends, self.domains = operations.listed, ends, domains
        self.random, self.count = random.Random(seed), 0
        needed = [(x, *self.listed[x]) for x in sorted(operations.needed(*ends))]
        self.choices = {x: set[bool]() for x, name, *_ in needed if name in CHOICES}
        self.felt = {letter: 0 for _, name, letter, *_ in [(*x, "") for x in needed]
                     if name == "letter" and letter in domains}

    def enough(self) -> bool:
        """Whether both sides of each choice were taken, and each letter was felt."""
        return (self.count >= POINTS and all(len(x) == 2 for x in self.choices.values())
                and all(times >= FELT for times in self.felt.values()))

    def points(self, tried: int, single: set[str]) -> list[dict[str, Fraction]]:
        """One point or two, which have what is single in common."""
        edges, near = tried % 3 == 1, tried % 3 == 2 and self.choices
        choice = self.random.choice([*self.choices] or [0])
        side = self.random.choice((1, -1))

        def drawn_with(same: Mapping[str, Fraction]) -> dict[str, Fraction]:
            points = [{n: drawn(d, self.random, edges) for n, d in self.domains.items()}
                      | {**same} for _ in range(NEAREST if near else 1)]
            return min(points, key=distance) if near else points[0]

        def distance(point: Mapping[str, Fraction]) -> Fraction:
            """From where the choice turns to this side."""
            here = Evaluation(self.listed, point)
            here.value(choice)
            apart = side*here.sides.get(choice, side*FAR)
            return apart if apart >= 0 else FAR - apart
        first = drawn_with({})
        again = drawn_with({n: x for n, x in first.items() if n in single})
        return [first, again][:self.random.choice((1, 2))]

    def values(self, point: Mapping[str, Fraction]) -> list[Any]:
        """The values at a point; it is noted what they depend on."""
        here = Evaluation(self.listed, point)
        found = [here.value(x) for x in self.ends]
        for x, apart in here.sides.items():
            self.choices[x].add(apart > 0)
        for n, times in self.felt.items():
            if times < FELT:
                other = Evaluation(self.listed, {
                    **point, n: drawn(self.domains[n], self.random)})
                self.felt[n] += not all(alike(other.value(x), y)
                                        for x, y in zip(self.ends, found))
        return found


def run(rule: Rule, given: Mapping[str, Any], count: int) -> list[list[Any]]:
    """For each entry the results of a rule, and where its states start."""
    parameters = inspect.signature(rule).parameters
    positional = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    place, _, *states = positional
    after = step_of(rule, *(given[n] for n in positional), **{
        n: x for n, x in given.items() if n not in positional})
    starts = [0 if x is inspect.Parameter.empty else start_of(x, given[place], given)
              for x in (parameters[n].default for n in states)]
    return [[entry_of(x, i, count) for x in (*after, *starts)] for i in range(count)]


def entry_of(x: Any, i: int, count: int) -> Any:
    value, lost = (np.broadcast_to(y, count)[i] for y in (bare(x), lost_of(x)))
    return None if lost or Sixty(value).value is None else Sixty(value)


def alike(a: Any, b: Any) -> bool:
    """Whether two values are one, but for rounding where there was some."""
    if a is None or b is None:
        return a is b
    apart, size = abs((a - b).value), max(1, abs(a.value), abs(b.value))
    return apart == 0 if a.exact and b.exact else apart <= NEAR*size
