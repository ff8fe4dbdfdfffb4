"""Recorder: runs NumPy's functions on what is recorded, and writes each call down.

Every call really happens, on real arrays; what is written down are elementary calls
(ufuncs, products, sums, views), as functions of our own and NumPy's `sum` are taken apart.
"""
import operator
import sys
import threading
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Constant, Input, layout_of, mapped, parts_of
from minigrad.compiler.shared_memory import CannotFollow, Memory, root_of
from minigrad.compiler.places import origin_of
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.in_place import WRITERS
from minigrad.primitives import shapes
from minigrad.tensors import Tensor, dispatch

STAND_INS = (Recorded, RecordedNumber)
ELEMENTARY = {shapes.getitem, shapes.astype, shapes.copy}
OF_LAYOUT = {np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj,
             np.isrealobj, np.min_scalar_type, np.common_type, np.zeros_like, np.ones_like}
REDUCTIONS = {np.sum: np.add, np.prod: np.multiply, np.max: np.maximum,
              np.amax: np.maximum, np.min: np.minimum, np.amin: np.minimum,
              np.any: np.logical_or, np.all: np.logical_and}
# What x**p is for NumPy's arrays of floats, whose power takes these ways.
POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}
VIEWS = {np.transpose, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.broadcast_to,
         np.swapaxes, np.moveaxis, np.flip, shapes.getitem, np.atleast_1d, np.atleast_2d,
         np.atleast_3d}
QUIET = ("divide", "over", "invalid")


def scalar_power(x: Any, p: Any) -> Any:
    """x**p of a scalar of NumPy's, which has a power of its own."""
    return x[()]**p


def item(x: Any) -> Any:
    """The one entry of an array, as a number of Python's."""
    return x.item()


def plain(x: Any) -> Any:
    """The array or number behind a stand-in; all else is itself."""
    return x.value if type(x) in STAND_INS else x


