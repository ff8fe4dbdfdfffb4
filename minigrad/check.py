"""check_grads: does the tape's gradient agree with two independent witnesses?

Differences: one-sided difference quotients, extrapolated to step 0 (Ridders 1982), each
with an estimate of its own error, which is the budget of the comparison. Where the two
sides differ there is a kink, and any value between them is a valid gradient.
SymPy: where the arguments are few and the function runs on formulas, the exact derivative.
"""
import math
from typing import Any, Callable, NamedTuple

import numpy as np

from minigrad.autodiff import grad
from minigrad.randomness import generator
from minigrad.tensors import plain
from minigrad.traces import inner, leaves_of, map_leaves

SAFETY = 10             # the estimated error of a difference quotient may be this much off
FEW = 6                 # entries up to which SymPy is asked,
SHORT = 60              # and operations in the formula


class GradientError(AssertionError):
    """The tape's gradient is not what the witnesses say."""


class Checked(NamedTuple):
    """What check_grads compared: the largest error, as a share of what was allowed."""
    entries: int
    worst: float
    kinks: list
    witnesses: tuple


def one_sided(f, h):
    """The derivative of f at 0+ (h > 0) or 0- (h < 0), and an estimate of its error."""
    start = f(0.0)
    noise = 4*np.finfo(float).eps*max(abs(start), 1e-300)
    table, best, error = [], math.nan, math.inf
    for i in range(12):
        value = f(h)
        row = [(value - start)/h]
        for j in range(i):                          # cancel the terms in h, h^2, ...
            factor = 2.0**(j + 1)
            row.append((factor*row[j] - table[-1][j])/(factor - 1))
        if i:
            e = max(abs(row[-1] - row[-2]), abs(row[-1] - table[-1][-1]))
            e += (noise + 4*np.finfo(float).eps*abs(value))/abs(h)
            if e < error:
                best, error = row[-1], e
        table.append(row)
        h /= 2
    return best, error


def flatten(args):
    """The leaves of args, and a function that puts changed leaves back."""
    leaves = [np.array(plain(x)) for x in leaves_of(tuple(args))]
    for x in leaves:
        if x.dtype.kind != "f":
            raise TypeError(f"check_grads: an argument has dtype {x.dtype}; needs floats")
        if not np.isfinite(x).all():
            raise ValueError("check_grads: an argument is not finite")

    def rebuild(new):
        values = iter(new)
        return map_leaves(lambda _: next(values), tuple(args))
    return leaves, rebuild


def check_grads(f: Callable, args: tuple, order: int = 2, step: float = 1e-2,
                rng: Any = 0) -> Checked:
    """Compare f's gradient with differences and, where possible, with SymPy.

    f(*args) may return an array; it is contracted with a fixed random cotangent. order=2
    checks the gradient of the gradient as well. step is where the differences start,
    relative to the size of an entry: kinks and poles nearer than that are seen. float32
    arguments are held to float32 rounding. Raises GradientError with the worst entry.

    >>> check_grads(lambda x: x**3, (2.0,)).witnesses
    ('differences', 'SymPy')
    """
    rng = generator(rng)
    leaves, rebuild = flatten(args)
    shape = np.shape(plain(f(*rebuild(leaves))))
    cotangent = rng.uniform(0.5, 1.5, shape) if shape else 1.0

    def total(*arrays):
        return np.sum(f(*rebuild(arrays))*cotangent)
    result = check_once(total, leaves, step)
    if order > 1:
        directions = [rng.uniform(0.5, 1.5, x.shape) for x in leaves]

        def slope(*arrays):
            gradients = grad(total, tuple(range(len(leaves))))(*arrays)
            return inner("check_grads", gradients, directions)
        try:
            check_grads(slope, tuple(leaves), order - 1, step, rng)
        except GradientError as error:
            raise GradientError(f"in the derivative of the gradient: {error}") from None
    return result


def check_once(total, leaves, step):
    """The gradient against the witnesses, entry by entry."""
    gradients = grad(total, tuple(range(len(leaves))))(*[x.copy() for x in leaves])
    wide = [x.astype(float) for x in leaves]
    exact = ask_sympy(total, wide)
    worst, kinks, entries, bad = 0.0, [], 0, None
    for n, (x, g) in enumerate(zip(leaves, gradients)):
        if g.shape != x.shape or g.dtype != x.dtype:
            raise GradientError(f"argument {n}: the gradient is {g.dtype} {g.shape}, the "
                                f"argument {x.dtype} {x.shape}")
        rounding = 64*float(np.finfo(x.dtype).eps)
        for index in np.ndindex(x.shape):
            low, high, error = slopes(total, wide, n, index, step)
            budget = SAFETY*error + rounding*(1 + abs(low) + abs(high))
            is_kink = high - low > budget
            if is_kink:
                kinks.append((n, index, (low, high)))
            got = float(g[index])
            off = max(low - got, got - high, 0.0)
            share = off/budget if math.isfinite(off) else math.inf
            if exact is not None and not is_kink:
                true = exact[n][index]
                share = max(share, abs(got - true)/(rounding*(1 + abs(true))))
                low = high = true if share > 1 else low
            entries += 1
            if share >= worst:
                worst, bad = float(share), (n, index, got, low, high)
    if worst > 1 or math.isnan(worst):
        n, index, got, low, high = bad
        needed = f"{low:.9g}" if high - low < 1e-6*(1 + abs(low)) else \
            f"a value in [{low:.9g}, {high:.9g}] (a kink)"
        raise GradientError(f"argument {n}, entry {index}: the tape gives {got:.9g}, the "
                            f"witnesses {needed}")
    return Checked(entries, worst, kinks,
                   ("differences",) if exact is None else ("differences", "SymPy"))


def slopes(total, leaves, n, index, step):
    """The smaller and the larger of the slopes to both sides along one entry of leaf n, and
    the sum of the estimates of their errors."""
    def along(t):
        moved = [x.copy() for x in leaves]
        moved[n][index] += t
        return float(plain(total(*moved)))
    h = step*(abs(float(leaves[n][index])) or 1.0)
    with np.errstate(all="ignore"):
        (right, e1), (left, e2) = one_sided(along, h), one_sided(along, -h)
    return min(left, right), max(left, right), e1 + e2


def ask_sympy(total, leaves):
    """The exact gradient at these points, or None where SymPy has no say."""
    if sum(x.size for x in leaves) > FEW:
        return None
    import sympy as sp

    from minigrad.symbolic import Symbolic, symbols
    letters = [symbols(f"x{n}", x.shape) for n, x in enumerate(leaves)]
    try:
        whole = total(*letters)
    except TypeError:                   # a function with no meaning on formulas
        return None
    if not isinstance(whole, Symbolic) or sp.count_ops(whole.expr) > SHORT:
        return None
    at = {s: sp.Float(float(v), 40) for array, x in zip(letters, leaves)
          for s, v in zip(array.array.ravel(), x.ravel())}
    values = [sp.diff(whole.expr, s).subs(at).evalf(30) for s in at]
    if not all(value.is_Float or value.is_Integer for value in values):
        return None                     # at a kink, or not to be evaluated
    following = map(float, values)
    return [np.reshape([next(following) for _ in range(x.size)], x.shape) for x in leaves]
