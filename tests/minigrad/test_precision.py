"""Every elementwise VJP is right to 4 units in the last place, at any float64 or float32.

Measured: the VJP of the table at floats, with cotangent 1 and with a random one, against
cotangent * derivative evaluated by mpmath with 60 digits at the same floats.
One ulp is the distance of neighbouring floats at the exact value. Below the smallest
normal number a result need only stay below it too; above the largest it must be inf or
one of the last floats. Points where an argument or the function's value is not finite, or
is subnormal and so lacks digits, are left out.

Near zeros of a derivative the quotient (error in ulps) may grow without the VJP being at
fault. Such functions, and no others, stand in NEAR_ZEROS, each with its condition >= 1 as
a formula: there 4 ulps times the condition are allowed.

    python -m tests.full.test_precision_sweep [points] [seed]      the worst ulps found
"""
import functools
import zlib
from collections.abc import Callable
from typing import NamedTuple

import hypothesis.extra.numpy as arrays
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

import minigrad as mg
from minigrad.primitives import TABLES, VJPS, elementwise, special, stable

from ..cases import each

ULPS = 4                # the task's bound, for every function
POINTS = 160            # for each VJP in this test; the sweep takes more
FLOAT = np.finfo(float)
WIDTHS = [np.float64, np.float32]


# --- points -----------------------------------------------------------------------------
def size(rng, n, low=-300, high=300):
    """Positive numbers of every magnitude."""
    return 10.0**rng.uniform(low, high, n)


def sign(rng, n):
    return rng.choice([-1.0, 1.0], n)


def mixed(rng, n, *draws):
    """n points, in turn from each of the draws."""
    return np.stack([draw(rng, n) for draw in draws]).T.ravel()[:n]


DRAWS: dict[str, list[Callable]] = {
    "real": [lambda r, n: r.uniform(-10, 10, n), lambda r, n: sign(r, n)*size(r, n),
             lambda r, n: sign(r, n)*size(r, n, -12, 3), lambda r, n: r.normal(size=n),
             lambda r, n: r.uniform(-745, 710, n), lambda r, n: r.integers(-9, 9, n)/2 + 0.,
             lambda r, n: r.integers(-40, 40, n)*np.pi/4],
    "> 0": [lambda r, n: r.uniform(0, 10, n), size, lambda r, n: size(r, n, -12, 3),
            lambda r, n: 1 + sign(r, n)*size(r, n, -16, -1),
            lambda r, n: r.uniform(0, 1, n),
            lambda r, n: size(r, n, -323, -300)],
    "> 1": [lambda r, n: 1 + size(r, n, -15.6, 0), lambda r, n: r.uniform(1, 10, n),
            lambda r, n: size(r, n, 0, 308)],
    "> -1": [lambda r, n: -1 + size(r, n, -15.9, 0), lambda r, n: r.uniform(-1, 10, n),
             lambda r, n: size(r, n), lambda r, n: -size(r, n, -300, 0)],
    "in (-1, 1)": [lambda r, n: sign(r, n)*(1 - size(r, n, -15.9, 0)),
                   lambda r, n: r.uniform(-1, 1, n),
                   lambda r, n: sign(r, n)*size(r, n, -300, 0)],
    "whole": [lambda r, n: r.integers(-60, 60, n)],
    "moderate": [lambda r, n: r.uniform(-3, 3, n),
                 lambda r, n: sign(r, n)*size(r, n, -8, 6),
                 lambda r, n: r.integers(-9, 9, n)/2 + 0.],
}
DRAWS["not 0"] = [lambda r, n: sign(r, n)*mixed(r, n, *DRAWS["> 0"])]


def near(rng, n, domains):
    """Two arguments close to each other, up to sign, or to whole multiples."""
    a = mixed(rng, n, *DRAWS[domains[0]])
    other = a*(1 + sign(rng, n)*size(rng, n, -16, 0))
    choice = rng.integers(3, size=n)
    return a, np.where(choice == 0, other, np.where(
        choice == 1, a/rng.integers(1, 1000, n), -other if domains[1] != "> 0" else other))


