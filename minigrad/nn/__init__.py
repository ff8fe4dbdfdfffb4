"""Networks: modules, losses and initialisers, with PyTorch's names and defaults.

    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    loss = nn.cross_entropy(model(x), labels)
"""
from minigrad.nn.initializers import glorot_normal, glorot_uniform, he_normal, he_uniform
from minigrad.nn.losses import cross_entropy, mse_loss
from minigrad.nn.modules import Linear, Module, ReLU, Sequential, Tanh

__all__ = ["Linear", "Module", "ReLU", "Sequential", "Tanh", "cross_entropy",
           "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "mse_loss"]
