"""Every elementwise VJP is right to 4 units in the last place, at any float64.

Measured: the VJP of the table at float64 arguments, with cotangent 1 and with a random
one, against cotangent * derivative evaluated by mpmath with 60 digits at the same floats.
One ulp is the distance of neighbouring floats at the exact value. Below the smallest
normal number a result need only stay below it too; above the largest it must be inf or
one of the last floats. Points whose function value is not finite are left out.

Near zeros of a derivative the quotient (error in ulps) may grow without the VJP being at
fault. Such functions, and no others, stand in NEAR_ZEROS, each with its condition >= 1 as
a formula: there 4 ulps times the condition are allowed.

    python tests/full/test_precision_sweep.py [points] [seed]      the worst ulps found
"""
import zlib
from typing import Callable, NamedTuple

import hypothesis.extra.numpy as arrays
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

import minigrad as mg
from minigrad import special
from minigrad.primitives import TABLES, VJPS

ULPS = 4                # the task's bound, for every function
POINTS = 240            # for each VJP in this test; the sweep takes more
FLOAT = np.finfo(float)


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
            lambda r, n: 1 + sign(r, n)*size(r, n, -16, -1), lambda r, n: r.uniform(0, 1, n),
            lambda r, n: size(r, n, -323, -300)],
    "> 1": [lambda r, n: 1 + size(r, n, -15.6, 0), lambda r, n: r.uniform(1, 10, n),
            lambda r, n: size(r, n, 0, 308)],
    "> -1": [lambda r, n: -1 + size(r, n, -15.9, 0), lambda r, n: r.uniform(-1, 10, n),
             lambda r, n: size(r, n), lambda r, n: -size(r, n, -300, 0)],
    "in (-1, 1)": [lambda r, n: sign(r, n)*(1 - size(r, n, -15.9, 0)),
                   lambda r, n: r.uniform(-1, 1, n), lambda r, n: sign(r, n)*size(r, n, -300, 0)],
    "whole": [lambda r, n: r.integers(-60, 60, n)],
    "0, 1, 2, 3": [lambda r, n: r.integers(0, 4, n)],
    "moderate": [lambda r, n: r.uniform(-3, 3, n), lambda r, n: sign(r, n)*size(r, n, -8, 6),
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


def sinc_slope(x, n):
    """The n-th derivative of sin(pi x)/(pi x): the product rule, or the series at 0."""
    t = mp.pi*x
    if abs(t) < 1:
        return mp.pi**n*mp.nsum(lambda k: mp.mpf(0) if 2*k < n else (-1)**int(k)*t**(2*k - n)/(
            mp.factorial(2*k - n)*(2*k + 1)), [0, 40])
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
    np.square: one(REAL, lambda x: 2*x), np.sqrt: one("> 0", lambda x: 1/(2*mp.sqrt(x))),
    np.cbrt: one(NOT_0, lambda x: 1/(3*mp.cbrt(x*x))),
    np.reciprocal: one(NOT_0, lambda x: -1/x**2), np.conjugate: one(REAL, same),
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
    np.imag: one(REAL, flat), np.angle: one(NOT_0, flat), np.nan_to_num: one(REAL, same),
    special.erf: one(REAL, gauss), special.erfc: one(REAL, lambda x: -gauss(x)),
    np.sinc: one("moderate", lambda x: sinc_slope(x, 1)),
    special.sinc_derivative: Exact(("moderate", "0, 1, 2, 3"),
                                   (lambda x, n: sinc_slope(x, int(n) + 1), None)),
}
TABLED = {**TABLES["elementwise"], **TABLES["special"]}


# --- conditions near zeros of a derivative ------------------------------------------------
NEAR_ZEROS: dict[tuple, Callable] = {
}


# --- the measurement ----------------------------------------------------------------------
class Worst(NamedTuple):
    """The largest error, in ulps, over the condition where one is listed."""
    ulps: float
    at: tuple
    measured: int


def ulps_off(found, exact):
    """|found - exact| in units in the last place at the exact value."""
    if abs(exact) < FLOAT.tiny:                     # lost in underflow, or exactly 0
        return 0.0 if abs(found) <= (FLOAT.tiny if exact else 0) else np.inf
    if abs(exact) > FLOAT.max:
        return 0.0 if found*mp.sign(exact) >= FLOAT.max*(1 - ULPS*FLOAT.eps) else np.inf
    if not np.isfinite(found):
        return np.inf
    return float(abs(mp.mpf(found) - exact)/mp.mpf(float(np.spacing(abs(float(exact))))))


def worst(function, i, n=POINTS, seed=0, conditions=NEAR_ZEROS):
    """How far the VJP by argument i is off, at n points, with two cotangents each."""
    domains, slopes = SLOPES[function]
    rng = np.random.default_rng([seed, i, zlib.crc32(function.__name__.encode())])
    args = points(domains, n, rng)
    with np.errstate(all="ignore"):
        y = function(*args)
    keep = np.isfinite(y)
    args, y = [a[keep] for a in args], y[keep]
    condition = conditions.get((function, i), same)
    result = Worst(0.0, (), len(y))
    exact = at_60_digits(slopes[i], args)
    allowed = at_60_digits(condition, args)
    for g in (np.ones(len(y)), sign(rng, len(y))*rng.uniform(0.5, 2, len(y))):
        with np.errstate(all="ignore"):
            found = VJPS[function][i](g, y, *args)
        for k, (one_g, slope) in enumerate(zip(g, exact)):
            with mpmath.workdps(60):
                off = ulps_off(float(found[k]), mp.mpf(one_g)*slope)/float(allowed[k])
            if off > result.ulps:
                at = tuple(a[k].item() for a in args)
                result = Worst(off, (*at, float(one_g), float(found[k])), len(y))
    return result


def at_60_digits(f, args):
    with mpmath.workdps(60):
        return [f(*[mp.mpf(x.item()) for x in row]) for row in zip(*args)]


ALL = [(f, i) for f, vjps in TABLED.items() for i, vjp in enumerate(vjps) if vjp]
IDS = [f"{f.__name__}-{i}" for f, i in ALL]


def table(n, seed, conditions=NEAR_ZEROS):
    for function, i in ALL:
        w = worst(function, i, n, seed, conditions)
        yield f"{function.__name__:16} {i} {w.ulps:12.3g} {w.measured:6d}   {w.at}"


if __name__ == "__main__":
    import sys
    print(*table(int(sys.argv[1]), 0), sep="\n")
