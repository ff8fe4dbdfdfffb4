"""Compositions that overflow or cancel when written plainly, as one function each.

Theorem: each equals its textbook form, and stays finite where that form does not.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive
from minigrad.primitives.elementwise import is_finite
from minigrad.primitives.linear import sum_vjp
from minigrad.primitives.shapes import replaced
from minigrad.stand_ins import numeric


def empty(top):
    """Where the largest entry is -inf, so that all are."""
    return ~np.isfinite(top) & (top < 0)


def below_top(x, axis):
    """x minus its largest entry along axis, and that entry; inf - inf counts as 0."""
    x = x if hasattr(x, "dtype") else np.asarray(x)     # lists; formulas stay formulas
    top = np.maximum.reduce(x, axis=axis, keepdims=True)     # quicker than x.max
    if top.dtype.kind == "f" and not is_finite(top):
        with np.errstate(invalid="ignore"):
            return np.where(x == np.inf, 0, x - np.where(empty(top), 0, top)), top
    return x - top, top


@primitive
def logsumexp(x, axis=-1, keepdims=False):
    """log(sum(exp(x))) along axis; the largest entry is taken out before exp."""
    shifted, top = below_top(x, axis)
    total = np.exp(shifted).sum(axis=axis, keepdims=True)
    out = np.log(np.where(empty(top), 1, total)) + top          # log(0) would warn
    return out if keepdims else np.squeeze(out, axis)


@primitive
def log_softmax(x, axis=-1):
    """x - logsumexp(x) along axis: logarithms of the softmax probabilities."""
    shifted, _ = below_top(x, axis)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


@primitive
def softmax(x, axis=-1):
    """exp(x)/sum(exp(x)) along axis."""
    powers = np.exp(below_top(x, axis)[0])
    return powers/np.add.reduce(powers, axis=axis, keepdims=True)


@primitive
def softmax_of_others(x, axis=-1):
    """1 - softmax(x) along axis: the sum of the others, added up where 1 - p cancels."""
    powers = np.exp(below_top(x, axis)[0])
    total = powers.sum(axis=axis, keepdims=True)
    top = (powers == 1) & (powers.dtype.kind == "f")         # formulas have no rounding
    below = np.where(top, 0, powers).sum(axis=axis, keepdims=True)
    ties = np.where(top, powers, 0).sum(axis=axis, keepdims=True)
    return np.where(top, below + (ties - 1), total - powers)/total


def places(labels, logits):
    """Where each row's label stands in the logits, counted row by row."""
    n, c = logits.shape
    return np.arange(0, n*c, c) + numeric(labels).astype(np.intp, copy=False)


@primitive
def cross_entropy(logits, labels):
    """The mean over rows of -log softmax(logits)[label]; logits (n, c), labels (n,)."""
    shifted, _ = below_top(logits, 1)
    log_sums = np.log(np.add.reduce(np.exp(shifted), axis=1))
    chosen = np.reshape(shifted, -1)[places(labels, shifted)]
    return np.add.reduce(log_sums - chosen)/len(labels)


def cross_entropy_vjp(g, y, logits, labels):
    """Probabilities minus one-hot labels, over n. At a label, where p - 1 would cancel, it
    is minus the sum of the other probabilities."""
    at = places(labels, logits)
    others = replaced(softmax(logits), at, 0)
    return replaced(others, at, -np.add.reduce(others, axis=1))*(g/len(labels))


def log_softmax_vjp(g, y, x, axis=-1):
    """g minus the probabilities times its sum, written so that g(1 - p) does not cancel."""
    rest = g.sum(axis=axis, keepdims=True) - g
    return g*softmax_of_others(x, axis) - rest*softmax(x, axis)


def softmax_vjp(g, y, x, axis=-1):
    """y(g - <g, y>)."""
    return y*(g - (g*y).sum(axis=axis, keepdims=True))


def softmax_of_others_vjp(g, y, x, axis=-1):
    """That of softmax, with the other sign."""
    return -softmax_vjp(g, softmax(x, axis), x, axis)


def logsumexp_vjp(g, y, x, axis=-1, keepdims=False):
    """g times the softmax probabilities; 0 where all entries are -inf."""
    g, y = (sum_vjp(a, None, x, axis, None, keepdims) for a in (g, y))
    return np.where(empty(y), 0, g*softmax(np.where(empty(y), 0, x), axis))


VJPS: dict = {
    cross_entropy: (cross_entropy_vjp,),
    logsumexp:   (logsumexp_vjp,),
    log_softmax: (log_softmax_vjp,),
    softmax:     (softmax_vjp,),
    softmax_of_others: (softmax_of_others_vjp,),
}
