"""Derivatives of functions, of every order and in both directions.

All rest on one walk back along the tape (tape.py). Functions may take numbers, arrays, and
tuples, lists and dicts of them, nested; gradients come back in the same structure.
"""
import functools
from typing import Any, Callable

import numpy as np

from minigrad.primitives.shapes import copy
from minigrad.tape import reaches_beyond, recording, tick, walk_back
from minigrad.tensors import Tensor, apply


def backward(tensor, gradient, retain_graph):
    """Tensor.backward."""
    if not tensor.requires_grad:
        raise RuntimeError("backward: this tensor depends on nothing that wants a gradient;"
                           " make its inputs with mg.tensor(..., requires_grad=True)")
    seed = seed_for(tensor, gradient, "backward")
    pairs = walk_back([(tensor, seed)], retain=retain_graph)
    taken = {id(seed)}
    for leaf, g in pairs:
        if leaf._grad is not None:
            leaf._grad = leaf._grad + g
        elif type(g) is np.ndarray and g.base is None and id(g) not in taken:
            leaf._grad = g
        else:
            leaf._grad = np.array(g)            # the memory is shared or is not an array's
        taken.add(id(g))


def seed_for(tensor, gradient, name):
    """The cotangent of a result: 1 for one entry, else what the caller gives."""
    if gradient is None:
        if tensor.size != 1:
            raise ValueError(f"{name}: the result has shape {tensor.shape}, needs one entry"
                             "; sum it, or pass a gradient of that shape")
        return np.ones(tensor.shape, tensor.dtype)
    if type(gradient) is Tensor:
        gradient = gradient._data
    gradient = np.asarray(gradient, tensor.dtype)
    if gradient.shape != tensor.shape:
        raise ValueError(f"{name}: the gradient has shape {gradient.shape}, the result "
                         f"{tensor.shape}")
    return gradient


# --- structures: tuples, lists and dicts of arrays ------------------------------------
def map_leaves(f, tree):
    """The same structure with f of every leaf."""
    if isinstance(tree, dict):
        return {key: map_leaves(f, part) for key, part in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[map_leaves(f, part) for part in tree])
    if isinstance(tree, (tuple, list)):
        return type(tree)(map_leaves(f, part) for part in tree)
    return f(tree)


def lift(x):
    """x as a Tensor to differentiate by; one inside another derivative stays tied to it."""
    if type(x) is Tensor:
        if x.requires_grad:
            return apply(copy, (x,))
        x = x._data
    array = np.array(x)
    if array.dtype.kind != "f":
        raise TypeError(f"grad: came {array.dtype} {array.shape}; only floats have "
                        "derivatives, so write 3.0 for 3, or x.astype(float)")
    return Tensor(array, True)


class Trace:
    """f called once on lifted arguments; `pull` sends a cotangent back to them.

    Its results are plain unless they still depend on a tensor that wants a gradient, as
    in a derivative of a derivative.
    """

    def __init__(self, f, args, kwargs, argnums, differentiable=False):
        self.since = tick()
        self.leaves: list = []
        self.originals: list = []
        args = list(args)
        chosen = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
        for n in chosen:
            if not -len(args) <= n < len(args):
                raise ValueError(f"grad: argnums has {n}, but the call has {len(args)} "
                                 "positional arguments")
            args[n] = map_leaves(self.lifted, args[n])
        self.inputs = [args[n] for n in chosen]
        with recording():
            value = f(*args, **kwargs)
        self.value = value if type(value) is Tensor else Tensor(np.asarray(value))
        if self.value.dtype.kind != "f":
            raise TypeError(f"grad: the function returned {type(value).__name__} of dtype "
                            f"{self.value.dtype}, needs a float or a Tensor of floats")
        self.differentiable = differentiable or reaches_beyond(
            [self.value], self.leaves, self.since)

    def lifted(self, x):
        leaf = lift(x)
        self.leaves.append(leaf)
        self.originals.append(x)
        return leaf

    def result(self):
        return self.value if self.differentiable else plain_like(self.value._data, 0.0)

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
            return plain_like(g, original[id(leaf)])
        return [map_leaves(gradient, tree) for tree in self.inputs]


