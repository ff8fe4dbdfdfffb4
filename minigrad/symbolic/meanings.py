"""What NumPy's functions mean in SymPy, entry by entry or on arrays of expressions.

MEANING is for one entry of each argument. REDUCE, MATRIX take object arrays. OWN holds
functions written in other NumPy functions. arrays.py looks a function up in them.
"""
import operator

import numpy as np
import sympy as sp

from minigrad.primitives import elementwise, linalg, selection, special
from minigrad.primitives.masking import zeroed
from minigrad.primitives.moments import standardized
from minigrad.primitives.shapes import astype, copy
from minigrad.primitives.stable import (
    cross_entropy, log_softmax, logsumexp, softmax, softmax_of_others)
from minigrad.symbolic.truths import (
    BITWISE, LOGICAL, as_number, as_truth, either, of_truths)


def round_to_even(x):
    """The nearest whole number, and of two the even one."""
    half = sp.Rational(1, 2)
    down = sp.floor(x + half)
    return either(sp.Eq(down, x + half), 2*sp.floor((x + half)/2), down)


def truncate(x):
    """The whole number next to x on the side of 0."""
    return either(x >= 0, sp.floor(x), sp.ceiling(x))


def sinc(x, n=0):
    """sin(pi x)/(pi x), differentiated n times; its value at 0 is by continuity."""
    t = sp.Dummy(real=True)
    return sp.diff(sp.sin(sp.pi*t)/(sp.pi*t), t, n).subs(t, x)


def finite(x):
    """Real formulas are finite; of others nothing is known."""
    if x.is_finite is None:
        raise TypeError(f"isfinite: nothing is known of {x}; declare its symbols as real")
    return sp.true if x.is_finite else sp.false


MEANING: dict = {
    np.sqrt: sp.sqrt, np.cbrt: lambda x: sp.sign(x)*sp.cbrt(sp.Abs(x)),
    np.exp: sp.exp, np.log: sp.log, np.exp2: lambda x: 2**x,
    np.expm1: lambda x: sp.exp(x) - 1,
    np.log2: lambda x: sp.log(x)/sp.log(2), np.log10: lambda x: sp.log(x)/sp.log(10),
    np.log1p: lambda x: sp.log(1 + x),
    np.sin: sp.sin, np.cos: sp.cos, np.tan: sp.tan,
    np.arcsin: sp.asin, np.arccos: sp.acos, np.arctan: sp.atan,
    np.sinh: sp.sinh, np.cosh: sp.cosh, np.tanh: sp.tanh,
    np.arcsinh: sp.asinh, np.arccosh: sp.acosh, np.arctanh: sp.atanh,
    np.absolute: sp.Abs, np.fabs: sp.Abs, np.sign: sp.sign,
    np.floor: sp.floor, np.ceil: sp.ceiling, np.trunc: truncate, np.rint: round_to_even,
    np.heaviside: lambda x, h: sp.Piecewise((0, x < 0), (h, sp.Eq(x, 0)), (1, True)),
    np.copysign: lambda x, s: either(s >= 0, sp.Abs(x), -sp.Abs(x)),
    np.signbit: lambda x: x < 0, np.ldexp: lambda x, n: x*2**n,
    np.fix: truncate, np.conjugate: sp.conjugate, np.imag: sp.im,
    np.isfinite: finite, np.isnan: lambda x: sp.Not(finite(x)), np.nan_to_num: lambda x: x,
    special.erf: sp.erf, special.erfc: sp.erfc, np.sinc: sinc,
    special.sinc_derivative: sinc, elementwise.cosh_squared: lambda x: sp.cosh(x)**2,
    elementwise.weight: lambda a, b, two=0: 1/(1 + (2 if two else sp.E)**(b - a)),
    elementwise.quotient: lambda a, b: either(sp.Eq(b, 0), 0, a/b),
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1/x, np.positive: lambda x: x,
    np.hypot: lambda a, b: sp.sqrt(a**2 + b**2), np.arctan2: sp.atan2,
    np.logaddexp: lambda a, b: sp.log(sp.exp(a) + sp.exp(b)),
    np.logaddexp2: lambda a, b: sp.log(2**a + 2**b)/sp.log(2),
    np.remainder: lambda a, b: a - b*sp.floor(a/b),
    np.fmod: lambda a, b: a - b*truncate(a/b),
    np.floor_divide: lambda a, b: sp.floor(a/b),
    np.maximum: sp.Max, np.minimum: sp.Min, np.fmax: sp.Max, np.fmin: sp.Min,
    np.less: sp.Lt, np.less_equal: sp.Le, np.greater: sp.Gt, np.greater_equal: sp.Ge,
    np.equal: sp.Eq, np.not_equal: sp.Ne,
    np.add: operator.add, np.subtract: operator.sub,
    np.multiply: operator.mul, np.true_divide: operator.truediv,
    np.power: lambda a, b: a**b, np.float_power: lambda a, b: a**b,
    np.negative: lambda a: -a,
    **dict.fromkeys((np.deg2rad, np.radians), lambda x: sp.pi/180*x),
    **dict.fromkeys((np.rad2deg, np.degrees), lambda x: 180/sp.pi*x),
}


