"""Mean and variance of a batch by going through every batch that there is, for small N.

The theorems of estimators.py hold for every N and b. Here nothing is assumed of means,
pairs or permutations: all batches, or all orders of an epoch, are listed and counted.
"""
from collections.abc import Iterator
from itertools import combinations, permutations, product

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.domains import declare

SIZES = {2: 3, 3: 3, 4: 4}                        # N: the largest b drawn with replacement


def letters(n: int) -> list[sp.Symbol]:
    """x_1 .. x_n: any real numbers."""
    return [declare(f"x_{i}", "real") for i in range(1, n + 1)]


def mean(values) -> sp.Expr:
    """Their mean, exactly."""
    return sum(values)/sp.Integer(len(values))


def variance(values) -> sp.Expr:
    """The mean square of their deviations."""
    return mean([(x - mean(values))**2 for x in values])


def moments(batches, values) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance of the mean of a batch, all batches being equally likely."""
    means = [mean([values[i] for i in batch]) for batch in batches]
    return mean(means), mean([(m - mean(values))**2 for m in means])


def claimed(n, size, replaced) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance by the formulas of estimators.py."""
    values = letters(n)
    share = sp.Integer(1) if replaced else sp.Rational(n - size, n - 1)
    return mean(values), variance(values)/size*share


def as_claimed(n, size, batches, replaced) -> Iterator[tuple]:
    """The goals that these batches have the claimed mean and variance."""
    return zip(moments(list(batches), letters(n)), claimed(n, size, replaced))


def every_batch() -> list[Claim]:
    """Every batch with replacement, also with b > N, and every batch without."""
    with_ = [goal for n, largest in SIZES.items() for b in range(1, largest + 1)
             for goal in as_claimed(n, b, product(range(n), repeat=b), True)]
    without = [goal for n in SIZES for b in range(1, n + 1)
               for goal in as_claimed(n, b, combinations(range(n), b), False)]
    return [
        claim("every-batch", "Every batch drawn with replacement from N = 2, 3, 4 "
              "examples, gone through one by one, gives the mean of all x_i and 1/b of "
              "their variance (b up to 3, 3, 4).", *with_),
        claim("every-batch-without", "Every batch drawn without replacement from N = 2, 3, "
              "4 (b up to N) gives that times (N - b)/(N - 1).", *without)]


def every_order() -> list[Claim]:
    """Every order in which N = 4 examples can be taken, in two batches of 2."""
    orders, values = list(permutations(range(4))), letters(4)
    goals = [goal for place in (slice(2), slice(2, 4))
             for goal in as_claimed(4, 2, [order[place] for order in orders], False)]
    together = mean([(mean([values[i] for i in order[:2]]) - mean(values))
                     * (mean([values[i] for i in order[2:]]) - mean(values))
                     for order in orders])
    differ = dict(zip(values, map(sp.Integer, (1, -1, 0, 0))))
    return [
        claim("every-order", "Every order of N = 4 examples in two batches of 2, gone "
              "through one by one: either batch has this mean and variance.", *goals),
        claim("order-covariance", "These two batches have this covariance.",
              (together, -variance(values)/3)),
        claim("order-uncorrelated", "Not so: these two batches are uncorrelated.",
              (together, 0), at=differ)]
