"""Normalisation: entries minus their mean, over their standard deviation.

    LayerNorm       of an example over its features         Ba, Kiros & Hinton 2016
    GroupNorm       of an example over a group of channels  Wu & He 2018
    RMSNorm         over the root mean square, no mean      Zhang & Sennrich 2019

BatchNorm, which takes them over the batch, is in batch_normalization.py.
"""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import float_dtype
from minigrad.nn.fitting import of_dtype, whole
from minigrad.nn.modules import Module
from minigrad.primitives.moments import standardized
from minigrad.spellings import explaining
from minigrad.tensors import tensor


def of_ones(shape: tuple[int, ...], dtype: DTypeLike) -> Any:
    """A parameter that starts at 1."""
    return tensor(np.ones(shape, float_dtype("norm", dtype)), requires_grad=True)


def of_zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Any:
    """A parameter that starts at 0."""
    return tensor(np.zeros(shape, float_dtype("norm", dtype)), requires_grad=True)


class LayerNorm(Module):
    """Each example's entries over the last axes, normalised; then times weight plus bias.

    normalized_shape is the shape of these axes, or the length of one; weight and bias have
    it, and start at 1 and 0.

    >>> np.round(LayerNorm(2)(np.array([[1., 3.]], np.float32)).numpy(), 3).tolist()
    [[-1.0, 1.0]]
    """

    @explaining
    def __init__(self, normalized_shape: Any, eps: float = 1e-5,
                 elementwise_affine: bool = True, bias: bool = True, *,
                 dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        self.normalized_shape = as_shape(type(self).__name__, normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.dtype = float_dtype("LayerNorm", dtype)
        self.weight = of_ones(self.normalized_shape, dtype) if elementwise_affine else None
        self.bias = (of_zeros(self.normalized_shape, dtype)
                     if elementwise_affine and bias else None)

    def forward(self, x: Any) -> Any:
        """x (..., *normalized_shape); the result has x's shape."""
        x, axis = last_axes(self, x)
        y = standardized(x, axis, self.eps)
        y = y if self.weight is None else y*self.weight
        return y if self.bias is None else y + self.bias

    def _settings(self) -> str:
        return (f"{self.normalized_shape}, eps={self.eps},"
                f" elementwise_affine={self.elementwise_affine}")


class RMSNorm(Module):
    """x/sqrt(mean(x^2) + eps) over the last axes, times weight; eps None: the dtype's.

    >>> np.round(RMSNorm(2, dtype=np.float64)(np.array([[1., 7.]])).numpy(), 3).tolist()
    [[0.2, 1.4]]
    """

    @explaining
    def __init__(self, normalized_shape: Any, eps: float | None = None,
                 elementwise_affine: bool = True, *, dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        self.normalized_shape = as_shape(type(self).__name__, normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.dtype = float_dtype("RMSNorm", dtype)
        self.weight = of_ones(self.normalized_shape, dtype) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """x (..., *normalized_shape); the result has x's shape."""
        x, axis = last_axes(self, x)
        eps = float(np.finfo(x.dtype).eps) if self.eps is None else self.eps
        y = x/np.sqrt(np.mean(np.square(x), axis=axis, keepdims=True) + eps)
        return y if self.weight is None else y*self.weight

    def _settings(self) -> str:
        return (f"{self.normalized_shape}, eps={self.eps},"
                f" elementwise_affine={self.elementwise_affine}")


class GroupNorm(Module):
    """Each example's groups of neighbouring channels, normalised; weight and bias (c,).

    >>> layer = GroupNorm(2, 4)
    >>> layer(np.ones((3, 4, 5, 5), np.float32)).shape
    (3, 4, 5, 5)
    """

    @explaining
    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5,
                 affine: bool = True, *, dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        whole("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: num_groups is {num_groups}, which does not divide"
                             f" num_channels, {num_channels}; needed a divisor")
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        self.dtype = float_dtype("GroupNorm", dtype)
        self.weight: Any = of_ones((num_channels,), dtype) if affine else None
        self.bias: Any = of_zeros((num_channels,), dtype) if affine else None

    def forward(self, x: Any) -> Any:
        """x (n, num_channels, *space); the result has x's shape."""
        x = of_dtype(self, x, self.dtype,
                     f"GroupNorm({self.num_groups}, {self.num_channels}, ")
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(f"{self}: input has shape {x.shape}; needed"
                             f" (n, {self.num_channels}, ...)")
        n, groups = x.shape[0], self.num_groups
        rows = np.reshape(x, (n, groups, math.prod(x.shape[1:])//groups))
        y = np.reshape(standardized(rows, -1, self.eps), x.shape)
        if self.weight is None:
            return y
        wide = (self.num_channels, *(1,)*(x.ndim - 2))
        return y*np.reshape(self.weight, wide) + np.reshape(self.bias, wide)

    def _settings(self) -> str:
        return (f"{self.num_groups}, {self.num_channels}, eps={self.eps},"
                f" affine={self.affine}")


def as_shape(layer: Any, shape: Any) -> tuple[int, ...]:
    """A shape, or the length of one axis, as a tuple of whole numbers."""
    found = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    whole(layer, **{f"normalized_shape[{i}]": n for i, n in enumerate(found)})
    return found


def last_axes(layer: Any, x: Any) -> tuple[Any, Any]:
    """x as an array of the layer's dtype, and its axes that the layer normalises."""
    wanted, shape = layer.dtype, layer.normalized_shape
    x = of_dtype(layer, x, wanted, f"{type(layer).__name__}({shape}, ")
    if x.shape[-len(shape):] != shape:
        raise ValueError(f"{layer}: input has shape {x.shape}; needed"
                         f" (..., {', '.join(map(str, shape))})")
    return x, tuple(range(-len(shape), 0))
