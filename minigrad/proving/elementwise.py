"""Elementwise functions: VJP = g * d(function)/d(argument) on the whole natural domain.

The domain, off the kinks, is listed in pieces; on each piece an argument is a formula in
a symbol whose assumptions SymPy knows. Where a slope does not exist, KINKS lists what the
VJP gives there by convention.
"""
import itertools

import numpy as np
import sympy as sp

from minigrad.primitives import special
from minigrad.primitives.elementwise import cosh_squared, quotient, weight
from minigrad.proving.algebra import between_jumps
from minigrad.proving.pullbacks import Case, differential_failure, mixing_failure
from minigrad.symbolic import Symbolic, symbols

THEOREM = "VJP = g * d(function)/d(argument), on each piece of the domain"

r = sp.Symbol("r", positive=True)               # 0 < r < 1
n = sp.Symbol("n", integer=True)
m = sp.Symbol("m", integer=True, nonnegative=True)


def piece(text, name):
    """The formula that runs through a piece of the line, and the symbol it moves by."""
    real, positive = sp.Symbol(name, real=True), sp.Symbol(name, positive=True)
    return {
        "real": (real, real),
        "> 0": (positive, positive),
        "< 0": (-positive, positive),
        "> 1": (1 + positive, positive),
        "> -1": (positive - 1, positive),
        "in (-1, 1)": ((1 - positive**2)/(1 + positive**2), positive),
        "whole": (sp.Symbol(name, integer=True), None),
        "in (n, n + 1)": (n + r, r),
        "in (n - 1/2, n + 1/2)": (n - sp.Rational(1, 2) + r, r),
        "in (m, m + 1)": (m + r, r),
        "in (-m - 1, -m)": (-m - r, r),
    }[text]


SIDES = [("> 0",), ("< 0",)]
TO_ZERO = [("in (m, m + 1)",), ("in (-m - 1, -m)",)]

DOMAINS: dict[object, list] = {
    **dict.fromkeys((
        np.positive, np.negative, np.square, np.exp, np.exp2, np.expm1, np.sin, np.cos,
        np.tan, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.deg2rad, np.radians,
        np.rad2deg, np.degrees, np.nan_to_num, special.erf, special.erfc,
        cosh_squared), [("real",)]),
    **dict.fromkeys((np.add, np.subtract, np.multiply, np.logaddexp, np.logaddexp2),
                    [("real", "real")]),
    **dict.fromkeys((np.sqrt, np.log, np.log2, np.log10), [("> 0",)]),
    **dict.fromkeys((np.arcsin, np.arccos, np.arctanh), [("in (-1, 1)",)]),
    **dict.fromkeys((np.cbrt, np.reciprocal, np.absolute, np.fabs, np.sinc, np.sign),
                    SIDES),
    np.log1p: [("> -1",)], np.arccosh: [("> 1",)], np.ldexp: [("real", "whole")],
    **dict.fromkeys((np.true_divide, quotient), [("real", "> 0"), ("real", "< 0")]),
    np.hypot: [("> 0", "real"), ("< 0", "real"), ("real", "> 0"), ("real", "< 0")],
    np.arctan2: [("> 0", "real"), ("< 0", "real"), ("real", "> 0")],
    np.heaviside: [("> 0", "real"), ("< 0", "real")],
    np.copysign: list(itertools.product(("> 0", "< 0"), repeat=2)),
    np.floor: [("in (n, n + 1)",)], np.ceil: [("in (n, n + 1)",)],
    np.rint: [("in (n - 1/2, n + 1/2)",)], np.trunc: TO_ZERO, np.fix: TO_ZERO,
}
EXCEPT: dict[object, str] = {np.tan: ", cos(x) != 0"}   # poles of the function itself


def names(count):
    """What the arguments of a function are called."""
    return ("x",) if count == 1 else ("a", "b", "c")[:count]


def domain_case(function, pieces):
    """One piece of the domain for each argument, as a Case."""
    letters = names(len(pieces))
    formulas, movers = zip(*[piece(text, name) for text, name in zip(pieces, letters)])
    text = ", ".join(f"{name} {kind}" for name, kind in zip(letters, pieces))
    moves = {i: [{u: 1}] for i, u in enumerate(movers) if u is not None}
    text += EXCEPT.get(function, "")
    return Case(text, tuple(map(Symbolic, formulas)), moves=moves)


