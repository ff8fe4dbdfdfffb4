"""The server's side: it holds the parameters, hands them out, and steps by what is pushed.

read() gives the parameters as one flat array and a token, which says what was applied by
then; push(g, token) applies a gradient that was computed on what was read.
"""
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from optim.distributed.delays import plain_numbers
from optim.distributed.replicas import cut, joined, write
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import anatomy, first_states, name_of, step_of

Parameters = list[tuple[str, mg.Tensor]]


class Server:
    """Steps by an Optimizer, so by any rule, with groups and whatever else it has."""

    def __init__(self, parameters: Parameters, optimizer: Optimizer):
        self.parameters, self.optimizer = parameters, optimizer
        self.pushes = 0

    def read(self) -> tuple[NDArray, Any]:
        """The parameters, and how many pushes they have seen."""
        return joined([p.numpy() for _, p in self.parameters]), self.pushes

    def push(self, g: NDArray, token: Any) -> None:
        """One step by this gradient; the optimizer's errors, and then nothing is written.
        """
        for (_, p), piece in zip(self.parameters, cut(g, self.parameters), strict=True):
            p.grad = piece
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.pushes += 1

    def age(self, token: Any) -> int:
        """How many pushes were applied since the parameters of this token were read."""
        return self.pushes - token


class RevisionServer(Server):
    """Steps by a rule that takes g_since, what was applied since the reading."""

    def __init__(self, parameters: Parameters, optimizer: Optimizer):
        super().__init__(parameters, optimizer)
        theta, _ = super().read()
        if len(optimizer.param_groups) > 1:
            raise ValueError(f"train: {name_of(optimizer.rule)} came with several groups;"
                             " needed one, as it steps all parameters as one array")
        group = optimizer.param_groups[0]
        self.settings = plain_numbers("train", optimizer.rule, {
            name: group[name] for name in anatomy(optimizer.rule)[1]})
        self.states = [*first_states(optimizer.rule, theta, self.settings).values()]
        self.applied = np.zeros_like(theta)

    def read(self) -> tuple[NDArray, Any]:
        """The parameters; how many pushes they have seen, and the sum of what these
        brought."""
        theta, pushes = super().read()
        return theta, (pushes, self.applied)

    def push(self, g: NDArray, token: Any) -> None:
        """One step, which revises those since the reading."""
        theta, (_, applied) = super().read()[0], token
        with np.errstate(all="ignore"):
            theta, *states = step_of(
                self.optimizer.rule, theta, g, *self.states, t=self.pushes + 1,
                **self.settings | {"g_since": self.applied - applied})
        if not all(np.isfinite(x).all() for x in (theta, *states)):
            raise FloatingPointError(f"train: step {self.pushes + 1}: theta or a state is "
                                     "not finite. Nothing was written; lower lr")
        write(theta, self.parameters)
        self.states, self.applied = states, self.applied + g
        self.pushes += 1

    def age(self, token: Any) -> int:
        return self.pushes - token[0]


class Center:
    """The center of elastic averaging: the parameters themselves."""

    def __init__(self, parameters: Parameters):
        self.parameters = parameters

    def read(self) -> tuple[NDArray, Any]:
        """The center, and nothing to remember of it."""
        return joined([p.numpy() for _, p in self.parameters]), None

    def set(self, theta: NDArray) -> None:
        """Move the center."""
        write(theta, self.parameters)


def server_of(parameters: Parameters, optimizer: Optimizer) -> Server:
    """The server for what the optimizer's rule asks for."""
    kind = RevisionServer if "g_since" in anatomy(optimizer.rule)[1] else Server
    return kind(parameters, optimizer)
