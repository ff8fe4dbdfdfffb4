"""The workloads in minigrad: eager, and the same functions compiled."""
from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn
from optim.benchmarks.layered_networks import NETWORKS, built
from optim.benchmarks.workloads import (
    Run, Workload, batches, chain, numbers_of, point, tensors, valley)
from optim.optimizers.classes import Adam
from optim.training.perceptrons import perceptron

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


def eager(workload: Workload) -> Run:
    """As it is written."""
    return KINDS[workload.kind](workload, lambda function: function)


def compiled(workload: Workload) -> Run:
    """Through mg.compile; NotImplementedError where there is nothing to compile."""
    if workload.kind == "adam":
        raise NotImplementedError("the eager step runs the compiled kernel")
    return KINDS[workload.kind](workload, mg.compile)


def fast(workload: Workload) -> Run:
    """With the option fast."""
    if workload.kind != "adam" or sum(workload.sizes) < 10**6:
        raise NotImplementedError("it is for Adam on a million parameters and more")
    return adam(workload, lambda function: function, fast=True)


def training(workload: Workload, wrap: Wrap) -> Run:
    if workload.kind in NETWORKS:
        moved, model = built(nn, workload.kind, workload.sizes, lambda array: array)
    else:
        model = perceptron("-".join(map(str, workload.sizes)), np.random.default_rng(0))
        moved = model.parameters()
    optimizer, data = Adam(moved), batches(workload)
    loss_of = nn.cross_entropy if workload.sizes[-1] > 1 else nn.mse_loss

    def training_step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step = wrap(training_step)
    return Run(lambda: step(*next(data)), lambda: [tensor.numpy() for tensor in moved])


def adam(workload: Workload, wrap: Wrap, **options: Any) -> Run:
    moved = []
    for values, gradient in tensors(workload):
        moved.append(mg.tensor(values, requires_grad=True))
        moved[-1].grad = gradient
    return Run(wrap(Adam(moved, **options).step),
               lambda: [tensor.numpy() for tensor in moved])


def scalars(workload: Workload, wrap: Wrap) -> Run:
    derivative = wrap(mg.value_and_grad(lambda x: chain(x, workload.sizes[0])))
    return repeated(derivative, point(workload))


def hessian(workload: Workload, wrap: Wrap) -> Run:
    return repeated(wrap(mg.hessian(valley)), point(workload))


def repeated(function: Callable[..., Any], x: Any) -> Run:
    """The same call again and again; its results are the numbers."""
    def numbers() -> list[Any]:
        found = function(x)
        return numbers_of(found if type(found) is tuple else [found])
    return Run(lambda: function(x), numbers)


KINDS = dict.fromkeys(NETWORKS, training) | {
    "training": training, "adam": adam, "chain": scalars, "hessian": hessian}
