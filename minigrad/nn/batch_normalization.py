"""Batch normalisation: each channel over the batch, by Ioffe & Szegedy 2015, algorithm 1.

In training the moments are the batch's, and running ones move towards them; in use
(`model.eval()`) they are the running ones.
"""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.inputs import float_dtype
from minigrad.nn.fitting import of_dtype, whole
from minigrad.nn.modules import Module
from minigrad.nn.normalization import of_ones, of_zeros
from minigrad.primitives.moments import mean, standardized, variance
from minigrad.spellings import explaining
from minigrad.values import plain


class BatchNorm(Module):
    """What the two layers share: in training the batch's moments, else those it has met."""
    axes: tuple[int, ...] = (4,)
    running_mean: Any
    running_var: Any
    num_batches_tracked: Any

    @explaining
    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
                 affine: bool = True, track_running_stats: bool = True, *,
                 dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        whole(type(self).__name__, num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.dtype = float_dtype(type(self).__name__, dtype)
        self.weight: Any = of_ones((num_features,), dtype) if affine else None
        self.bias: Any = of_zeros((num_features,), dtype) if affine else None
        if track_running_stats:
            self.register_buffer("running_mean", np.zeros(num_features, self.dtype))
            self.register_buffer("running_var", np.ones(num_features, self.dtype))
            self.register_buffer("num_batches_tracked", np.array(0))

    def forward(self, x: Any) -> Any:
        """x (n, num_features) or (n, num_features, *space); the result has x's shape.

        In training the running moments move: running*(1 - momentum) + batch's*momentum.
        """
        x = of_dtype(self, x, self.dtype, f"{type(self).__name__}({self.num_features}, ")
        self._check(x.shape)
        wide = (self.num_features, *(1,)*(x.ndim - 2))          # (c, 1, 1)
        if self.training or not self.track_running_stats:
            axis = (0, *range(2, x.ndim))
            n = math.prod(x.shape)//self.num_features
            if n < 2:
                raise ValueError(f"{self}: input has shape {x.shape}, {n} entries for each"
                                 " channel, which have no variance; needed two or more in"
                                 " training: a larger batch, or eval()")
            y = standardized(x, axis, self.eps)
            if self.training and self.track_running_stats:
                self._remember(mean(plain(x), axis), variance(plain(x), axis), n)
        else:
            scale = 1/np.sqrt(self.running_var + self.eps)
            y = (x - np.reshape(self.running_mean, wide))*np.reshape(scale, wide)
        if self.weight is None:
            return y
        return y*np.reshape(self.weight, wide) + np.reshape(self.bias, wide)

    def _remember(self, centre: Any, spread: Any, n: int) -> None:
        """Move the running moments towards those of a batch of n, its variance unbiased."""
        self.num_batches_tracked[...] = self.num_batches_tracked + 1
        part = 1/self.num_batches_tracked if self.momentum is None else self.momentum
        for running, new in ((self.running_mean, centre),
                             (self.running_var, spread*(n/(n - 1)))):
            running[...] = (1 - part)*running + part*np.reshape(new, running.shape)

    def _check(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in self.axes or shape[1] != self.num_features:
            space = {2: "", 3: ", length", 4: ", height, width"}
            needed = " or ".join(f"(n, {self.num_features}{space[k]})" for k in self.axes)
            raise ValueError(f"{self}: input has shape {shape}; needed {needed}")

    def _settings(self) -> str:
        return (f"{self.num_features}, eps={self.eps}, momentum={self.momentum},"
                f" affine={self.affine}, track_running_stats={self.track_running_stats}")


class BatchNorm1d(BatchNorm):
    """Each feature of x (n, c), or channel of x (n, c, length), normalised over the batch.

    weight and bias (c,) start at 1 and 0. The running variance is over n - 1, as
    PyTorch's; momentum None takes the mean over all batches. Raises ValueError for one
    entry to a channel in training.

    >>> np.round(BatchNorm1d(1)(np.array([[1.], [3.]], np.float32)).numpy(), 3).tolist()
    [[-1.0], [1.0]]
    """
    axes = 2, 3


class BatchNorm2d(BatchNorm):
    """Each channel of x (n, c, height, width), normalised over batch and space."""
    axes = (4,)
