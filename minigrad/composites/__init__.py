"""NumPy functions without a derivative of their own, in this reading order:

    joining.py       concatenate in all its forms
    picking.py       cuts, takes, diagonals
    moving.py        turns, spreads, differences
    reductions.py    statistics along axes
    bilinear.py      products of two arrays
    matrices.py      np.linalg: decompositions and norms
    plain.py         what is answered with plain values, or by advice

All but the last are written in other NumPy functions, so their derivatives follow. Each
takes what NumPy's own takes, and nothing else: an argument that is missing here raises
instead of being ignored.
"""
from minigrad.composites import bilinear, joining, matrices, moving, picking, reductions
from minigrad.composites.plain import INSTEAD, PLAIN

COMPOSITES = {
    **joining.COMPOSITES, **picking.COMPOSITES, **moving.COMPOSITES,
    **reductions.COMPOSITES, **bilinear.COMPOSITES, **matrices.COMPOSITES,
}

__all__ = ["COMPOSITES", "INSTEAD", "PLAIN"]
