"""Symbolic: NumPy code run on formulas.

A Symbolic is an array of SymPy expressions. NumPy's arithmetic and its functions that move
or add entries act on object arrays as they are; the table MEANING says what the others are
in SymPy. A float constant counts as the decimal that was written: 0.96 is 24/25.

Missing on purpose: control flow on values (use np.where), and functions with no meaning
here, which raise.
"""
import math
import numbers

import numpy as np
import sympy as sp

from minigrad.primitives import COMPOSITES, VJPS
from minigrad.primitives.stable import log_softmax, logsumexp


def exact(x):
    """A number as SymPy's exact number; expressions stay."""
    if isinstance(x, sp.Basic):
        return x
    if isinstance(x, (bool, np.bool_)):
        return sp.true if x else sp.false
    if isinstance(x, numbers.Integral):
        return sp.Integer(int(x))
    if isinstance(x, numbers.Real):
        return sp.Rational(repr(float(x))) if math.isfinite(x) else sp.Float(float(x))
    raise TypeError(f"Symbolic: came {type(x).__name__}, needs numbers or SymPy expressions")


def either(condition, a, b):
    """a where the condition holds, else b."""
    return sp.Piecewise((a, condition), (b, True))


def compare(relation):
    """A relation that leaves what SymPy can decide to SymPy."""
    return lambda a, b: relation(a, b)


EXACT_CONSTANTS = {np.deg2rad: sp.pi/180, np.radians: sp.pi/180,
                   np.rad2deg: 180/sp.pi, np.degrees: 180/sp.pi}

MEANING = {
    np.sqrt: sp.sqrt, np.cbrt: sp.cbrt, np.exp: sp.exp, np.log: sp.log,
    np.exp2: lambda x: 2**x, np.expm1: lambda x: sp.exp(x) - 1,
    np.log2: lambda x: sp.log(x)/sp.log(2), np.log10: lambda x: sp.log(x)/sp.log(10),
    np.log1p: lambda x: sp.log(1 + x),
    np.sin: sp.sin, np.cos: sp.cos, np.tan: sp.tan,
    np.arcsin: sp.asin, np.arccos: sp.acos, np.arctan: sp.atan,
    np.sinh: sp.sinh, np.cosh: sp.cosh, np.tanh: sp.tanh,
    np.arcsinh: sp.asinh, np.arccosh: sp.acosh, np.arctanh: sp.atanh,
    np.absolute: sp.Abs, np.fabs: sp.Abs, np.sign: sp.sign,
    np.floor: sp.floor, np.ceil: sp.ceiling, np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1/x, np.positive: lambda x: x,
    np.hypot: lambda a, b: sp.sqrt(a**2 + b**2), np.arctan2: sp.atan2,
    np.logaddexp: lambda a, b: sp.log(sp.exp(a) + sp.exp(b)),
    np.logaddexp2: lambda a, b: sp.log(2**a + 2**b)/sp.log(2),
    np.remainder: lambda a, b: a - b*sp.floor(a/b),
    np.floor_divide: lambda a, b: sp.floor(a/b),
    np.maximum: sp.Max, np.minimum: sp.Min, np.fmax: sp.Max, np.fmin: sp.Min,
    np.where: either,
    np.less: sp.Lt, np.less_equal: sp.Le, np.greater: sp.Gt, np.greater_equal: sp.Ge,
    np.equal: sp.Eq, np.not_equal: sp.Ne,
    np.logical_and: sp.And, np.logical_or: sp.Or, np.logical_not: sp.Not,
    np.bitwise_and: sp.And, np.bitwise_or: sp.Or, np.invert: sp.Not,
    np.add: lambda a, b: a + b, np.subtract: lambda a, b: a - b,
    np.multiply: lambda a, b: a*b, np.true_divide: lambda a, b: a/b,
    np.power: lambda a, b: a**b, np.float_power: lambda a, b: a**b,
    np.negative: lambda a: -a,
} | {f: lambda x, c=c: c*x for f, c in EXACT_CONSTANTS.items()}


def fold(function):
    """A reduction of entries by a function of two, such as Max."""
    def reduce(a, axis=None, keepdims=False):
        ufunc = np.frompyfunc(function, 2, 1)
        if axis is None:
            a, axis = np.reshape(a, -1), 0
            return ufunc.reduce(a, axis=0)
        return ufunc.reduce(a, axis=axis, keepdims=keepdims)
    return reduce


TEXTBOOK = {        # the plain forms of what is computed in a stable way
    logsumexp: lambda x, axis=-1, keepdims=False: np.log(
        np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
    log_softmax: lambda x, axis=-1: x - np.log(
        np.sum(np.exp(x), axis=axis, keepdims=True)),
}
REDUCE = {np.max: fold(sp.Max), np.min: fold(sp.Min)}
STRUCTURE = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like}


class Symbolic(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of SymPy expressions on which NumPy code runs.

    >>> x = symbols("x")
    >>> (np.exp(x)*x).expr
    x*exp(x)
    """
    __array_priority__ = 2000

    def __init__(self, array):
        array = array.array if isinstance(array, Symbolic) else np.array(array, dtype=object)
        self.array = np.frompyfunc(exact, 1, 1)(array)
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
    T = property(lambda self: Symbolic(self.array.T))

    def __getitem__(self, index):
        return Symbolic(self.array[index])

    def __len__(self):
        return len(self.array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def sum(self, axis=None, keepdims=False):
        return np.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        return np.mean(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape):
        return Symbolic(self.array.reshape(*shape))

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
        raise TypeError("a formula is no number; substitute values first: .expr.subs(...)")

    __int__ = __index__ = __float__

    def __array__(self, dtype=None, copy=None):
        raise TypeError("np.array of a Symbolic would leave NumPy without its meaning; use "
                        "np.stack([...]) to join, .array for the SymPy expressions")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "reduce" and ufunc is np.add:
            return np.sum(*inputs, **kwargs)
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{ufunc.__name__}.{method} with {sorted(kwargs)} has no "
                            "meaning on formulas")
        if ufunc is np.matmul:
            return Symbolic(np.matmul(*map(unwrap, inputs)))
        return elementwise(ufunc, inputs)

    def __array_function__(self, function, types, args, kwargs):
        if function in STRUCTURE:
            return function(*map(unwrap, args), **kwargs)
        if function is np.where:
            return elementwise(np.where, args)
        if function in TEXTBOOK:
            return TEXTBOOK[function](*args, **kwargs)
        if function in REDUCE:
            return Symbolic(REDUCE[function](*map(unwrap, args), **kwargs))
        if function in COMPOSITES:
            return COMPOSITES[function](*args, **kwargs)
        if function in VJPS or function in MOVES:
            out = function(*map(unwrap, args), **kwargs)
            return Symbolic(out)
        raise TypeError(f"{function.__name__} has no meaning on formulas")


MOVES = {np.triu, np.tril}


def elementwise(function, inputs):
    if function not in MEANING:
        raise TypeError(f"{function.__name__} has no meaning on formulas")
    meaning = np.frompyfunc(MEANING[function], len(inputs), 1)
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
