"""The workloads by hand, in NumPy that allocates nothing: what a compiler can hope for.

Every array is made before the first step, every view of one too; constants are arrays of
shape (), which NumPy takes faster than its own or Python's numbers; Adam goes through the
parameters in blocks that stay in the cache. No step asks whether its numbers are finite.
"""
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.benchmarks.workloads import (
    FACTOR, TERM, Run, Workload, batches, parameters, point, tensors)

BLOCK = 2**15           # float32 entries; six arrays of them fit into a cache of 1 MiB
BETA1, BETA2, LR, EPS = 0.9, 0.999, 0.001, 1e-8


def by_hand(workload: Workload) -> Run:
    """The workload in NumPy alone."""
    return KINDS[workload.kind](workload)


def number(x: float) -> NDArray:
    """A constant."""
    return np.array(x, np.float32)


def joined(arrays: list[NDArray]) -> tuple[NDArray, list[NDArray]]:
    """Arrays end to end, and the stretch of each in its shape."""
    flat = np.concatenate(arrays, axis=None)
    ends = np.cumsum([array.size for array in arrays])[:-1]
    return flat, [part.reshape(array.shape)
                  for part, array in zip(np.split(flat, ends), arrays)]


def adam_step(theta: NDArray, g: NDArray) -> Callable[[], None]:
    """A function that moves the flat theta once, by what is in g then."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    size = min(BLOCK, theta.size)
    scratch, direction = np.empty(size, np.float32), np.empty(size, np.float32)
    blocks = [(theta[i:i + size], g[i:i + size], m[i:i + size], v[i:i + size],
               scratch[:theta.size - i], direction[:theta.size - i])
              for i in range(0, theta.size, size)]
    beta1, rest1, beta2, rest2, lr, eps = map(
        number, (BETA1, 1 - BETA1, BETA2, 1 - BETA2, LR, EPS))
    left1, left2 = number(1), number(1)
    add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.true_divide
    square, sqrt = np.square, np.sqrt
    t = 0

    def step() -> None:
        nonlocal t
        t += 1
        left1[()], left2[()] = 1 - BETA1**t, 1 - BETA2**t
        for theta, g, m, v, s, d in blocks:
            multiply(m, beta1, m)                   # m = beta1*m + (1 - beta1)*g
            multiply(g, rest1, s)
            add(m, s, m)
            multiply(v, beta2, v)                   # v = beta2*v + (1 - beta2)*g**2
            square(g, s)
            multiply(s, rest2, s)
            add(v, s, v)
            divide(v, left2, s)                     # sqrt(v_hat) + eps
            sqrt(s, s)
            add(s, eps, s)
            divide(m, left1, d)                     # theta - lr*m_hat/(sqrt(v_hat) + eps)
            multiply(d, lr, d)
            divide(d, s, d)
            subtract(theta, d, theta)
    return step


def cross_entropy(logits: NDArray, slope: NDArray) -> Callable[[NDArray], Any]:
    """A function of labels: the loss of what is in logits, its slope written to slope."""
    n, outputs = logits.shape
    powers, (top, total) = np.empty_like(logits), np.empty((2, n, 1), np.float32)
    column, losses = np.empty((2, n), np.float32)
    starts, at = np.arange(n)*outputs, np.empty(n, np.int64)
    flat_logits, flat_slope, flat_total = (
        array.reshape(-1) for array in (logits, slope, total))
    one, share = number(1), number(1/n)
    add, subtract, take = np.add, np.subtract, np.take
    largest: Any = np.maximum.reduce
    add_up: Any = np.add.reduce

    def loss(labels: NDArray) -> Any:
        add(starts, labels, at)
        largest(logits, 1, None, top, True)
        subtract(logits, top, logits)
        np.exp(logits, powers)
        add_up(powers, 1, None, total, True)
        np.log(flat_total, losses)
        take(flat_logits, at, 0, column, "clip")
        subtract(losses, column, losses)
        np.true_divide(powers, total, slope)            # softmax, minus one-hot labels
        take(flat_slope, at, 0, column, "clip")
        subtract(column, one, column)
        flat_slope[at] = column
        np.multiply(slope, share, slope)
        return add_up(losses)*share
    return loss


def squared_error(outputs: NDArray, slope: NDArray) -> Callable[[NDArray], Any]:
    """Likewise, a function of targets."""
    flat = np.empty(outputs.size, np.float32)
    squares = flat.reshape(outputs.shape)
    share, twice = number(1/outputs.size), number(2/outputs.size)

    def loss(targets: NDArray) -> Any:
        np.subtract(outputs, targets, slope)
        np.square(slope, squares)
        np.multiply(slope, twice, slope)
        return np.add.reduce(flat)*share
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
    dot, add, multiply = np.dot, np.add, np.multiply
    add_up: Any = np.add.reduce
    zero, maximum, greater = number(0), np.maximum, np.greater

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
    found = [0.0, 0.0]

    def step() -> None:
        x, slope = 2.0, 1.0
        for _ in range(workload.sizes[0]//2):
            x = x*FACTOR + TERM
        for _ in range(workload.sizes[0]//2):
            slope = slope*FACTOR
        found[:] = x, slope
    return Run(step, lambda: [np.array(each, np.float32) for each in found])


def hessian(workload: Workload) -> Run:
    x = point(workload)
    n = len(x)
    found, inner, squares = np.zeros((n, n), np.float32), x[:-1], np.empty_like(x[1:])
    flat = found.reshape(-1)
    diagonal, above, below = flat[::n + 1], flat[1::n + 1], flat[n::n + 1]

    def step() -> None:
        np.multiply(inner, inner, squares)
        np.multiply(squares, 1200, squares)         # 1200 x[i]**2 - 400 x[i + 1] + 2
        np.multiply(x[1:], 400, above)
        np.subtract(squares, above, squares)
        np.add(squares, 2, diagonal[:-1])
        diagonal[-1] = 0
        np.add(diagonal[1:], 200, diagonal[1:])
        np.multiply(inner, -400, above)
        below[...] = above
    return Run(step, lambda: [found.copy()])


KINDS = {"training": training, "adam": adam, "chain": chain, "hessian": hessian}
