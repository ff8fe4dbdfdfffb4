"""Where work is done: here, in an executor of concurrent.futures, or on a Dask cluster.

All three start work and wait for it alike; the cluster stands in clusters.py.
"""
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

from numpy.typing import NDArray


class Job:
    """Work under way: its label, function and arguments, and how often it was started."""

    def __init__(self, label: str, function: Callable[..., Any], arguments: Sequence[Any]):
        self.label, self.function, self.arguments = label, function, arguments
        self.future: Any = None
        self.tries = 0


class Here:
    """Work done at once, in this thread."""
    workers = 1                         # that work side by side, as far as is known

    def __enter__(self) -> "Here":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def place(self, value: Any, everywhere: bool = False) -> Any:
        """A value that many pieces of work use, as an argument of theirs."""
        return value

    def shared(self, array: NDArray) -> Any:
        """An array that all work of this step uses, as an argument of it."""
        return array

    def portion(self, placed: Any, rows: NDArray) -> tuple[Any, NDArray | None]:
        """Rows of a part of the data, as two arguments: what is sent, and which of it."""
        return tuple(array[rows] for array in placed), None

    def start(self, label: str, function: Callable[..., Any], *arguments: Any) -> Job:
        """Begin work that is called `label` in messages."""
        job = Job(label, function, arguments)
        self.submit(job)
        return job

    def submit(self, job: Job) -> None:
        job.future = Future()
        job.future.set_result(job.function(*job.arguments))

    def result(self, job: Job) -> Any:
        """What the work gave; raises what it raised."""
        return job.future.result()

    def first(self, jobs: Sequence[Job]) -> Job:
        """One of the jobs that are done: of several the one that stands first."""
        return jobs[0]

    def where(self, job: Job) -> str:
        """Where the work was done, for messages."""
        return ""

    def close(self) -> None:
        """Give back what was taken for this run."""


class InExecutor(Here):
    """Work in an executor of concurrent.futures; the rows of a batch travel with it."""

    def __init__(self, executor: Executor):
        self.executor = executor
        self.workers = getattr(executor, "_max_workers", 1)

    def submit(self, job: Job) -> None:
        job.future = self.executor.submit(job.function, *job.arguments)

    def first(self, jobs: Sequence[Job]) -> Job:
        done = wait([job.future for job in jobs], return_when=FIRST_COMPLETED).done
        return next(job for job in jobs if job.future in done)
