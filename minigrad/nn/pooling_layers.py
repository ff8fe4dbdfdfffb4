"""Pooling as modules, which have no parameters."""
from typing import Any

from minigrad.nn import pooling
from minigrad.nn.modules import Module
from minigrad.spellings import explaining


class MaxPool2d(Module):
    """The largest entry of every window of x (n, c, height, width); see max_pool2d.

    >>> import numpy as np
    >>> MaxPool2d(2)(np.arange(16.).reshape(1, 1, 4, 4))[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    dims = 2

    @explaining
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 dilation: Any = 1, return_indices: bool = False,
                 ceil_mode: bool = False) -> None:
        if return_indices:
            raise ValueError(f"{type(self).__name__}: return_indices is True; here values"
                             " alone are returned, leave it out")
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation, self.ceil_mode = padding, dilation, ceil_mode

    def forward(self, x: Any) -> Any:
        """x (n, c, *space) or (c, *space); the result has as many axes."""
        return pooling.largest(self, x, self.kernel_size, self.stride, self.padding,
                               self.dilation, self.ceil_mode, self.dims)

    def _settings(self) -> str:
        return (f"kernel_size={self.kernel_size}, stride={self.stride},"
                f" padding={self.padding}, dilation={self.dilation},"
                f" ceil_mode={self.ceil_mode}")


class MaxPool1d(MaxPool2d):
    """The largest entry of every window of x (n, c, length)."""
    dims = 1


class AvgPool2d(Module):
    """The mean of every window of x (n, c, height, width); see avg_pool2d."""
    dims = 2

    @explaining
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 ceil_mode: bool = False, count_include_pad: bool = True,
                 divisor_override: int | None = None) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, x: Any) -> Any:
        """x (n, c, *space) or (c, *space); the result has as many axes."""
        return pooling.mean_of(
            self, x, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad, self.divisor_override, self.dims)

    def _settings(self) -> str:
        return (f"kernel_size={self.kernel_size}, stride={self.stride},"
                f" padding={self.padding}")


class AvgPool1d(AvgPool2d):
    """The mean of every window of x (n, c, length)."""
    dims = 1

    @explaining
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0,
                 ceil_mode: bool = False, count_include_pad: bool = True) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)


class AdaptiveAvgPool2d(Module):
    """The means of output_size windows along each axis; see adaptive_avg_pool2d."""
    dims = 2

    @explaining
    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """x (n, c, *space) or (c, *space); the result has output_size in space."""
        return pooling.adaptive_mean(self, x, self.output_size, self.dims)

    def _settings(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptiveAvgPool2d):
    """The means of output_size windows of x (n, c, length)."""
    dims = 1
