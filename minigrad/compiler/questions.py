"""Questions about values, asked while a call is recorded: guards, or refusals.

The engine's own (is it finite, is a label in range) become guards: a step goes on only as
long as the answer is the recorded one. Those of the user's code are refused. A number among
the arguments may be asked for its value, which then is a part of the signature.
"""
import math
import sys
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.calls import Input, Node, below
from minigrad.compiler.places import HOME, origin_of
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.recorder import Recorder
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.guards import describe

ADVICE = ("a recorded step cannot depend on values in Python: return the tensor and look "
          "at it outside, or write np.where(condition, a, b) for `if`")


class Guard(NamedTuple):
    """A question that the engine asked of a value, and the answer on which a step rests."""
    node: Node
    question: str                       # "bool", "float", or "at most"
    answer: Any

    def fails(self, text: str) -> str:
        """The condition, in Python, under which the answer is another one."""
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
        self.fixed: set[str] = set()    # arguments whose value counts

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
        name = {list: "tolist()", np.ndarray: "np.array or np.asarray", bool: "truth value",
                float: "float() or item()", int: "use as an index"}[kind]
        raise CannotFollow(f"{self.name}: {name} of a recorded array of shape {x.shape}, "
                           f"at {describe(place)}: {ADVICE}")

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


def kind_of(value: float) -> str:
    """What the engine asks of a number, as math's is... has it."""
    return "nan" if math.isnan(value) else "inf" if math.isinf(value) else "finite"
