"""Losses: one number, the mean over the batch.

They refuse what NumPy would broadcast or wrap around in silence: predictions of shape
(n, 1) against targets of shape (n,), a label -1, a batch without examples.
"""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.primitives import stable
from minigrad.tensors import Tensor


def cross_entropy(logits: Any, labels: Any) -> Any:
    """-log softmax(logits)[label], averaged over the batch; finite for any finite logits.

    logits (n, classes), labels (n,) integers in 0..classes-1.
    """
    return stable.cross_entropy(logits, _check_labels(logits, labels))


def mse_loss(a: Any, b: Any) -> Any:
    """The mean over all entries of (a - b)**2; both of one shape and dtype."""
    if np.shape(a) != np.shape(b):
        raise ValueError(f"mse_loss: shapes {np.shape(a)} and {np.shape(b)} differ and are"
                         " not broadcast; needed the same (reshape one of them)")
    if np.size(a) == 0:
        raise ValueError(f"mse_loss: shape {np.shape(a)} has no entries to average")
    kinds = [getattr(v, "dtype", type(v).__name__) for v in (a, b)]
    if kinds[0] != kinds[1]:
        raise TypeError(f"mse_loss: dtypes {kinds[0]} and {kinds[1]} differ; needed the"
                        f" same: b.astype(np.{kinds[0]})")
    return np.mean((a - b)**2)


def _check_labels(logits: Any, labels: Any) -> NDArray:
    labels = labels.numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    shape = logits.shape
    if len(shape) != 2 or labels.shape != shape[:1]:
        raise ValueError(f"cross_entropy: logits have shape {shape} and labels"
                         f" {labels.shape}; needed (n, classes) and (n,)")
    if 0 in shape:
        raise ValueError(f"cross_entropy: logits have shape {shape}; needed at least one"
                         " example and one class")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"cross_entropy: labels are {labels.dtype}; needed integers:"
                        " labels.astype(np.int64)")
    # As unsigned numbers negative labels are huge, so one look finds both errors.
    if np.maximum.reduce(labels.astype(np.uint64)) >= shape[1]:
        wrong = labels[(labels < 0) | (labels >= shape[1])][0]
        raise ValueError(f"cross_entropy: label {wrong}; needed 0 to {shape[1] - 1}, as"
                         f" the logits have {shape[1]} columns")
    return labels
