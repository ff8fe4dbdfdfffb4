"""Independent jobs side by side: results(job, arguments, executor) in the jobs' order.

    list(results(pow, [(2, 3), (2, 4)], workers=2))                     # processes here
    list(results(pow, [(2, 3), (2, 4)], client.get_executor()))         # Dask's cluster

An executor is one of concurrent.futures', or what has a `submit` like theirs: threads,
processes, Dask's, MPI's. It changes nothing in the results and their order. A job whose
worker is lost is tried once more; then LostWorker says which it was.
"""
import contextlib
import os
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, ProcessPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any

from minigrad.time_limits import end_now
from optim.workers.jobs import NOT_HERE, RUNS, Outcome, attempt, described, received, sent
from optim.workers.pools import pool, single_threaded

RETRIED = {"KilledWorker"}              # Dask's, whose scheduler has tried it again already


class LostWorker(BrokenExecutor):
    """A job that had no result twice, since its worker ended or could not be reached.

    .arguments are those of the job.
    """

    def __init__(self, text: str, arguments: Sequence[Any] = ()):
        super().__init__(text)
        self.arguments = arguments


def results(job: Callable[..., Any], arguments: Iterable[Sequence[Any]],
            executor: Executor | None = None, workers: int | None = None, *,
            progress: str = "", unit: str = "job", together: bool = False,
            lost: Callable[[LostWorker], Any] | None = None) -> Iterator[Any]:
    """job(*each) for each of the arguments, in their order, as soon as it is there.

    executor   where they run; else `workers` new processes, of one thread each; else here
    progress   what a progress bar on stderr is called, none if ""; unit: of what
    together   whether jobs may run in several threads of one process at a time. Proofs may
               not: they share what SymPy remembers, and a process has one standard output
    lost       what stands for the result of a job whose worker was lost twice

    What a job raises is raised, that of the first in order. Raises LostWorker where `lost`
    is None, and TypeError for what does not pickle on its way to another process.

    >>> [*results(pow, [(2, 3), (2, 4)])]
    [8, 16]
    """
    if isinstance(executor, type) or executor is not None and not callable(
            getattr(executor, "submit", None)):
        raise TypeError(
            f"executor came as {type(executor).__name__}; needed one of concurrent.futures "
            "such as ThreadPoolExecutor(4), or a cluster's, such as Dask's "
            "client.get_executor()")
    if executor is not None and workers:
        raise ValueError(f"executor and workers={workers} came; needed one of them")
    todo = [tuple(each) for each in arguments]
    with single_threaded(), bar_of(progress, len(todo), unit) as done, (
            contextlib.ExitStack()) as stack:
        if executor is None and not workers:
            for each in todo:
                result = job(*each)
                done()
                yield result
            return
        if executor is None:
            executor = stack.enter_context(pool(max(1, min(workers or 1, len(todo)))))
        work = Work(job, todo, executor, stack, together, done)
        for count, outcome in enumerate(work.outcomes(), 1):
            if count == len(todo):      # zip(keys, results(...)) may not come back after it
                stack.close()
            if lost is None or not isinstance(outcome.error, LostWorker):
                yield outcome.result()
            else:
                yield lost(outcome.error)


@contextlib.contextmanager
def bar_of(name: str, total: int, unit: str) -> Iterator[Callable[[], object]]:
    """What says that one more is done, on a progress bar if it has a name."""
    if not name:
        yield lambda: None
        return
    from tqdm import tqdm                           # which loads much, only for a bar
    with tqdm(total=total, desc=name, unit=unit) as bar:
        yield bar.update


class Work:
    """Jobs on their way through an executor.

    In processes there are no more under way than workers, so that when one has died these
    are the suspects. They go on alone, one after another: what is lost then is to blame.
    """

    def __init__(self, job: Callable[..., Any], todo: list[tuple], executor: Executor,
                 stack: contextlib.ExitStack, together: bool, done: Callable[[], object]):
        self.job, self.todo, self.executor, self.stack = job, todo, executor, stack
        self.together, self.done, self.run = together, done, uuid.uuid4().hex
        self.most = getattr(executor, "_max_workers", 1) if isinstance(
            executor, ProcessPoolExecutor) else len(todo)
        self.waiting = deque(range(len(todo)))
        self.under_way: dict[int, tuple[Any, Executor]] = {}
        self.ended: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self.losses, self.suspects = Counter[int](), set[int]()
        self.found: dict[int, Outcome] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """What became of each job, in order."""
        RUNS.add(self.run)
        try:
            for k in range(len(self.todo)):
                while k not in self.found:
                    self.submit()
                    if k not in self.found:
                        self.receive(*self.ended.get())
                yield self.found.pop(k)
        finally:
            RUNS.discard(self.run)
            for future, _ in self.under_way.values():
                future.cancel()
            end_now(self.run)                       # for those in threads of this process

    def submit(self) -> None:
        """Hand over what the executor has room for."""
        while self.waiting and len(self.under_way) < (1 if self.suspects else self.most):
            k, executor = self.waiting.popleft(), self.executor
            try:
                what: Any = (self.job, self.todo[k])
                if isinstance(executor, ProcessPoolExecutor):
                    what = sent(what, self.job, self.todo[k])
                future = executor.submit(attempt, what, self.run, os.getpid(),
                                         self.together, k, self.losses[k])
            except BrokenExecutor as error:
                if self.renewed(executor):
                    self.waiting.appendleft(k)
                else:
                    self.failed(k, error)
            except TypeError as error:
                self.finish(k, Outcome(error=error))
            except Exception as error:
                self.failed(k, error)
            else:
                self.under_way[k] = future, executor
                future.add_done_callback(partial(self.note_end, k))

    def note_end(self, k: int, future: Any) -> None:
        """Called from any thread: the future has ended."""
        self.ended.put((k, future))

    def receive(self, k: int, future: Any) -> None:
        """Take what has ended."""
        alone, (_, executor) = len(self.under_way) == 1, self.under_way.pop(k)
        try:
            outcome = received(future.result())
        except BrokenExecutor as error:
            alone = alone and executor is self.executor
            if self.renewed(executor) and not alone:
                self.suspects.add(k)
                self.waiting.appendleft(k)
            else:
                self.failed(k, error)
        except (Exception, CancelledError) as error:
            self.failed(k, error)
        else:
            self.finish(k, outcome)

    def renewed(self, broken: Executor) -> bool:
        """Whether a pool of processes that is broken has another one in its place."""
        if broken is self.executor and isinstance(broken, ProcessPoolExecutor):
            self.executor = self.stack.enter_context(pool(self.most, broken))
        return broken is not self.executor

    def failed(self, k: int, error: BaseException) -> None:
        """Try the job once more, or say that it is lost."""
        self.losses[k] += 1
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        if self.losses[k] == 1 and type(error).__name__ not in RETRIED:
            self.waiting.appendleft(k)
            return
        ended = isinstance(error, BrokenExecutor) or type(error).__name__ in RETRIED
        self.finish(k, Outcome(error=LostWorker(
            f"job {k + 1} of {len(self.todo)}, {described(self.job, self.todo[k])}, has no "
            f"result, tried again: {'its worker ended' if ended else 'its executor failed'}"
            f" ({what}). {NOT_HERE}", self.todo[k])))

    def finish(self, k: int, outcome: Outcome) -> None:
        """Keep what became of a job; after an error nothing that comes later is begun."""
        self.found[k] = outcome
        self.suspects.discard(k)
        self.done()
        if outcome.error is not None and not isinstance(outcome.error, LostWorker):
            self.waiting = deque(j for j in self.waiting if j < k)
