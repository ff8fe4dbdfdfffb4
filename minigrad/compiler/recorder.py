"""Recorder: what NumPy's functions, and our own, mean for stand-ins: which calls they are.

Written down are elementary calls (ufuncs, products, sums, views): functions of our own are
taken apart, np.sum is a ufunc's reduce, and a write makes a new value of what was written.
"""
import math
import operator
from inspect import signature
from typing import Any

import numpy as np

from minigrad.compiler.calls import mapped, parts_of
from minigrad.compiler.recorded_calls import CallRecorder, plain
from minigrad.compiler.elementary import (
    added_at, filled, is_basic, item, put, scalar_power)
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.shared_memory import CannotFollow, Memory, root_of
from minigrad.compiler.sliding import SLIDING
from minigrad.in_place import WRITERS
from minigrad.primitives import shapes
from minigrad.primitives.masking import BITS, zeroed
from minigrad.tensors import Tensor, dispatch

ELEMENTARY = {shapes.getitem, shapes.astype, shapes.copy, shapes.replaced, zeroed}
OF_LAYOUT = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj,
             np.isrealobj, np.min_scalar_type, np.common_type}
FULL = {np.zeros_like, np.ones_like}
REDUCTIONS = {np.sum: np.add, np.prod: np.multiply, np.max: np.maximum,
              np.amax: np.maximum, np.min: np.minimum, np.amin: np.minimum,
              np.any: np.logical_or, np.all: np.logical_and}
# What x**p is for NumPy's arrays of floats, whose power takes these ways.
POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}