def quotient_cases():
    """a/b between whole numbers, for functions that jump where it passes one."""
    for (kind,), (sign,) in itertools.product(TO_ZERO, SIDES):
        q, a, b = (piece(text, name)[0] for text, name in zip((kind, sign, sign), "qab"))
        yield Case(f"b {sign}, a/b {kind}", (Symbolic(b*q), Symbolic(b)),
                   moves={0: [{r: 1}]})
        yield Case(f"a {sign}, a/b {kind}", (Symbolic(a), Symbolic(a/q)),
                   moves={1: [{r: 1}]})


def power_cases():
    """x**p: by the sign of x, and by whether the slope has x below the line."""
    x, q, s = sp.symbols("x q s", positive=True)
    p, z = sp.symbols("p z", real=True)
    rows = [(text, base, Symbolic(exponent), x) for text, base, exponent in [
        ("x > 0, p > 1", x, 1 + q), ("x > 0, p = 1", x, 1), ("x > 0, p < 1", x, 1 - q),
        ("x < 0, p = 1, 2, ...", -x, 1 + m), ("x < 0, p = 0, -1, ...", -x, -m)]]
    rows += [(f"x real, p = {k}", z, k, z) for k in (0, 1, 2, 3, 4, 2.0)]
    rows += [(f"x {sign}, p = {k}", base, k, x) for k in (-1, -2, -3)
             for sign, base in (("> 0", x), ("< 0", -x))]
    rows += [(f"x > 0, p = {k}", x, k, x) for k in (0.5, 1.5, -0.5)]
    for text, base, exponent, letter in rows:
        yield Case(text, (Symbolic(base), exponent), moves={0: [{letter: 1}]})
    many = symbols("x", (2,), positive=True)
    yield Case("x > 0 of shape (2,), one p < 1 and one > 1",
               (many, Symbolic([1 - q, 1 + s])),
               moves={0: [{many.array[0]: 1}, {many.array[1]: 1}]})
    yield Case("x > 0, p real", (Symbolic(x), Symbolic(p)), moves={1: [{p: 1}]})
    yield Case("x = 0, p > 0", (Symbolic(0), Symbolic(q)), moves={1: [{q: 1}]})


def round_cases():
    """Between the jumps, for several numbers of decimals."""
    for decimals in (0, 1, -1):
        unit = sp.Integer(10)**-decimals
        yield Case(f"x in (n - 1/2, n + 1/2)*{unit}, decimals={decimals}",
                   (Symbolic((n - sp.Rational(1, 2) + r)*unit),), {"decimals": decimals},
                   {0: [{r: 1}]})


def sinc_derivative_cases():
    """Both sides of 0, for the first orders."""
    for (text,), order in itertools.product(SIDES, range(4)):
        x, u = piece(text, "x")
        yield Case(f"x {text}, n = {order}", (Symbolic(x), order), moves={0: [{u: 1}]})


def weight_cases():
    """Of powers of e and of 2."""
    a, b = sp.symbols("a b", real=True)
    for binary in (False, True):
        yield Case(f"a, b real, binary={binary}", (Symbolic(a), Symbolic(b), binary),
                   moves={0: [{a: 1}], 1: [{b: 1}]})


OWN_CASES: dict = {
    weight: weight_cases,
    np.round: round_cases, np.around: round_cases,
    special.sinc_derivative: sinc_derivative_cases,
    np.remainder: quotient_cases, np.fmod: quotient_cases, np.floor_divide: quotient_cases,
    np.power: power_cases, np.float_power: power_cases,
}


def cases(function):
    """The pieces of a function's domain; none if it is not listed here."""
    if function in OWN_CASES:
        listed = list(OWN_CASES[function]())
    else:
        listed = [domain_case(function, pieces) for pieces in DOMAINS.get(function, [])]
    for case in listed:
        case.rewrite = lambda e: between_jumps(e, r)
    return listed


