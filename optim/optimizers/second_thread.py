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

SMALLEST, LARGEST = 2**15, 2**19        # entries of the arrays that are tried
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


@functools.cache
def smallest_shared() -> float:
    """From how many entries on two threads are at most 4/5 of the time that one takes.

    It is infinite where they never are. Measured once in a process, in some milliseconds.
    """
    if processors() < 2:
        return float("inf")
    size = SMALLEST
    while size <= LARGEST:
        halves = [functools.partial(work, np.ones((2, size//2), np.float32))
                  for _ in range(2)]
        shared = functools.partial(worker().both, *halves)
        if shortest(shared) <= 0.8*shortest(lambda: [half() for half in halves]):
            return size
        size *= 2
    return float("inf")


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def work(arrays: np.ndarray) -> None:
    """About what a step of Adam costs for one of these arrays, in as many calls."""
    a, b = arrays
    for _ in range(3):
        for ufunc in (np.multiply, np.add, np.divide, np.maximum):
            ufunc(a, b, out=b)
        np.sqrt(a, out=b)


def shortest(job: Job, times: int = 9) -> float:
    """The least time that a job took, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return min(taken)


def forget() -> None:
    """A process that was forked has no second thread; it starts one when it needs it."""
    worker.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
