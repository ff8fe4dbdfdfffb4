"""Pooling: the largest entry or the mean of every window, for each channel by itself.

    max_pool2d(x, 2)    avg_pool2d(x, 2)    adaptive_avg_pool2d(x, 1)   and with 1 for 2

The modules are in pooling_layers.py.
"""
import functools
import math
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.convolution import check_room, padded
from minigrad.nn.fitting import batch_first, batch_last, per_axis
from minigrad.primitives.sliding import windows
from minigrad.primitives.ties import first_max
from minigrad.spellings import explaining


@explaining
def max_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
               dilation: Any = 1, ceil_mode: bool = False) -> Any:
    """The largest entry of every window of x (n, c, length); see max_pool2d."""
    return largest("max_pool1d", x, kernel_size, stride, padding, dilation, ceil_mode, 1)


@explaining
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
               dilation: Any = 1, ceil_mode: bool = False) -> Any:
    """The largest entry of every window of x (n, c, height, width), of each channel.

    stride None is the kernel's size. The first of tied entries gets the gradient; NaN
    passes; padding counts as -inf.

    >>> max_pool2d(np.arange(16.).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return largest("max_pool2d", x, kernel_size, stride, padding, dilation, ceil_mode, 2)


def largest(layer: Any, x: Any, kernel: Any, stride: Any, padding: Any, dilation: Any,
            ceil_mode: bool, dims: int) -> Any:
    """Max pooling over any number of axes, for a layer that errors name."""
    x, alone = batch_last(layer, as_array(f"{layer}: x", x), dims)      # (c, *space, n)
    kernel, stride, padding, dilation, _, rims = sizes(
        layer, x.shape[1:-1], kernel, stride, padding, dilation, ceil_mode)
    if any(map(any, rims)):
        x = np.pad(x, [(0, 0), *rims, (0, 0)], constant_values=-np.inf)
    cut = windows(x, kernel, stride, dilation)              # (c, *kernel, *counts, n)
    shape = cut.shape
    flat = np.reshape(cut, (shape[0], math.prod(kernel), *shape[1 + dims:]))
    return batch_first(first_max(flat), alone)


@explaining
def avg_pool1d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
               ceil_mode: bool = False, count_include_pad: bool = True) -> Any:
    """The mean of every window of x (n, c, length); see avg_pool2d."""
    return mean_of("avg_pool1d", x, kernel_size, stride, padding, ceil_mode,
                   count_include_pad, None, 1)


@explaining
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0,
               ceil_mode: bool = False, count_include_pad: bool = True,
               divisor_override: int | None = None) -> Any:
    """The mean of every window of x (n, c, height, width), of each channel.

    Zeros of the padding count as entries, unless count_include_pad=False; a window that
    ceil_mode lets hang over the padding is divided by what it has inside.

    >>> avg_pool2d(np.arange(16.).reshape(1, 1, 4, 4), 2)[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    return mean_of("avg_pool2d", x, kernel_size, stride, padding, ceil_mode,
                   count_include_pad, divisor_override, 2)


def mean_of(layer: Any, x: Any, kernel: Any, stride: Any, padding: Any, ceil_mode: bool,
            include: bool, divisor: int | None, dims: int) -> Any:
    """Average pooling over any number of axes, for a layer that errors name."""
    x, alone = batch_last(layer, as_array(f"{layer}: x", x), dims)      # (c, *space, n)
    space = x.shape[1:-1]
    kernel, stride, padding, dilation, counts, rims = sizes(
        layer, space, kernel, stride, padding, 1, ceil_mode)
    cut = windows(padded(x, rims), kernel, stride, dilation)
    total = np.sum(cut, axis=tuple(range(1, 1 + dims)))     # (c, *counts, n)
    if divisor is not None and not divisor:
        raise ValueError(f"{layer}: divisor_override is 0; needed another number")
    size = divisor if divisor is not None else window_sizes(
        space, kernel, stride, padding, counts, include, total.dtype)
    return batch_first(total/size, alone)


def sizes(layer: Any, space: Any, kernel: Any, stride: Any, padding: Any, dilation: Any,
          ceil_mode: bool) -> tuple:
    """The options for each axis, how many windows there are, and the rims around x."""
    dims = len(space)
    kernel = per_axis(layer, "kernel_size", kernel, dims)
    stride = kernel if stride is None else per_axis(layer, "stride", stride, dims)
    padding = per_axis(layer, "padding", padding, dims, 0)
    dilation = per_axis(layer, "dilation", dilation, dims)
    if any(p > (d*(k - 1) + 1)//2 for p, k, d in zip(padding, kernel, dilation)):
        raise ValueError(f"{layer}: padding is {padding} and the kernel {kernel}; needed at"
                         " most half of the kernel, so that no window is all padding")
    counts, rims = [], []
    for n, k, s, p, d in zip(space, kernel, stride, padding, dilation):
        reach = d*(k - 1) + 1
        count = (n + 2*p - reach + (s - 1)*bool(ceil_mode))//s + 1
        if ceil_mode and (count - 1)*s >= n + p:
            count -= 1                              # it would begin in the padding after x
        counts.append(count)
        rims.append((p, max(p, (count - 1)*s + reach - n - p)))
    if min(counts) < 1:
        check_room(layer, [n + 2*p for n, p in zip(space, padding)], kernel, dilation)
    return kernel, stride, padding, dilation, tuple(counts), rims


@functools.cache
def window_sizes(space: Any, kernel: Any, stride: Any, padding: Any, counts: Any,
                 include: bool, dtype: Any) -> Any:
    """What each window's sum is divided by: a number, or an array (*counts, 1)."""
    size: Any = np.ones((), dtype)
    for n, k, s, p, count in zip(space, kernel, stride, padding, counts):
        start = np.arange(count)*s - p
        end = np.minimum(start + k, n + p)
        inside = end - start if include else np.minimum(end, n) - np.maximum(start, 0)
        size = np.multiply.outer(size, inside.astype(dtype))
    if (size == size.flat[0]).all():
        return int(size.flat[0])
    return constant(size[..., None])


@explaining
def adaptive_avg_pool1d(x: Any, output_size: Any) -> Any:
    """x (n, c, length) cut into output_size windows, the mean of each."""
    return adaptive_mean("adaptive_avg_pool1d", x, output_size, 1)


@explaining
def adaptive_avg_pool2d(x: Any, output_size: Any) -> Any:
    """x (n, c, height, width) cut into output_size windows along each axis, their means.

    Window i of m begins at floor(i*n/m) and ends before ceil((i + 1)*n/m); None keeps the
    axis.

    >>> adaptive_avg_pool2d(np.arange(16.).reshape(1, 1, 4, 4), (1, 2))[0, 0]
    array([[6.5, 8.5]])
    """
    return adaptive_mean("adaptive_avg_pool2d", x, output_size, 2)


def adaptive_mean(layer: Any, x: Any, output_size: Any, dims: int) -> Any:
    """Adaptive average pooling: a product with a matrix of 0 and 1 for each axis."""
    x, alone = batch_last(layer, as_array(f"{layer}: x", x), dims)      # (c, *space, n)
    wanted = output_size if isinstance(output_size, (tuple, list)) else (output_size,)*dims
    wanted = tuple([n if m is None else m for n, m in zip(x.shape[1:-1], wanted)])
    wanted = per_axis(layer, "output_size", wanted, dims)
    shape = list(x.shape)
    for axis, m in enumerate(wanted, 1):
        n = shape[axis]
        rows = np.reshape(x, (math.prod(shape[:axis]), n, math.prod(shape[axis + 1:])))
        shape[axis] = m
        sums, size = cuts(n, m, x.dtype)
        size = np.reshape(size, (m, 1)) if np.ndim(size) else size
        x = np.reshape(np.matmul(sums, rows)/size, shape)
    return batch_first(x, alone)


@functools.cache
def cuts(n: int, m: int, dtype: Any) -> tuple[Any, Any]:
    """The matrix (m, n) that sums each window, and the sizes of the windows."""
    i, j = np.arange(m)[:, None], np.arange(n)
    inside = (j >= i*n//m) & (j < -(-(i + 1)*n//m))
    size = inside.sum(axis=1)
    alike = bool((size == size[0]).all())
    return constant(inside.astype(dtype)), (
        int(size[0]) if alike else constant(size.astype(dtype)))


def constant(array: Any) -> Any:
    """An array that nobody can write, so that the tape need not copy it."""
    array = np.array(array)
    array.flags.writeable = False
    return array
