"""The tape: what was computed from what, and the walk back along it.

A Node holds data, no closures: the function that was called, its arguments and the time.
One clock counts recorded calls and writes, so a node's time serves twice: results come
after their arguments (the walk back needs no other order), and a value that was written
after its use is seen at once.

Missing on purpose: the derivatives (primitives/) and the array itself (tensors.py).
"""
import heapq
import itertools
import threading
from contextlib import contextmanager

import numpy as np

from minigrad.primitives import VJPS
from minigrad.primitives.linear import unbroadcast
from minigrad.primitives.shapes import astype, copy

tick = itertools.count(1).__next__      # the clock


class State(threading.local):
    """Whether calls are recorded, for each thread."""
    recording = True


state = State()


@contextmanager
def no_grad():
    """Compute without recording: results want no gradient."""
    before, state.recording = state.recording, False
    try:
        yield
    finally:
        state.recording = before


@contextmanager
def recording():
    """Record, also within no_grad."""
    before, state.recording = state.recording, True
    try:
        yield
    finally:
        state.recording = before


class Node:
    """One call: function(*args, **kwargs) at a time; Tensors stand in args at positions."""
    __slots__ = ("function", "args", "kwargs", "positions", "time")

    def __init__(self, function, args, kwargs, positions):
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.positions = positions
        self.time = tick()

    def free(self):
        """Let go of the arguments: this node has been walked."""
        self.args = self.kwargs = None


def name_of(function):
    return getattr(function, "__name__", str(function))


def fit(g, data):
    """g in the shape and dtype of the data whose cotangent it is."""
    if g.shape != data.shape:
        g = unbroadcast(g, data.shape)
    return g if g.dtype == data.dtype else astype(g, data.dtype)


def check_unwritten(tensor, node, what):
    """Raise if the values that this node computed with, or its result, were written since."""
    written, lent = tensor._memory
    if written > node.time or (
            lent is not None and not np.array_equal(*lent, equal_nan=True)):
        raise RuntimeError(
            f"backward: {what} of {name_of(node.function)}, of shape {tensor.shape}, was "
            "written after it was used, so its gradient would be wrong; write after "
            "backward(), or compute with x.copy()")


def walk_back(seeds, wanted=None, since=0, differentiable=False, retain=False):
    """Pull cotangents back from seeds, pairs (Tensor, cotangent), to the leaves.

    Returns pairs (leaf, cotangent). With `wanted`, these Tensors count as the leaves and
    nodes older than the time `since` are not entered. A differentiable walk computes with
    Tensors, so that it is recorded itself; otherwise with plain arrays.
    """
    cotangents, leaves, heap, walked = {}, {}, [], []
    ends = () if wanted is None else {id(t) for t in wanted}

    def add(tensor, g):
        key = id(tensor)
        if key in cotangents:
            cotangents[key] = cotangents[key] + g
            return
        cotangents[key] = g
        node = tensor._node
        if key in ends or (node is None and wanted is None):
            leaves[key] = tensor
        elif node is not None and node.time > since:
            heapq.heappush(heap, (-node.time, tensor))

    for tensor, g in seeds:
        add(tensor, g)
    while heap:
        tensor = heapq.heappop(heap)[1]             # all its uses have been walked
        node = tensor._node
        if node.args is None:
            raise RuntimeError(
                f"backward: the graph behind this {name_of(node.function)} was used up by "
                "an earlier backward(); compute the result again, or keep the graph with "
                "backward(retain_graph=True)")
        if tensor._memory is not None:
            check_unwritten(tensor, node, "the result")
        walked.append(node)
        g, result, args = cotangents.pop(id(tensor)), tensor, node.args
        for i in node.positions:
            if args[i]._memory is not None and node.function is not copy:
                check_unwritten(args[i], node, f"argument {i}")
        if not differentiable:
            result, args = tensor._data, list(args)
            for i in node.positions:
                args[i] = args[i]._data
        vjps = VJPS[node.function]
        for i in node.positions:
            parent = node.args[i]
            if parent.requires_grad:
                add(parent, fit(vjps[i](g, result, *args, **node.kwargs), parent._data))
    if not (retain or differentiable):
        for node in walked:
            node.free()
    return [(tensor, cotangents[key]) for key, tensor in leaves.items()]


def reaches_beyond(results, wanted, since):
    """Whether results depend on a Tensor that wants a gradient other than through wanted."""
    ends, seen, stack = {id(t) for t in wanted}, set(), list(results)
    while stack:
        tensor = stack.pop()
        if id(tensor) in seen or id(tensor) in ends or not tensor.requires_grad:
            continue
        seen.add(id(tensor))
        node = tensor._node
        if node is None or node.time < since:
            return True
        if node.args is not None:
            stack.extend(node.args[i] for i in node.positions)
    return any(t._node is not None for t in wanted)
