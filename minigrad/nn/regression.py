"""Losses of numbers: how far predictions lie from targets of the same shape and dtype.

Each takes reduction= "mean", "sum" or "none", and raises ValueError for two shapes or
arrays without entries, TypeError for two dtypes; a list of Python's numbers takes the dtype
of the other.
"""
from typing import Any

import numpy as np

from minigrad.nn.loss_inputs import pair, reduced
from minigrad.spellings import explaining


@explaining
def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """(input - target)**2, by default its mean over all entries, of shape ().

    >>> mse_loss(np.array([1., 2.]), np.array([1., 4.]))
    np.float64(2.0)
    """
    input, target = pair("mse_loss", input, target)
    return reduced("mse_loss", (input - target)**2, reduction)


@explaining
def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """|input - target|, with slope 0 where they are equal.

    >>> l1_loss(np.array([1., 2.]), np.array([1., 4.]))
    np.float64(1.0)
    """
    input, target = pair("l1_loss", input, target)
    return reduced("l1_loss", np.abs(input - target), reduction)


@explaining
def huber_loss(input: Any, target: Any, reduction: str = "mean",
               delta: float = 1.0) -> Any:
    """d**2/2 for distances d up to delta, from there on delta (d - delta/2): Huber 1964.

    >>> huber_loss(np.array([0.5, 3.]), np.array([0., 0.]), reduction="none")
    array([0.125, 2.5  ])
    """
    input, target = pair("huber_loss", input, target)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta is {delta}; needed more than 0")
    d = np.abs(input - target)
    return reduced("huber_loss", np.where(d <= delta, d*d/2, delta*(d - delta/2)),
                   reduction)


@explaining
def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean",
                   beta: float = 1.0) -> Any:
    """The Huber loss over its delta, here called beta: slope 1 in the tails; beta 0 is L1.

    >>> smooth_l1_loss(np.array([0.5, 3.]), np.array([0., 0.]), reduction="none", beta=2)
    array([0.0625, 2.    ])
    """
    input, target = pair("smooth_l1_loss", input, target)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta is {beta}; needed 0 or more")
    d = np.abs(input - target)
    return reduced("smooth_l1_loss", np.where(d < beta, d*d/2/beta, d - beta/2) if beta
                   else d, reduction)
