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

    logits (n, classes), labels (n,) integers in 0..classes-1; the result has shape () and
    the dtype of the logits, in nats. Raises ValueError for shapes or labels that do not
    fit, TypeError for labels that are no integers.

    >>> loss = cross_entropy(np.array([[0., 0.], [0., 0.]]), np.array([0, 1]))
    >>> round(float(loss), 6)                       # log 2: two classes, nothing known
    0.693147
    """
    return stable.cross_entropy(logits, _check_labels(logits, labels))


def mse_loss(a: Any, b: Any) -> Any:
    """The mean over all entries of (a - b)**2, of shape ().

    Raises ValueError for arrays of two shapes or without entries, TypeError for two dtypes.

    >>> mse_loss(np.array([1., 2.]), np.array([1., 4.]))
    np.float64(2.0)
    """
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
