"""Many trainings of one kind: every rule at every learning rate, from every seed."""
import math
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from minigrad.html_tables import html_table
from optim.dialects.named_optimizers import any_rule
from optim.optimizers.signatures import Rule, name_of
from optim.training.runs import train
from optim.training.tables import Data
from optim.workers import results


@dataclass(frozen=True)
class Trial:
    """How one training ended: its loss is inf, its accuracy NaN where it diverged."""
    optimizer: str
    lr: float | None
    seed: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Sweep:
    """The trials of a sweep, by rule, learning rate and seed; it prints as a table."""
    trials: tuple[Trial, ...]
    HEADS = ("optimizer", "lr", "training loss", "from", "to", "test accuracy", "from",
             "to", "diverged")

    @property
    def groups(self) -> dict[tuple[str, float | None], list[Trial]]:
        """{(optimizer, lr): its trials, one for each seed}."""
        found: dict[tuple[str, float | None], list[Trial]] = {}
        for trial in self.trials:
            found.setdefault((trial.optimizer, trial.lr), []).append(trial)
        return found

    @property
    def best(self) -> dict[str, float | None]:
        """{optimizer: the learning rate whose median training loss is lowest}."""
        medians = sorted(((float(np.median([x.loss for x in trials])), k) for k, (
            _, trials) in enumerate(self.groups.items())), reverse=True)
        keys = [*self.groups]
        return {keys[k][0]: keys[k][1] for _, k in medians}

    def rows(self) -> list[tuple[str, ...]]:
        """A row for each rule and rate: median and spread over the seeds."""
        return [(name, "none" if lr is None else f"{lr:g}",
                 *spread([x.loss for x in trials], ".4g"),
                 *spread([100*x.accuracy for x in trials], ".2f", " %"),
                 str(sum(math.isinf(x.loss) for x in trials)))
                for (name, lr), trials in self.groups.items()]

    def __repr__(self) -> str:
        rows = [self.HEADS, *self.rows()]
        wide = [max(len(row[k]) for row in rows) for k in range(len(self.HEADS))]
        return "\n".join("  ".join([f"{row[0]:<{wide[0]}}", *(
            f"{cell:>{w}}" for cell, w in zip(row[1:], wide[1:]))]) for row in rows)

    def _repr_html_(self) -> str:
        return html_table(self.HEADS, self.rows())


def spread(values: list[float], digits: str, unit: str = "") -> tuple[str, str, str]:
    """Median, lowest and highest in words; NaN, which is left out, only where all are."""
    known = [x for x in values if not math.isnan(x)] or [math.nan]
    low, middle, high = min(known), float(np.median(known)), max(known)
    return f"{middle:{digits}}{unit}", f"{low:{digits}}{unit}", f"{high:{digits}}{unit}"


def sweep(data: Data, optimizers: str | Rule | Iterable[str | Rule] = "adam", *,
          lrs: Sequence[float | None] = (None,), seeds: Iterable[int] = range(5),
          executor: Executor | None = None, workers: int | None = None,
          progress: bool = False, **options: Any) -> Sweep:
    """Train by each rule at each learning rate from each seed, and note how it ended.

    data and options are train's: model, epochs, batch, hyperparameters and so on. lrs: None
    is a rule's own. executor, workers: where they train, if not here; see optim.workers. A
    training that diverges is a row like others; what else train raises is raised.

    >>> import minigrad as mg
    >>> found = sweep(mg.data.blobs(60, rng=0), "adam", lrs=[0.1, 1e-4], seeds=[0, 1],
    ...               epochs=5)
    >>> found.best, len(found.trials)
    ({'adam': 0.1}, 4)
    """
    if isinstance(optimizers, str) or not isinstance(optimizers, Iterable):
        optimizers = [optimizers]
    options.setdefault("evaluate_every", 10**9)
    todo = [(data, *each, options) for each in product(optimizers, lrs, seeds)]
    return Sweep(tuple(results(trial, todo, executor, workers, unit="training",
                               progress="sweep" if progress else "", together=True)))


def trial(data: Data, optimizer: str | Rule, lr: float | None, seed: int,
          options: dict[str, Any]) -> Trial:
    """One training of a sweep."""
    loss, accuracy = math.inf, math.nan
    try:
        result = train(data, optimizer, lr=lr, seed=seed, **options)
    except FloatingPointError:                      # it diverged
        pass
    else:
        loss, accuracy = float(result.loss[-1]), result.accuracy
    return Trial(name_of(any_rule(optimizer)), lr, seed, loss, accuracy)
