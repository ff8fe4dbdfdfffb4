"""Questions about values, asked while a call is recorded: guards, or refusals.

The engine's own (is it finite, is a label in range) become guards: a step goes on only as
long as the answer is the recorded one. Those of the user's code are refused. A number among
the arguments may be asked for its value, which then is a part of the signature.
"""
import math
import operator
import sys
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.calls import Call, Input, Node, below, parts_of
from minigrad.compiler.drawing import drawn
from minigrad.compiler.elementary import added_at, put, scalar_power
from minigrad.compiler.forms import is_ufunc, takes_out
from minigrad.compiler.places import HOME, origin_of
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_calls import VIEWS
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.recorder import Recorder
from minigrad.compiler.shared_memory import CannotFollow, window
from minigrad.guards import describe
from minigrad.primitives import shapes

ADVICE = ("a recorded step cannot depend on values in Python: return loss, or loss.item() "
          "as it is, and look at it outside; write np.where(condition, a, b) for `if`")

COPYING = ("this would copy values out of the recording; use x as it is, or write "
           "np.copy(x), np.stack([x, y]), x.astype(np.float32); an array that is written "
           "must be one that a name is bound to, or np.zeros_like(x)")
SHAPED = {np.vdot, np.dot, np.take_along_axis, np.cumsum, scalar_power, drawn, window,
          np.argmax, np.argmin}
INDEXING = {shapes.getitem, np.take_along_axis, put, added_at}


class Guard(NamedTuple):
    """A question that the engine asked of a value, and the answer on which a step rests."""
    node: Node
    question: str                       # "bool", "float", "shape" or "at most"
    answer: Any

    def fails(self, text: str) -> str:
        """The condition, in Python, under which the answer is another one."""
        if self.question == "shape":
            return f"{text}.shape != {self.answer}"
        if self.question == "bool":
            return f"not {text}" if self.answer else text
        if self.question == "at most":                  # so, no NaN either
            return f"not {text} <= {self.answer!r}"
        return f"not is{self.answer}({text})"


class Questions(Recorder):
    """A recorder that answers questions, of the function of this name."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name
        self.guards: list[Guard] = []
        self.draws: list[Node] = []     # what is computed in any case
        self.fixed: set[str] = set()    # arguments whose value counts

    def result(self, out: Any, node: Call, args: Any) -> Any:
        """The stand-in for a result; where its shape rests on values, it must stay so."""
        made = super().result(out, node, args)
        if type(made) is Recorded and shape_may_vary(node):
            self.guards.append(Guard(node, "shape", made.shape))
        elif self.recording() and node.function in INDEXING and any(
                isinstance(x, Node) and x.layout for x in parts_of(node.args[1:])):
            self.draws.append(node)         # an index out of bounds raises, used or not
        return made

    def asked(self, x: Recorded, kind: type) -> Any:
        """The engine's own questions become guards; those of the user's code raise."""
        if not self.recording():
            return super().asked(x, kind)
        place = origin_of(sys._getframe(2))
        if place[0].co_filename.startswith(HOME) and kind in (bool, float):
            value = x.value.item()
            if kind is bool:
                self.guards.append(Guard(x.node, "bool", bool(value)))
                return bool(value)
            self.guards.append(Guard(x.node, "float", kind_of(value)))
            return value
        name = {list: "tolist()", bool: "truth value",
                np.ndarray: "np.array, np.asarray or an assignment",
                float: "float() or item()", int: "use as an index"}[kind]
        advice = COPYING if kind is np.ndarray else ADVICE
        raise CannotFollow(f"{self.name}: {name} of a recorded array of shape {x.shape}, "
                           f"at {describe(place)}: {advice}")

    def number_asked(self, x: RecordedNumber) -> Any:
        """An argument whose value was asked for is part of the signature from now on."""
        if self.recording():
            inputs = [node for node in below([x.node]) if isinstance(node, Input)]
            if any(node.layout is not None or node.source.owner is not None
                   for node in inputs):
                place = origin_of(sys._getframe(2))
                if place[0].co_filename.startswith(HOME):
                    self.guards.append(Guard(x.node, "bool", bool(x.value)))
                    return x.value
                raise CannotFollow(f"{self.name}: asks for the value of a number that "
                                   f"arrays or an optimizer gave, at {describe(place)}: "
                                   f"{ADVICE}")
            self.fixed |= {node.source.text for node in inputs}
        return x.value


def shape_may_vary(node: Any) -> bool:
    """Whether a call's result may have another shape for other values: of np.unique, of a
    mask as an index; of a function that is not known it is supposed."""
    function = node.function
    if function is shapes.getitem:
        return any(isinstance(x, Node) and x.layout and x.layout.dtype.kind == "b"
                   for x in parts_of(node.args[1]))
    if function is operator.getitem:                    # one of several results
        return shape_may_vary(node.args[0])
    if function is np.where:
        return len(node.args) == 1
    return not (is_ufunc(getattr(function, "__self__", function)) or takes_out(node)
                or node.of is not None or function in VIEWS | SHAPED)


def kind_of(value: float) -> str:
    """What the engine asks of a number, as math's is... has it."""
    return "nan" if math.isnan(value) else "inf" if math.isinf(value) else "finite"
