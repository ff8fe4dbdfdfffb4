"""What its user says of a derivative: that there is none, or which it is.

    mg.stop_gradient(x)                     x as a constant
    mg.custom_vjp(f, vjp_of_x, vjp_of_y)    f with VJPs of one's own, as in our tables

Such VJPs are believed, as ours are; mg.check_grads(f, (x, y)) compares them with
differences, and mg.prove.prove_function(f) proves or refutes them (proving/custom.py).
"""
import functools
from typing import Any, Callable

import numpy as np

from minigrad.methods import ArrayMethods
from minigrad.primitives.linear import is_stretched
from minigrad.structures import map_leaves
from minigrad.tensors import Tensor, apply, plain, wants_gradient


def stop_gradient(x: Any) -> Any:
    """The same values, which count as constants in derivatives of every order.

    x may be an array, a number, a Tensor or a structure of them; what is no Tensor comes
    back as it is.

    >>> from minigrad.autodiff import grad
    >>> grad(lambda x: x*stop_gradient(x))(3.0)
    3.0
    """
    return map_leaves(lambda leaf: leaf.detach() if type(leaf) is Tensor else leaf, x)


def custom_vjp(function: Callable, *vjps: Callable | None) -> Callable:
    """The same function, whose derivatives are `vjps`, one for each positional argument.

    A VJP is `lambda g, y, *args, **kwargs`: it takes the cotangent g of the result y and
    the arguments to the cotangent of its own argument, of that argument's shape (or of y's,
    if the argument is broadcast to it). None stands for an argument without derivative.
    Written in NumPy's functions, VJPs are differentiated further; the function itself runs
    on plain arrays, and in NumPy's functions also on formulas. Keywords are constants.

    Raises TypeError where their number is not that of the arguments, or a result is no
    array of floats, and ValueError where a VJP returns another shape.

    >>> from minigrad.autodiff import grad
    >>> sine = custom_vjp(np.sin, lambda g, y, x: g*np.cos(x))
    >>> grad(sine)(0.0), float(sine(0.0))
    (1.0, 0.0)
    """
    name = getattr(function, "__name__", str(function))
    if not (callable(function) and vjps and all(v is None or callable(v) for v in vjps)):
        raise TypeError("custom_vjp: needs a function and a VJP for each of its positional "
                        "arguments, lambda g, y, *args: ..., or None")

    @functools.wraps(function)
    def run(*args, **kwargs):
        if len(args) != len(vjps):
            raise TypeError(f"{name}: came {len(args)} positional arguments, has "
                            f"{len(vjps)} VJPs; give one for each, None for a constant, or "
                            "pass constants by keyword")
        if any(type(a) is Tensor for a in (*args, *kwargs.values())):
            if wants_gradient([*kwargs.values()]):
                raise TypeError(f"{name}: a keyword wants a gradient; pass it by position")
            return apply(run, args, {key: plain(value) for key, value in kwargs.items()})
        out = function(*args, **kwargs)
        if wants_gradient(out):
            raise TypeError(f"{name}: it uses a tensor that wants a gradient and is not "
                            "one of its arguments; pass it as one, not in a list")
        return checked(out, f"{name}: the result")

    def vjp_of(i, vjp):
        def pull(g, y, *args, **kwargs):
            out = checked(vjp(g, y, *args, **kwargs), f"{name}: VJP {i}")
            x = np.shape(args[i])
            if out.shape != x and not (out.shape == y.shape and is_stretched(x, y.shape)):
                raise ValueError(f"{name}: VJP {i} returned shape {out.shape}, its "
                                 f"argument has {x}")
            return out
        return vjp and pull
    run.__dict__["vjps"] = tuple([vjp_of(i, vjp) for i, vjp in enumerate(vjps)])
    return run


def checked(out, what):
    """What a user's function returned: an array of floats, or of formulas."""
    if isinstance(out, ArrayMethods):
        return out
    array = np.array(out)               # never a view of an argument, which may be written
    if isinstance(out, (tuple, list)) or array.dtype.kind != "f":
        raise TypeError(f"{what} is {type(out).__name__} of dtype {array.dtype}, needs an "
                        "array of floats")
    return array
