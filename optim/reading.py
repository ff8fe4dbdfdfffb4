"""Reading: a Symbolic that remembers what it was divided by and what it took roots of.

A rule run on these gives its formula, and with it what must hold for the formula to have a
value: SymPy cancels as it goes, and would show g for g**2/g. What stands in a branch of
np.where counts only where that branch is taken.
"""
import numpy as np
import sympy as sp

from minigrad.symbolic import Symbolic
from optim.proving.needs import Nonnegative, Nonzero

DIVISORS = {np.true_divide: 1, np.floor_divide: 1, np.remainder: 1, np.fmod: 1,
            np.reciprocal: 0}                           # which argument must not be 0


class Reading(Symbolic):
    """A Symbolic of one entry with .needs, expressions that are 0 where it has a value.

    >>> g = Reading(sp.Symbol("g", real=True))
    >>> (1/(1/g)).expr, sorted(map(str, (1/(1/g)).needs))
    (g, ['Nonzero(1/g)', 'Nonzero(g)'])
    """

    def __init__(self, array, needs=frozenset()):
        super().__init__(array)
        self.needs = frozenset(needs)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        out = super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        parts = [Symbolic(x).expr for x in inputs] if method == "__call__" else []
        return Reading(out, union(inputs) | own(ufunc, parts))

    def __array_function__(self, function, types, args, kwargs):
        out = super().__array_function__(function, types, args, kwargs)
        if not isinstance(out, Symbolic):
            return out
        if function is not np.where:
            return Reading(out, union(args))
        condition, *branches = args
        c = Symbolic(condition).expr
        needs = union([condition])
        for branch, taken in zip(branches, (c, sp.Not(c)), strict=True):
            needs |= {sp.Piecewise((n, taken), (0, True)) for n in union([branch])}
        return Reading(out, needs)


def union(inputs) -> frozenset:
    return frozenset().union(*(x.needs for x in inputs if isinstance(x, Reading)))


def own(ufunc, parts) -> set:
    """What this one operation needs of its arguments, where SymPy does not know it."""
    nonzero, nonnegative = set(), set()
    if ufunc in DIVISORS:
        nonzero.add(parts[DIVISORS[ufunc]])
    elif ufunc is np.sqrt:
        nonnegative.add(parts[0])
    elif ufunc in (np.log, np.log2, np.log10):
        nonzero.add(parts[0])
        nonnegative.add(parts[0])
    elif ufunc in (np.power, np.float_power) and parts[1].is_Rational:
        base, exponent = parts
        if exponent < 0:
            nonzero.add(base)
        if not exponent.is_Integer:
            nonnegative.add(base)
    return ({Nonzero(x) for x in nonzero if not x.is_nonzero}
            | {Nonnegative(x) for x in nonnegative if not x.is_nonnegative})
