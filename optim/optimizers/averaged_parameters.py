"""The averages that a rule remembers, in the place of the parameters for a while."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minigrad.guards import here
from minigrad.stand_ins import session_here, sessions
from optim.optimizers.signatures import anatomy, name_of

AVERAGES = "average", "theta_mean", "slow"      # states that are points to evaluate at


@contextmanager
def averaged(self: Any) -> Iterator[None]:
    """While the block runs the parameters are their averages, and after it what they were,
    bit for bit.

    Which: those of the transforms ema and polyak, else of a rule that keeps a mean (ASGD,
    schedule-free), else lookahead's slow weights. Raises RuntimeError if there are none,
    and for a step in the block.

    >>> import minigrad as mg, numpy as np, optim
    >>> p = mg.tensor([4.], requires_grad=True)
    >>> opt = optim.SGD([p], lr=1, transforms=[optim.transforms.polyak()])
    >>> for _ in range(2):
    ...     p.grad = np.ones(1)
    ...     opt.step()
    >>> with opt.averaged():
    ...     print(p)
    tensor([2.5], requires_grad=True)
    """
    name = next((n for n in AVERAGES if n in anatomy(self.rule)[0]), None)
    if name is None:
        raise RuntimeError(f"averaged: {name_of(self.rule)} remembers no average; make the "
                           "optimizer with transforms=[optim.transforms.ema(0.999)]")
    if self.is_averaged:
        raise RuntimeError("averaged: the parameters are their averages already")
    if sessions and session_here():
        raise RuntimeError("averaged: this block is not for a function that is compiled; "
                           "write it around the call of the function")
    line = here(2)
    parts = list(self._parts)
    for part in parts:
        for place in part.places:
            self._refuse_moved(place)
    before = [part.theta().copy() for part in parts]
    self.is_averaged = True
    try:
        for part in parts:
            part.put(part.states[name], line)
        yield
    finally:
        for part, theta in zip(parts, before):
            part.put(theta, line)
        self.is_averaged = False
