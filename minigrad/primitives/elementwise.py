"""The derivatives of NumPy's elementwise functions, one line each.

An entry is (function, one VJP for each argument). A VJP takes the cotangent g, the result
y and the arguments, and gives the cotangent of its argument; the engine sums it over
broadcast axes. All are plain NumPy, so they run on Tensors and on formulas too.
Theorem, proved by SymPy for each line: VJP = g * d(function)/d(argument).
"""
import math

import numpy as np

from minigrad.primitives.dispatch import primitive

LOG_2, LOG2_E, LOG10_E = 0.6931471805599453, 1.4426950408889634, 0.4342944819032518
DEGREE = 0.017453292519943295                                   # pi/180


@primitive
def quotient(a, b):
    """a/b, and 0 where b = 0: the slope of a norm at its kink. A derivative of it divides
    by 0 there, so that one of higher order does not miss the kink in silence."""
    return a/np.where(b == 0, np.inf, b)


@primitive
def cosh_squared(x):
    """cosh(x)^2 = (1 + cosh(2x))/2, so that an error of cosh is not doubled; to divide by:
    inf without a warning where it overflows."""
    with np.errstate(over="ignore"):
        c = np.cosh(x + x)
    c += 1                              # in place, where it is no number
    c *= 0.5
    return c


def is_finite(x):
    """Whether all entries of an array are, and their squares; quicker than np.isfinite."""
    return math.isfinite(np.vdot(x, x) if x.ndim else x)


@primitive
def weight(a, b, binary=False):
    """exp(a)/(exp(a) + exp(b)), or with powers of 2: the slope of logaddexp by a.

    d = a - b is rounded, which exp would magnify: exp(d + lost) = exp(d)(1 + lost), where
    lost is what was rounded off (Knuth 1969). For +inf twice it is 1/2, for -inf 0.
    """
    exact = isinstance(a, (int, float)) and a == 0 or isinstance(b, (int, float)) and b == 0
    a, b = [x[()] if type(x) is np.ndarray else x for x in (a, b)]      # numbers are quick
    dtype = (a - b).dtype
    if dtype.itemsize < 8:                      # exp of float32 is too far off for two
        a, b = [x.astype(np.float64) if hasattr(x, "astype") else float(x) for x in (a, b)]
    d = a - b
    t = (np.exp2 if binary else np.exp)(-abs(d))
    if not exact:                               # softplus is
        c = d - a
        lost = (a - (d - c)) - (b + c)
        if not is_finite(lost):
            lost = np.where(np.isfinite(lost), lost, 0)
            t, d = np.where(a == b, a > -np.inf, t), np.where(a == b, -1, d)
        lost = lost*np.sign(d)
        t = t - t*(lost*LOG_2 if binary else lost)
    out = np.maximum(t, d >= 0)/(1 + t)
    return out if out.dtype == dtype else out.astype(dtype)


def weight_vjp(g, y, a, b, binary=False):
    """y(1 - y), without cancellation."""
    return g*y*weight(b, a, binary)*(LOG_2 if binary else 1)


def power_base(g, y, x, p):
    """p*x**(p - 1), which is 0 for p = 0 even at x = 0. For p < 1 it is p*y/x."""
    number = isinstance(p, (int, float))
    if number and (p >= 1 or p == 0):
        return g*(p*x**(p - 1)) if p else g*0
    below = g*p*np.where(x == 0, 1, y)
    if number:
        return below/x
    below = below/np.where((x == 0) & (p == 0), 1, x)
    return np.where(p < 1, below, g*p*x**np.where(p < 1, 0, p - 1))


def power_exponent(g, y, x, p):
    """y*log(x), with 0*log(0) = 0."""
    return g*y*np.log(np.where(y == 0, 1, x))


def cbrt_vjp(g, y, x):
    """g/(3y²). Some processors' y is 4 units in the last place off, and 3y² 8 units; in the
    equal y² + 2x/y, a factor 1 + e too much in y makes 2e too much and 2e too little."""
    return g/(y**2 + 2*quotient(np.where(np.isfinite(x), x, 0), y))


def zero(g, y, *args):
    """The slope of a step function, off its jumps."""
    return np.zeros_like(g)


def copysign_vjp(g, y, x, s):
    """|x| with the sign of s: slope 1 or -1, and 0 at x = 0 as for abs."""
    return np.where(x == 0, 0, np.where(np.signbit(x) == np.signbit(s), g, -g))


