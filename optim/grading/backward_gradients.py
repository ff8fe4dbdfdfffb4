"""What is known of one gradient: right, or where it is wrong and what was done."""
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optim.grading.backward_catalogue import Slip
from optim.grading.backward_diagnosing import diagnosed
from optim.grading.backward_exercises import Exercise
from optim.grading.backward_results import Cell, Fault, array_of, equal
from optim.grading.grades import NUMERICALLY


@dataclass(frozen=True)
class Gradient:
    """What is known of one gradient: its .status, and where it is wrong.

    status     PROVED, NUMERICALLY RIGHT or REFUTED
    case       the shapes at which it is wrong;     index, expected, got: the worst entry
    reason     in place of an entry: a wrong shape, an error
    mistakes   what was done: slips of the catalogue, that make the right gradient equal to
               it in every shape, or what else is known
    """
    name: str
    status: str = NUMERICALLY
    case: str = ""
    index: tuple[int, ...] | None = None
    expected: float | None = None
    got: float | None = None
    reason: str = ""
    mistakes: tuple[Slip | Fault, ...] = ()

    @property
    def right(self) -> bool:
        return self.status != "REFUTED"

    @property
    def detail(self) -> str:
        """Where it is wrong."""
        where = f" (at {self.case})"*bool(self.case)
        if self.index is None:
            return self.reason + where
        return (f"[{', '.join(map(str, self.index))}] is {self.got:.9g} and should be "
                f"{self.expected:.9g}{where}"
                + f"; at other shapes: {self.reason}"*bool(self.reason))

    def __str__(self) -> str:
        return f"d{self.name}: {self.detail or self.status}"

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "status": self.status, "right": self.right,
                "case": self.case, "index": self.index, "expected": self.expected,
                "got": self.got, "reason": self.reason,
                "mistakes": [m.as_dict() for m in self.mistakes]}


def judged(asked: Exercise, name: str, column: Sequence[Cell],
           calls: Sequence[Mapping[str, Any]], truths: Sequence[Mapping[str, Any]]
           ) -> Gradient:
    """Whether a gradient is right in every case, and what was done if not."""
    for given, call, truth in zip(column, calls, truths):
        if not equal(given, truth[name]):
            found = shown(name, given, truth[name], shapes_of(asked, call))
            break
    else:
        return Gradient(name)
    # an entry says more than an error does
    if found.index is None:
        for given, call, truth in zip(column, calls, truths):
            array = array_of(given)
            if array is not None and array.shape == truth[name].shape and not equal(
                    given, truth[name]):
                found = replace(shown(name, given, truth[name], shapes_of(asked, call)),
                                reason=found.reason)
                break
    return replace(found, mistakes=diagnosed(asked, name, column, calls) or tuple(
        remarked(column, [t[name] for t in truths])))


def shapes_of(asked: Exercise, call: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} {np.shape(call[n])}" if np.ndim(call[n]) else f"{n} = {call[n]}"
                     for n in asked.arguments)


def shown(name: str, given: Cell, truth: np.ndarray, case: str) -> Gradient:
    """Where a gradient is wrong."""
    array = array_of(given)
    if array is None:
        words = given.get("error") or f"came {given.get('words', 'nothing')}"
        if given.get("words") == "None":
            words = "came None; is the return forgotten?"
        return Gradient(name, "REFUTED", case, reason=str(words))
    if array.shape != truth.shape:
        return Gradient(name, "REFUTED", case, reason=f"its shape is {array.shape}, "
                        f"expected {truth.shape}")
    apart = np.where(np.isfinite(array), np.abs(array - truth), np.inf)
    index = np.unravel_index(int(np.argmax(apart)), truth.shape)
    return Gradient(name, "REFUTED", case, tuple(map(int, index)), float(truth[index]),
                    float(array[index]))


def remarked(column: Sequence[Cell], truths: Sequence[np.ndarray]) -> Iterator[Fault]:
    """What can be said of a mistake that is not in the catalogue."""
    arrays = [array_of(given) for given in column]
    if any(a is not None and not np.all(np.isfinite(a)) for a in arrays):
        yield Fault("not finite", "it gives NaN or infinity")
        return
    pairs = [(a, t) for a, t in zip(arrays, truths) if a is not None and a.shape == t.shape]
    ratios = [a[t != 0]/t[t != 0] for a, t in pairs if np.all(a[t == 0] == 0)]
    met = np.concatenate(ratios) if ratios else np.zeros(0)
    if len(ratios) == len(truths) and met.size and np.allclose(met, met[0], 1e-9, 0):
        yield Fault("factor", f"it is {met[0]:.9g} times the gradient")
