"""Networks, with PyTorch's names and defaults.

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    loss = nn.cross_entropy(model(x), labels)

In this reading order:

    modules.py       a function together with its parameters
    sequential.py    modules one after the other
    initializers.py  random starting weights
    fitting.py       what the input of a layer must be
    dense.py         Linear and Bilinear
    activations.py   ReLU, GELU and their like
    reshaping.py     Flatten, Unflatten, Identity
    embedding.py     a vector for each word
    dropping.py      entries left out at random
    convolution.py   every window times the same weights; convolution_layers.py
    pooling.py       every window's largest entry, or mean; pooling_layers.py
    normalization.py         LayerNorm, GroupNorm, RMSNorm
    batch_normalization.py   BatchNorm1d, BatchNorm2d
    losses.py        what is minimised: mean squares, cross-entropy

Functions stand beside the modules, under PyTorch's names: nn.conv2d(x, weight, bias).
"""
from minigrad.dictionary import LAYERS, METHODS
from minigrad.nn.activations import (
    ELU, GELU, Hardtanh, LeakyReLU, LogSoftmax, ReLU, ReLU6, Sigmoid, SiLU, Softmax,
    Softplus, Tanh, elu, gelu, hardtanh, leaky_relu, relu, relu6, sigmoid, silu, softplus)
from minigrad.nn.batch_normalization import BatchNorm1d, BatchNorm2d
from minigrad.nn.convolution import conv1d, conv2d, conv_transpose2d
from minigrad.nn.convolution_layers import Conv1d, Conv2d, ConvTranspose2d
from minigrad.nn.dense import Bilinear, Linear
from minigrad.nn.dropping import Dropout, dropout
from minigrad.nn.embedding import Embedding
from minigrad.nn.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform
from minigrad.nn.losses import cross_entropy, mse_loss
from minigrad.nn.modules import Module
from minigrad.nn.normalization import GroupNorm, LayerNorm, RMSNorm
from minigrad.nn.pooling import (
    adaptive_avg_pool1d, adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d,
    max_pool2d)
from minigrad.nn.pooling_layers import (
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d)
from minigrad.nn.reshaping import Flatten, Identity, Unflatten
from minigrad.nn.sequential import Sequential
from minigrad.primitives.stable import log_softmax, logsumexp, softmax
from minigrad.spellings import named

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BatchNorm1d",
    "BatchNorm2d", "Bilinear", "Conv1d", "Conv2d", "ConvTranspose2d", "Dropout", "ELU",
    "Embedding", "Flatten", "GELU", "GroupNorm", "Hardtanh", "Identity", "LayerNorm",
    "LeakyReLU", "Linear", "LogSoftmax", "MaxPool1d", "MaxPool2d", "Module", "RMSNorm",
    "ReLU", "ReLU6", "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh",
    "Unflatten", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d",
    "conv1d", "conv2d", "conv_transpose2d", "cross_entropy", "dropout", "elu", "gelu",
    "glorot_normal", "glorot_uniform", "hardtanh", "he_normal", "he_uniform", "leaky_relu",
    "log_softmax", "logsumexp", "max_pool1d", "max_pool2d", "mse_loss", "relu", "relu6",
    "sigmoid", "silu", "softmax", "softplus"]


def __getattr__(name):
    """Say what to write for PyTorch's and Keras's names."""
    raise AttributeError(named("minigrad.nn", name, METHODS + LAYERS, __all__))
