"""Losses: one number, the mean over the batch.

They refuse what NumPy would broadcast or wrap around in silence: predictions of shape
(n, 1) against targets of shape (n,), a label -1, a batch without examples.
"""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.inputs import as_array
from minigrad.primitives import stable
from minigrad.spellings import explaining
from minigrad.stand_ins import numeric
from minigrad.tensors import Tensor


@explaining
def cross_entropy(logits: Any, labels: Any) -> Any:
    """-log softmax(logits)[label], averaged over the batch; finite for any finite logits.

    logits (n, classes), labels (n,) integers in 0..classes-1; the result has shape () and
    the dtype of the logits, in nats. Raises ValueError for shapes or labels that do not
    fit, TypeError for labels that are no integers. Lists and tables of pandas are taken.

    >>> loss = cross_entropy(np.array([[0., 0.], [0., 0.]]), np.array([0, 1]))
    >>> round(float(loss), 6)                       # log 2: two classes, nothing known
    0.693147
    """
    logits = as_array("cross_entropy: logits", logits, np.float64)
    return stable.cross_entropy(logits, _check_labels(logits, labels))


@explaining
def mse_loss(a: Any, b: Any) -> Any:
    """The mean over all entries of (a - b)**2, of shape ().

    Raises ValueError for arrays of two shapes or without entries, TypeError for two dtypes.
    A list of Python's numbers takes the dtype of the other.

    >>> mse_loss(np.array([1., 2.]), np.array([1., 4.]))
    np.float64(2.0)
    """
    a = as_array("mse_loss: a", a, getattr(b, "dtype", np.float64))
    b = as_array("mse_loss: b", b, a.dtype)
    if a.shape != b.shape:
        cure = (f"np.reshape(b, {a.shape})" if a.size == b.size else
                f"np.broadcast_to(b, {a.shape}), if that is meant" if b.size == 1 else
                "one target for each prediction")
        raise ValueError(f"mse_loss: shapes {a.shape} and {b.shape} differ and are not"
                         f" broadcast; needed the same: {cure}")
    if a.size == 0:
        raise ValueError(f"mse_loss: shape {a.shape} has no entries to average")
    if a.dtype != b.dtype:
        name, dtype = ("b", a.dtype) if a.dtype.kind == "f" else ("a", b.dtype)
        raise TypeError(f"mse_loss: dtypes {a.dtype} and {b.dtype} differ; needed the same:"
                        f" {name}.astype(np.{dtype})")
    return np.mean((a - b)**2)


def _check_labels(logits: Any, labels: Any) -> NDArray:
    labels = labels.numpy() if isinstance(labels, Tensor) else numeric(labels)
    shape = logits.shape
    if len(shape) != 2 or labels.shape != shape[:1]:
        raise ValueError(f"cross_entropy: logits have shape {shape} and labels"
                         f" {labels.shape}; needed (n, classes) and (n,):"
                         f" {_reshaping(shape, labels)}")
    if 0 in shape:
        raise ValueError(f"cross_entropy: logits have shape {shape}; needed at least one"
                         " example and one class")
    if labels.dtype.kind not in "iu":
        whole = labels.dtype.kind == "b" or (labels.dtype.kind == "f"
                                             and np.all(labels == np.floor(labels)))
        cure = ("np.asarray(labels, np.int64)" if whole else
                "nn.mse_loss for targets that are no classes" if labels.dtype.kind == "f"
                else "np.unique(labels, return_inverse=True)[1] numbers the classes")
        raise TypeError(f"cross_entropy: labels are {labels.dtype}; needed integers:"
                        f" {cure}")
    # As unsigned numbers negative labels are huge, so one look finds both errors.
    if np.maximum.reduce(labels.astype(np.uint64)).item() >= shape[1]:
        wrong = labels[(labels < 0) | (labels >= shape[1])][0]
        cure = (": labels - 1" if wrong == shape[1] and np.min(labels) == 1 else
                ": two classes need two columns" if shape[1] == 1 else "")
        raise ValueError(f"cross_entropy: label {wrong}; needed 0 to {shape[1] - 1}, as the"
                         f" logits have {shape[1]} columns{cure}")
    return labels


def _reshaping(shape: tuple[int, ...], labels: NDArray) -> str:
    """What makes labels (n,) of labels of another shape, for logits of this shape."""
    if labels.ndim == 2 and labels.shape[:1] == shape:
        return "nn.cross_entropy(logits, labels), the logits first"
    if len(shape) == 1 and labels.size == 1:
        return "np.atleast_2d(logits), np.ravel(labels) for one example"
    if len(shape) == 1:
        return "the rows that the network gives, without np.argmax"
    if len(shape) == 2 and labels.shape == shape:
        if np.all((labels == 0) | (labels == 1)):
            return "np.argmax(labels, axis=1) of one-hot rows"
        return "-np.mean(np.sum(labels*nn.log_softmax(logits), axis=1)) for probabilities"
    if len(shape) > 2 and labels.shape == shape[:-1]:
        return f"logits.reshape(-1, {shape[-1]}), np.ravel(labels)"
    if len(shape) == 2 and labels.size == shape[0]:
        return "np.ravel(labels)"
    return "a label for each row of the logits"
