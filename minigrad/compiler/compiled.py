"""mg.compile: the same function, from its third call on as straight NumPy code."""
import functools
import sys
import threading
import warnings
from collections.abc import Callable
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from types import MethodType
from typing import Any

import numpy as np

from minigrad.compiler.bound_names import Rebound, only_flags_differ, refuse_rebound
from minigrad.compiler.call_leaves import kind_of, leaves_of_call, refuse_iterators
from minigrad.compiler.comparing import Differing, refuse_differences
from minigrad.compiler.doors import FAILED, MISSED
from minigrad.compiler.overview import overview
from minigrad.compiler.recorded_calls import ignored
from minigrad.compiler.replaying import Plan
from minigrad.compiler.results import refuse_other_results
from minigrad.compiler.recordings import Recording, recorded
from minigrad.compiler.session import Session
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.compiler.undoing import undo
from minigrad.compiler.watching import names_from
from minigrad.recording import blocks, is_differentiating, is_recording
from minigrad.spellings import explaining
from minigrad.stand_ins import sessions
from minigrad.tensors import Tensor

SIGNATURES = 200            # that are kept
LONG = 20_000               # calls from which on a note is given
OFTEN = 20                  # plans from which on a note is given
recording_now = threading.Lock()        # stand-ins are put where all threads see them
UNDONE = ". What this call had changed is as it was before it; what it printed is not"
KEPT = 8                    # plans of one signature: what lived elsewhere is forgotten


class Compiled:
    """A function whose calls are recorded twice for each signature, and then replayed."""

    def __init__(self, function: Callable, strict: bool = True):
        functools.update_wrapper(self, function)
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__)
        self.plans: dict[Any, list[Plan]] = {}
        self.firsts: dict[Any, list[Recording]] = {}
        self.fixed: dict[Any, list[str]] = {}   # arguments whose values count
        self.last: Plan | None = None
        self.quick: Callable | None = None  # the door of the last plan
        self.made = 0                       # how many plans there have been
        self.given_up = 0                   # how often the function itself had to run
        self.strict = strict                # else what cannot be recorded runs as it is
        self.why_not = ""                   # why it does, if so

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.quick is not None and not kwargs:
            frame = sys._getframe(1)
            out = self.quick(args, (frame.f_code, frame.f_lasti))
            if out is not MISSED:
                if out is not FAILED:
                    return out
                self.given_up += 1
                return self.function(*args)
        if self.why_not or is_differentiating() or (
                sessions and any(s.recording() for s in sessions)):
            return self.function(*args, **kwargs)
        leaves, structure = leaves_of_call(args, kwargs)
        key = kind = structure, is_recording(), ignored(), *map(kind_of, leaves)
        if kind in self.fixed:
            key = self.specialized(kind, leaves)
        for plan in self.plans.get(key, ()):
            ready = self.ready(plan, leaves)
            if ready is None:
                return self.function(*args, **kwargs)
            if ready:
                frame = sys._getframe(1)
                out = plan.door.run(leaves, (frame.f_code, frame.f_lasti))
                plain = kind not in self.fixed and not blocks.get()
                self.last, self.quick = plan, plan.door.quick if plain else None
                if out is not FAILED:
                    return out
                self.given_up += 1
                return self.function(*args, **kwargs)
        return self.record(kind, args, kwargs, leaves)

    def ready(self, plan: Plan, leaves: list) -> bool | None:
        """Whether a plan may run; None if the function itself will refuse something.

        RuntimeError if a name was bound to another value.
        """
        try:
            if not plan.door.names():
                if only_flags_differ(plan.names):
                    return False
                refuse_rebound(self.name, plan.names)
        except Rebound as error:
            self.refuse(error)
            return None
        try:
            for check in plan.session.before:
                check()
            return plan.door.holds(leaves)
        except Exception:
            return None

    def record(self, kind: Any, args: tuple, kwargs: dict, leaves: list) -> Any:
        """The call of the function itself, recorded; the second one makes a plan."""
        if not recording_now.acquire(blocking=False):
            return self.function(*args, **kwargs)       # another thread is at it
        try:
            return self.record_alone(kind, args, kwargs, leaves)
        finally:
            recording_now.release()

    def record_alone(self, kind: Any, args: tuple, kwargs: dict, leaves: list) -> Any:
        """The call, recorded, while nothing else is."""
        try:
            refuse_iterators(self.name, leaves)
        except CannotFollow as error:
            self.refuse(error)
            return self.function(*args, **kwargs)
        roots = [(self.function, self.name)] + [
            (x, "an argument") for x in leaves if not isinstance(x, (Tensor, np.ndarray))]
        met = [x.array for firsts in self.firsts.values() for first in firsts
               for x in first.session.constants.values() if x.array is not None]
        session = Session(lambda: names_from(roots), self.name, met)
        try:
            kinds = kind[3:] if type(kind[0]) is int else None
            recording, value = recorded(session, self.function, args, kwargs, leaves,
                                        kinds)
        except CannotFollow as error:
            undo(session)
            self.refuse(error, UNDONE)
            return self.function(*args, **kwargs)
        try:
            session.outside.refuse([x.node.source.fetch([])
                                    for x in session.generators.values()])
            session.refuse_unseen()
            refuse_rebound(self.name, session.names, inside=True)
            if not session.fixed.issubset(self.fixed.get(kind, ())):
                self.fixed[kind] = sorted(session.fixed.union(self.fixed.get(kind, ())))
                for held in self.plans, self.firsts:
                    for other in [k for k in held if k == kind or k[0] == kind]:
                        del held[other]
            key = self.specialized(kind, leaves) if kind in self.fixed else kind
            self.compared(key, recording)
        except (CannotFollow, Rebound) as error:
            if self.strict:
                undo(session)
            self.refuse(error, UNDONE)
        session.memories.clear()                # a plan needs none of their arrays
        return value

    def refuse(self, error: Exception, more: str = "") -> None:
        """Raise the error, or, unless strict, never record again."""
        if self.strict:
            raise type(error)(f"{error}{more}") from None
        self.why_not = str(error)
        self.plans.clear()
        self.quick = None

    def compared(self, key: Any, new: Recording) -> None:
        """Make a plan of this recording and an earlier one that is like it.

        What a first call sets up, or gradients that are there at the beginning, may make
        two calls differ: then a third decides.
        """
        for kept in self.firsts, self.plans:    # the oldest signatures are forgotten
            while len(kept) >= SIGNATURES:
                del kept[next(iter(kept))]
        earlier = self.firsts.setdefault(key, [])
        for other in earlier[::-1]:
            try:
                refuse_differences(self.name, other.outcome.nodes(), new.outcome.nodes())
                refuse_other_results(self.name, other.outcome.tree, new.outcome.tree)
            except Differing:
                if [x.entry() for x in earlier].count(new.entry()) > 1:
                    del self.firsts[key]
                    raise
            else:
                self.last = new.plan(self.name, other)
                self.plans[key] = [self.last, *self.plans.get(key, ())][:KEPT]
                del self.firsts[key]
                self.made += 1
                if len(self.last.printed.lines.calls) > LONG:
                    warnings.warn(
                        f"{self.name} is {len(self.last.printed.lines.calls)} calls of "
                        "NumPy's: compile one step, and call it in the loop over batches",
                        stacklevel=4)
                if self.made == OFTEN:
                    warnings.warn(
                        f"{self.name} was recorded {OFTEN} times, each time for another "
                        "signature, or because its tensors moved; a step pays by being "
                        "repeated: pad the last batch, or leave it out", stacklevel=4)
                return
        earlier.append(new)
        if len(self.firsts) == OFTEN:
            warnings.warn(
                f"{self.name} was recorded for {OFTEN} signatures that did not come again: "
                "an argument has another shape, or is another object, at every call; pad "
                "it, or pass arrays, numbers, and lists, tuples or dicts of them",
                stacklevel=4)

    def specialized(self, key: Any, leaves: list) -> Any:
        """The signature with the values of those arguments whose values were asked for."""
        return key, *[eval(text, {"leaves": leaves}) for text in self.fixed[key]]

    def __reduce__(self) -> Any:
        """Copied and pickled as its function is; the copy records anew."""
        there: Any = sys.modules.get(self.__module__)
        if getattr(there, self.name, None) is self:
            return self.name
        return Compiled, (self.function, self.strict)

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        """As a method of a class: its owner is the first argument."""
        return self if owner is None else MethodType(self, owner)

    def __repr__(self) -> str:
        if not self.last:
            return f"<compiled function; {self.source[2:]}>"
        return f"<compiled {self.name}; its NumPy code: .source, its calls: .graph>"

    @property
    def source(self) -> str:
        """The NumPy source of the last call; while there is none, a comment that says why.
        """
        if self.last:
            return self.last.source
        if self.why_not:
            return f"# runs as it is: {self.why_not}"
        return f"# {self.name} has no source yet: two calls with the same shapes come first"

    @property
    def graph(self) -> str:
        """What the last call has run: its calls, their memory, what was blocked and shared.
        """
        return overview(self.last.printed.lines) if self.last else self.source


