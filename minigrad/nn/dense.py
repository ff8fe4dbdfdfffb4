"""Layers in which every output sees every input."""
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.nn.fitting import of_dtype, whole
from minigrad.nn.initializers import uniform
from minigrad.nn.modules import Module
from minigrad.primitives.linear import affine
from minigrad.randomness import Random, generator
from minigrad.spellings import explaining
from minigrad.tensors import Tensor, apply, tensor
from minigrad.writes import array_of


class Linear(Module):
    """x @ weight.T + bias, for x (n, in_features) or (in_features,).

    weight (out_features, in_features) and bias (out_features,) start in
    U(-1/sqrt(in_features), 1/sqrt(in_features)), as PyTorch's. A list of Python's numbers
    takes their dtype. Raises TypeError where x has another dtype than they, ValueError
    where its shape does not fit.

    >>> layer = Linear(3, 2, rng=0)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    @explaining
    def __init__(self, in_features: int, out_features: int, bias: bool = True, *,
                 rng: Random = None, dtype: DTypeLike = np.float32) -> None:
        whole("Linear", in_features=in_features, out_features=out_features)
        rng = generator(rng)
        bound = 1/math.sqrt(in_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight = tensor(uniform((out_features, in_features), bound, rng, dtype),
                             requires_grad=True)
        self.bias = (tensor(uniform((out_features,), bound, rng, dtype),
                            requires_grad=True) if bias else None)

    def forward(self, x: Any) -> Any:
        """x (n, in_features) or (in_features,); the result ends in out_features."""
        weight, array = array_of(self.weight), array_of(x) if type(x) is Tensor else x
        if (type(array) is not np.ndarray or array.dtype != weight.dtype
                or array.shape[-1:] != weight.shape[1:]):
            x = self._fitting(x)
        return apply(affine, (x, self.weight, self.bias))

    def _fitting(self, x: Any) -> Any:
        """x as an array, or the error that says why it does not fit."""
        x = of_dtype(self, x, self.weight.dtype,
                     f"Linear({self.in_features}, {self.out_features}, ")
        if x.shape[-1:] != (self.in_features,):
            first, *others = x.shape or (0,)
            cure = ("x.reshape(-1, 1)" if x.ndim == self.in_features == 1 else
                    "x.T" if x.ndim == 2 and first == self.in_features else
                    "x.reshape(len(x), -1)" if x.ndim > 2
                    and math.prod(others) == self.in_features else "")
            raise ValueError(f"{self}: input has shape {x.shape}; needed (n,"
                             f" {self.in_features}) or ({self.in_features},)"
                             f"{cure and ': ' + cure}")
        return x

    def _settings(self) -> str:
        return (f"in_features={self.in_features}, out_features={self.out_features},"
                f" bias={self.bias is not None}")


class Bilinear(Module):
    """x1 weight[o] x2 + bias[o] for each output o: linear in x1 and in x2.

    weight (out_features, in1_features, in2_features) and bias (out_features,) start in
    U(-1/sqrt(in1_features), 1/sqrt(in1_features)), as PyTorch's.

    >>> layer = Bilinear(3, 4, 2, rng=0)
    >>> layer(np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    @explaining
    def __init__(self, in1_features: int, in2_features: int, out_features: int,
                 bias: bool = True, *, rng: Random = None,
                 dtype: DTypeLike = np.float32) -> None:
        super().__init__()
        whole("Bilinear", in1_features=in1_features, in2_features=in2_features,
              out_features=out_features)
        rng = generator(rng)
        bound = 1/math.sqrt(in1_features)
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        self.weight = tensor(uniform((out_features, in1_features, in2_features), bound, rng,
                                     dtype), requires_grad=True)
        self.bias = (tensor(uniform((out_features,), bound, rng, dtype),
                            requires_grad=True) if bias else None)

    def forward(self, x1: Any, x2: Any) -> Any:
        """x1 (..., in1_features), x2 (..., in2_features); the result ends in out_features.
        """
        x1, x2 = (of_dtype(self, x, self.weight.dtype) for x in (x1, x2))
        o, i, j = self.weight.shape
        if x1.shape[-1:] != (i,) or x2.shape != (*x1.shape[:-1], j):
            raise ValueError(f"{self}: inputs have shapes {x1.shape} and {x2.shape}; needed"
                             f" (..., {i}) and (..., {j}), alike but for the last axis")
        rows = np.reshape(np.transpose(self.weight, (1, 0, 2)), (i, o*j))
        forms = np.reshape(np.matmul(x1, rows), (*x1.shape[:-1], o, j))
        y = np.matmul(forms, np.expand_dims(x2, -1))[..., 0]    # (..., out_features)
        return y if self.bias is None else y + self.bias

    def _settings(self) -> str:
        return (f"in1_features={self.in1_features}, in2_features={self.in2_features},"
                f" out_features={self.out_features}, bias={self.bias is not None}")
