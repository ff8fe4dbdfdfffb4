"""The workloads by hand, in NumPy that allocates nothing: what a compiler can hope for.

Every array is made before the first step, every view of one too; constants are arrays of
shape (), which NumPy takes faster than its own or Python's numbers; Adam goes through the
parameters in blocks that stay in the cache. No step asks whether its numbers are finite.
"""
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import add, divide, dot, exp, greater, log, maximum, multiply, square, subtract
from numpy.typing import NDArray

from optim.benchmarks.adam_by_hand import adam_step, number
from optim.benchmarks.workloads import (
    FACTOR, TERM, Run, Workload, batches, numbers_of, parameters, point, tensors)

add_up: Any = add.reduce


def by_hand(workload: Workload) -> Run:
    """The workload in NumPy alone; NotImplementedError where nobody has written it."""
    if workload.kind not in KINDS:
        raise NotImplementedError("it is not written by hand")
    return KINDS[workload.kind](workload)


def joined(arrays: list[NDArray]) -> tuple[NDArray, list[NDArray]]:
    """Arrays end to end, and the stretch of each in its shape."""
    flat = np.concatenate(arrays, axis=None)
    ends = np.cumsum([array.size for array in arrays])[:-1]
    return flat, [part.reshape(array.shape)
                  for part, array in zip(np.split(flat, ends), arrays)]


def cross_entropy(logits: NDArray, slope: NDArray) -> Callable[[NDArray], Any]:
    """A function of labels: the loss of what is in logits, its slope written to slope."""
    n, outputs = logits.shape
    powers, (top, total) = np.empty_like(logits), np.empty((2, n, 1), np.float32)
    column, losses = np.empty((2, n), np.float32)
    starts, at = np.arange(n)*outputs, np.empty(n, np.int64)
    flat_logits, flat_slope, flat_total = (
        array.reshape(-1) for array in (logits, slope, total))
    one, share = number(1), number(1/n)
    largest: Any = maximum.reduce

    def loss(labels: NDArray) -> Any:
        add(starts, labels, at)
        largest(logits, 1, None, top, True)
        subtract(logits, top, logits)
        exp(logits, powers)
        add_up(powers, 1, None, total, True)
        log(flat_total, losses)
        np.take(flat_logits, at, 0, column, "clip")
        subtract(losses, column, losses)
        divide(powers, total, slope)                    # softmax, minus one-hot labels
        np.take(flat_slope, at, 0, column, "clip")
        subtract(column, one, column)
        flat_slope[at] = column
        multiply(slope, share, slope)
        return add_up(losses)*share
    return loss


def squared_error(outputs: NDArray, slope: NDArray) -> Callable[[NDArray], Any]:
    """Likewise, a function of targets."""
    flat = np.empty(outputs.size, np.float32)
    squares = flat.reshape(outputs.shape)
    share, twice = number(1/outputs.size), number(2/outputs.size)

    def loss(targets: NDArray) -> Any:
        subtract(outputs, targets, slope)
        square(slope, squares)
        multiply(slope, twice, slope)
        return add_up(flat)*share
    return loss


def training(workload: Workload) -> Run:
    data, n, sizes = batches(workload), workload.batch, workload.sizes
    theta, places = joined(parameters(workload))
    gradient, slots = joined([np.zeros_like(place) for place in places])
    move = adam_step(theta, gradient)
    values, slopes = ([np.empty((n, size), np.float32) for size in sizes[1:]]
                      for _ in range(2))                # of each layer, and d loss/d them
    masks = [np.empty((n, size), bool) for size in sizes[1:-1]]
    loss = (cross_entropy if sizes[-1] > 1 else squared_error)(values[-1], slopes[-1])
    weights, biases = places[::2], places[1::2]
    forward = [*zip([w.T for w in weights], biases, values)]
    backward = [*zip([d.T for d in slopes], slopes, slots[::2], slots[1::2])]
    below = [*zip(values, weights[1:], slopes, masks)]      # of layers 0 to last - 1
    (first, first_bias, hidden), rest = forward[0], forward[1:]
    zero = number(0)

    def step() -> Any:
        x, y = next(data)
        dot(x, first, hidden)
        add(hidden, first_bias, hidden)
        for (h, _, _, mask), (weight, bias, z) in zip(below, rest):
            greater(h, zero, mask)
            maximum(h, zero, out=h)
            dot(h, weight, z)
            add(z, bias, z)
        found = loss(y)
        for i in range(len(below), 0, -1):
            h, weight, passed, mask = below[i - 1]
            d_turned, d, d_weight, d_bias = backward[i]
            dot(d_turned, h, d_weight)
            add_up(d, 0, None, d_bias)
            dot(d, weight, passed)
            multiply(passed, mask, passed)
        d_turned, d, d_weight, d_bias = backward[0]
        dot(d_turned, x, d_weight)
        add_up(d, 0, None, d_bias)
        move()
        return found
    return Run(step, lambda: [place.copy() for place in places])


def adam(workload: Workload) -> Run:
    values, gradients = zip(*tensors(workload))
    theta, places = joined([*values])
    return Run(adam_step(theta, joined([*gradients])[0]),
               lambda: [place.copy() for place in places])


def chain(workload: Workload) -> Run:
    half = range(workload.sizes[0]//2)

    def step() -> tuple[float, float]:
        x, slope = 2.0, 1.0
        for _ in half:
            x = x*FACTOR + TERM
        for _ in half:
            slope = slope*FACTOR
        return x, slope
    return Run(step, lambda: numbers_of(step()))


def hessian(workload: Workload) -> Run:
    x = point(workload)
    n = len(x)
    found, inner, squares = np.zeros((n, n), np.float32), x[:-1], np.empty_like(x[1:])
    flat = found.reshape(-1)
    diagonal, above, below = flat[::n + 1], flat[1::n + 1], flat[n::n + 1]

    def step() -> None:
        multiply(inner, inner, squares)
        multiply(squares, 1200, squares)            # 1200 x[i]**2 - 400 x[i + 1] + 2
        multiply(x[1:], 400, above)
        subtract(squares, above, squares)
        add(squares, 2, diagonal[:-1])
        diagonal[-1] = 0
        add(diagonal[1:], 200, diagonal[1:])
        multiply(inner, -400, above)
        below[...] = above
    return Run(step, lambda: [found.copy()])


KINDS = {"training": training, "adam": adam, "chain": chain, "hessian": hessian}
