"""Networks beyond perceptrons: the same lines make them of minigrad.nn and of torch.nn.

Each function takes one of the two modules and the sizes of a workload, and returns the
modules that have parameters, by name, and what makes logits of x. MyGrad has convolutions,
so LeNet is written for it as well.
"""
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Network = tuple[dict[str, Any], Callable[[Any], Any]]


def lenet(nn: Any, side: int, classes: int) -> Network:
    """LeCun et al. 1998, figure 2, with ReLU and largest entries; x (n, 1, side, side)."""
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16*((side//2 - 4)//2)**2, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes))
    return {"model": model}, model


def gru(nn: Any, steps: int, features: int, hidden: int, classes: int) -> Network:
    """A GRU and a linear layer of its last state; x (n, steps, features)."""
    layer, head = nn.GRU(features, hidden, batch_first=True), nn.Linear(hidden, classes)
    return {"layer": layer, "head": head}, lambda x: head(layer(x)[0][:, -1])


def transformer(nn: Any, length: int, width: int, heads: int, hidden: int, classes: int
                ) -> Network:
    """A block with attention, and a linear layer of the mean; x (n, length, width)."""
    block = nn.TransformerEncoderLayer(width, heads, hidden, dropout=0.0, batch_first=True)
    head = nn.Linear(width, classes)
    return {"block": block, "head": head}, lambda x: head(block(x).mean(1))


NETWORKS: dict[str, Callable[..., Network]] = {
    "lenet": lenet, "gru": gru, "transformer": transformer}


def input_shape(kind: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """What one example has."""
    return (1, sizes[0], sizes[0]) if kind == "lenet" else sizes[:2]


def built(nn: Any, kind: str, sizes: tuple[int, ...], array: Callable[[NDArray], Any]
          ) -> tuple[list[Any], Callable[[Any], Any]]:
    """The parameters of a network, with the values that all start from, and the network.

    nn: minigrad.nn or torch.nn; array: what makes of NumPy's array the library's.
    """
    modules, forward = NETWORKS[kind](nn, *sizes)
    rng = np.random.default_rng(0)
    for module in modules.values():
        module.load_state_dict({
            name: array(rng.uniform(-0.2, 0.2, np.shape(p)).astype(np.float32))
            for name, p in module.state_dict().items()})
    return [p for module in modules.values() for p in module.parameters()], forward


def lenet_of_mygrad(weights: list[Any], x: Any) -> Any:
    """LeNet's logits, by MyGrad's functions; the weights in the order of `built`."""
    layers = import_module("mygrad.nnet.layers")
    relu = import_module("mygrad.nnet.activations").relu
    for weight, bias, padding in (weights[0], weights[1], 2), (weights[2], weights[3], 0):
        x = layers.conv_nd(x, weight, stride=1, padding=padding) + bias.reshape(1, -1, 1, 1)
        x = layers.max_pool(relu(x), (2, 2), 2)
    x = x.reshape(len(x), -1)
    for k in range(4, len(weights), 2):
        x = x @ weights[k].T + weights[k + 1]
        x = relu(x) if k < len(weights) - 2 else x
    return x
