"""The tape: what was computed from what, and the walk back along it.

A Node holds data, no closures: the function that was called, its arguments and the time.
One clock counts recorded calls and writes, so a node's time serves twice: results come
after their arguments (the walk back needs no other order), and a value that was written
after its use is seen at once.

Missing on purpose: the derivatives (primitives/) and the array itself (tensors.py).
"""
import functools
import heapq
import itertools
import threading
from contextlib import ContextDecorator
from contextvars import ContextVar
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

import numpy as np

from minigrad.guards import (
    captured, check_unwritten, describe, has_nan, here, name_of, refuse_new_nan,
    refuse_subclass)
from minigrad.indeterminate import Indeterminate
from minigrad.primitives import VJPS
from minigrad.primitives.linear import unbroadcast
from minigrad.primitives.shapes import VJPS as MOVES, astype

tick = itertools.count(1).__next__      # the clock


# --- recording ----------------------------------------------------------------------------
# Each thread and each asyncio task has its own: the blocks that it is in, the innermost
# first, and what that one says.
blocks: ContextVar[list] = ContextVar("blocks", default=[])
mode: ContextVar[bool] = ContextVar("mode", default=True)
is_recording = mode.get


class recording(ContextDecorator):
    """A block, or a function, whose calls are recorded or not, whatever was so outside.

    Blocks may end in any order, as those of two generators do.
    """

    def __init__(self, on=True):
        self.on = on

    def __enter__(self):
        blocks.set([self, *blocks.get()])
        mode.set(self.on)

    def __exit__(self, *error):
        remaining = [*blocks.get()]
        if self in remaining:                   # else it began in another thread or task
            remaining.remove(self)
        blocks.set(remaining)
        mode.set(remaining[0].on if remaining else True)

    def __call__(self, function):
        if any(runs_later(function) for runs_later in (
                isgeneratorfunction, iscoroutinefunction, isasyncgenfunction)):
            raise TypeError(f"no_grad: the body of {name_of(function)} runs after the call "
                            "has returned; write `with mg.no_grad():` inside it")
        return super().__call__(function)


def is_differentiating():
    """Whether the caller runs inside a function of which a derivative is being taken."""
    return any(block.on for block in blocks.get())


def no_grad(function=None):
    """A block, or a decorated function, in which nothing is recorded: its results want no
    gradient. Augmented assignment writes in place there, as NumPy's does.

    A generator that yields inside such a block leaves its caller in it until it goes on.

    >>> import minigrad as mg
    >>> x = mg.tensor([1., 2.], requires_grad=True)
    >>> with mg.no_grad():
    ...     y = 2*x
    ...     x -= y/4
    >>> y.requires_grad, x.requires_grad, x.numpy()
    (False, True, array([0.5, 1. ]))
    """
    return recording(False) if function is None else recording(False)(function)


class Node:
    """One call: function(*args, **kwargs) at a time; Tensors stand in args at positions."""
    __slots__ = ("function", "args", "kwargs", "positions", "time", "place")

    def __init__(self, function, args, kwargs, positions):
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.positions = positions
        self.time = tick()
        self.place = here(4)

    def __str__(self):
        inside = "".join(f" in the derivative of {name_of(f)}" for f in self.place[2:])
        return f"{name_of(self.function)}{inside} at {describe(self.place)}"

    def free(self):
        """Let go of the arguments: this node has been walked."""
        self.args = self.kwargs = None


def record(result, function, args, kwargs, positions):
    """Make a result remember the call; keep what could be written meanwhile as copies."""
    if result.dtype.kind != "f":
        raise TypeError(f"{name_of(function)}: a result of {result.dtype} has no gradient;"
                        " use x.numpy() where none is needed")
    vjps = VJPS[function]
    for i in positions:
        beyond = isinstance(vjps, tuple) and i >= len(vjps)
        if args[i].requires_grad and (beyond or vjps[i] is None):
            raise TypeError(f"{name_of(function)} has no derivative in argument {i}")
    if len(positions) < len(args):
        args = tuple([a if i in positions else captured(a) for i, a in enumerate(args)])
    if kwargs:
        kwargs = {name: captured(value) for name, value in kwargs.items()}
    result.requires_grad = True
    result._node = Node(function, args, kwargs, positions)


# --- the way back -------------------------------------------------------------------------
def fit(g, data):
    """g in the shape and dtype of the data whose cotangent it is."""
    if g.shape != data.shape:
        g = unbroadcast(g, data.shape)
    if g.dtype == data.dtype:
        return g
    if data.dtype.kind != "f":
        raise TypeError(f"backward: a tensor of {data.dtype} has no gradient; make it with "
                        "mg.tensor(x, requires_grad=True, dtype=float)")
    return astype(g, data.dtype)


def pull(node, result, g, differentiable, forms):
    """The cotangents of a node's arguments, by its VJPs: pairs (position, cotangent).

    Values that were written since raise, except where entries only move and none is read.
    """
    kwargs, arguments = node.kwargs, node.args
    if arguments is None:
        raise RuntimeError(
            f"backward: the graph behind this {name_of(node.function)} was used up by an "
            "earlier backward(); compute the result again, or keep the graph with "
            "backward(retain_graph=True)")
    if result._memory is not None and node.function not in MOVES:
        check_unwritten(result, node, "the result")
    for i in node.positions:
        if arguments[i]._memory is not None and node.function not in MOVES:
            check_unwritten(arguments[i], node, f"argument {i}")
    y, args = result, arguments
    if not differentiable:
        y, args = result._data, list(args)
        for i in node.positions:
            args[i] = args[i]._data
    vjps, cotangents = VJPS[node.function], []
    for i in node.positions:
        argument = arguments[i]
        if argument.requires_grad:
            out = vjps[i](g, y, *args, **kwargs)
            if forms.met:
                out = forms.resolve(node, result, g, out)
            cotangents.append((i, fit(out, argument._data)))
    return cotangents


