"""Random starting weights whose size keeps signals and gradients at the same scale.

A weight has shape (out, in), or (out, in, ...) where each further axis multiplies both
fans, as in a convolution. Each function returns a plain array: wrap it by
`mg.tensor(he_normal((32, 64), rng), requires_grad=True)`.
"""
import math

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minigrad.inputs import float_dtype
from minigrad.randomness import Random, generator


def he_normal(shape: tuple[int, ...], rng: Random = None,
              dtype: DTypeLike = np.float32) -> NDArray:
    """N(0, 2/in), made for ReLU: He, Zhang, Ren & Sun 2015, eq. (10).

    >>> weight = he_normal((1000, 50), rng=0)
    >>> weight.dtype, round(float(np.var(weight)), 3)
    (dtype('float32'), 0.04)
    """
    fan_in, _ = fans(shape)
    return _normal(shape, 2/fan_in, rng, dtype)


def he_uniform(shape: tuple[int, ...], rng: Random = None,
               dtype: DTypeLike = np.float32) -> NDArray:
    """The uniform distribution around 0 with the variance of `he_normal`, 2/in.

    >>> round(float(np.var(he_uniform((1000, 50), rng=0))), 3)
    0.04
    """
    fan_in, _ = fans(shape)
    return uniform(shape, math.sqrt(6/fan_in), rng, dtype)


def glorot_normal(shape: tuple[int, ...], rng: Random = None,
                  dtype: DTypeLike = np.float32) -> NDArray:
    """N(0, 2/(in + out)): the variance of Glorot & Bengio 2010, eq. (12).

    >>> round(float(np.var(glorot_normal((150, 50), rng=0))), 2)
    0.01
    """
    return _normal(shape, 2/sum(fans(shape)), rng, dtype)


def glorot_uniform(shape: tuple[int, ...], rng: Random = None,
                   dtype: DTypeLike = np.float32) -> NDArray:
    """U(-b, b), b = sqrt(6/(in + out)), made for tanh: Glorot & Bengio 2010, eq. (16).

    >>> float(np.abs(glorot_uniform((100, 50), rng=0)).max()) <= 0.2
    True
    """
    return uniform(shape, math.sqrt(6/sum(fans(shape))), rng, dtype)


def uniform(shape: tuple[int, ...], bound: float, rng: Random,
            dtype: DTypeLike) -> NDArray:
    """U(-bound, bound), drawn in float64 whatever the dtype."""
    dtype = float_dtype("initialiser", dtype)
    return generator(rng).uniform(-bound, bound, shape).astype(dtype)


def _normal(shape: tuple[int, ...], variance: float, rng: Random,
            dtype: DTypeLike) -> NDArray:
    dtype = float_dtype("initialiser", dtype)
    return (math.sqrt(variance)*generator(rng).standard_normal(shape)).astype(dtype)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs an output sums over, and how many outputs an input reaches."""
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"initialiser: shape is {tuple(shape)}; needed (out, in) or"
                         " (out, in, ...), each at least 1")
    patch = math.prod(shape[2:])
    return shape[1]*patch, shape[0]*patch
