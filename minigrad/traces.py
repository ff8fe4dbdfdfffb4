"""A function's call, recorded: its arguments become leaves, in whatever structure."""
from typing import Any, Callable

import numpy as np

from minigrad.guards import refuse_subclass
from minigrad.primitives.shapes import copy
from minigrad.tape import recording, tick, walk_back
from minigrad.tensors import Tensor, apply


# --- structures: tuples, lists and dicts of arrays ------------------------------------
def map_leaves(f: Callable, tree: Any) -> Any:
    """The same structure of dicts, tuples and lists, with f of every leaf."""
    if isinstance(tree, dict):
        return {key: map_leaves(f, part) for key, part in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[map_leaves(f, part) for part in tree])
    if isinstance(tree, (tuple, list)):
        return type(tree)(map_leaves(f, part) for part in tree)
    return f(tree)


def leaves_of(tree: Any) -> list:
    """The leaves of a structure, in order."""
    found: list = []
    map_leaves(found.append, tree)
    return found


def inner(name: str, cotangents: Any, tangents: Any) -> Any:
    """<cotangents, tangents>, the sum over all entries of two structures."""
    ours, theirs = leaves_of(cotangents), leaves_of(tangents)
    needed, came = [[np.shape(x) for x in side] for side in (ours, theirs)]
    if came != needed:
        raise ValueError(f"{name}: {len(came)} tangents for {len(needed)} primals, of "
                         f"shapes {came} for {needed}; needed the same")
    return sum((np.sum(g*t) for g, t in zip(ours, theirs)), 0.0)


def as_leaf(x):
    """x as a Tensor to differentiate by; one inside another derivative stays tied to it."""
    if type(x) is Tensor:
        if x.requires_grad:
            return apply(copy, (x,))
        x = x._data
    refuse_subclass(x, "grad")
    array = np.array(x)
    if array.dtype.kind != "f":
        raise TypeError(f"grad: came {array.dtype} {array.shape}; only floats have "
                        "derivatives, so write 3.0 for 3, or x.astype(float)")
    return Tensor(array, True)


def like(g, x):
    """g as a Python float where x is one; else an array with memory of its own."""
    if type(g) is Tensor:
        return g
    return float(g) if isinstance(x, float) and np.ndim(g) == 0 else np.array(g)


# --- a function's call, recorded ---------------------------------------------------------
class Trace:
    """f called once on leaves; `pull` sends a cotangent of its value back to them.

    Its results are plain unless they still depend on a tensor that wants a gradient, as
    in a derivative of a derivative.
    """

    def __init__(self, f, args, kwargs, argnums, differentiable=False):
        self.since = tick()
        self.originals, self.leaves = [], []
        args = list(args)
        chosen = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        for n in chosen:
            if not -len(args) <= n < len(args):
                raise ValueError(f"grad: argnums has {n}, but the call has {len(args)} "
                                 "positional arguments")
            args[n] = map_leaves(self.new_leaf, args[n])
        self.inputs = [args[n] for n in chosen]
        with recording():
            value = f(*args, **kwargs)
        self.value = value if type(value) is Tensor else Tensor(np.asarray(value))
        if self.value.dtype.kind != "f":
            raise TypeError(f"grad: the function returned {type(value).__name__} of dtype "
                            f"{self.value.dtype}, needs a float or a Tensor of floats")
        self.nested = reaches_beyond(self.value, self.leaves, self.since)
        self.differentiable = differentiable or self.nested

    def new_leaf(self, x):
        """A leaf to differentiate by in place of an argument's number or array."""
        self.originals.append(x)
        self.leaves.append(as_leaf(x))
        return self.leaves[-1]

    def result(self):
        """The function's value, outside the graph unless an outer derivative needs it."""
        return self.value if self.nested else like(self.value._data, 0.0)

    def pull(self, g, retain=True):
        """The cotangents of the inputs, in their structure."""
        pairs = []
        if self.value.requires_grad:
            with recording():
                pairs = walk_back([(self.value, g)], self.leaves, self.since,
                                  self.differentiable, retain)
        found = {id(leaf): g for leaf, g in pairs}
        original = {id(leaf): x for leaf, x in zip(self.leaves, self.originals)}

        def gradient(leaf):
            g = found.get(id(leaf))
            if g is None:
                g = np.zeros(leaf.shape, leaf.dtype)
            return like(g, original[id(leaf)])
        return [map_leaves(gradient, tree) for tree in self.inputs]


def reaches_beyond(result, wanted, since):
    """Whether a result depends, past wanted, on a Tensor that wants a gradient."""
    ends, seen, stack = {id(t) for t in wanted}, set(), [result]
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
