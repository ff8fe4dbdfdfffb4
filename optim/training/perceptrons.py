"""Perceptrons: a network from its sizes, such as "64-32-10", with ReLU between."""
import itertools

import numpy as np

from minigrad import nn


def perceptron(sizes: str, rng: np.random.Generator) -> nn.Sequential:
    """The network with weights drawn by `rng`; ValueError if the text names no sizes.

    >>> perceptron("4-8-3", np.random.default_rng(0))
    Sequential(
      (0): Linear(in_features=4, out_features=8, bias=True)
      (1): ReLU()
      (2): Linear(in_features=8, out_features=3, bias=True)
    )
    """
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(numbers(sizes)):
        layers += [nn.Linear(inputs, outputs, rng=rng), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def numbers(sizes: str) -> list[int]:
    """The sizes, from the features to the classes."""
    parts = str(sizes).split("-")
    if len(parts) < 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ValueError(f"train: model is {sizes!r}; needed sizes such as 64-32-10, from"
                         " the features to the classes, or an nn.Module")
    return [int(part) for part in parts]
