"""Random numbers in a recording: every draw is drawn anew, from the same generator."""
from typing import Any

import numpy as np

from minigrad import randomness
from minigrad.compiler.fetching import Source


class Drawing:
    """Stands for a generator while a function is recorded; its draws are written down."""

    def __init__(self, generator: Any, session: Any):
        vars(self).update(_generator=generator, _session=session)

    @property                           # type: ignore[misc]
    def __class__(self):                # so that NumPy takes it for one
        return np.random.Generator

    def __getattr__(self, method: str) -> Any:
        generator, session = vars(self)["_generator"], vars(self)["_session"]
        found = getattr(generator, method)
        if not callable(found) or not session.recording():
            return found
        return lambda *args, **kwargs: session.draw(generator, method, args, kwargs)


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
