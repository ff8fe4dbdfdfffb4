"""grade_backward: are these gradients, written by hand, those of the layer?

    grade_backward("homework.py:affine_backward", against="affine")

They are held against the engine's in several shapes, in float64, and then by proof on small
shapes of symbols against SymPy's derivative of the forward, where the code runs on them.
"""
import json
import math
import shutil
import tempfile
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from minigrad import autodiff
from optim.grading.backward_catalogue import Slip, compiled, slips, source_of
from optim.grading.backward_exercises import Exercise, exercise
from optim.grading.grades import NOT_GRADED
from optim.grading.submissions import CLOCK, CPU, LARGEST, as_file, short
from optim.lifting.python_files import parted, run_apart
from optim.optimizers.signatures import name_of
from optim.proving.verdicts import Verdict

CLOSE, CLOSE_32 = 1e-9, 1e-4            # relative to the largest entry
PROOF = 3.0                             # seconds
Ask = Callable[[Any], dict[str, Any]]   # the homework's process: what it answers


@dataclass(frozen=True)
class Gradient:
    """What is known of one gradient: `.right`, and where it is wrong.

    case       the shapes at which it is wrong;     index, expected, got: the worst entry
    reason     in place of an entry: a wrong shape, an error
    mistakes   what was done: slips of the catalogue, that make the right gradient equal to
               it in every shape
    """
    name: str
    right: bool
    case: str = ""
    index: tuple[int, ...] | None = None
    expected: float | None = None
    got: float | None = None
    reason: str = ""
    mistakes: tuple[Slip, ...] = ()
    remark: str = ""

    def __str__(self) -> str:
        if self.right:
            return f"d{self.name}  right"
        where = self.reason if self.index is None else (
            f"[{', '.join(map(str, self.index))}] is {self.got:.9g}, expected "
            f"{self.expected:.9g}")
        return f"d{self.name}  wrong: {where}" + f" (at {self.case})"*bool(self.case)

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "right": self.right, "case": self.case,
                "index": self.index, "expected": self.expected, "got": self.got,
                "reason": self.reason, "remark": self.remark,
                "mistakes": [m.as_dict() for m in self.mistakes]}


@dataclass(frozen=True)
class BackwardGrade:
    """What is known of a backward pass.

    status     PROVED: right in all shapes that were tried, and for all numbers in the small
               shapes that .proof names; NUMERICALLY RIGHT: the former alone, and .reason
               says why; REFUTED: see .gradients; NOT GRADED: it was not read, see .reason
    gradients  {argument: its Gradient}
    faults     what is wrong with the whole: inputs changed in place, another result the
               second time, the order of the results
    """
    label: str
    against: str
    status: str
    reason: str = ""
    gradients: Mapping[str, Gradient] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    proof: Verdict | None = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def right(self) -> bool:
        return self.status in ("PROVED", "NUMERICALLY RIGHT")

    @property
    def blamed(self) -> list[str]:
        return [f"d{n}" for n, g in self.gradients.items() if not g.right]

    @property
    def mistakes(self) -> list[str]:
        """The names of all mistakes that were found."""
        found = [s.mistake for g in self.gradients.values() for s in g.mistakes]
        remarks = [g.remark.partition(":")[0] for g in self.gradients.values() if g.remark]
        faults = [f.partition(":")[0] for f in self.faults]
        return [*dict.fromkeys(found + remarks + faults)]

    @property
    def diagnosis(self) -> str:
        """What was done, in words."""
        parts = [f"d{n}: {s}" for n, g in self.gradients.items() for s in g.mistakes]
        parts += [f"d{n}: {g.remark}" for n, g in self.gradients.items() if g.remark]
        unknown = [f"d{n}: not in the catalogue" for n, g in self.gradients.items()
                   if not (g.right or g.mistakes or g.remark)]
        return "; ".join([*self.faults, *parts, *unknown])

    def lines(self) -> list[str]:
        out = [f"{self.label} against {self.against}: {self.status}"
               + f" ({self.reason})"*bool(self.reason)]
        out += [f"  {g}" for g in self.gradients.values()]
        out += [f"  what was done: {self.diagnosis}"]*bool(self.diagnosis)
        return out + [f"  {note}" for note in self.notes]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The grade in words that JSON can hold."""
        return {"submission": self.label, "against": self.against, "status": self.status,
                "right": self.right, "reason": self.reason, "blamed": self.blamed,
                "quantities": {n: g.as_dict() for n, g in self.gradients.items()},
                "diagnosis": self.diagnosis, "mistakes": self.mistakes,
                "faults": [*self.faults], "notes": [*self.notes],
                "seconds": round(self.seconds, 3)}


def grade_backward(target: Any, against: str = "affine", seconds: float = CPU
                   ) -> BackwardGrade:
    """Whether a backward pass written by hand gives the gradients of a layer.

    target: a function or a class, or "FILE.py:NAME", or FILE.py with one backward pass in
    it. Its code runs in a process of its own (confinement.py). against: one of EXERCISES.
    Its arguments are matched by their names, in any order: def backward(x, w, dout), or
    (dout, cache) with the cache of its own forward or as it takes it apart, or a class with
    forward and backward. It gives gradients in the order x, w, b or in its own arguments'
    order, as a tuple or as a dict by name.

    Raises ValueError if there is no such file or exercise, TypeError for what is no
    homework.
    """
    began = time.monotonic()
    asked = exercise(against)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy, name, label = handed_in(target, folder)

        def ask(adaption: Any) -> dict[str, Any]:
            return run_apart(json.dumps([copy, name, asked.name, adaption]), label, seconds,
                             max(CLOCK, seconds), "optim.grading.backward_process", folder)
        found = graded(label, asked, ask, Path(copy).name, copy)
    return replace(found, seconds=time.monotonic() - began)


def handed_in(target: Any, folder: str) -> tuple[str, str, str]:
    """The copy of a homework's file in a folder, the name in it, and what it is called."""
    if isinstance(target, str):
        file, name = parted(target)
        for each in (file, *file.parent.glob("*.py")):
            if each.is_file() and each.stat().st_size <= LARGEST:
                shutil.copyfile(each, Path(folder, each.name))
        return str(Path(folder, file.name)), name, file.name + f":{name}"*bool(name)
    if not isinstance(target, (types.FunctionType, type)):
        raise TypeError(f"grade: came {target!r}; needed a function, a class or "
                        "FILE.py:NAME")
    copy = Path(folder, "typed.py")
    copy.write_text(as_file(target), encoding="utf-8")
    return str(copy), name_of(target), name_of(target)