class Recorder:
    """One recording: its constants, and the memory it has met."""

    def __init__(self) -> None:
        self.constants: dict[int, Constant] = {}
        self.memories: dict[int, Memory] = {}
        self.thread = threading.get_ident()
        self.open = True

    # --- what comes in -------------------------------------------------------------------
    def given(self, value: Any, name: str, source: Any = None) -> Any:
        """The stand-in for an array or number that comes anew at every call."""
        node = Input(layout_of(value), name, source)
        if node.layout is None:
            return RecordedNumber(value, node, self)
        if isinstance(value, np.generic):
            return Recorded(value, node, None, self)
        memory = self.memories.setdefault(id(root_of(value)), Memory(value, node, node))
        return Recorded(value, node, memory, self)

    def node(self, x: Any) -> Any:
        """The node of a stand-in or an array; a number or option is itself."""
        if type(x) in STAND_INS:
            return x.node
        if isinstance(x, np.ndarray):
            memory = self.memories.get(id(root_of(x)))
            if memory is not None:
                return memory.window(x)
            if id(x) not in self.constants:
                self.constants[id(x)] = Constant(x.copy("K"), x)
            return self.constants[id(x)]
        return Constant(x) if isinstance(x, np.generic) else x

    def recording(self) -> bool:
        """Whether a call now, in this thread, belongs to the recording."""
        return self.open and threading.get_ident() == self.thread

    # --- calls ---------------------------------------------------------------------------
    def call(self, function: Any, args: Any, kwargs: Any = {}) -> Any:
        """function(*args, **kwargs), done and written down."""
        out = function(*mapped(args, plain), **mapped(kwargs, plain))
        if not self.recording():
            return out
        node = Call(layout_of(out), function, mapped(tuple(args), self.node),
                    mapped(kwargs, self.node), *self.origin())
        return self.result(out, node, args)

    def origin(self) -> tuple[Any, frozenset]:
        """Where the call stands in the code, and which errors are ignored there."""
        how: dict = {**np.geterr()}
        return origin_of(sys._getframe(3)), frozenset(
            kind for kind in QUIET if how[kind] == "ignore")

    def result(self, out: Any, node: Call, args: Any) -> Any:
        """The stand-in for what a call gave."""
        if isinstance(out, (tuple, list)):
            found = [self.result(part, Call(
                layout_of(part), operator.getitem, (node, i), {}, node.place, node.quiet),
                args) for i, part in enumerate(out)]
            return type(out)(*found) if hasattr(out, "_fields") else type(out)(found)
        if isinstance(out, np.generic):
            return Recorded(out, node, None, self)
        if not isinstance(out, np.ndarray):
            return RecordedNumber(out, node, self)
        memory = self.memories.get(id(root_of(out)))
        if memory is None:
            memory = self.memories[id(root_of(out))] = Memory(out, node)
            if node.function in VIEWS:      # of a scalar, which is replayed as an array
                node.of = next((x.node for x in parts_of(args) if type(x) is Recorded
                                and x.memory is None), None)
        else:                                           # a view of an operand
            node.of = next((x.node for x in parts_of(args) if type(x) is Recorded
                            and x.memory is memory), memory.node)
        return Recorded(out, node, memory, self)

    def number(self, function: Any, args: tuple) -> Any:
        """Python's arithmetic on numbers, written down."""
        value = function(*mapped(args, plain))
        if not self.recording():
            return value
        node = Call(None, function, mapped(args, self.node), {}, *self.origin())
        return RecordedNumber(value, node, self)

    def item(self, x: Recorded) -> Any:
        """The one entry of an array, as a number of Python's."""
        return self.call(item, (x,))

    def array_of(self, x: RecordedNumber) -> Recorded:
        """A number as an array of shape ()."""
        return self.call(filled, (x, (), np.asarray(x.value).dtype))

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
            return self.call(*as_reduce(ufunc, *inputs, **{"axis": 0} | kwargs))
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
            (target,) = out if type(out) is tuple else (out,)
            rest = {name: x for name, x in kwargs.items() if name != "out"}
            return self.replace(target, self.function(function, args, rest))
        if function in OF_LAYOUT:
            return function(*mapped(args, plain), **mapped(kwargs, plain))
        if function in WRITERS:
            if function is not np.copyto or kwargs.keys() - {"casting"}:
                raise CannotFollow(f"np.{function.__name__} writes into an array in a way "
                                   "that is not recorded; write x[...] = np.where(...)")
            return self.replace(args[0], args[1])
        if function in REDUCTIONS and len(args) < 4 and kwargs.keys() <= {
                "axis", "dtype", "keepdims"}:
            return self.call(*as_reduce(REDUCTIONS[function], *args, **kwargs))
        if function is shapes.scatter:
            return self.scattered(*args, **kwargs)
        if function is shapes.concatenate:
            return self.call(np.concatenate, (args,), kwargs)
        inner = getattr(function, "__wrapped__", None)
        if inner and function not in ELEMENTARY and inner.__module__.startswith("minigrad"):
            return inner(*args, **kwargs)               # taken apart
        return self.call(function, args, kwargs)

    def scattered(self, g: Any, index: Any, shape: tuple) -> Any:
        """shapes.scatter, as the two ways that it takes."""
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
            new = self.call(filled, (values, array.shape, array.dtype))
        else:
            new = self.call(put, (target, index, values))
        array[...] = new.value
        memory.written(array, new.node, self.origin())
        return target

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


def is_basic(index: Any) -> bool:
    """Whether x[index] is a view of x."""
    parts = index if type(index) is tuple else (index,)
    return all(part is None or part is ... or type(part) in (int, slice) for part in parts)


def as_reduce(ufunc, a, axis=None, dtype=None, keepdims=False):
    """np.sum(a, ...) and its like as a call of ufunc.reduce, which it is."""
    n = np.ndim(plain(a))
    if isinstance(axis, tuple):
        axis = tuple([i % n for i in axis])             # an axis has one name
    elif axis is not None and n:
        axis %= n
    return ufunc.reduce, (a, axis, dtype), {"keepdims": True} if keepdims else {}


def filled(values: Any, shape: tuple, dtype: Any) -> np.ndarray:
    """The values as an array of this shape and dtype, as x[...] = values makes it."""
    out = np.empty(shape, dtype)
    out[...] = values
    return out


def put(x: Any, index: Any, values: Any) -> np.ndarray:
    """A copy of x with x[index] = values."""
    out = x.copy("K")
    out[index] = values
    return out


def added_at(ufunc: Any, x: Any, *rest: Any) -> np.ndarray:
    """A copy of x after ufunc.at(x, ...)."""
    out = x.copy("K")
    ufunc.at(out, *rest)
    return out
