"""Functions that choose between arrays, entry by entry, written in np.where."""
from typing import Any

import numpy as np

from minigrad.primitives import shapes


def select(condlist, choicelist, default=0):
    """Where several conditions hold, the first counts."""
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: came {len(condlist)} conditions and {len(choicelist)} "
                         "choices, needs as many")
    out = default
    for condition, choice in zip(condlist[::-1], choicelist[::-1]):
        out = np.where(condition, choice, out)
    return out


def choose(a, choices, mode="raise"):
    """From the array choices[a], entry by entry."""
    n = len(choices)
    shape = np.broadcast_shapes(np.shape(a), *(np.shape(choices[i]) for i in range(n)))
    stack = np.stack([np.broadcast_to(choices[i], shape) for i in range(n)])
    which = np.broadcast_to(np.choose(a, list(range(n)), mode=mode), shape)
    return np.take_along_axis(stack, np.expand_dims(which, 0), 0)[0]


def piecewise(x, condlist, funclist, *args, **kw):
    """Functions, or numbers, each on the entries where its condition holds; where several
    hold, the last counts. One function more serves where none holds."""
    if np.ndim(condlist) == 0 or np.ndim(condlist[0]) == 0 and np.ndim(x):
        condlist = [condlist]
    conditions = [np.broadcast_to(c, np.shape(x)) for c in condlist]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    if len(funclist) != len(conditions):
        raise ValueError(f"piecewise: came {len(funclist)} functions for {len(condlist)} "
                         "conditions, needs as many, or one more")
    out = np.zeros_like(x)
    for c, f in zip(conditions, funclist):
        part = f(x[c], *args, **kw) if callable(f) else f
        part = shapes.astype(np.broadcast_to(part, (np.count_nonzero(c),)), x.dtype)
        out = np.where(c, shapes.scatter(part, np.asarray(c), np.shape(x)), out)
    return out


COMPOSITES: dict[Any, Any] = {
    np.select: select, np.choose: choose, np.piecewise: piecewise,
}
