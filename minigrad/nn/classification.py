"""Losses of classes: cross-entropy in its forms, and the divergence of distributions.

    >>> loss = cross_entropy(np.array([[0., 0.], [0., 0.]]), np.array([0, 1]))
    >>> round(float(loss), 6)                       # log 2: two classes, nothing known
    0.693147
"""
import math
from typing import Any

import numpy as np

from minigrad.custom import custom_vjp
from minigrad.inputs import as_array
from minigrad.nn.loss_inputs import (
    REDUCTIONS, check_reduction, labels_of, pair, reduced, weights)
from minigrad.primitives import stable
from minigrad.spellings import explaining


@explaining
def cross_entropy(input: Any, target: Any, weight: Any = None, ignore_index: int = -100,
                  reduction: str = "mean", label_smoothing: float = 0.0) -> Any:
    """-log softmax(input)[target], averaged over the batch; finite for any finite logits.

    input: logits (n, classes, ...). target: integers 0..classes-1 of shape (n, ...), where
    ignore_index is passed over; or probabilities of input's shape and dtype. weight: one
    for each class, by which the mean is divided too, unless target has probabilities.
    label_smoothing: the share of each target that is spread over all classes. The result
    has the dtype of the logits, in nats. Raises ValueError for shapes or labels that do not
    fit, TypeError for labels that are no integers. Lists and tables of pandas are taken.
    """
    logits = as_array("cross_entropy: logits", input, np.float64)
    check_reduction("cross_entropy", reduction)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing is {label_smoothing}; needed 0 to"
                         " 1")
    if logits.ndim > 1:                 # else the labels' shape is what is wrong
        weight = _class_weights("cross_entropy", weight, logits)
    own = isinstance(getattr(target, "dtype", None), np.dtype)
    known = target if own else np.asarray(target)
    if known.dtype.kind == "f" and known.shape == logits.shape and logits.ndim > 1:
        _, known = pair("cross_entropy", logits, target)
        if ignore_index >= 0:
            raise ValueError(f"cross_entropy: ignore_index is {ignore_index}, and target"
                             " has probabilities; needed labels, or rows of zeros for what"
                             " is passed over")
        return _of_probabilities(logits, known, weight, reduction, label_smoothing)
    labels, kept = labels_of("cross_entropy", logits, target, ignore_index)
    _check_any(kept, reduction, "cross_entropy", ignore_index)
    plain = weight is None and kept is None and reduction == "mean" and not label_smoothing
    if plain and logits.ndim == 2:
        return stable.cross_entropy(logits, labels)
    logs = stable.log_softmax(logits, 1)
    return _of_labels(logs, labels, kept, weight, reduction, label_smoothing)


@explaining
def nll_loss(input: Any, target: Any, weight: Any = None, ignore_index: int = -100,
             reduction: str = "mean") -> Any:
    """-input[target], averaged: cross_entropy of what went through log_softmax before."""
    logs = as_array("nll_loss: logits", input, np.float64)
    check_reduction("nll_loss", reduction)
    labels, kept = labels_of("nll_loss", logs, target, ignore_index)
    _check_any(kept, reduction, "nll_loss", ignore_index)
    return _of_labels(logs, labels, kept, _class_weights("nll_loss", weight, logs),
                      reduction)


def _check_any(kept: Any, reduction: str, name: str, ignored: int) -> None:
    """ValueError for the mean of no examples, which would be NaN."""
    if reduction == "mean" and kept is not None and not np.any(kept):
        raise ValueError(f"{name}: all labels are {ignored}, which is ignored; needed at"
                         " least one example, or reduction='sum'")


def _class_weights(name: str, weight: Any, logits: Any) -> Any:
    """The weights, in the place of the axis of classes, or None."""
    if weight is None:
        return None
    weight = as_array(f"{name}: weight", weight, logits.dtype)
    if weight.shape != logits.shape[1:2]:
        raise ValueError(f"{name}: weight has shape {weight.shape}; needed one for each"
                         f" class, {logits.shape[1:2]}")
    weight = weights(f"{name}: weight", weight, weight.shape, logits.dtype)
    return np.reshape(weight, (-1, *[1]*(logits.ndim - 2)))     # (classes, 1, ...)


