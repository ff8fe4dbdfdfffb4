"""What losses ask of their arguments, and the mean, the sum or none of their entries.

They refuse what NumPy would broadcast or wrap around in silence: predictions of shape
(n, 1) against targets of shape (n,), a label -1, a batch without examples.
"""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.inputs import as_array
from minigrad.stand_ins import numeric
from minigrad.tensors import Tensor

REDUCTIONS = "mean", "sum", "none"


def reduced(name: str, losses: Any, reduction: str) -> Any:
    """The mean or the sum of the losses, of shape (), or all of them.

    >>> reduced("loss", np.array([1., 2.]), "sum")
    np.float64(3.0)
    """
    check_reduction(name, reduction)
    return (np.mean(losses) if reduction == "mean" else
            np.sum(losses) if reduction == "sum" else losses)


def check_reduction(name: str, reduction: str, known: tuple = REDUCTIONS) -> None:
    """ValueError for a reduction that there is not."""
    if reduction not in known:
        raise ValueError(f"{name}: reduction is {reduction!r}; needed one of"
                         f" {', '.join(known)}")


def pair(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Two arrays of one shape and dtype; ValueError for other shapes or none entries,
    TypeError for other dtypes. A list of Python's numbers takes the dtype of the other."""
    input = as_array(f"{name}: input", input, getattr(target, "dtype", np.float64))
    target = as_array(f"{name}: target", target, input.dtype)
    shape = input.shape
    if shape != target.shape:
        cure = (f"np.reshape(target, {shape})" if input.size == target.size else
                f"np.broadcast_to(target, {shape}), if that is meant" if target.size == 1
                else "one target for each prediction")
        raise ValueError(f"{name}: shapes {shape} and {target.shape} differ and are not"
                         f" broadcast; needed the same: {cure}")
    if input.size == 0:
        raise ValueError(f"{name}: shape {shape} has no entries to average")
    if input.dtype != target.dtype:
        which, dtype = (("target", input.dtype) if input.dtype.kind == "f" else
                        ("input", target.dtype))
        raise TypeError(f"{name}: dtypes {input.dtype} and {target.dtype} differ; needed"
                        f" the same: {which}.astype(np.{dtype})")
    return input, target


def weights(name: str, weight: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Weights that can be broadcast to a shape, in a dtype; ValueError for others."""
    weight = as_array(name, weight, dtype)
    if np.broadcast_shapes(weight.shape, shape) != shape:
        raise ValueError(f"{name} has shape {weight.shape}; needed one that is broadcast to"
                         f" {shape}")
    return weight if weight.dtype == dtype else weight.astype(dtype)


def labels_of(name: str, logits: Any, labels: Any, ignored: int | None
              ) -> tuple[NDArray, NDArray | None]:
    """Whole numbers of shape (n, ...) for logits (n, classes, ...), in range; and which
    of them are not the ignored one, None if all are."""
    labels = labels.numpy() if isinstance(labels, Tensor) else numeric(labels)
    shape = logits.shape
    if len(shape) < 2 or labels.shape != shape[:1] + shape[2:]:
        needed = ("(n, classes) and (n,)" if len(shape) < 3 else
                  f"(n, classes, ...) and (n, ...), here {shape[:1] + shape[2:]}")
        raise ValueError(f"{name}: logits have shape {shape} and labels {labels.shape};"
                         f" needed {needed}: {_reshaping(shape, labels)}")
    if 0 in shape:
        raise ValueError(f"{name}: logits have shape {shape}; needed at least one example"
                         " and one class")
    if labels.dtype.kind not in "iu":
        whole = labels.dtype.kind == "b" or (labels.dtype.kind == "f"
                                             and np.all(labels == np.floor(labels)))
        cure = ("np.asarray(labels, np.int64)" if whole else
                "nn.mse_loss for targets that are no classes" if labels.dtype.kind == "f"
                else "np.unique(labels, return_inverse=True)[1] numbers the classes")
        raise TypeError(f"{name}: labels are {labels.dtype}; needed integers: {cure}")
    # As unsigned numbers negative labels are huge, so one look finds both errors.
    if ignored in (None, -100):
        if np.maximum.reduce(labels.astype(np.uint64), axis=None).item() < shape[1]:
            return labels, None
    kept = labels != ignored
    wrong = kept & ((labels < 0) | (labels >= shape[1]))
    if np.any(wrong):
        label = labels[wrong][0]
        cure = (": labels - 1" if label == shape[1] and np.min(labels) == 1 else
                ": two classes need two columns" if shape[1] == 1 else "")
        raise ValueError(f"{name}: label {label}; needed 0 to {shape[1] - 1}, as the"
                         f" logits have {shape[1]} columns{cure}")
    return np.where(kept, labels, 0), kept


def _reshaping(shape: tuple[int, ...], labels: NDArray) -> str:
    """What makes labels (n,) of labels of another shape, for logits of this shape."""
    if labels.ndim == 2 and labels.shape[:1] == shape:
        return "nn.cross_entropy(logits, labels), the logits first"
    if len(shape) == 1 and labels.size == 1:
        return "np.atleast_2d(logits), np.ravel(labels) for one example"
    if len(shape) == 1:
        return "the rows that the network gives, without np.argmax"
    if labels.shape == shape:
        return "np.argmax(labels, axis=1) of one-hot rows, or probabilities as floats"
    if len(shape) > 2 and labels.shape == shape[:-1]:
        return f"logits.reshape(-1, {shape[-1]}), np.ravel(labels)"
    if len(shape) == 2 and labels.size == shape[0]:
        return "np.ravel(labels)"
    return "a label for each row of the logits"
