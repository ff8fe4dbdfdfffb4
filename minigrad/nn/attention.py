"""Attention: each query takes the mean of the values, weighted by how its key fits.

    scaled_dot_product_attention(q, k, v)   softmax(q k^T/sqrt(width)) v
    MultiheadAttention                      that of several heads, between linear maps

Vaswani et al. 2017, section 3.2. Missing on purpose: keys of another width than queries.
"""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import as_array
from minigrad.nn import init
from minigrad.nn.dense import Linear
from minigrad.nn.dropping import dropout
from minigrad.nn.fitting import of_dtype, whole
from minigrad.nn.initializers import glorot_uniform
from minigrad.nn.modules import Module
from minigrad.primitives.linear import affine
from minigrad.primitives.stable import softmax
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining
from minigrad.tensors import tensor
from minigrad.values import plain


def attend(q: Any, k: Any, v: Any, added: Any, p: float, rng: Random,
           blind: bool = True) -> tuple[Any, Any]:
    """(softmax(q k^T + added) v, the softmax), with part p of the latter left out.

    blind: a query for which no key is left has weights 0; else they are NaN.
    """
    scores = q @ np.swapaxes(k, -1, -2)                         # (..., l, s)
    alone = blind and added is not None and np.all(
        np.isneginf(plain(added)), axis=-1, keepdims=True)
    if np.any(alone):
        weights = np.where(alone, 0, softmax(scores + np.where(alone, 0, added)))
    else:
        weights = softmax(scores if added is None else scores + added)
    weights = dropout(weights, p, rng=rng)
    return weights @ v, weights


def as_added(mask: Any, dtype: Any, outside: bool) -> Any:
    """A mask as what is added to the scores: 0, and -inf where it is `outside`."""
    mask = as_array("attention: mask", mask)
    if mask.dtype == bool:
        return np.where(mask if outside else ~mask, np.array(-np.inf, dtype), 0)
    if mask.dtype.kind != "f":
        raise TypeError(f"attention: mask is {mask.dtype}; needed bool, or {dtype} to be"
                        " added to the scores")
    return mask if mask.dtype == dtype else mask.astype(dtype)


def causal(steps: int, keys: int) -> Any:
    """Which keys lie later than a query, (steps, keys), as bool.

    >>> causal(2, 2).tolist()
    [[False, True], [False, False]]
    """
    return ~np.tri(steps, keys, dtype=bool)


@explaining
def scaled_dot_product_attention(
        query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0,
        is_causal: bool = False, scale: float | None = None, *, rng: Random = None) -> Any:
    """softmax(query key^T scale + mask) value; scale is 1/sqrt(e) if None.

    query (..., l, e), key (..., s, e), value (..., s, v); the result is (..., l, v).
    attn_mask, broadcast to (..., l, s): bool, True where a key takes part, or floats, added
    to the scores. is_causal: query i sees keys 0..i. A query that sees none gets 0.
    """
    q, k, v = (as_array("scaled_dot_product_attention: x", x) for x in (query, key, value))
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(f"scaled_dot_product_attention: shapes {q.shape}, {k.shape} and"
                         f" {v.shape}; needed (..., l, e), (..., s, e) and (..., s, v)")
    if attn_mask is not None and is_causal:
        raise ValueError("scaled_dot_product_attention: came attn_mask and is_causal;"
                         " needed one of the two")
    added = (as_added(causal(q.shape[-2], k.shape[-2]), q.dtype, True) if is_causal else
             None if attn_mask is None else as_added(attn_mask, q.dtype, False))
    scale = 1/math.sqrt(q.shape[-1]) if scale is None else float(scale)
    return attend(q*scale, k, v, added, dropout_p, rng)[0]


