"""The methods of arrays that are functions of NumPy: x.sum(axis=0) is np.sum(x, axis=0).

Tensor and Symbolic share them. What NumPy's function does not take of them raises there. A
name that is PyTorch's, or that NumPy's arrays would change in place, raises with ours.

>>> from minigrad.tensors import tensor
>>> x = tensor([[1., 2.], [3., 4.]])
>>> x.sum(axis=0), x.T.reshape(4)
(tensor([4., 6.]), tensor([1., 3., 2., 4.]))
"""
import numpy as np

from minigrad.composites import COMPOSITES, PLAIN
from minigrad.dictionary import METHODS
from minigrad.primitives import VJPS
from minigrad.spellings import check_keywords, name_elsewhere, names_here, numpys_names


def method(function):
    """A function of NumPy as a method of its first argument."""
    def run(self, *args, **kwargs):
        check_keywords(function, kwargs)
        return function(self, *args, **kwargs)
    run.__name__ = function.__name__
    run.__doc__ = f"As np.{function.__name__}, of this array."
    return run


def together(sizes):
    """The tuple that x.reshape(2, 3), x.reshape((2, 3)) and their like were given."""
    return sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes


class ArrayMethods:
    """Methods for whatever NumPy's functions take."""
    __slots__ = ()

    sum, prod, cumsum = method(np.sum), method(np.prod), method(np.cumsum)
    mean, var, std = method(np.mean), method(np.var), method(np.std)
    max, min, clip = method(np.max), method(np.min), method(np.clip)
    argmax, argmin, all, any = map(method, (np.argmax, np.argmin, np.all, np.any))
    dot, trace, cumprod = method(np.dot), method(np.trace), method(np.cumprod)
    swapaxes, squeeze, ravel = method(np.swapaxes), method(np.squeeze), method(np.ravel)
    round, take, diagonal = method(np.round), method(np.take), method(np.diagonal)
    argsort, argpartition = method(np.argsort), method(np.argpartition)
    nonzero, searchsorted = method(np.nonzero), method(np.searchsorted)
    conj, conjugate = method(np.conj), method(np.conjugate)
    T = property(np.transpose, doc="The axes in reverse order.")
    mT = property(np.matrix_transpose, doc="The last two axes swapped.")
    real, imag = property(np.real, doc="As np.real."), property(np.imag, doc="As np.imag.")
    itemsize = property(lambda self: self.dtype.itemsize, doc="The bytes of an entry.")
    nbytes = property(lambda self: self.size*self.itemsize, doc="The bytes of all.")

    __dir__ = names_here

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def reshape(self, *shape):
        """The same entries in order in another shape, given as numbers or as a tuple."""
        return np.reshape(self, together(shape))

    def transpose(self, *axes):
        """The axes in another order, given as numbers or as a tuple; reversed if none."""
        return np.transpose(self, together(axes) or None)

    def flatten(self):
        """The entries in order, as a vector."""
        return np.reshape(self, -1)


name_elsewhere(ArrayMethods, METHODS, numpys_names([*VJPS, *COMPOSITES, *PLAIN]))