def _of_labels(logs: Any, labels: Any, kept: Any, weight: Any, reduction: str,
               smoothing: float = 0.0) -> Any:
    """The weighted -logs[label], of logs (n, classes, ...) and labels (n, ...)."""
    classes = logs.shape[1]
    numbers = np.reshape(np.arange(classes), (-1, *[1]*(logs.ndim - 2)))
    hit = np.expand_dims(labels, 1) == numbers                  # (n, classes, ...)
    weighted = logs if weight is None else logs*weight
    losses = -np.sum(np.where(hit, weighted, 0), axis=1)        # (n, ...)
    if smoothing:
        spread = -np.sum(weighted, axis=1)/classes
        losses = (1 - smoothing)*losses + smoothing*spread
    if kept is not None:
        losses = np.where(kept, losses, 0)
    if reduction != "mean" or weight is None and kept is None:
        return reduced("cross_entropy", losses, reduction)
    shares = hit if weight is None else np.where(hit, weight, 0)
    if kept is not None:
        shares = np.where(np.expand_dims(kept, 1), shares, 0)
    return np.sum(losses)/np.sum(shares).astype(logs.dtype)


def _of_probabilities(logits: Any, target: Any, weight: Any, reduction: str,
                      smoothing: float) -> Any:
    """-sum(target log softmax(logits)) over the classes; no weight enters the mean."""
    if smoothing:
        target = (1 - smoothing)*target + smoothing/logits.shape[1]
    logs = stable.log_softmax(logits, 1)*target
    return reduced("cross_entropy",
                   -np.sum(logs if weight is None else logs*weight, axis=1), reduction)


# --- two classes: probabilities from 0 to 1 -----------------------------------------------
@explaining
def binary_cross_entropy_with_logits(
        input: Any, target: Any, weight: Any = None, reduction: str = "mean",
        pos_weight: Any = None) -> Any:
    """-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) of logits x and targets t in [0, 1].

    input, target of one shape and dtype. weight multiplies each loss, pos_weight the part
    of t; both are broadcast. Written as t log(1 + exp(-x)) + (1 - t) log(1 + exp(x)), two
    parts that never cancel.

    >>> logits, targets = np.array([1000., -1000.]), np.array([1., 1.])
    >>> float(binary_cross_entropy_with_logits(logits, targets))
    500.0
    """
    name = "binary_cross_entropy_with_logits"
    x, t = pair(name, input, target)
    positive = t*np.logaddexp(0, -x)
    if pos_weight is not None:
        positive = positive*weights(f"{name}: pos_weight", pos_weight, x.shape, x.dtype)
    return _weighted(name, positive + (1 - t)*np.logaddexp(0, x), weight, reduction)


@explaining
def binary_cross_entropy(input: Any, target: Any, weight: Any = None,
                         reduction: str = "mean") -> Any:
    """-t log p - (1 - t) log(1 - p) of probabilities p, each logarithm at least -100.

    input, target of one shape and dtype. As PyTorch's its slope (p - t)/(p(1 - p)) ends at
    a denominator of 1e-12. Raises ValueError for p outside of 0 to 1. Better: the same of
    logits, binary_cross_entropy_with_logits.
    """
    p, t = pair("binary_cross_entropy", input, target)
    inside = (p >= 0) & (p <= 1)
    if not np.all(inside):
        raise ValueError("binary_cross_entropy: input has entries outside of 0 to 1; needed"
                         " probabilities, or binary_cross_entropy_with_logits")
    return _weighted("binary_cross_entropy", bernoulli_loss(p, t), weight, reduction)


def _log(p: Any) -> Any:
    """log p, at least -100."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(p), -100)


def _log1m(p: Any) -> Any:
    """log(1 - p), likewise."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log1p(-p), -100)


bernoulli_loss = custom_vjp(
    lambda p, t: -t*_log(p) - (1 - t)*_log1m(p),
    lambda g, y, p, t: g*((p - t)/np.maximum((1 - p)*p, 1e-12)),
    lambda g, y, p, t: g*(_log1m(p) - _log(p)))


def _weighted(name: str, losses: Any, weight: Any, reduction: str) -> Any:
    if weight is not None:
        losses = losses*weights(f"{name}: weight", weight, losses.shape, losses.dtype)
    return reduced(name, losses, reduction)


# --- distributions ------------------------------------------------------------------------
@explaining
def kl_div(input: Any, target: Any, reduction: str = "mean",
           log_target: bool = False) -> Any:
    """target (log target - input), 0 where target is 0: the divergence of distributions.

    input: logarithms of probabilities; target: probabilities, or with log_target their
    logarithms; one shape and dtype. reduction: also "batchmean", the sum over the first
    axis' length, which is the divergence itself; "mean" divides by all entries.
    """
    logs, t = pair("kl_div", input, target)
    check_reduction("kl_div", reduction, (*REDUCTIONS, "batchmean"))
    if not log_target and np.any(t < 0):
        raise ValueError("kl_div: target has negative entries; needed probabilities, or"
                         " log_target=True for their logarithms")
    if log_target:
        losses = np.exp(t)*(t - logs)
    else:
        losses = t*np.log(np.where(t > 0, t, 1)) - t*logs
    if reduction == "batchmean":
        return np.sum(losses)/math.prod(losses.shape[:1])
    return reduced("kl_div", losses, reduction)
