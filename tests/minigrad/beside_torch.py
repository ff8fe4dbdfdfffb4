"""Layers beside PyTorch's: the same weights, inputs and cotangents, in both precisions.

In float64 results, gradients and buffers agree to 1e-12 of the largest entry. In float32
they agree to 1e-5, and ours are no farther from PyTorch's in float64 than four times
PyTorch's own in float32. Both distances are the largest of several draws, as either may be
right by luck in a result of a few entries; two units in the last place are granted.
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
    return lambda shape: np.random.default_rng((seed, 1)).standard_normal(shape)


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


def pair(ours, theirs, dtype, double):
    """Our model and PyTorch's, of one precision and with our weights."""
    model, other = ours(dtype), theirs()
    other = other.double() if double else other.float()
    share(model, other)
    return model, other


def with_buffers(found, buffers):
    """The results, and the buffers after them."""
    return found | {f"buffer {name}": getattr(b, "numpy", lambda: b)().copy()
                    for name, b in buffers}


def failures(ours, theirs, make, draws=4, prepare=lambda model: model):
    """What is too far off; ours(dtype) and theirs() make the models, make(rng) the inputs.

    prepare: called on both models, as to put them in use.
    """
    said, worst = [], {}
    for draw in range(draws):
        arrays, g = make(np.random.default_rng(draw)), cotangent(draw)
        low = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in arrays]
        high = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in low]
        model, other = map(prepare, pair(ours, theirs, np.float64, True))
        mine = with_buffers(values_of(model, arrays, g), model.named_buffers())
        exact = with_buffers(torchs_of(other, arrays, g), other.named_buffers())
        assert mine.keys() == exact.keys()
        for name in exact:
            error, size = distance(mine[name], exact[name])
            if not error <= EXACT*size:
                said.append(f"{name} in float64: {error} of {size}")

        model, other = map(prepare, pair(ours, theirs, np.float32, False))
        double = prepare(theirs().double())
        double.load_state_dict(other.state_dict())
        mine = with_buffers(values_of(model, low, g), model.named_buffers())
        single = with_buffers(torchs_of(other, low, g), other.named_buffers())
        exact = with_buffers(torchs_of(double, high, lambda shape: g(shape).astype(
            np.float32).astype(np.float64)), double.named_buffers())
        for name in exact:
            assert mine[name].dtype == single[name].dtype, name
            error, size = distance(mine[name], single[name])
            known = worst.setdefault(name, [0.0, 0.0, 0.0, 0.0])
            own, _ = distance(mine[name].astype(np.float64), exact[name])
            torchs, _ = distance(single[name].astype(np.float64), exact[name])
            worst[name] = [*map(max, known, (own, torchs, error, size))]
    for name, (own, torchs, error, size) in worst.items():
        if not error <= SINGLE*size:
            said.append(f"{name} in float32: {error} of {size}")
        if not own <= max(ROOM*torchs, 2*np.finfo(np.float32).eps*size):
            said.append(f"{name}: {own} from the truth, PyTorch {torchs}, of {size}")
    return said