def graded(label: str, asked: Exercise, ask: Ask, file: str,
           copy: str) -> BackwardGrade:
    """The grade of what a process answers."""
    def none(reason: str) -> BackwardGrade:
        return BackwardGrade(label, asked.name, NOT_GRADED, short(reason, copy, file))
    try:
        answer = ask(None)
    except ValueError as error:
        return none(str(error))
    if answer.get("borrowed"):
        return none(f"takes the answer from {', '.join(map(str, answer['borrowed']))}: not "
                    "the student's own work")
    adaption = checked(answer.get("adaption"), asked)
    asked = asked.adapted(*adaption)
    calls = [*asked.calls()]
    runs = answer.get("runs")
    if "error" in answer or not isinstance(runs, list) or len(runs) != len(calls):
        return none(str(answer.get("error", "its process gave no results")))
    if all("error" in run for run in runs) or unread(runs):
        return none(str(unread(runs) or runs[0]["error"]))
    truths = [engine(asked, call) for call in calls]
    columns, swapped, missing = assigned(asked, runs, truths)
    faults, notes = [*faults_of(runs)], []
    if swapped:
        faults.append(swapped)
    gradients = {name: judged(asked, name, column, calls, truths)
                 for name, column in columns.items()}
    if any(g.index for g in gradients.values()):        # else the error is the mistake
        spared = [n for n, g in gradients.items() if not g.index and all(
            "error" in given or equal(given, t[n]) for given, t in zip(columns[n], truths))]
        gradients |= {n: Gradient(n, True) for n in spared}
    for name in missing:
        if expected_of(runs, asked):
            gradients[name] = Gradient(name, False, reason="it is not returned")
        else:
            notes.append(f"d{name} is not returned, and not graded")
    if any(rounded(cell) for column in columns.values() for cell in column):
        notes.append("it is in single precision, and was compared to 4 digits")
    if faults or not all(g.right for g in gradients.values()):
        return BackwardGrade(label, asked.name, "REFUTED", "", gradients, tuple(faults),
                             tuple(notes))
    proof, reason = proved(asked, ask, adaption, [*columns])
    where = f"in {len(calls)} shapes"
    status = "PROVED" if proof is not None else "NUMERICALLY RIGHT"
    return BackwardGrade(label, asked.name, status, f"{where}; " + (
        proof.method if proof is not None else f"not proved: {reason}"), gradients, (),
        tuple(notes), proof)


def checked(adaption: Any, asked: Exercise) -> tuple[dict[str, Any], bool]:
    """What a process says that a homework has for its own, if it is such."""
    match adaption:
        case [dict(fixed), bool(upstream)] if all(
                asked.shapes.get(n) == "" and (asked.shapes.get(x) == "" or isinstance(
                    x, (int, float)) and 0 <= x < 10) for n, x in fixed.items()):
            return fixed, upstream
    return {}, False


def unread(runs: list[dict[str, Any]]) -> str:
    """What no case could be asked for."""
    shared = {str(run.get("error", "")) for run in runs}
    text = shared.pop()
    return text if not shared and ("not known" in text or "not understood" in text
                                   or "needed" in text) else ""


