"""A part in stretches: what a step reads and writes while it is in the cache."""
import math
from typing import Any

import numpy as np

from optim.optimizers.rule_kernels import Form

SUMMED = 8192       # entries in a sum of float64: for longer ones BLAS would make threads


class Stretch:
    """A stretch of a part, or several tensors of it: what fits into the cache."""

    def __init__(self, first: int, last: int, start: int, stop: int, inside: slice | None):
        self.first, self.last = first, last         # its tensors,
        self.start, self.stop = start, stop         # its entries in the part,
        self.inside = inside                        # and in the one tensor that is larger

    def bind(self, form: Form, arrays: list[np.ndarray], others: list[np.ndarray],
             g: np.ndarray, scratch: list[np.ndarray]) -> None:
        """Make the views that a step needs.

        arrays: theta and the states; others: where they go, if not into the same.
        """
        size = self.stop - self.start
        views, results = ([a[self.start:self.stop] for a in x] for x in (arrays, others))
        self.g = self.here = g[:size]
        self.takes_g = form.takes_g
        self.calls = form.bind(views[0], self.g, *views[1:], *results,
                               *[s[:size] for s in scratch])
        looked_at = [self.g, *results]*bool(results and not form.takes_g)
        looked_at += looked_at[:1]*(len(looked_at) % 2)
        most = size if g.itemsize == 4 else SUMMED

        def products(a: np.ndarray, b: np.ndarray) -> list[Any]:
            return [(a[i:i + most].dot, b[i:i + most]) for i in range(0, size, most)]

        self.sums = [pair for a, b in zip(looked_at[::2], looked_at[1::2])
                     for pair in products(a, b)]
        self.squared = [products(a, a) for a in (self.g, views[0])]

    def gather(self, gradients: list[np.ndarray], climbs: bool) -> "Stretch":
        """Take the gradients of its tensors, or their negatives; returns itself."""
        if self.inside is None:
            np.concatenate(gradients[self.first:self.last], axis=None, out=self.g)
        elif self.takes_g and not climbs:
            self.here = gradients[self.first][self.inside]
            return self
        else:
            np.copyto(self.g, gradients[self.first][self.inside])
        if climbs:
            np.negative(self.g, self.g)
        self.here = self.g
        return self

    def step(self, numbers: list[Any]) -> float:
        """A step by what was gathered; infinite or NaN if an entry of g or of a result is,
        and seldom else. (In place it could not be taken back: 0.)
        """
        if self.takes_g:
            g, self.here = self.here, self.g    # nobody else's gradients are kept
            return math.inf if self.calls(g, *numbers) else 0.
        self.calls(*numbers)
        total = 0.
        for dot, other in self.sums:        # inf*0 is NaN: no infinity is lost in a product
            total += dot(other)
        return total

    def sums_of_squares(self) -> list[float]:
        """Those of the gradients that were gathered, and of theta."""
        return [sum([dot(other) for dot, other in pairs]) for pairs in self.squared]

    def squares(self, gradients: list[np.ndarray]) -> float:
        """The sum of the squares of its gradients."""
        pieces = gradients[self.first:self.last]
        if self.inside:
            pieces = [pieces[0][self.inside]]
        return sum([float(np.vdot(g, g)) for g in pieces])


def stretches_of(sizes: list[int], largest: int, piece: int = 0) -> list[Stretch]:
    """Tensors of these sizes, end to end, in stretches of at most so many entries.

    One that is larger is cut into equal pieces, of at most `piece` entries if that is more;
    others stand together as far as they fit.
    """
    stretches: list[Stretch] = []
    start = 0
    for i, size in enumerate(sizes):
        if size > largest:
            pieces = -(-size//max(largest, piece))
            ends = [size*k//pieces for k in range(pieces + 1)]
            stretches += [Stretch(i, i + 1, start + a, start + b, slice(a, b))
                          for a, b in zip(ends, ends[1:])]
        elif stretches and not stretches[-1].inside and (
                start + size - stretches[-1].start <= largest):
            stretches[-1].last, stretches[-1].stop = i + 1, start + size
        else:
            stretches.append(Stretch(i, i + 1, start, start + size, None))
        start += size
    return stretches
