"""All that the page shows, measured on several cores, one thread each.

How many work side by side changes nothing in what is measured but the times.
"""
import datetime
import os
import platform
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np

import minigrad
from optim.claims import verify
from optim.derivations import Claim, Derivation, Family, derive, family
from optim.formulas import Formula, formula
from optim.report.plans import LEARNING_RATES, TRAINED_ON, Estimator, Plan
from optim.training.runs import train
from optim.workers import results

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
class Facts:
    """What is known of one rule, all of it decided."""
    formula: Formula
    derivation: Derivation
    claims: tuple[Claim, ...]                           # those that are no steps


@dataclass(frozen=True)
class Results:
    """All that the page shows."""
    plan: Plan
    facts: dict[str, Facts]                             # of each rule
    topics: dict[str, Derivation]
    family: Family
    curves: dict[str, list[Curve]]      # of each rule, as the estimators; of others one
    accuracies: dict[tuple[str, str], list[float]]      # (rule, split) -> one per seed
    about: str = ""
    certificates: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def claims(self) -> dict[str, list[Claim]]:
        """{rule, topic or "family": everything that was decided about it}."""
        return {**{name: [*known.derivation.steps, *known.claims]
                   for name, known in self.facts.items()},
                **{name: [*topic.steps] for name, topic in self.topics.items()},
                "family": [edge.claim for edge in self.family.edges]}

    @property
    def verdicts(self) -> list[Claim]:
        """Everything that was decided."""
        return [claim for claims in self.claims.values() for claim in claims]

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
    return [Job(decided_family, ()), *(Job(facts, (rule,)) for rule in plan.rules),
            *(Job(decided_topic, (name,)) for name in plan.topics),
            *(Job(curve, (rule, plan.estimators[1])) for rule in plan.others),
            *(Job(curve, (rule, e)) for e in reversed(plan.estimators)
              for rule in plan.rules),
            *(Job(accuracy, (rule, split, seed, plan.epochs)) for rule in plan.rules
              for split in ("random", "file") for seed in plan.seeds_of(rule))]


def facts(rule: str) -> Facts:
    """Formula, derivation and verdicts of one rule."""
    derivation = decided_topic(rule)
    steps = {step.id for step in derivation.steps}
    return Facts(formula(rule), derivation, tuple(
        decided(claim) for claim in verify(rule).claims if claim.id not in steps))


def decided_topic(name: str) -> Derivation:
    """The derivation of a rule or topic, its verdicts reached."""
    derivation = derive(name)
    return replace(derivation, steps=tuple(map(decided, derivation.steps)))


def decided_family() -> Family:
    """How the rules become one another, the verdicts reached."""
    tree = family()
    for edge in tree.edges:
        decided(edge.claim)
    return tree


def decided(claim: Claim) -> Claim:
    """The claim with its verdict, which goes along with it from process to process."""
    assert claim.verdict.status
    return claim


def curve(rule: str, estimator: Estimator) -> Curve:
    """Train with the learning rate of the table, and note the way."""
    lr, size = LEARNING_RATES.get(rule, {}).get(estimator.name), estimator.size
    every = 384 if rule in LEARNING_RATES else TRAINED_ON       # a look costs many steps
    result = train("digits", rule, lr=lr, batch=estimator.batch, epochs=estimator.epochs,
                   seed=0, evaluate_every=max(2*size, every))
    return Curve(estimator, lr, estimator.epochs*-(-TRAINED_ON//size), result.examples,
                 result.loss, result.test_accuracy)


def accuracy(rule: str, split: str, seed: int, epochs: int) -> float:
    """The share of the test set that the rule with its defaults gets right."""
    return train("digits", rule, epochs=epochs, batch=32, seed=seed, split=split,
                 evaluate_every=sys.maxsize).accuracy


def do(job: Job) -> Any:
    """The result of a job."""
    return job.do(*job.key)


def measure(plan: Plan, workers: int | None = None, executor: Executor | None = None
            ) -> Results:
    """Do all jobs of the plan, with a progress bar on stderr: in an executor, or in so many
    processes, by default as many as there are cores; 0 for none but this one."""
    todo = jobs(plan)
    if workers is None and executor is None:
        workers = min(os.cpu_count() or 1, MOST_WORKERS)
    done = dict(zip(todo, results(do, [(job,) for job in todo], executor, workers,
                                  progress="report")))

    def of(do: Callable[..., Any], *first: Any) -> list[Any]:
        """The results of these jobs whose keys begin so, in the order of the plan."""
        return [done[job] for job in todo if job.do is do
                and job.key[:len(first)] == first]

    return Results(
        plan, {rule: of(facts, rule)[0] for rule in plan.rules},
        {name: of(decided_topic, name)[0] for name in plan.topics}, of(decided_family)[0],
        {rule: of(curve, rule)[::-1] for rule in (*plan.rules, *plan.others)},
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
