"""Softmax and sigmoid where they do not belong: applied twice, or without a logarithm."""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step
from minigrad.explanation.findings import NOTE, WARNING, Finding
from minigrad.explanation.influence import is_sigmoid
from minigrad.explanation.not_numbers import described
from minigrad.primitives import stable
from minigrad.primitives.elementwise import weight
from minigrad.primitives.selection import relu
from minigrad.primitives.shapes import VJPS as MOVES, getitem

OF_LOGITS = {stable.cross_entropy, stable.log_softmax, stable.softmax}
LINEAR = {np.sum, np.negative, np.add, np.subtract, np.where, getitem, *MOVES}


def twice(explanation: Any) -> Iterator[Finding]:
    """Probabilities where logits are needed."""
    for step in explanation.nodes:
        source = step.arguments[0] if step.arguments else None
        if step.function in OF_LOGITS and isinstance(source, Step) and not source.is_leaf:
            yield from rows(step, source)
        elif step.function in (np.logaddexp, weight):
            for x in step.arguments:
                if isinstance(x, Step) and is_probability(back(x)):
                    yield found(step, "sigmoid", back(x))
                    return
        elif step is explanation.loss:
            yield from without_log(step)


def back(step: Step) -> Step:
    """What a value is, but for its sign and its shape."""
    while step.function in MOVES or step.function is np.negative:
        if not isinstance(step.arguments[0], Step):
            break
        step = step.arguments[0]
    return step


def rows(step: Step, source: Step) -> Iterator[Finding]:
    """Rows that are probabilities already, or that relu has cut."""
    x, inner = source.value, back(source)
    axis = 1 if step.function is stable.cross_entropy else -1
    if x.ndim and x.shape[axis] > 1 and x.shape[0] and np.isfinite(x).all():
        total = x.sum(axis=axis)
        if x.min() >= 0 and np.allclose(total, 1, atol=1e-3) and inner.function not in (
                relu,):
            yield found(step, "softmax", inner)
        elif is_probability(inner):
            yield found(step, "sigmoid", inner)
        elif (inner.function is stable.log_softmax
              and step.function is not stable.softmax):
            yield Finding("log_softmax applied twice", NOTE, described(step), "it changes "
                          "nothing the second time", "nn.nll_loss of log_softmax, or "
                          "nn.cross_entropy of the logits", step)
        elif inner.function is relu:
            yield Finding("relu on the logits", WARNING, f"{described(step)}: relu stands "
                          "before it", "logits below 0 are cut, and have gradient 0",
                          "leave the relu behind the last layer out", step)


def found(step: Step, name: str, source: Step) -> Finding:
    cure = {"softmax": "nn.cross_entropy(logits, labels): of what the last layer gives, "
            "without the softmax",
            "sigmoid": "nn.binary_cross_entropy_with_logits(logits, t), or "
            "nn.cross_entropy(logits, labels), without the sigmoid"}[name]
    return Finding(f"{name} applied twice", WARNING, f"{described(step)}: its argument has "
                   f"probabilities already, made by {source.operation} at {source.place}",
                   f"{step.operation} takes the softmax itself; of numbers between 0 and 1 "
                   "it is nearly flat, and learning hardly moves" if name == "softmax" else
                   f"{step.operation} takes the logits; of numbers between 0 and 1 it is "
                   "nearly flat", cure, step)


def is_probability(step: Step) -> bool:
    """Whether a value is a sigmoid, ours or 1/(1 + exp(-x))."""
    if step.function is weight:
        return is_sigmoid(step)
    if step.function not in (np.true_divide, np.reciprocal):
        return False
    below = step.arguments[-1]
    return (isinstance(below, Step) and below.function is np.add
            and any(isinstance(x, Step) and x.function is np.exp for x in below.arguments)
            and bool(np.all((step.value >= 0) & (step.value <= 1))))


def without_log(loss: Step) -> Iterator[Finding]:
    """A loss below 0 that adds up probabilities: a logarithm is missing."""
    if loss.value.size != 1 or not loss.value.sum() < 0:
        return
    waiting, seen = [loss], set()
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        if step.function is stable.softmax and step is not loss:
            taker = step.outputs[0].step
            yield Finding("logarithm is missing", WARNING, f"{described(taker)}: "
                          "probabilities are added up, and the loss is "
                          f"{float(loss.value.sum()):.4g}",
                          "the loss of a class is -log p, which is never below 0",
                          "nn.cross_entropy(logits, labels), or nn.nll_loss of "
                          "nn.log_softmax(logits)", taker)
            return
        if step.function in LINEAR or step.function in (np.multiply, np.true_divide):
            inner = [x for x in step.arguments if isinstance(x, Step) and x.wants_gradient]
            waiting += inner if len(inner) == 1 or step.function in LINEAR else []
