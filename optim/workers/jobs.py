"""One job in a worker: what is sent there, how it runs, and what comes back."""
import contextlib
import math
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from minigrad.time_limits import within
from optim.workers.pools import one_thread

RUNS: set[str] = set()                  # those that are under way, by their own names
LOCKS: dict[int, threading.RLock] = {}  # of each process: a fork may copy a locked one
LONGEST = 120                           # letters of a job in a message
NOT_HERE = ("To see why, run it without an executor, with workers=0. A script that starts "
            "processes does so below: if __name__ == '__main__':")
CURE = ("needed a function of a module that workers can import, not a lambda or one typed "
        "in a notebook, and arguments and results of plain data; or use threads, or an "
        "executor that sends functions by value, such as Dask's client.get_executor()")


@dataclass
class Outcome:
    """What a job returned, or the error that it raised."""
    value: Any = None
    error: BaseException | None = None

    def result(self) -> Any:
        """The value; what was raised is raised."""
        if self.error is not None:
            raise self.error
        return self.value


def described(job: Callable[..., Any], arguments: Sequence[Any]) -> str:
    """A job as it would be called, cut where it is long.

    >>> described(pow, (2, 3))
    'pow(2, 3)'
    """
    text = ", ".join(map(repr, arguments))
    return (f"{getattr(job, '__name__', job)}("
            f"{text if len(text) <= LONGEST else text[:LONGEST] + '...'})")


def sent(what: Any, job: Callable[..., Any], arguments: Sequence[Any]) -> bytes:
    """What a process is sent; TypeError names the job that does not pickle."""
    try:
        return pickle.dumps(what)
    except Exception as error:
        raise TypeError(f"{described(job, arguments)} does not pickle: {error}; {CURE}"
                        ) from error


def received(answer: Any) -> Outcome:
    """The outcome that came back; TypeError for anything else."""
    outcome = pickle.loads(answer) if isinstance(answer, bytes) else answer
    if not isinstance(outcome, Outcome):
        raise TypeError(f"the executor returned {type(outcome).__name__}")
    return outcome


def attempt(what: Any, run: str, process: int, together: bool, *_: int) -> Any:
    """A job's outcome: pickled, if it came pickled. What follows tells tries apart, since
    an executor may give equal calls one result."""
    here = run in RUNS and process == os.getpid()
    if not here:
        prepare()
    outcome = finished(what, run, here, together)
    if not isinstance(what, bytes):
        return outcome
    try:
        return pickle.dumps(outcome)
    except Exception as error:
        job, arguments = pickle.loads(what)
        return pickle.dumps(Outcome(error=TypeError(
            f"what {described(job, arguments)} returned does not pickle: {error}; {CURE}")))


def finished(what: Any, run: str, here: bool, together: bool) -> Outcome:
    """Run the job; in a thread of the process that waits for it, so that it can be ended.
    """
    try:
        job, arguments = pickle.loads(what) if isinstance(what, bytes) else what
    except Exception as error:
        return Outcome(error=TypeError(
            f"a worker cannot read the job that it was sent: {error}; {CURE}"))

    def work() -> Outcome:
        if here and run not in RUNS:                # it has been ended meanwhile
            return Outcome()
        return Outcome(job(*arguments))
    with contextlib.nullcontext() if together else LOCKS.setdefault(
            os.getpid(), threading.RLock()):
        try:
            return within(math.inf, work, Outcome, run) if here else work()
        except Exception as error:
            return Outcome(error=error if here else portable(error))


def portable(error: Exception) -> Exception:
    """The error as it survives being sent, with where it was raised."""
    try:
        found = pickle.loads(pickle.dumps(error))
        if type(found) is not type(error) or str(found) != str(error):
            raise TypeError
        found = error
    except Exception:
        found = RuntimeError(f"{type(error).__name__}: {error}")
    found.add_note("In a worker:\n" + "".join(traceback.format_exception(error)))
    return found


@cache
def prepare() -> None:
    """One thread for linear algebra in this process, and Ctrl-C ends it without a
    traceback; once."""
    one_thread()
    if multiprocessing.parent_process() and (
            threading.current_thread() is threading.main_thread()):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
