"""Symbolic: NumPy code run on formulas.

A Symbolic is an array of SymPy expressions. NumPy's arithmetic and its functions that move
or add entries act on object arrays as they are; meanings.py says what the others are in
SymPy. A float constant counts as the decimal that was written: 0.96 is 24/25.

Missing on purpose: control flow on values (use np.where), and functions with no meaning
here, which raise.
"""
import numpy as np
import sympy as sp

from minigrad.composites import COMPOSITES, OPTIONS, WITH_OPTIONS
from minigrad.methods import ArrayMethods
from minigrad.primitives import VJPS
from minigrad.symbolic.constants import exact
from minigrad.symbolic.meanings import (
    ELEMENTWISE, MATRIX, ORDER, OWN, REDUCE, SORTS, STRUCTURE, TEXTBOOK, entry)
from minigrad.symbolic.truths import as_number
from minigrad.tensors import UFUNC_METHODS


class Symbolic(ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array of SymPy expressions on which NumPy code runs.

    >>> x = symbols("x")
    >>> (np.exp(x)*x).expr
    x*exp(x)
    """
    __array_priority__ = 2000

    def __init__(self, array):
        if isinstance(array, Symbolic):
            array = array.array
        self.array = np.frompyfunc(exact, 1, 1)(np.array(array, dtype=object))
        if not isinstance(self.array, np.ndarray):
            self.array = np.array(self.array, dtype=object)

    @property
    def expr(self):
        """The expression of a Symbolic with one entry."""
        if self.array.size != 1:
            raise ValueError(f"expr: the shape is {self.shape}; needs one entry")
        return self.array.reshape(-1)[0]

    shape = property(lambda self: self.array.shape)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    dtype = property(lambda self: self.array.dtype)

    def __getitem__(self, index):
        return Symbolic(self.array[index])

    def __len__(self):
        return len(self.array)

    def item(self):
        """The one entry, as a number is one."""
        if self.array.size != 1:
            raise ValueError(f"item: the shape is {self.shape}; needs one entry")
        return self[(0,)*self.array.ndim] if self.array.ndim else self

    def astype(self, dtype):
        """Formulas have no precision: the same formulas."""
        return self

    def __repr__(self):
        return f"Symbolic({self.expr if self.array.size == 1 else self.array.tolist()})"

    def _repr_latex_(self):
        whole = self.expr if self.size == 1 else sp.Array(self.array.tolist())
        return f"$\\displaystyle {sp.latex(whole)}$"

    def __bool__(self):
        if self.array.size == 1 and self.expr in (sp.true, sp.false):
            return bool(self.expr)
        raise TypeError("a formula has no truth value; write np.where(condition, a, b) in "
                        "place of if")

    def __float__(self):
        raise TypeError("a formula is no number; write np.sqrt(x) for math.sqrt(x), or "
                        "substitute values first: .expr.subs(...)")

    __int__ = __index__ = __float__

    def __array__(self, dtype=None, copy=None):
        raise TypeError("np.array of a Symbolic would leave NumPy without its meaning; use "
                        "np.stack([...]) to join, .array for the SymPy expressions")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if (method, ufunc) in UFUNC_METHODS:
            return UFUNC_METHODS[method, ufunc](*inputs, **{"axis": 0} | kwargs)
        if "out" in kwargs:
            raise TypeError(f"np.{ufunc.__name__}: a formula is not changed in place, and "
                            "out= has no meaning; write x = x + y for x += y")
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{ufunc.__name__}.{method} with {sorted(kwargs)} has no "
                            "meaning on formulas")
        if ufunc is np.matmul:
            return Symbolic(np.matmul(*map(unwrap, inputs)))
        return elementwise(ufunc, inputs)

    def __array_function__(self, function, types, args, kwargs):
        if function in WITH_OPTIONS and not OPTIONS.isdisjoint(kwargs):
            return WITH_OPTIONS[function](*args, **kwargs)
        plain = [unwrap(x) for x in args]
        if function in STRUCTURE:
            return function(*plain, **kwargs)
        for table in TEXTBOOK, OWN, COMPOSITES:
            if function in table:
                return table[function](*args, **kwargs)
        if function in ELEMENTWISE:
            return elementwise(function, args, kwargs)
        for table in REDUCE, MATRIX:
            if function in table:
                return Symbolic(table[function](*plain, **kwargs))
        if function is np.sum:
            plain[0] = np.frompyfunc(as_number, 1, 1)(plain[0])
        if function in ORDER or function in SORTS:
            return in_known_order(function, plain, kwargs)
        if function in VJPS:
            return Symbolic(function(*plain, **{k: unwrap(v) for k, v in kwargs.items()}))
        raise TypeError(f"{function.__name__} has no meaning on formulas")


def in_known_order(function, args, kwargs):
    """Sorting, where SymPy's assumptions decide each comparison."""
    try:
        out = function(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{function.__name__}: the order of these formulas is not known "
                        f"({error}); declare symbols so that it is") from None
    return Symbolic(out) if function in SORTS else out


def elementwise(function, inputs, kwargs=None):
    """The meaning of a function, entry by entry."""
    if function not in ELEMENTWISE or kwargs:
        raise TypeError(f"{function.__name__} {sorted(kwargs or '')} has no meaning on "
                        "formulas")
    meaning = np.frompyfunc(lambda *parts: entry(function, parts), len(inputs), 1)
    return Symbolic(meaning(*[Symbolic(x).array for x in inputs]))


def unwrap(x):
    """The object array behind a Symbolic, also inside lists; anything else stays."""
    if isinstance(x, Symbolic):
        return x.array
    if isinstance(x, (list, tuple)):
        return type(x)(unwrap(part) for part in x)
    return x


def symbols(name: str, shape: tuple[int, ...] = (), **assumptions) -> Symbolic:
    """A Symbolic of one symbol, or of an array of symbols name_0, name_0_1, ...

    Symbols are real; further assumptions are SymPy's (positive=True, integer=True).
    """
    assumptions = {"real": True} | assumptions
    if shape == ():
        return Symbolic(sp.Symbol(name, **assumptions))
    out = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        out[index] = sp.Symbol("_".join([name, *map(str, index)]), **assumptions)
    return Symbolic(out)
