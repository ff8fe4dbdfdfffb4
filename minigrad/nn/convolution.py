"""Convolution: every window of the input times the same weights, in one product.

    conv2d(x, weight, bias)             x (n, c, height, width), weight (o, c, kh, kw)
    conv_transpose2d(x, weight, bias)   its adjoint: every entry of x lays down a window

As in PyTorch the kernel is not flipped. The modules with weights of their own are
in convolution_layers.py.
"""
import math
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.fitting import AXES, batch_first, batch_last, of_dtype, per_axis, whole
from minigrad.primitives.shapes import scatter
from minigrad.primitives.sliding import outputs, overlap_add, windows
from minigrad.spellings import explaining

MODES: dict[str, Any] = {"zeros": "constant", "reflect": "reflect", "replicate": "edge",
                         "circular": "wrap"}


@explaining
def conv1d(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
           dilation: Any = 1, groups: int = 1) -> Any:
    """Windows of x (n, c, length) times weight (o, c/groups, k): (n, o, length').

    >>> conv1d(np.array([[[1., 2., 4.]]]), np.array([[[-1., 1.]]]))
    array([[[1., 2.]]])
    """
    return convolve("conv1d", x, weight, bias, stride, padding, dilation, groups, dims=1)


@explaining
def conv2d(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
           dilation: Any = 1, groups: int = 1) -> Any:
    """Windows of x (n, c, height, width) times weight (o, c/groups, kh, kw).

    The result is (n, o, height', width'). padding is a number of zeros for both sides of
    each axis, 'same' or 'valid'. Raises ValueError for what does not fit.

    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2)))[0, 0]
    array([[4., 4.],
           [4., 4.]])
    """
    return convolve("conv2d", x, weight, bias, stride, padding, dilation, groups, dims=2)


