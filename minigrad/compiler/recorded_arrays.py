"""Recorded: an array that remembers which calls of NumPy's functions it was made by.

It holds a real array, so every call really happens; and a node of the graph (calls.py).
NumPy's functions reach it by NumPy's own protocols, as they reach Tensor and Symbolic.
What would lose the node (float, bool, np.asarray) is a question to the recorder.
"""
import os
import sys
from typing import Any

import numpy as np

from minigrad.compiler.places import HOME
from minigrad.methods import ArrayMethods, together
from minigrad.primitives import shapes
from minigrad.stand_ins import StandIn

LIBRARIES = HOME, os.path.dirname(np.__file__)


class Recorded(StandIn, ArrayMethods):
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

    @property                           # type: ignore[misc]
    def __class__(self):                # for the user's isinstance; type(x) is another
        asks = sys._getframe(1).f_code.co_filename
        return Recorded if asks.startswith(LIBRARIES) else type(self.value)

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
        """Itself, a scalar of NumPy's as an array of shape ()."""
        if isinstance(self.value, np.ndarray):
            return self
        return self.recorder.as_array(self)

    def copy(self, order="C"):
        """As ndarray.copy."""
        return shapes.copy(self, order)

    def flatten(self, order="C"):
        """As ndarray.flatten, in memory of its own."""
        return np.ravel(self.copy(order), order)

    def __copy__(self):
        return shapes.copy(self)

    def __deepcopy__(self, memo):
        return shapes.copy(self)

    def view(self, *kind):
        """The same memory; CannotFollow in another dtype."""
        return self.recorder.viewed(self, kind) if kind else self[...]

    def fill(self, value):
        """As ndarray.fill."""
        self[...] = value

    def __getitem__(self, index):
        return self.recorder.function(shapes.getitem, (self, index), {})

    def __setitem__(self, index, value):
        self.recorder.write(self, index, value)

    __hash__ = object.__hash__

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
        if len(index) == 1 and not isinstance(index[0], tuple):
            return self.recorder.item(np.ravel(self)[index[0]])
        return self.recorder.item(self[together(index)] if index else self)

    def tolist(self):
        """The values as lists."""
        return self.recorder.asked(self, list)

    def __array__(self, dtype=None, copy=None):
        return self.recorder.asked(self, np.ndarray)

    def __repr__(self):
        return repr(self.recorder.as_text(self))

    def __str__(self):
        return str(self.recorder.as_text(self))

    def __format__(self, how):
        return format(self.recorder.as_text(self), how)

    def __reduce__(self):
        return np.array, (self.value,)

    # --- NumPy's protocols ---------------------------------------------------------------
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return self.recorder.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self.recorder.function(function, args, kwargs)


def _binary(ufunc: np.ufunc) -> list:
    """x + y, y + x and x += y for a ufunc such as np.add."""
    def in_place(self, other):
        if isinstance(self.value, np.generic):          # then it is another number
            return ufunc(self, other)
        return ufunc(self, other, out=(self,))
    return [lambda self, other: ufunc(self, other),
            lambda self, other: ufunc(other, self), in_place]


def _plain(ufunc: np.ufunc) -> Any:
    """-x, or x < y."""
    return lambda self, *other: ufunc(self, *other)


BINARY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "pow": np.power,
          "truediv": np.true_divide, "floordiv": np.floor_divide, "mod": np.remainder,
          "matmul": np.matmul, "and": np.bitwise_and, "or": np.bitwise_or,
          "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
          "divmod": np.divmod}
OTHERS = {"lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
          "gt": np.greater, "ge": np.greater_equal, "neg": np.negative,
          "pos": np.positive, "abs": np.absolute, "invert": np.invert}
for _name, _ufunc in BINARY.items():
    for _kind, _method in zip(("", "r", "i"), _binary(_ufunc)):
        if (_kind, _name) != ("", "pow"):
            setattr(Recorded, f"__{_kind}{_name}__", _method)
for _name, _ufunc in OTHERS.items():
    setattr(Recorded, f"__{_name}__", _plain(_ufunc))