def letters(function):
    """What the cases call the arguments."""
    if function in DOMAINS:
        return names(len(DOMAINS[function][0]))
    own = {power_cases: ("x", "p"), quotient_cases: ("a", "b"),
           weight_cases: ("a", "b", "binary")}
    return own.get(OWN_CASES.get(function), ("x", "n"))


def failure(function, vjp, i, case):
    """Why the theorem is not shown for argument i, for one entry or for one of two."""
    return (differential_failure(function, vjp, i, case)
            or mixing_failure(function, vjp, i, case))


INFINITE = np.inf
STEPS = {np.floor: 2.0, np.ceil: 2.0, np.trunc: 2.0, np.fix: 2.0, np.rint: 2.5,
         np.round: 0.5, np.around: 0.5}                 # and where each of them jumps

# function, argument, its value(s), g, what the VJP gives there by convention, in words
KINKS: list[tuple] = [
    *[(f, 0, (0.0,), 1.0, 0.0, "0 at 0") for f in (np.absolute, np.fabs)],
    *[(f, 0, (0.0,), g, g*INFINITE if g else 0.0, "inf at 0, but 0 for g = 0")
      for f in (np.sqrt, np.cbrt, np.log, np.log2, np.log10) for g in (1.0, 0.0)],
    (np.log1p, 0, (-1.0,), 0.0, 0.0, "inf at -1, but 0 for g = 0"),
    *[(np.hypot, i, (0.0, 0.0), 1.0, 0.0, "0 at (0, 0)") for i in (0, 1)],
    *[(np.arctan2, i, (0.0, 0.0), 0.0, 0.0, "undefined at (0, 0), but 0 for g = 0")
      for i in (0, 1)],
    *[(f, 0, (1.0,), 0.0, 0.0, "inf at 1, but 0 for g = 0")
      for f in (np.arcsin, np.arccos, np.arccosh, np.arctanh)],
    *[(f, i, (1.0, 0.0), 0.0, 0.0, "inf at b = 0, but 0 for g = 0")
      for f in (np.true_divide,) for i in (0, 1)],
    (np.reciprocal, 0, (0.0,), 0.0, 0.0, "inf at 0, but 0 for g = 0"),
    (quotient, 0, (0.0, 0.0), 0.0, 0.0, "inf at b = 0, but 0 for g = 0"),
    (quotient, 1, (0.0, 0.0), 1.0, 0.0, "0 at b = 0"),
    (np.logaddexp, 0, (-INFINITE, -INFINITE), 1.0, 0.0, "0 at -inf"),
    (np.logaddexp, 0, (INFINITE, INFINITE), 1.0, 0.5, "half each for inf twice"),
    *[(np.power, 0, (0.0, 0.5), g, g*INFINITE if g else 0.0,
       "inf at 0 for p < 1, but 0 for g = 0") for g in (1.0, 0.0)],
    (np.power, 0, (0.0, 0), 1.0, 0.0, "0 at x = 0 for p = 0"),
    (np.power, 1, (0.0, 0.0), 1.0, -INFINITE, "-inf at (0, 0), where it jumps"),
    (np.power, 1, (0.0, 2.0), 1.0, 0.0, "0 at x = 0 for p > 0"),
    (np.sign, 0, (0.0,), 1.0, 0.0, "0 at the jump"),
    *[(f, 0, (x,), 1.0, 0.0, "0 at the jumps") for f, x in STEPS.items()],
    (np.copysign, 0, (0.0, 1.0), 1.0, 0.0, "0 at 0"),
    (np.copysign, 1, (1.0, 0.0), 1.0, 0.0, "0 at the jump"),
    *[(np.nan_to_num, 0, (x,), 1.0, 0.0, "0 where an entry is replaced")
      for x in (np.inf, np.nan)],
    (np.sinc, 0, (0.0,), 1.0, 0.0, "0 at 0, its derivative there (evaluated)"),
    (np.heaviside, 0, (0.0, 0.5), 1.0, 0.0, "0 at 0"),
    (np.heaviside, 1, (0.0, 0.5), 1.0, 0.0, "0, also at x = 0"),
    (np.floor_divide, 0, (4.0, 2.0), 1.0, 0.0, "0 at the jumps"),
    *[(f, 0, (4.0, 2.0), 1.0, 1.0, "1 at the jumps") for f in (np.remainder, np.fmod)],
]
