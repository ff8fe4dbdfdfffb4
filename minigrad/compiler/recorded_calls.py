"""The core of a recording: each call is made, and its node written down.

A call is made on the real arrays behind the stand-ins; what it gives is a stand-in again.
Arrays and numbers met on the way are constants; memory is followed in shared_memory.py.
"""
import operator
import sys
import threading
from typing import Any

import numpy as np

from minigrad.compiler.calls import (
    Call, Constant, Input, Node, layout_of, mapped, parts_of)
from minigrad.compiler.places import origin_of
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.shared_memory import Memory, root_of
from minigrad.primitives import shapes

STAND_INS = (Recorded, RecordedNumber)
VIEWS = {np.transpose, np.reshape, np.ravel, np.squeeze, np.expand_dims, np.broadcast_to,
         np.swapaxes, np.moveaxis, np.flip, shapes.getitem, np.atleast_1d, np.atleast_2d,
         np.atleast_3d}
PICKING = {shapes.getitem, np.take, np.take_along_axis}
QUIET = ("divide", "over", "under", "invalid")    # kinds of errors of NumPy's


# What np.errstate has set here: the very object tells quickly that it is as it was.
errors_here = getattr(np._core.umath, "_extobj_contextvar").get         # type: ignore


def ignored() -> frozenset:
    """The kinds of errors of NumPy's that np.errstate ignores here."""
    how: dict[str, Any] = {**np.geterr()}
    return frozenset([kind for kind in QUIET if how[kind] == "ignore"])


def plain(x: Any) -> Any:
    """The array or number behind a stand-in; all else is itself."""
    return x.value if type(x) in STAND_INS else x


def may_raise(function: Any, args: Any) -> bool:
    """Whether other values, of the same shapes, may let a call raise: an index of integers
    that are computed, a matrix that may be singular."""
    if getattr(function, "__module__", "") == np.linalg.__name__:
        return True
    return function in PICKING and any(
        type(x) is Recorded and x.dtype.kind in "iu" for x in parts_of([*args[1:]]))


class CallRecorder:
    """One recording: its constants, and the memory it has met."""

    def __init__(self) -> None:
        self.constants: dict[int, Constant] = {}
        self.memories: dict[int, Memory] = {}
        self.thread = threading.get_ident()
        self.open = True
        self.raised: list[Exception] = []       # refusals; of values, others might not
        self.risky: list[Node] = []     # what other values may let raise: never left out
        self.written_out = False        # whether a value was written as text

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
            if self.is_new(x):
                self.constants[id(x)] = Constant(x.copy("K"), x)
            return self.constants[id(x)]
        return Constant(x) if isinstance(x, np.generic) else x

    def is_new(self, x: np.ndarray) -> bool:
        """Whether an array is met for the first time, or holds other values than then."""
        known = self.constants.get(id(x))
        if known is not None and id(root_of(x)) not in self.memories:
            known.changed = known.value.tobytes() != x.tobytes()
        return known is None or known.changed

    def recording(self) -> bool:
        """Whether a call now, in this thread, belongs to the recording."""
        return self.open and threading.get_ident() == self.thread

    def as_text(self, x: Any) -> Any:
        """The value, to be printed."""
        self.written_out = True
        return x.value

    # --- calls ---------------------------------------------------------------------------
    def call(self, function: Any, args: Any, kwargs: Any = {}) -> Any:
        """function(*args, **kwargs), done and written down."""
        try:
            out = function(*mapped(args, plain), **mapped(kwargs, plain))
        except (IndexError, ArithmeticError, np.linalg.LinAlgError) as error:
            if not isinstance(error, IndexError) or any(
                    type(x) is Recorded for x in parts_of([*args[1:]])):
                self.raised.append(error)
            raise
        if not self.recording():
            return out
        node = Call(layout_of(out), function, mapped(tuple(args), self.node),
                    mapped(kwargs, self.node), *self.origin())
        if may_raise(function, args):
            self.risky.append(node)
        return self.result(out, node, args)

    def origin(self) -> tuple[Any, frozenset]:
        """Where the call stands in the code, and which errors are ignored there."""
        return origin_of(sys._getframe(3)), ignored()

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
