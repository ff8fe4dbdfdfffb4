"""Layers beside PyTorch's: the same weights, inputs and cotangents, in both precisions.

In float64 the results and all gradients agree to 1e-12 of the largest entry. In float32
they agree to 1e-5, and ours are no farther from PyTorch's in float64 than four times
PyTorch's own in float32; a distance of one unit in the last place of the largest entry is
granted, as PyTorch's is 0 where it rounds once by luck.
"""
import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch")
EXACT, SINGLE, ROOM = 1e-12, 1e-5, 4


def values_of(model, arrays, g):
    """The result of our model, and its gradients by name, for the cotangent g."""
    model.zero_grad()
    inputs = [mg.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    y = model(*inputs)
    y.backward(g(y.shape).astype(y.dtype))
    found = {"result": y.numpy()} | {name: p.grad for name, p in model.named_parameters()}
    return found | {f"input {i}": x.grad for i, x in enumerate(inputs) if x.requires_grad}


def torchs_of(model, arrays, g):
    """Likewise of PyTorch's model."""
    model.zero_grad()
    inputs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in arrays]
    y = model(*inputs)
    y.backward(torch.tensor(g(tuple(y.shape))).to(y.dtype))
    found = {"result": y.detach().numpy()}
    found |= {name: p.grad.numpy() for name, p in model.named_parameters()}
    return found | {f"input {i}": x.grad.numpy() for i, x in enumerate(inputs)
                    if x.requires_grad}


def cotangent(seed):
    """A random cotangent for any shape, the same for the same shape."""
    return lambda shape: np.random.default_rng(seed).standard_normal(shape)


def share(ours, theirs):
    """Put our parameters into PyTorch's model, which must have the same names."""
    named = dict(theirs.named_parameters())
    mine = dict(ours.named_parameters())
    assert named.keys() == mine.keys()
    for name, p in mine.items():
        assert tuple(named[name].shape) == p.shape, name
        named[name].data = torch.tensor(p.numpy())


def distance(a, b):
    """The largest difference of two results of one shape and dtype, and the largest b."""
    assert a.shape == b.shape, (a.shape, b.shape)
    if not b.size:
        return 0.0, 0.0
    return float(np.abs(a - b).max()), float(np.abs(b).max())


def failures(ours, theirs, arrays, seed=0):
    """What of float64 arrays is too far off; ours(dtype) and theirs() make the models."""
    g, said = cotangent(seed), []
    model, other = ours(np.float64), theirs().double()
    share(model, other)
    mine, exact = values_of(model, arrays, g), torchs_of(other, arrays, g)
    assert mine.keys() == exact.keys()
    for name in exact:
        error, size = distance(mine[name], exact[name])
        if not error <= EXACT*size:
            said.append(f"{name} in float64: {error} of {size}")

    low = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in arrays]
    model, other = ours(np.float32), theirs().float()
    share(model, other)
    single = torchs_of(other, low, g)
    double = theirs().double()
    for name, p in double.named_parameters():
        p.data = dict(other.named_parameters())[name].data.double()
    high = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in low]
    exact = torchs_of(double, high, lambda s: g(s).astype(np.float32).astype(np.float64))
    mine = values_of(model, low, g)
    for name in exact:
        assert mine[name].dtype == np.float32, name
        error, size = distance(mine[name], single[name])
        own, _ = distance(mine[name].astype(np.float64), exact[name])
        torchs, _ = distance(single[name].astype(np.float64), exact[name])
        if not error <= SINGLE*size:
            said.append(f"{name} in float32: {error} of {size}")
        if not own <= max(ROOM*torchs, np.finfo(np.float32).eps*size):
            said.append(f"{name}: {own} from the truth, PyTorch {torchs}, of {size}")
    return said
