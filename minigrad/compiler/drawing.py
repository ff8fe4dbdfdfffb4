"""Random numbers in a recording: every draw is drawn anew, from the same generator.

Iterators that a name is bound to are refused: nothing moves them on.
"""
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import randomness
from minigrad.compiler.fetching import Source
from minigrad.compiler.shared_memory import CannotFollow


class Drawing(np.random.Generator):
    """Stands for a generator while a function is recorded; its draws are written down.

    It draws from the same bits, as NumPy may be called with it past its methods.
    """

    def __init__(self, generator: Any, session: Any):
        super().__init__(generator.bit_generator)
        vars(self).update(_generator=generator, _session=session)

    def __getattribute__(self, method: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if method.startswith("__") or "_session" not in own:
            return object.__getattribute__(self, method)
        generator, session = own["_generator"], own["_session"]
        found = getattr(generator, method)
        if not callable(found) or not session.recording():
            return found
        return lambda *args, **kwargs: session.draw(generator, method, args, kwargs)


class Iterating:
    """Stands for an iterator while a function is recorded, and refuses to go on: a later
    call would not."""

    def __init__(self, iterator: Any, text: str, session: Any):
        self.iterator, self.text, self.session = iterator, text, session

    def __iter__(self) -> "Iterating":
        return self

    def __next__(self) -> Any:
        if not self.session.recording():
            return next(self.iterator)
        raise CannotFollow(f"{self.session.name}: takes the next of {self.text}, an "
                           "iterator, which later calls would not; write "
                           f"next({self.text}) outside, and pass what it gives")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.iterator, name)


def is_iterator(x: Any) -> bool:
    """Whether it is an iterator of Python's own, such as a generator."""
    return isinstance(x, Iterator) and not isinstance(x, io.IOBase) and (
        type(x).__module__ in ("builtins", "itertools"))


def source_of(rng: Any) -> Source:
    """Where the generator that `rng` means is fetched at every call."""
    if type(rng) is Drawing:
        rng = vars(rng)["_generator"]
    if type(rng) is np.random.Generator:
        return Source("{}", rng)
    if rng is None and randomness._shared:
        return Source("{}[0]", randomness._shared)
    return Source(f"{{}}({rng!r})", randomness.generator)


def drawn(generator: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    """A draw: generator.method(*args, **kwargs)."""
    return getattr(generator, method)(*args, **kwargs)


def generators_of(sources: list[Source]) -> list[Any]:
    """The generators whose state a call moves."""
    found = [source.fetch([]) for source in sources if source.owner is not (
        randomness.generator)]
    return [x for x in found if type(x) is np.random.Generator]
