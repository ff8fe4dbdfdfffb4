"""What is measured: each piece of work stated once, with the numbers that it starts from.

An implementation of a kind of work is a function of a Workload that returns a Run. All
implementations of one workload compute the same, float32 throughout.
"""
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from optim.benchmarks.layered_networks import NETWORKS, built, input_shape
from optim.training.perceptrons import perceptron

BATCHES = 8             # taken in turns: with a single one, units die, numbers get tiny
FACTOR, TERM = 0.999, 0.001


class Workload(NamedTuple):
    """A kind of work and its sizes.

    "training": layers; a step by Adam, as it is by default, of a network with ReLU between,
    by cross entropy, or by the squared error if it has one output. A kind of NETWORKS: the
    same of that network, whose arguments are the sizes. "adam": numbers of each
    tensor; a step of Adam at a constant gradient. "chain": operations; the value and slope
    of as many, half of them x*FACTOR, half x + TERM. "hessian": entries of x; all second
    derivatives of `valley`.
    """
    kind: str
    sizes: tuple[int, ...]
    batch: int = 0

    @property
    def name(self) -> str:
        """What a reader calls it.

        >>> Workload("training", (64, 32, 10), 32).name, Workload("adam", (5, 5)).name
        ('MLP 64-32-10 B32', 'Adam, 2 tensors of 5')
        """
        first, sizes = f"{self.sizes[0]:,}", " ".join(map(str, self.sizes))
        if self.kind in NETWORKS:
            named = {"lenet": "LeNet", "gru": "GRU", "transformer": "transformer"}
            return f"{named[self.kind]} {sizes} B{self.batch}"
        return {"training": f"MLP {'-'.join(map(str, self.sizes))} B{self.batch}",
                "adam": f"Adam, {len(self.sizes)} tensors of {first}"
                if len(self.sizes) > 1 else f"Adam, {first} numbers",
                "chain": f"chain of {first} operations",
                "hessian": f"Hessian, {first} x {first}"}[self.kind]


class Run(NamedTuple):
    """A workload under way in one implementation."""
    step: Callable[[], Any]                         # does it once more
    numbers: Callable[[], list[NDArray]]            # what it has computed by now


WORKLOADS = (
    Workload("training", (2, 16, 1), 32),
    Workload("training", (64, 32, 10), 32),
    Workload("training", (784, 256, 128, 10), 128),
    Workload("training", (784, 1024, 1024, 10), 256),
    Workload("lenet", (28, 10), 64), Workload("gru", (32, 16, 64, 10), 32),
    Workload("transformer", (32, 64, 4, 128, 10), 16),
    Workload("adam", (10**3,)), Workload("adam", (10**5,)), Workload("adam", (10**7,)),
    Workload("adam", (1000,)*100),
    Workload("chain", (10**3,)), Workload("chain", (10**5,)),
    Workload("hessian", (20,)))

# What grows, and the workloads along which it does: within a cache, or far beyond it.
GROWTH = {
    "depth": {n: Workload("training", (16,)*n + (10,), 16) for n in (8, 16, 32, 64, 128)},
    "width": {n: Workload("training", (64, n, n, 10), 32)
              for n in (16, 32, 64, 128, 256, 512, 1024)},
    "batch": {n: Workload("training", (64, 64, 10), n)
              for n in (256, 512, 1024, 2048, 4096)},
    "parameters": {n: Workload("adam", (n,)) for n in (3*10**6, 10**7, 3*10**7)}}


def parameters(workload: Workload) -> list[NDArray]:
    """Where a training starts: weight (out, in), bias (out,), layer by layer."""
    if workload.kind in NETWORKS:
        moved, _ = built(nn, workload.kind, workload.sizes, lambda array: array)
        return [tensor.numpy() for tensor in moved]
    sizes = "-".join(map(str, workload.sizes))
    model = perceptron(sizes, np.random.default_rng(0))
    return [tensor.numpy() for tensor in model.parameters()]


def batches(workload: Workload) -> Iterator[tuple[NDArray, NDArray]]:
    """Some batches again and again: x (batch, features) float32, or of a network's shape;
    y (batch,) int64 labels, or for one output (batch, 1) float32 targets."""
    (features, *_, outputs), n = workload.sizes, workload.batch
    shape = (features,) if workload.kind == "training" else input_shape(
        workload.kind, workload.sizes)
    rng = np.random.default_rng(1)

    def batch() -> tuple[NDArray, NDArray]:
        x = rng.random((n, *shape), np.float32)
        return x, (rng.integers(0, outputs, n) if outputs > 1 else
                   rng.random((n, outputs), np.float32))
    return itertools.cycle([batch() for _ in range(BATCHES)])


def batches_as(array: Callable[[NDArray], Any], workload: Workload) -> Iterator[Any]:
    """The batches as arrays of another library, which are made once."""
    source = batches(workload)
    return itertools.cycle([tuple(map(array, next(source))) for _ in range(BATCHES)])


def numbers_of(arrays: Iterable[Any]) -> list[NDArray]:
    """Another library's arrays as NumPy's."""
    return [np.array(array, np.float32) for array in arrays]


def tensors(workload: Workload) -> list[tuple[NDArray, NDArray]]:
    """Of each tensor of Adam's, the values and the gradient."""
    rng = np.random.default_rng(0)
    return [(rng.standard_normal(n, np.float32), rng.standard_normal(n, np.float32))
            for n in workload.sizes]


def chain(x: Any, operations: int) -> Any:
    """As many scalar operations, one after another."""
    for _ in range(operations//2):
        x = x*FACTOR + TERM
    return x


def point(workload: Workload) -> NDArray:
    """Where the chain begins, or the Hessian is taken."""
    return (np.array(2, np.float32) if workload.kind == "chain" else
            np.linspace(-1, 1, workload.sizes[0], dtype=np.float32))


def valley(x: Any) -> Any:
    """Rosenbrock's function of many variables, by what any array library has."""
    return (100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2).sum()
