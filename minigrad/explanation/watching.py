"""Every backward pass of a program, looked at while it runs.

Inside `watching()` the engine's backward() and the walks of mg.grad are preceded by an
explanation; outside nothing of this is there. The first passes are explained, then every
power of two, and each whose result is not finite; the first that is not healthy stays.
"""
import contextlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import tensors, traces
from minigrad.explanation.doctor import diagnose
from minigrad.explanation.explaining import explained
from minigrad.explanation.explanations import Explanation
from minigrad.explanation.findings import Diagnosis, Finding
from minigrad.guards import INSIDE, describe, here
from minigrad.stand_ins import session_here
from minigrad.values import Values

FIRST, GROWN = 3, 1e3           # passes that are explained; growth of a loss that alarms


class Watch:
    """What was seen: how many passes, the first and the last explained, what is wrong."""

    def __init__(self, names: Any = None) -> None:
        self.names, self.count = names, 0
        self.first: Explanation | None = None
        self.last: Explanation | None = None
        self.unhealthy: Explanation | None = None
        self.findings: list[Finding] = []           # of several passes together
        self.losses: dict[Any, tuple[float, int]] = {}     # by the user's line: the first
        self.written: dict[int, int] = {}       # leaf -> how often it had been written

    @property
    def diagnosis(self) -> Diagnosis:
        """Of the first pass that is not healthy, else of the last; what several passes
        together show comes first."""
        shown = self.unhealthy or self.last
        own = list(shown.diagnosis.findings) if shown else []
        return Diagnosis(sorted([*self.findings, *own], key=lambda f: not f.is_alarm))

    def meet(self, result: Any, seed: np.ndarray, frame: Any) -> None:
        """Look at a result from which a walk back is about to begin."""
        if session_here() is not None or type(result._data) is not np.ndarray:
            return
        self.count += 1
        finite = bool(np.isfinite(result._data).all())
        due = self.count <= FIRST or self.count & (self.count - 1) == 0 or not finite
        if self.unhealthy is not None or not due:
            return
        self.look(result, seed, frame)

    def look(self, result: Any, seed: np.ndarray, frame: Any) -> None:
        """Explain and diagnose one pass."""
        try:
            found = explained(result, seed, frame, self.names)
        except (RuntimeError, TypeError, FloatingPointError):
            return                          # the engine raises it again, as the user's own
        self.first, self.last = self.first or found, found
        if not diagnose(found).healthy:
            self.unhealthy = found

    def across(self, result: Any, place: Any) -> None:
        """What only several passes show: old gradients, a loss that explodes."""
        if result._data.size != 1 or type(result._data) is not np.ndarray:
            return
        loss, line = float(result._data.reshape(-1)[0]), describe(place)
        before, times = self.losses.setdefault(place, (loss, 0))
        self.losses[place] = before, times + 1
        if self.findings or not times:
            return
        grown = not np.isfinite(loss) or abs(loss) > GROWN*max(abs(before), 1.0)
        if np.isfinite(before) and grown:
            self.findings.append(Finding(
                "loss explodes", f"the loss went from {before:.4g} to {loss:.4g} within "
                f"{times} steps", "a smaller learning rate (try a tenth), standardized "
                "inputs, or transforms=[clip_by_norm(1.0)]", line=line))

    def leaves(self, result: Any, place: Any) -> None:
        """Whether gradients of an earlier step are still there, though a step was made."""
        if self.findings:
            return
        waiting, seen = [result], set()
        while waiting:
            x = waiting.pop()
            if x._node is not None and x._node.args is not None:
                for i in x._node.positions:
                    if id(x._node.args[i]) not in seen:
                        seen.add(id(x._node.args[i]))
                        waiting.append(x._node.args[i])
            elif x._node is None and x.requires_grad:
                now = hash(x._data.tobytes())
                if x._grad is not None and self.written.get(id(x), now) != now:
                    self.findings.append(Finding(
                        "zero_grad", "the gradient of the step before is still in .grad, "
                        "to which backward() adds: every step goes along the sum of all "
                        "gradients so far", "call optimizer.zero_grad() before "
                        "loss.backward(), or p.grad = None", line=describe(place)))
                    return
                self.written[id(x)] = now


def outer_frame() -> Any:
    """The frame of the user's code that is being run."""
    frame = sys._getframe(2)
    while frame.f_back and INSIDE[frame.f_code.co_filename]:
        frame = frame.f_back
    return frame


@contextlib.contextmanager
def watching(names: Any = None) -> Iterator[Watch]:
    """Look at every backward pass in this block; gives the Watch.

    Steps that are compiled run as they are written here, so that they can be seen.

    >>> import numpy as np, minigrad as mg
    >>> x = mg.tensor([1.0, 4.0], requires_grad=True)
    >>> with watching() as watch:
    ...     np.sum(np.sqrt(x)).backward()
    >>> watch.count, watch.diagnosis.healthy
    (1, True)
    """
    watch, backward, walk = Watch(names), tensors.backward, traces.walk_back

    def watched_backward(tensor: Any, gradient: Any = None, retain_graph: bool = False
                         ) -> None:
        frame, place = outer_frame(), here(2)
        usable = isinstance(tensor, Values) and tensor.requires_grad and (
            tensor._data.size == 1 or gradient is not None)
        if usable and session_here() is None:
            seed = np.ones_like(tensor._data) if gradient is None else np.broadcast_to(
                np.asarray(getattr(gradient, "_data", gradient)), tensor.shape)
            watch.across(tensor, place)
            watch.leaves(tensor, place)
            watch.meet(tensor, seed, frame)
        backward(tensor, gradient, retain_graph)

    def watched_walk(seeds: Any, *args: Any, **kwargs: Any) -> Any:
        frame = outer_frame()
        for tensor, g in seeds[:1]:
            watch.meet(tensor, np.asarray(getattr(g, "_data", g)), frame)
        return walk(seeds, *args, **kwargs)

    from minigrad import compiler
    compiled = compiler.compile
    tensors.backward, traces.walk_back = watched_backward, watched_walk
    compiler.compile = as_written
    try:
        yield watch
    finally:
        tensors.backward, traces.walk_back = backward, walk
        compiler.compile = compiled


def as_written(function: Any = None, **options: Any) -> Any:
    """In place of mg.compile: the function itself."""
    return function if function is not None else as_written
