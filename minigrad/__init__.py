"""minigrad: a NumPy array that remembers how it was made, and so knows its gradient.

    import numpy as np, minigrad as mg
    x = mg.tensor([1., 2.], requires_grad=True)
    y = np.sum(np.exp(x)*x); y.backward(); x.grad
    mg.grad(lambda x: np.sin(x)**2)(1.0)

In reading order:

    recording.py    whether it is written down
    tape.py         what was computed from what, and the walk back
    indeterminate.py 0/0 on the way back, and how it is reported
    values.py       an array that remembers how it was made: what it is
    displays.py     how it looks
    in_place.py     what is written into it: x[i] = v, x += y
    tensors.py      what is done to it
    methods.py      its methods: x.sum() is np.sum(x)
    guards.py       what keeps the engine from being silently wrong
    writes.py       the only door for writes
    html_tables.py  tables for notebooks
    dictionary.py   what other libraries call it, row by row
    spellings.py    what a message says of such a name, or of a misspelled one
    stand_ins.py    what stands for an array while a step is recorded
    randomness.py   what may be passed as rng, and the seed for the rest
    inputs.py       lists, tables and other libraries' arrays, as arrays
    primitives/     the derivatives, one line each
    composites/     NumPy functions written in others
    structures.py   tuples, lists and dicts of arrays
    traces.py       a function's call, recorded
    autodiff.py     grad, vjp, jvp, jacobian, hessian
    custom.py       a derivative of one's own, and none at all
    nn/             networks
    whole_files.py  files that appear whole or not at all
    saving.py       arrays by name in a file
    data/           data sets, files and batches
    symbolic/       the same code on formulas
    compiler/       a step recorded once, and run as NumPy source
    check.py        are the gradients right?
    blas.py         how many threads multiply matrices
    time_limits.py  what ends a proof in time
    prove.py        a proof of each derivative
    proving/        the theorems that it rests on
    operations.py   the table of what is differentiated
    explanation/    what a backward pass did, and what is wrong with it
    __main__.py     where the commands are
"""
import importlib

from minigrad import data, nn
from minigrad.autodiff import (
    elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp)
from minigrad.dictionary import FUNCTIONS, METHODS
from minigrad.randomness import manual_seed
from minigrad.spellings import named
from minigrad.recording import no_grad
from minigrad.tensors import Tensor, tensor

__version__ = "0.1.0"
LAZY = {"compile": "compiler", "Symbolic": "symbolic", "symbols": "symbolic",
        "check_grads": "check", "custom_vjp": "custom", "stop_gradient": "custom",
        "set_blas_threads": "blas", "explain": "explanation",
        "save": "saving", "load": "saving",
        **dict.fromkeys(("check", "compiler", "explanation", "prove", "proving",
                         "symbolic", "operations"))}

__all__ = [
    "Tensor", "data", "elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp",
    "manual_seed", "nn", "no_grad", "tensor", "value_and_grad", "vjp", *LAZY]


def __getattr__(name):
    """Load SymPy, and what few need, when first needed; answer PyTorch's names."""
    if name not in LAZY:
        raise AttributeError(named("minigrad", name, METHODS + FUNCTIONS, __all__))
    module = importlib.import_module(f"minigrad.{LAZY[name] or name}")
    return getattr(module, name) if LAZY[name] else module


def __dir__():
    """The public names, for completion: what is loaded when first used is among them."""
    return sorted(__all__)
