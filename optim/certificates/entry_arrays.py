"""Entries: an array of recorded entries, on which NumPy code runs.

It reaches NumPy's functions as minigrad's Symbolic does, and takes from there what is
written in other NumPy functions; what an entry means stands in entry_meanings.py.
"""
import numpy as np

from minigrad.composites import COMPOSITES
from minigrad.methods import ArrayMethods
from minigrad.primitives import VJPS
from minigrad.symbolic.meanings import ORDER, OWN, SORTS, STRUCTURE, TEXTBOOK, fold
from minigrad.tensors import UFUNC_METHODS
from optim.certificates.recorded_entries import as_number, entry
from optim.certificates.entry_meanings import MATRIX, MEANING
from optim.certificates.recorded_rules import DEFINED

REDUCE = {function: fold(MEANING[of_two]) for function, of_two in {
    np.max: np.maximum, np.amax: np.maximum, np.min: np.minimum, np.amin: np.minimum,
    np.any: np.logical_or, np.all: np.logical_and}.items()}


class Entries(ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array of the entries of one recording; numbers in it become entries."""
    __array_priority__ = 2000

    def __init__(self, record, array):
        self.record = record
        array = np.asarray(unwrap(array), object)
        self.array = np.empty(array.shape, dtype=object)
        for index in np.ndindex(array.shape):
            self.array[index] = entry(record, array[index])

    shape = property(lambda self: self.array.shape)
    ndim = property(lambda self: self.array.ndim)
    size = property(lambda self: self.array.size)
    dtype = property(lambda self: self.array.dtype)

    def __getitem__(self, index):
        return Entries(self.record, self.array[index])

    def __len__(self):
        return len(self.array)

    def __bool__(self):
        return bool(self.array.item())

    def number(self, x):
        """A number as an array of this recording."""
        return Entries(self.record, x)

    def astype(self, dtype):
        """Entries have no precision: the same entries."""
        return self

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if (method, ufunc) in UFUNC_METHODS:
            return UFUNC_METHODS[method, ufunc](*inputs, **{"axis": 0} | kwargs)
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{ufunc.__name__}.{method} with {sorted(kwargs)} is not "
                            "recorded")
        if ufunc is np.matmul:
            return Entries(self.record, np.matmul(*map(unwrap, inputs)))
        return self.elementwise(ufunc, inputs)

    def elementwise(self, function, inputs):
        """A function of NumPy, entry by entry."""
        if function in DEFINED:
            return DEFINED[function](*[Entries(self.record, unwrap(x)) for x in inputs])
        if function not in MEANING:
            raise TypeError(f"{function.__name__} is not recorded")
        meaning = np.frompyfunc(MEANING[function], len(inputs), 1)
        with np.errstate(all="ignore"):         # values outside of a branch mean nothing
            return Entries(self.record, meaning(
                *[Entries(self.record, unwrap(x)).array for x in inputs]))

    def __array_function__(self, function, types, args, kwargs):
        plain = [unwrap(x) for x in args]
        if function in STRUCTURE:
            return function(*plain, **kwargs)
        for table in TEXTBOOK, OWN, COMPOSITES:
            if function in table:
                return table[function](*args, **kwargs)
        if function in MEANING or function in DEFINED:
            return self.elementwise(function, args)
        if function in ORDER:
            return function(*plain, **kwargs)
        if function is np.sum:
            plain[0] = np.frompyfunc(as_number, 1, 1)(plain[0])
        for table in REDUCE, MATRIX:
            if function in table:
                return Entries(self.record, table[function](*plain, **kwargs))
        if function in SORTS or function in VJPS:
            return Entries(self.record, function(
                *plain, **{k: unwrap(v) for k, v in kwargs.items()}))
        raise TypeError(f"{function.__name__} is not recorded")


def unwrap(x):
    """The object array behind Entries, also inside lists; anything else stays."""
    if isinstance(x, Entries):
        return x.array
    if isinstance(x, (list, tuple)):
        return type(x)(unwrap(part) for part in x)
    return x
