"""How time falls with workers: python -m optim.benchmarks.side_by_side [repeats]

A grid of learning rates and the mutants of a rule, in this process, in 1, 2 and 4 processes
and in 2 threads, in turn. What more workers would do follows on paper: a worker more
shortens only the time of the jobs, and no further than to that of the longest one.
"""
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from optim.workers import results

Task = tuple[Callable[..., Any], list[tuple]]
WAYS = {"in this process": 0, "1 process": 1, "2 processes": 2, "4 processes": 4,
        "2 threads": None}
ON_PAPER = (2, 4, 8, 16, 64)


def rate_grid() -> Task:
    """40 trainings: two rules, four rates, five seeds."""
    from optim.training.sweeps import trial
    options = {"epochs": 10, "evaluate_every": 10**9}
    return trial, [("digits", rule, lr, seed, options) for rule in ("adam", "nag")
                   for lr in (0.003, 0.01, 0.03, 0.1) for seed in range(5)]


def mutants_of_adam() -> Task:
    """Every third mutant of Adam."""
    from optim.equivalence import prove
    from optim.formulas import formula
    from optim.mutants import judged, mutants
    right = formula("adam")
    return judged, [(mutant, right, prove) for mutant in mutants("adam")[::3]]


TASKS: dict[str, Callable[[], Task]] = {"rate grid": rate_grid, "mutants": mutants_of_adam}


def timed(job: Callable[..., Any], arguments: tuple) -> float:
    """How long a job takes, in seconds of the clock."""
    began = time.perf_counter()
    job(*arguments)
    return time.perf_counter() - began


def whole(task: Task, workers: int | None) -> tuple[float, float, list[float]]:
    """How long all jobs take together, with all that is around them; how long processors
    were busy with that, here and in workers; how long each job took."""
    job, todo = task
    began, before = time.perf_counter(), os.times()
    with ThreadPoolExecutor(2) if workers is None else nullcontext() as executor:
        each = [*results(timed, [(job, arguments) for arguments in todo], executor,
                         workers, together=job.__name__ == "trial")]
    busy = sum(os.times()[:4]) - sum(before[:4])
    return time.perf_counter() - began, busy, each


def on_paper(around: float, each: list[float], workers: int) -> float:
    """Amdahl's time: what is around the jobs, and their time shared by the workers, at
    least that of the longest job.

    >>> on_paper(1.0, [2.0, 2.0, 4.0], 2), on_paper(1.0, [2.0, 2.0, 4.0], 8)
    (5.0, 5.0)
    """
    return around + max(sum(each)/workers, max(each))


def table(name: str, task: Task, repeats: int) -> Iterator[str]:
    """The lines of the table of a task, in Markdown."""
    seen: dict[str, list[float]] = {way: [] for way in WAYS}
    busy: dict[str, list[float]] = {way: [] for way in WAYS}
    parts = []
    for _ in range(repeats):
        for way, workers in WAYS.items():
            seconds, spent, each = whole(task, workers)
            seen[way].append(seconds)
            busy[way].append(spent)
            if workers == 1:
                parts.append((seconds - sum(each), each))
    here = statistics.median(seen["in this process"])
    yield (f"| {name}, {len(task[1])} jobs | seconds | from | to | times as fast |"
           " CPU seconds |")
    yield "| --- | --- | --- | --- | --- | --- |"
    for way, found in seen.items():
        middle = statistics.median(found)
        yield (f"| {way} | {middle:.2f} | {min(found):.2f} | {max(found):.2f} |"
               f" {here/middle:.2f} | {statistics.median(busy[way]):.2f} |")
    around, each = sorted(parts, key=lambda part: part[0])[len(parts)//2]
    yield (f"\nIn 1 process {sum(each):.2f} s are the jobs', {max(each):.2f} s the longest,"
           f" {around:.2f} s around them. On paper: " + ", ".join(
               f"{on_paper(around, each, n):.2f} s by {n}" for n in ON_PAPER)
           + " workers with a processor each.\n")


if __name__ == "__main__":
    for title, made in TASKS.items():
        for printed in table(title, made(), int(sys.argv[1]) if sys.argv[1:] else 5):
            print(printed, flush=True)
