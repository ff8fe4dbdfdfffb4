"""The first step at which a run shows that two rules differ, with small numbers."""
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from optim.comparing.partners import Pair
from optim.comparing.reached import quantities_after, ran
from optim.formulas.trials import middle
from optim.proving.intervals import Undefined, enclose

# What a letter of each domain is first, and then, so that two of them differ.
SMALL = {"[0, 1)": ("1/2", "3/4", "1/4"), "> 0": ("1", "2", "1/2"),
         ">= 0": ("1/2", "1", "2"), "real": ("1", "2", "-1")}
# Gradients of a run, the shortest first; 1 is its own square, 2 is not.
LATE = 130                              # steps, for what is wrong from some step on
RUNS = ("1", "-1", "2", "-2", "1/2", "1 2", "2 1", "1 -2", "2 -1", "1 2 -1", "2 -1 3",
        "1 2 3 -4", "1 -2 3 -4 5 -6", "0", "1 0", "1000000", "1/1000000", "1 "*LATE)


@dataclass(frozen=True)
class Shown:
    """A run from the start in which theta differs at this step, and at none before.

    values {quantity: (of the submission, as asked)}; None where there is no value.
    """
    step: int
    settings: dict[str, Fraction]
    gradients: tuple[Fraction, ...]
    values: dict[str, tuple[float | None, float | None]]

    def __str__(self) -> str:
        at = ", ".join(f"{n} = {x}" for n, x in self.settings.items())
        same = len({*self.gradients}) == 1 < self.step
        along = f"{self.gradients[0]} in each step" if same else ", ".join(
            map(str, self.gradients))
        apart = ", ".join(f"{n} is {number(x)} and should be {number(y)}"
                          for n, (x, y) in self.values.items())
        return f"at step {self.step}, with {at}, g = {along}: {apart}"

    def as_dict(self) -> dict[str, Any]:
        """In words that JSON can hold; numbers as exact fractions."""
        return {"step": self.step, "values": {n: [*x] for n, x in self.values.items()},
                "settings": {n: str(x) for n, x in self.settings.items()},
                "gradients": [*map(str, self.gradients)]}


def number(x: float | None) -> str:
    return "no number" if x is None else f"{x:.6g}"


def first_shown(pair: Pair) -> Shown | None:
    """The smallest run that shows a difference of theta, the shortest before all others;
    None if none of those tried does."""
    sides = pair.left.formula, pair.right.formula
    letters = settings(pair)
    for words in RUNS:
        along = [Fraction(g) for g in words.split()]
        for turn in range(3):
            named = {n: Fraction(SMALL.get(domain, SMALL["> 0"])[(i*(turn < 2) + turn) % 3])
                     for i, (n, domain) in enumerate(letters.items())}
            start = Fraction((1, 0, -1)[turn])
            ways = [quantities_after(f, named, start, along) for f in sides]
            if found := parting(pair, named, start, along, ways):
                return found
    return None


def settings(pair: Pair) -> dict[str, str]:
    """The hyperparameters of both sides and their domains, those of one domain in a row."""
    found: dict[str, str] = {}
    for f in (pair.left.formula, pair.right.formula):
        place, gradient, *_ = f.symbols
        found |= {s.name: d for s, d in f.domains.items()
                  if s.name not in (*f.update, place, gradient, "t")}
    return dict(sorted(found.items(), key=lambda x: x[1]))


def parting(pair: Pair, named: Mapping[str, Fraction], start: Fraction,
            along: list[Fraction], ways: list[list[dict[str, Any]]]) -> Shown | None:
    """Where the two runs part, if NumPy's runs of the rules themselves do so too."""
    sides = pair.left.formula, pair.right.formula
    (ours, *_), (theirs, *_) = (f.update for f in sides)
    for t in range(1, len(along) + 1):
        x, y = (way[t - 1] if len(way) >= t else {} for way in ways)
        if not x and not y:
            return None
        if x and y and not apart(x[ours], y[theirs]):
            continue
        if not all(f.rule is None or not way or ran(
                f, named, start, along[:t], middle(way[place]))
                for f, way, place in zip(sides, (x, y), (ours, theirs))):
            return None
        values: dict[str, tuple[float | None, float | None]] = {}
        for n in sides[1].update:
            partner = ours if n == theirs else pair.states.get(n, "")
            both = x.get(partner), y.get(n)
            if partner and (n == theirs or x and y) and (None in both or apart(*both)):
                mine, asked = (None if z is None else middle(z) for z in both)
                values[n] = mine, asked
        return Shown(t, dict(named) | {"theta": start}, tuple(along[:t]), values)
    return None


def apart(x: Any, y: Any) -> bool:
    """Whether two exact values surely differ."""
    try:
        return 0 not in enclose(x) - enclose(y)
    except Undefined:
        return False
