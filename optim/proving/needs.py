"""What must hold for a formula to have a value, where SymPy has cancelled the formula.

SymPy makes x of 1/(1/x), which has no value at 0. Nonzero(1/x) is 0 wherever 1/x is not 0,
and has no value elsewhere; so x + Nonzero(1/x) is what was meant. SymPy leaves both
functions alone.
"""
import sympy as sp

START = " at the start"       # after a state's name: what its first value needs


class Nonzero(sp.Function):
    """0 where the argument has a value and is not 0; undefined elsewhere."""
    nargs = 1


class Defined(sp.Function):
    """0 where the argument has a value; undefined elsewhere."""
    nargs = 1


class Nonnegative(sp.Function):
    """0 where the argument has a value and is >= 0; undefined elsewhere."""
    nargs = 1