def engine(asked: Exercise, call: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The engine's gradients of the forward."""
    def f(*wanted):
        return asked.called({**call, **dict(zip(asked.wanted, wanted))})
    _, pullback = autodiff.vjp(f, *(call[name] for name in asked.wanted))
    return dict(zip(asked.wanted, map(np.asarray, pullback(call["dout"]))))


# ------------------------------------------------------------------ whose result is whose
Cell = dict[str, Any]                   # a result of one case, or {"error": why none}


def assigned(asked: Exercise, runs: Sequence[dict[str, Any]],
             truths: Sequence[Mapping[str, Any]]
             ) -> tuple[dict[str, list[Cell]], str, list[str]]:
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
    swapped = ""
    wrong = [n for n in columns if not fits(columns[n], n, truths)]
    if len(wrong) > 1:
        true = {n: next((m for m in wrong if fits(columns[m], n, truths)), None)
                for n in wrong}
        if None not in true.values():
            given = ", ".join(f"d{next(n for n in wrong if true[n] == m)}" if m in wrong
                              else f"d{m}" for m in best)
            swapped = (f"order swapped: it gives {given} where "
                       f"{', '.join(f'd{m}' for m in best)} was asked")
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


def faults_of(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the runs, whatever they give."""
    changed = dict.fromkeys(str(n) for run in runs for n in run.get("changed", ()))
    if changed:
        yield (f"in-place change of the input: it writes over {', '.join(changed)}, which "
               "the caller still needs")
    if not all(run.get("steady") for run in runs):
        yield ("not a function of its arguments: run again with the same arguments it gives"
               " something else; it is random, or remembers what came before")


def expected_of(runs: Sequence[dict[str, Any]], asked: Exercise) -> bool:
    """Whether all gradients had to be returned: it has arguments for all."""
    first = next(run for run in runs if "error" not in run)
    return {*first.get("own", ())} == {*asked.wanted}


# ------------------------------------------------------------------ one gradient
def judged(asked: Exercise, name: str, column: Sequence[Cell],
           calls: Sequence[Mapping[str, Any]], truths: Sequence[Mapping[str, Any]]
           ) -> Gradient:
    """Whether a gradient is right in every case, and what was done if not."""
    for given, call, truth in zip(column, calls, truths):
        if not equal(given, truth[name]):
            found = shown(name, given, truth[name], shapes_of(asked, call))
            break
    else:
        return Gradient(name, True)
    # an entry says more than an error does
    if found.index is None:
        for given, call, truth in zip(column, calls, truths):
            array = array_of(given)
            if array is not None and array.shape == truth[name].shape and not equal(
                    given, truth[name]):
                found = replace(shown(name, given, truth[name], shapes_of(asked, call)),
                                reason=found.reason)
                break
    mistakes = diagnosed(asked, name, column, calls)
    remark = "" if mistakes else remarked(column, [t[name] for t in truths])
    return replace(found, mistakes=mistakes, remark=remark)


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
        return Gradient(name, False, case, reason=str(words))
    if array.shape != truth.shape:
        return Gradient(name, False, case, reason=f"its shape is {array.shape}, expected "
                        f"{truth.shape}")
    apart = np.where(np.isfinite(array), np.abs(array - truth), np.inf)
    index = np.unravel_index(int(np.argmax(apart)), truth.shape)
    return Gradient(name, False, case, tuple(map(int, index)), float(truth[index]),
                    float(array[index]))


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


def remarked(column: Sequence[Cell], truths: Sequence[np.ndarray]) -> str:
    """What can be said of a mistake that is not in the catalogue."""
    arrays = [array_of(given) for given in column]
    if any(a is not None and not np.all(np.isfinite(a)) for a in arrays):
        return "not finite: it gives NaN or infinity"
    pairs = [(a, t) for a, t in zip(arrays, truths) if a is not None and a.shape == t.shape]
    ratios = [a[t != 0]/t[t != 0] for a, t in pairs if np.all(a[t == 0] == 0)]
    met = np.concatenate(ratios) if ratios else np.zeros(0)
    if len(ratios) == len(truths) and met.size and np.allclose(met, met[0], 1e-9, 0):
        return f"factor: it is {met[0]:.9g} times the gradient"
    return ""


# ------------------------------------------------------------------ proof
def proved(asked: Exercise, ask: Ask, adaption: Any, names: Sequence[str]
           ) -> tuple[Verdict | None, str]:
    """The proof on small shapes of symbols, or None and why there is none."""
    from minigrad.time_limits import within
    from optim.grading.backward_proof import proof
    try:
        answer = ask(adaption)
    except ValueError as error:
        return None, str(error)
    runs = answer.get("runs", [])
    bad = answer.get("error") or next((r["error"] for r in runs if "error" in r), "")
    if bad or not runs:
        return None, f"its code does not run on symbols ({str(bad)[:120]})"
    return within(PROOF, lambda: proof(asked, runs, names),
                  otherwise=lambda: (None, f"not decided in {PROOF:g} s"))
