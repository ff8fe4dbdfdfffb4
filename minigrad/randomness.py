"""Where random numbers come from: what may be passed as `rng`, and the seed for the rest.

`rng` is a generator, a seed, or None. None means fresh randomness, or, from the first
`manual_seed` on, the next numbers of the generator that it has started. NumPy's own global
state (np.random.seed) never matters.
"""
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from minigrad.stand_ins import session_here, sessions

if TYPE_CHECKING:                       # NumPy loads it when it is first used
    from collections.abc import Iterator
    from numpy.random import Generator

Random = Union["Generator", int, None]
_shared: "list[Generator]" = []         # what manual_seed has started, if anything


def manual_seed(seed: int) -> None:
    """From here on, whatever was given no rng draws from one generator that starts here.

    That is: starting weights, toy data and the order of batches. All threads share it.

    >>> manual_seed(0); first = generator(None).integers(100, size=3)
    >>> manual_seed(0); (generator(None).integers(100, size=3) == first).all()
    np.True_
    """
    _shared[:] = [generator(seed)]


def generator(rng: "Random | tuple[int, ...]") -> "Generator":
    """The generator that an argument `rng` means; TypeError or ValueError if it is none."""
    if rng is None and _shared:
        return _shared[0]
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"rng is {rng!r}; needed np.random.default_rng(0), a whole number"
                          " from 0 on, or None") from None


def draw(rng: Random, method: str, *args: Any, **kwargs: Any) -> Any:
    """What a method of the generator that `rng` means gives: the one way to draw numbers
    inside a function that mg.compile takes, where it is drawn anew at every call.

    >>> draw(np.random.default_rng(0), "integers", 100, size=3)
    array([85, 63, 51])
    """
    if sessions and (session := session_here()):
        return session.draw(rng, method, args, kwargs)
    return getattr(generator(rng), method)(*args, **kwargs)


@contextmanager
def shared_or(rng: "Generator") -> "Iterator[Generator]":
    """A block in which whatever was given no rng draws from the generator of manual_seed,
    or, if that was never called, from this one; the block's value is whichever it is."""
    if _shared:
        yield _shared[0]
        return
    _shared[:] = [rng]
    try:
        yield rng
    finally:
        if _shared and _shared[0] is rng:
            _shared.clear()
