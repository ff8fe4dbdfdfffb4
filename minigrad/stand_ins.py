"""What stands for an array while a step is recorded, and the engine's doors for it.

compiler/ records a step by letting stand-ins flow through the same code that arrays flow
through. The engine itself needs to know of them only here: what is no ndarray of NumPy's
may be a stand-in, and a recording that is under way wants to hear of a few things.
"""
from typing import Any

import numpy as np


class StandIn:
    """An array or number of compiler/, which records what is done with it."""
    __slots__ = ()

    def as_array(self) -> Any:
        """The stand-in for it as an array."""
        raise NotImplementedError
    copy: Any
    astype: Any
    dtype: Any


sessions: list[Any] = []                # the recordings that are under way, in any thread


def numeric(x: Any) -> Any:
    """x as an ndarray; what stands for one, or for a number, as a stand-in."""
    return x.as_array() if isinstance(x, StandIn) else np.asarray(x)


def copied(x: Any) -> Any:
    """A copy of x with memory of its own."""
    return x.as_array().copy("K") if isinstance(x, StandIn) else np.array(x)


def session_here() -> Any:
    """The recording that is under way in this thread, or None."""
    return next((s for s in reversed(sessions) if s.recording()), None)