def plain_like(g, x):
    """g as a Python float where x is one; else an array with memory of its own."""
    if type(g) is Tensor:
        return g
    return float(g) if isinstance(x, float) and np.ndim(g) == 0 else np.array(g)


def value_and_grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """A function that returns f's value and its gradient by the arguments `argnums`.

    f must return one number. The gradient has the structure, shapes and dtypes of the
    arguments; for several argnums it is a tuple.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, argnums)
        if trace.value.shape != ():
            raise ValueError(f"grad: the function returned shape {trace.value.shape}, needs"
                             " one number of shape (); use np.sum, or mg.jacobian")
        gradients = trace.pull(seed_for(trace.value, None, "grad"), retain=False)
        several = isinstance(argnums, (tuple, list))
        return trace.result(), tuple(gradients) if several else gradients[0]
    return run


def grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """A function that returns the gradient of f by the arguments `argnums`.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]
    return run


def elementwise_grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """The derivative of each entry of f by its own argument, for an elementwise f."""
    def total(*args, **kwargs):
        return np.sum(f(*args, **kwargs))
    return functools.wraps(f)(grad(total, argnums))


def vjp(f: Callable, *primals: Any) -> tuple[Any, Callable]:
    """f(*primals) and the pullback: a cotangent of the value -> a tuple of cotangents.

    >>> value, pullback = vjp(lambda x: x**2, np.array([1., 2.]))
    >>> pullback(np.array([1., 1.]))
    (array([2., 4.]),)
    """
    trace = Trace(f, primals, {}, tuple(range(len(primals))))

    def pullback(g):
        if type(g) is Tensor and g.requires_grad:
            return tuple(differentiable_trace().pull(g))
        return tuple(trace.pull(seed_for(trace.value, g, "pullback")))

    @functools.cache
    def differentiable_trace():
        return Trace(f, primals, {}, tuple(range(len(primals))), differentiable=True)
    return trace.result(), pullback


def jvp(f: Callable, primals: tuple, tangents: tuple) -> tuple[Any, Any]:
    """f(*primals) and its directional derivative along tangents.

    Two pullbacks make a push: u -> pullback(u) is linear, and its own pullback is J.

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    trace = Trace(f, primals, {}, tuple(range(len(primals))), differentiable=True)
    beyond = reaches_beyond([trace.value], trace.leaves, trace.since)
    one = np.ones(trace.value.shape, trace.value.dtype)
    flat: list = []
    map_leaves(flat.append, tuple(tangents))
    if len(flat) != len(trace.leaves):
        raise ValueError(f"jvp: {len(flat)} tangents for {len(trace.leaves)} primals")

    def back(u):
        total = 0.0
        pulled: list = []
        map_leaves(pulled.append, trace.pull(u))
        for g, tangent in zip(pulled, flat):
            total = total + np.sum(g*tangent)
        return total
    tangent = grad(back)(one)
    if beyond:
        return trace.value, tangent
    tangent = tangent._data if type(tangent) is Tensor else tangent
    return plain_like(trace.value._data, 0.0), plain_like(tangent, 0.0)


def jacobian(f: Callable, argnum: int = 0) -> Callable:
    """The derivative of every entry of f's result by every entry of argument `argnum`.

    The result has shape f's shape + the argument's shape.
    """
    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, argnum)
        shape, like = trace.value.shape, trace.leaves[0]
        rows = []
        for i in range(trace.value.size):
            unit = np.zeros(trace.value.size, trace.value.dtype)
            unit[i] = 1
            rows.append(trace.pull(unit.reshape(shape))[0])
        if not rows:
            return np.zeros(shape + like.shape, like.dtype)
        return np.reshape(np.stack(rows), shape + like.shape)
    return run


def hessian(f: Callable, argnum: int = 0) -> Callable:
    """The matrix of second derivatives of a function that returns one number."""
    return jacobian(grad(f, argnum), argnum)


def hvp(f: Callable, x: Any, v: Any) -> Any:
    """The Hessian of f at x times v, without forming the Hessian."""
    return grad(lambda y: np.sum(grad(f)(y)*v))(x)
