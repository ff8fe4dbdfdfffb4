"""What is measured of a network: losses and metrics, functions of (output, target)."""
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad import nn
from optim.hints import did_you_mean

Measure = Callable[[Any, Any], Any]
LARGEST = 2**22         # numbers that go through the network at once when it is measured


def accuracy(output: NDArray, target: NDArray) -> float:
    """The share of targets (n, ...) that have the largest of the outputs (n, classes, ...).

    >>> accuracy(np.array([[0., 1.], [1., 0.]]), np.array([1, 1]))
    0.5
    """
    return float(np.mean(np.argmax(output, axis=1) == target))


def mean_absolute_error(output: NDArray, target: NDArray) -> float:
    """The mean of |output - target|, two arrays of one shape."""
    if np.shape(output) != np.shape(target):
        raise ValueError(f"mean_absolute_error: outputs {np.shape(output)}, targets "
                         f"{np.shape(target)}; needed one shape")
    return float(np.mean(np.abs(output - target)))


def r_squared(output: NDArray, target: NDArray) -> float:
    """R²: 1 is exact, 0 as good as the mean, less is worse; NaN where targets are equal."""
    spread = np.sum((target - np.mean(target))**2, dtype=np.float64)
    wrong = np.sum((output - target)**2, dtype=np.float64)
    return float(1 - wrong/spread) if spread else float("nan")


METRICS: dict[str, Measure] = {
    "accuracy": accuracy, "mean_absolute_error": mean_absolute_error, "r2": r_squared}


def usual_loss(target: NDArray) -> Measure:
    """cross_entropy for whole numbers, which are classes; mse_loss for measured ones."""
    if target.dtype.kind not in "iuf":
        raise TypeError(f"fit: targets are {target.dtype}; needed integers (classes) or "
                        "floats (measured numbers), or loss=lambda output, target: ...")
    return nn.mse_loss if target.dtype.kind == "f" else nn.cross_entropy


def metrics_of(given: Any, loss: Measure) -> dict[str, Measure]:
    """{name: function} of names and functions; of None those that suit the loss."""
    if given is None:
        return {"accuracy": accuracy} if loss is nn.cross_entropy else {}
    if isinstance(given, Mapping):
        return dict(given)
    alone = isinstance(given, str) or callable(given)
    listed: Iterable[Any] = [given] if alone else given
    return dict(metric(each) for each in listed)


def metric(given: Any) -> tuple[str, Measure]:
    """The name and the function of a metric; ValueError or TypeError for what is none."""
    if callable(given):
        return called(given), given
    if not isinstance(given, str):
        raise TypeError(f"fit: metric {given!r} came; needed a name, {', '.join(METRICS)}, "
                        "or a function of (output, target)")
    if given not in METRICS:
        raise ValueError(f"fit: no metric is called {given!r};"
                         f"{did_you_mean(given, METRICS)} there are {', '.join(METRICS)}; "
                         "or a function of (output, target)")
    return given, METRICS[given]


def in_words(value: Any) -> Any:
    """A hyperparameter as plain data: a schedule as one writes it, a function's name."""
    if isinstance(value, tuple):
        return tuple(map(in_words, value))
    if not callable(value):
        return value
    return called(value) if hasattr(value, "__code__") else repr(value)


def called(function: Any) -> str:
    """The name of a function, or of the kind of an object that is called."""
    return str(getattr(function, "__name__", type(function).__name__))


@contextmanager
def measuring(model: nn.Module) -> Iterator[None]:
    """A block in which nothing is recorded and no module is in training; afterwards each is
    as it was."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with mg.no_grad(), np.errstate(over="ignore", invalid="ignore"):
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def output_of(model: nn.Module, x: NDArray) -> Any:
    """What the model makes of all examples, of so many at once as memory bears."""
    size = max(1, LARGEST//max(1, math.prod(x.shape[1:])))
    if len(x) <= size:
        return model(x)
    return np.concatenate([model(x[k:k + size]) for k in range(0, len(x), size)])


def values_of(output: Any) -> Any:
    """An output as a plain array."""
    return output.numpy() if isinstance(output, mg.Tensor) else output


def number(what: str, value: Any) -> float:
    """What a loss or metric gave; ValueError if that is not one number."""
    if np.size(value) != 1:
        raise ValueError(f"{what} gave shape {np.shape(value)}; needed one number, as by "
                         "np.mean")
    return float(value.item() if hasattr(value, "item") else value)
