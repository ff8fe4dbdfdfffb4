"""Truth values as NumPy reckons with them: True + True is True, True + 1 is 2.

A function of truth values alone may have a meaning of its own; beside a number they count
as 1 and 0, and where a truth value is wanted a number counts as whether it is not 0.
"""
import numpy as np
import sympy as sp


def is_truth(x) -> bool:
    """Whether a formula is a truth value; SymPy counts symbols among these, we do not."""
    return isinstance(x, sp.logic.boolalg.Boolean) and not isinstance(x, sp.Symbol)


def as_number(x):
    """A truth value as the number that NumPy counts it as, 1 or 0; others stay."""
    return sp.Piecewise((1, x), (0, True)) if is_truth(x) else x


def as_truth(x):
    """A number as NumPy takes it for a condition: whether it is not 0."""
    return x if is_truth(x) else sp.Ne(x, 0)


def either(condition, a, b):
    """a where the condition holds, else b: a truth value if both are."""
    condition = as_truth(condition)
    if is_truth(a) and is_truth(b):
        return sp.ITE(condition, a, b)
    return sp.Piecewise((as_number(a), condition), (as_number(b), True))


def differ(a, b):
    """Whether one of two truth values holds and the other does not."""
    return a & sp.Not(b) | sp.Not(a) & b


LOGICAL = {np.logical_and: sp.And, np.logical_or: sp.Or, np.logical_xor: differ,
           np.logical_not: sp.Not}
BITWISE = {np.bitwise_and: sp.And, np.bitwise_or: sp.Or, np.bitwise_xor: differ,
           np.invert: sp.Not}
OF_TRUTHS = BITWISE | {
    np.add: sp.Or, np.multiply: sp.And, np.maximum: sp.Or, np.minimum: sp.And,
    np.fmax: sp.Or, np.fmin: sp.And, np.absolute: lambda a: a,
    np.equal: lambda a, b: a & b | sp.Not(a) & sp.Not(b), np.not_equal: differ,
    np.less: lambda a, b: sp.And(sp.Not(a), b), np.greater: lambda a, b: a & sp.Not(b),
    np.less_equal: lambda a, b: sp.Or(sp.Not(a), b),
    np.greater_equal: lambda a, b: a | sp.Not(b)}
# NumPy refuses these, or its versions disagree on whether a truth value or a number comes.
NOT_OF_TRUTHS = {np.subtract, np.negative, np.positive, np.sign, np.floor, np.ceil,
                 np.trunc, np.rint, np.fix}


def of_truths(function, parts):
    """The meaning that a function has because of the truth values among its arguments.

    None if it has none, and they count as numbers. TypeError where NumPy refuses them.
    """
    truths = [*map(is_truth, parts)]
    if function in LOGICAL:
        return LOGICAL[function](*map(as_truth, parts))
    if function is np.where:
        return either(*parts)
    if function in BITWISE and not all(truths) or function in NOT_OF_TRUTHS and all(truths):
        what = "numbers" if function in BITWISE else "truth values"
        raise TypeError(f"np.{function.__name__} of {what} has no meaning on formulas; use "
                        "np.where(condition, a, b) to choose between numbers")
    return OF_TRUTHS[function](*parts) if all(truths) and function in OF_TRUTHS else None
