"""What a report measures: which rules, under which estimators, for how long.

Every training is a job of its own with its own seed.
"""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from optim.derivations import TOPICS
from optim.optimizers.classes import OPTIMIZERS
from optim.rules import FIRST, RULES

TRAINED_ON = 1437                       # the digits outside the test set


@dataclass(frozen=True)
class Estimator:
    """One of the three ways to estimate the gradient, and how long it trains."""
    name: str
    meaning: str
    batch: int | str
    epochs: int

    @property
    def size(self) -> int:
        """How many examples a step sees."""
        return TRAINED_ON if self.batch == "all" else int(self.batch)


# The budgets take about the same time: a step costs more than the examples in it.
ESTIMATORS = (
    Estimator("BGD", "batch gradient descent: every example in every step", "all", 300),
    Estimator("MBGD", "mini-batch gradient descent: 32 examples a step", 32, 30),
    Estimator("SGD", "stochastic gradient descent: one example a step", 1, 5))

# Of 1 and 3 times powers of ten, what left the smallest training loss after the epochs
# above with seed 0. Adadelta has no learning rate. A rule that is not here has its own.
LEARNING_RATES: dict[str, dict[str, float]] = {
    "gradient_descent": {"BGD": 1,    "MBGD": 1,    "SGD": 0.03},
    "momentum":         {"BGD": 1,    "MBGD": 0.1,  "SGD": 0.003},
    "nag":              {"BGD": 0.3,  "MBGD": 0.1,  "SGD": 0.003},
    "adagrad":          {"BGD": 0.1,  "MBGD": 0.3,  "SGD": 0.1},
    "rmsprop":          {"BGD": 0.03, "MBGD": 0.03, "SGD": 0.003},
    "adadelta":         {},
    "adam":             {"BGD": 0.1,  "MBGD": 0.03, "SGD": 0.003},
    "adamax":           {"BGD": 0.1,  "MBGD": 0.1,  "SGD": 0.03},
    "nadam":            {"BGD": 0.1,  "MBGD": 0.03, "SGD": 0.003},
    "adamw":            {"BGD": 0.1,  "MBGD": 0.03, "SGD": 0.003},
    "amsgrad":          {"BGD": 0.03, "MBGD": 0.01, "SGD": 0.001},
}


LATER = tuple(name for name in OPTIMIZERS if name not in FIRST)


@dataclass(frozen=True)
class Plan:
    """What is measured."""
    rules: Sequence[str] = FIRST
    topics: Sequence[str] = tuple(TOPICS)
    others: Sequence[str] = LATER           # that are trained on mini-batches, no more
    estimators: Sequence[Estimator] = ESTIMATORS
    epochs: int = 30                        # of the accuracy table, at batch 32
    seeds: Sequence[int] = (0, 1, 2)
    more_seeds: Mapping[str, Sequence[int]] = field(
        default_factory=lambda: {"adam": (0, 1, 2, 3, 4)})
    quick: bool = False

    def seeds_of(self, rule: str) -> Sequence[int]:
        """The seeds with which the rule's test accuracy is measured."""
        return self.more_seeds.get(rule, self.seeds)


FULL = Plan()
ALL = Plan(rules=tuple(RULES), others=tuple(name for name in LATER if name not in RULES))
QUICK = Plan(rules=("gradient_descent", "adam"), others=(),
             estimators=tuple(replace(e, epochs=n) for e, n in zip(ESTIMATORS, (20, 2, 1))),
             epochs=2, seeds=(0,), more_seeds={}, quick=True)
