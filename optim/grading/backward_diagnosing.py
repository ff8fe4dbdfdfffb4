"""Which mistake was made in a gradient: the right one with a slip that it equals."""
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from optim.grading.backward_catalogue import Slip, compiled, slips, source_of
from optim.grading.backward_exercises import Exercise
from optim.grading.backward_results import CLOSE, CLOSE_32, Cell, array_of, rounded, same


def diagnosed(asked: Exercise, name: str, column: Sequence[Cell],
              calls: Sequence[Mapping[str, Any]]) -> tuple[Slip, ...]:
    """The slips with which the right gradient is the given one in every case, or none."""
    k = asked.wanted.index(name)
    right = source_of(asked)
    base = outcomes(right, k, calls)
    useful: dict[tuple[str, ...], Slip] = {}
    for slip in slips(right):
        made = outcomes(slip.source, k, calls)
        if agree(made, column):
            return slip,
        useful[slip.key] = slip
        if alike(made, base):
            useful[slip.key] = replace(slip, source="")     # it is of another gradient
    order = {key: place for place, key in enumerate(useful)}
    for first in (slip for slip in useful.values() if slip.source):
        for second in slips(first.source):
            if order.get(second.key, len(order)) > order[first.key] and (
                    second.key not in useful or useful[second.key].source):
                if agree(outcomes(second.source, k, calls[:1]), column[:1]) and agree(
                        outcomes(second.source, k, calls), column):
                    return first, second
    return ()


def outcomes(source: str, k: int, calls: Sequence[Mapping[str, Any]]
             ) -> list[np.ndarray | None]:
    """The k-th gradient of a text in each case; None where it raises."""
    f = compiled(source)
    out: list[np.ndarray | None] = []
    names = f.__code__.co_varnames[:f.__code__.co_argcount]
    for call in calls:
        try:
            with np.errstate(all="ignore"):
                arrays = {n: call[n] for n in names}
                out.append(np.asarray(f(**arrays)[k], float))
        except (ValueError, IndexError, TypeError):
            out.append(None)
    return out


def agree(made: Sequence[np.ndarray | None], column: Sequence[Cell]) -> bool:
    """Whether they are equal in every case: in one at least as numbers, and an error where
    the other raises."""
    met = False
    for one, given in zip(made, column):
        other = array_of(given)
        if (one is None) != (other is None):
            return False
        if one is not None and other is not None:
            if not same(other, one, CLOSE_32 if rounded(given) else CLOSE):
                return False
            met = True
    return met


def alike(one: Sequence[np.ndarray | None], other: Sequence[np.ndarray | None]) -> bool:
    return all((a is None) == (b is None) and (a is None or b is None or same(a, b))
               for a, b in zip(one, other))
