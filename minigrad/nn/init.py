"""PyTorch's nn.init: starting values, written into a tensor that exists.

    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

Each returns the tensor. A weight has shape (out, in, ...), as in initializers.py. rng: a
generator, a seed or None (see mg.manual_seed); it has the place of PyTorch's generator=.
"""
import math

import numpy as np

from minigrad.nn.initializers import fans
from minigrad.randomness import Random, generator
from minigrad.tensors import Tensor
from minigrad.writes import write

GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5/3, "relu": math.sqrt(2), "selu": 3/4,
         **{f"conv{n}d": 1.0 for n in (1, 2, 3)}}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """What keeps the variance through a nonlinearity; param: leaky_relu's slope, or 0.01.

    >>> round(calculate_gain("relu"), 4)
    1.4142
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        return math.sqrt(2/(1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(f"calculate_gain: came {nonlinearity!r}; needed leaky_relu,"
                         f" {', '.join(GAINS)}")
    return GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: Random = None) -> Tensor:
    """U(a, b).

    >>> import minigrad as mg
    >>> x = uniform_(mg.tensor(np.zeros(100)), 2.0, 3.0, rng=0)
    >>> bool(np.all((x >= 2) & (x < 3)))
    True
    """
    return _written(tensor, generator(rng).uniform(a, b, tensor.shape))


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0,
            rng: Random = None) -> Tensor:
    """N(mean, std**2)."""
    return _written(tensor, mean + std*generator(rng).standard_normal(tensor.shape))


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0,
                  b: float = 2.0, rng: Random = None) -> Tensor:
    """N(mean, std**2) given that it lies in [a, b]: what lies outside is drawn again."""
    if not (a < b and a < mean + 4*std and b > mean - 4*std):
        raise ValueError(f"trunc_normal_: [{a}, {b}] for N({mean}, {std}**2); needed a < b,"
                         " within 4 std of the mean")
    rng = generator(rng)
    values = np.full(tensor.shape, np.inf)
    while np.any(outside := (values < a) | (values > b)):
        values[outside] = mean + std*rng.standard_normal(int(outside.sum()))
    return _written(tensor, values)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """All entries val."""
    return _written(tensor, val)


def zeros_(tensor: Tensor) -> Tensor:
    """All entries 0."""
    return _written(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """All entries 1."""
    return _written(tensor, 1)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: Random = None) -> Tensor:
    """U(-b, b), b = gain sqrt(6/(in + out)): Glorot & Bengio 2010, eq. (16)."""
    bound = gain*math.sqrt(6/sum(fans(tensor.shape)))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: Random = None) -> Tensor:
    """N(0, gain**2 2/(in + out))."""
    return normal_(tensor, 0.0, gain*math.sqrt(2/sum(fans(tensor.shape))), rng)


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in",
                     nonlinearity: str = "leaky_relu", rng: Random = None) -> Tensor:
    """U(-b, b), b = gain sqrt(3/fan): He, Zhang, Ren & Sun 2015; a: leaky_relu's slope."""
    bound = math.sqrt(3)*_kaiming(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in",
                    nonlinearity: str = "leaky_relu", rng: Random = None) -> Tensor:
    """N(0, gain**2/fan); mode: the fan_in or fan_out that it goes by."""
    return normal_(tensor, 0.0, _kaiming(tensor, a, mode, nonlinearity), rng)


def orthogonal_(tensor: Tensor, gain: float = 1.0, rng: Random = None) -> Tensor:
    """gain times a random matrix of orthonormal rows, or columns if there are fewer:
    Saxe, McClelland & Ganguli 2014. Further axes count as columns."""
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: shape is {tensor.shape}; needed 2 axes or more")
    rows = tensor.shape[0]
    flat = generator(rng).standard_normal((rows, math.prod(tensor.shape[1:])))
    wide = flat.shape[0] < flat.shape[1]
    q, r = np.linalg.qr(flat.T if wide else flat)
    q = q*np.sign(np.diagonal(r))           # so that all such matrices are equally likely
    return _written(tensor, gain*np.reshape(q.T if wide else q, tensor.shape))


def _kaiming(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """The standard deviation: gain/sqrt(fan)."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"kaiming: mode is {mode!r}; needed 'fan_in' or 'fan_out'")
    fan = fans(tensor.shape)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a)/math.sqrt(fan)


def _written(tensor: Tensor, values) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"init: came {type(tensor).__name__}; needed a tensor, such as"
                        " layer.weight")
    write(tensor, values)
    return tensor
