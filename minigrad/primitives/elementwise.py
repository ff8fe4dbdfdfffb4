"""The derivatives of NumPy's elementwise functions, one line each.

An entry is (function, one VJP for each argument). A VJP takes the cotangent g, the result
y and the arguments, and gives the cotangent of its argument; the engine sums it over
broadcast axes. All are plain NumPy, so they run on Tensors and on formulas too.
Theorem, proved by SymPy for each line: VJP = g * d(function)/d(argument).
"""
import numpy as np

LOG_2, LOG_10 = 0.6931471805599453, 2.302585092994046
DEGREE = 0.017453292519943295                                   # pi/180


def quotient(g, d):
    """g/d, with 0/0 = 0: a cotangent of exactly 0 stays 0 where a slope is infinite."""
    return g/np.where((g == 0) & (d == 0), 1, d)


def power_below(x, p):
    """x**(1 - p). Where 1 - p is rounded, times x to the power of what was lost."""
    q = 1 - p
    lost = (1 - q) - p                                          # exact, and mostly 0
    if isinstance(lost, (int, float)) and lost == 0:
        return x**q
    return x**q*np.where((x != 0) & np.isfinite(x), x, 1)**lost


def power_base(g, y, x, p):
    """p*x**(p - 1), which is 0 for p = 0 even at x = 0."""
    if isinstance(p, (int, float)):
        if p >= 1:
            return g*(p*x**(p - 1))
        return quotient(g*p, power_below(x, p)) if p else g*0
    low = p < 1                             # there the power of x goes below the line
    return np.where(low, quotient(g*p, power_below(x, np.where(low, p, 1))),
                    g*p*x**np.where(low, 0, p - 1))


def power_exponent(g, y, x, p):
    """y*log(x), with 0*log(0) = 0."""
    return g*y*np.log(np.where(x == 0, 1, x))


def cbrt_vjp(g, y, x):
    """g/(3y²). Some processors' y is 4 units in the last place off, and 3y² 8 units; in the
    equal y² + 2x/y, a factor 1 + e too much in y makes 2e too much and 2e too little."""
    return quotient(g, y**2 + 2*quotient(np.where(np.isfinite(x), x, 0), y))


def zero(g, y, *args):
    """The slope of a step function, off its jumps."""
    return np.zeros_like(g)


def copysign_vjp(g, y, x, s):
    """|x| with the sign of s: slope 1 or -1, and 0 at x = 0 as for abs."""
    return np.where(x == 0, 0, np.where(np.signbit(x) == np.signbit(s), g, -g))


def nan_to_num_vjp(g, y, x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Entries that were replaced do not count."""
    return np.where(np.isfinite(x), g, 0)


VJPS = {
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
    np.hypot:       (lambda g, y, a, b: g*quotient(a, y),
                     lambda g, y, a, b: g*quotient(b, y)),
    np.arctan2:     (lambda g, y, a, b: g*(b/np.hypot(a, b))/np.hypot(a, b),
                     lambda g, y, a, b: -g*(a/np.hypot(a, b))/np.hypot(a, b)),
    np.copysign:    (copysign_vjp,                    zero),
    np.ldexp:       (lambda g, y, x, n: np.ldexp(g, n),   None),
    np.logaddexp:   (lambda g, y, a, b: g*np.exp(-np.logaddexp(0, b - a)),
                     lambda g, y, a, b: g*np.exp(-np.logaddexp(0, a - b))),
    np.logaddexp2:  (lambda g, y, a, b: g*np.exp2(-np.logaddexp2(0, b - a)),
                     lambda g, y, a, b: g*np.exp2(-np.logaddexp2(0, a - b))),

    np.square:      (lambda g, y, x: 2*g*x,),
    np.sqrt:        (lambda g, y, x: quotient(g, 2*y),),
    np.cbrt:        (cbrt_vjp,),
    np.reciprocal:  (lambda g, y, x: -g*y**2,),
    np.absolute:    (lambda g, y, x: g*np.sign(x),),
    np.fabs:        (lambda g, y, x: g*np.sign(x),),
    np.exp:         (lambda g, y, x: g*y,),
    np.exp2:        (lambda g, y, x: g*y*LOG_2,),
    np.expm1:       (lambda g, y, x: g*np.exp(x),),
    np.log:         (lambda g, y, x: quotient(g, x),),
    np.log2:        (lambda g, y, x: quotient(g, x*LOG_2),),
    np.log10:       (lambda g, y, x: quotient(g, x*LOG_10),),
    np.log1p:       (lambda g, y, x: quotient(g, 1 + x),),
    np.sin:         (lambda g, y, x: g*np.cos(x),),
    np.cos:         (lambda g, y, x: -g*np.sin(x),),
    np.tan:         (lambda g, y, x: g/np.cos(x)**2,),
    np.arcsin:      (lambda g, y, x: g/np.sqrt((1 - x)*(1 + x)),),
    np.arccos:      (lambda g, y, x: -g/np.sqrt((1 - x)*(1 + x)),),
    np.arctan:      (lambda g, y, x: g/(1 + x**2),),
    np.sinh:        (lambda g, y, x: g*np.cosh(x),),
    np.cosh:        (lambda g, y, x: g*np.sinh(x),),
    np.tanh:        (lambda g, y, x: g*(1 - y**2),),
    np.arcsinh:     (lambda g, y, x: g/np.hypot(x, 1),),
    np.arccosh:     (lambda g, y, x: g/(np.sqrt(x - 1)*np.sqrt(x + 1)),),
    np.arctanh:     (lambda g, y, x: g/((1 - x)*(1 + x)),),
    np.deg2rad:     (lambda g, y, x: g*DEGREE,),
    np.radians:     (lambda g, y, x: g*DEGREE,),
    np.rad2deg:     (lambda g, y, x: g/DEGREE,),
    np.degrees:     (lambda g, y, x: g/DEGREE,),
    np.sign:        (zero,),
    np.floor:       (zero,),
    np.ceil:        (zero,),
    np.rint:        (zero,),
    np.trunc:       (zero,),
    np.floor_divide: (zero, zero),
    np.heaviside:    (zero, zero),
    np.round:       (lambda g, y, a, decimals=0: zero(g, y),),
    np.around:      (lambda g, y, a, decimals=0: zero(g, y),),
    np.fix:         (zero,),
    np.nan_to_num:  (nan_to_num_vjp,),
}