@explaining
def compile(function: Any = None, *, strict: bool = True) -> Any:           # noqa: A001
    """The same function, whose calls run as straight NumPy source from the third on.

    For each signature (shapes, dtypes and strides of the arguments) two calls are recorded;
    they run as they always do. What they have computed, in the forward pass, on the way
    back and in the optimizer's step, is printed as NumPy code that allocates nothing, and
    later calls run that: results, gradients and states are the same to the bit. `source` is
    its text for the last call.

    Arguments, parameters, gradients, an optimizer's numbers and states, random draws and
    arrays that a name is bound to enter anew at every call. For a flag that changes, such
    as model.training, it is recorded anew. All else must not change:
    RuntimeError if a name that the function reads was bound to another value, CannotFollow
    if it asks Python for values of arrays (`if loss > 1`), or computes with what was no
    argument. With strict=False such a function just runs as it is.

    Where a value is not finite, a label is out of range, or NumPy would warn, nothing is
    written, and the function itself runs and says so. What it prints is printed while it
    is recorded. Its result wants a gradient, but backward() belongs inside.

    >>> from minigrad.tensors import tensor
    >>> @compile
    ... def double(x):
    ...     return 2*x
    >>> [float(double(np.float64(i))) for i in range(4)]
    [0.0, 2.0, 4.0, 6.0]

    `@mg.compile(strict=False)` decorates, too. TypeError for what is no function.
    """
    if type(strict) is not bool:
        raise TypeError(f"compile: strict is {strict!r}; it is True or False")
    if function is None:
        return functools.partial(compile, strict=strict)
    if isinstance(function, type) or iscoroutinefunction(function) or isgeneratorfunction(
            function) or isasyncgenfunction(function):
        raise TypeError(f"compile: came {getattr(function, '__name__', function)}, a class "
                        "or a function whose body runs after the call has returned; needs a"
                        " function that returns, such as one training step")
    if not callable(function):
        raise TypeError(f"compile: came {type(function).__name__}; needs a function, such "
                        "as one training step")
    return Compiled(function, strict)
