"""Our layers and losses beside PyTorch's, on the same numbers: values and all gradients.

Tolerances: float64 agrees to 1e-12 of the largest entry, for sums of some thousand terms in
another order. float32 agrees to 1e-5 of it, and is never farther from the float64 result
than 4 times PyTorch's own error: both the largest of a layer's results and gradients over
three draws of its weights, as either may be exact by luck; a unit in the last place at
least.
"""
import numpy as np
import torch

import minigrad as mg
from minigrad.structures import leaves_of

EXACT, CLOSE, TIMES = 1e-12, 1e-5, 4


def cotangent(i, shape, dtype):
    return np.random.default_rng([7, i]).standard_normal(shape).astype(dtype)


def of_ours(function, arrays, parameters=()):
    """{what: array}: the results, and the gradients of the arrays and the parameters."""
    tensors = [mg.tensor(a, requires_grad=True) for a in arrays]
    outs = [o for o in leaves_of(function(*tensors)) if o is not None]
    for _, p in parameters:
        p.grad = None
    total = sum(np.sum(o*cotangent(i, o.shape, o.dtype)) for i, o in enumerate(outs))
    total.backward()
    found = {f"result {i}": o.numpy() for i, o in enumerate(outs)}
    found |= {f"gradient {i}": t.grad for i, t in enumerate(tensors)}
    return found | {name: p.grad for name, p in parameters}


def of_theirs(function, arrays, parameters=()):
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    outs = [o for o in leaves_of(function(*tensors)) if o is not None]
    for _, p in parameters:
        p.grad = None
    total = sum((o*torch.tensor(cotangent(i, tuple(o.shape), o.detach().numpy().dtype))
                 ).sum() for i, o in enumerate(outs))
    total.backward()
    found = {f"result {i}": o.detach().numpy() for i, o in enumerate(outs)}
    found |= {f"gradient {i}": t.grad.numpy() for i, t in enumerate(tensors)}
    return found | {name: p.grad.numpy() for name, p in parameters}


def size(b):
    return max(np.abs(b).max(), np.finfo(np.float32).tiny)


def distance(a, b):
    return np.abs(np.asarray(a, np.float64) - b).max()


def differences(*runs):
    """What is wrong, as a list of text, in runs of ours and theirs in float64 and float32:
    empty if all agree as they must."""
    wrong, own, torchs = [], 0.0, np.finfo(np.float32).eps
    for ours64, theirs64, ours32, theirs32 in runs:
        if not ours64.keys() == theirs64.keys() == ours32.keys():
            return [f"{[*ours64]} for {[*theirs64]}"]
        for name, exact in theirs64.items():
            a, b, scale = ours32[name], theirs32[name], size(exact)
            if ours64[name].shape != exact.shape or ours64[name].dtype != np.float64:
                wrong.append(f"{name}: {ours64[name].dtype} {ours64[name].shape}")
            elif a.dtype != np.float32:
                wrong.append(f"{name}: {a.dtype} of float32")
            elif not distance(ours64[name], exact) <= EXACT*scale:
                wrong.append(f"{name}: {distance(ours64[name], exact)/scale:.1e} off")
            elif not distance(a, b) <= CLOSE*scale:
                wrong.append(f"{name}: float32 {distance(a, b)/scale:.1e} off")
            own = max(own, distance(a, exact)/scale)
            torchs = max(torchs, distance(b, exact)/scale)
    return wrong + [f"{own/torchs:.1f} times PyTorch's error"]*bool(own > TIMES*torchs)


def compared(ours, theirs, arrays):
    """The differences of two functions of arrays, in both dtypes."""
    rounded = [np.asarray(a, np.float32) for a in arrays]
    wide = [a.astype(np.float64) for a in rounded]
    return differences((of_ours(ours, wide), of_theirs(theirs, wide),
                        of_ours(ours, rounded), of_theirs(theirs, rounded)))


def compared_modules(ours, theirs, arrays, call=lambda module, *inputs: module(*inputs)):
    """The differences of two modules, made by functions of a dtype of NumPy's and of
    PyTorch's; ours takes its state from theirs. call(module, *arrays) is their result."""
    runs = []
    for draw in range(3):
        torch.manual_seed(draw)
        source, found = theirs(torch.float32), []
        for numpys, torchs in (np.float64, torch.float64), (np.float32, torch.float32):
            mine, other = ours(numpys), theirs(torchs)
            other.load_state_dict(source.state_dict())
            mine.load_state_dict(source.state_dict())
            inputs = [np.asarray(a, np.float32).astype(numpys) for a in arrays]
            found += [of_ours(lambda *x, m=mine: call(m, *x), inputs,
                              mine.named_parameters()),
                      of_theirs(lambda *x, m=other: call(m, *x), inputs,
                                list(other.named_parameters()))]
        runs.append(found)
    return differences(*runs)


def replays(function, arrays, parameters=()):
    """What differs between the function and its compiled form, of values and gradients."""
    def step(*given):
        for p in parameters:
            p.grad = None
        tensors = [mg.tensor(a, requires_grad=True) for a in given]
        outs = [o for o in leaves_of(function(*tensors)) if o is not None]
        sum(np.sum(o*o) for o in outs).backward()
        return [*outs, *(t.grad for t in tensors)]
    compiled, wrong = mg.compile(step), []
    for call in range(4):
        given = [np.asarray(a)*(1 - call/16) for a in arrays]
        parts = []
        for run in step, compiled:
            found = [np.asarray(getattr(x, "_data", x)) for x in run(*given)]
            parts.append([*found, *(p.grad.copy() for p in parameters)])
        wrong += [f"call {call}, part {i}" for i, (a, b) in enumerate(zip(*parts))
                  if a.tobytes() != b.tobytes() or a.dtype != b.dtype]
    if compiled.last is None or compiled.given_up:
        wrong.append(f"it was not replayed: {compiled.source[:200]}")
    return wrong
