"""Two threads for large arrays, where a measurement says that they are sooner done.

NumPy lets other threads run while it computes, so that two halves of an array may be
worked on at once. What is computed does not depend on it: each entry is computed alone.
"""
import functools
import os
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import numpy as np

from minigrad.blas import processors

SMALLEST, LARGEST = 2**15, 2**20        # entries of the arrays that are tried
Job = Callable[[], Any]


class Worker:
    """A second thread, which waits for work as long as the process lives."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[tuple[Job, list[Any], threading.Lock]] = SimpleQueue()
        threading.Thread(target=self._work, daemon=True, name="optim's second").start()

    def _work(self) -> None:
        with np.errstate(all="ignore"):         # which each thread has for itself
            while True:
                job, results, running = self.jobs.get()
                try:
                    results.append(job())
                except BaseException as error:  # it is raised where the work was asked for
                    results.append(error)
                running.release()
                del job, results, running       # what they hold may be large

    def both(self, first: Job, second: Job) -> tuple[Any, Any]:
        """The results of two jobs at once, this thread the first; raises what one raised.
        """
        results: list[Any] = []
        running = threading.Lock()
        running.acquire()
        self.jobs.put((second, results, running))
        try:
            mine = first()
        finally:
            running.acquire()                   # nobody may go on while it works
        if isinstance(results[0], BaseException):
            raise results[0]
        return mine, results[0]


@functools.cache
def worker() -> Worker:
    """The second thread of this process."""
    return Worker()


def is_sooner(entries: int) -> bool:
    """Whether two threads need at most 4/5 of the time of one for arrays of this size.

    Measured once in a process for each power of two, in some steps' time.
    """
    return entries >= SMALLEST and allowed() > 1 and is_sooner_measured(
        min(entries, LARGEST).bit_length() - 1)


@functools.cache
def is_sooner_measured(power: int) -> bool:
    """is_sooner for 2**power entries: the medians are compared.

    Between two runs the second thread has nothing to do, as in a training, where it has to
    be woken for each step.
    """
    halves = [functools.partial(work, np.ones((2, 2**power//2), np.float32))
              for _ in range(2)]
    alone, shared = [], []
    for _ in range(9):
        alone.append(seconds(lambda: [half() for half in halves]))
        shared.append(seconds(lambda: worker().both(*halves)))
    return sorted(shared)[4] <= 0.8*sorted(alone)[4]


def allowed() -> int:
    """How many threads may compute at once: OMP_NUM_THREADS says it, as to most libraries,
    if it is set; else one for each processor."""
    said = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(said) if said.isdecimal() else processors()


def work(arrays: np.ndarray) -> None:
    """About what a step of Adam costs for one of these arrays, in as many calls."""
    a, b = arrays
    for _ in range(3):
        for ufunc in (np.multiply, np.add, np.divide, np.maximum):
            ufunc(a, b, out=b)
        np.sqrt(a, out=b)


def seconds(job: Job) -> float:
    """How long a job takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def forget() -> None:
    """A process that was forked has no second thread; it starts one when it needs it."""
    worker.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
