"""Measure: each contestant in a process of its own, all of them in turns.

A machine whose speed drifts favours nobody, and nobody's threads, caches or allocator are
another's. What two contestants compute is compared before any of them is timed.
"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from minigrad.blas import VARIABLES
from optim.benchmarks.implementations import EVERYONE
from optim.benchmarks.workloads import Workload

TOLERANCE = 1e-4                    # of what was computed, in the mean; float32 rounds
PATIENCE = 300                      # seconds until an answer


class Measured(NamedTuple):
    """How one implementation did with one number of threads."""
    workload: Workload
    name: str                       # of the implementation
    threads: int
    first: float = 0.0              # seconds from the start of Python to three steps' end
    bytes: int = 0                  # held at most
    seconds: tuple[float, ...] = ()         # of a step, in each round
    reason: str = ""                # why there is nothing else


class Contestant:
    """A process that does a workload when it is asked to."""

    def __init__(self, name: str, workload: Workload, threads: int, traced: bool = False):
        self.name, self.threads, self.steps = name, threads, 1
        self.seconds: list[float] = []
        self.errors = tempfile.TemporaryFile("w+")
        few = {"NPROC": str(threads)} | dict.fromkeys(VARIABLES, str(threads))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "optim.benchmarks.implementations", name, workload.kind,
             "-".join(map(str, workload.sizes)), str(workload.batch), *["traced"]*traced],
            env=os.environ | few, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True)
        began = time.perf_counter()
        self.start = self.hear()                    # what it says after its first steps
        self.first = {"clock": time.perf_counter() - began,
                      "processor": self.start.get("first", 0.0)}

    def hear(self) -> dict[str, Any]:
        """Its next answer, or the reason why there is none."""
        timer = threading.Timer(PATIENCE, self.process.kill)
        began = time.perf_counter()
        timer.start()
        line = self.process.stdout.readline() if self.process.stdout else ""
        timer.cancel()
        if line:
            return dict(json.loads(line))
        self.process.wait()
        if time.perf_counter() - began >= PATIENCE:
            return {"reason": f"more than {PATIENCE} s"}
        self.errors.seek(0)
        return {"reason": (self.errors.read().strip().splitlines() or ["it ended"])[-1]}

    def work(self, clock: str) -> float:
        """Seconds of a step, of as many steps as are chosen; RuntimeError if it broke."""
        print(self.steps, file=self.process.stdin, flush=True)
        heard = self.hear()
        if clock not in heard:
            raise RuntimeError(f"{EVERYONE[self.name].title}: {heard['reason']}")
        return float(heard[clock])

    def end(self) -> int:
        """Let it end, and return the bytes that it held at most."""
        if self.process.stdin:
            self.process.stdin.close()
        return int(self.hear().get("bytes", 0))

    def close(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream:
                stream.close()


def measure(workload: Workload, names: Iterable[str], threads: Iterable[int] = (1,),
            rounds: int = 15, round_seconds: float = 0.05, clock: str = "clock"
            ) -> list[Measured]:
    """How the implementations do a workload, each with each number of threads.

    clock: "clock" for the time that passes, "processor" for what the processes use of
    their processors: what to look at where others compute beside them, with one thread.
    Raises ValueError for one that computes something else than the first of them.
    """
    found: list[Measured] = []
    running: list[Contestant] = []
    try:
        for name in names:
            for n in threads if EVERYONE[name].threaded else (1,):
                running.append(one := Contestant(name, workload, n))
                if reason := one.start.get("reason"):
                    found.append(Measured(workload, name, n, reason=reason))
                    running.pop().close()
                else:
                    check_alike(workload, running[0], one)
        for one in running:                         # so many steps that a round fills
            for _ in range(2):
                one.steps = max(1, min(10**4, int(round_seconds/one.work(clock))))
        for k in range(rounds):
            first = k % max(1, len(running))
            for one in running[first:] + running[:first]:
                one.seconds.append(one.work(clock))
        return found + [Measured(workload, one.name, one.threads, one.first[clock],
                                 one.end(), tuple(one.seconds)) for one in running]
    finally:
        for one in running:
            one.close()


def check_alike(workload: Workload, right: Contestant, other: Contestant) -> None:
    """ValueError if two implementations have not computed the same."""
    a, b = (np.array(each.start["numbers"]) for each in (right, other))
    apart = np.abs(a - b).mean()/np.abs(a).mean() if a.shape == b.shape else np.inf
    if not apart < TOLERANCE:
        raise ValueError(
            f"{workload.name}: {EVERYONE[other.name].title} and"
            f" {EVERYONE[right.name].title} computed different numbers: apart by"
            f" {apart:.1g} of their size in the mean, needed less than {TOLERANCE:g}")


def memory(name: str, workload: Workload) -> int:
    """The most bytes that Python and NumPy allocate in three steps of a fresh process."""
    traced = Contestant(name, workload, 1, traced=True)
    try:
        return traced.end()
    finally:
        traced.close()
