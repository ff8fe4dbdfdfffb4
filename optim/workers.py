"""Processes that work side by side, on one thread each, and end at once when one fails."""
import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """New processes get one thread each for linear algebra."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
             "VECLIB_MAXIMUM_THREADS")
    before = dict(os.environ)
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes; on an error, or Ctrl-C, they end at once."""
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(         # Ctrl-C ends a worker without a traceback
        workers, multiprocessing.get_context("spawn"), signal.signal,
        (signal.SIGINT, signal.SIG_DFL))
    try:
        yield executor
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
