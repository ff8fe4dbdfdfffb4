"""Arrays in few words, and the steps that are listed of a large graph."""
from typing import Any

import numpy as np

MOST = 60                   # steps in a table, a graph or a step-through


def number(x: Any) -> str:
    """A number in few letters.

    >>> number(0.1 + 0.2), number(-1e-9), number(3)
    ('0.3', '-1e-09', '3')
    """
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def short(array: Any) -> str:
    """An array in at most about 40 letters: the entries of a small one, else its range.

    >>> short(np.array([1., 2.])), short(np.zeros((5, 3)))
    ('[1, 2]', '(5, 3) 0..0, mean 0')
    """
    if array is None:
        return "none"
    array = np.asarray(array)
    if array.size == 0:
        return f"{array.shape} empty"
    if array.size == 1:
        text = number(array.item())
        return text if array.ndim == 0 else f"{'['*array.ndim}{text}{']'*array.ndim}"
    if array.ndim == 1 and array.size <= 4:
        return f"[{', '.join(number(x) for x in array.tolist())}]"
    return f"{array.shape} {spread(array)}"


def spread(array: np.ndarray) -> str:
    """The range and the mean of the finite entries, and how many are not."""
    if array.dtype.kind == "b":
        return f"{np.count_nonzero(array)} of {array.size} true"
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    odd = [f"{count} {name}" for name, count in (
        ("nan", np.count_nonzero(np.isnan(wide))),
        ("inf", np.count_nonzero(np.isinf(wide)))) if count]
    ends = [f"{number(finite.min().item())}..{number(finite.max().item())}, "
            f"mean {number(finite.mean().item())}"] if finite.size else []
    return ", ".join(ends + odd)


def cut(text: str, length: int) -> str:
    """A text that is no longer."""
    return text if len(text) <= length else text[:length - 1] + "…"


def nearest(steps: list, most: int = MOST) -> tuple[list, str]:
    """The steps next to the loss, in order, and a note on those left out ("" if none)."""
    if len(steps) <= most:
        return steps, ""
    found, ring = {steps[-1].index: steps[-1]}, [steps[-1]]
    while ring and len(found) < most:
        ring = [edge.source for step in ring for edge in step.edges
                if edge.source.index not in found]
        for step in ring:
            if len(found) < most:
                found.setdefault(step.index, step)
    return sorted(found.values(), key=lambda step: step.index), (
        f"{len(steps) - len(found)} of {len(steps)} steps, further from the loss, are left"
        " out")