class MultiheadAttention(Module):
    """Attention of num_heads heads, each of embed_dim/num_heads entries.

    query (l, n, embed_dim), key and value (s, n, embed_dim), with batch_first (n, l, ...),
    or without n. Masks are True, or -inf, where a key is left out: attn_mask (l, s) or
    (n*num_heads, l, s), key_padding_mask (n, s). is_causal alone means the causal mask. The
    result is (output like query, weights (n, l, s), their mean over the heads unless
    average_attn_weights=False, or None with need_weights=False). A query without keys has
    weights NaN, as in PyTorch, but with need_weights=False 0.
    """

    @explaining
    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0,
                 bias: bool = True, *, batch_first: bool = False, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        whole("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim is {embed_dim}, num_heads"
                             f" {num_heads}; needed a multiple of it")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.dropout, self.batch_first = dropout, batch_first
        self.rng = generator(rng)
        self.in_proj_weight = tensor(glorot_uniform((3*embed_dim, embed_dim), self.rng,
                                                    dtype), requires_grad=True)
        self.in_proj_bias = tensor(np.zeros(3*embed_dim, dtype),
                                   requires_grad=True) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=self.rng, dtype=dtype)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(self, query: Any, key: Any, value: Any, key_padding_mask: Any = None,
                need_weights: bool = True, attn_mask: Any = None,
                average_attn_weights: bool = True, is_causal: bool = False) -> Any:
        """(output, weights or None)."""
        name = f"MultiheadAttention({self._settings()})"
        xs = [of_dtype(name, x, self.in_proj_weight.dtype) for x in (query, key, value)]
        alone, e = xs[0].ndim == 2, self.embed_dim
        if any(x.ndim != xs[0].ndim or x.ndim not in (2, 3) or x.shape[-1] != e
               for x in xs):
            raise ValueError(f"{name}: shapes {[x.shape for x in xs]}; needed three of 3"
                             f" axes, or of 2, the last of {e}")
        if alone:
            xs = [np.expand_dims(x, 0 if self.batch_first else 1) for x in xs]
        q, k, v = (self._heads(x, i) for i, x in enumerate(xs))     # (n, heads, l, e/heads)
        added = self._added(name, q, k, key_padding_mask, attn_mask, is_causal)
        out, weights = attend(q*(1/math.sqrt(q.shape[-1])), k, v, added,
                              self.dropout if self.training else 0.0, self.rng,
                              blind=not need_weights)
        order = (0, 2, 1, 3) if self.batch_first else (2, 0, 1, 3)
        out = self.out_proj(np.reshape(np.transpose(out, order), (-1, e)))
        out = np.reshape(out, np.shape(query))
        if not need_weights:
            return out, None
        if average_attn_weights:
            weights = np.mean(weights, axis=1)                  # (n, l, s)
        return out, weights[0] if alone else weights

    def _heads(self, x: Any, i: int) -> Any:
        """The i-th part of in_proj of x: (n, heads, steps, e/heads)."""
        e = self.embed_dim
        part = slice(i*e, (i + 1)*e)
        bias = () if self.in_proj_bias is None else (self.in_proj_bias[part],)
        out = affine(np.reshape(x, (-1, e)), self.in_proj_weight[part], *bias)
        out = np.reshape(out, (*x.shape[:2], self.num_heads, -1))
        return np.transpose(out, (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3))

    def _added(self, layer: str, q: Any, k: Any, padding: Any, mask: Any,
               is_causal: bool) -> Any:
        """All masks as one array that is broadcast to (n, heads, l, s), or None."""
        (n, heads, steps, _), keys = q.shape, k.shape[2]
        if mask is None and is_causal:
            mask = causal(steps, keys)
        parts = []
        for name, given, shapes in (
                ("attn_mask", mask, {(steps, keys): (1, 1, steps, keys),
                                     (n*heads, steps, keys): (n, heads, steps, keys)}),
                ("key_padding_mask", padding, {(n, keys): (n, 1, 1, keys),
                                               (keys,): (1, 1, 1, keys)})):
            if given is not None:
                given = as_added(given, q.dtype, True)
                if given.shape not in shapes:
                    raise ValueError(f"{layer}: {name} has shape {given.shape}; needed"
                                     f" {' or '.join(map(str, shapes))}")
                parts.append(np.reshape(given, shapes[given.shape]))
        return None if not parts else sum(parts[1:], parts[0])

    def _settings(self) -> str:
        return f"{self.embed_dim}, {self.num_heads}"
