"""The operations of a rule, recorded while it runs; no formula is made of them.

An array of letters holds the places of its entries among the operations. Decimals are what
the source of the rule says, as literals.py reads them.
"""
import inspect
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from minigrad.composites import COMPOSITES, OPTIONS, WITH_OPTIONS
from minigrad.methods import ArrayMethods
from minigrad.primitives.shapes import concatenate
from minigrad.symbolic.constants import exact
from minigrad.symbolic.meanings import OWN, STRUCTURE, TEXTBOOK, fold
from optim.certificates.operation_lists import Operations, Unwritable, of_formula
from optim.certificates.operation_names import (
    DEFINED, EVERYWHERE, FOLDED, LOGICAL, NAMES, NOT_OF_TRUTHS, OF_TRUTHS)
from optim.formulas.entries import first_value
from optim.formulas.literals import written_exactly
from optim.formulas.reading import MOVING, Reading
from optim.optimizers.signatures import (
    Rule, is_of_whole_parameters, name_of, step_of, supplied_to)


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

    def __bool__(self, *_, **how):
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
            like = self.placed(args[0]).astype(bool if self.dtype == bool else object)
            return function(like, *args[1:], **kwargs)
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
    if is_of_whole_parameters(rule):
        raise Unwritable(f"{name_of(rule)} is not recorded: it looks at a whole parameter")
    exactly = written_exactly(rule)
    parameters = inspect.signature(exactly).parameters
    place, gradient, *states = [n for n, p in parameters.items()
                                if p.kind is p.POSITIONAL_OR_KEYWORD]
    single = single_of(rule)

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


def single_of(rule: Rule) -> set[str]:
    """What is one number for all entries."""
    return {n for n, p in inspect.signature(rule).parameters.items() if (
        p.kind is p.KEYWORD_ONLY or isinstance(p.default, (int, float)) and p.default)
        and not getattr(supplied_to(rule).get(n), "entrywise", False)}


def entries(names: Any, values: Any, like: Recorded) -> dict[str, int]:
    """The place of the one entry of each value."""
    return {n: like.operations.as_number(int(like.placed(x).item()))
            for n, x in zip(names, values, strict=True)}
