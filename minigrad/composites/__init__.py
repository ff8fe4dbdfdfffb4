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

They are loaded when one of them is first used: networks need few of them.
"""
import importlib

PARTS = ("joining picking choosing moving reductions samples nans bilinear interpolation "
         "matrices").split()
LISTS = {"OPTIONS": "reductions", "WITH_OPTIONS": "reductions",
         **dict.fromkeys("INSTEAD OF_LISTS OF_METHODS PLAIN in_place_of_values".split(),
                         "plain")}

__all__ = ["COMPOSITES", *LISTS]


def __getattr__(name):
    """COMPOSITES, and what else the files list; each is loaded once."""
    if name not in __all__:
        raise AttributeError(f"module 'minigrad.composites' has no attribute {name!r}")
    if name in LISTS:
        found = getattr(importlib.import_module(f"{__name__}.{LISTS[name]}"), name)
    else:
        found = {}
        for part in PARTS:
            found |= importlib.import_module(f"{__name__}.{part}").COMPOSITES
    globals()[name] = found
    return found