def walk(seeds, wanted, since, pull):
    """Pull cotangents back from the seeds, the latest result first; see walk_back.

    pull(node, result, g) gives the cotangents of a node's arguments as pairs (position,
    cotangent). Returns pairs (leaf, cotangent), and the nodes.
    """
    summed, leaves, waiting, walked = {}, {}, [], []
    ends = () if wanted is None else {id(t) for t in wanted}

    def add(tensor, g):
        key = id(tensor)
        if key in summed:
            summed[key] = summed[key] + g
            return
        summed[key] = g
        node = tensor._node
        if key in ends or (node is None and wanted is None):
            leaves[key] = tensor
        elif node is not None and node.time > since:
            heapq.heappush(waiting, (-node.time, tensor))

    for tensor, g in seeds:
        add(tensor, g)
    while waiting:
        tensor = heapq.heappop(waiting)[1]          # all its uses have been walked
        node, g = tensor._node, summed.pop(id(tensor))
        args = node.args                            # another thread may free the node
        walked.append(node)
        for i, out in pull(node, tensor, g):
            add(args[i], out)
    return [(tensor, summed[key]) for key, tensor in leaves.items()], walked


def walk_back(seeds, wanted=None, since=0, differentiable=False, retain=False):
    """Pull cotangents back from seeds, pairs (Tensor, cotangent), to the leaves.

    Returns pairs (leaf, cotangent). With `wanted`, these Tensors count as the leaves and
    nodes older than the time `since` are not entered. A differentiable walk computes with
    Tensors, so that it is recorded itself; otherwise with plain arrays. Raises
    RuntimeError where a value was written since, and FloatingPointError where NaN is born
    on the way back (found by a second walk). Reports 0/0 as NumPy does (Indeterminate).
    """
    forms = Indeterminate(seeds)
    take = functools.partial(pull, differentiable=differentiable, forms=forms)

    def take_and_look(node, result, g):
        cotangents = take(node, result, g)
        refuse_new_nan(node, g, cotangents, any(n.function is np.where for n in walked))
        return cotangents

    with np.errstate(invalid="call", call=forms):
        pairs, walked = walk(seeds, wanted, since, take)
        if (has_nan([g for _, g in pairs])
                and not has_nan([x for seed in seeds for x in seed])):
            forms.met = forms.always = True     # also where NumPy has not noticed it
            pairs, walked = walk(seeds, wanted, since, take_and_look)
    if forms.found and np.geterr()["invalid"] != "ignore":
        walk([(t, g != 0) for t, g in seeds], wanted, since, forms.pull)
    if not (retain or differentiable):
        for node in walked:
            node.free()
    return pairs


def vector_like(v, x, name):
    """v, a tangent or cotangent of x, in the dtype of x. Nothing is broadcast.

    A Tensor that wants a gradient stays one.
    """
    refuse_subclass(v, name)
    data = np.asarray(getattr(v, "_data", v))
    if data.dtype.kind not in "fiu":
        raise TypeError(f"{name}: came {type(v).__name__} of dtype {data.dtype}, needs "
                        f"real numbers of shape {x.shape}")
    if data.shape != x.shape:
        raise ValueError(f"{name}: the vector has shape {data.shape}, what it belongs to "
                         f"{x.shape}; needed the same, nothing is broadcast")
    if getattr(v, "requires_grad", False):
        return v if v.dtype == x.dtype else astype(v, x.dtype)
    return np.asarray(data, x.dtype)


def seed_for(tensor, gradient, name):
    """The cotangent of a result: 1 for one entry, else what the caller gives."""
    if gradient is None:
        if tensor.size != 1:
            raise ValueError(f"{name}: the result has shape {tensor.shape}, needs one entry"
                             "; sum it, or pass a gradient of that shape")
        return np.ones(tensor.shape, tensor.dtype)
    seed = vector_like(gradient, tensor, name)
    return getattr(seed, "_data", seed)


accumulating = threading.Lock()         # .grad is read and written by one thread at a time


def backward(tensor, gradient=None, retain_graph=False):
    """Add the cotangents that come back from a tensor to the .grad of its leaves."""
    if not tensor.requires_grad:
        raise RuntimeError("backward: this tensor depends on nothing that wants a gradient;"
                           " make its inputs with mg.tensor(..., requires_grad=True)")
    seed = seed_for(tensor, gradient, "backward")
    taken = {id(seed)}
    pairs = walk_back([(tensor, seed)], retain=retain_graph)
    with accumulating:
        for leaf, g in pairs:
            if leaf._grad is not None:
                leaf._grad = leaf._grad + g
            elif type(g) is np.ndarray and g.base is None and id(g) not in taken:
                leaf._grad = g
            else:
                leaf._grad = np.array(g)        # the memory is shared or is not an array's
            taken.add(id(g))
