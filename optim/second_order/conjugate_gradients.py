"""Conjugate gradients: a linear system by products alone, as exactly as is worth it."""
from collections.abc import Callable
from typing import Any

import numpy as np


def truncated(product: Callable[[Any], Any], g: np.ndarray, tolerance: float,
              most: int) -> np.ndarray:
    """z with B z = -g up to a residual of the norm `tolerance`: a direction of descent.

    product: v -> B v, B symmetric. Where a direction d with d B d <= 0 is met, it ends:
    with what it has, or with -g if that is the first (Nocedal & Wright 2006, Algorithm
    7.1). So does it after `most` products, and where a product is not finite.

    >>> B = np.array([[2.0, 0.0], [0.0, 4.0]])
    >>> truncated(lambda v: B @ v, np.array([2.0, 4.0]), 1e-12, 10)
    array([-1., -1.])
    """
    z, r, d = 0*g, g, -g
    square = float(np.vdot(r, r))
    for j in range(most):
        if square**0.5 <= tolerance:
            break
        Bd = product(d)
        curvature = float(np.vdot(d, Bd))
        if not 0 < curvature < np.inf:
            return z if j else -g
        alpha = square/curvature
        z, r = z + alpha*d, r + alpha*Bd
        square, last = float(np.vdot(r, r)), square
        d = square/last*d - r
    return z
