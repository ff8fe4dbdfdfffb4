"""Hinge losses: 0 once the right answer is ahead by a margin.

Their slope at the edge of the margin is PyTorch's: 0 where an entry is compared with
others (multi_margin_loss), else that of the side inside.
"""
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.loss_inputs import labels_of, pair, reduced, weights
from minigrad.spellings import explaining


def _positive(x: Any) -> Any:
    """max(x, 0), with slope 1 at 0."""
    return np.where(x >= 0, x, 0)


def _check_signs(name: str, target: Any) -> None:
    if not np.all((target == 1) | (target == -1)):
        raise ValueError(f"{name}: target has other numbers than 1 and -1; needed 1 for one"
                         " class, -1 for the other: 2*target - 1 of 0 and 1")


@explaining
def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0,
                         reduction: str = "mean") -> Any:
    """input where target is 1, max(0, margin - input) where it is -1.

    >>> x, t = np.array([0.3, 0.3]), np.array([1., -1.])
    >>> hinge_embedding_loss(x, t, reduction="none")
    array([0.3, 0.7])
    """
    x, t = pair("hinge_embedding_loss", input, target)
    _check_signs("hinge_embedding_loss", t)
    return reduced("hinge_embedding_loss", np.where(t == 1, x, _positive(margin - x)),
                   reduction)


@explaining
def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """log(1 + exp(-target input)) of targets 1 and -1; finite for any finite input."""
    x, t = pair("soft_margin_loss", input, target)
    _check_signs("soft_margin_loss", t)
    return reduced("soft_margin_loss", np.logaddexp(0, -t*x), reduction)


@explaining
def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0,
                        reduction: str = "mean") -> Any:
    """max(0, margin - target (input1 - input2)): target 1 if input1 shall be larger."""
    x1, x2 = pair("margin_ranking_loss", input1, input2)
    x1, t = pair("margin_ranking_loss", x1, target)
    _check_signs("margin_ranking_loss", t)
    return reduced("margin_ranking_loss", _positive(-t*(x1 - x2) + margin), reduction)


@explaining
def multi_margin_loss(input: Any, target: Any, p: int = 1, margin: float = 1.0,
                      weight: Any = None, reduction: str = "mean") -> Any:
    """The sum of max(0, margin - x[label] + x[i])**p over the other classes i, over the
    number of classes: the hinge of support vector machines. p is 1 or 2.

    input (n, classes), target (n,) integers; weight: one for each class, of the label.

    >>> multi_margin_loss(np.array([[0.25, 0.5, 1.]]), np.array([2]))
    np.float64(0.25)
    """
    name = "multi_margin_loss"
    x = as_array(f"{name}: logits", input, np.float64)
    if x.ndim != 2 or p not in (1, 2):
        raise ValueError(f"{name}: input has shape {x.shape}, p is {p}; needed"
                         " (n, classes), and 1 or 2")
    labels, _ = labels_of(name, x, target, None)
    hit = np.expand_dims(labels, 1) == np.arange(x.shape[1])
    own = np.sum(np.where(hit, x, 0), axis=1, keepdims=True)
    below = margin - own + x
    terms = np.where(~hit & (below > 0), below if p == 1 else below**2, 0)
    if weight is not None:
        weight = weights(f"{name}: weight", weight, x.shape[1:], x.dtype)
        terms = terms*np.sum(np.where(hit, weight, 0), axis=1, keepdims=True)
    return reduced(name, np.sum(terms, axis=1)/x.shape[1], reduction)
