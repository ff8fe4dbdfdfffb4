"""The derivative of one call by one of its arguments: as a formula, and as a number.

Both come of the VJP that the engine itself uses, with cotangent 1: run on symbols it is the
formula, run on the values the number. Nothing is derived a second time.
"""
from typing import Any

import numpy as np

from minigrad.explanation.written_vjps import vjp_text
from minigrad.primitives import ELEMENTWISE, VJPS
from minigrad.primitives.linear import unbroadcast
from minigrad.primitives.selection import relu

MOST = 4096                     # entries of a Jacobian that is worked out
BY_ENTRY = ELEMENTWISE | {np.where, relu, np.maximum, np.minimum, np.fmax, np.fmin, np.clip}


def pulled(function: Any, position: int, g: Any, y: Any, args: Any, kwargs: dict) -> Any:
    """The cotangent of an argument, of the shape in which the call used it."""
    return VJPS[function][position](g, y, *args, **kwargs)


def number(function: Any, position: int, y: np.ndarray, args: tuple, kwargs: dict
           ) -> np.ndarray | None:
    """The local derivative at the values: entry by entry, or as a Jacobian.

    Of a function of each entry an array like the result; of a result with one entry an
    array like the argument; else of shape (result, argument), or None if that were more
    than 4,096 numbers.
    """
    with np.errstate(all="ignore"):
        if function in BY_ENTRY or y.size == 1:
            return np.asarray(pulled(function, position, np.ones_like(y), y, args, kwargs))
        if y.size*np.size(args[position]) > MOST:
            return None
        rows = []
        for i in range(y.size):
            g = np.zeros(y.shape, y.dtype)          # in C order, whatever y's is
            g.reshape(-1)[i] = 1
            row = np.asarray(pulled(function, position, g, y, args, kwargs))
            rows.append(unbroadcast(row, np.shape(args[position])))
        return np.array(rows).reshape(y.shape + np.shape(args[position]))


def formula(function: Any, position: int, y: str, args: list, kwargs: dict,
            values: tuple = ()) -> str:
    """The local derivative as text, in the names of the result and of the arguments.

    Names stand for arrays, numbers for themselves. Of functions that mix entries it is the
    way of the cotangent g, in NumPy's words: by running the VJP on `values`, those of the
    result and of the arguments.
    """
    if function in BY_ENTRY:
        try:
            return symbolic(function, position, y, args, kwargs)
        except (TypeError, ValueError, AttributeError, NotImplementedError, KeyError):
            pass                        # no short formula: the code says it
    vjps = VJPS[function]
    if values:
        of_values, *given = values
        text = vjp_text(vjps[position], of_values, y, given, args, kwargs)
        if text is not None:
            return f"g -> {text}"
    from minigrad.operations import words
    vjp = vjps[position] if isinstance(vjps, tuple) else vjps.vjp
    return f"g -> {words(vjp).strip('`').rstrip('.')}"


def symbolic(function: Any, position: int, y: str, args: list, kwargs: dict) -> str:
    """The VJP run on symbols that are called as the arguments are, with cotangent 1."""
    import sympy as sp

    from minigrad.symbolic import Symbolic
    letters = [sp.Symbol(name, real=True) if isinstance(name, str) else name
               for name in args]
    values = [Symbolic(x) if isinstance(x, sp.Symbol) else x for x in letters]
    out = pulled(function, position, Symbolic(sp.Integer(1)),
                 Symbolic(sp.Symbol(y, real=True)), values, kwargs)
    return in_words(Symbolic(out).expr)


def in_words(e: Any) -> str:
    """A formula as text, with cases as Python writes them."""
    import sympy as sp
    if e.is_Pow and e.exp.is_Integer and e.exp < -1:
        return f"1/{1/e}"                       # 1/cosh(x)**2 for cosh(x)**(-2)
    if not isinstance(e, sp.Piecewise):
        return str(e)
    *cases, (last, condition) = e.args
    text = "".join(f"{in_words(value)} if {case} else " for value, case in cases)
    return text + in_words(last) + ("" if condition == sp.true else f" if {condition}")
