"""What NumPy's functions are called in a list of operations, or are written in others."""
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from minigrad.primitives import special

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
NAMES: dict[Any, str] = {f: f.__name__ for f in (
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.power, np.sqrt,
    np.absolute, np.sign, np.maximum, np.minimum, np.exp, np.log, np.tanh, np.sinh, np.cosh,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh,
    np.arctanh, np.arctan2, np.floor, np.ceil, np.less, np.less_equal, np.equal,
    np.not_equal, np.greater, np.greater_equal, special.erf, special.erfc)} | {
    np.float_power: "power", np.fabs: "absolute", np.fmax: "maximum", np.fmin: "minimum"}
LOGICAL = {np.logical_and: "and", np.logical_or: "or", np.logical_not: "not"}
OF_TRUTHS = LOGICAL | {np.bitwise_and: "and", np.bitwise_or: "or", np.invert: "not",
                       np.add: "or", np.multiply: "and"}
NOT_OF_TRUTHS = {np.subtract, np.negative, np.sign, np.floor, np.ceil}
EVERYWHERE = {"letter", "number", "add", "subtract", "multiply", "negative", "absolute",
              "sign", "maximum", "minimum", "tanh", "exp"}      # where a value is
DEFINED: dict[Any, Callable] = {    # in other functions, as mathematics has them
    np.positive: lambda x: x, np.square: lambda x: x**2, np.reciprocal: lambda x: 1/x,
    np.hypot: lambda a, b: np.sqrt(a**2 + b**2),
    np.cbrt: lambda x: np.sign(x)*np.abs(x)**THIRD, np.exp2: lambda x: 2**x,
    np.expm1: lambda x: np.exp(x) - 1, np.log1p: lambda x: np.log(1 + x),
    np.log2: lambda x: np.log(x)/np.log(x.number(2)),
    np.log10: lambda x: np.log(x)/np.log(x.number(10)),
    np.logaddexp: lambda a, b: np.log(np.exp(a) + np.exp(b)),
    np.heaviside: lambda x, h: np.where(x < 0, 0, np.where(x == 0, h, 1)),
    np.trunc: lambda x: np.where(x >= 0, np.floor(x), np.ceil(x)),
    np.fix: lambda x: np.trunc(x),
    np.rint: lambda x: np.where(np.floor(x + HALF) == x + HALF, 2*np.floor((x + HALF)/2),
                                np.floor(x + HALF)),
    np.floor_divide: lambda a, b: np.floor(a/b),
    np.remainder: lambda a, b: a - b*np.floor(a/b),
    np.fmod: lambda a, b: a - b*np.trunc(a/b),
    np.logical_xor: lambda a, b: (a != 0) ^ (b != 0),
    np.bitwise_xor: lambda a, b: (a & ~b) | (~a & b)}
FOLDED = {np.sum: np.add, np.prod: np.multiply, np.max: np.maximum, np.amax: np.maximum,
          np.min: np.minimum, np.amin: np.minimum, np.any: np.logical_or,
          np.all: np.logical_and}
