"""What recurrent layers and cells share, and the cells: one step, with PyTorch's names.

    >>> cell = GRUCell(3, 5, rng=0)
    >>> cell(np.zeros((4, 3), np.float32)).shape                # (n, hidden_size)
    (4, 5)

All weights start in U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)).
"""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import as_array
from minigrad.nn.fitting import of_dtype, whole
from minigrad.nn.initializers import uniform
from minigrad.nn.modules import Module
from minigrad.nn.recurrence import gru_steps, lstm_steps, simple_steps
from minigrad.primitives.linear import affine
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining
from minigrad.tensors import tensor


class Recurrent(Module):
    """What recurrent layers and cells share: their weights, and one pass over the steps."""
    gates = 1
    nonlinearity = "tanh"

    def _weights(self, suffix: str, inputs: int, rng: Any, dtype: DTypeLike) -> None:
        """Make weight_ih, weight_hh, bias_ih, bias_hh of this suffix; rng a generator."""
        k = self.hidden_size
        shapes = {"weight_ih": (self.gates*k, inputs), "weight_hh": (self.gates*k, k),
                  "bias_ih": (self.gates*k,), "bias_hh": (self.gates*k,)}
        for name, shape in shapes.items():
            made = self.bias or name.startswith("weight")
            setattr(self, name + suffix, tensor(uniform(
                shape, 1/math.sqrt(k), rng, dtype), requires_grad=True) if made else None)

    def _set(self, input_size: int, hidden_size: int, bias: bool) -> None:
        whole(type(self).__name__, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = int(input_size), int(hidden_size)
        self.bias = bool(bias)

    def _pass(self, x: Any, states: tuple, suffix: str) -> tuple[Any, tuple]:
        """(the states of all steps (steps, n, hidden), those at the end), of x
        (steps, n, inputs) and the states to start from."""
        w_ih, w_hh, b_ih, b_hh = (getattr(self, name + suffix) for name in (
            "weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        rows = np.reshape(x, (-1, x.shape[-1]))                 # (steps*n, inputs)
        inside = self.gates == 3            # the GRU's bias_hh is multiplied by a gate
        bias = b_ih if inside or b_ih is None else b_ih + b_hh
        gi = affine(rows, w_ih) if bias is None else affine(rows, w_ih, bias)
        if self.gates == 4:
            both = lstm_steps(gi, *states, w_hh)                # (2 steps*n, hidden)
            parts = [both[:len(gi)], both[len(gi):]]
        else:
            parts = [gru_steps(gi, *states, w_hh, b_hh) if inside else
                     simple_steps(gi, *states, w_hh, self.nonlinearity)]
        n = x.shape[1]
        return (np.reshape(parts[0], (*x.shape[:2], -1)),
                tuple(part[-n:] for part in parts))

    def _input(self, x: Any, axes: tuple[int, ...]) -> Any:
        """x as an array that fits, or the error that says why it does not."""
        x = of_dtype(self, x, self.parameters()[0].dtype)
        if x.ndim not in axes or x.shape[-1] != self.input_size or 0 in x.shape:
            raise ValueError(f"{self}: input has shape {x.shape}; needed"
                             f" {' or '.join(map(str, axes))} axes, the last of"
                             f" {self.input_size}, none empty")
        return x

    def _states(self, hx: Any, shape: tuple[int, ...], dtype: Any) -> tuple:
        """The states to start from, each of this shape; zeros if none are given."""
        count = 2 if self.gates == 4 else 1
        if hx is None:
            return (np.zeros(shape, dtype),)*count
        given = tuple(hx) if count == 2 else (hx,)
        states = tuple(as_array(f"{self}: hx", h, dtype) for h in given)
        if len(states) != count or any(
                h.shape != shape or h.dtype != dtype for h in states):
            came = ", ".join(f"{h.dtype} {h.shape}" for h in states)
            raise ValueError(f"{self}: hx came as {came}; needed {count} of {dtype} {shape}"
                             f"{', (h, c)'*(count == 2)}")
        return states


class Cell(Recurrent):
    """One step: input (n, input_size) or (input_size,), hx (n, hidden_size) or none."""

    @explaining
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *,
                 rng: Random = None, dtype: DTypeLike = np.float32) -> None:
        self._set(input_size, hidden_size, bias)
        self._weights("", self.input_size, generator(rng), dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The state after the step, a pair (h, c) of an LSTMCell."""
        x = self._input(input, (1, 2))
        states = self._states(hx, (*x.shape[:-1], self.hidden_size), x.dtype)
        alone = x.ndim == 1
        if alone:
            x, states = x[None], tuple(h[None] for h in states)
        _, ends = self._pass(x[None], states, "")               # one step
        if alone:
            ends = tuple(h[0] for h in ends)
        return ends if self.gates == 4 else ends[0]

    def _settings(self) -> str:
        return f"{self.input_size}, {self.hidden_size}{', bias=False'*(not self.bias)}"


class RNNCell(Cell):
    """A step of an RNN; see Cell."""

    @explaining
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True,
                 nonlinearity: str = "tanh", *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        self.nonlinearity = checked(nonlinearity)
        super().__init__(input_size, hidden_size, bias, rng=rng, dtype=dtype)


class LSTMCell(Cell):
    """A step of an LSTM; the state is a pair (h, c). See Cell."""
    gates = 4


class GRUCell(Cell):
    """A step of a GRU; see Cell."""
    gates = 3


def checked(nonlinearity: str) -> str:
    """The nonlinearity; ValueError if it is neither tanh nor relu."""
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"RNN: nonlinearity is {nonlinearity!r}; needed 'tanh' or 'relu'")
    return nonlinearity
