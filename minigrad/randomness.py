"""What may be passed as `rng`: a generator, a seed, or None for fresh randomness.

Nothing here draws from global state: who wants the same numbers again passes a seed.
"""
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:                       # NumPy loads it when it is first used
    from numpy.random import Generator

Random = Union["Generator", int, None]
