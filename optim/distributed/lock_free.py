"""Hogwild: several processes step on the same parameters without any lock.

Recht, Re, Wright & Niu 2011. It pays where each example touches few of many parameters:
then two processes seldom meet at one. Where they do, one's step at that entry may be lost,
since reading, subtracting and writing an entry are three things; and a gradient is taken
at parameters of which others write some meanwhile. So a run with several processes cannot
be repeated bit for bit. With workers=0 the same happens in one process, in an order that a
seed draws, which can: replicas read in one turn and write what they then had in another.
"""
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.randomness import generator
from optim import rules
from optim.distributed.delays import whole
from optim.workers import pool, single_threaded

Slope = Callable[[NDArray, Any], tuple[Any, Any]]


def hogwild(slope: Slope, theta: Any, examples: int, *, lr: float = 0.1, epochs: int = 1,
            workers: int = 2, replicas: int | None = None, seed: int = 0) -> NDArray:
    """theta after gradient descent on single examples, by several who take no turns.

    slope(theta, i) gives the gradient of example i at theta as a pair (index, values): of
    the entries at `index` of a flat theta, each at most once; all others are 0. With
    workers it has to pickle, and is sent to each process once. workers: how many
    processes, 0 for the simulation, with `replicas`. Every example is taken once an epoch,
    in an order drawn by seed, each worker its share. theta stays as it is.

    Raises FloatingPointError for a gradient that is not finite, which is not written;
    RuntimeError if a process ends before its work.

    >>> def slope(theta, i): return [i % 3], theta[[i % 3]] - 1.0
    >>> hogwild(slope, np.zeros(3), 300, workers=0, replicas=4).round(2)
    array([1., 1., 1.])
    """
    for name, value, least in (("examples", examples, 1), ("epochs", epochs, 0),
                               ("workers", workers, 0), ("replicas", replicas or 1, 1)):
        whole(f"hogwild: {name}", value, least)
    start = np.asarray(theta)
    if start.ndim != 1 or start.dtype.kind != "f":
        raise ValueError(f"hogwild: theta came as {start.dtype} of shape {start.shape}; "
                         "needed one flat array of floats")
    count = workers or replicas or 1
    if not workers:
        return simulated(slope, start.copy(), examples, lr, epochs, count, seed)
    try:
        pickle.dumps(slope)
    except Exception as error:                  # what pickling runs is the user's
        raise TypeError(f"hogwild: slope cannot be sent to processes ({error}); needed a "
                        "function at the top level of a module, or workers=0") from error
    memory = SharedMemory(create=True, size=max(start.nbytes, 1))
    try:
        shared: NDArray = np.ndarray(start.shape, start.dtype, memory.buf)
        shared[:] = start
        with single_threaded(), pool(workers) as executor:
            jobs = [executor.submit(work, memory.name, start.shape, start.dtype.str, slope,
                                    examples, lr, epochs, k, workers, seed)
                    for k in range(workers)]
            for job in jobs:
                job.result()
        return shared.copy()
    except BrokenProcessPool as error:
        raise RuntimeError("hogwild: a process ended before its work; its share of the "
                           "examples is lost. Start again, from what you passed") from error
    finally:
        shared = None                                   # type: ignore[assignment]
        memory.close()
        memory.unlink()


def order(examples: int, epochs: int, number: int, count: int, seed: int) -> Iterator[int]:
    """The examples of one of `count` workers: of each epoch's order its share."""
    for epoch in range(epochs):
        drawn = generator((seed, epoch)).permutation(examples)
        yield from drawn[number::count].tolist()


def after(slope: Slope, theta: NDArray, example: int, lr: float) -> tuple[Any, NDArray]:
    """Where one example's step writes, and what."""
    index, values = slope(theta, example)
    values = np.asarray(values, theta.dtype)
    if not np.isfinite(values).all():
        raise FloatingPointError(f"hogwild: the gradient of example {example} is not "
                                 "finite; it was not written. Look at it, or lower lr")
    return index, rules.gradient_descent(theta[index], values, t=1, lr=lr)


def work(name: str, shape: tuple[int, ...], dtype: str, slope: Slope, examples: int,
         lr: float, epochs: int, number: int, count: int, seed: int) -> None:
    """One process's share, on memory that others write at the same time."""
    memory = SharedMemory(name)
    try:
        theta: NDArray = np.ndarray(shape, dtype, memory.buf)
        for example in order(examples, epochs, number, count, seed):
            index, new = after(slope, theta, example, lr)
            theta[index] = new                          # no lock
    finally:
        theta = None                                    # type: ignore[assignment]
        memory.close()


def simulated(slope: Slope, theta: NDArray, examples: int, lr: float, epochs: int,
              count: int, seed: int) -> NDArray:
    """The same in one process: who reads or writes next is drawn by the seed."""
    rng = generator((seed, examples, count))
    shares = [order(examples, epochs, k, count, seed) for k in range(count)]
    held: list[Any] = [None]*count              # what each has computed and not yet written
    left = list(range(count))
    while left:
        k = left[rng.integers(len(left))]
        if held[k] is not None:
            index, new = held[k]
            theta[index], held[k] = new, None
        elif (example := next(shares[k], None)) is None:
            left.remove(k)
        else:
            held[k] = after(slope, theta, example, lr)
    return theta
