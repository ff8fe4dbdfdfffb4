"""check_grads: does the tape's gradient agree with two independent witnesses?

Differences: one-sided difference quotients, extrapolated to step 0 (Ridders 1982), each
with an estimate of its own error, which is the budget of the comparison. Where the two
sides differ there is a kink, and any value between them is a valid gradient.
SymPy: where the arguments are few and the function runs on formulas, the exact derivative.
It counts where the differences allow it, as a formula may hide that its pieces meet.
"""
import math
from typing import Any, Callable, NamedTuple

import numpy as np

from minigrad.autodiff import grad, inner
from minigrad.randomness import generator
from minigrad.structures import keys_of, leaves_of, map_leaves
from minigrad.tape import no_grad
from minigrad.tensors import plain
from minigrad.time_limits import within
from minigrad.traces import check_call

SAFETY = 10             # the estimated error of a difference quotient may be this much off
FEW = 6                 # entries up to which SymPy is asked,
SHORT = 60              # operations in the formula,
SECONDS = 5             # and time that it has


class GradientError(AssertionError):
    """The tape's gradient is not what the witnesses say."""


class Checked(NamedTuple):
    """What check_grads compared: the largest error, as a share of what was allowed."""
    entries: int
    worst: float
    kinks: list
    witnesses: tuple


# --- the arguments and the function -------------------------------------------------------
def names_of(tree, name):
    """What errors call each leaf of a structure, in order."""
    keys = keys_of(tree)
    if keys is None:
        return [name]
    return [leaf for key in keys for leaf in names_of(tree[key], f"{name}[{key!r}]")]


def is_float(x):
    """Whether x is a number or an array of floats: others are left alone."""
    return np.asarray(plain(x)).dtype.kind == "f"


def flatten(args):
    """The float arrays in args, and a function that puts changed ones back."""
    if not isinstance(args, (tuple, list)):
        raise TypeError(f"check_grads: args came {type(args).__name__}, needs a tuple of "
                        "the arguments; for one write check_grads(f, (x,))")
    everything = leaves_of(tuple(args))
    moved = [n for n, x in enumerate(everything) if is_float(x)]
    leaves = [np.array(plain(everything[n])) for n in moved]
    if not moved:
        came = ", ".join(type(x).__name__ for x in everything) or "nothing"
        raise TypeError(f"check_grads: no argument is of floats (came {came}); write 3.0 "
                        "for 3, or x.astype(float)")
    if not all(np.isfinite(x).all() for x in leaves):
        raise ValueError("check_grads: an argument is not finite")

    def rebuild(new):
        parts = dict(enumerate(everything)) | dict(zip(moved, new, strict=True))
        following = iter(parts.values())
        return map_leaves(lambda _: next(following), tuple(args))
    names = [name for n, x in enumerate(args) for name in names_of(x, f"argument {n}")]
    return leaves, rebuild, [names[n] for n in moved]


def results_of(value):
    """The arrays in a function's value; raises if they have no derivative to be checked."""
    arrays = leaves_of(map_leaves(plain, value))
    for y in arrays:
        if not is_float(y):
            raise TypeError(f"check_grads: the function returned {type(y).__name__}, needs "
                            "floats or arrays of floats, or structures of them")
        if not np.isfinite(y).all():
            raise ValueError("check_grads: the function's value is not finite here")
    if not arrays:
        raise TypeError("check_grads: the function returned an empty structure")
    return [np.asarray(y) for y in arrays]


def check_grads(f: Callable, args: tuple, order: int = 2, step: float = 1e-2,
                rng: Any = 0) -> Checked:
    """Compare f's gradient with differences and, where possible, with SymPy.

    f(*args) returns floats, arrays or a structure of them; they are contracted with fixed
    random cotangents. So may be the arguments; those not of floats are left alone. order=2
    checks the gradient of the gradient as well. step is where the differences start,
    relative to the size of an entry: kinks and poles nearer than that are seen. float32
    arguments are held to float32 rounding. Raises GradientError with the worst entry;
    ValueError where f's value is not finite, or differs from call to call; TypeError where
    there is nothing to differentiate.

    >>> check_grads(lambda x: x**3, (2.0,)).witnesses
    ('differences', 'SymPy')
    """
    check_call("check_grads", f)
    leaves, rebuild, names = flatten(args)
    with no_grad():                         # values from an outer derivative are constants
        first, again = [results_of(f(*rebuild([x.copy() for x in leaves])))
                        for _ in range(2)]
        if not all(map(np.array_equal, first, again)):
            raise ValueError("check_grads: the function returned two values for the same "
                             "arguments; make its random generator inside it, from a seed")
        return checked(f, leaves, rebuild, first, order, step, names, generator(rng))


def checked(f, leaves, rebuild, results, order, step, names, rng):
    """The comparison, of the gradient and of its own gradient."""
    cotangents = [rng.uniform(0.5, 1.5, y.shape) if y.shape else 1.0 for y in results]

    def total(*arrays):
        return inner(f(*rebuild(arrays)), cotangents)
    outcome = check_once(total, leaves, step, names)
    if order > 1:
        directions = [rng.uniform(0.5, 1.5, x.shape) for x in leaves]

        def weighed(*arrays):       # 1 at the leaves: the cotangents take part as well
            moved = inner([a - x for a, x in zip(arrays, leaves)], directions)
            return total(*arrays)*(1 + moved)

        def slope(*arrays):
            return inner(grad(weighed, tuple(range(len(leaves))))(*arrays), directions)
        try:
            checked(slope, leaves, list, [np.zeros(())], order - 1, step, names, rng)
        except GradientError as error:
            raise GradientError(f"in the derivative of the gradient: {error}") from None
    return outcome


