"""The workloads in JAX, HIPS autograd, MyGrad and micrograd, as their users write them.

The last three bring no optimizer that can be stepped: there our own rule moves the
parameters, by NumPy. NotImplementedError says what a library cannot do.
"""
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import numpy as np

from optim import rules
from optim.benchmarks.layered_networks import NETWORKS, lenet_of_mygrad
from optim.benchmarks.workloads import (
    Run, Workload, batches, batches_as, chain, numbers_of, parameters, point, tensors,
    valley)


def loss(xp: Any, weights: list[Any], x: Any, y: Any) -> Any:
    """The loss of a training step by a module `xp` of NumPy's functions."""
    for k in range(0, len(weights), 2):
        x = xp.matmul(x, weights[k].T) + weights[k + 1]
        x = xp.maximum(x, 0) if k < len(weights) - 2 else x
    if x.shape[1] == 1:
        return xp.mean((x - y)**2)
    shifted = x - xp.max(x, axis=1, keepdims=True)
    log_sums = xp.log(xp.sum(xp.exp(shifted), axis=1))
    return xp.mean(log_sums - shifted[np.arange(len(y)), y])


def refuse_networks(workload: Workload) -> None:
    """NotImplementedError for networks that need layers which a library has not."""
    if workload.kind in NETWORKS:
        raise NotImplementedError("it has no such layers")


def jax_jit(workload: Workload) -> Run:
    """jax.jit of the whole step, with optax's Adam; the step waits for its result."""
    refuse_networks(workload)
    import jax
    import optax
    if workload.kind in ("chain", "hessian"):
        if workload.sizes[0] > 10**3:
            raise NotImplementedError("XLA does not compile so long a chain in minutes")
        x = jax.numpy.array(point(workload))
        derivative = jax.jit(jax.hessian(valley) if workload.kind == "hessian" else
                             jax.value_and_grad(lambda x: chain(x, workload.sizes[0])))
        return Run(lambda: jax.block_until_ready(derivative(x)),
                   lambda: numbers_of(jax.tree.leaves(derivative(x))))
    adam = optax.adam(0.001)

    def moved(weights: Any, state: Any, gradients: Any) -> Any:
        updates, state = adam.update(gradients, state)
        return optax.apply_updates(weights, updates), state

    def trained(weights: Any, state: Any, x: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(
            lambda weights: loss(jax.numpy, weights, x, y))(weights)
        return *moved(weights, state, gradients), value

    if workload.kind == "adam":
        values, gradients = zip(*tensors(workload))
        weights = [*map(jax.numpy.array, values)]
        given = [*map(jax.numpy.array, gradients)]
        update = jax.jit(moved, donate_argnums=(0, 1))
    else:
        weights = [*map(jax.numpy.array, parameters(workload))]
        data = batches_as(jax.numpy.array, workload)
        update = jax.jit(trained, donate_argnums=(0, 1))
    state = adam.init(weights)

    def step() -> Any:
        nonlocal weights, state
        if workload.kind == "adam":
            weights, state = jax.block_until_ready(update(weights, state, given))
            return None
        weights, state, value = jax.block_until_ready(update(weights, state, *next(data)))
        return value
    return Run(step, lambda: numbers_of(weights))


def moved_by_rule(workload: Workload, gradients_of: Callable[..., Any]) -> Run:
    """A training whose parameters are moved by our rule; value and gradients are given."""
    weights = parameters(workload)
    states = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    data, t = batches(workload), 0

    def step() -> Any:
        nonlocal t
        t += 1
        value, gradients = gradients_of(weights, *next(data))
        for k, g in enumerate(gradients):
            weights[k], *states[k] = rules.adam(weights[k], g, *states[k], t=t)
        return value
    return Run(step, lambda: [w.copy() for w in weights])


def hips_autograd(workload: Workload) -> Run:
    """HIPS autograd."""
    refuse_networks(workload)
    autograd, xp = import_module("autograd"), import_module("autograd.numpy")
    if workload.kind == "adam":
        raise NotImplementedError("it has no Adam that can be stepped")
    if workload.kind == "training":
        return moved_by_rule(workload, lambda weights, x, y: autograd.value_and_grad(
            lambda weights: loss(xp, weights, x, y))(weights))
    x = point(workload)
    derivative = (autograd.hessian(valley) if workload.kind == "hessian" else
                  autograd.value_and_grad(lambda x: chain(x, workload.sizes[0])))
    return Run(lambda: derivative(x), lambda: numbers_of(
        [*derivative(x)] if workload.kind == "chain" else [derivative(x)]))


def mygrad(workload: Workload) -> Run:
    """MyGrad."""
    xp = import_module("mygrad")
    if workload.kind in ("adam", "hessian"):
        raise NotImplementedError(
            "it has no Adam" if workload.kind == "adam" else "it has no second derivatives")
    if workload.kind != "lenet":
        refuse_networks(workload)

    def gradients_of(weights: Any, x: Any, y: Any) -> Any:
        weights = [*map(xp.tensor, weights)]
        value = loss(xp, weights, x, y) if workload.kind == "training" else (
            cross_entropy(lenet_of_mygrad(weights, x), y))
        value.backward()
        return value.data, [w.grad for w in weights]
    cross_entropy = import_module("mygrad.nnet.losses").softmax_crossentropy
    if workload.kind in ("training", "lenet"):
        return moved_by_rule(workload, gradients_of)

    def derivative() -> Any:
        x = xp.tensor(point(workload))
        value = chain(x, workload.sizes[0])
        value.backward()
        return value.data, x.grad
    return Run(derivative, lambda: numbers_of([*derivative()]))


def deeply(function: Callable) -> Callable:
    """The function, with room for calls of calls: micrograd's backward calls itself for
    each operation."""
    @wraps(function)
    def run(*arguments: Any) -> Any:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(10**6)
        try:
            return function(*arguments)
        finally:
            sys.setrecursionlimit(before)
    return run


def micrograd(workload: Workload) -> Run:
    """micrograd: scalars, so the smallest network and the chains."""
    value_of = import_module("micrograd.engine").Value
    if workload.kind == "chain":
        @deeply
        def derivative() -> Any:
            x = value_of(float(point(workload)))
            value = chain(x, workload.sizes[0])
            value.backward()
            return value.data, x.grad
        return Run(derivative, lambda: numbers_of([*derivative()]))
    if workload.kind != "training" or workload.sizes[-1] > 1:
        raise NotImplementedError("it has neither arrays nor logarithms")
    scalars = np.frompyfunc(value_of, 1, 1)

    @deeply
    def gradients_of(weights: Any, x: Any, y: Any) -> Any:
        weights = [scalars(w.astype(object)) for w in weights]
        h = x.astype(object)
        for k in range(0, len(weights), 2):
            h = h @ weights[k].T + weights[k + 1]
            if k < len(weights) - 2:
                h = np.frompyfunc(value_of.relu, 1, 1)(h)
        value = ((h - y)**2).sum()*(1/y.size)
        value.backward()
        slope = np.frompyfunc(lambda entry: entry.grad, 1, 1)
        return value.data, [slope(w).astype(np.float32) for w in weights]
    return moved_by_rule(workload, gradients_of)
