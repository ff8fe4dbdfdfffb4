"""Recurrent layers and cells, with PyTorch's names, gates and shapes.

    >>> layer = GRU(3, 5, num_layers=2, rng=0)
    >>> output, h = layer(np.zeros((7, 4, 3), np.float32))      # (steps, n, input_size)
    >>> output.shape, h.shape           # (steps, n, hidden), (layers*directions, n, hidden)
    ((7, 4, 5), (2, 4, 5))

All weights start in U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)). Missing on purpose:
proj_size, packed sequences (mask the loss instead).
"""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import as_array
from minigrad.nn import dropping
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
        for name, n in ("input_size", input_size), ("hidden_size", hidden_size):
            if not isinstance(n, (int, np.integer)) or n < 1:
                raise ValueError(f"{type(self).__name__}: {name} is {n!r}; needed a whole"
                                 " number, at least 1")
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
        wanted = next(p for p in self.parameters()).dtype
        x = as_array(f"{self}: x", x, wanted)
        if x.dtype != wanted:
            raise TypeError(f"{self}: input is {x.dtype}, parameters are {wanted}; needed"
                            f" the same: x.astype(np.{wanted})")
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


class Layers(Recurrent):
    """Layers of steps over a sequence, one above the other, in one direction or in both.

    input (steps, n, input_size), with batch_first (n, steps, input_size), or without n; hx:
    the states to start from, zeros if None. The result is (output, states at the end), as
    PyTorch's. dropout: of what goes from layer to layer, in training. Raises TypeError or
    ValueError for what does not fit.
    """

    @explaining
    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1,
                 bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
                 bidirectional: bool = False, *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        self._set(input_size, hidden_size, bias)
        if not isinstance(num_layers, (int, np.integer)) or num_layers < 1:
            raise ValueError(f"{type(self).__name__}: num_layers is {num_layers!r}; needed"
                             " a whole number, at least 1")
        if not 0 <= dropout <= 1:
            raise ValueError(f"{type(self).__name__}: dropout is {dropout}; needed 0 to 1")
        self.num_layers, self.batch_first = int(num_layers), bool(batch_first)
        self.dropout, self.bidirectional = float(dropout), bool(bidirectional)
        self.rng = generator(rng)
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            inputs = self.input_size if layer == 0 else directions*self.hidden_size
            for suffix in self._suffixes(layer):
                self._weights(suffix, inputs, self.rng, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(output (steps, n, directions*hidden), states at the end)."""
        x = self._input(input, (2, 3))
        alone = x.ndim == 2
        x = (np.expand_dims(x, 1) if alone else
             np.swapaxes(x, 0, 1) if self.batch_first else x)   # (steps, n, inputs)
        number = self.num_layers*(2 if self.bidirectional else 1)
        shape = (number, *(() if alone else x.shape[1:2]), self.hidden_size)
        starts = self._states(hx, shape, x.dtype)
        if alone:
            starts = tuple(np.expand_dims(h, 1) for h in starts)
        ends: list[tuple] = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = dropping.dropout(x, self.dropout, rng=self.rng)
            found = []
            for suffix in self._suffixes(layer):
                turned = suffix.endswith("reverse")
                out, end = self._pass(np.flip(x, 0) if turned else x,
                                      tuple(h[len(ends)] for h in starts), suffix)
                found.append(np.flip(out, 0) if turned else out)
                ends.append(end)
            x = found[0] if len(found) == 1 else np.concatenate(found, -1)
        states = tuple(np.stack(parts) for parts in zip(*ends))
        if alone:
            x, states = x[:, 0], tuple(h[:, 0] for h in states)
        elif self.batch_first:
            x = np.swapaxes(x, 0, 1)
        return x, states if self.gates == 4 else states[0]

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][:2 if self.bidirectional else 1]

    def _settings(self) -> str:
        return ", ".join([f"{self.input_size}, {self.hidden_size}"] + [
            f"{name}={value}" for name, value in (
                ("num_layers", self.num_layers), ("bias", self.bias),
                ("batch_first", self.batch_first), ("dropout", self.dropout),
                ("bidirectional", self.bidirectional))
            if value != {"num_layers": 1, "bias": True}.get(name, False)])


class RNN(Layers):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu: Elman 1990; see Layers."""

    @explaining
    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1,
                 nonlinearity: str = "tanh", bias: bool = True, batch_first: bool = False,
                 dropout: float = 0.0, bidirectional: bool = False, *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        self.nonlinearity = checked(nonlinearity)
        super().__init__(input_size, hidden_size, num_layers, bias, batch_first, dropout,
                         bidirectional, rng=rng, dtype=dtype)


class LSTM(Layers):
    """A memory c that gates write, keep and read: Hochreiter & Schmidhuber 1997; the
    states are a pair (h, c). See Layers."""
    gates = 4


class GRU(Layers):
    """h' = (1 - z) n + z h, with n from x and the part r of h: Cho et al. 2014, in the
    form in which r multiplies W_hh h + b_hh; see Layers."""
    gates = 3


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