# --- the comparison -----------------------------------------------------------------------
def check_once(total, leaves, step, names):
    """The gradient against the witnesses, entry by entry."""
    gradients = grad(total, tuple(range(len(leaves))))(*[x.copy() for x in leaves])
    wide = [x.astype(float) for x in leaves]
    exact = ask_sympy(total, wide)
    worst, kinks, entries, bad = 0.0, [], 0, ""
    scale = min(1.0, max(float(np.max(np.abs(v), initial=0.0))      # of small functions
                         for v in (plain(total(*wide)), *gradients)))
    for n, (x, g) in enumerate(zip(leaves, gradients)):
        if g.shape != x.shape or g.dtype != x.dtype:
            raise GradientError(f"{names[n]}: the gradient is {g.dtype} {g.shape}, the "
                                f"argument {x.dtype} {x.shape}")
        rounding = 64*float(np.finfo(x.dtype).eps)
        for index in np.ndindex(x.shape):
            low, high, error = slopes(total, wide, n, index, step)
            budget = SAFETY*error + rounding*(scale + abs(low) + abs(high))
            is_kink = high - low > budget
            if is_kink:
                kinks.append((n, index, (low, high)))
            got = float(g[index])
            share = share_of(max(low - got, got - high, 0.0), budget)
            says = f"{low:.9g}" if not is_kink else \
                f"a value in [{low:.9g}, {high:.9g}] (a kink)"
            if exact is not None:
                true = exact[n][index]
                says += f", SymPy {true:.9g}"
                if low - budget <= true <= high + budget and not is_kink:
                    share = max(share, share_of(
                        abs(got - true), rounding*(scale + abs(true))))
            entries += 1
            if share > worst:
                worst = share
                bad = (f"{names[n]}, entry {index}: the tape gives {got:.9g}, the "
                       f"differences {says}")
    if worst > 1:
        raise GradientError(bad)
    return Checked(entries, worst, kinks,
                   ("differences",) if exact is None else ("differences", "SymPy"))


def share_of(off, budget):
    """An error as a share of what is allowed; infinite where it is not a number."""
    if off == 0:
        return 0.0
    return off/budget if math.isfinite(off) and budget > 0 else math.inf


# --- the witnesses ------------------------------------------------------------------------
def one_sided(f, h):
    """The derivative of f at 0+ (h > 0) or 0- (h < 0), and an estimate of its error.

    NaN where f is not defined on that side.
    """
    start = f(0.0)
    noise = 4*np.finfo(float).eps*max(abs(start), 1e-300)
    table, best, error = [], math.nan, math.inf
    for _ in range(12):
        value = f(h)
        row = [(value - start)/h]
        for j in range(len(table)):                 # cancel the terms in h, h^2, ...
            factor = 2.0**(j + 1)
            row.append((factor*row[j] - table[-1][j])/(factor - 1))
        if table:
            e = max(abs(row[-1] - row[-2]), abs(row[-1] - table[-1][-1]))
            e += (noise + 4*np.finfo(float).eps*abs(value))/abs(h)
            if e < error:
                best, error = row[-1], e
        table = [*table, row] if math.isfinite(value) else []
        h /= 2
    return best, error


def slopes(total, leaves, n, index, step):
    """The smaller and the larger of the slopes to both sides along one entry of leaf n, and
    the sum of the estimates of their errors. A side where f is not defined has no say."""
    def along(t):
        moved = [x.copy() for x in leaves]
        moved[n][index] += t
        return float(plain(total(*moved)))
    h = step*(abs(float(leaves[n][index])) or 1.0)
    with np.errstate(all="ignore"):
        sides = [one_sided(along, h), one_sided(along, -h)]
    sides = [side for side in sides if math.isfinite(side[0])] or sides
    values, errors = zip(*sides)
    return min(values), max(values), sum(errors)


def ask_sympy(total, leaves):
    """The exact gradient at these points, or None where SymPy has no say."""
    if sum(x.size for x in leaves) > FEW:
        return None
    try:
        return within(SECONDS, lambda: derivatives(total, leaves), otherwise=lambda: None)
    except Exception:       # whatever it is that SymPy cannot do, the differences decide
        return None


def derivatives(total, leaves):
    """The gradient of a total, run on formulas, or None at a kink and where it is long."""
    import sympy as sp

    from minigrad.symbolic import Symbolic, symbols
    letters = [symbols(f"x{n}", x.shape) for n, x in enumerate(leaves)]
    whole = total(*letters)
    if not isinstance(whole, Symbolic) or sp.count_ops(whole.expr) > SHORT:
        return None
    at = {s: sp.Float(float(v), 40) for array, x in zip(letters, leaves)
          for s, v in zip(array.array.ravel(), x.ravel())}
    values = [sp.diff(whole.expr, s).subs(at).evalf(30) for s in at]
    if not all(value.is_Float or value.is_Integer for value in values):
        return None
    following = map(float, values)
    return [np.reshape([next(following) for _ in range(x.size)], x.shape) for x in leaves]
