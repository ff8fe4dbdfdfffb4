"""Windows that slide over an array, and their sum back into one: convolution and pooling.

    windows       x (c, *space, n) -> (c, *kernel, *outputs, n): every window of x
    overlap_add   its adjoint: windows are added up where they were cut out

The batch is the last axis, so that a copy or a sum for one place in the kernel runs over
long stretches of memory; with it one product of matrices is a whole convolution. Theorem:
<g, L x> = <L^T g, x>.
"""
import itertools

import numpy as np

from minigrad.primitives.dispatch import primitive


def outputs(space, kernel, stride, dilation):
    """How many windows fit along each axis."""
    return tuple([(n - d*(k - 1) - 1)//s + 1
                  for n, k, s, d in zip(space, kernel, stride, dilation)])


def places(kernel, counts, stride, dilation):
    """For each place in the kernel: its index in the windows, and that of all its entries
    in the array that they slide over."""
    for at in itertools.product(*map(range, kernel)):
        yield (slice(None), *at), (slice(None), *[
            slice(i*d, i*d + s*(m - 1) + 1, s)
            for i, m, s, d in zip(at, counts, stride, dilation)])


@primitive
def windows(x, kernel, stride, dilation):
    """All windows of x (c, *space, n), as a new array (c, *kernel, *outputs, n)."""
    c, *space, n = x.shape
    counts = outputs(space, kernel, stride, dilation)
    out = np.empty((c, *kernel, *counts, n), x.dtype)
    x = np.ascontiguousarray(x)             # one copy of it, for all places in the kernel
    for inside, there in places(kernel, counts, stride, dilation):
        out[inside] = x[there]
    return out


@primitive
def overlap_add(g, space, stride, dilation):
    """Zeros (c, *space, n) to which the windows g (c, *kernel, *outputs, n) are added."""
    k = len(space)
    out = np.zeros((g.shape[0], *space, g.shape[-1]), g.dtype)
    for inside, there in places(g.shape[1:1 + k], g.shape[1 + k:-1], stride, dilation):
        out[there] += g[inside]
    return out


VJPS: dict = {
    windows:     (lambda g, y, x, kernel, stride, dilation:
                  overlap_add(g, np.shape(x)[1:-1], stride, dilation),),
    overlap_add: (lambda g, y, x, space, stride, dilation:
                  windows(g, np.shape(x)[1:1 + len(space)], stride, dilation),),
}
