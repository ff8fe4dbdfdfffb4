"""The tape: what was computed from what, and the walk back along it.

A Node holds data, no closures: the function that was called, its arguments and the time.
One clock counts recorded calls and writes, so a node's time serves twice: results come
after their arguments (the walk back needs no other order), and a value that was written
after its use is seen at once.

Missing on purpose: the derivatives (primitives/) and the array itself (tensors.py).
"""
import itertools
import threading
from heapq import heappop, heappush

import numpy as np

from minigrad.guards import (
    captured, check_unwritten, describe, has_nan, name_of, refuse_new_nan)
from minigrad.indeterminate import Indeterminate
from minigrad.primitives import VJPS
from minigrad.primitives.linear import unbroadcast
from minigrad.primitives.shapes import VJPS as MOVES, astype
from minigrad.stand_ins import copied, numeric, sessions
from minigrad.structures import vector_like

tick = itertools.count(1).__next__      # the clock
new = object.__new__


class Node:
    """One call: function(*args, **kwargs) at a time; Tensors stand in args at positions.

    values are the plain arguments, with which the function computed; its place is in the
    user's code, None for an input. Only `record` makes Nodes.
    """
    __slots__ = ("function", "args", "values", "kwargs", "positions", "time", "place")

    def __str__(self):
        inside = "".join(f" in the derivative of {name_of(f)}" for f in self.place[2:])
        return f"{name_of(self.function)}{inside} at {describe(self.place)}"


def record(result, function, args, values, kwargs, positions, held, place):
    """Make a result, which wants a gradient, remember the call; what could be written is
    kept as copies.

    held: whether there is more among the args than Tensors and numbers.
    """
    if result._data.dtype.kind != "f":
        raise TypeError(f"{name_of(function)}: a result of {result.dtype} has no gradient;"
                        " use x.numpy() where none is needed")
    vjps = VJPS[function]
    if type(vjps) is tuple and (len(vjps) < len(args) or None in vjps):
        for i in positions:
            if (i >= len(vjps) or vjps[i] is None) and args[i].requires_grad:
                raise TypeError(f"{name_of(function)} has no derivative in argument {i}")
    if held:
        values = tuple([v if i in positions else captured(v) for i, v in enumerate(values)])
        args = tuple([a if i in positions else values[i] for i, a in enumerate(args)])
    if kwargs:
        kwargs = {name: captured(value) for name, value in kwargs.items()}
    result._node = node = new(Node)         # in half the time of Node.__init__
    node.function, node.args, node.values = function, args, values
    node.kwargs, node.positions, node.time, node.place = kwargs, positions, tick(), place


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


def pull(forms, node, result, g):
    """The cotangents of a node's arguments, by its VJPs: pairs (Tensor, cotangent).

    Values that were written since raise, except where entries only move and none is read.
    """
    function, kwargs, values = node.function, node.kwargs, node.values
    arguments = node.args               # another thread may free the node, and args first
    if arguments is None:
        raise RuntimeError(
            f"backward: the graph behind this {name_of(function)} was used up by an "
            "earlier backward(); compute the result again, or keep the graph with "
            "backward(retain_graph=True)")
    if result._memory is not None and function not in MOVES:
        check_unwritten(result, node, "the result")
    y, args = result._data, values
    if forms.differentiable:
        y, args = result, arguments
    vjps, cotangents = VJPS[function], []
    for i in node.positions:
        argument = arguments[i]
        if argument._memory is not None and function not in MOVES:
            check_unwritten(argument, node, f"argument {i}")
        if argument.requires_grad:
            if kwargs:
                out = vjps[i](g, y, *args, **kwargs)
            elif len(args) == 2:                # most have: twice as quick as with *args
                out = vjps[i](g, y, args[0], args[1])
            else:
                out = vjps[i](g, y, *args)
            data = argument._data
            if forms.met:
                out = fit(forms.resolve(node, result, g, out), data)
                if forms.always:
                    refuse_new_nan(node, g, i, out, forms.walked)
            elif out.shape != data.shape or out.dtype is not data.dtype:
                out = fit(out, data)
            cotangents.append((argument, out))
    forms.walked.append(node)
    return cotangents


