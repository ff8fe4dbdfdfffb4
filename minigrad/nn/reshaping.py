"""Layers that compute nothing: they join axes, split one, or stand for a layer."""
import math
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.modules import Module
from minigrad.spellings import explaining


class Identity(Module):
    """x itself, whatever arguments it was made with: for the place of another layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, x: Any) -> Any:
        """x, unchanged."""
        return x


class Flatten(Module):
    """The axes from start_dim to end_dim as one: of images (n, c, h, w) rows (n, c*h*w).

    >>> Flatten()(np.ones((2, 3, 4, 5))).shape
    (2, 60)
    """

    @explaining
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """x of any shape that has these axes."""
        x = as_array(f"{self}: x", x)
        n = max(x.ndim, 1)
        if not all(-n <= dim < n for dim in (self.start_dim, self.end_dim)):
            raise ValueError(f"{self}: input has shape {x.shape}; needed an axis"
                             f" {self.start_dim} and {self.end_dim}")
        start, end = self.start_dim % n, self.end_dim % n
        if start > end:
            raise ValueError(f"{self}: of the input's {x.ndim} axes, start_dim is after"
                             " end_dim; needed it before")
        joined = math.prod(x.shape[start:end + 1])
        return np.reshape(x, (*x.shape[:start], joined, *x.shape[end + 1:]))

    def _settings(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """The axis dim as several, of unflattened_size, in which one may be -1.

    >>> Unflatten(1, (3, -1))(np.ones((2, 12))).shape
    (2, 3, 4)
    """

    @explaining
    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        """x of any shape whose axis dim has that many entries."""
        x = as_array(f"{self}: x", x)
        if not -x.ndim <= self.dim < x.ndim:
            raise ValueError(f"{self}: input has shape {x.shape}; needed an axis"
                             f" {self.dim}")
        dim, sizes = self.dim % x.ndim, self.unflattened_size
        known = math.prod(n for n in sizes if n != -1)
        fits = x.shape[dim] % known == 0 if -1 in sizes and known else (
            known == x.shape[dim])
        if not fits or sizes.count(-1) > 1:
            raise ValueError(f"{self}: input has shape {x.shape}; needed an axis {dim} of"
                             f" as many entries as {sizes} has")
        return np.reshape(x, (*x.shape[:dim], *sizes, *x.shape[dim + 1:]))

    def _settings(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
