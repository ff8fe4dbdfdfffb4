"""NumPy functions without a derivative of their own, in this reading order:

    joining.py       concatenate in all its forms
    picking.py       cuts, takes, diagonals
    choosing.py      between arrays, entry by entry
    moving.py        turns, spreads, differences
    reductions.py    sums, means and spreads along axes
    samples.py       quantiles and covariances
    nans.py          statistics of the entries that are numbers
    bilinear.py      products of two arrays
    interpolation.py interpolation and polynomials
    matrices.py      np.linalg: decompositions and norms
    plain.py         what is answered with plain values, or by advice

All but the last are written in other NumPy functions, so their derivatives follow. Each
takes what NumPy's own takes, and nothing else: an argument that is missing here raises
instead of being ignored.
"""
from minigrad.composites import (
    bilinear, choosing, interpolation, joining, matrices, moving, nans, picking, reductions,
    samples)
from minigrad.composites.plain import (
    INSTEAD, OF_LISTS, OF_METHODS, PLAIN, in_place_of_values)
from minigrad.composites.reductions import OPTIONS, WITH_OPTIONS

COMPOSITES = {
    **joining.COMPOSITES, **picking.COMPOSITES, **choosing.COMPOSITES,
    **moving.COMPOSITES,
    **reductions.COMPOSITES, **samples.COMPOSITES, **nans.COMPOSITES,
    **bilinear.COMPOSITES, **interpolation.COMPOSITES, **matrices.COMPOSITES,
}

__all__ = [
    "COMPOSITES", "INSTEAD", "OF_LISTS", "OF_METHODS", "OPTIONS", "PLAIN", "WITH_OPTIONS",
    "in_place_of_values"]
