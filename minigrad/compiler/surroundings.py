"""What a function asks of the world: clocks, files, the environment, random states.

Its answers look like constants to a recording, and two calls may agree by chance. So what
is asked while a call is recorded is noted, and refused.
"""
import os
import random
from typing import Any

import numpy as np

from minigrad.compiler.bound_names import Name
from minigrad.compiler.places import origin_of
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.compiler.watching import of_library
from minigrad.guards import describe

OF_SYSTEM = {"getcwd", "getcwdb", "getpid", "urandom", "listdir", "scandir", "stat",
             "times", "cpu_count", "getloadavg"}
OF_PYTHON = {"input", "globals", "eval", "exec"}
READING_SOURCE = {"linecache", "tokenize", "logging", "importlib", "minigrad", "optim"}
ENVIRONMENT = type(os.environ).__getitem__.__code__
STATES = random.Random, np.random.RandomState, np.random.Generator


def question(frame: Any, event: str, called: Any) -> str:
    """What a call asks of the world, as text; "" if nothing."""
    if event == "call":
        return "os.environ" if frame.f_code is ENVIRONMENT else ""
    name: Any = called.__name__
    module = getattr(called, "__module__", None)
    if name in OF_SYSTEM and module in ("posix", "nt"):
        return f"os.{name}"
    if name == "open" and module in ("io", "_io") or called is np.fromfile:
        return "open"
    if of_library(module_of(frame)):                    # one that measures, or logs
        return ""
    if module == "time" and name != "sleep" or name in OF_PYTHON and module == "builtins":
        return f"{module}.{name}"
    owner: Any = getattr(called, "__self__", None)
    asks = name in ("now", "today", "utcnow") and isinstance(owner, type)
    return f"{owner.__name__}.{name}" if asks else ""


def module_of(frame: Any) -> str:
    """The module in which a frame's code stands."""
    return frame.f_globals.get("__name__", "")


def asker(frame: Any) -> Any:
    """The frame of the user's code for which a library asks; None if there is none."""
    while frame and of_library(module_of(frame)):
        if module_of(frame).partition(".")[0] in READING_SOURCE:
            return None
        frame = frame.f_back
    return frame


class Surroundings:
    """While a function runs: what it asks, and which random states it moves."""

    def __init__(self, name: str, names: list[Name]):
        self.name = name
        self.asked: list[tuple[str, Any]] = []
        self.generators = {id(x.value): x for x in names if isinstance(x.value, STATES)}
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}

    def __enter__(self) -> "Surroundings":
        self.before = self.states()
        return self

    def __exit__(self, *error: Any) -> None:
        self.after = self.states()

    def note(self, frame: Any, event: str, called: Any) -> None:
        """What Python tells of every call (naming.named_variables)."""
        if not self.asked and (text := question(frame, event, called)):
            if (frame := asker(frame)) is not None:
                self.asked.append((text, origin_of(frame)))

    def states(self) -> dict[str, Any]:
        """The states that a function may move, by what they are called."""
        found = {"np.seterr": np.geterr(), "np.random": state_of(np.random.mtrand._rand),
                 "random": random.getstate()}
        return found | {name.text: state_of(name.value)
                        for name in self.generators.values()}

    def refuse(self, drawn: list[Any]) -> None:
        """CannotFollow if something was asked, or a state moved but by recorded draws."""
        for text, place in self.asked:
            raise CannotFollow(
                f"{self.name}: asks {text} at {describe(place)}, whose answer would be "
                "the recorded one at every later call; ask outside and pass the answer as "
                "an argument")
        own = {x.text for x in self.generators.values() if any(x.value is y for y in drawn)}
        moved = [text for text, state in self.before.items()
                 if text not in own and self.after[text] != state]
        if moved == ["np.seterr"]:
            raise CannotFollow(f"{self.name}: np.seterr is called inside, which later calls"
                               " would not do; write `with np.errstate(...):`")
        if moved:
            raise CannotFollow(
                f"{self.name}: random numbers are drawn from {moved[0]}, where a recording "
                "does not see it; draw them from a generator that a name is bound to, such "
                "as rng = np.random.default_rng(0), or by mg.randomness.draw")


def state_of(x: Any) -> Any:
    """The state of a source of random numbers, as what can be compared."""
    if isinstance(x, random.Random):
        return x.getstate()
    state = x.get_state() if isinstance(x, np.random.RandomState) else x.bit_generator.state
    return repr_of(state)


def repr_of(state: Any) -> Any:
    """A state as tuples."""
    if isinstance(state, dict):
        return tuple((key, repr_of(part)) for key, part in state.items())
    if isinstance(state, tuple):
        return tuple(map(repr_of, state))
    return state.tobytes() if isinstance(state, np.ndarray) else state
