"""Networks from their names: "conv", "gru", "mlp:64-32-10", "mlp:32" with one hidden layer,
or sizes alone.

A name may be followed by what goes in and comes out, "conv:64-10"; so it is saved.
"""
import math
from typing import Any

import numpy as np

from minigrad import nn
from optim.training.perceptrons import numbers, perceptron


def network_of(name: str, features: int, classes: int, rng: np.random.Generator,
               source: str = "the file") -> tuple[nn.Module, str]:
    """The network of that name, its weights drawn by `rng`, and its whole name.

    Raises ValueError for a name that there is not, or sizes that do not fit the data.

    >>> network_of("conv", 64, 10, np.random.default_rng(0))[1]
    'conv:64-10'
    """
    kind, colon, sizes = str(name).rpartition(":")
    if str(name) in KINDS:
        kind, sizes = str(name), f"{features}-{classes}"
    if kind not in KINDS and (colon and kind != "mlp"):
        raise ValueError(f"train: model is {name!r}; needed {', '.join(KINDS)}, sizes such"
                         " as mlp:64-32-10, or an nn.Module")
    if kind == "mlp" and sizes.isdecimal() and int(sizes):
        sizes = f"{features}-{sizes}-{classes}"
    first, *inner, last = numbers(sizes)
    if (first, last) != (features, classes) or kind in KINDS and inner:
        raise ValueError(f"train: model is {sizes}, but {source} has {features} features"
                         f" and {classes} {'classes' if classes > 1 else 'output'}; needed"
                         f" {features}-{classes if kind in KINDS else f'...-{classes}'}"
                         ", or mlp:32 for one hidden layer of 32")
    if kind not in KINDS:
        return perceptron(sizes, rng), sizes
    side = math.isqrt(features)
    if side*side != features or side < 4:
        raise ValueError(f"train: {kind} needs square images of 4 x 4 or more; came"
                         f" {features} features")
    return KINDS[kind](side, classes, rng), f"{kind}:{sizes}"


def rebuilt(name: str) -> nn.Module:
    """The network of a whole name, such as "conv:64-10" or "64-32-10"."""
    first, *_, last = numbers(name.rpartition(":")[2])
    return network_of(name, first, last, np.random.default_rng(0))[0]


def convolutional(side: int, classes: int, rng: np.random.Generator) -> nn.Module:
    """Two convolutions of 3 x 3, each halved by its largest entries, and a linear layer."""
    return nn.Sequential(
        nn.Unflatten(1, (1, side, side)),                       # (n, 1, side, side)
        nn.Conv2d(1, 16, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32*(side//4)**2, classes, rng=rng))


class Rows(nn.Module):
    """A GRU that reads an image row by row, from the top; a linear layer of its last
    state."""

    def __init__(self, side: int, classes: int, rng: np.random.Generator) -> None:
        self.rows = nn.Unflatten(1, (side, side))
        self.gru = nn.GRU(side, 64, batch_first=True, rng=rng)
        self.linear = nn.Linear(64, classes, rng=rng)

    def forward(self, x: Any) -> Any:
        """x (n, side*side); the result (n, classes)."""
        _, h = self.gru(self.rows(x))                           # (1, n, 64)
        return self.linear(h[0])


KINDS = {"conv": convolutional, "gru": Rows}
