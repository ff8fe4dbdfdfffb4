"""The report: formulas, proofs and training curves of every rule, on one page.

    minigrad report --out report.html

This file decides what is measured, measures it on several cores, and writes the file; how
the page looks is told in page.py. Every training is a job of its own with its own
seed, and runs on one thread: how many work beside it changes nothing. The page depends on
nothing but the code and the plan, save for the times and the line about the machine.
"""
import datetime
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from optim.derivations import TOPICS
from optim.report.contents import (
    ClaimFacts, FamilyFacts, Facts, TopicFacts, facts, family_facts, topic_facts)
from optim.report.workers import pool, shown, single_threaded
from optim.rules import RULES
from optim.training.runs import train


@dataclass(frozen=True)
class Estimator:
    """One of the three ways to estimate the gradient, and how long it trains."""
    name: str
    meaning: str
    batch: int | str
    epochs: int


# The budgets take about the same time: a step costs more than the examples in it.
ESTIMATORS = (
    Estimator("BGD", "batch gradient descent: every example in every step", "all", 300),
    Estimator("MBGD", "mini-batch gradient descent: 32 examples a step", 32, 30),
    Estimator("SGD", "stochastic gradient descent: one example a step", 1, 5))

# Of 1 and 3 times powers of ten, what left the smallest training loss after the epochs
# above with seed 0. Adadelta has no learning rate.
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
MOST_WORKERS = 8                        # each loads SymPy and NumPy anew
TRAINED_ON = 1437                       # the digits outside the test set


@dataclass(frozen=True)
class Plan:
    """What is measured."""
    rules: Sequence[str] = tuple(RULES)
    topics: Sequence[str] = tuple(TOPICS)
    estimators: Sequence[Estimator] = ESTIMATORS
    epochs: int = 30                        # of the accuracy table, at batch 32
    seeds: Sequence[int] = (0, 1, 2)
    more_seeds: dict[str, Sequence[int]] = field(
        default_factory=lambda: {"adam": (0, 1, 2, 3, 4)})
    quick: bool = False

    def seeds_of(self, rule: str) -> Sequence[int]:
        return self.more_seeds.get(rule, self.seeds)


FULL = Plan()
QUICK = Plan(rules=("gradient_descent", "adam"),
             estimators=tuple(Estimator(e.name, e.meaning, e.batch, epochs)
                              for e, epochs in zip(ESTIMATORS, (20, 2, 1), strict=True)),
             epochs=2, seeds=(0,), more_seeds={}, quick=True)

# ("facts", rule) | ("curve", rule, e) | ("accuracy", rule, ...) | ("topic", name) |
# ("family", "")
Job = tuple[Any, ...]


@dataclass(frozen=True)
class Curve:
    """A training under one estimator of the gradient."""
    estimator: Estimator
    lr: float | None
    steps: int
    examples: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class Results:
    """All that the page shows."""
    plan: Plan
    facts: dict[str, Facts]                             # of each rule
    topics: dict[str, TopicFacts]
    family: FamilyFacts
    curves: dict[str, list[Curve]]
    accuracies: dict[tuple[str, str], list[float]]      # (rule, split) -> one per seed
    about: str = ""

    @property
    def verdicts(self) -> list[ClaimFacts]:
        """Everything that was decided."""
        parts: tuple[Facts | TopicFacts | FamilyFacts, ...] = (
            *self.facts.values(), *self.topics.values(), self.family)
        return [one for part in parts for one in part.verdicts]

    @property
    def as_expected(self) -> bool:
        return all(one.as_expected for one in self.verdicts)


# --------------------------------------------------------------------------------- jobs
def jobs(plan: Plan) -> list[Job]:
    """Everything to do, the longest first."""
    curves = [("curve", rule, e) for e in reversed(plan.estimators) for rule in plan.rules]
    tests = [("accuracy", rule, split, seed, plan.epochs) for rule in plan.rules
             for split in ("random", "file") for seed in plan.seeds_of(rule)]
    return [("family", ""), *(("facts", rule) for rule in plan.rules),
            *(("topic", name) for name in plan.topics), *curves, *tests]


