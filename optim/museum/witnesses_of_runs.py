"""A witness: a run on exact fractions that the formula as printed does not survive."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from optim.museum.exact_runs import Exact, exact, exact_run
from optim.museum.exhibit import Bound, Exhibit
from optim.optimizers.signatures import Rule, anatomy

HALF = Fraction(1, 2)
USUAL = {"lr": Fraction(1), "beta2": Fraction(3, 4), "eps": Fraction(1), "psi": Fraction(1)
         } | dict.fromkeys(("mu", "nu", "rho", "beta1", "weight_decay"), HALF)
GRADIENTS, LONGEST = (1, -1, 2), 4      # which are tried, and how many of them


@dataclass(frozen=True)
class Witness:
    """A run from theta = 1, and the two numbers that it sets apart.

    values (as printed, right): where theta is; or the printed bound, and the last step
    """
    gradients: Sequence[Fraction | int]
    numbers: Mapping[str, Fraction | int]
    values: tuple[Exact, Exact]

    @property
    def letters(self) -> dict[str, Fraction | int]:
        """{g_1, g_2, ... and the hyperparameters: fraction}."""
        return {f"g_{t}": g for t, g in enumerate(self.gradients, 1)} | dict(self.numbers)

    def __str__(self) -> str:
        return ", ".join(f"{n} = {x}" for n, x in self.letters.items())


def values_at(exhibit: Exhibit | Bound, gradients: Sequence[Fraction | int],
              numbers: Mapping[str, Fraction | int]) -> tuple[Exact, Exact]:
    """The two numbers of a witness, by running the rules."""
    if isinstance(exhibit, Bound):
        places = [exact(1), *exact_run(exhibit.rule, gradients, numbers)]
        bound = exact(exhibit.bound(*(exact(numbers[n]) for n in ("beta1", "beta2"))))
        return bound*numbers["lr"], abs(places[-1] - places[-2])
    printed, right = (exact_run(rule, gradients, numbers)[-1]
                      for rule in (exhibit.printed, exhibit.right))
    return printed, right


def refutes(exhibit: Exhibit | Bound, witness: Witness) -> bool:
    """Whether the run comes to the witness's numbers, and they break what is printed.

    Not so where the intervals do not say which way a comparison in a rule goes.
    """
    try:
        printed, right = values_at(exhibit, witness.gradients, witness.numbers)
    except ArithmeticError:
        return False
    same = not any(map(apart, (printed, right), witness.values))
    return same and (printed.high < right.low if isinstance(exhibit, Bound)
                     else apart(printed, right))


def apart(a: Exact, b: Exact) -> bool:
    """Whether two intervals have no number in common."""
    return a.high < b.low or b.high < a.low


def smallest(exhibit: Exhibit | Bound) -> Witness | None:
    """The first of the shortest runs that refute it: None if none of those tried does."""
    for gradients, numbers in tried(exhibit):
        try:
            found = Witness(gradients, numbers, values_at(exhibit, gradients, numbers))
        except ArithmeticError:             # an interval that is too wide: another run
            continue
        if refutes(exhibit, found):
            return found
    return None


def tried(exhibit: Exhibit | Bound):
    """(gradients, numbers) of the runs: few gradients first."""
    if isinstance(exhibit, Bound):
        numbers = {"lr": 1, **dict(zip(("beta1", "beta2"), exhibit.betas)), "eps": 0}
        for count in range(1, len(exhibit.gradients) + 1):
            yield exhibit.gradients[:count], numbers
        return
    common = [n for n in letters(exhibit.printed) if n in letters(exhibit.right)]
    numbers = {n: x for n, x in USUAL.items() if n in common} | dict(exhibit.at)
    for count in range(1, LONGEST + 1):
        for gradients in product(GRADIENTS, repeat=count):
            yield gradients, numbers


def letters(rule: Rule) -> list[str]:
    """The hyperparameters of a rule."""
    return [*anatomy(rule)[1]]
