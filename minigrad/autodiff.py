"""Derivatives of functions, of every order and in both directions.

All rest on one walk back along the tape (tape.py), from the value of a function that was
called once on leaves (traces.py). Functions may take numbers, arrays, and tuples, lists
and dicts of them, nested; gradients come back in the same structure, and as plain arrays
and floats, unless they are themselves differentiated further.

Common to all of them: the function may be any NumPy code whose operations have
derivatives. TypeError for an argument or a result that is not of floats, ValueError for
an argument number or a shape that does not fit, FloatingPointError where NaN is born on
the way back.
"""
import functools
from typing import Any, Callable

import numpy as np

from minigrad.tape import seed_for
from minigrad.tensors import Tensor
from minigrad.traces import Trace, inner, leaves_of, like


def value_and_grad(f: Callable, argnums: int | tuple[int, ...] = 0) -> Callable:
    """A function that returns f's value and its gradient by the arguments `argnums`.

    f must return one number, of shape (), else ValueError. The gradient has the structure,
    shapes and dtypes of the argument; for a tuple of argnums it is a tuple.

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

    f must return one number, of shape (), else ValueError. The gradient has the structure,
    shapes and dtypes of the argument; for a tuple of argnums it is a tuple.

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
    """The derivative of each entry of f by its own argument, for an elementwise f.

    It is the gradient of the sum of f's entries, in the shape of the argument; where an
    entry of f depends on other entries too, it is not the derivative.

    >>> elementwise_grad(np.square)(np.array([1., 2., 3.]))
    array([2., 4., 6.])
    """
    def total(*args, **kwargs):
        return np.sum(f(*args, **kwargs))
    return functools.wraps(f)(grad(total, argnums))


def vjp(f: Callable, *primals: Any) -> tuple[Any, Callable]:
    """f(*primals) and the pullback, which takes a cotangent of the value, of its shape
    (else ValueError), to a tuple of cotangents, of the shapes of the primals.

    With J the Jacobian of f at the primals, pullback(g) is J^T g; it may be called again.

    >>> value, pullback = vjp(lambda x: x**2, np.array([1., 2.]))
    >>> pullback(np.array([1., 1.]))
    (array([2., 4.]),)
    """
    everything = tuple(range(len(primals)))
    trace = Trace(f, primals, {}, everything)

    def pullback(g):
        if type(g) is Tensor and g.requires_grad:
            return tuple(differentiable_trace().pull(g))
        return tuple(trace.pull(seed_for(trace.value, g, "pullback")))

    @functools.cache
    def differentiable_trace():
        return Trace(f, primals, {}, everything, differentiable=True)
    return trace.result(), pullback


def jvp(f: Callable, primals: tuple, tangents: tuple) -> tuple[Any, Any]:
    """f(*primals) and its directional derivative J t along the tangents.

    The tangents have the structure and shapes of the primals (else ValueError), the
    derivative has the shape of f's value. Two pullbacks make a push: u -> J^T u is linear,
    and its own pullback is J.

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    trace = Trace(f, primals, {}, tuple(range(len(primals))), differentiable=True)
    zeros = np.zeros(trace.value.shape, trace.value.dtype)
    tangent = grad(lambda u: inner("jvp", trace.pull(u), tangents))(zeros)
    if not trace.nested:
        tangent = like(getattr(tangent, "_data", tangent), 0.0)
    return trace.result(), tangent


def jacobian(f: Callable, argnum: int = 0) -> Callable:
    """A function that returns the derivative of every entry of f's value by every entry of
    argument number `argnum`, which is one array or number.

    The result has shape f's shape + the argument's shape: (m, n) for f from vectors of n
    to vectors of m. One walk back for each entry of f's value. A value of shape () gives
    the gradient.

    >>> A = np.array([[1., 2.], [3., 4.], [5., 6.]])
    >>> jacobian(lambda x: A @ x)(np.array([1., 1.]))
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, argnum)
        if len(trace.leaves) != 1:
            raise ValueError(f"jacobian: argument {argnum} has {len(trace.leaves)} arrays; "
                             "needed one; cut one array into parts inside the function")
        rows = []
        for i in range(trace.value.size):
            unit = np.zeros(trace.value.size, trace.value.dtype)
            unit[i] = 1
            rows += leaves_of(trace.pull(unit.reshape(trace.value.shape)))
        shape = trace.value.shape + trace.leaves[0].shape
        return np.reshape(np.stack(rows), shape) if rows else np.zeros(
            shape, trace.leaves[0].dtype)
    return run


def hessian(f: Callable, argnum: int = 0) -> Callable:
    """A function that returns the second derivatives of f by argument number `argnum`.

    f must return one number, of shape (), else ValueError; the argument is one array or
    number. The result has the argument's shape twice: (n, n) for a vector of n, and it is
    symmetric where f is twice continuously differentiable. It costs n walks back over a
    gradient; where only products with it are needed, use hvp.

    >>> hessian(lambda x: x[0]**2*x[1])(np.array([1., 2.]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnum), argnum)


def hvp(f: Callable, x: Any, v: Any) -> Any:
    """The Hessian of f at x times v, by two walks back, without forming the Hessian.

    f takes x alone and returns one number, of shape (), else ValueError. x may be an array,
    a number or a structure of them; v has its structure and shapes (else ValueError), and
    so has the result.

    >>> hvp(lambda x: x[0]**2*x[1], np.array([1., 2.]), np.array([1., 0.]))
    array([4., 2.])
    """
    return grad(lambda y: inner("hvp", grad(f)(y), v))(x)
