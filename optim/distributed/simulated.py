"""A simulator of delays, in plain NumPy: what late gradients do to a rule, bit for bit
repeatable.

    simulate(parabola, 1.0, "adam", delay=3, lr=0.1)
    simulate(parabola, 1.0, "adagrad", strategy="downpour", replicas=4, order="random")

Replicas run the very code that a cluster runs; only who is done first is decided here.
"""
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad.randomness import generator
from optim.distributed.asynchronous import (
    Downpour, ElasticAveraging, Replica, Strategy, Task, asynchronous)
from optim.distributed.delays import plain_numbers, whole
from optim.distributed.engines import Here, Job
from optim.distributed.replicas import Gradient, local_steps
from optim.distributed.servers import Center, server_of
from optim.optimizers.compiling import LONG, replayed
from optim.optimizers.history import History, first_point, of_one_array
from optim.optimizers.hyperparameters import validated
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import Rule, anatomy, first_states, named_rule, step_of

Delay = int | range | Sequence[int] | Callable[[int], int]
Slope = Callable[[NDArray], tuple[Any, Any]]


def simulate(f: Callable[[Any], Any], x0: Any, rule: Rule | str, steps: int = 200, *,
             strategy: str = "delayed", delay: Delay = 0, replicas: int = 1,
             order: str = "round_robin", n_push: int = 1, n_fetch: int = 1,
             lr_local: float = 0.01, alpha: float | None = None, period: int = 1,
             noise: float = 0.0, seed: int = 0, **hyperparameters: Any) -> History:
    """Follow a rule from x0 on f, a scalar function of one array, with late gradients.

    strategy "delayed": step t applies the gradient that was taken delay(t) steps before at
    the point of then, at x0 while that would be earlier. delay is a number, one number for
    each step, a function of t, or a range from which the seed draws for each step.
    "downpour": the rule steps the server, replicas compute gradients; "elastic_averaging":
    each replica goes by the rule. replicas are done in turn, or in the "random" order that
    the seed draws. A rule with g_since, adaptive_revision, is told what it asks for.
    noise: the standard deviation of normal noise in each entry of each gradient.

    The History has theta, value and grad as optim.minimize has, of the server or center;
    t, its steps, or the replicas' in elastic averaging; age, how late each gradient was.

    >>> simulate(lambda x: x**2, 1.0, "gradient_descent", 3, delay=1, lr=0.25).theta
    array([ 1.  ,  0.5 ,  0.  , -0.25])
    """
    rule, theta = named_rule(rule), first_point(x0)
    slope = mg.value_and_grad(of_one_array(f, theta))
    settings = validated(rule, hyperparameters)
    if whole("simulate: steps", steps, 0) >= LONG:
        slope = replayed(slope)
    known = "delayed", "downpour", "elastic_averaging"
    orders = {"round_robin": Here(), "random": InRandomOrder(seed)}
    if strategy not in known or order not in orders:
        raise ValueError(f"simulate: strategy is {strategy!r} and order {order!r}; needed "
                         f"one of {', '.join(known)}, and of {', '.join(orders)}")
    if strategy != "downpour":                  # which steps by an Optimizer
        plain_numbers("simulate", rule, settings)
    if strategy == "delayed":
        points = late(slope, theta, rule, settings, delays(delay, seed), noise, seed)
    else:
        count = whole("simulate: replicas", replicas, 1)
        tensor = mg.tensor(theta, requires_grad=True)
        named = [("theta", tensor)]
        mine: Strategy = ElasticAveraging(
            Center(named), count, rule, settings, 0.9/count if alpha is None else alpha,
            whole("simulate: period", period, 1)) if strategy == "elastic_averaging" else (
            Downpour(server_of(named, Optimizer([tensor], rule, hyperparameters)), count,
                     lr_local, whole("simulate: n_push", n_push, 1),
                     whole("simulate: n_fetch", n_fetch, 1)))
        points = replicated(mine, orders[order], slope, tensor, noise, seed)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("t", "theta", "value", "grad", "age")}
    for t, point, age in islice(points, steps + 1):
        with np.errstate(all="ignore"):         # what is not finite is looked for
            value, g = slope(point)
        if not (np.isfinite(point).all() and np.isfinite(value).all()):
            raise FloatingPointError(f"simulate: after step {t}, theta or f is not finite; "
                                     "lower lr: late gradients are stable at lower rates")
        for name, entry in zip(columns, (t, point, value, g, age)):
            columns[name].append(np.array(entry))
    return History(rule, settings, columns)


