"""Recurrent layers over sequences, with PyTorch's names, gates and shapes.

    >>> layer = GRU(3, 5, num_layers=2, rng=0)
    >>> output, h = layer(np.zeros((7, 4, 3), np.float32))      # (steps, n, input_size)
    >>> output.shape, h.shape           # (steps, n, hidden), (layers*directions, n, hidden)
    ((7, 4, 5), (2, 4, 5))

Missing on purpose: proj_size, packed sequences (mask the loss instead).
"""
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.nn import dropping
from minigrad.nn.fitting import whole
from minigrad.nn.recurrent import Recurrent, checked
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining


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
        whole(type(self).__name__, num_layers=num_layers)
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
