"""A layer of a transformer: attention, then a small network for each step alone."""
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.nn import activations
from minigrad.nn.attention import MultiheadAttention
from minigrad.nn.dense import Linear
from minigrad.nn.dropping import Dropout
from minigrad.nn.modules import Module
from minigrad.nn.normalization import LayerNorm
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining


class TransformerEncoderLayer(Module):
    """x + attention(x), then x + network(x), each normalised after, or before with
    norm_first: Vaswani et al. 2017, section 3.1.

    src (steps, n, d_model), with batch_first (n, steps, d_model), or without n; the masks
    are those of MultiheadAttention. activation: "relu", "gelu" or a function.
    """

    @explaining
    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048,
                 dropout: float = 0.1, activation: str | Callable = "relu",
                 layer_norm_eps: float = 1e-5, batch_first: bool = False,
                 norm_first: bool = False, bias: bool = True, *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        if activation not in ("relu", "gelu") and not callable(activation):
            raise ValueError(f"TransformerEncoderLayer: activation is {activation!r};"
                             " needed 'relu', 'gelu' or a function")
        rng = generator(rng)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, rng=rng,
                                            batch_first=batch_first, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        self.norm_first, self.activation = norm_first, activation
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None,
                is_causal: bool = False) -> Any:
        """As src, of its shape."""
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask,
                 "is_causal": is_causal, "need_weights": False}

        def attended(x: Any) -> Any:
            return self.dropout1(self.self_attn(x, x, x, **masks)[0])
        if self.norm_first:
            x = src + attended(self.norm1(src))
            return x + self._network(self.norm2(x))
        x = self.norm1(src + attended(src))
        return self.norm2(x + self._network(x))

    def _network(self, x: Any) -> Any:
        """Two layers for each step alone; all steps are rows of one product."""
        act = (self.activation if callable(self.activation) else
               getattr(activations, self.activation))
        rows = np.reshape(x, (-1, x.shape[-1]))
        out = self.linear2(self.dropout(act(self.linear1(rows))))
        return self.dropout2(np.reshape(out, x.shape))