def points(domains, n, rng):
    """n points of a product of domains."""
    columns = [mixed(rng, n, *DRAWS[domain]) for domain in domains]
    for column in columns[1:]:                      # not always the same pair of draws
        rng.shuffle(column)
    if len(domains) == 2 and set(domains) <= {"real", "not 0", "> 0"}:
        with np.errstate(all="ignore"):
            columns = [np.where(np.arange(n) % 3, c, d)
                       for c, d in zip(columns, near(rng, n, domains))]
    return columns


# --- the exact derivatives ----------------------------------------------------------------
class Exact(NamedTuple):
    """The domain of each argument, and the derivative by each, in mpmath's functions."""
    domains: tuple
    slopes: tuple


def one(domain, slope):
    return Exact((domain,), (slope,))


def whole_part(x):
    """x without its fraction, towards 0."""
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def exact_quotient(part):
    """-part(a/b), with as many digits as the quotient has before the point."""
    def slope(a, b):
        with mpmath.workdps(660):
            return -part(a/b)
    return slope


@functools.cache
def sinc_slope(x, n):
    """The n-th derivative of sin(pi x)/(pi x): the product rule, or the series at 0."""
    t = mp.pi*x
    if abs(t) < 1:
        return mp.pi**n*sum((-1)**k*t**(2*k - n)/(mp.factorial(2*k - n)*(2*k + 1))
                            for k in range((n + 1)//2, 40))
    return mp.pi**n*sum(
        mp.binomial(n, k)*mp.sin(t + (n - k)*mp.pi/2)*(-1)**k*mp.factorial(k)/t**(k + 1)
        for k in range(n + 1))


def gauss(x):
    return 2/mp.sqrt(mp.pi)*mp.exp(-x*x)


def flat(*args):
    return mp.mpf(0)


def same(*args):
    return mp.mpf(1)


def sgn(x, *args):
    return mp.sign(x)


def weight_slope(a, b, two):
    """log(base) w(1 - w), for w = 1/(1 + base**(b - a))."""
    base = mp.mpf(2) if two else mp.e
    return mp.log(base)/((1 + base**(b - a))*(1 + base**(a - b)))


def power_slopes():
    return (lambda x, p: p*x**(p - 1)), (lambda x, p: x**p*mp.log(x))


REAL, NOT_0 = "real", "not 0"
SLOPES = {
    np.positive: one(REAL, same), np.negative: one(REAL, lambda x: mp.mpf(-1)),
    np.add: Exact((REAL, REAL), (same, same)),
    np.subtract: Exact((REAL, REAL), (same, lambda a, b: mp.mpf(-1))),
    np.multiply: Exact((REAL, REAL), (lambda a, b: b, lambda a, b: a)),
    np.true_divide: Exact((REAL, NOT_0), (lambda a, b: 1/b, lambda a, b: -a/b**2)),
    np.power: Exact(("> 0", "moderate"), power_slopes()),
    np.float_power: Exact(("> 0", "moderate"), power_slopes()),
    np.remainder: Exact((REAL, NOT_0), (same, exact_quotient(mp.floor))),
    np.fmod: Exact((REAL, NOT_0), (same, exact_quotient(whole_part))),
    np.hypot: Exact((NOT_0, NOT_0), (lambda a, b: a/mp.hypot(a, b),
                                     lambda a, b: b/mp.hypot(a, b))),
    np.arctan2: Exact((NOT_0, NOT_0), (lambda a, b: b/(a*a + b*b),
                                       lambda a, b: -a/(a*a + b*b))),
    np.copysign: Exact((NOT_0, NOT_0), (lambda a, b: mp.sign(a)*mp.sign(b), flat)),
    np.ldexp: Exact((REAL, "whole"), (lambda x, n: mp.mpf(2)**n, None)),
    np.logaddexp: Exact((REAL, REAL), (lambda a, b: 1/(1 + mp.exp(b - a)),
                                       lambda a, b: 1/(1 + mp.exp(a - b)))),
    np.logaddexp2: Exact((REAL, REAL), (lambda a, b: 1/(1 + mp.mpf(2)**(b - a)),
                                        lambda a, b: 1/(1 + mp.mpf(2)**(a - b)))),
    elementwise.quotient: Exact((NOT_0, NOT_0), (lambda a, b: 1/b, lambda a, b: -a/b**2)),
    elementwise.weight: Exact((REAL, REAL, (False, True)), (
        weight_slope, lambda a, b, two: -weight_slope(a, b, two), None)),
    elementwise.cosh_squared: one(REAL, lambda x: mp.sinh(2*x)),
    np.square: one(REAL, lambda x: 2*x), np.sqrt: one("> 0", lambda x: 1/(2*mp.sqrt(x))),
    np.cbrt: one(NOT_0, lambda x: 1/(3*mp.cbrt(x*x))),
    np.reciprocal: one(NOT_0, lambda x: -1/x**2),
    np.absolute: one(NOT_0, sgn), np.fabs: one(NOT_0, sgn),
    np.exp: one(REAL, mp.exp), np.exp2: one(REAL, lambda x: mp.mpf(2)**x*mp.log(2)),
    np.expm1: one(REAL, mp.exp), np.log: one("> 0", lambda x: 1/x),
    np.log2: one("> 0", lambda x: 1/(x*mp.log(2))),
    np.log10: one("> 0", lambda x: 1/(x*mp.log(10))),
    np.log1p: one("> -1", lambda x: 1/(1 + x)),
    np.sin: one(REAL, mp.cos), np.cos: one(REAL, lambda x: -mp.sin(x)),
    np.tan: one(REAL, lambda x: mp.sec(x)**2),
    np.arcsin: one("in (-1, 1)", lambda x: 1/mp.sqrt(1 - x*x)),
    np.arccos: one("in (-1, 1)", lambda x: -1/mp.sqrt(1 - x*x)),
    np.arctan: one(REAL, lambda x: 1/(1 + x*x)),
    np.sinh: one(REAL, mp.cosh), np.cosh: one(REAL, mp.sinh),
    np.tanh: one(REAL, lambda x: mp.sech(x)**2),
    np.arcsinh: one(REAL, lambda x: 1/mp.sqrt(1 + x*x)),
    np.arccosh: one("> 1", lambda x: 1/mp.sqrt(x*x - 1)),
    np.arctanh: one("in (-1, 1)", lambda x: 1/(1 - x*x)),
    np.deg2rad: one(REAL, lambda x: mp.pi/180), np.radians: one(REAL, lambda x: mp.pi/180),
    np.rad2deg: one(REAL, lambda x: 180/mp.pi), np.degrees: one(REAL, lambda x: 180/mp.pi),
    np.sign: one(NOT_0, flat), np.floor: one(NOT_0, flat), np.ceil: one(NOT_0, flat),
    np.rint: one(NOT_0, flat), np.trunc: one(NOT_0, flat), np.round: one(NOT_0, flat),
    np.around: one(NOT_0, flat), np.fix: one(NOT_0, flat),
    np.floor_divide: Exact((REAL, NOT_0), (flat, flat)),
    np.heaviside: Exact((NOT_0, REAL), (flat, flat)),
    np.nan_to_num: one(REAL, same),
    special.erf: one(REAL, gauss), special.erfc: one(REAL, lambda x: -gauss(x)),
    np.sinc: one("moderate", lambda x: sinc_slope(x, 1)),
    special.sinc_derivative: Exact(("moderate", (0, 1, 2, 3)),
                                   (lambda x, n: sinc_slope(x, int(n) + 1), None)),
}
TABLED = {**TABLES["elementwise"], **TABLES["special"]}


# --- conditions near zeros of a derivative ------------------------------------------------
def sinc_terms(x, n):
    """The derivative of order m = n + 1 over its largest term: of the series for
    |t| = |pi x| < m + 1, else pi^m/|t|."""
    m, t = int(n) + 1, abs(mp.pi*x)
    if x == 0:
        return mp.mpf(1)
    largest = 1/t if t >= m + 1 else max(
        t**(2*k - m)/(mp.factorial(2*k - m)*(2*k + 1)) for k in range((m + 1)//2, 12))
    return max(1, mp.pi**m*largest/abs(sinc_slope(x, m)))


# The zeros of sinc' are irrational, and its two terms cancel there: 4 ulps would need both
# with twice the digits. All others have none, or take them from NumPy's own sin and cos.
NEAR_ZEROS: dict[tuple, Callable] = {
    (np.sinc, 0): lambda x: sinc_terms(x, 0),
    (special.sinc_derivative, 0): sinc_terms,
}


# --- what the functions of other libraries may lack ---------------------------------------
# Where NumPy has no kernel of its own for a processor it calls the C library. These are the
# errors, in units, that glibc's manual lists for x86_64, of values y that VJPs use; the
# others are listed with 1.
UNITS_OFF: dict[Callable, int] = {np.cbrt: 4, np.tanh: 2,
                                  elementwise.weight: 0}     # which is of our own
# IEEE 754 rounds these correctly, so that their values are never off.
CORRECT = {np.add, np.subtract, np.multiply, np.true_divide, np.sqrt, np.square,
           np.reciprocal, elementwise.quotient}


def nudged(y, units, rng):
    """y with an error of so many units in the last place, up or down."""
    return y + sign(rng, len(y))*units*np.spacing(np.abs(y)) if units else y


# --- the measurement ----------------------------------------------------------------------
class Worst(NamedTuple):
    """The largest error, in ulps, over the condition where one is listed."""
    ulps: float
    at: tuple
    measured: int


def ulps_off(found, g, slope, dtype=np.float64):
    """|found - g*slope| in units in the last place at the exact value g*slope."""
    kind, exact = np.finfo(dtype), mp.mpf(g)*slope
    largest, tiny = float(kind.max), float(kind.tiny)
    if abs(exact) < tiny:                           # lost in underflow, or exactly 0
        return 0.0 if abs(found) <= (tiny if exact else 0) else np.inf
    if max(abs(exact), abs(slope)) > largest:
        return 0.0 if found*mp.sign(exact) >= largest*(1 - ULPS*float(kind.eps)) else np.inf
    if not np.isfinite(found):
        return np.inf
    return float(abs(found - exact)/mp.mpf(float(np.spacing(dtype(abs(float(exact)))))))


def worst(function, i, n=POINTS, seed=0, conditions=NEAR_ZEROS, units=0, dtype=np.float64):
    """How far the VJP by argument i is off, at n points, with two cotangents each, if the
    value is off by so many units in the last place."""
    domains, slopes = SLOPES[function]
    numbers = [d for d in domains if isinstance(d, tuple)] or [((),)]
    rng = np.random.default_rng([seed, i, zlib.crc32(function.__name__.encode())])
    result = Worst(0.0, (), 0)
    for number in numbers[0]:
        args = points([d for d in domains if isinstance(d, str)], n//len(numbers[0]), rng)
        args = [in_range(x, dtype) for x in args] + ([] if number == () else [number])
        condition = conditions.get((function, i), same)
        found = worst_of(function, i, args, slopes[i], condition, rng, units)
        result = max(result, found, key=lambda w: w.ulps)._replace(
            measured=result.measured + found.measured)
    return result


def in_range(x, dtype):
    """x in this precision, not rounded to 1; magnitudes beyond it by their eighth root."""
    kind = np.finfo(dtype)
    if x.dtype.kind != "f":
        return x
    size = np.abs(x)
    held = (size < float(kind.max)) & (size > float(kind.tiny)) | (x == 0)
    x = np.where(held, x, np.sign(x)*size**(1/8))
    out = x.astype(dtype)
    towards = np.sign(x - out).astype(dtype)*dtype(2)
    return np.where((np.abs(out) == 1) & (towards != 0), np.nextafter(out, towards), out)


def worst_of(function, i, args, slope, condition, rng, units=0):
    dtype = args[0].dtype.type
    with np.errstate(all="ignore"):
        y = function(*args)
    keep = np.logical_and.reduce(np.broadcast_arrays(*map(full_floats, (y, *args))))
    args, y = [a[keep] if isinstance(a, np.ndarray) else a for a in args], y[keep]
    y = nudged(y, units, rng)
    result = Worst(0.0, (), len(y))
    rows = np.broadcast_arrays(*args)
    exact, allowed = at_60_digits(slope, rows), at_60_digits(condition, rows)
    for g in (np.ones(len(y)), sign(rng, len(y))*rng.uniform(0.5, 2, len(y))):
        g = g.astype(dtype)
        with np.errstate(all="ignore"):
            found = VJPS[function][i](g, y, *args)
        for k in range(len(y)):
            with mpmath.workdps(60):
                off = ulps_off(float(found[k]), float(g[k]), exact[k], dtype)
                off /= float(allowed[k])
            if not off <= result.ulps:
                at = tuple(a[k].item() for a in rows)
                result = Worst(off, (*at, float(g[k]), float(found[k])), len(y))
    return result


def full_floats(x):
    """Which are finite and have all their digits: 0, or not below the smallest normal."""
    x = np.asarray(x)
    tiny = np.finfo(x.dtype).tiny if x.dtype.kind == "f" else 0
    return np.isfinite(x) & ((np.abs(x) >= tiny) | (x == 0))


def at_60_digits(f, args):
    with mpmath.workdps(60):
        return [f(*[mp.mpf(x.item()) for x in row]) for row in zip(*args)]


ALL = [(f, i) for f, vjps in TABLED.items() for i, vjp in enumerate(vjps) if vjp]
SLOPING = [(f, i) for f, i in ALL if f in SLOPES and SLOPES[f].slopes[i] is not flat]


def named(value):
    return value.__name__ if callable(value) else str(value)


def test_every_elementwise_and_special_function_has_an_exact_derivative_listed():
    assert set(SLOPES) == set(TABLED)
    for function, i in ALL:
        assert SLOPES[function].slopes[i] is not None, function.__name__


@each("dtype", WIDTHS, ids=named)
@each("function, i", ALL, ids=named)
def test_a_vjp_is_right_to_four_ulps(function, i, dtype):
    found = worst(function, i, dtype=dtype)
    assert found.measured > POINTS//2
    assert found.ulps <= ULPS, f"{found.ulps:.3g} ulps at {found.at}"


@each("function, i", [
    case for case in SLOPING if case[0] not in CORRECT], ids=named)
def test_a_vjp_is_right_to_four_ulps_where_the_value_lacks_its_last_digit(function, i):
    found = worst(function, i, units=UNITS_OFF.get(function, 1))
    assert found.ulps <= ULPS, f"{found.ulps:.3g} ulps at {found.at}"


def test_a_slope_that_doubles_the_error_of_the_value_is_caught(monkeypatch):
    monkeypatch.setitem(VJPS, np.cbrt, (lambda g, y, x: g/(3*y**2),))
    assert worst(np.cbrt, 0, units=UNITS_OFF[np.cbrt]).ulps > ULPS


@each("function, i", SLOPING, ids=named)
def test_a_vjp_that_is_off_by_1e_14_is_caught(function, i, monkeypatch):
    off = list(VJPS[function])
    right = off[i]
    off[i] = lambda *args: right(*args)*(1 + 1e-14)
    with monkeypatch.context() as patched:
        patched.setitem(VJPS, function, tuple(off))
        assert worst(function, i, POINTS//4).ulps > ULPS


@pytest.mark.parametrize("function, i, slope", [
    (np.floor, 0, 1e-300), (np.heaviside, 1, -1e-300), (np.sign, 0, np.nan)], ids=named)
def test_a_slope_of_a_step_that_is_not_exactly_0_is_caught(function, i, slope, monkeypatch):
    monkeypatch.setitem(VJPS, function, (lambda g, y, *args: g*slope,)*2)
    assert worst(function, i).ulps > ULPS


@pytest.mark.parametrize("function, i", NEAR_ZEROS, ids=named)
def test_no_condition_is_listed_without_need(function, i):
    assert worst(function, i, 2*POINTS, conditions={}).ulps > ULPS


@pytest.mark.parametrize("function, cancels", [
    (np.tanh, (lambda g, y, x: g*(1 - y**2),)),
    (np.logaddexp, (lambda g, y, a, b: g*np.exp(a - y), None)),
    (np.arctan2, (lambda g, y, a, b: g*b/(a*a + b*b), lambda g, y, a, b: -g*a/(a*a + b*b))),
    (np.arccosh, (lambda g, y, x: g/np.sqrt(x*x - 1),))],
    ids=lambda x: "" if isinstance(x, tuple) else named(x))
def test_a_slope_that_cancels_or_overflows_in_the_tails_is_caught(
        function, cancels, monkeypatch):
    monkeypatch.setitem(VJPS, function, cancels)
    for dtype in WIDTHS:
        assert worst(function, 0, dtype=dtype).ulps > ULPS


# --- Python numbers as exponents, which take a path of their own --------------------------
@pytest.mark.parametrize("p", [3, 2.0, 1, 0.5, 1/3, 0.1, -0.3, -1, -2.7])
def test_a_power_with_a_python_number_is_right_to_four_ulps(p):
    x = points(["> 0"], POINTS, np.random.default_rng(0))
    found = worst_of(np.power, 0, [*x, p], power_slopes()[0], same,
                     np.random.default_rng(1))
    assert found.ulps <= ULPS, found


# --- compositions in their tails ----------------------------------------------------------
def logistic_slope(x):
    return 1/((1 + mp.exp(x))*(1 + mp.exp(-x)))


def of_two(slope):
    """The slope of logit 0, beside a logit of 0."""
    return lambda x: slope(1/(1 + mp.exp(-x)), 1/(1 + mp.exp(x)))


LABEL = np.array([0])
TAILS = {       # f, its exact slope, and the ends of x in float64, by a factor in float32
    "sigmoid": (lambda x: 1/(1 + np.exp(-x)), logistic_slope, -350, 700, 8),
    "sigmoid by tanh": (lambda x: 0.5*(1 + np.tanh(x/2)), logistic_slope, -700, 700, 8),
    "sigmoid by logaddexp": (lambda x: np.exp(-np.logaddexp(0, -x)), logistic_slope,
                             -2, 700, 8),       # below, the value itself has lost digits
    "softplus": (lambda x: np.logaddexp(0, x), lambda x: 1/(1 + mp.exp(-x)), -700, 700, 8),
    "softplus by log1p": (lambda x: np.log1p(np.exp(x)), lambda x: 1/(1 + mp.exp(-x)),
                          -700, 700, 8),
    "tanh": (np.tanh, lambda x: mp.sech(x)**2, -350, 350, 8),               # jax#40388
    "arctan": (np.arctan, lambda x: 1/(1 + x*x), -1e150, 1e150, 1e135),
    "root": (lambda x: np.sqrt(1 + x**2), lambda x: x/mp.sqrt(1 + x*x), -1e150, 1e150,
             1e135),
    "log_softmax": (lambda x: stable.log_softmax(x*np.array([1., 0.], x.dtype))[0],
                    of_two(lambda p, q: q), -700, 700, 8),
    "softmax": (lambda x: stable.softmax(x*np.array([1., 0.], x.dtype))[1],
                of_two(lambda p, q: -p*q), -300, 300, 8),
    "logsumexp": (lambda x: stable.logsumexp(x*np.array([1., 0.], x.dtype)),
                  of_two(lambda p, q: p), -700, 700, 8),
    "cross entropy": (lambda x: stable.cross_entropy(
        (x*np.array([1., 0.], x.dtype))[None], LABEL), of_two(lambda p, q: -q),
        -700, 700, 8),
}


def worst_in_the_tails(name, dtype, n=40):
    """As worst, of a composition, through the engine."""
    f, slope, low, high, factor = TAILS[name]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    factor = 1 if dtype is np.float64 else factor
    at = np.concatenate([rng.uniform(low/factor, high/factor, n), rng.normal(size=n)])
    result = 0.0
    for x in at[(at > low/factor) & (at < high/factor)].astype(dtype):
        with mpmath.workdps(60):
            exact = slope(mp.mpf(float(x)))
            result = max(result, ulps_off(float(mg.grad(f)(x)), 1.0, exact, dtype))
    return result


@each("dtype", WIDTHS, ids=named)
@each("name", TAILS)
def test_a_composition_keeps_four_ulps_in_its_tails(name, dtype):
    assert worst_in_the_tails(name, dtype) <= ULPS


@pytest.mark.parametrize("name, function, cancels", [
    ("tanh", np.tanh, lambda g, y, x: g*(1 - y**2)),
    ("log_softmax", stable.log_softmax,
     lambda g, y, x, axis=-1: g - np.exp(y)*np.sum(g, axis=axis, keepdims=True)),
    ("cross entropy", stable.cross_entropy, lambda g, y, x, labels: (
        stable.softmax(x) - (labels[:, None] == np.arange(2)))*g/len(labels))])
def test_a_composition_that_cancels_is_caught(name, function, cancels, monkeypatch):
    monkeypatch.setitem(VJPS, function, (cancels,))
    assert worst_in_the_tails(name, np.float64) > 1e6


# --- broadcasting -------------------------------------------------------------------------
SAFE = {np.power: (0.5, 2), np.float_power: (0.5, 2), np.arccosh: (1.5, 3)}
LOW, HIGH = 0.25, 0.75              # inside every other domain, away from jumps and poles
BINARY = [f for f in (*TABLED, *TABLES["selection"]) if getattr(f, "nin", 0) == 2
          and f is not np.ldexp]
UNARY = [f for f in TABLED if len(SLOPES[f].domains) == 1]
DTYPES = st.sampled_from([np.float16, np.float32, np.float64])
EXAMPLES = settings(derandomize=True, deadline=None, max_examples=15, database=None)
BROADCAST = arrays.mutually_broadcastable_shapes
RANDOM = st.integers(0, 2**32 - 1)


def entries(seed, shape, dtype, function=None):
    low, high = SAFE.get(function, (LOW, HIGH))
    return np.asarray(np.random.default_rng(seed).uniform(low, high, shape)).astype(dtype)


def gradients(f, args, g):
    """By the engine, of sum(g*f(args))."""
    return mg.vjp(f, *args)[1](g)


def spread_back(g, shape):
    """Add every entry of g to the entry that broadcasting had copied to its place."""
    source = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), g.shape)
    return np.bincount(source.ravel(), g.ravel().astype(float),
                       np.prod(shape, dtype=int)).reshape(shape)


def check_broadcast(f, args, seed, full=None):
    """Gradients of f(args) are those on broadcast copies, added up; fit their arguments.

    full are the shapes of the copies. Sums of n terms may differ by n + 8 roundings of
    the coarsest dtype.
    """
    out = f(*args)
    g = entries(seed, np.shape(out), out.dtype) - np.asarray(0.5, out.dtype)
    full = full or [np.shape(out)]*len(args)
    copies = [np.broadcast_to(a, shape).copy() for a, shape in zip(args, full)]
    eps = max(np.finfo(a.dtype).eps for a in args)
    found, expected = gradients(f, args, g), gradients(f, copies, g)
    for a, got, copy in zip(args, found, expected):
        assert got.shape == a.shape and got.dtype == a.dtype
        budget = (copy.size + 8)*eps*(spread_back(np.abs(copy), a.shape) + 0.01)
        assert np.all(np.abs(got - spread_back(copy, a.shape)) <= budget)


def shapes_of(count):
    return BROADCAST(num_shapes=count, max_dims=4, min_side=0, max_side=3)


@each("function", [*UNARY, *BINARY], ids=named)
def test_a_gradient_is_that_on_broadcast_copies_added_up(function):
    binary = function in BINARY

    @EXAMPLES
    @given(shapes_of(1 + binary), st.tuples(DTYPES, DTYPES), RANDOM)
    def check(shapes, dtypes, seed):
        args = [entries(seed + k, shape, dtype, function) for k, (shape, dtype) in
                enumerate(zip(shapes.input_shapes, dtypes))]
        check_broadcast(function, args, seed)
    check()


@EXAMPLES
@given(shapes_of(3), st.tuples(DTYPES, DTYPES), RANDOM)
def test_where_is_differentiated_on_both_sides_of_any_mask(shapes, dtypes, seed):
    mask = entries(seed, shapes.input_shapes[0], float) > 0.5
    args = [entries(seed + 1 + k, shape, dtype)
            for k, (shape, dtype) in enumerate(zip(shapes.input_shapes[1:], dtypes))]
    check_broadcast(lambda a, b: np.where(mask, a, b), args, seed,
                    [shapes.result_shape]*2)


@EXAMPLES
@given(BROADCAST(signature=np.matmul.signature, max_dims=2, min_side=0, max_side=3),
       st.tuples(DTYPES, DTYPES), RANDOM)
def test_matmul_adds_up_over_the_matrices_that_were_used_again(shapes, dtypes, seed):
    args = [entries(seed + k, shape, dtype)
            for k, (shape, dtype) in enumerate(zip(shapes.input_shapes, dtypes))]
    batch = np.broadcast_shapes(*[a.shape[:-2] for a in args])
    check_broadcast(np.matmul, args, seed, [
        a.shape if a.ndim == 1 else batch + a.shape[-2:] for a in args])
    check_adjoint(np.matmul, args, seed)


def check_adjoint(f, args, seed):
    """<g, f(..., d, ...)> = <gradient, d> for f linear in each argument: no difference
    quotient is needed."""
    wide = [a.astype(float) for a in args]
    g = entries(seed + 7, np.shape(f(*wide)), float) - 0.5
    for k, (a, got) in enumerate(zip(wide, gradients(f, wide, g))):
        d = entries(seed + 8, a.shape, float) - 0.5
        moved = f(*wide[:k], d, *wide[k + 1:])
        assert got.shape == a.shape
        assert abs(np.sum(g*moved) - np.sum(got*d)) <= 8*FLOAT.eps*(1 + g.size + d.size)


@EXAMPLES
@given(arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3), st.data(),
       st.booleans(), RANDOM)
def test_sums_over_any_axes_are_differentiated(shape, data, keepdims, seed):
    axes = data.draw(arrays.valid_tuple_axes(len(shape)))
    x = entries(seed, shape, data.draw(DTYPES))
    for f in (lambda x: np.sum(x, axis=axes, keepdims=keepdims),
              lambda x: np.cumsum(x, axis=axes[0] if axes else 0)):
        got, = gradients(f, [x], np.ones_like(f(x)))
        assert got.shape == x.shape and got.dtype == x.dtype
        check_adjoint(f, [x], seed)


def unsummed(g, shape):
    """The first of the copies only."""
    return np.resize(g, shape)


@pytest.mark.parametrize("wrong", [unsummed, lambda g, shape: g], ids=["first", "none"])
@pytest.mark.parametrize("function", [np.add, np.multiply, np.hypot, np.maximum], ids=named)
def test_a_missing_sum_over_broadcast_axes_is_caught(function, wrong, monkeypatch):
    monkeypatch.setattr("minigrad.tape.unbroadcast", wrong)
    with pytest.raises(AssertionError):
        check_broadcast(function, [entries(1, (2, 1), float), entries(2, (3,), float)], 0)


@pytest.mark.parametrize("factor", [1 + 1e-11, 0.5])
def test_a_gradient_of_matmul_that_is_slightly_off_is_caught(factor, monkeypatch):
    left, right = VJPS[np.matmul]
    monkeypatch.setitem(VJPS, np.matmul, (left, lambda *args: factor*right(*args)))
    with pytest.raises(AssertionError):
        check_adjoint(np.matmul, [entries(1, (2, 3), float), entries(2, (3,), float)], 0)
