"""What more functions record than rules do (recorded_rules.py), and matrices.

These definitions are statements of their own, not those that the prover reads
(minigrad/symbolic/meanings.py): a test runs NumPy's functions on numbers beside them.
"""
import operator

import numpy as np
import sympy as sp

from minigrad.primitives import elementwise, special
from optim.certificates.recorded_entries import as_number, entry, of_numbers, of_truths
from optim.certificates.recorded_rules import LOGICAL, NAMES
from optim.certificates.tangents import Derivative

sqrt, exp, log, absolute, sin, floor_call = map(of_numbers, (
    "sqrt", "exp", "log", "absolute", "sin", "floor"))
PI = sp.pi


def where(condition, a, b):
    """a or b, truth values if both are."""
    a, b = (entry(condition.record, x) for x in (a, b))
    condition = condition if condition.is_truth else condition != 0
    if a.is_truth and b.is_truth:
        return (condition & a) | (~condition & b)
    return condition.record.where(condition, as_number(a), as_number(b))


def floor(x):
    """The whole number k with k <= x < k + 1, if it is one of the whole letters that there
    are and a number: that it is becomes a guard. Else a function of which nothing is known.
    """
    record = x.record
    letters = [record.declare(name, domain) for name, domain in list(record.letters.items())
               if domain == "1, 2, ..."]
    terms = letters + [-k for k in letters] + [a - b for a in letters for b in letters]
    for term in [record.constant(0), *terms]:
        shift = int(np.rint(np.mean(x.values - term.values) - 0.5))
        for c in (shift, shift + 1, shift - 1):
            k = term + c if c else term
            held = (x >= k) & (x < k + 1)
            if held.values.all() and held:
                return k
    return floor_call(x)


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
    **{f: of_numbers(name) for f, name in NAMES.items()},
    **{f: of_truths(name) for f, name in {
        **LOGICAL, np.bitwise_and: "and", np.bitwise_or: "or", np.invert: "not"}.items()},
    np.where: where, np.signbit: lambda x: x < 0,
    np.isfinite: lambda x: x.record.constant(True),
    np.isnan: lambda x: x.record.constant(False), np.nan_to_num: lambda x: x,
    np.floor: floor, np.ceil: lambda x: -floor(-x),
    np.sinh: sinh, np.cosh: cosh, np.tanh: lambda x: sinh(x)/cosh(x),
    np.arccos: lambda x: PI/2 - of_numbers("arcsin")(x),
    np.arccosh: lambda x: log(x + sqrt(x - 1)*sqrt(x + 1)),
    np.arctanh: lambda x: log((1 + x)/(1 - x))/2,
    np.logaddexp2: lambda a, b: log(2**a + 2**b)/log(a.record.constant(2)),
    np.copysign: lambda x, s: where(s >= 0, absolute(x), -absolute(x)),
    np.ldexp: lambda x, n: x*2**n, np.sinc: sinc, special.sinc_derivative: sinc,
    special.erfc: lambda x: 1 - of_numbers("erf")(x),
    elementwise.cosh_squared: lambda x: cosh(x)**2, elementwise.quotient: quotient,
    elementwise.weight: lambda a, b, two=False: 1/(1 + (2**(b - a) if two else exp(b - a))),
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
