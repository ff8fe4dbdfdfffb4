"""Who does the workloads: a table, and one of them at work in a process of its own.

    python -m optim.benchmarks.implementations eager training 64-32-10 32

does the workload three times (the third is the first that mg.compile replays) and answers
with a line of JSON: the processor's seconds since the process began, and some of what was
computed. Then it reads a number of steps a line, and answers with their seconds, by the
clock and by the processor. At the end of its input it says how many bytes it held at most.
"""
import json
import sys
import time
import tracemalloc
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from optim.benchmarks.workloads import Run, Workload

SAMPLE, FIRST = 64, 3       # entries of an array, and steps, after which they are compared


class Implementation(NamedTuple):
    """Who does a workload."""
    title: str
    where: str                                      # module:function, of a Workload
    package: str = "numpy"                          # what has to be installed
    threaded: bool = True                           # whether it can use several threads


OURS = {
    "eager":    Implementation("minigrad eager", "own_steps:eager"),
    "compiled": Implementation("minigrad compiled", "own_steps:compiled"),
    "fast":     Implementation("minigrad fast", "own_steps:fast", "numba"),
    "by_hand":  Implementation("NumPy by hand", "by_hand:by_hand")}
PEERS = {
    "torch":          Implementation("PyTorch", "torch_peers:torch_default", "torch"),
    "torch_fused":    Implementation("PyTorch fused", "torch_peers:torch_fused", "torch"),
    "torch_compiled": Implementation(
        "torch.compile", "torch_peers:torch_compiled", "torch"),
    "jax":            Implementation("jax.jit", "peers:jax_jit", "jax"),
    "autograd":       Implementation("autograd", "peers:hips_autograd", "autograd"),
    "mygrad":         Implementation("MyGrad", "peers:mygrad", "mygrad"),
    "micrograd":      Implementation("micrograd", "peers:micrograd", "micrograd", False)}
EVERYONE = OURS | PEERS


def begun(name: str, workload: Workload) -> Run:
    """The workload in an implementation; NotImplementedError where there is none."""
    module, function = EVERYONE[name].where.split(":")
    run: Run = getattr(import_module(f"optim.benchmarks.{module}"), function)(workload)
    return run


def sample(arrays: list[Any]) -> list[float]:
    """Some entries of each array, evenly spaced."""
    return [float(x) for array in arrays for x in np.ravel(array)[
        np.linspace(0, np.size(array) - 1, min(SAMPLE, np.size(array))).astype(int)]]


def most_bytes() -> int:
    """The most memory that this process has had; 0 where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:                     # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024*most


def answer(**content: Any) -> None:
    print(json.dumps(content), flush=True)


def main(name: str, kind: str, sizes: str, batch: str, traced: str = "") -> None:
    """Work as the module's docstring says; traced: count what Python and NumPy allocate."""
    if traced:
        tracemalloc.start()
    workload = Workload(kind, tuple(map(int, sizes.split("-"))), int(batch))
    try:
        step, numbers = begun(name, workload)
    except NotImplementedError as reason:
        answer(reason=str(reason))
        return
    for _ in range(FIRST):
        step()
    answer(first=time.process_time(), numbers=sample(numbers()))
    for line in sys.stdin:
        steps = range(int(line))
        clock, processor = time.perf_counter(), time.process_time()
        for _ in steps:
            step()
        answer(clock=(time.perf_counter() - clock)/len(steps),
               processor=(time.process_time() - processor)/len(steps))
    answer(bytes=tracemalloc.get_traced_memory()[1] if traced else most_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
