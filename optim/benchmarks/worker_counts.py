"""How the time of a synchronous step falls with workers: measured here, reckoned beyond.

    python -m optim.benchmarks.worker_counts

Measured: steps of a perceptron on this machine, in this thread and on Dask clusters of 1, 2
and more processes, clock time, the median of the steps. Reckoned: with W machines a step
takes compute/W, and the server sends its parameters to each and takes a gradient from each:
2 W P numbers through its one line. More machines pay until that costs what they save, at
W = sqrt(compute/(time of 2 P numbers)), if the latency of a task is small beside it.
"""
import argparse
import math
import os
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minigrad import nn
from optim.distributed.clusters import engine_of
from optim.distributed.progress import Progress
from optim.distributed.replicas import packed, trained
from optim.distributed.synchronous import step
from optim.optimizers.optimizer import Optimizer
from optim.training.perceptrons import perceptron


class Timed(NamedTuple):
    """A network's step by so many workers (0: in this thread): seconds, and bytes sent."""
    sizes: str
    batch: int
    workers: int
    parameters: int
    seconds: float
    bytes_sent: int


def timed(sizes: str, batch: int, counts: Sequence[int], steps: int = 10) -> list[Timed]:
    """One step's time for each number of workers, the data in as many parts."""
    results = []
    for workers in counts:
        rng = np.random.default_rng(0)
        model = perceptron(sizes, rng)
        inputs, *_, classes = map(int, sizes.split("-"))
        x = rng.standard_normal((batch, inputs)).astype(np.float32)
        y = rng.integers(classes, size=batch)
        named = trained(model)
        with engine_of(workers, None, None, 60.0) as engine:
            run = Progress(model, named, Optimizer(named, "adam"), engine,
                           packed(model, nn.cross_entropy), 0, x, y, max(workers, 1))
            found = []
            for _ in range(steps + 2):                  # the first two make the copies
                start = time.perf_counter()
                step(run, np.arange(batch))
                found.append(time.perf_counter() - start)
        count = sum(p.size for _, p in named)
        results.append(Timed(sizes, batch, workers, count, statistics.median(found[2:]),
                             exchanged(count, workers)))
    return results


def exchanged(parameters: int, workers: int, itemsize: int = 4) -> int:
    """The bytes that a synchronous step sends: parameters out, gradients back."""
    return 2*workers*parameters*itemsize


def reckoned(compute: float, parameters: int, workers: int, bandwidth: float,
             latency: float) -> float:
    """Seconds of a step by W machines: compute in one's seconds, bandwidth in bytes/s of
    the server's line, latency in seconds."""
    return compute/workers + latency + exchanged(parameters, workers)/bandwidth


def best_count(compute: float, parameters: int, bandwidth: float) -> int:
    """The number of machines from which on another one costs more than it saves.

    >>> best_count(1.0, 10**6, 1.25e9)
    12
    """
    return max(1, math.floor(math.sqrt(compute*bandwidth/exchanged(parameters, 1))))


def tables(results: Sequence[Timed], bandwidth: float = 1.25e9, latency: float = 1e-3
           ) -> str:
    """Both tables as text; bandwidth is of 10 Gbit/s."""
    lines = [f"measured on {os.cpu_count()} processors, clock time of a synchronous step",
             f"{'network':>20} {'batch':>6} {'workers':>8} {'step':>10} {'speed-up':>9} "
             f"{'sent':>10}"]
    alone = {(r.sizes, r.batch): r for r in results if r.workers == 0}
    for r in results:
        ratio = alone[r.sizes, r.batch].seconds/r.seconds
        lines.append(f"{r.sizes:>20} {r.batch:>6} {r.workers or 'none':>8} "
                     f"{1e3*r.seconds:>7.2f} ms {ratio:>9.2f} "
                     f"{r.bytes_sent/1e6:>7.2f} MB")
    lines += ["", f"reckoned for machines on a line of {bandwidth*8/1e9:g} Gbit/s, "
              f"{latency*1e3:g} ms a task",
              f"{'network':>20} {'batch':>6} {'machines':>8} {'step':>10} {'speed-up':>9}"]
    for r in alone.values():
        best = best_count(r.seconds, r.parameters, bandwidth)
        for count in sorted({1, 2, 8, best}):
            seconds = reckoned(r.seconds, r.parameters, count, bandwidth, latency)
            mark = "  the most that pay"*(count == best)
            lines.append(f"{r.sizes:>20} {r.batch:>6} {count:>8} {1e3*seconds:>7.2f} ms "
                         f"{r.seconds/seconds:>9.2f}{mark}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="the time of a step by several workers")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2],
                        help="numbers of worker processes, beside none")
    parser.add_argument("--steps", type=int, default=10)
    chosen = parser.parse_args(arguments)
    work = ("64-32-10", 256), ("784-256-10", 2048), ("784-1024-1024-10", 1024)
    print(tables([each for sizes, batch in work
                  for each in timed(sizes, batch, [0, *chosen.workers], chosen.steps)]))


if __name__ == "__main__":
    main()
