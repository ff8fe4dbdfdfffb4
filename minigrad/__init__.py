"""minigrad: a NumPy array that remembers how it was made, and so knows its gradient.

    import numpy as np, minigrad as mg
    x = mg.tensor([1., 2.], requires_grad=True)
    y = np.sum(np.exp(x)*x); y.backward(); x.grad
    mg.grad(lambda x: np.sin(x)**2)(1.0)

In reading order:

    tape.py         what was computed from what, and the walk back
    values.py       an array that remembers how it was made: what it is
    tensors.py      what is done to it
    methods.py      its methods: x.sum() is np.sum(x)
    guards.py       what keeps the engine from being silently wrong
    writes.py       the only door for writes
    randomness.py   what may be passed as rng
    primitives/     the derivatives, one line each
    composites/     NumPy functions written in others
    structures.py   tuples, lists and dicts of arrays
    traces.py       a function's call, recorded
    autodiff.py     grad, vjp, jvp, jacobian, hessian
    custom.py       a derivative of one's own, and none at all
    nn/             networks
    data/           data sets, files and batches
    symbolic/       the same code on formulas
    check.py        are the gradients right?
    time_limits.py  what ends a proof in time
    prove.py        a proof of each derivative
    proving/        the theorems that it rests on
    operations.py   the table of what is differentiated
"""
import importlib

from minigrad import data, nn
from minigrad.autodiff import (
    elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp)
from minigrad.custom import custom_vjp, stop_gradient
from minigrad.tape import no_grad
from minigrad.tensors import Tensor, tensor

__version__ = "0.1.0"
LAZY = {"Symbolic": "symbolic", "symbols": "symbolic", "check_grads": "check",
        **dict.fromkeys("check prove proving symbolic operations".split())}   # modules

__all__ = [
    "Tensor", "custom_vjp", "data", "elementwise_grad", "grad", "hessian", "hvp",
    "jacobian", "jvp", "nn", "no_grad", "stop_gradient", "tensor", "value_and_grad", "vjp",
    *LAZY]


def __getattr__(name):
    """Load SymPy only when it is first needed."""
    if name not in LAZY:
        raise AttributeError(f"module 'minigrad' has no attribute {name!r}")
    module = importlib.import_module(f"minigrad.{LAZY[name] or name}")
    return getattr(module, name) if LAZY[name] else module


def __dir__():
    """The public names, for completion: what is loaded when first used is among them."""
    return sorted(__all__)