def delays(delay: Delay, seed: int) -> Callable[[int], int]:
    """The delay of each step as a function of t; ValueError where it is not from 0 on."""
    if isinstance(delay, range):
        if not len(delay):
            raise ValueError(f"simulate: delay is {delay}, which holds no number")
        rng = generator(seed)
        return lambda t: whole(f"simulate: delay of step {t}", int(rng.choice(delay)), 0)
    if callable(delay):
        return lambda t: whole(f"simulate: delay of step {t}", delay(t), 0)
    if isinstance(delay, int):
        return lambda t: whole("simulate: delay", delay, 0)

    def of_step(t: int) -> int:
        if t > len(delay):
            raise ValueError(f"simulate: delay has {len(delay)} numbers, and none for step "
                             f"{t}; needed one for each step")
        return whole(f"simulate: delay of step {t}", delay[t - 1], 0)
    return of_step


def late(slope: Slope, theta: NDArray, rule: Rule, settings: dict[str, Any],
         delay_of: Callable[[int], int], noise: float, seed: int
         ) -> Iterator[tuple[int, NDArray, int]]:
    """Each step's number, the point after it, and how late its gradient was."""
    states = [*first_states(rule, theta, settings).values()]
    asks = "g_since" in anatomy(rule)[1]
    points, sums = [theta], [np.zeros_like(theta)]
    t = age = 0
    while True:
        yield t, points[-1], age
        t += 1
        read = max(t - 1 - delay_of(t), 0)
        g = noisy(slope(points[read])[1], noise, (seed, t))
        told = {"g_since": sums[-1] - sums[read]} if asks else {}
        with np.errstate(all="ignore"):
            new, *states = step_of(rule, points[-1], g, *states, t=t, **settings | told)
        points.append(np.asarray(new))
        sums.append(sums[-1] + g if asks else sums[-1])
        age = t - 1 - read


def replicated(strategy: Strategy, engine: Here, slope: Slope, tensor: mg.Tensor,
               noise: float, seed: int) -> Iterator[tuple[int, NDArray, int]]:
    """The same of replicas: after each push, or each arrival in elastic averaging."""
    shape = tensor.shape

    def gradient(number: int, flat: NDArray, buffers: Any, batch: Any, t: int) -> Gradient:
        value, g = slope(flat.reshape(shape))
        return Gradient(float(value), noisy(g, noise, (seed, number, t)).ravel(), 1, [])

    def begin(replica: Replica, task: Task) -> Job:
        return engine.start("", local_steps, partial(gradient, replica.number), *task[1:],
                            range(task.length), [])
    yield 0, tensor.numpy().copy(), 0
    t = 0
    endless = [sys.maxsize]*len(strategy.replicas)
    for _, found, age in asynchronous(strategy, engine, endless, begin, nothing):
        t += 1 if age is not None else len(found.losses)*isinstance(
            strategy, ElasticAveraging)
        if age is not None or isinstance(strategy, ElasticAveraging):
            yield t, tensor.numpy().copy(), age or 0


def nothing(job: Job, arrays: list[NDArray]) -> None:
    """What is not finite is looked for in the points."""


def noisy(g: Any, noise: float, seed: tuple[int, ...]) -> NDArray:
    """A gradient with noise of its own; without noise as it is."""
    g = np.asarray(g)
    return g + (noise*generator(seed).standard_normal(g.shape)).astype(
        g.dtype) if noise else g


class InRandomOrder(Here):
    """Work done at once, but in an order that a seed draws it is not looked at."""

    def __init__(self, seed: int):
        self.rng = generator(seed)

    def first(self, jobs: Sequence[Job]) -> Job:
        return jobs[int(self.rng.integers(len(jobs)))]
