"""The operations of a rule, recorded while it runs; no formula is made of them.

An array of letters holds the places of its entries among the operations. Decimals are what
the source of the rule says, as literals.py reads them.
"""
import inspect
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from minigrad.composites import COMPOSITES, OPTIONS, WITH_OPTIONS
from minigrad.methods import ArrayMethods
from minigrad.primitives import special
from minigrad.primitives.shapes import concatenate
from minigrad.symbolic.constants import exact
from minigrad.symbolic.meanings import OWN, STRUCTURE, TEXTBOOK, fold
from optim.certificates.operation_lists import Operations, Unwritable, of_formula
from optim.formulas.entries import first_value
from optim.formulas.literals import written_exactly
from optim.formulas.reading import MOVING, Reading
from optim.optimizers.signatures import Rule, name_of, step_of, supplied_to

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
    np.logical_xor: lambda a, b: (a & ~b) | (~a & b)}
FOLDED = {np.sum: np.add, np.prod: np.multiply, np.max: np.maximum, np.amax: np.maximum,
          np.min: np.minimum, np.amin: np.minimum, np.any: np.logical_or,
          np.all: np.logical_and}


class Recorded(ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array of places in a list of operations; NumPy's functions of it are added there.

    >>> known = Operations()
    >>> g = Recorded(known.letter("g"), known)
    >>> known.listed[np.sqrt(g + 1).places.item()]
    ['sqrt', 2]
    """
    __array_priority__ = 2000

    def __init__(self, places: Any, operations: Operations):
        self.places, self.operations = np.asarray(places, int), operations

    shape = property(lambda self: self.places.shape)
    ndim = property(lambda self: self.places.ndim)
    size = property(lambda self: self.places.size)
    dtype = property(lambda self: np.dtype(bool if self.size and all(
        map(self.operations.is_condition, self.places.flat)) else float))

    def __len__(self):
        return len(self.places)

    def __getitem__(self, index):
        return Recorded(self.places[index], self.operations)

    def item(self):
        return self.reshape(())

    def number(self, x):
        return Recorded(self.operations.number(x), self.operations)

    def astype(self, dtype):
        """The same numbers, truths as 1 and 0; whole numbers cut off what follows."""
        kind = np.dtype(dtype).kind
        if kind not in "bif":
            raise Unwritable(f"astype({dtype}): the numbers are real")
        if kind == "b":
            return self != 0
        return np.trunc(self) if kind == "i" else Recorded(
            np.frompyfunc(self.operations.as_number, 1, 1)(self.places), self.operations)

    def __bool__(self):
        raise Unwritable("a letter was asked for its value: write np.where for if")

    __float__ = __int__ = __index__ = __array__ = __setitem__ = __str__ = __bool__

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "reduce" and ufunc in FOLDED.values():
            return self.folded(ufunc, *inputs, **kwargs)
        if method != "__call__" or kwargs:
            raise Unwritable(f"np.{ufunc.__name__}.{method} with {sorted(kwargs)}")
        return self.elementwise(ufunc, inputs)

    def __array_function__(self, function, types, args, kwargs):
        if function in STRUCTURE:
            return function(self.placed(args[0]), *args[1:], **kwargs)
        if function in WITH_OPTIONS and not OPTIONS.isdisjoint(kwargs):
            return WITH_OPTIONS[function](*args, **kwargs)
        for table in TEXTBOOK, OWN, COMPOSITES:
            if function in table:
                return table[function](*args, **kwargs)
        if function in FOLDED:
            return self.folded(FOLDED[function], *args, **kwargs)
        if function.__name__ in MOVING:
            arrays = len(args) if function is concatenate else 1    # the others say how
            return Recorded(function(*map(self.placed, args[:arrays]), *args[arrays:],
                                     **kwargs), self.operations)
        if kwargs:
            raise Unwritable(f"{function.__name__} with {sorted(kwargs)}")
        return self.elementwise(function, args)

    def elementwise(self, function, inputs):
        """An elementwise function, entry by entry."""
        if function in DEFINED:
            return DEFINED[function](*(Recorded(self.placed(x), self.operations)
                                       for x in inputs))
        entry = np.frompyfunc(lambda *places: self.entry(function, places), len(inputs), 1)
        return Recorded(entry(*map(self.placed, inputs)), self.operations)

    def entry(self, function, places):
        """The place of a function of what stands at these places."""
        to, truths = self.operations, [*map(self.operations.is_condition, places)]
        if function is np.where and len(places) == 3:
            sides = map(to.as_number, places[1:])
            found = to.add("where", to.as_condition(places[0]), *sides)
            return to.as_condition(found) if all(truths[1:]) else found
        if function in LOGICAL or all(truths) and function in OF_TRUTHS:
            return to.add(OF_TRUTHS[function], *map(to.as_condition, places))
        if function not in NAMES or all(truths) and function in NOT_OF_TRUTHS:
            what = "truths" if all(truths) else "numbers"
            raise Unwritable(f"{function.__name__} of {what} is no operation")
        if function in (np.fmax, np.fmin) and not EVERYWHERE.issuperset(
                name for name, *_ in to.used(*places)[0]):
            raise Unwritable(f"np.{function.__name__}: where one side has no value it takes"
                             " the other")
        return to.add(NAMES[function], *map(to.as_number, places))

    def folded(self, function, x, axis=None, **how):
        """A reduction, entry after entry."""
        to = self.operations
        kind = to.as_condition if function in LOGICAL else to.as_number
        reduced = fold(lambda *places: self.entry(function, places))
        places = np.asarray(np.frompyfunc(kind, 1, 1)(self.placed(x)), object)
        return Recorded(reduced(places, axis, **how), to)

    def placed(self, x):
        """The places of the entries of anything that has numbers."""
        if isinstance(x, Recorded):
            return x.places
        if isinstance(x, Reading):                      # of numbers, by NumPy's functions
            return np.frompyfunc(lambda e, needs: of_formula(
                sp.Add(e, *needs) if needs else e, self.operations), 2, 1)(x.array, x.needs)
        if isinstance(x, (np.ndarray, list, tuple)):
            entries = np.asarray(x, None if isinstance(x, np.ndarray) else object)
            return np.asarray(np.frompyfunc(self.placed, 1, 1)(entries), int)
        return np.asarray(self.operations.number(x) if isinstance(x, Fraction) else
                          of_formula(exact(x), self.operations))


def recorded(rule: Rule, operations: Operations, letters: Mapping[str, int] | None = None
             ) -> dict[str, dict[str, int]]:
    """The places of what a rule computes: {"update": {name: place}, "init": the same}.

    The rule is run on arrays of one entry. letters {parameter: place}: what stands for it
    in place of a letter of its name. Raises Unwritable for what is no operation.
    """
    exactly = written_exactly(rule)
    parameters = inspect.signature(exactly).parameters
    place, gradient, *states = [n for n, p in parameters.items()
                                if p.kind is p.POSITIONAL_OR_KEYWORD]
    single = {n for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY or n in states
              and isinstance(p.default, (int, float)) and p.default}
    single -= {n for n, kind in supplied_to(rule).items() if kind.entrywise}

    def given(name: str) -> Recorded:
        found = (letters or {}).get(name)
        found = operations.letter(name) if found is None else found
        return Recorded(found if name in single else [found], operations)
    known: dict[str, Any] = {n: given(n) for n in parameters}
    try:
        after = step_of(exactly, *(known[n] for n in (place, gradient, *states)), **{
            n: known[n] for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY})
        starts = [first_value(parameters[n], known[place], known) for n in states]
        return {"update": entries((place, *states), after, known[place]),
                "init": entries(states, starts, known[place])}
    except Exception as error:
        raise Unwritable(f"{name_of(rule)} is not recorded: {error}") from error


def entries(names: Any, values: Any, like: Recorded) -> dict[str, int]:
    """The place of the one entry of each value."""
    return {n: like.operations.as_number(int(like.placed(x).item()))
            for n, x in zip(names, values, strict=True)}
