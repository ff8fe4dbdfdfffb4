"""The error functions, which NumPy lacks, and the derivatives of np.sinc.

erf(x) is its Taylor series for |x| < 1, else 1 - erfc(x). For x >= 1/2, erfc(x) is
exp(-x^2) F(u)/(x + 3), where F is a Chebyshev series on u = (x - 4)/(x + 3), from -1 at
x = 1/2 to 1 at infinity. Its coefficients are cosine sums of (x + 3) exp(x^2) erfc(x),
taken with 50 digits; the test computes them again. Found so for this project, not taken
from a library. All is computed in float64 and returned in the dtype that came.

>>> erf(0.5)
np.float64(0.5204998778130465)
"""
import functools
import math
from typing import Any

import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.masking import zeroed
from minigrad.stand_ins import numeric

SLOPE = 2/math.sqrt(math.pi)                        # erf'(0)
TAYLOR = [SLOPE*(-1)**n/(math.factorial(n)*(2*n + 1)) for n in range(20)]
CHEBYSHEV = [
    1.1524464011975497, -0.7520774257150896, 0.20027266807544394, -0.04260547909736576,
    0.0068295045686714816, -0.0006913182204502768, 5.638199110659617e-06,
    1.1014269903565408e-05, -1.3559965891164476e-06, -1.018301676780893e-07,
    3.9064296956969565e-08, -7.440460510579276e-12, -1.0252307411489935e-09,
    3.839894117956319e-11, 2.914923574058876e-11, -1.5757236804853054e-12,
    -9.359859669085587e-13, 4.5623603194493126e-14, 3.349998418368677e-14,
    -7.449265813067267e-16, -1.281287144602533e-15, -2.838815734098364e-17,
    4.9520286791923116e-17, 4.172132918632426e-18,
]
FEWER = 14              # terms that are enough for float32


def in_float64(function):
    """Compute in float64, return the dtype that came (float64 for whole numbers).

    The function is told whether that is float64, for which it needs all its terms.
    """
    @functools.wraps(function)
    def run(x, *args):
        x = numeric(x)
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)
        out = function(x.astype(np.float64), *args, exact=dtype.itemsize > 4)
        return out.astype(dtype)[()]
    return run


def power_series(coefficients, x):
    """The sum of coefficients[n]*x^n, by Horner's rule."""
    out = coefficients[-1]
    for c in coefficients[-2::-1]:
        out = out*x + c
    return out


def chebyshev_series(coefficients, u):
    """The sum of coefficients[n]*T_n(u), by the recurrence of Clenshaw 1955."""
    above, here, twice = 0.0, coefficients[-1], 2*u
    for c in coefficients[-2:0:-1]:
        above, here = here, c + twice*here - above
    return coefficients[0] + u*here - above


@functools.cache
def in_powers(terms):
    """The first terms of the Chebyshev series, as coefficients of the powers of u."""
    return np.polynomial.chebyshev.cheb2poly(CHEBYSHEV[:terms]).tolist()


def series(x, exact):
    """erf(x) for |x| <= 1."""
    return x*power_series(TAYLOR if exact else TAYLOR[:FEWER], x*x)


def gaussian(x):
    """exp(-x^2). The square is split, so that exp sees all digits of it: h^2 is exact."""
    h = np.floor(np.clip(x, -32, 32)*256)/256       # any h serves; this one is near x
    return np.exp(-h*h)*np.exp((h - x)*(h + x))


def tail(x, exact):
    """erfc(x) for x >= 1/2."""
    x = np.minimum(x, 30.0)                         # erfc is 0 in float64 from 27.3 on
    u = (x - 4)/(x + 3)
    if exact:
        return gaussian(x)*chebyshev_series(CHEBYSHEV, u)/(x + 3)
    return np.exp(-x*x)*power_series(in_powers(FEWER), u)/(x + 3)


@primitive
@in_float64
def erf(x: Any, exact: bool = True) -> Any:
    """2/sqrt(pi) times the integral of exp(-t^2) from 0 to x; right to 2 units in the last
    place."""
    size = np.abs(x)
    inside = size < 1
    outside = np.copysign(1 - tail(np.maximum(size, 1), exact), x)
    near = series(np.minimum(np.maximum(x, -1), 1), exact)
    return np.where(inside, near, outside)


@primitive
@in_float64
def erfc(x: Any, exact: bool = True) -> Any:
    """1 - erf(x), without cancellation: erfc(10) is 2.09e-45."""
    inside = np.abs(x) < 0.5
    far = tail(np.maximum(np.abs(x), 0.5), exact)
    far = np.copysign(far, x) + (x < 0)*2.0                     # 2 - far where x < 0
    near = 1 - series(np.minimum(np.maximum(x, -0.5), 0.5), exact)
    return zeroed(far, inside) + zeroed(near, np.logical_not(inside))


@primitive
@in_float64
def sinc_derivative(x, n, exact=True):
    """The n-th derivative of np.sinc.

    With t = pi x and f(t) = sin(t)/t: near 0 the Taylor series of f; else from t f = sin,
    differentiated n times: t f_n + n f_(n-1) = sin(t + n pi/2).
    """
    t = np.pi*x
    near = np.abs(t) < n + 1
    small, large = np.where(near, t, 0), np.where(near, 1, t)
    terms = [0.0]*(30 + 2*n)
    for k in range((n + 1)//2, len(terms)//2):
        terms[2*k - n] = (-1)**k/(math.factorial(2*k - n)*(2*k + 1))
    turn = np.pi*(x - np.rint(x))                   # t less the half turns, which flip
    flips = 1 - 2*np.remainder(np.rint(x), 2)       # the signs of sin and cos
    waves = flips*np.sin(turn), flips*np.cos(turn)
    f = waves[0]/large
    for i in range(1, n + 1):
        f = ((-1)**(i//2)*waves[i % 2] - i*f)/large
    return np.pi**n*np.where(near, power_series(terms, small), f)


VJPS: dict = {
    erf:     (lambda g, y, x: g*SLOPE*gaussian(x),),
    erfc:    (lambda g, y, x: -g*SLOPE*gaussian(x),),
    np.sinc: (lambda g, y, x: g*sinc_derivative(x, 1),),
    sinc_derivative: (lambda g, y, x, n: g*sinc_derivative(x, n + 1),),
}
