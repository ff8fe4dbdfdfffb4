"""The tape: what was computed from what, and the walk back along it.

A Node holds data, no closures: the function that was called, its arguments and the time.
One clock counts recorded calls and writes, so a node's time serves twice: results come
after their arguments (the walk back needs no other order), and a value that was written
after its use is seen at once.

Missing on purpose: the derivatives (primitives/) and the array itself (tensors.py).
"""
import heapq
import itertools
import math
import threading
from contextlib import contextmanager

import numpy as np

from minigrad.guards import describe, here
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
    __slots__ = ("function", "args", "kwargs", "positions", "time", "place")

    def __init__(self, function, args, kwargs, positions):
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.positions = positions
        self.time = tick()
        self.place = here(4)

    def __str__(self):
        return f"{name_of(self.function)} at {describe(self.place)}"

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
    """Raise if what this node computed with, or its result, was written since."""
    written, lent, place = tensor._memory
    if written > node.time or (
            lent is not None and not np.array_equal(*lent, equal_nan=True)):
        how = "written" if written > node.time else "handed out by .data and written since,"
        raise RuntimeError(
            f"backward: {what} of {node}, of shape {tensor.shape}, was {how} at "
            f"{describe(place)}, after it was used, so its gradient would be wrong; write "
            "after backward(), or compute with x.copy()")


def has_nan(*arrays):
    """Whether NaN is among the entries: just then it is their sum of squares."""
    with np.errstate(all="ignore"):                 # squares of large entries overflow
        for g in arrays:
            flat = getattr(g, "_data", g).ravel()
            if math.isnan(flat.dot(flat)):
                return True
    return False


def explain_nan(node, i):
    """Raise: a NaN was born in the derivative of this node by its argument i."""
    raise FloatingPointError(
        f"backward: the result is a number, but NaN first appears in the derivative of "
        f"{node}, by argument {i}: a slope that is infinite or undefined there met a "
        "cotangent of 0, as in a branch that np.where has not chosen. Keep such values "
        "out of the function itself: f(np.where(ok, x, 1)) inside np.where(ok, ..., 0)")


def walk_back(seeds, wanted=None, since=0, differentiable=False, retain=False, nan=False):
    """Pull cotangents back from seeds, pairs (Tensor, cotangent), to the leaves.

    Returns pairs (leaf, cotangent). With `wanted`, these Tensors count as the leaves and
    nodes older than the time `since` are not entered. A differentiable walk computes with
    Tensors, so that it is recorded itself; otherwise with plain arrays. Raises
    RuntimeError where a value was written since, and FloatingPointError where NaN is born
    on the way back (found by a second walk, with `nan`).
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
                out = fit(vjps[i](g, result, *args, **node.kwargs), parent._data)
                if nan and has_nan(out) and not has_nan(g):
                    explain_nan(node, i)
                add(parent, out)
    pairs = [(tensor, cotangents[key]) for key, tensor in leaves.items()]
    if not nan and has_nan(*[g for _, g in pairs]) and not has_nan(
            *[x for pair in seeds for x in pair]):
        walk_back(seeds, wanted, since, differentiable, True, nan=True)
    if not (retain or differentiable):
        for node in walked:
            node.free()
    return pairs


def reaches_beyond(results, wanted, since):
    """Whether results depend, past wanted, on a Tensor that wants a gradient."""
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
