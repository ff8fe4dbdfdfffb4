"""Synchronous data-parallel training: one large batch, its gradient computed in parts.

Each batch is that of one machine: the same examples in the same order. Every part of the
data computes the mean gradient of those of the batch that it holds; the mean over all of
them, by weighted_mean, is what the rule steps by, once. It differs from one machine's by
rounding alone, and the same parts give the same bits on whatever workers.

Each part holds neighbouring examples, sent to a worker once. How many of a batch a part
has is up to chance, unless the batch is all; a step waits for the part that has most. More
parts round otherwise: sums over other examples are rounded first.

What a layer asks of a batch as a whole, it asks of each part alone: batch norm's moments
are the part's. Its running ones, and other buffers, are those of the first part that had
examples, as PyTorch's DistributedDataParallel keeps the first process's.
"""
import numpy as np
from numpy.typing import NDArray

from optim.distributed.exchanges import weighted_mean
from optim.distributed.progress import Progress
from optim.distributed.replicas import gradient


def synchronous(run: Progress, epochs: int, batch: int | str, rng: np.random.Generator
                ) -> None:
    """Train for some epochs: a step for each batch."""
    for _ in range(epochs):
        n = run.examples
        order = np.arange(n) if batch == "all" else rng.permutation(n)
        size = n if batch == "all" else int(batch)
        for start in range(0, n, size):
            run.note(step(run, order[start:start + size]), 0)
        run.close_epoch()


def step(run: Progress, chosen: NDArray) -> float:
    """One step on these examples; the loss before it."""
    theta, token = run.server.read()
    sent, number, jobs = run.engine.shared(theta), run.server.pushes + 1, []
    for k, (part, first, last) in enumerate(run.parts):
        rows = chosen[(first <= chosen) & (chosen < last)] - first
        if len(rows):
            label = f"step {number}, part {k}"
            jobs.append(run.engine.start(
                label, gradient, run.pack, sent, run.buffers(), (run.seed, number, k),
                *run.engine.portion(part, rows)))
    found = [run.engine.result(job) for job in jobs]
    for job, part in zip(jobs, found, strict=True):
        run.check(job, [part.g])
    counts = [part.examples for part in found]
    run.server.push(weighted_mean([part.g for part in found], counts), token)
    run.keep(found[0].buffers)
    return float(weighted_mean([part.loss for part in found], counts))