class Recorder(CallRecorder):
    """One recording, to which NumPy's protocols lead (recorded_arrays.py)."""

    def item(self, x: Recorded) -> Any:
        """The one entry of an array, as a number of Python's."""
        return self.call(item, (x,))

    def as_array(self, x: Recorded) -> Recorded:
        """A scalar of NumPy's as an array of shape (), which can be written."""
        return self.made(np.asarray(x.value), x.node)

    def made(self, array: np.ndarray, node: Any) -> Recorded:
        """An array in memory of its own, in which values may be written later."""
        memory = self.memories[id(array)] = Memory(array, node)
        return Recorded(array, node, memory, self)

    def array_of(self, x: RecordedNumber) -> Recorded:
        """A number as an array of shape ()."""
        return self.call(filled, (x, (), np.asarray(x.value).dtype, ()))

    def power(self, x: Recorded, p: Any) -> Any:
        """x**p as NumPy's arrays have it, which is quicker and may differ from np.power."""
        if isinstance(x.value, np.generic):
            return self.call(scalar_power, (x, p))
        if type(p) in (int, float) and p in POWERS and x.dtype.kind == "f":
            return self.call(POWERS[p], (x,))
        return self.call(np.power, (x, p))

    def ufunc(self, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
        """What NumPy asks for a ufunc or one of its methods."""
        if any(type(x) is Tensor for x in parts_of((inputs, kwargs))):
            return NotImplemented                       # it is the tensor's to answer
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if method == "reduce" and kwargs.keys() <= {"axis", "dtype", "keepdims"}:
            return self.reduce(ufunc, *inputs, **{"axis": 0} | kwargs)
        if method == "at":
            target, rest = inputs[0], inputs[1:]
            return self.replace(target, self.call(added_at, (ufunc, target, *rest)))
        return self.function(function, inputs, kwargs)

    def function(self, function: Any, args: Any, kwargs: dict) -> Any:
        """What NumPy, or a primitive of our own, asks for a function."""
        if not self.recording():
            return function(*mapped(args, plain), **mapped(kwargs, plain))
        if any(type(x) is Tensor for x in parts_of((args, kwargs))):
            return dispatch(function, args, dict(kwargs))
        out = kwargs.get("out")
        if out is not None:
            target, *others = out if type(out) is tuple else (out,)
            if others or type(function) is np.ufunc and kwargs.get("where", True) is not (
                    True):
                raise CannotFollow(f"np.{function.__name__} writes into several arrays, or "
                                   "where a mask is set, which is not recorded; write "
                                   "x[...] = np.where(...)")
            rest = {name: x for name, x in kwargs.items() if name != "out"}
            with np.errstate(all="ignore"):         # NumPy refuses other shapes and dtypes
                function(*mapped(args, plain), **mapped(rest, plain),
                         out=np.empty_like(plain(target)))
            return self.replace(target, self.function(function, args, rest))
        if function in OF_LAYOUT:
            return function(*mapped(args, plain), **mapped(kwargs, plain))
        if function in FULL:
            constant = function(*mapped(args, plain), **mapped(kwargs, plain))
            return self.made(constant, self.node(constant))
        if function in WRITERS:
            if function is not np.copyto or kwargs.keys() - {"casting"}:
                raise CannotFollow(f"np.{function.__name__} writes into an array in a way "
                                   "that is not recorded; write x[...] = np.where(...)")
            np.copyto(np.empty_like(plain(args[0])), plain(args[1]), **kwargs)
            return self.replace(args[0], args[1])
        if function in REDUCTIONS and len(args) < 4 and kwargs.keys() <= {
                "axis", "dtype", "keepdims"}:
            return self.reduce(REDUCTIONS[function], *args, **kwargs)
        if function is shapes.scatter:
            return self.scattered(*args, **kwargs)
        if function is np.concatenate and len(args) == 2:
            return self.call(function, args[:1], {"axis": args[1], **kwargs})
        if function is shapes.concatenate:
            return self.call(np.concatenate, (args,), kwargs)
        if function is zeroed and plain(args[0]).dtype.itemsize not in BITS:
            return np.where(args[1], 0, args[0])
        if function in SLIDING:
            return self.call(function, signature(function).bind(*args, **kwargs).args)
        inner = getattr(function, "__wrapped__", None)
        if inner and function not in ELEMENTARY and inner.__module__.startswith("minigrad"):
            return inner(*args, **kwargs)               # taken apart
        return self.call(function, args, kwargs)

    def reduce(self, ufunc: Any, a: Any, axis: Any = None, dtype: Any = None,
               keepdims: bool = False) -> Any:
        """np.sum(a, ...) and its like, as ufunc.reduce; axes of length 1 are a view."""
        n = np.ndim(plain(a))
        if isinstance(axis, tuple):
            axis = tuple([i % n for i in axis])         # an axis has one name
        elif axis is not None and n:
            axis %= n
        out = self.call(ufunc.reduce, (a, axis, dtype))
        if not keepdims:
            return out
        return self.call(np.expand_dims, (out, tuple(range(n)) if axis is None else axis))

    def scattered(self, g: Any, index: Any, shape: tuple) -> Any:
        """shapes.scatter, as the ways that it takes."""
        if shapes.names_rows(plain(index), shape):
            flat = self.scattered(self.function(np.reshape, (g, -1), {}),
                                  shapes.entries_of(index, shape), (math.prod(shape),))
            return self.function(np.reshape, (flat, shape), {})
        zeros = np.zeros(shape, g.dtype)
        if shapes.is_repeating(mapped(index, plain)):
            return self.call(added_at, (np.add, zeros, index, g))
        return self.call(put, (zeros, index, g))

    # --- writes --------------------------------------------------------------------------
    def write(self, target: Any, index: Any, values: Any) -> None:
        """target[index] = values, done and written down."""
        if is_basic(index):
            parts = index if type(index) is tuple else (index,)
            view = parts if ... in parts else (*parts, ...)     # never a number
            self.replace(self.function(shapes.getitem, (target, view), {}), values)
        else:
            self.replace(target, values, index)

    def replace(self, target: Any, values: Any, index: Any = ...) -> Any:
        """All of the target's entries, or those at an index of arrays, take these values.
        """
        array = plain(target)
        if not (self.recording() and isinstance(array, np.ndarray)):
            array[... if is_basic(index) else mapped(index, plain)] = plain(values)
            return target
        memory = self.memories.get(id(root_of(array)))
        if memory is None:              # a plain array: the user's, or just made
            node = self.node(array)
            memory = Memory(array, node, node)
            self.memories[id(root_of(array))] = memory
        if is_basic(index):
            new = self.call(filled, (values, array.shape, array.dtype, array.strides))
        else:
            new = self.call(put, (target, index, values))
        memory.about_to_be_written(array)
        array[...] = new.value
        memory.written(array, new.node, self.origin())
        return target

    def viewed(self, x: Recorded, kind: tuple) -> Any:
        """x.view(dtype), which nothing here can follow."""
        if not self.recording():
            return x.value.view(*kind)
        raise CannotFollow("x.view(dtype) looks at the same memory in another way, which is"
                           " not recorded; write x.astype(dtype)")

    # --- questions -----------------------------------------------------------------------
    def asked(self, x: Recorded, kind: type) -> Any:
        """The values, for one who will not remember where they came from."""
        if not self.recording():
            answers: dict[type, Any] = {
                bool: bool, float: lambda v: v.item(), int: operator.index,
                list: lambda v: v.tolist(), np.ndarray: np.array}
            return answers[kind](x.value)
        raise CannotFollow(f"{kind.__name__} of a recorded array")

    def number_asked(self, x: RecordedNumber) -> Any:
        """The value, likewise."""
        if not self.recording():
            return x.value
        raise CannotFollow("the value of a recorded number was asked for")
