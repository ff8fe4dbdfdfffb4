"""Networks, with PyTorch's names and defaults.

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    loss = nn.cross_entropy(model(x), labels)

In this reading order:

    attributes.py    what stands in a module, and may not vanish from there
    states.py        its parameters and buffers by name
    modules.py       a function together with its parameters
    containers.py    modules in a list, one after the other, or by name
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
    loss_inputs.py   what losses ask of their arguments
    classification.py  losses of classes: cross-entropy in its forms
    regression.py    losses of numbers: squares, distances, Huber's
    margins.py       hinge losses
    loss_modules.py  each loss as a module
    recurrence.py    the steps of recurrent layers, forward and back
    recurrent.py     cells: one step of RNN, LSTM and GRU; recurrent_layers.py
    attention.py     weighted means over the steps
    transformer.py   attention and a small network, as a layer
    init.py          PyTorch's starting values, written into a tensor
    utils.py         gradients that are kept from becoming too large
    averaging.py     averages of a model's parameters over its training
    summaries.py     a model as a table of its layers

Functions stand beside the modules, under PyTorch's names: nn.conv2d(x, weight, bias).
"""
import importlib

from minigrad.dictionary import LAYERS, METHODS
from minigrad.nn.containers import ModuleDict, ModuleList, Sequential
from minigrad.nn.modules import Module
from minigrad.primitives.stable import log_softmax, logsumexp, softmax
from minigrad.spellings import named

# What few need is loaded when it is first used: {file: its names}.
LATER = {
    "initializers": "glorot_normal glorot_uniform he_normal he_uniform",
    "dense": "Bilinear Linear",
    "activations": "ELU GELU Hardtanh LeakyReLU LogSoftmax ReLU ReLU6 SiLU Sigmoid Softmax"
                   " Softplus Tanh elu gelu hardtanh leaky_relu relu relu6 sigmoid silu"
                   " softplus",
    "reshaping": "Flatten Identity Unflatten",
    "embedding": "Embedding",
    "dropping": "Dropout dropout",
    "convolution": "conv1d conv2d conv_transpose2d",
    "convolution_layers": "Conv1d Conv2d ConvTranspose2d",
    "pooling": "adaptive_avg_pool1d adaptive_avg_pool2d avg_pool1d avg_pool2d max_pool1d"
               " max_pool2d",
    "pooling_layers": "AdaptiveAvgPool1d AdaptiveAvgPool2d AvgPool1d AvgPool2d MaxPool1d"
                      " MaxPool2d",
    "normalization": "GroupNorm LayerNorm RMSNorm",
    "batch_normalization": "BatchNorm1d BatchNorm2d",
    "classification": "binary_cross_entropy binary_cross_entropy_with_logits cross_entropy"
                      " kl_div nll_loss",
    "regression": "huber_loss l1_loss mse_loss smooth_l1_loss",
    "margins": "hinge_embedding_loss margin_ranking_loss multi_margin_loss"
               " soft_margin_loss",
    "loss_modules": "BCELoss BCEWithLogitsLoss CrossEntropyLoss HingeEmbeddingLoss"
                    " HuberLoss KLDivLoss L1Loss MSELoss MarginRankingLoss MultiMarginLoss"
                    " NLLLoss SmoothL1Loss SoftMarginLoss",
    "recurrent": "GRUCell LSTMCell RNNCell",
    "recurrent_layers": "GRU LSTM RNN",
    "attention": "MultiheadAttention scaled_dot_product_attention",
    "transformer": "TransformerEncoderLayer",
    "utils": "clip_grad_norm_ clip_grad_value_",
    "averaging": "AveragedModel get_ema_avg_fn",
    "summaries": "summary"}
HOMES = {name: home for home, names in LATER.items() for name in names.split()} | {
    "init": "", "utils": ""}                # modules themselves

__all__ = ["Module", "ModuleDict", "ModuleList", "Sequential", "log_softmax", "logsumexp",
           "softmax", *HOMES]


def __getattr__(name):
    """Load what is loaded when first used; say what to write for PyTorch's and Keras's
    names."""
    if name not in HOMES:
        raise AttributeError(named("minigrad.nn", name, METHODS + LAYERS, __all__))
    module = importlib.import_module(f"minigrad.nn.{HOMES[name] or name}")
    globals()[name] = getattr(module, name) if HOMES[name] else module
    return globals()[name]


def __dir__():
    """The public names, for completion: what is loaded when first used is among them."""
    return sorted(__all__)
