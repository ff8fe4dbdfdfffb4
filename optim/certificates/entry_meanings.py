"""What NumPy's functions record, entry by entry: an operation, or their definition in some.

These definitions are statements of their own, not those that the prover reads
(minigrad/symbolic/meanings.py): a test runs NumPy's functions on numbers beside them.
"""
import operator

import numpy as np
import sympy as sp

from minigrad.primitives import elementwise, special
from optim.certificates.recorded_entries import as_number, entry, of_numbers, of_truths
from optim.certificates.tangents import Derivative

sqrt, exp, log, sign, absolute, sin, floor_call = map(of_numbers, (
    "sqrt", "exp", "log", "sign", "absolute", "sin", "floor"))
PI, LOG_2, HALF = sp.pi, sp.log(2), sp.Rational(1, 2)


def where(condition, a, b):
    """a or b, truth values if both are."""
    a, b = (entry(condition.record, x) for x in (a, b))
    condition = condition if condition.is_truth else condition != 0
    if a.is_truth and b.is_truth:
        return (condition & a) | (~condition & b)
    return condition.record.where(condition, as_number(a), as_number(b))


def whole(x, middle, near):
    """The whole number k for which near(x, k), x - k being about `middle`; None if none is
    found in the whole letters that there are. That it is near becomes a guard."""
    record = x.record
    letters = [record.declare(name, domain) for name, domain in list(record.letters.items())
               if domain == "1, 2, ..."]
    terms = letters + [-k for k in letters] + [a - b for a in letters for b in letters]
    for term in [record.constant(0), *terms]:
        shift = int(np.rint(np.mean(x.values - term.values) - float(middle)))
        for c in (shift, shift + 1, shift - 1):
            k = term + c if c else term
            held = near(x, k)
            if held.values.all():
                return k if held else None
    return None


def floor(x):
    """The floor, where the case decides it; else a function of which nothing is known."""
    found = whole(x, HALF, lambda x, k: (x >= k) & (x < k + 1))
    return floor_call(x) if found is None else found


def ceil(x):
    return -floor(-x)


def truncate(x):
    return floor(x) if x >= 0 else ceil(x)


def rint(x):
    found = whole(x, 0, lambda x, k: (x > k - HALF) & (x < k + HALF))
    if found is None:
        raise TypeError("the case does not decide which whole number is nearest")
    return found


def sinc(x, n=0):
    """sin(pi x)/(pi x) off 0, differentiated n times."""
    t = PI*x
    y = sin(t)/t
    for _ in range(int(n) if not hasattr(n, "values") else int(n.values[0])):
        slope = Derivative(x.record, {x.place: x.record.constant(1).place}).of(y.place)
        y = type(x)(x.record, slope.place)
    return y


def sinh(x):
    return (exp(x) - exp(-x))/2


def cosh(x):
    return (exp(x) + exp(-x))/2


def quotient(a, b):
    return where(b == 0, 0, a/b)


MEANING: dict = {
    **{f: of_numbers(f.__name__) for f in (
        np.add, np.subtract, np.multiply, np.divide, np.power, np.negative, np.sqrt, np.exp,
        np.log, np.absolute, np.sign, np.maximum, np.minimum, np.sin, np.cos, np.tan,
        np.arctan, np.arcsin, np.arcsinh, np.arctan2, np.less, np.less_equal, np.greater,
        np.greater_equal, np.equal, np.not_equal)},
    np.float_power: of_numbers("power"), np.fabs: absolute, np.fmax: of_numbers("maximum"),
    np.fmin: of_numbers("minimum"), special.erf: of_numbers("erf"),
    special.erfc: lambda x: 1 - of_numbers("erf")(x),
    **{f: of_truths(name) for name, functions in {
        "and": (np.logical_and, np.bitwise_and), "or": (np.logical_or, np.bitwise_or),
        "not": (np.logical_not, np.invert)}.items() for f in functions},
    np.where: where, np.signbit: lambda x: x < 0,
    np.isfinite: lambda x: x.record.constant(True),
    np.isnan: lambda x: x.record.constant(False),
    np.positive: lambda x: x, np.nan_to_num: lambda x: x,
    np.square: lambda x: x**2, np.reciprocal: lambda x: 1/x,
    np.cbrt: lambda x: sign(x)*absolute(x)**sp.Rational(1, 3),
    np.exp2: lambda x: 2**x, np.expm1: lambda x: exp(x) - 1,
    np.log2: lambda x: log(x)/LOG_2, np.log10: lambda x: log(x)/sp.log(10),
    np.log1p: lambda x: log(1 + x),
    np.arccos: lambda x: PI/2 - of_numbers("arcsin")(x),
    np.sinh: sinh, np.cosh: cosh, np.tanh: lambda x: sinh(x)/cosh(x),
    np.arccosh: lambda x: log(x + sqrt(x - 1)*sqrt(x + 1)),
    np.arctanh: lambda x: log((1 + x)/(1 - x))/2,
    elementwise.cosh_squared: lambda x: cosh(x)**2,
    elementwise.quotient: quotient,
    elementwise.weight: lambda a, b, two=False: 1/(1 + (2**(b - a) if two else exp(b - a))),
    np.hypot: lambda a, b: sqrt(a**2 + b**2),
    np.logaddexp: lambda a, b: log(exp(a) + exp(b)),
    np.logaddexp2: lambda a, b: log(2**a + 2**b)/LOG_2,
    np.heaviside: lambda x, h: where(x < 0, 0, where(x == 0, h, 1)),
    np.copysign: lambda x, s: where(s >= 0, absolute(x), -absolute(x)),
    np.ldexp: lambda x, n: x*2**n, np.floor: floor, np.ceil: ceil, np.rint: rint,
    np.trunc: truncate, np.fix: truncate, np.floor_divide: lambda a, b: floor(a/b),
    np.remainder: lambda a, b: a - b*floor(a/b), np.fmod: lambda a, b: a - b*truncate(a/b),
    np.sinc: sinc, special.sinc_derivative: sinc,
    **dict.fromkeys((np.deg2rad, np.radians), lambda x: PI/180*x),
    **dict.fromkeys((np.rad2deg, np.degrees), lambda x: 180/PI*x),
}


# --- matrices of entries ------------------------------------------------------------------
def determinant(a):
    """Along the first row, the rule of Laplace."""
    if len(a) <= 1:
        return a[0, 0] if len(a) else 1
    minors = [determinant(np.delete(a[1:], j, 1)) for j in range(len(a))]
    terms = [a[0, j]*m if j % 2 == 0 else -(a[0, j]*m) for j, m in enumerate(minors)]
    return sum(terms[1:], start=terms[0])


def inverse(a):
    """The cofactors, turned, over the determinant: the rule of Cramer."""
    det, n = determinant(a), len(a)
    out = np.empty((n, n), dtype=object)
    for i, j in np.ndindex(n, n):
        minor = determinant(np.delete(np.delete(a, i, 0), j, 1))
        out[j, i] = (minor if (i + j) % 2 == 0 else -minor)/det
    return out


def matrices(function):
    """A function of one matrix, on an array of matrices."""
    def run(a):
        parts = [np.asarray(function(a[i]), object) for i in np.ndindex(a.shape[:-2])]
        return np.reshape(np.array(parts, object), a.shape[:-2] + parts[0].shape)
    return run


MATRIX = {np.linalg.det: matrices(determinant), np.linalg.inv: matrices(inverse),
          np.linalg.solve: lambda a, b: operator.matmul(matrices(inverse)(a), b)}
