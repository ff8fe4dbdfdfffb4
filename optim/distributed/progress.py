"""A training by several workers under way: who does what, on which data, how it went."""
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from optim.distributed.asynchronous import Replica, Strategy, Task, asynchronous, epoch_rows
from optim.distributed.engines import Here, Job
from optim.distributed.replicas import cut, model_steps
from optim.distributed.servers import Parameters, server_of
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer


class Progress:
    """A training under way: who does what, on which data, and how it went."""

    def __init__(self, model: nn.Module, parameters: Parameters, optimizer: Optimizer,
                 engine: Here, pack: bytes, seed: int, x: NDArray, y: NDArray, parts: int):
        self.model, self.parameters = model, parameters
        self.engine, self.seed = engine, seed
        self.server = server_of(parameters, optimizer)
        self.optimizer, self.pack = optimizer, engine.place(pack, True)
        self.examples = len(x)
        ends = [*np.linspace(0, len(x), parts + 1).astype(int).tolist()]
        self.parts = [(engine.place((x[a:b], y[a:b])), a, b)
                      for a, b in zip(ends, ends[1:])]
        self.columns: dict[str, list[Any]] = {"t": [], "loss": [], "age": []}
        self.noted: list[tuple[float, float]] = []
        self.taken = 0

    def buffers(self) -> list[NDArray]:
        """Copies of the model's buffers."""
        return [b.copy() for b in self.model.buffers()]

    def keep(self, buffers: list[NDArray]) -> None:
        """Take buffers that a worker brought."""
        for own, new in zip(self.model.buffers(), buffers, strict=True):
            own[...] = new

    def check(self, job: Job, arrays: list[NDArray]) -> None:
        """Raise FloatingPointError for what is not finite, if the optimizer looks for it.
        """
        if self.optimizer.check_finite:
            for g in arrays:
                if not np.isfinite(g).all():
                    names = piece_names(g, self.parameters)
                    raise FloatingPointError(
                        f"train: {job.label}{self.engine.where(job)}: the gradient is not "
                        f"finite, in {', '.join(names)}. Nothing of it was written; look "
                        "at this part of the data, or lower lr")

    def note(self, loss: float, age: float) -> None:
        """Remember a step."""
        self.noted.append((loss, age))
        self.taken += 1

    def close_epoch(self) -> None:
        """One more entry of the History."""
        if self.noted:
            losses, ages = np.mean(self.noted, axis=0)
            for name, value in zip(self.columns, (self.taken, losses, ages)):
                self.columns[name].append(value)
            self.noted = []

    def asynchronously(self, strategy: Strategy, epochs: int, batch: int) -> None:
        """Train by a strategy in which replicas do not wait for each other."""
        counts = [b - a for _, a, b in self.parts]
        size = -(-batch//len(counts))               # a step of all replicas is one batch
        sizes = [-(-count//size) for count in counts]
        rows = [epoch_rows(self.seed, i, n, size) for i, n in enumerate(counts)]

        def begin(replica: Replica, task: Task) -> Job:
            i = replica.number
            batches = [*islice(rows[i], task.length)]
            ends = np.cumsum([len(b) for b in batches])[:-1].tolist()
            part, chosen = self.engine.portion(self.parts[i][0], np.concatenate(batches))
            return self.engine.start(
                f"step {task.t} of replica {i}", model_steps, self.pack, (self.seed, i),
                part, chosen, ends, *task[1:], self.buffers())

        for replica, found, age in asynchronous(
                strategy, self.engine, [epochs*n for n in sizes], begin, self.check):
            if replica.number == 0:
                self.keep(found.buffers)
            for loss in found.losses:
                self.note(loss, age or 0)
            if self.taken//sum(sizes) > len(self.columns["t"]):
                self.close_epoch()
        self.close_epoch()

    def history(self) -> History:
        """How it went."""
        settings = {name: value for name, value in self.optimizer.param_groups[0].items()
                    if name != "params"}
        return History(self.optimizer.rule, settings, self.columns, measure="loss")


def piece_names(g: NDArray, parameters: list) -> list[str]:
    """The parameters in whose piece of a flat array an entry is not finite."""
    return [name for (name, _), piece in zip(parameters, cut(g, parameters), strict=True)
            if not np.isfinite(piece).all()]
