"""Convolutions as modules: their weights, and the options of PyTorch's."""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.nn.convolution import (
    MODES, convolve, convolve_back, sides, whole_groups)
from minigrad.nn.fitting import per_axis, whole
from minigrad.nn.initializers import uniform
from minigrad.nn.modules import Module
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining
from minigrad.tensors import tensor


class Convolution(Module):
    """What the layers share: weight and bias in U(-b, b), b = 1/sqrt(inputs of an output).
    """
    dims = 2
    transposed = False

    @explaining
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any,
                 stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1,
                 bias: bool = True, padding_mode: str = "zeros", *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        self.prepare(in_channels, out_channels, kernel_size, stride, padding, dilation,
                     groups, bias, padding_mode, rng, dtype)

    def prepare(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any,
                padding: Any, dilation: Any, groups: int, bias: bool, padding_mode: str,
                rng: Random, dtype: DTypeLike) -> None:
        """Check the options, keep them under PyTorch's names, draw the weights."""
        kind, dims = type(self).__name__, self.dims
        whole(kind, in_channels=in_channels, out_channels=out_channels, groups=groups)
        for what, n in ("input channels", in_channels), ("output channels", out_channels):
            whole_groups(kind, n, groups, what)
        if padding_mode not in MODES:
            raise ValueError(f"{kind}: padding_mode is {padding_mode!r}; needed one of"
                             f" {', '.join(map(repr, MODES))}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = per_axis(kind, "kernel_size", kernel_size, dims)
        self.stride = per_axis(kind, "stride", stride, dims)
        self.dilation = per_axis(kind, "dilation", dilation, dims)
        self.padding = padding if isinstance(padding, str) else per_axis(
            kind, "padding", padding, dims, 0)
        sides(kind, padding, self.kernel_size, self.stride, self.dilation)
        self.padding_mode = padding_mode
        pair = (in_channels, out_channels) if self.transposed else (
            out_channels, in_channels)
        shape = (pair[0], pair[1]//groups, *self.kernel_size)
        bound = 1/math.sqrt(math.prod(shape[1:]))
        rng = generator(rng)
        self.weight = tensor(uniform(shape, bound, rng, dtype), requires_grad=True)
        self.bias = (tensor(uniform((out_channels,), bound, rng, dtype),
                            requires_grad=True) if bias else None)

    def forward(self, x: Any) -> Any:
        """x (n, in_channels, *space) or (in_channels, *space); likewise the result."""
        return convolve(self, x, self.weight, self.bias, self.stride, self.padding,
                        self.dilation, self.groups, self.dims, self.padding_mode)

    def _settings(self) -> str:
        named = {"stride": (1,)*self.dims, "padding": (0,)*self.dims,
                 "output_padding": (0,)*self.dims, "dilation": (1,)*self.dims, "groups": 1,
                 "padding_mode": "zeros"}
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        parts += [f"{name}={getattr(self, name)!r}" for name, default in named.items()
                  if name == "stride" or getattr(self, name, default) != default]
        return ", ".join(parts + ["bias=False"]*(self.bias is None))


class Conv1d(Convolution):
    """Windows of x (n, in_channels, length) times weight (out_channels, in_channels/groups,
    kernel_size), plus bias (out_channels,); see conv1d.

    >>> Conv1d(3, 8, 5, padding="same", rng=0)(np.ones((2, 3, 10), np.float32)).shape
    (2, 8, 10)
    """
    dims = 1


class Conv2d(Convolution):
    """Windows of x (n, in_channels, height, width) times weight (out_channels,
    in_channels/groups, kh, kw), plus bias (out_channels,); see conv2d.

    >>> layer = Conv2d(1, 6, 5, stride=2, rng=0)
    >>> layer, layer(np.ones((2, 1, 28, 28), np.float32)).shape
    (Conv2d(1, 6, kernel_size=(5, 5), stride=(2, 2)), (2, 6, 12, 12))
    """


class ConvTranspose2d(Convolution):
    """The adjoint of a Conv2d, plus bias: from small images to large ones.

    weight is (in_channels, out_channels/groups, kh, kw); see conv_transpose2d for the size
    of the result.

    >>> layer = ConvTranspose2d(8, 3, 4, stride=2, padding=1, rng=0)
    >>> layer(np.ones((2, 8, 7, 7), np.float32)).shape
    (2, 3, 14, 14)
    """
    transposed = True

    @explaining
    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any,
                 stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
                 groups: int = 1, bias: bool = True, dilation: Any = 1,
                 padding_mode: str = "zeros", *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError("ConvTranspose2d: padding cuts the result, so it is in"
                             f" numbers, and padding_mode 'zeros'; came {padding!r},"
                             f" {padding_mode!r}")
        self.output_padding = per_axis("ConvTranspose2d", "output_padding", output_padding,
                                       2, 0)
        self.prepare(in_channels, out_channels, kernel_size, stride, padding, dilation,
                     groups, bias, padding_mode, rng, dtype)

    def forward(self, x: Any) -> Any:
        """x (n, in_channels, height, width) or without n; likewise the result."""
        return convolve_back(self, x, self.weight, self.bias, self.stride, self.padding,
                             self.output_padding, self.groups, self.dilation, self.dims)