def work(job: Job) -> Any:
    """Do one job; this runs in a process of its own."""
    kind, *what = job
    do: dict[str, Callable[..., Any]] = {
        "facts": facts, "topic": topic_facts, "family": lambda _: family_facts(),
        "curve": curve, "accuracy": accuracy}
    return do[kind](*what)


def curve(rule: str, estimator: Estimator) -> Curve:
    """Train with the learning rate of the table, and note the way."""
    lr = LEARNING_RATES[rule].get(estimator.name)
    size = TRAINED_ON if estimator.batch == "all" else int(estimator.batch)
    result = train("digits", rule, lr=lr, batch=estimator.batch, epochs=estimator.epochs,
                   seed=0, evaluate_every=max(size, 96))
    return Curve(estimator, lr, estimator.epochs*-(-TRAINED_ON//size), result.examples,
                 result.loss, result.test_accuracy)


def accuracy(rule: str, split: str, seed: int, epochs: int) -> float:
    return train("digits", rule, epochs=epochs, batch=32, seed=seed, split=split,
                 evaluate_every=sys.maxsize).accuracy


# ------------------------------------------------------------------------------ workers
def measure(plan: Plan, workers: int | None = None) -> Results:
    """Do all jobs of the plan, on several cores, with a progress bar on stderr."""
    todo = jobs(plan)
    done: dict[int, Any] = {}
    workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    with single_threaded(), pool(workers) as executor:
        waiting = {executor.submit(work, job): k for k, job in enumerate(todo)}
        for future in shown(as_completed(waiting), len(todo)):
            done[waiting[future]] = future.result()
    results = Results(plan, {}, {}, done[0], {rule: [] for rule in plan.rules}, {}, about())
    for k, (kind, name, *rest) in enumerate(todo):
        if kind in ("facts", "topic"):
            (results.facts if kind == "facts" else results.topics)[name] = done[k]
        elif kind == "curve":
            results.curves[name].insert(0, done[k])
        elif kind == "accuracy":
            results.accuracies.setdefault((name, rest[0]), []).append(done[k])
    return results


def about() -> str:
    """The machine, the versions and the date, in one line."""
    versions = [f"{name} {metadata.version(name)}"
                for name in ("numpy", "sympy", "matplotlib")]
    today = datetime.date.today().isoformat()
    return (f"Made on {today} by minigrad {minigrad_version()} with Python"
            f" {platform.python_version()}, {', '.join(versions)},"
            f" on {platform.system()} {platform.machine()} with {os.cpu_count()} cores.")


def minigrad_version() -> str:
    import minigrad
    return minigrad.__version__


# ------------------------------------------------------------------------------- output
def summary(results: Results) -> str:
    """The accuracy table and the counts of verdicts, for a terminal."""
    heads = ("proved", "refuted", "other", "test accuracy", "by file order")
    lines = [f"{'rule':<18}" + "".join(f"{head:>15}" for head in heads)]
    parts: dict[str, Any] = {**results.facts, **results.topics, "family": results.family}
    for name, told in parts.items():
        kinds = [one.status if one.as_expected else "" for one in told.verdicts]
        proved, refuted = kinds.count("PROVED"), kinds.count("REFUTED")
        medians = [f"{100*np.median(results.accuracies[name, split]):.1f} %"
                   for split in ("random", "file") if (name, split) in results.accuracies]
        cells = (proved, refuted, len(kinds) - proved - refuted, *medians)
        lines.append(f"{name:<18}" + "".join(f"{cell:>15}" for cell in cells))
    return "\n".join(lines)


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write the file whole or not at all."""
    path = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".unfinished",
                                    dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~current_umask())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_report(path: str | os.PathLike[str] = "report.html",
                 quick: bool = False) -> Results:
    """Measure everything and write the page; the results are returned."""
    from optim.report.page import page          # which workers need not load
    results = measure(QUICK if quick else FULL)
    write(path, page(results))
    return results
