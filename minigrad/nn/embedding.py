"""Embedding: a vector for each word, looked up by its number."""
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import float_dtype
from minigrad.nn.fitting import whole
from minigrad.nn.modules import Module
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining
from minigrad.stand_ins import numeric
from minigrad.tensors import Tensor, tensor


class Embedding(Module):
    """Row i of weight (num_embeddings, embedding_dim) for each index i.

    The rows start in N(0, 1). The row padding_idx starts at 0 and gets no gradient, so that
    it stays there. Raises TypeError for indices that are no integers, IndexError for those
    out of range; negative ones are.

    >>> Embedding(10, 3, rng=0)(np.array([[1, 2], [9, 1]])).shape
    (2, 2, 3)
    """

    @explaining
    def __init__(self, num_embeddings: int, embedding_dim: int,
                 padding_idx: int | None = None, *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        whole("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(f"Embedding: padding_idx is {padding_idx}; needed"
                                 f" {-num_embeddings} to {num_embeddings - 1}")
            padding_idx %= num_embeddings
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        start = generator(rng).standard_normal((num_embeddings, embedding_dim)).astype(
            float_dtype("Embedding", dtype))
        if padding_idx is not None:
            start[padding_idx] = 0
        self.weight = tensor(start, requires_grad=True)

    def forward(self, indices: Any) -> Any:
        """indices of any shape; the result has that shape and embedding_dim besides."""
        indices = self._checked(indices)
        rows = self.weight[indices]                             # (..., embedding_dim)
        if self.padding_idx is None:
            return rows
        padding = np.expand_dims(indices == self.padding_idx, -1)
        return np.where(padding, rows.detach(), rows)

    def _checked(self, indices: Any) -> Any:
        """The indices as an array, or the error that says what they must be."""
        indices = indices.numpy() if isinstance(indices, Tensor) else numeric(indices)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"{self}: indices are {indices.dtype}; needed integers:"
                            " np.asarray(indices, np.int64)")
        # As unsigned numbers negative indices are huge, so one look finds both errors.
        if indices.size and np.maximum.reduce(
                np.ravel(indices).astype(np.uint64)) >= self.num_embeddings:
            wrong = indices[(indices < 0) | (indices >= self.num_embeddings)][0]
            raise IndexError(f"{self}: index {wrong}; needed 0 to"
                             f" {self.num_embeddings - 1}: Embedding({wrong + 1}, ...) or"
                             " another numbering" if wrong >= 0 else
                             f"{self}: index {wrong}; needed 0 to"
                             f" {self.num_embeddings - 1}, none is counted from the end")
        return indices

    def _settings(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"
