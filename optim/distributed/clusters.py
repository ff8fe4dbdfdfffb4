"""Work on a Dask cluster, where workers may be lost.

A worker that is lost costs what it was doing: the work is started again with the same
arguments, on a worker that is left, and the data that it held are sent again. Where none is
left for `timeout` seconds, that is an error and no hang.
"""
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.distributed.engines import Here, InExecutor, Job

INSTALL = ("optim.distributed on a cluster needs Dask: pip install dask distributed; "
           "workers=0 and executor= need none")
LARGE = 2**19                           # bytes of an array that does not travel in a task
TRIES = 4                               # how often work is started whose worker is lost


class Placed:
    """A value on the workers, and here, from where it is sent again if they are lost."""

    def __init__(self, value: Any, everywhere: bool):
        self.value, self.everywhere = value, everywhere
        self.future: Any = None


class OnDask(Here):
    """Work on a Dask cluster, where each part of the data is sent once and stays."""

    def __init__(self, client: Any, timeout: float, owned: Any = None):
        self.client, self.timeout, self.owned = client, timeout, owned
        self.await_workers("the start")
        self.workers = len(self.alive())

    def alive(self) -> Any:
        """The workers that the scheduler knows."""
        return self.client.scheduler_info(n_workers=-1)["workers"]

    def place(self, value: Any, everywhere: bool = False) -> Placed:
        placed = Placed(value, everywhere)
        self.send(placed, "the start")
        return placed

    def send(self, placed: Placed, label: str) -> None:
        """Send a value to a worker, or to all that there are; waits for one to be there."""
        self.await_workers(label)
        placed.future = self.client.scatter([placed.value], broadcast=placed.everywhere,
                                            hash=False, timeout=self.timeout)[0]

    def portion(self, placed: Any, rows: NDArray) -> tuple[Any, NDArray | None]:
        return placed, rows

    def submit(self, job: Job) -> None:
        job.tries += 1
        self.check_open(job.label)
        job.future = self.client.submit(
            job.function, *map(self.sent, job.arguments), pure=False,
            key=f"{job.function.__name__}-{id(job)}-{time.monotonic_ns()}")

    def shared(self, array: NDArray) -> Any:
        return self.place(array, True) if array.nbytes > LARGE else array

    def sent(self, argument: Any) -> Any:
        """An argument as Dask gets it: large arrays go to a worker, past the scheduler."""
        if isinstance(argument, list):
            return [self.sent(part) for part in argument]
        if isinstance(argument, np.ndarray) and argument.nbytes > LARGE:
            argument = self.place(argument)
        return argument.future if isinstance(argument, Placed) else argument

    def result(self, job: Job) -> Any:
        while True:
            self.first([job])
            try:
                return job.future.result(timeout=self.timeout)
            except Exception as error:
                if not self.is_loss(error, job):
                    raise
                self.again(job, error)

    def first(self, jobs: Sequence[Job]) -> Job:
        since = time.monotonic()
        while not (done := self.finished(jobs)):
            since = self.patience(jobs[0].label, since)
        return done[0]

    def finished(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs that are done or lost, after waiting a second for one."""
        from distributed import wait as dask_wait
        self.check_open(jobs[0].label)
        try:
            if all(job.future.status == "pending" for job in jobs):
                dask_wait([job.future for job in jobs], timeout=1,
                          return_when="FIRST_COMPLETED")
        except (TimeoutError, CancelledError):          # the statuses say which
            pass
        return [job for job in jobs if job.future.status != "pending"]

    def patience(self, label: str, since: float) -> float:
        """Since when there is no worker; RuntimeError after `timeout` seconds of that."""
        now = time.monotonic()
        if self.alive():
            return now
        if now - since > self.timeout:
            raise RuntimeError(
                f"train: no worker is left since {self.timeout:g} s, at {label}; the model "
                "is as it was after the step before. Start workers and call train again")
        return since

    def await_workers(self, label: str) -> None:
        """Wait for a worker to be there; RuntimeError after `timeout` seconds."""
        since = time.monotonic()
        while not self.alive():
            self.patience(label, since)
            time.sleep(0.1)

    def again(self, job: Job, error: Exception) -> None:
        """Start work again whose worker, or data on it, was lost; RuntimeError if that was
        often enough."""
        self.check_open(job.label)
        if job.tries >= TRIES:
            raise RuntimeError(
                f"train: {job.label} was lost with its worker {TRIES} times; it may need "
                "more memory than a worker has, or end the process. The model is as it was "
                "after the step before") from error
        for argument in job.arguments:
            if isinstance(argument, Placed):
                self.send(argument, job.label)
        self.submit(job)

    def is_loss(self, error: Exception, job: Job) -> bool:
        """Whether the worker was lost, or does not give its result, and not the work wrong.
        """
        from distributed import KilledWorker
        return isinstance(error, (KilledWorker, CancelledError)) or (
            job.future.status != "error" and isinstance(error, (TimeoutError, OSError)))

    def check_open(self, label: str) -> None:
        if self.client.status != "running":
            raise RuntimeError(f"train: the Dask client is {self.client.status}, at {label}"
                               "; the model is as it was after the step before. Needed a "
                               "client that stays open until train returns")

    def where(self, job: Job) -> str:
        holders = self.client.who_has([job.future]).get(job.future.key, ())
        return f" on worker {holders[0]}" if holders else ""

    def close(self) -> None:
        if self.owned is not None:
            self.client.close()
            self.owned.close()


def engine_of(workers: int, client: Any, executor: Executor | None, timeout: float) -> Here:
    """The engine that these arguments of train ask for; at most one may be given."""
    given = [name for name, x in (("workers", workers), ("client", client),
                                  ("executor", executor)) if x]
    if len(given) > 1:
        raise ValueError(f"train: {' and '.join(given)} came; needed one of them")
    if executor is not None:
        if not isinstance(executor, Executor):
            raise TypeError(f"train: executor came as {type(executor).__name__}; needed "
                            "one of concurrent.futures; a Dask client goes to client=")
        return InExecutor(executor)
    if client is None and not workers:
        return Here()
    try:
        import distributed
    except ImportError:
        raise ModuleNotFoundError(INSTALL) from None
    if client is not None:
        if not isinstance(client, distributed.Client):
            raise TypeError(f"train: client came as {type(client).__name__}; needed a "
                            "distributed.Client")
        return OnDask(client, timeout)
    try:
        cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1,
                                           dashboard_address=":0")
    except RuntimeError as error:
        raise RuntimeError(
            f"train: no cluster of {workers} processes starts here ({error}); in a script, "
            "call train below if __name__ == '__main__':, as each process reads it anew"
            ) from error
    return OnDask(distributed.Client(cluster), timeout, cluster)
