"""Whose result is whose: what a backward pass gave in each case, by gradient."""
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.grading.backward_exercises import Exercise

CLOSE, CLOSE_32 = 1e-9, 1e-4            # relative to the largest entry


@dataclass(frozen=True)
class Fault:
    """A mistake that no edit of a gradient makes: its name, and what was done."""
    mistake: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.mistake}: {self.meaning}"

    def as_dict(self) -> dict[str, str]:
        return {"mistake": self.mistake, "meaning": self.meaning, "right": "", "wrong": ""}


Cell = dict[str, Any]                   # a result of one case, or {"error": why none}


def assigned(asked: Exercise, runs: Sequence[dict[str, Any]],
             truths: Sequence[Mapping[str, Any]]
             ) -> tuple[dict[str, list[Cell]], list[Fault], list[str]]:
    """{gradient: its results}, whether they are out of order, and which are missing."""
    first = next(run for run in runs if "error" not in run)
    count = len(first["results"])
    orders: list[list[str]] = []
    if first.get("names"):
        orders.append([n for n in first["names"] if n in asked.wanted])
    else:
        orders += [[*asked.wanted][:count]]
        if count == len(asked.wanted) and first.get("own"):
            orders.append([n for n in first["own"] if n in asked.wanted])
    best = max(orders, key=lambda order: score(order, runs, truths))
    columns = {name: [cell(run, k) for run in runs] for k, name in enumerate(best)}
    swapped: list[Fault] = []
    wrong = [n for n in columns if not fits(columns[n], n, truths)]
    if len(wrong) > 1:
        true = {n: next((m for m in wrong if fits(columns[m], n, truths)), None)
                for n in wrong}
        if None not in true.values():
            given = ", ".join(f"d{next(n for n in wrong if true[n] == m)}" if m in wrong
                              else f"d{m}" for m in best)
            swapped.append(Fault("order swapped", f"it gives {given} where "
                                 f"{', '.join(f'd{m}' for m in best)} was asked"))
    return columns, swapped, [n for n in asked.wanted if n not in columns]


def cell(run: Mapping[str, Any], k: int) -> Cell:
    """The k-th result of a run."""
    if "error" in run:
        return {"error": str(run["error"])}
    results = run["results"]
    return results[k] if k < len(results) else {"error": "it is not returned"}


def score(order: Sequence[str], runs: Sequence[dict[str, Any]],
          truths: Sequence[Mapping[str, Any]]) -> int:
    return sum(fits([cell(run, k) for run in runs], name, truths)
               for k, name in enumerate(order))


def fits(column: Sequence[Cell], name: str, truths: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a column is the engine's gradient in every case."""
    return all(equal(given, truth[name]) for given, truth in zip(column, truths))


def array_of(given: Cell) -> np.ndarray | None:
    """The array of a result, or None if it is none."""
    if "data" not in given:
        return None
    data, shape = np.array(given["data"], float), tuple(map(int, given["shape"]))
    return data.reshape(shape) if data.size == math.prod(shape) else None


def rounded(given: Cell) -> bool:
    return given.get("dtype") in ("float32", "float16")


def equal(given: Cell, truth: np.ndarray) -> bool:
    array = array_of(given)
    return array is not None and same(array, truth, CLOSE_32 if rounded(given) else CLOSE)


def same(one: np.ndarray, other: np.ndarray, close: float = CLOSE) -> bool:
    """Whether two arrays are the same but for rounding, in shape too."""
    if one.shape != other.shape or not np.all(np.isfinite(one) == np.isfinite(other)):
        return False
    size = max(1e-3, float(np.max(np.abs(other[np.isfinite(other)]), initial=0)))
    with np.errstate(invalid="ignore"):
        return bool(np.all((np.abs(one - other) <= close*size) | ~np.isfinite(other)))
