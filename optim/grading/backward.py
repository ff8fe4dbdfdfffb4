"""Are these gradients, written by hand, those of the layer? graded_backward.

They are held against the engine's in several shapes, in float64, and then by proof on small
shapes of symbols against SymPy's derivative of the forward, where the code runs on them.
"""
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minigrad import autodiff
from optim.grading.backward_exercises import Exercise, exercise
from optim.grading.backward_gradients import Gradient, judged
from optim.grading.backward_results import Fault, assigned, equal, rounded
from optim.grading.grades import NOT_GRADED, NUMERICALLY, Grade
from optim.grading.submissions import CPU, HandedIn, borrowed_by, handed_in, not_own
from optim.proving.verdicts import Verdict

PROOF = 3.0                             # seconds
Ask = Callable[[Any], dict[str, Any]]   # the homework's process: what it answers


def grade_backward(target: Any, against: str = "affine", seconds: float = CPU) -> Grade:
    """grade, of a backward pass: against names one of EXERCISES."""
    began, asked = time.monotonic(), exercise(against)
    with handed_in(target) as homework:
        found = graded_backward(homework, asked, seconds)
    return replace(found, seconds=time.monotonic() - began)


def graded_backward(homework: HandedIn, asked: Exercise, seconds: float = CPU) -> Grade:
    """The grade of what was handed in."""
    def ask(adaption: Any) -> dict[str, Any]:
        return homework.answer("optim.grading.backward_process", seconds, asked.name,
                               adaption)

    def none(reason: str) -> Grade:
        return Grade(label, asked.name, NOT_GRADED, homework.short(reason))
    label = homework.label
    try:
        answer = ask(None)
    except ValueError as error:
        return none(str(error))
    label = homework.named(str(answer.get("name", "")))
    if borrowed := borrowed_by(answer):
        return none(not_own(borrowed))
    adaption = checked(answer.get("adaption"), asked)
    task = asked.adapted(*adaption)
    runs = answer.get("runs")
    if "error" in answer or not isinstance(runs, list) or len(runs) != len(task.cases):
        return none(str(answer.get("error", "its process gave no results")))
    if all("error" in run for run in runs) or unread(runs):
        return none(str(unread(runs) or runs[0]["error"]))
    gradients, faults, notes = examined(task, runs)
    result = Grade(label, asked.name, "REFUTED", "", gradients, notes=notes)
    if faults or not all(g.right for g in gradients.values()):
        return with_diagnosis(result, faults)
    where = f"in {len(runs)} shapes"
    kept = ", ".join(map(str, answer.get("kept", ())))
    proof, reason = proved(task, ask, adaption, [
        g.name for g in gradients.values()]) if not kept else (
        None, f"it changes {kept}, which outlives a call and may change what it gives")
    if proof is None:
        return replace(result, status=NUMERICALLY, reason=f"{where}; not proved: {reason}")
    return replace(result, status="PROVED", reason=f"{where}; {proof.method}", proof=proof,
                   quantities={n: replace(g, status="PROVED") for n, g in
                               gradients.items()})


def examined(asked: Exercise, runs: Sequence[dict[str, Any]]
             ) -> tuple[dict[str, Gradient], list[Fault], tuple[str, ...]]:
    """{"dx": what is known of it}, what is wrong with the whole, and notes."""
    calls = [*asked.calls()]
    truths = [engine(asked, call) for call in calls]
    columns, swapped, missing = assigned(asked, runs, truths)
    faults, notes = [*faults_of(runs), *swapped], []
    found = {name: judged(asked, name, column, calls, truths)
             for name, column in columns.items()}
    met = [k for k, run in enumerate(runs) if "error" not in run]
    if len(met) < len(runs) and any(g.mistakes for g in found.values()):
        found |= {name: judged(asked, name, *([x[k] for k in met] for x in (
            columns[name], calls, truths))) for name, g in found.items() if not g.mistakes}
    if any(g.index for g in found.values()):            # else the error is the mistake
        found |= {n: Gradient(n) for n, g in found.items() if not g.index and all(
            "error" in given or equal(given, t[n]) for given, t in zip(columns[n], truths))}
    for name in missing:
        if expected_of(runs, asked):
            found[name] = Gradient(name, "REFUTED", reason="it is not returned")
        else:
            notes.append(f"d{name} is not returned, and not graded")
    if any(rounded(cell) for column in columns.values() for cell in column):
        notes.append("it is in single precision, and was compared to 4 digits")
    return {f"d{n}": g for n, g in found.items()}, faults, tuple(notes)


def with_diagnosis(result: Grade, faults: Sequence[Fault]) -> Grade:
    """The grade of what is wrong, with what was done."""
    wrong = {n: g for n, g in result.quantities.items() if not g.right}
    said = [(f"{n}: {m}", m) for n, g in wrong.items() for m in g.mistakes]
    unknown = [f"{n}: not in the catalogue" for n, g in wrong.items()
               if not g.mistakes and not faults]
    return replace(
        result, first=next((g for g in wrong.values() if g.index is not None), None),
        mistakes=(*faults, *(m for _, m in said)),
        diagnosis="; ".join([*map(str, faults), *(text for text, _ in said), *unknown]))


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


def faults_of(runs: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    """What is wrong with the runs, whatever they give."""
    changed = dict.fromkeys(str(n) for run in runs for n in run.get("changed", ()))
    if changed:
        yield Fault("in-place change of the input",
                    f"it writes over {', '.join(changed)}, which the caller still needs")
    if not all(run.get("steady") for run in runs):
        yield Fault("not a function of its arguments", "run again with the same arguments "
                    "it gives something else; it is random, or remembers what came before")


def expected_of(runs: Sequence[dict[str, Any]], asked: Exercise) -> bool:
    """Whether all gradients had to be returned: it has arguments for all."""
    first = next(run for run in runs if "error" not in run)
    return {*first.get("own", ())} == {*asked.wanted}


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