def convolve(layer: Any, x: Any, weight: Any, bias: Any, stride: Any, padding: Any,
             dilation: Any, groups: int, dims: int, mode: str = "zeros") -> Any:
    """The convolution of any number of axes, for a layer that errors name."""
    weight, x, stride, dilation = checked(layer, x, weight, stride, dilation, groups, dims)
    o, c, *kernel = weight.shape
    whole_groups(layer, o, groups)
    x, alone = batch_last(layer, x, dims, c*groups)             # (c, *space, n)
    x = padded(x, sides(layer, padding, kernel, stride, dilation), mode)
    counts = outputs(x.shape[1:-1], kernel, stride, dilation)
    check_room(layer, x.shape[1:-1], kernel, dilation)
    cut = windows(x, tuple(kernel), stride, dilation)           # (c, *kernel, *counts, n)
    n = x.shape[-1]
    columns = np.reshape(cut, (groups, c*math.prod(kernel), math.prod(counts)*n))
    rows = np.reshape(weight, (groups, o//groups, -1))
    y = with_bias(layer, np.matmul(rows, columns), bias, o, groups)
    return batch_first(np.reshape(y, (o, *counts, n)), alone)


@explaining
def conv_transpose2d(x: Any, weight: Any, bias: Any = None, stride: Any = 1,
                     padding: Any = 0, output_padding: Any = 0, groups: int = 1,
                     dilation: Any = 1) -> Any:
    """Each entry of x (n, c, height, width) adds weight (c, o/groups, kh, kw) times itself.

    height' = (height - 1)*stride - 2*padding + dilation*(kh - 1) + 1 + output_padding. As a
    map it is the adjoint of conv2d with the same weight.

    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return convolve_back("conv_transpose2d", x, weight, bias, stride, padding,
                         output_padding, groups, dilation, dims=2)


def convolve_back(layer: Any, x: Any, weight: Any, bias: Any, stride: Any, padding: Any,
                  output_padding: Any, groups: int, dilation: Any, dims: int) -> Any:
    """The transposed convolution of any number of axes."""
    weight, x, stride, dilation = checked(layer, x, weight, stride, dilation, groups, dims)
    c, o, *kernel = weight.shape
    whole_groups(layer, c, groups)
    x, alone = batch_last(layer, x, dims, c)                    # (c, *space, n)
    _, *space, n = x.shape
    padding = per_axis(layer, "padding", padding, dims, 0)
    more = per_axis(layer, "output_padding", output_padding, dims, 0)
    for extra, s, d in zip(more, stride, dilation):
        if extra >= max(s, d):
            raise ValueError(f"{layer}: output_padding is {extra}; needed less than the"
                             f" stride or the dilation, {max(s, d)}")
    rows = np.reshape(weight, (groups, c//groups, o*math.prod(kernel)))
    entries = np.reshape(x, (groups, c//groups, math.prod(space)*n))
    laid = np.reshape(np.matmul(np.swapaxes(rows, 1, 2), entries),
                      (groups*o, *kernel, *space, n))
    full = tuple([(m - 1)*s + d*(k - 1) + 1
                  for m, s, d, k in zip(space, stride, dilation, kernel)])
    if any(m + extra <= 2*p for m, extra, p in zip(full, more, padding)):
        raise ValueError(f"{layer}: input has shape {x.shape[1:-1]} in space, so nothing of"
                         f" the result is left by padding={padding}; needed less padding")
    y = padded(overlap_add(laid, full, stride, dilation), [(0, extra) for extra in more])
    if any(padding):
        y = y[(slice(None), *[slice(p, m + extra - p)
                              for p, m, extra in zip(padding, full, more)])]
    shape = y.shape
    y = np.reshape(y, (groups, o, math.prod(shape)//(groups*o)))
    y = with_bias(layer, y, bias, groups*o, groups)
    return batch_first(np.reshape(y, shape), alone)


def padded(x: Any, rims: Any, mode: str = "zeros") -> Any:
    """x (c, *space, n) with rims, a pair (before, after) for each axis of space."""
    if not any(map(any, rims)):
        return x
    if mode != "zeros":
        return np.pad(x, [(0, 0), *rims, (0, 0)], mode=MODES[mode])
    c, *space, n = x.shape
    inside = (slice(None), *[slice(a, a + m) for m, (a, _) in zip(space, rims)])
    return scatter(x, inside, (c, *[a + m + b for m, (a, b) in zip(space, rims)], n))


def sides(layer: Any, padding: Any, kernel: Any, stride: Any, dilation: Any) -> list:
    """The padding before and after, for each axis."""
    if padding == "valid":
        return [(0, 0)]*len(kernel)
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{layer}: padding is 'same' with stride {stride}; needed"
                             " stride 1, or the padding in numbers")
        return [(d*(k - 1)//2, d*(k - 1) - d*(k - 1)//2) for k, d in zip(kernel, dilation)]
    if isinstance(padding, str):
        raise ValueError(f"{layer}: padding is {padding!r}; needed numbers, 'same' or"
                         " 'valid'")
    return [(p, p) for p in per_axis(layer, "padding", padding, len(kernel), 0)]


def checked(layer: Any, x: Any, weight: Any, stride: Any, dilation: Any, groups: Any,
            dims: int) -> tuple:
    """weight, x of its dtype, stride and dilation per axis, or the error."""
    weight = as_array(f"{layer}: weight", weight)
    if weight.ndim != dims + 2:
        raise ValueError(f"{layer}: weight has shape {weight.shape}; needed (out, in,"
                         f" kernel) with a kernel of {dims} axes")
    whole(layer, groups=groups)
    return (weight, of_dtype(layer, x, weight.dtype),
            per_axis(layer, "stride", stride, dims),
            per_axis(layer, "dilation", dilation, dims))


def whole_groups(layer: Any, channels: int, groups: int, what: str = "channels of the"
                 " weight") -> None:
    """Raise ValueError unless the groups are of one size."""
    if channels % groups:
        raise ValueError(f"{layer}: groups is {groups}, which does not divide the"
                         f" {channels} {what}; needed a divisor")


def check_room(layer: Any, space: Any, kernel: Any, dilation: Any) -> None:
    """Raise ValueError where a kernel is larger than the (padded) input."""
    reach = tuple([d*(k - 1) + 1 for k, d in zip(kernel, dilation)])
    if any(r > m for r, m in zip(reach, space)):
        raise ValueError(f"{layer}: the kernel reaches over {reach} entries"
                         f" ({AXES[len(reach)]}), the input with its padding has"
                         f" {tuple(space)}; needed no less: more padding or a smaller"
                         " kernel")


def with_bias(layer: Any, y: Any, bias: Any, channels: int, groups: int) -> Any:
    """y (groups, channels/groups, entries of all images) and bias (channels,)."""
    if bias is None:
        return y
    if np.shape(bias) != (channels,):
        raise ValueError(f"{layer}: bias has shape {np.shape(bias)}; needed ({channels},),"
                         " one for each output channel")
    return y + np.reshape(bias, (groups, channels//groups, 1))
