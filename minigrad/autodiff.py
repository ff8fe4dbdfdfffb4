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

from minigrad.spellings import explaining
from minigrad.structures import leaves_of, map_leaves, vectors
from minigrad.tensors import Tensor
from minigrad.traces import Trace, check_call, like

Argnums = int | tuple[int, ...] | list[int]


def derivative(name: str, of: Callable, f: Callable, argnums: Argnums,
               has_aux: bool = False) -> Callable:
    """The function that calls f, recorded, and returns what `of` makes of its Trace."""
    check_call(name, f, argnums)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        return of(Trace(name, f, args, kwargs, argnums, has_aux))
    return run


def slope(trace: Trace) -> Any:
    """The gradient of a function of one number, whose graph is used up."""
    y = trace.value
    if type(y) is not Tensor or y.size != 1:
        raise ValueError(
            f"grad: the function returned shape {map_leaves(np.shape, y)}, needs one "
            "number; np.sum it, or use mg.jacobian, or has_aux=True for (value, aux)")
    return trace.pull([np.ones(y.shape, y.dtype)], retain=False)


@explaining
def value_and_grad(f: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns f's value and its gradient by the arguments `argnums`.

    f must return one number, of whatever shape, else ValueError; the value keeps that
    shape. The gradient has the structure, shapes and dtypes of the argument; for a tuple of
    argnums it is a tuple. With has_aux=True f returns a pair (value, aux), and the result
    is ((value, aux), gradient), aux being anything, with plain arrays for Tensors.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    def both(trace):
        gradient = slope(trace)
        return trace.with_aux(trace.result()), gradient
    return derivative("value_and_grad", both, f, argnums, has_aux)


@explaining
def grad(f: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns the gradient of f by the arguments `argnums`.

    f must return one number, of whatever shape, else ValueError. The gradient has the
    structure, shapes and dtypes of the argument; for a tuple of argnums it is a tuple. With
    has_aux=True f returns a pair (value, aux), and the result is (gradient, aux).

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    def of_value(trace):
        return trace.with_aux(slope(trace))
    return derivative("grad", of_value, f, argnums, has_aux)


@explaining
def elementwise_grad(f: Callable, argnums: Argnums = 0) -> Callable:
    """The derivative of each entry of f by its own argument, for an elementwise f.

    It is the gradient of the sum of f's entries, in the shape of the argument; where an
    entry of f depends on other entries too, it is not the derivative. f may return a
    structure of arrays.

    >>> elementwise_grad(np.square)(np.array([1., 2., 3.]))
    array([2., 4., 6.])
    """
    def of_sum(trace):
        return trace.pull([np.ones(y.shape, y.dtype) for y in trace.results], retain=False)
    return derivative("elementwise_grad", of_sum, f, argnums)


def vjp(f: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """f(*primals) and the pullback, which takes a cotangent of the value to a tuple of
    cotangents, of the structures and shapes of the primals.

    The value may be a structure of arrays; its cotangent has the same structure and shapes
    (else ValueError) and is of real numbers (else TypeError). With J the Jacobian of f at
    the primals, pullback(g) is J^T g; it may be called again, and keeps what f has computed
    as long as it lives. With has_aux=True f returns a pair (value, aux), and the result is
    (value, pullback, aux).

    >>> value, pullback = vjp(lambda x: x**2, np.array([1., 2.]))
    >>> pullback(np.array([1., 1.]))
    (array([2., 4.]),)
    """
    check_call("vjp", f)
    trace = Trace("vjp", f, primals, {}, tuple(range(len(primals))), has_aux)

    def pullback(g):
        return trace.pull(vectors("pullback", g, trace.value))
    return trace.result(), pullback, *trace.aux


def inner(gradients: Any, directions: list) -> Any:
    """The sum over all entries of a structure, times those of its directions."""
    return sum((np.sum(g*t) for g, t in zip(leaves_of(gradients), directions)), 0.0)


def jvp(f: Callable, primals: tuple, tangents: tuple, has_aux: bool = False) -> tuple:
    """f(*primals) and its directional derivative J t along the tangents.

    The tangents have the structure and shapes of the primals (else ValueError), the
    derivative has those of f's value. Two pullbacks make a push: u -> J^T u is linear, and
    its own pullback is J. With has_aux=True f returns a pair (value, aux), and the result
    is (value, derivative, aux).

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    check_call("jvp", f)
    if not isinstance(primals, (tuple, list)):
        raise TypeError(f"jvp: primals came {type(primals).__name__}, needs a tuple of all "
                        "arguments; for one write mg.jvp(f, (x,), (t,))")
    trace = Trace("jvp", f, primals, {}, tuple(range(len(primals))), has_aux)
    directions = vectors("jvp", tangents, trace.inputs)

    def pulled(u):
        return inner(trace.pull(leaves_of(u)), directions)
    point = map_leaves(lambda y: np.ones(y.shape, y.dtype), trace.value)    # any point
    derivatives = map_leaves(lambda t: like(t, 0.0), grad(pulled)(point))
    return trace.result(), derivatives, *trace.aux


@explaining
def jacobian(f: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns the derivative of every entry of f's value by every entry of
    the arguments `argnums`.

    The result has shape f's shape + the argument's shape: (m, n) for f from vectors of n
    to vectors of m. For a tuple of argnums it is a tuple; where the value or an argument is
    a structure, so is the result: in place of each array of the value stands the structure
    of the argument. One walk back for each entry of f's value. A value of shape () gives
    the gradient. With has_aux=True f returns a pair (value, aux), and the result is
    (jacobian, aux).

    >>> A = np.array([[1., 2.], [3., 4.], [5., 6.]])
    >>> jacobian(lambda x: A @ x)(np.array([1., 1.]))
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    >>> jacobian(lambda x, y: x*y, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    def of_entries(trace):
        before = []                     # None for each leaf of the value before this one

        def blocks(y):
            rows = []
            for i in range(y.size):
                unit = np.zeros(y.shape, y.dtype)
                unit.flat[i] = 1
                rows.append(leaves_of(trace.pull([*before, unit])))
            before.append(None)
            columns, originals = iter(zip(*rows)), iter(trace.originals)

            def block(leaf):
                empty = np.zeros((0, *leaf.shape), leaf.dtype)
                stacked = np.stack(next(columns, [])) if rows else empty
                return like(np.reshape(stacked, y.shape + leaf.shape), next(originals))
            return map_leaves(block, trace.inputs)
        return trace.with_aux(map_leaves(blocks, trace.value))
    return derivative("jacobian", of_entries, f, argnums, has_aux)


@explaining
def hessian(f: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """A function that returns the second derivatives of f by the arguments `argnums`.

    f must return one number, else ValueError. The result has the argument's shape twice:
    (n, n) for a vector of n, and it is symmetric where f is twice continuously
    differentiable. For a tuple of argnums it is a tuple of tuples: H[i][j] by arguments i
    and j; structures likewise, as jacobian has them. It costs n walks back over a gradient;
    where only products with it are needed, use hvp. With has_aux=True f returns a pair
    (value, aux), and the result is (hessian, aux).

    >>> hessian(lambda x: x[0]**2*x[1])(np.array([1., 2.]))
    array([[4., 2.],
           [2., 0.]])
    """
    check_call("hessian", f, argnums)
    return jacobian(grad(f, argnums, has_aux), argnums, has_aux)


def hvp(f: Callable, x: Any, v: Any) -> Any:
    """The Hessian of f at x times v, by two walks back, without forming the Hessian.

    f takes x alone and returns one number, else ValueError. x may be an array, a number or
    a structure of them; v has its structure and shapes (else ValueError: nothing is
    broadcast), and so has the result.

    >>> hvp(lambda x: x[0]**2*x[1], np.array([1., 2.]), np.array([1., 0.]))
    array([4., 2.])
    """
    check_call("hvp", f)

    def along(y):
        directions = vectors("hvp", v, y)
        return inner(grad(f)(y), directions)
    return grad(along)(x)
