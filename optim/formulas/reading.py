"""Reading: a Symbolic that remembers what it was divided by and what it took roots of.

A rule run on these gives its formula, and with it what must hold for the formula to have a
value: SymPy cancels as it goes, and would show g for g**2/g. What stands in a branch of
np.where counts only where that branch is taken.
"""
import numpy as np
import sympy as sp

from minigrad.symbolic.meanings import MATRIX
from minigrad.symbolic import Symbolic
from optim.proving.needs import Defined, Nonnegative, Nonzero


def positive(x):
    return [Nonzero(x), Nonnegative(x)]


def power(x, y):
    """x**y as it stands, unless it always has a value."""
    if y.is_Integer and y >= 0:
        return []
    if y.is_Rational:
        return [Nonzero(x)]*bool(y < 0) + [Nonnegative(x)]*(not y.is_Integer)
    return [Defined(sp.Pow(x, y, evaluate=False))]


# What a function needs of its arguments; all others have a value everywhere.
PARTIAL = {
    np.true_divide: lambda x, y: [Nonzero(y)], np.floor_divide: lambda x, y: [Nonzero(y)],
    np.remainder: lambda x, y: [Nonzero(y)], np.fmod: lambda x, y: [Nonzero(y)],
    np.reciprocal: lambda x: [Nonzero(x)], np.sqrt: lambda x: [Nonnegative(x)],
    np.power: power, np.float_power: power,
    np.log: positive, np.log2: positive, np.log10: positive,
    np.log1p: lambda x: positive(1 + x), np.arctanh: lambda x: positive(1 - x**2),
    np.arcsin: lambda x: [Nonnegative(1 - x**2)],
    np.arccos: lambda x: [Nonnegative(1 - x**2)],
    np.arccosh: lambda x: [Nonnegative(x - 1)]}
REFUSED = {*MATRIX, np.linalg.slogdet, np.nan_to_num, np.isfinite, np.isnan}


class Reading(Symbolic):
    """A Symbolic with .needs, expressions that are 0 where it has a value.

    >>> g = Reading(sp.Symbol("g", real=True))
    >>> (1/(1/g)).expr, sorted(map(str, (1/(1/g)).needs))
    (g, ['Nonzero(1/g)', 'Nonzero(g)'])
    """

    def __init__(self, array, needs=frozenset()):
        super().__init__(array)
        self.needs = frozenset(needs)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        refuse(ufunc)
        out = super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        own = set()
        if ufunc is np.reciprocal and any(x.is_integer for x in self.array.flat):
            raise TypeError("np.reciprocal: NumPy rounds it for whole numbers; write 1/t")
        if ufunc in PARTIAL:
            entries = np.broadcast_arrays(*(Symbolic(x).array for x in inputs))
            for parts in zip(*(array.ravel() for array in entries)):
                own |= {x for x in PARTIAL[ufunc](*parts) if not always(x)}
        return Reading(out, union(inputs) | own)

    def __array_function__(self, function, types, args, kwargs):
        refuse(function)
        if function is np.where and len(args) == 3:
            return chosen(*args)
        out = super().__array_function__(function, types, args, kwargs)
        if not isinstance(out, Symbolic):
            return out
        return Reading(out, union([args, kwargs, out]))

    T = property(lambda self: Reading(super().T, self.needs))

    def __getitem__(self, index):
        return Reading(super().__getitem__(index), self.needs)

    def reshape(self, *shape):
        return Reading(super().reshape(*shape), self.needs)


def refuse(function) -> None:
    if function in REFUSED or getattr(function, "__module__", "") == "numpy.linalg":
        raise TypeError(f"{function.__name__}: a rule works entry by entry, and its "
                        "formula has no NaN; write it with np.where and arithmetic")


def always(need) -> bool:
    """Whether SymPy knows that the need is met."""
    x = need.args[0]
    return bool(x.is_nonzero if isinstance(need, Nonzero) else
                isinstance(need, Nonnegative) and x.is_nonnegative)


def chosen(condition, a, b) -> Reading:
    """np.where: each branch needs its own only where it is taken."""
    c = Symbolic(condition).expr
    needs = union([condition])
    for branch, taken in ((a, c), (b, sp.Not(c))):
        needs |= {sp.Piecewise((n, taken), (0, True)) for n in union([branch])}
    return Reading(np.where(Symbolic(condition), plain(a), plain(b)), needs)


def plain(x):
    return Symbolic(x.array) if isinstance(x, Reading) else x


def union(x) -> frozenset:
    """The needs of all Readings in nested lists, tuples and dicts."""
    if isinstance(x, Reading):
        return x.needs
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return frozenset().union(*map(union, x))
    return frozenset()
