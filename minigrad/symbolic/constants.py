"""Numbers as SymPy's exact numbers: a float is the decimal that was written."""
import math
import numbers

import numpy as np
import sympy as sp

from minigrad.primitives.elementwise import DEGREE, LOG2_E, LOG10_E, LOG_2
from minigrad.primitives.special import SLOPE

# By identity: another float of the same value was written as a decimal.
NAMED = {id(x): meaning for x, meaning in (
    (math.pi, sp.pi), (np.pi, sp.pi), (math.e, sp.E), (np.e, sp.E), (LOG_2, sp.log(2)),
    (LOG2_E, 1/sp.log(2)), (LOG10_E, 1/sp.log(10)), (DEGREE, sp.pi/180),
    (SLOPE, 2/sp.sqrt(sp.pi)))}


def exact(x):
    """A number as SymPy's exact number, np.pi itself as pi; expressions stay.

    What has a method _sympy_ says itself what it is. TypeError for all else.

    >>> exact(0.1), exact(np.pi), exact(3.141592653589793)
    (1/10, pi, 3141592653589793/1000000000000000)
    """
    if isinstance(x, sp.Basic):
        return x
    if isinstance(x, np.ndarray) and x.shape == ():     # NumPy stores these as they are
        return exact(x.item())
    if hasattr(x, "_sympy_"):
        return x._sympy_()
    if id(x) in NAMED:
        return NAMED[id(x)]
    if isinstance(x, (bool, np.bool_)):
        return sp.true if x else sp.false
    if isinstance(x, numbers.Integral):
        return sp.Integer(int(x))
    if isinstance(x, numbers.Real):
        return sp.Rational(repr(float(x))) if math.isfinite(x) else (
            sp.nan if math.isnan(x) else sp.oo if x > 0 else -sp.oo)
    raise TypeError(f"Symbolic: came {type(x).__name__}, needs numbers or SymPy "
                    "expressions")
