"""Functions of each entry, that bend what layers add up: as functions and as modules.

    sigmoid relu leaky_relu hardtanh relu6 elu gelu silu softplus   x -> its shape

Each is written so that it keeps its digits in the tails: gelu(-10) is -10*erfc(7.07)/2,
not -10*(1 + erf(-7.07))/2, which would be 0. At kinks the slopes are PyTorch's.
"""
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.modules import Module
from minigrad.primitives import selection, special, stable
from minigrad.primitives.elementwise import weight
from minigrad.spellings import explaining


@explaining
def relu(x: Any) -> Any:
    """max(x, 0), with slope 0 at 0; NaN stays NaN."""
    return selection.relu(as_array("relu: x", x))


@explaining
def sigmoid(x: Any) -> Any:
    """1/(1 + exp(-x)).

    >>> sigmoid(np.array([0., -1000., 1000.]))
    array([0.5, 0. , 1. ])
    """
    return weight(as_array("sigmoid: x", x), 0)


@explaining
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """x where x > 0, else negative_slope*x."""
    x = as_array("leaky_relu: x", x)
    return np.where(x > 0, x, negative_slope*x)


@explaining
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """x between min_val and max_val, with slope 0 at both."""
    x = as_array("hardtanh: x", x)
    if not min_val < max_val:
        raise ValueError(f"hardtanh: min_val is {min_val}, max_val {max_val}; needed"
                         " min_val < max_val")
    return np.where(x <= min_val, min_val, np.where(x >= max_val, max_val, x))


@explaining
def relu6(x: Any) -> Any:
    """x between 0 and 6."""
    return hardtanh(x, 0.0, 6.0)


@explaining
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, else alpha*(exp(x) - 1): Clevert, Unterthiner & Hochreiter 2016.

    >>> elu(np.array([-1000., 0., 2.]))
    array([-1.,  0.,  2.])
    """
    x = as_array("elu: x", x)
    return np.where(x > 0, x, alpha*np.expm1(np.where(x > 0, 0, x)))


@explaining
def gelu(x: Any, approximate: str = "none") -> Any:
    """x times the normal distribution function of x: Hendrycks & Gimpel 2016.

    approximate="tanh": x*(1 + tanh(u))/2 with u = sqrt(2/pi)*(x + 0.044715 x^3).

    >>> [round(float(gelu(1.0, how)), 4) for how in ("none", "tanh")]
    [0.8413, 0.8412]
    """
    x = as_array("gelu: x", x)
    if approximate == "none":
        return x*(special.erfc(x*-math.sqrt(0.5))/2)
    if approximate == "tanh":
        return x*weight(math.sqrt(8/math.pi)*x*(1 + 0.044715*(x*x)), 0)
    raise ValueError(f"gelu: approximate is {approximate!r}; needed 'none' or 'tanh'")


@explaining
def silu(x: Any) -> Any:
    """x*sigmoid(x), also called swish."""
    x = as_array("silu: x", x)
    return x*weight(x, 0)


@explaining
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta*x))/beta; x itself where beta*x > threshold, as in PyTorch.

    >>> softplus(np.array([-1000., 1000.]))
    array([   0., 1000.])
    """
    x = as_array("softplus: x", x)
    y = np.logaddexp(0, x if beta == 1 else beta*x)
    return np.where(beta*x > threshold, x, y if beta == 1 else y/beta)


class Activation(Module):
    """What the modules share: `function` of x, with the options of the instance."""
    function: Callable[..., Any]
    options: tuple[str, ...] = ()

    def forward(self, x: Any) -> Any:
        """x of any shape; the result has its shape and dtype."""
        options = {name: getattr(self, name) for name in self.options}
        return type(self).function(x, **options)

    def _settings(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.options)


class ReLU(Activation):
    """max(x, 0), with slope 0 at 0; NaN stays NaN.

    >>> ReLU()(np.array([-1., 0., 2.]))
    array([0., 0., 2.])
    """
    function = staticmethod(relu)


class Tanh(Activation):
    """tanh(x), entry by entry.

    >>> Tanh()(np.array([0., 100.]))
    array([0., 1.])
    """
    function = staticmethod(lambda x: np.tanh(as_array("Tanh: x", x)))


class Sigmoid(Activation):
    """1/(1 + exp(-x)), entry by entry."""
    function = staticmethod(sigmoid)


class SiLU(Activation):
    """x*sigmoid(x), entry by entry."""
    function = staticmethod(silu)


class LeakyReLU(Activation):
    """x where x > 0, else negative_slope*x."""
    function, options = staticmethod(leaky_relu), ("negative_slope",)

    @explaining
    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope


class Hardtanh(Activation):
    """x between min_val and max_val."""
    function, options = staticmethod(hardtanh), ("min_val", "max_val")

    @explaining
    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.min_val, self.max_val = min_val, max_val


class ReLU6(Activation):
    """x between 0 and 6."""
    function = staticmethod(relu6)


class ELU(Activation):
    """x where x > 0, else alpha*(exp(x) - 1)."""
    function, options = staticmethod(elu), ("alpha",)

    @explaining
    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha


class GELU(Activation):
    """x times the normal distribution function of x; approximate: 'none' or 'tanh'."""
    function, options = staticmethod(gelu), ("approximate",)

    @explaining
    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate


class Softplus(Activation):
    """log(1 + exp(beta*x))/beta; x itself where beta*x > threshold."""
    function, options = staticmethod(softplus), ("beta", "threshold")

    @explaining
    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold


class Softmax(Activation):
    """exp(x)/sum(exp(x)) along the axis dim; None: 1, or 0 for x of 0, 1 or 3 axes."""
    function = staticmethod(stable.softmax)

    @explaining
    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, x: Any) -> Any:
        """x of any shape; the result has its shape and dtype."""
        x = as_array(f"{self}: x", x)
        default = 0 if x.ndim in (0, 1, 3) else 1
        return type(self).function(x, default if self.dim is None else self.dim)

    def _settings(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """x - log(sum(exp(x))) along the axis dim, with Softmax's default."""
    function = staticmethod(stable.log_softmax)
