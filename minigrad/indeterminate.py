"""0/0 and 0*inf on the way back: where a cotangent of 0 meets an infinite slope.

There a cotangent of 0 stays 0. That is right for entries that do not count, and may be
wrong: the slope of np.sqrt(x)**2 is 1, also at 0. So it is reported as NumPy reports its
own 0/0, through np.errstate(invalid=...), naming the operation and its line. It is silent
where the cotangent is 0 whatever the numbers are: behind a branch that np.where or np.max
has not chosen, a constant factor 0, an entry that was not asked for.

Where NaN came in, as a missing number in the data, what is not counted has slope 0, in
silence. Nothing is resolved where the function itself makes NaN, or where the whole result
is infinite; NaN goes on there, and guards.py says where it was born.
"""
import warnings

import numpy as np

from minigrad.guards import line_of
from minigrad.primitives import ELEMENTWISE, VJPS, selection, shapes, sliding, ties
from minigrad.primitives.linear import affine, unbroadcast

# Their VJPs move and drop entries.
MASKING = {*shapes.VJPS, *selection.VJPS, *sliding.VJPS, *ties.VJPS, np.sum}
PRODUCTS = {np.multiply, np.matmul, affine}     # of a constant 0, as of a dark pixel
WARNED: dict = {}           # file name -> what Python remembers to have warned of there


def zero_met_infinity(g, out):
    """Where NaN came of a cotangent of 0, entry by entry."""
    return (g == 0) & np.isnan(getattr(out, "_data", out))


class Indeterminate:
    """What one walk back from seeds, pairs (Tensor, cotangent), has resolved.

    NumPy calls it when an operation is invalid; only then is anything looked at.
    """

    def __init__(self, seeds, differentiable):
        self.seeds = seeds
        self.met = self.always = False
        self.differentiable = differentiable    # whether it is recorded itself
        self.walked = []
        self.found = {}                         # node -> which entries were resolved

    def __call__(self, kind, flag):
        self.met = True

    def resolve(self, node, result, g, out):
        """The cotangent out, with 0 for NaN where g, that of the result, is 0."""
        self.met = self.always
        dead = node.function in ELEMENTWISE and zero_met_infinity(g, out)
        if not np.any(dead) or not all(                 # what is asked for must be finite
                np.all(np.isfinite(t._data) | (g == 0)) for t, g in self.seeds):
            return out
        zeros = dead & (~np.isnan(result._data) | (len(node.place) > 2))
        came_in = sum(np.isnan(getattr(a, "_data", a)) for a in node.args) > 0
        out = np.where(zeros | dead & came_in, 0, out)
        if np.any(zeros):
            self.found[node] = self.found.get(node, False) | zeros
            place_inside(node, out, {id(t) for t in (g, result, *node.args)})
        return out

    def pull(self, node, result, counts):
        """Which entries of the arguments count, if those of the result do; see tape.pull.

        Reports what was resolved at an entry that counts.
        """
        if np.any(self.found.get(node, False) & counts):
            report(node)
        values, out = [getattr(a, "_data", a) for a in node.args], []
        for i in node.positions:
            if node.args[i].requires_grad:
                mask, shape = counts, node.args[i].shape
                if node.function in MASKING and len(node.place) == 2:
                    mask = VJPS[node.function][i](counts, result._data, *values,
                                                  **node.kwargs)
                elif node.function in PRODUCTS:
                    factors = [1.0*(getattr(a, "requires_grad", False)
                                    | np.not_equal(value, 0))
                               for a, value in zip(node.args, values)]
                    mask = VJPS[node.function][i](1.0*counts, None, *factors)
                elif node.function not in ELEMENTWISE:
                    mask = np.full(shape, np.any(mask))
                out.append((node.args[i], unbroadcast(mask, shape) != 0))
        return out


def place_inside(node, out, ends):
    """What was recorded between these ends and out stands in the derivative of node."""
    made = getattr(out, "_node", None)
    if made is not None and id(out) not in ends:
        made.place = (*node.place[:2], node.function)
        for i in made.positions:
            place_inside(node, made.args[i], ends)


def report(node):
    """Warn, raise or call, as np.errstate(invalid=...) says."""
    text = (f"{node}: a cotangent of 0 met an infinite slope and stays 0, which is right "
            "for entries that do not count, but not for np.sqrt(x)**2 at 0; "
            "np.errstate(invalid='ignore') allows it")
    how, (path, number) = np.geterr()["invalid"], line_of(node.place)
    if how == "raise":
        raise FloatingPointError(text)
    if how == "warn":
        warnings.warn_explicit(text, RuntimeWarning, path, number,
                               registry=WARNED.setdefault(path, {}))
    else:
        np.divide(0.0, 0.0)                     # NumPy prints it, calls or logs