ELEMENTWISE = {*MEANING, *LOGICAL, *BITWISE, np.where}


def entry(function, parts):
    """A function of one entry of each argument, as NumPy has it for truths and numbers."""
    found = of_truths(function, parts)
    return MEANING[function](*map(as_number, parts)) if found is None else found


def fold(function):
    """A reduction of entries by a function of two, such as Max."""
    ufunc = np.frompyfunc(function, 2, 1)

    def reduce(a, axis=None, keepdims=False):
        axes = range(a.ndim) if axis is None else np.mod(np.ravel(axis), a.ndim).tolist()
        shape = tuple(1 if i in axes else n for i, n in enumerate(a.shape))
        kept = [i for i in range(a.ndim) if i not in axes]
        rows = np.transpose(a, [*kept, *axes]).reshape(*[a.shape[i] for i in kept], -1)
        out = np.asarray(ufunc.reduce(rows, axis=-1), dtype=object)
        return out.reshape(shape) if keepdims else out
    return reduce


def of_conditions(reduce):
    """A reduction of truth values, also of numbers that count as such."""
    truths = np.frompyfunc(as_truth, 1, 1)
    return lambda a, *axis, **how: reduce(np.asarray(truths(a), object), *axis, **how)


def plain_cross_entropy(logits, labels):
    parts = [np.log(np.exp(row[label])/np.sum(np.exp(row)))
             for row, label in zip(logits, labels)]
    return -sum(parts)/len(parts)


TEXTBOOK: dict = {  # the plain forms of what is computed in a stable way
    logsumexp: lambda x, axis=-1, keepdims=False: np.log(
        np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
    log_softmax: lambda x, axis=-1: x - np.log(
        np.sum(np.exp(x), axis=axis, keepdims=True)),
    softmax: lambda x, axis=-1: np.exp(x)/np.sum(np.exp(x), axis=axis, keepdims=True),
    softmax_of_others: lambda x, axis=-1: 1 - np.exp(x)/np.sum(
        np.exp(x), axis=axis, keepdims=True),
    cross_entropy: plain_cross_entropy,
    standardized: lambda x, axis, eps: (x - np.mean(x, axis=axis, keepdims=True))/np.sqrt(
        np.var(x, axis=axis, keepdims=True) + eps),
}
REDUCE = {np.max: fold(sp.Max), np.min: fold(sp.Min), np.amax: fold(sp.Max),
          np.amin: fold(sp.Min), np.any: of_conditions(fold(sp.Or)),
          np.all: of_conditions(fold(sp.And))}
STRUCTURE = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like}
ORDER = {np.argsort, np.argpartition, np.argmax, np.argmin}     # plain answers
SORTS = {np.sort, np.partition}                 # both only where SymPy knows the order


# --- matrices -----------------------------------------------------------------------------
def matrices(function):
    """A function of one matrix, on an array of matrices."""
    def run(a):
        parts = [function(sp.Matrix(a[i])) for i in np.ndindex(a.shape[:-2])]
        shape = a.shape[:-2] + np.shape(parts[0])
        out = np.array([p.tolist() if np.ndim(p) else p for p in parts], dtype=object)
        return out.reshape(shape)
    return run


def determinant(a):
    return a.det(method="berkowitz")


inverse = matrices(lambda a: a.adjugate()/determinant(a))


MATRIX = {
    np.linalg.det: matrices(determinant), np.linalg.inv: inverse,
    np.linalg.solve: lambda a, b: inverse(a) @ b,
}


# --- written in other functions -----------------------------------------------------------
def clip(a, a_min=None, a_max=None):
    a = a if a_min is None else np.maximum(a, a_min)
    return a if a_max is None else np.minimum(a, a_max)


def rounded(a, decimals=0):
    return np.rint(a*10**decimals)/10**decimals


def std(a, axis=None, *, ddof=0, keepdims=False):
    return np.sqrt(np.var(a, axis=axis, ddof=ddof, keepdims=keepdims))


def signed_logdet(a):
    det = np.linalg.det(a)
    return np.stack([np.sign(det), np.log(np.abs(det))], axis=-1)


OWN = {
    astype: lambda x, dtype: x.astype(dtype), copy: lambda x, *_: x, np.clip: clip,
    np.round: rounded, np.around: rounded, np.std: std,
    np.angle: lambda z, deg=False: np.where(z < 0, 180 if deg else np.pi, 0),
    selection.relu: selection.relu.__wrapped__,
    zeroed: lambda x, mask: np.where(mask, 0, x),
    linalg.p_norm: linalg.p_norm.__wrapped__, linalg.signed_logdet: signed_logdet,
}
