"""From seconds to ratios: who is faster, by how much, how surely; and what grows how.

A ratio is one of two medians, each with the number of threads that suits it best. Its
spread is that of the ratios of single rounds: their quartiles.
"""
from collections.abc import Iterable
from statistics import median, quantiles
from typing import NamedTuple

import numpy as np

from optim.benchmarks.rounds import Measured
from optim.benchmarks.workloads import WORKLOADS, Workload

SMALL, MIDDLE, LARGE = WORKLOADS[1:4]
LENET, GRU, TRANSFORMER = WORKLOADS[4:7]
ADAM, ADAMS, CHAIN = WORKLOADS[9:12]
STEEPEST = 1.05                         # of time and memory by depth, batch, parameters

# What this project is to reach: (work, ours, theirs, ratio at most).
AIMS = (
    (SMALL, "compiled", "torch_fused", 0.20), (SMALL, "compiled", "jax", 0.90),
    (SMALL, "compiled", "by_hand", 1.10), (SMALL, "eager", "torch_fused", 0.60),
    (MIDDLE, "compiled", "torch_fused", 1.00), (MIDDLE, "compiled", "jax", 1.10),
    (MIDDLE, "compiled", "by_hand", 1.05), (LARGE, "compiled", "torch_fused", 1.00),
    (ADAMS, "eager", "torch_fused", 0.30), (ADAM, "eager", "torch", 0.80),
    (ADAM, "eager", "torch_fused", 2.50), (ADAM, "fast", "torch_fused", 1.20),
    (CHAIN, "eager", "torch", 0.55),
    (CHAIN, "compiled", "torch", 0.10),
    (LENET, "compiled", "torch", 2.00), (LENET, "compiled", "mygrad", 0.35),
    (GRU, "compiled", "torch", 1.00), (TRANSFORMER, "compiled", "torch", 1.00))


class Ratio(NamedTuple):
    """How many times as long one takes as another."""
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{two(self.median)} ({two(self.low)} to {two(self.high)})"


def two(x: float) -> str:
    """With two decimals, or two digits that count.

    >>> two(1.234), two(0.00123)
    ('1.23', '0.0012')
    """
    return f"{x:.2f}" if x >= 0.1 else f"{x:.2g}"


class Growth(NamedTuple):
    """What an implementation needs while a size grows."""
    along: str
    name: str                                       # of the implementation
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]
    bytes: tuple[int, ...]                          # () where they were not counted


def best(results: Iterable[Measured], workload: Workload, name: str) -> Measured | None:
    """How an implementation did a workload with the threads that suit it; None: not."""
    mine = [each for each in results if each.workload == workload and each.name == name
            and each.seconds]
    return min(mine, key=lambda each: median(each.seconds), default=None)


def ratio(results: Iterable[Measured], workload: Workload, ours: str, theirs: str
          ) -> Ratio | None:
    """The ratio of two implementations, None where one of them did not do it.

    >>> work = WORKLOADS[0]
    >>> print(ratio([Measured(work, "eager", 1, seconds=(1.0, 2.0, 6.0)),
    ...              Measured(work, "torch", 1, seconds=(4.0, 4.0, 4.0))],
    ...             work, "eager", "torch"))
    0.50 (0.25 to 1.50)
    """
    a, b = (best(results, workload, name) for name in (ours, theirs))
    if a is None or b is None:
        return None
    low, high = quartiles([x/y for x, y in zip(a.seconds, b.seconds, strict=True)])
    return Ratio(median(a.seconds)/median(b.seconds), low, high)


def quartiles(values: Iterable[float]) -> tuple[float, float]:
    """Between which the middle half of them lies."""
    values = [*values]
    low, _, high = quantiles(values, n=4) if len(values) > 1 else values*3
    return low, high


def slope(sizes: Iterable[int], needs: Iterable[float]) -> float:
    """The power of the size by which a need grows: 1 for proportional, 2 for its square.

    >>> round(slope((1, 10, 100), (3, 30, 300)), 6)
    1.0
    """
    return float(np.polyfit(np.log([*sizes]), np.log([*needs]), 1)[0])
