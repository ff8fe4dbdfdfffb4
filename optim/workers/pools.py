"""Processes that work side by side, on one thread each, and end at once when one fails."""
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from minigrad import blas

VARIABLES = (*blas.VARIABLES, "VECLIB_MAXIMUM_THREADS")


def one_thread() -> None:
    """One thread for linear algebra from now on, here and in new processes: the last digit
    of a product may depend on how many there are."""
    os.environ.update(dict.fromkeys(VARIABLES, "1"))
    for library in blas.loaded():
        library.set_num_threads(1)


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """A block with one thread for linear algebra, here and in new processes."""
    before = dict(os.environ)
    threads = [(library, library.num_threads) for library in blas.loaded()]
    one_thread()
    try:
        yield
    finally:
        for name in VARIABLES:
            del os.environ[name]
        os.environ.update(before)
        for library, n in threads:
            library.set_num_threads(n)


@contextlib.contextmanager
def pool(workers: int, like: ProcessPoolExecutor | None = None
         ) -> Iterator[ProcessPoolExecutor]:
    """Worker processes, started like those of another pool; on an error, or Ctrl-C, they
    end at once."""
    how: list[Any] = [multiprocessing.get_context("spawn"), signal.signal,
                      (signal.SIGINT, signal.SIG_DFL)]          # ends without a traceback
    if like is not None:
        how = [getattr(like, f"_{part}") for part in ("mp_context", "initializer",
                                                      "initargs")]
    executor = ProcessPoolExecutor(workers, *how)
    try:
        yield executor
    except BaseException:
        for worker in [*(getattr(executor, "_processes", None) or {}).values()]:
            worker.terminate()
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
