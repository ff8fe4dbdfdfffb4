"""Networks, with PyTorch's names and defaults.

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    loss = nn.cross_entropy(model(x), labels)

In this reading order:

    modules.py       a function together with its parameters
    sequential.py    modules one after the other
    initializers.py  random starting weights
    dense.py         Linear
    activations.py   ReLU and Tanh
    losses.py        what is minimised: mean squares, cross-entropy
"""
from minigrad.dictionary import LAYERS, METHODS
from minigrad.nn.activations import ReLU, Tanh
from minigrad.nn.dense import Linear
from minigrad.nn.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform
from minigrad.nn.losses import cross_entropy, mse_loss
from minigrad.nn.modules import Module
from minigrad.nn.sequential import Sequential
from minigrad.primitives.stable import log_softmax, logsumexp, softmax
from minigrad.spellings import named

__all__ = ["Linear", "Module", "ReLU", "Sequential", "Tanh", "cross_entropy",
           "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "log_softmax",
           "logsumexp", "mse_loss", "softmax"]


def __getattr__(name):
    """Say what to write for PyTorch's and Keras's names."""
    raise AttributeError(named("minigrad.nn", name, METHODS + LAYERS, __all__))
