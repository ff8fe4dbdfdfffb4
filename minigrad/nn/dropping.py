"""Dropout: in training entries are left out at random."""
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.modules import Module
from minigrad.randomness import Random, draw, generator
from minigrad.spellings import explaining


@explaining
def dropout(x: Any, p: float = 0.5, training: bool = True, *, rng: Random = None) -> Any:
    """Each entry is 0 with probability p, else x/(1 - p), so that its mean stays x.

    Srivastava et al. 2014, inverted. Not in training, or for p = 0, it is x.

    >>> dropout(np.ones(8), rng=0)
    array([2., 2., 2., 0., 0., 0., 0., 0.])
    """
    x = as_array("dropout: x", x)
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is {p}; needed a probability, from 0 to 1")
    if not training or p == 0:
        return x
    kept = draw(rng, "random", x.shape, dtype=np.float32) >= p      # never below p = 1
    return np.where(kept, x*(1/(1 - p) if p < 1 else 0.0), 0)


class Dropout(Module):
    """In training each entry is 0 with probability p, else x/(1 - p); in use x itself.

    rng: a generator, a seed that starts one for this layer, or None; see mg.manual_seed.

    >>> Dropout(0.5, rng=0)(np.ones(8))
    array([2., 2., 2., 0., 0., 0., 0., 0.])
    """

    @explaining
    def __init__(self, p: float = 0.5, *, rng: Random = None) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is {p}; needed a probability, from 0 to 1")
        self.p = p
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Any) -> Any:
        """x of any shape; the result has its shape and dtype."""
        return dropout(x, self.p, self.training, rng=self.rng)

    def _settings(self) -> str:
        return f"p={self.p}"
