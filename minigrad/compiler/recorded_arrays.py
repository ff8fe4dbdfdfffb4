"""Recorded: an array that remembers which calls of NumPy's functions it was made by.

It holds a real array, so every call really happens; and a node of the graph (calls.py).
NumPy's functions reach it by NumPy's own protocols, as they reach Tensor and Symbolic.
What would lose the node (float, bool, np.asarray) is a question to the recorder.
"""
from typing import Any

import numpy as np

from minigrad.methods import ArrayMethods
from minigrad.primitives import shapes
from minigrad.stand_ins import StandIn


class Recorded(StandIn, ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array and its node. `version` is that of the memory it lies in (recorder.py)."""
    __slots__ = ("value", "_node", "memory", "version", "recorder")
    __array_priority__ = 3000
    __pandas_priority__ = 5000

    def __init__(self, value: Any, node: Any, memory: Any, recorder: Any):
        self.value = value              # an ndarray, or a scalar of NumPy's
        self._node = node
        self.memory = memory
        self.version = memory and memory.version
        self.recorder = recorder

    @property
    def node(self):
        """The node of what it holds now: another one after a write to its memory."""
        if self.memory is not None and self.version != self.memory.version:
            self._node = self.memory.window(self.value)
            self.version = self.memory.version
        return self._node

    shape = property(lambda self: self.value.shape)
    dtype = property(lambda self: self.value.dtype)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    strides = property(lambda self: self.value.strides)
    flags = property(lambda self: self.value.flags)
    base = property(lambda self: self.value.base)

    def astype(self, dtype, order="K", casting="unsafe", subok=True, copy=True):
        """As ndarray.astype."""
        if not copy and self.dtype == dtype:
            return self
        return shapes.astype(self, np.dtype(dtype))

    def as_array(self):
        """Itself."""
        return self

    def copy(self, order="C"):
        """As ndarray.copy."""
        return shapes.copy(self)

    def __copy__(self):
        return shapes.copy(self)

    def __deepcopy__(self, memo):
        return shapes.copy(self)

    def view(self):
        """The same memory."""
        return self[...]

    def fill(self, value):
        """As ndarray.fill."""
        self[...] = value

    def __getitem__(self, index):
        return self.recorder.function(shapes.getitem, (self, index), {})

    def __setitem__(self, index, value):
        self.recorder.write(self, index, value)

    def __pow__(self, other):
        return self.recorder.power(self, other)

    def __len__(self):
        return len(self.value)

    # --- questions about its values ---------------------------------------------------
    def __bool__(self):
        return self.recorder.asked(self, bool)

    def __float__(self):
        return self.recorder.asked(self, float)

    def __int__(self):
        return self.recorder.asked(self, int)

    def __index__(self):
        return self.recorder.asked(self, int)

    def item(self, *index):
        """The value of one entry, as a recorded number."""
        return self.recorder.item(self[index] if index else self)

    def tolist(self):
        """The values as lists."""
        return self.recorder.asked(self, list)

    def __array__(self, dtype=None, copy=None):
        return self.recorder.asked(self, np.ndarray)

    def __repr__(self):
        return repr(self.value)

    def __format__(self, how):
        return format(self.value, how)

    def __reduce__(self):
        return np.array, (self.value,)

    # --- NumPy's protocols ---------------------------------------------------------------
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return self.recorder.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self.recorder.function(function, args, kwargs)
