"""All that the page shows, measured on several cores, one thread each.

How many work side by side changes nothing in what is measured but the times.
"""
import datetime
import os
import platform
import sys
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

import minigrad
from optim.derivations import Claim
from optim.report.contents import (
    FamilyFacts, Facts, TopicFacts, facts, family_facts, topic_facts)
from optim.report.plans import LEARNING_RATES, TRAINED_ON, Estimator, Plan
from optim.report.workers import pool, shown, single_threaded
from optim.training.runs import train

MOST_WORKERS = 8                        # each loads SymPy and NumPy anew


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
    curves: dict[str, list[Curve]]                      # of each rule, as the estimators
    accuracies: dict[tuple[str, str], list[float]]      # (rule, split) -> one per seed
    about: str = ""

    @property
    def verdicts(self) -> list[Claim]:
        """Everything that was decided."""
        parts: tuple[Facts | TopicFacts | FamilyFacts, ...] = (
            *self.facts.values(), *self.topics.values(), self.family)
        return [claim for part in parts for claim in part.verdicts]

    @property
    def as_expected(self) -> bool:
        """Whether all of it is as it is claimed."""
        return all(claim.ok for claim in self.verdicts)


class Job(NamedTuple):
    """Something to do in a process of its own: do(*key), for one part of the page."""
    do: Callable[..., Any]
    key: tuple[Any, ...]


def jobs(plan: Plan) -> list[Job]:
    """Everything to do, the longest first."""
    return [Job(family_facts, ()), *(Job(facts, (rule,)) for rule in plan.rules),
            *(Job(topic_facts, (name,)) for name in plan.topics),
            *(Job(curve, (rule, e)) for e in reversed(plan.estimators)
              for rule in plan.rules),
            *(Job(accuracy, (rule, split, seed, plan.epochs)) for rule in plan.rules
              for split in ("random", "file") for seed in plan.seeds_of(rule))]


def curve(rule: str, estimator: Estimator) -> Curve:
    """Train with the learning rate of the table, and note the way."""
    lr, size = LEARNING_RATES[rule].get(estimator.name), estimator.size
    result = train("digits", rule, lr=lr, batch=estimator.batch, epochs=estimator.epochs,
                   seed=0, evaluate_every=max(size, 96))
    return Curve(estimator, lr, estimator.epochs*-(-TRAINED_ON//size), result.examples,
                 result.loss, result.test_accuracy)


def accuracy(rule: str, split: str, seed: int, epochs: int) -> float:
    """The share of the test set that the rule with its defaults gets right."""
    return train("digits", rule, epochs=epochs, batch=32, seed=seed, split=split,
                 evaluate_every=sys.maxsize).accuracy


def measure(plan: Plan, workers: int | None = None) -> Results:
    """Do all jobs of the plan, on several cores, with a progress bar on stderr."""
    todo = jobs(plan)
    workers = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    done: dict[Job, Any] = {}
    with single_threaded(), pool(workers) as executor:
        waiting = {executor.submit(job.do, *job.key): job for job in todo}
        for future in shown(as_completed(waiting), len(todo)):
            done[waiting[future]] = future.result()

    def of(do: Callable[..., Any], *first: Any) -> list[Any]:
        """The results of these jobs whose keys begin so, in the order of the plan."""
        return [done[job] for job in todo if job.do is do
                and job.key[:len(first)] == first]

    return Results(
        plan, {rule: of(facts, rule)[0] for rule in plan.rules},
        {name: of(topic_facts, name)[0] for name in plan.topics}, of(family_facts)[0],
        {rule: of(curve, rule)[::-1] for rule in plan.rules},
        {(rule, split): of(accuracy, rule, split) for rule in plan.rules
         for split in ("random", "file")}, about())


def about() -> str:
    """The machine, the versions and the date, in one line."""
    versions = [f"{name} {metadata.version(name)}"
                for name in ("numpy", "sympy", "matplotlib")]
    today = datetime.date.today().isoformat()
    return (f"Made on {today} by minigrad {minigrad.__version__} with Python"
            f" {platform.python_version()}, {', '.join(versions)},"
            f" on {platform.system()} {platform.machine()} with {os.cpu_count()} cores.")
