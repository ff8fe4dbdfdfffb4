"""The worker's side: a copy of the model, and the gradients that it computes on a part of
the data.

A piece of work depends on its arguments alone: parameters, buffers, seed, rows. So it may
be done anywhere, and be done again where a worker was lost, with the same bits.
"""
import pickle
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad import nn
from minigrad.randomness import generator
from optim.distributed.exchanges import accumulated
from optim.optimizers.signatures import Rule, step_of

Loss = Callable[[Any, Any], Any]
Seed = tuple[int, ...]
_kept = threading.local()               # each thread's copy of the model it works on


class Gradient(NamedTuple):
    """What a part of a batch gives: means over its examples, and their number."""
    loss: float
    g: NDArray                          # of all trained parameters, end to end
    examples: int
    buffers: list[NDArray]              # after this pass, such as batch norm's means


def packed(model: nn.Module, loss: Loss) -> bytes:
    """Model and loss as bytes, once for all workers; TypeError if they cannot be sent."""
    try:
        import cloudpickle as pickler           # which Dask brings: it also takes lambdas
    except ImportError:
        pickler = pickle
    try:
        return pickler.dumps((model, loss))
    except Exception as error:                  # what pickling runs is the user's
        raise TypeError(
            f"train: the model, {type(model).__name__}, or the loss cannot be sent to "
            f"workers ({type(error).__name__}: {error}); needed ones that pickle: keep "
            "open files, locks and, without cloudpickle, lambdas out of their attributes"
            ) from error


def trained(model: nn.Module) -> list[tuple[str, mg.Tensor]]:
    """The parameters that want a gradient, by name; ValueError if they have no one dtype.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"train: the model came as {type(model).__name__}; needed an "
                        "nn.Module: train(model, (x, y), 'adam')")
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    dtypes = {p.dtype for _, p in named}
    if len(dtypes) != 1:
        raise ValueError("train: " + (
            "no parameter of the model wants a gradient; needed some to train" if not dtypes
            else f"the parameters are of {' and '.join(sorted(map(str, dtypes)))}; needed "
            "one dtype, so that they travel as one array"))
    return named


def joined(arrays: list[NDArray]) -> NDArray:
    """Arrays end to end, as a new one."""
    return np.concatenate(arrays, axis=None)


def cut(flat: NDArray, like: list[tuple[str, mg.Tensor]]) -> list[NDArray]:
    """The pieces of a flat array in the shapes of these parameters."""
    ends = np.cumsum([p.size for _, p in like])[:-1]
    return [piece.reshape(p.shape) for piece, (_, p) in zip(np.split(flat, ends), like)]


def write(flat: NDArray, parameters: list[tuple[str, mg.Tensor]]) -> None:
    """Set parameters to the pieces of a flat array."""
    with mg.no_grad():
        for (_, p), piece in zip(parameters, cut(flat, parameters), strict=True):
            p[...] = piece


def gradient(pack: bytes, theta: NDArray, buffers: list[NDArray], seed: Seed,
             part: tuple[NDArray, NDArray], rows: NDArray | None) -> Gradient:
    """Loss and gradient at theta on these rows of a part of the data, all if None.

    The model's random draws, as of dropout, come from `seed`. Raises RuntimeError for a
    parameter that wants a gradient and gets none.
    """
    model, loss_of = copy_of(pack)
    parameters = trained(model)
    write(theta, parameters)
    for own, given in zip(model.buffers(), buffers, strict=True):
        own[...] = given
    start_draws(model, seed)
    model.train()
    model.zero_grad()
    x, y = part if rows is None else (part[0][rows], part[1][rows])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        loss = loss_of(model(x), y)             # what is not finite is looked for later
        loss.backward()
    if missing := [name for name, p in parameters if p.grad is None]:
        raise RuntimeError(f"train: {missing[0]} wants a gradient and has none; does the "
                           "loss depend on it? To freeze it set its requires_grad = False")
    return Gradient(float(loss.item()), joined([p.grad for _, p in parameters]), len(y),
                    [b.copy() for b in model.buffers()])


def copy_of(pack: bytes) -> tuple[nn.Module, Loss]:
    """This thread's copy of the model, made when another one is first asked for."""
    if getattr(_kept, "pack", None) != pack:
        _kept.pack, _kept.copy = pack, pickle.loads(pack)
    return _kept.copy


def start_draws(model: nn.Module, seed: Seed) -> None:
    """Let every generator in the model begin at this seed."""
    rng = generator(seed)
    for module in model.modules():
        for name, value in vars(module).items():
            if isinstance(value, np.random.Generator) or name == "rng" and value is None:
                setattr(module, name, rng)


class Steps(NamedTuple):
    """What a replica brings back from some steps of its own."""
    theta: NDArray
    states: list[Any]
    accrued: NDArray                    # the sum of its gradients
    losses: list[float]
    buffers: list[NDArray]


def local_steps(slope: Callable[..., Gradient], theta: NDArray, near: NDArray,
                states: Sequence[Any], t: int, rule: Rule, settings: dict[str, Any],
                batches: Sequence[Any], buffers: list[NDArray]) -> Steps:
    """Steps of a rule on a replica, one for each batch; t is the number of the first.

    slope(theta, buffers, batch, t) gives a Gradient. The first one is taken at theta and
    applied at `near`, where an exchange has pulled theta to.
    """
    losses, accrued = [], np.zeros_like(theta)
    for step, batch in enumerate(batches, t):
        found = slope(theta, buffers, batch, step)
        buffers, accrued = found.buffers, accumulated(accrued, found.g)
        losses.append(found.loss)
        with np.errstate(all="ignore"):         # what is not finite is looked for later
            near, *states = step_of(rule, near, found.g, *states, t=step, **settings)
        theta = near
    return Steps(theta, [*states], accrued, losses, buffers)


def model_steps(pack: bytes, seed: Seed, part: Any, rows: NDArray | None,
                ends: list[int], *state: Any) -> Steps:
    """local_steps of a model: rows of a part of the data, of which `ends` cuts batches."""
    chosen = np.arange(len(part[0])) if rows is None else rows
    batches = np.split(chosen, ends)

    def slope(theta: NDArray, buffers: list[NDArray], batch: NDArray, t: int) -> Gradient:
        return gradient(pack, theta, buffers, (*seed, t), part, batch)
    theta, near, states, t, rule, settings, buffers = state
    return local_steps(slope, theta, near, states, t, rule, settings, batches, buffers)
