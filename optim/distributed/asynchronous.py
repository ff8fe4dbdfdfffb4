"""Training without waiting for each other: Downpour, delay-tolerant, elastic averaging.

Each replica works on a part of the data of its own. Whenever one is done, it exchanges with
the server and goes on; nobody waits. Which one is done first is up to the engine: on a
cluster chance decides; here, in turn, so that each push of P replicas is P - 1 pushes old;
and in a simulation what was asked for (simulated.py). The rest is the same code.
"""
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from numpy.typing import NDArray

from minigrad.randomness import generator
from optim import rules
from optim.distributed.engines import Here, Job
from optim.distributed.exchanges import pulled
from optim.distributed.replicas import Steps
from optim.distributed.servers import Server
from optim.optimizers.signatures import Rule, first_states


class Replica:
    """What is known of a replica: its parameters and states, how far it has come."""

    def __init__(self, number: int, theta: NDArray, token: Any, states: list[Any]):
        self.number, self.theta, self.token = number, theta, token
        self.states, self.near, self.steps = states, theta, 0
        self.accrued: Any = None


class Task(NamedTuple):
    """The steps that a replica goes next: how many, from where, by which rule."""
    length: int
    theta: NDArray
    near: NDArray
    states: list[Any]
    t: int
    rule: Rule
    settings: dict[str, Any]


class Downpour:
    """Dean et al. 2012, Algorithm 7.1. Replicas go on by gradient descent between fetches;
    the server steps by the gradients that they push."""

    def __init__(self, server: Server, replicas: int, lr_local: float, n_push: int = 1,
                 n_fetch: int = 1):
        self.server, self.n_push, self.n_fetch = server, n_push, n_fetch
        self.settings = {"lr": lr_local}
        theta, token = server.read()
        self.replicas = [Replica(i, theta, token, []) for i in range(replicas)]

    def task(self, replica: Replica, left: int) -> Task:
        """The steps up to the next push or fetch, of at most so many."""
        done = replica.steps
        count = min(left, *(every - done % every for every in (self.n_push, self.n_fetch)))
        return Task(count, replica.theta, replica.theta, [], done + 1,
                    rules.gradient_descent, self.settings)

    def arrived(self, replica: Replica, found: Steps, last: bool) -> int | None:
        """Take what a replica brings; the age of the gradient if it was pushed."""
        replica.steps += len(found.losses)
        replica.theta, age = found.theta, None
        accrued = found.accrued if replica.accrued is None else (
            replica.accrued + found.accrued)
        replica.accrued = accrued
        if replica.steps % self.n_push == 0 or last:
            age = self.server.age(replica.token)
            self.server.push(accrued, replica.token)
            replica.accrued = None
        if replica.steps % self.n_fetch == 0:
            replica.theta, replica.token = self.server.read()
        return age


class ElasticAveraging:
    """Zhang, Choromanska & LeCun 2015, Algorithm 1: replicas go their own way by a rule,
    each tied to a center, which is the server's model, by an elastic force."""

    def __init__(self, center: Any, replicas: int, rule: Rule, settings: dict[str, Any],
                 alpha: float, period: int):
        self.center, self.rule, self.settings = center, rule, settings
        self.alpha, self.period = alpha, period
        theta, token = center.read()
        self.replicas = [Replica(i, theta, token, [*first_states(
            rule, theta, settings).values()]) for i in range(replicas)]

    def task(self, replica: Replica, left: int) -> Task:
        """The exchange that is due, and the steps up to the next one."""
        center, _ = self.center.read()
        near, moved = pulled(replica.theta, center, self.alpha)
        self.center.set(moved)
        return Task(min(left, self.period), replica.theta, near, replica.states,
                    replica.steps + 1, self.rule, self.settings)

    def arrived(self, replica: Replica, found: Steps, last: bool) -> int | None:
        """Take what a replica brings: its own parameters and states."""
        replica.steps += len(found.losses)
        replica.theta, replica.states = found.theta, found.states
        return None


Strategy = Downpour | ElasticAveraging


def asynchronous(strategy: Strategy, engine: Here, steps: list[int],
                 begin: Callable[[Replica, Task], Job],
                 check: Callable[[Job, list[NDArray]], None]
                 ) -> Iterator[tuple[Replica, Steps, int | None]]:
    """Let each replica go its number of steps; gives each arrival, in their order.

    begin(replica, task) starts the work. Those under way stand in the order in which they
    were begun.
    """
    under_way: list[tuple[Replica, Job]] = []

    def go_on(replica: Replica) -> None:
        left = steps[replica.number] - replica.steps
        if left > 0:
            under_way.append((replica, begin(replica, strategy.task(replica, left))))

    for replica in strategy.replicas:
        go_on(replica)
    while under_way:
        job = engine.first([job for _, job in under_way])
        place = next(k for k, (_, other) in enumerate(under_way) if other is job)
        found = engine.result(job)
        replica, _ = under_way.pop(place)
        check(job, [found.accrued, found.theta])
        last = replica.steps + len(found.losses) == steps[replica.number]
        age = strategy.arrived(replica, found, last)
        yield replica, found, age
        go_on(replica)


def epoch_rows(seed: int, replica: int, count: int, batch: int) -> Iterator[NDArray]:
    """The batches of a replica's part, epoch after epoch, each in an order of its own."""
    epoch = 0
    while True:
        order = generator((seed, replica, epoch)).permutation(count)
        yield from (order[k:k + batch] for k in range(0, count, batch))
        epoch += 1
