"""Many trainings of one kind: every rule at every learning rate, from every seed."""
import copy
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
    """How one training ended: loss on the training set, metrics on the test set of the
    model that it left, as train measures them; where it diverged its loss is inf, and there
    are no metrics."""
    optimizer: str
    lr: Any
    seed: int
    loss: float
    metrics: dict[str, float]

    @property
    def rate(self) -> str:
        """The learning rate in words."""
        if self.lr is None:
            return "its own"
        if not isinstance(self.lr, (int, float)):
            return str(self.lr)
        short = f"{self.lr:g}"                  # which may be that of another rate, too
        return short if float(short) == self.lr else repr(self.lr)


@dataclass(frozen=True)
class Sweep:
    """The trials of a sweep, by rule, learning rate and seed; it prints as a table."""
    trials: tuple[Trial, ...]

    @property
    def groups(self) -> dict[tuple[str, str], list[Trial]]:
        """{(optimizer, learning rate in words): its trials, one for each seed}."""
        found: dict[tuple[str, str], list[Trial]] = {}
        for trial in self.trials:
            found.setdefault((trial.optimizer, trial.rate), []).append(trial)
        return found

    @property
    def best(self) -> dict[str, Any]:
        """{optimizer: the learning rate whose median training loss is lowest}."""
        found: dict[str, tuple[float, Any]] = {}
        for (name, _), trials in self.groups.items():
            median = float(np.median([x.loss for x in trials]))
            if name not in found or median < found[name][0]:
                found[name] = median, trials[0].lr
        return {name: lr for name, (_, lr) in found.items()}

    @property
    def heads(self) -> tuple[str, ...]:
        """What the columns of the table are."""
        return ("optimizer", "lr", *(head for name in ("training loss", *self.metrics)
                                     for head in (name, "from", "to")), "diverged")

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of what was measured on the test set."""
        return next((tuple(x.metrics) for x in self.trials if x.metrics), ())

    def rows(self) -> list[tuple[str, ...]]:
        """A row for each rule and rate: median and spread over the seeds."""
        return [(name, lr, *spread([x.loss for x in trials]),
                 *(cell for metric in self.metrics
                   for cell in spread([x.metrics[metric] for x in trials if x.metrics])),
                 str(sum(not math.isfinite(x.loss) for x in trials)))
                for (name, lr), trials in self.groups.items()]

    def __repr__(self) -> str:
        rows = [self.heads, *self.rows()]
        wide = [max(len(row[k]) for row in rows) for k in range(len(self.heads))]
        return "\n".join("  ".join([f"{row[0]:<{wide[0]}}", *(
            f"{cell:>{w}}" for cell, w in zip(row[1:], wide[1:]))]) for row in rows)

    def _repr_html_(self) -> str:
        return html_table(self.heads, self.rows())


def spread(values: list[float]) -> tuple[str, str, str]:
    """Median, lowest and highest in words, blank where there are none.

    >>> spread([0.5, 0.25, 0.75])
    ('0.5', '0.25', '0.75')
    """
    if not values:
        return "", "", ""
    return f"{np.median(values):.4g}", f"{min(values):.4g}", f"{max(values):.4g}"


def sweep(data: Data, optimizers: str | Rule | Iterable[str | Rule] = "adam", *,
          lrs: Sequence[Any] = (None,), seeds: Iterable[int] = range(5),
          executor: Executor | None = None, workers: int | None = None,
          progress: bool = False, **options: Any) -> Sweep:
    """Train by each rule at each learning rate from each seed, and note how it ended.

    data and options are train's: model, epochs, batch, hyperparameters and so on. lrs: None
    is a rule's own. Each training has copies of what is given, of a model too; only data
    and rule are the same. executor, workers: where they train, if not here; see
    optim.workers. What diverges is a row like others; what else train raises is raised.

    >>> import minigrad as mg
    >>> found = sweep(mg.data.blobs(60, rng=0), "adam", lrs=[0.1, 1e-4], seeds=[0, 1],
    ...               epochs=5)
    >>> found.best, len(found.trials)
    ({'adam': 0.1}, 4)
    """
    if isinstance(optimizers, str) or not isinstance(optimizers, Iterable):
        optimizers = [optimizers]
    for name, values in ("lrs", lrs), ("seeds", seeds):
        if not isinstance(values, Iterable) or isinstance(values, str):
            raise TypeError(f"sweep: {name} is {values!r:.80}; needed several, such as "
                            f"{'range(3)' if name == 'seeds' else '[0.01, 0.1]'}")
    optimizers, lrs = list(optimizers), list(lrs)
    names = [name_of(any_rule(each)) for each in optimizers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"sweep: two optimizers are called {name}, which would be one "
                             "row; needed rules of different names")
    if not watched(lrs, options):
        options.setdefault("evaluate_every", 10**9)
    todo = [(data, *each, options) for each in product(optimizers, lrs, seeds)]
    return Sweep(tuple(results(trial, todo, executor, workers, unit="training",
                               progress="sweep" if progress else "", together=True)))


def trial(data: Data, optimizer: str | Rule, lr: Any, seed: int,
          options: dict[str, Any]) -> Trial:
    """One training of a sweep."""
    own = copy.deepcopy(options | {"lr": lr})       # a module is trained in place
    name, loss, metrics = name_of(any_rule(optimizer)), math.inf, {}
    try:
        result = train(data, optimizer, seed=seed, **own)
    except FloatingPointError:                      # it diverged
        pass
    else:
        loss = float(result.loss[result.last])
        metrics = {metric: float(curve[result.last])
                   for metric, curve in result.metrics.items()}
    return Trial(name, lr, seed, loss, metrics)


def watched(lrs: Iterable[Any], options: dict[str, Any]) -> bool:
    """Whether trainings depend on what is measured on the way: patience, callbacks, rates
    that observe."""
    given = [*lrs, *(options.get("hyperparameters") or {}).values()]
    given += [x for each in options.get("transforms", ())
              for _, x in getattr(each, "numbers", ())]
    return (options.get("patience") is not None or bool(options.get("callbacks"))
            or "plateau" in (options.get("schedule") or "")
            or any(getattr(x, "observes", False) for x in given))
