"""The methods of arrays that are functions of NumPy: x.sum() is np.sum(x).

Tensor and Symbolic share them. Each takes what is listed here and nothing else; what
NumPy's own method takes beyond (out, dtype, where) raises.
"""
import numpy as np


def together(sizes):
    """The tuple that x.reshape(2, 3), x.reshape((2, 3)) and their like were given."""
    return sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes


class ArrayMethods:
    """Methods for whatever NumPy's functions take."""
    __slots__ = ()

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    @property
    def T(self):
        """The axes in reverse order."""
        return np.transpose(self)

    def sum(self, axis=None, keepdims=False):
        return np.sum(self, axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        return np.mean(self, axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        return np.max(self, axis, keepdims=keepdims)

    def min(self, axis=None, keepdims=False):
        return np.min(self, axis, keepdims=keepdims)

    def prod(self, axis=None, keepdims=False):
        return np.prod(self, axis, keepdims=keepdims)

    def var(self, axis=None, ddof=0, keepdims=False):
        return np.var(self, axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis=None, ddof=0, keepdims=False):
        return np.std(self, axis, ddof=ddof, keepdims=keepdims)

    def cumsum(self, axis=None):         return np.cumsum(self, axis)
    def argmax(self, axis=None):         return np.argmax(self, axis)
    def argmin(self, axis=None):         return np.argmin(self, axis)
    def dot(self, other):                return np.dot(self, other)
    def clip(self, low=None, high=None): return np.clip(self, low, high)
    def trace(self, offset=0):           return np.trace(self, offset)
    def reshape(self, *shape):           return np.reshape(self, together(shape))
    def transpose(self, *axes):          return np.transpose(self, together(axes) or None)
    def swapaxes(self, axis1, axis2):    return np.swapaxes(self, axis1, axis2)
    def squeeze(self, axis=None):        return np.squeeze(self, axis)
    def flatten(self):                   return np.reshape(self, (-1,))
    def ravel(self):                     return np.reshape(self, (-1,))