def nan_to_num_vjp(g, y, x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Entries that were replaced do not count."""
    return np.where(np.isfinite(x), g, 0)


VJPS: dict = {
    np.positive:    (lambda g, y, x: g,),
    np.negative:    (lambda g, y, x: -g,),
    np.add:         (lambda g, y, a, b: g,            lambda g, y, a, b: g),
    np.subtract:    (lambda g, y, a, b: g,            lambda g, y, a, b: -g),
    np.multiply:    (lambda g, y, a, b: g*b,          lambda g, y, a, b: g*a),
    np.true_divide: (lambda g, y, a, b: g/b,          lambda g, y, a, b: -g*y/b),
    np.power:       (power_base,                      power_exponent),
    np.float_power: (power_base,                      power_exponent),
    np.remainder:   (lambda g, y, a, b: g,
                     lambda g, y, a, b: -g*np.floor_divide(a, b)),
    np.fmod:        (lambda g, y, a, b: g,
                     lambda g, y, a, b: -g*np.rint((a - y)/b)),
    quotient:       (lambda g, y, a, b: g/b,          lambda g, y, a, b: -quotient(g*y, b)),
    np.hypot:       (lambda g, y, a, b: g*quotient(a, y),
                     lambda g, y, a, b: g*quotient(b, y)),
    np.arctan2:     (lambda g, y, a, b: g*(b/np.hypot(a, b))/np.hypot(a, b),
                     lambda g, y, a, b: -g*(a/np.hypot(a, b))/np.hypot(a, b)),
    np.copysign:    (copysign_vjp,                    zero),
    np.ldexp:       (lambda g, y, x, n: np.ldexp(g, n),   None),
    np.logaddexp:   (lambda g, y, a, b: g*weight(a, b),
                     lambda g, y, a, b: g*weight(b, a)),
    np.logaddexp2:  (lambda g, y, a, b: g*weight(a, b, True),
                     lambda g, y, a, b: g*weight(b, a, True)),
    weight:         (weight_vjp,
                     lambda g, y, a, b, binary=False: weight_vjp(-g, y, a, b, binary)),

    np.square:      (lambda g, y, x: 2*g*x,),
    np.sqrt:        (lambda g, y, x: g/(2*y),),
    np.cbrt:        (cbrt_vjp,),
    np.reciprocal:  (lambda g, y, x: -g*y*y,),
    np.absolute:    (lambda g, y, x: g*np.sign(x),),
    np.fabs:        (lambda g, y, x: g*np.sign(x),),
    np.exp:         (lambda g, y, x: g*y,),
    np.exp2:        (lambda g, y, x: g*y*LOG_2,),
    np.expm1:       (lambda g, y, x: g*np.exp(x),),
    np.log:         (lambda g, y, x: g/x,),
    np.log2:        (lambda g, y, x: g*LOG2_E/x,),
    np.log10:       (lambda g, y, x: g*LOG10_E/x,),
    np.log1p:       (lambda g, y, x: g/(1 + x),),
    np.sin:         (lambda g, y, x: g*np.cos(x),),
    np.cos:         (lambda g, y, x: -g*np.sin(x),),
    np.tan:         (lambda g, y, x: g/np.cos(x)**2,),
    np.arcsin:      (lambda g, y, x: g/np.sqrt((1 - x)*(1 + x)),),
    np.arccos:      (lambda g, y, x: -g/np.sqrt((1 - x)*(1 + x)),),
    np.arctan:      (lambda g, y, x: g/(1 + x**2),),
    np.sinh:        (lambda g, y, x: g*np.cosh(x),),
    np.cosh:        (lambda g, y, x: g*np.sinh(x),),
    np.tanh:        (lambda g, y, x: g/cosh_squared(x),),
    cosh_squared:   (lambda g, y, x: quotient(2*g*np.tanh(x), 1/y),),
    np.arcsinh:     (lambda g, y, x: g/np.hypot(x, 1),),
    np.arccosh:     (lambda g, y, x: g/(np.sqrt(x - 1)*np.sqrt(x + 1)),),
    np.arctanh:     (lambda g, y, x: g/((1 - x)*(1 + x)),),
    **dict.fromkeys((np.deg2rad, np.radians), (lambda g, y, x: g*DEGREE,)),
    **dict.fromkeys((np.rad2deg, np.degrees), (lambda g, y, x: g/DEGREE,)),
    **dict.fromkeys((np.sign, np.floor, np.ceil, np.rint, np.trunc), (zero,)),
    **dict.fromkeys((np.floor_divide, np.heaviside), (zero, zero)),
    **dict.fromkeys((np.round, np.around), (lambda g, y, a, decimals=0: zero(g, y),)),
    np.fix:         (zero,),
    np.nan_to_num:  (nan_to_num_vjp,),
}
