"""How many threads multiply matrices: one number for the process, never one per product.

Threads that wait for each other are what a product can lose most by. One of 128 x 784 by
784 x 256 took 1.2 ms by one thread, and 24 ms by two while another program had a core;
alone on a machine two threads halve it at best. So small products get one thread, and for
large ones it is measured whether more are faster.
"""
import os
import statistics
import time
from typing import Any

import numpy as np

from minigrad.spellings import explaining

LARGE = 2**24           # multiplications: about a millisecond of one core
GAIN = 0.8              # more threads have to bring the time down to this part of it
WIDEST = 512            # rows of what is multiplied to measure it: a few milliseconds
VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
             "BLIS_NUM_THREADS", "GOTO_NUM_THREADS")
final = False           # whether the user has set it, or it was measured


@explaining
def set_blas_threads(n: int) -> int:
    """Multiply matrices by n threads from now on, and return how many there are now.

    It holds for the whole process, for every BLAS that is loaded, as soon as it returns;
    it takes a millisecond, so call it once. The last digit of a large product may depend
    on n. Raises TypeError for what is no whole number, ValueError for one below 1,
    RuntimeError where no BLAS is found whose threads can be set, as with Apple's.

    >>> set_blas_threads(1)
    1
    """
    global final
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool):
        raise TypeError(f"set_blas_threads: came {n!r:.80}; needed a whole number, as in "
                        "mg.set_blas_threads(1)")
    if n < 1:
        raise ValueError(f"set_blas_threads: came {n}; needed at least 1; "
                         f"{processors()} would be one for each processor")
    libraries = loaded()
    if not libraries:
        raise RuntimeError("set_blas_threads: found no OpenBLAS, MKL or BLIS in this "
                           "process; set its variable before Python starts, such as "
                           "VECLIB_MAXIMUM_THREADS=1 for Apple's")
    final = True
    return use(libraries, int(n))


def choose_threads(largest: int) -> int | None:
    """Choose by the largest product of a step, m*k*n for (m, k) @ (k, n); None: left alone.

    Nothing is chosen for 0, where there is no product. One thread below LARGE; from there
    on it is measured, once in a process, whether one for each processor is faster now. What
    the user has chosen stays: by set_blas_threads, or by one of VARIABLES.
    """
    global final
    if final or not largest or any(os.environ.get(name) for name in VARIABLES):
        return None
    libraries = loaded()
    if not libraries:
        return None
    if largest < LARGE:
        return use(libraries, 1)
    final = True
    return use(libraries, faster(libraries, min(WIDEST, round(largest**(1/3)))))


def loaded() -> list[Any]:
    """threadpoolctl's handles on the BLAS libraries that this process has loaded."""
    from threadpoolctl import ThreadpoolController      # 4 ms, so not before it is needed
    return ThreadpoolController().select(user_api="blas").lib_controllers


def processors() -> int:
    """How many this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:                              # only Linux tells
        return os.cpu_count() or 1


def use(libraries: list[Any], n: int) -> int:
    """Set each library's threads, and return what the first one, NumPy's, says it has."""
    for library in libraries:
        library.set_num_threads(n)
    return int(libraries[0].num_threads)


def faster(libraries: list[Any], rows: int) -> int:
    """One thread or one for each processor, whichever multiplies two squares faster."""
    a = np.ones((rows, rows), np.float32)
    everyone = processors()
    if everyone == 1 or seconds(a, libraries, everyone) > GAIN*seconds(a, libraries, 1):
        return 1
    return everyone


def seconds(a: Any, libraries: list[Any], n: int) -> float:
    """The median time of a product by n threads."""
    use(libraries, n)
    times = []
    for _ in range(6):
        began = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])                 # the first one starts the threads
