"""Averages of a model's parameters over its training, as PyTorch's swa_utils have them.

    average = nn.AveragedModel(model, nn.get_ema_avg_fn(0.999))
    ... opt.step(); average.update_parameters(model) ...
    average(x)                              # what the averaged parameters say
"""
import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.nn.modules import Module
from minigrad.recording import no_grad
from minigrad.writes import array_of, write


def get_ema_avg_fn(decay: float = 0.999) -> Callable:
    """avg_fn of the exponential moving average: decay*average + (1 - decay)*parameter."""
    if not 0 <= decay <= 1:
        raise ValueError(f"get_ema_avg_fn: decay is {decay}; needed 0 to 1")
    return lambda average, parameter, n: decay*average + (1 - decay)*parameter


def equal_average(average: Any, parameter: Any, n: Any) -> Any:
    """The mean of all parameters so far, of which n are in the average already."""
    return average + (parameter - average)/(n + 1)


class AveragedModel(Module):
    """A copy of a model whose parameters are averages: of all that update_parameters has
    seen, or by avg_fn(average, parameter, how many before); the first is taken as it is.

    With use_buffers the floats among the buffers are averaged too, else they are copied
    from the model at each update.
    """
    n_averaged: NDArray

    def __init__(self, model: Module, avg_fn: Callable | None = None,
                 use_buffers: bool = False) -> None:
        self.module = copy.deepcopy(model)
        self.avg_fn = avg_fn or equal_average
        self.use_buffers = use_buffers
        self.register_buffer("n_averaged", 0)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the model with the averaged parameters computes."""
        return self.module(*inputs, **options)

    @no_grad
    def update_parameters(self, model: Module) -> None:
        """Take the parameters of the model into the average."""
        n = self.n_averaged
        for mine, p in zip(self.module.parameters(), model.parameters(), strict=True):
            write(mine, self._mean(array_of(mine), array_of(p), n))
        for own, buffer in zip(self.module.buffers(), model.buffers(), strict=True):
            averaged = self.use_buffers and own.dtype.kind == "f"
            own[...] = self._mean(own, buffer, n) if averaged else buffer
        n[...] = n + 1

    def _mean(self, average: Any, parameter: Any, n: Any) -> Any:
        return np.where(n == 0, parameter, self.avg_fn(average, parameter,
                                                       n.astype(average.dtype)))
