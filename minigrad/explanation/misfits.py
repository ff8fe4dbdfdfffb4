"""Shapes and dtypes that do not fit, though NumPy makes something of them."""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step
from minigrad.explanation.findings import Finding, told

DIFFERENCES = ("subtract", "add", "multiply", "divide", "true_divide", "maximum",
               "minimum", "power", "hypot", "logaddexp")
ON_PURPOSE = ("getitem", "expand_dims", "reshape", "broadcast_to", "transpose")


def broadcasts(explanation: Any) -> Iterator[Finding]:
    """(n, 1) beside (n,), of which NumPy makes (n, n).

    No alarm where the axis was added on purpose, x[:, None] - x, or where the row is a
    parameter: a bias.
    """
    for step in explanation.nodes:
        if step.operation not in DIFFERENCES or len(step.arguments) < 2:
            continue
        a, b = step.arguments[:2]
        for tall, flat in ((a, b), (b, a)):
            shape, other = np.shape(value(tall)), np.shape(value(flat))
            if not other or shape != (*other, 1) or step.value.size <= max(
                    np.size(value(tall)), np.size(value(flat))):
                continue
            made = isinstance(tall, Step) and tall.operation in ON_PURPOSE and any(
                isinstance(x, Step) and x.value.ndim < tall.value.ndim
                for x in tall.arguments)
            bias = isinstance(flat, Step) and flat.is_leaf and flat.wants_gradient and not (
                isinstance(tall, Step) and tall.is_leaf)
            if not (made or bias):
                yield Finding(
                    "broadcast", f"{shape} and {other} become {step.value.shape} in "
                    f"{told(step)}: every row meets every entry",
                    f"give both one shape: y.reshape(-1, 1) or y[:, None] for the "
                    f"{other}, or x[:, 0] for the {shape}", step)


def value(x: Any) -> Any:
    return x.value if isinstance(x, Step) else x


def dtypes(explanation: Any) -> Iterator[Finding]:
    """A float32 value that meets float64 and goes on as float64."""
    for step in explanation.nodes:
        if step.is_leaf or step.operation == "astype":
            continue
        kinds = [(x, np.asarray(value(x)).dtype) for x in step.arguments
                 if isinstance(value(x), (np.ndarray, np.generic))]
        narrow = [x for x, kind in kinds if isinstance(x, Step) and kind.kind == "f"
                  and kind.itemsize < step.value.dtype.itemsize]
        wide = [x for x, kind in kinds if kind == step.value.dtype or kind.kind in "iu"]
        if narrow and wide:
            x = wide[0]
            what = x.name if isinstance(x, Step) else "an array or np.float64"
            yield Finding(
                "dtype", f"{narrow[0].name} is {narrow[0].value.dtype}, {what} is "
                f"{np.asarray(value(x)).dtype}: {step.name} = {step.call} is "
                f"{step.value.dtype}", "bring the data to the dtype of the parameters "
                f"first: x.astype(np.{narrow[0].value.dtype}); Python's numbers change no "
                "dtype", step)
            return


def twice(explanation: Any) -> Iterator[Finding]:
    """Probabilities where scores are wanted: softmax or sigmoid is applied twice."""
    squashing = ("softmax", "log_softmax", "weight")
    for step in explanation.nodes:
        if step.operation not in ("cross_entropy", "softmax", "log_softmax", "logaddexp"):
            continue
        scores = step.arguments[0]
        while isinstance(scores, Step) and scores.operation in ("reshape", "getitem",
                                                                "astype", "negative"):
            scores = scores.arguments[0]
        if isinstance(scores, Step) and scores.operation in squashing and (
                step.operation != "logaddexp" or scores.operation == "weight"):
            if scores.operation == "log_softmax" and step.operation != "softmax":
                pass                    # harmless for the value, and as surely not meant
            name = "sigmoid" if scores.operation == "weight" else scores.operation
            yield Finding(
                "applied twice", f"{step.operation} takes scores of any size and makes "
                f"probabilities itself; {scores.name} has been through {name} already",
                f"pass what {name} was given: the logits", step,
                line=scores.place)
            return