def walk(seeds, wanted, since, pull, forms):
    """Pull cotangents back from the seeds, the latest result first; see walk_back.

    pull(forms, node, result, g) gives the cotangents of a node's arguments as pairs
    (Tensor, cotangent), and so does this function for the leaves.
    """
    summed, leaves, waiting = {}, [], []        # a tensor's hash is its identity
    ends = () if wanted is None else {*wanted}
    pairs = seeds
    while True:
        if len(pairs) == 1 and not waiting:     # as in a chain: nothing else comes to it
            tensor, g = pairs[0]
            node = tensor._node
            if node is not None and node.time > since and tensor not in ends:
                pairs = pull(forms, node, tensor, g)
                continue
        for tensor, g in pairs:
            if tensor in summed:
                summed[tensor] = summed[tensor] + g
                continue
            summed[tensor], node = g, tensor._node
            if node is not None and node.time > since and tensor not in ends:
                heappush(waiting, (-node.time, tensor))
            elif wanted is None or tensor in ends:
                leaves.append(tensor)
        if not waiting:
            return [(tensor, summed[tensor]) for tensor in leaves]
        tensor = heappop(waiting)[1]            # all its uses have been walked
        pairs = pull(forms, tensor._node, tensor, summed.pop(tensor))


def walk_back(seeds, wanted=None, since=0, differentiable=False, retain=False):
    """Pull cotangents back from seeds, pairs (Tensor, cotangent), to the leaves.

    Returns pairs (leaf, cotangent). With `wanted`, these Tensors count as the leaves and
    nodes older than the time `since` are not entered. A differentiable walk computes with
    Tensors, so that it is recorded itself; otherwise with plain arrays. Raises
    RuntimeError where a value was written since, and FloatingPointError where NaN is born
    on the way back (found by a second walk). Reports 0/0 as NumPy does (Indeterminate).
    """
    forms = Indeterminate(seeds, differentiable)
    with np.errstate(invalid="call", call=forms):
        pairs = walk(seeds, wanted, since, pull, forms)
        if has_nan([g for _, g in pairs]) and not has_nan([x for s in seeds for x in s]):
            forms.met = forms.always = True     # also where NumPy has not noticed it
            forms.walked = []
            pairs = walk(seeds, wanted, since, pull, forms)
    if forms.found and np.geterr()["invalid"] != "ignore":
        walk([(t, g != 0) for t, g in seeds], wanted, since, Indeterminate.pull, forms)
    if not (retain or differentiable):
        for node in forms.walked:
            node.args = node.values = node.kwargs = None
    return pairs


accumulating = threading.Lock()         # .grad is read and written by one thread at a time


def backward(tensor, gradient=None, retain_graph=False):
    """Add the cotangents that come back from a tensor to the .grad of its leaves."""
    if not tensor.requires_grad:
        raise RuntimeError("backward: this tensor depends on nothing that wants a gradient;"
                           " make its inputs with mg.tensor(..., requires_grad=True)")
    if gradient is None and tensor._data.size != 1:
        raise ValueError(f"backward: the result has shape {tensor.shape}, needs one entry; "
                         "sum it, or pass a gradient of that shape")
    seed = np.ones(tensor.shape, tensor.dtype) if gradient is None else vector_like(
        gradient, tensor, "backward")
    seed = getattr(seed, "_data", seed)
    taken = {id(seed)}
    pairs = walk_back([(tensor, seed)], retain=retain_graph)
    for session in sessions:
        session.met([leaf for leaf, _ in pairs])
    with accumulating:
        for leaf, g in pairs:
            if leaf._grad is not None:
                leaf._grad = numeric(leaf.grad + g)      # a sum of shape () is none
            elif type(g) is np.ndarray and g.base is None and id(g) not in taken:
                leaf._grad = g
            else:
                leaf._grad = copied(g)          # the memory is shared or is not an array's
            taken.add(id(g))
