"""Compositions that overflow or cancel when written plainly, as one function each.

Theorem: each equals its textbook form, and stays finite where that form does not.
"""
import numpy as np

from minigrad.primitives.dispatch import primitive


@primitive
def logsumexp(x, axis=-1, keepdims=False):
    """log(sum(exp(x))) along axis; the largest entry is taken out before exp."""
    top = np.max(x, axis=axis, keepdims=True)
    out = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return out if keepdims else np.squeeze(out, axis)


@primitive
def log_softmax(x, axis=-1):
    """x - logsumexp(x) along axis: logarithms of the softmax probabilities."""
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax(x, axis=-1):
    """exp(x)/sum(exp(x)) along axis."""
    return np.exp(log_softmax(x, axis))


@primitive
def cross_entropy(logits, labels):
    """The mean over rows of -log softmax(logits)[label]; logits (n, c), labels (n,)."""
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_sums = np.log(np.sum(np.exp(shifted), axis=1))
    return np.sum(log_sums - shifted[np.arange(len(labels)), labels])/len(labels)


def cross_entropy_vjp(g, y, logits, labels):
    """Probabilities minus one-hot labels, over n."""
    one_hot = np.equal(np.expand_dims(labels, 1), np.arange(np.shape(logits)[1]))
    return (softmax(logits) - one_hot)*(g/len(labels))


def log_softmax_vjp(g, y, x, axis=-1):
    """g minus the probabilities times its sum."""
    return g - np.exp(y)*np.sum(g, axis=axis, keepdims=True)


def logsumexp_vjp(g, y, x, axis=-1, keepdims=False):
    """g times the softmax probabilities."""
    if not keepdims:
        g = np.expand_dims(g, axis)
    return g*softmax(x, axis)


VJPS = {
    cross_entropy: (cross_entropy_vjp,),
    logsumexp:   (logsumexp_vjp,),
    log_softmax: (log_softmax_vjp,),
}
