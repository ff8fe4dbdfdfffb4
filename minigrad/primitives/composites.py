"""NumPy functions written in other NumPy functions: their derivatives follow.

Each takes what NumPy's own takes, and nothing else: an argument that is missing here
raises instead of being ignored.
"""
from minigrad.primitives import bilinear, factors, joining, moving, picking, reductions

COMPOSITES = {
    **joining.COMPOSITES, **picking.COMPOSITES, **moving.COMPOSITES,
    **reductions.COMPOSITES, **bilinear.COMPOSITES, **factors.COMPOSITES,
}
