"""What is seen over several passes only: gradients that add up, rates that are too large,
parameters and optimizers that have nothing to do with the loss; and how a program ended.
"""
import traceback
from typing import Any

import numpy as np

from minigrad.explanation.findings import ERROR, WARNING, Diagnosis, Finding
from minigrad.explanation.user_source import Line, is_ours

# (what the message says, kind, whether a cut of the graph is its cause)
ENDINGS = (
    ("used up by an", "backward twice"), ("depends on nothing that wants", "constant loss"),
    ("was written", "written value"), ("handed out by .data", "written value"),
    ("needs one entry", "loss is no number"), ("needs one number", "loss is no number"),
    ("lose the gradient", "graph is cut"), ("wants a gradient and has none",
                                            "parameter without influence"),
    ("diverged at step", "learning rate too large"), ("label", "labels do not fit"),
    ("only floats have", "integers have no gradient"), ("shape", "shapes do not fit"),
    ("dtype", "dtypes do not fit"), ("parameters are float", "dtypes do not fit"),
    ("float", "dtypes do not fit"))


def over_all(watch: Any, error: BaseException | None) -> Diagnosis:
    """The diagnosis of a watched program."""
    passes = watch.passes
    looked = [p for p in passes if p.diagnosis is not None]
    unhealthy = next((p for p in looked if not p.diagnosis.healthy), None)
    here = unhealthy or (looked[-1] if looked else None)
    findings = [*diverging(watch, here)]
    ended = [] if error is None else [*ending(watch, error, unhealthy)]
    if unhealthy is None or error is not None and not ended:
        findings += forgotten(watch)
    findings += ended if not (here and here.diagnosis.alarms) else []
    findings += here.diagnosis.findings if here else []
    findings += ended if here and here.diagnosis.alarms else []
    if unhealthy is not None:
        findings += forgotten(watch)
    if error is None or "wants a gradient and has none" in str(error):
        findings = [*others_moved(watch), *findings]
        findings += without_influence(watch)
    unique: dict[tuple, Finding] = {}
    for f in findings:
        unique.setdefault((f.cause, f.line.path, f.line.number), f)
    return Diagnosis([*unique.values()], title(watch, here))


def title(watch: Any, here: Any) -> str:
    """Which pass is spoken of."""
    if here is None:
        return f"{len(watch.passes)} backward passes" if watch.passes else (
            "no backward pass: nothing called backward(), mg.grad or its like")
    return (f"backward pass {here.number} of {len(watch.passes)}, "
            f"{Line(here.place) or 'in a library'}")


# --- losses that grow ---------------------------------------------------------------------
def diverging(watch: Any, here: Any) -> list[Finding]:
    """A loss that grows from step to step, or is no number in the end."""
    groups: dict[Any, list] = {}
    for p in watch.passes:
        line = Line(p.place)
        groups.setdefault((line.path, line.number), []).append(p)
    for passes in groups.values():
        losses = np.array([p.loss for p in passes])
        if len(losses) < 3 or not np.isfinite(losses[0]):
            continue
        finite = losses[np.isfinite(losses)]
        first = np.median(finite[:max(1, len(finite)//2)])      # one may have been lucky
        start = max(abs(first), 1e-3)
        burst = len(finite) < len(losses) and len(finite) > 1
        grown = (finite.max() - losses[0])/max(abs(losses[0]), 1e-3)
        rising = len(finite) >= 5 and finite[0] > 0 and np.mean(np.diff(finite) > 0) > 0.8
        ended = (finite[-1] - first)/start                      # a loss may fall below 0
        if burst and grown > 10 or ended > 100 or rising and ended > 0.5:
            return [too_large(watch, passes, losses)]
    return []


def too_large(watch: Any, passes: list, losses: np.ndarray) -> Finding:
    """The finding of a learning rate that is too large, at the line where it is given."""
    shown = " -> ".join(f"{x:.3g}" for x in [*losses[:3], losses[-1]])
    used = [r for r in watch.optimizers if r["steps"]]
    lr, place = None, update_of(passes[0].place) or passes[0].place
    if used:
        place = used[-1]["place"] or place
        group = used[-1]["optimizer"].param_groups[0]
        lr = group.get("lr")
    instead = (f"lr={lr/10:.2g}" if isinstance(lr, float) else "a tenth of the step")
    return Finding("learning rate too large", ERROR, f"the loss grows: {shown} over "
                   f"{len(losses)} steps", "a step beyond the other side of the valley "
                   "lands"
                   " higher than it began, and the next is longer; or the step goes up "
                   "the gradient, not down", f"{instead}, and subtract the gradient",
                   raw_place=place)


def update_of(place: Any) -> Any:
    """The place of a hand-written update in the loop around a call: the line that assigns
    to a variable of the call, computed with a minus or a plus."""
    import ast
    import linecache
    line = Line(place)
    try:
        tree = ast.parse("".join(linecache.getlines(line.path)))
    except (SyntaxError, ValueError):
        return None
    loops = [n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While))
             and n.lineno <= line.number <= (n.end_lineno or 0)]
    if not loops:
        return None
    updates = [n for n in ast.walk(loops[-1]) if n is not loops[-1] and (
        isinstance(n, ast.AugAssign) and isinstance(n.op, (ast.Sub, ast.Add))
        or isinstance(n, ast.Assign) and isinstance(n.value, ast.BinOp) and isinstance(
            n.value.op, (ast.Sub, ast.Add)) and ast.unparse(n.targets[0]) in ast.unparse(
                n.value.left)) and n.lineno >= line.number]
    return place_at(line.path, min(n.lineno for n in updates)) if updates else None


def place_at(path: str, number: int) -> Any:
    """A place as guards.here gives it, for a line of a file."""
    return compile("\n"*(number - 1) + "pass", path, "exec"), 2


def forgotten(watch: Any) -> list[Finding]:
    """zero_grad that nobody called, and step."""
    for p in watch.passes:
        if p.accumulated:
            return [Finding(
                "zero_grad forgotten", ERROR, f"pass {p.number} adds to the gradient of "
                f"pass "
                f"{p.number - 1}: {p.accumulated}.grad was not cleared, though the "
                f"parameter "
                "has moved since", "backward() adds to .grad, so the steps follow the "
                "sum of "
                "all gradients so far", "opt.zero_grad(), or w.grad = None, before "
                "backward()", raw_place=p.place)]
    reached = set().union(*(p.reached for p in watch.passes)) if watch.passes else set()
    for record in watch.optimizers:
        mine = {id(x) for g in record["optimizer"].param_groups for x in g["params"]}
        moved = any(not np.array_equal(watch.started[key], watch.values[key])
                    for key in mine & reached & watch.started.keys())
        if not record["steps"] and len(watch.passes) > 1 and mine & reached and not moved:
            return [Finding("step forgotten", WARNING, "the optimizer never made a step in "
                            f"{len(watch.passes)} backward passes", "the parameters stay "
                            "where they began", "opt.step() after backward()",
                            raw_place=watch.passes[-1].place)]
    return []


# --- parameters and optimizers that the loss does not know --------------------------------
def others_moved(watch: Any) -> list[Finding]:
    """Optimizers of parameters that no backward pass has reached."""
    reached = set().union(*(p.reached for p in watch.passes)) if watch.passes else set()
    if not reached:
        return []
    return [Finding("optimizer of other parameters", ERROR, "no parameter of this "
                                                            "optimizer "
                    "is among those that the loss depends on", "it was made for another "
                    "model, or before the model was made anew", "opt = "
                    f"{type(r['optimizer']).__name__}(model.parameters()) after the model "
                    "that is trained was made", raw_place=r["place"])
            for r in watch.optimizers
            if not reached & {id(x) for g in r["optimizer"].param_groups
                              for x in g["params"]}]


def without_influence(watch: Any) -> list[Finding]:
    """Parameters that no backward pass has reached, each at the line that cuts it off, or
    where it was made."""
    if not watch.passes or all(p.constant for p in watch.passes):
        return constant(watch)
    reached = set().union(*(p.reached for p in watch.passes))
    owned = {id(x) for r in watch.optimizers for g in r["optimizer"].param_groups
             for x in g["params"]}
    alive = {id(m) for key, (_, _, m) in watch.known.items() if key in reached and m}
    found: dict[Any, tuple[Any, list[str]]] = {}
    for key, (tensor, name, module) in watch.known.items():
        if key in reached or not tensor.requires_grad or not isinstance(
                watch.made.get(key, True), (tuple, bool)):
            continue
        if module is None and key not in watch.made:
            continue                    # it was there before, for something else
        whole = module is not None and id(module) not in alive
        if whole and not (key in owned and owned & reached) and (
                owned or key not in watch.entered):
            continue                    # a teacher, whose values are targets
        place = watch.cut.get(key) or (watch.made.get(key) or None)
        line = Line(place if isinstance(place, tuple) else None)
        found.setdefault((line.path, line.number, key in watch.cut),
                         (place, []))[1].append(name)
    findings = [unreached(", ".join(names[:4]) + ", ..."*(len(names) > 4), cut, place)
                for (_, _, cut), (place, names) in found.items()]
    for p in watch.passes:
        for name, leaf in p.unreached:
            findings.append(unreached(name, id(leaf) in watch.cut,
                                      watch.cut.get(id(leaf)) or p.place))
    return findings


def unreached(names: str, cut: bool, place: Any) -> Finding:
    """The finding for parameters that the loss does not depend on."""
    line = Line(place if isinstance(place, tuple) else None)
    if cut:
        return Finding("detached parameter", ERROR, f"the loss does not depend on {names}: "
                       "its values are taken out of the graph here", ".numpy(), .data, "
                       ".detach() and mg.stop_gradient give constants",
                       line.text.replace(".numpy()", "").replace(".detach()", "").replace(
                           ".data", "") if line.text else "compute with the tensor itself",
                       raw_place=line.place)
    return Finding("parameter without influence", ERROR, f"the loss does not depend on "
                   f"{names}: its gradient is None or 0, and it never moves",
                   "it is in no call on the way to the loss", "use it in the forward "
                   "pass, "
                   "or leave it out", raw_place=line.place)


def constant(watch: Any) -> list[Finding]:
    """A loss that depends on nothing: where the graph was cut."""
    place = cause_of_cut(watch) or (watch.passes[-1].place if watch.passes else None)
    if place is None:
        return []
    return [Finding("constant loss", ERROR, "the loss depends on no tensor that wants a "
                    "gradient, so its gradient is 0 everywhere", "the values were taken "
                    "out "
                    "of the graph, by .numpy(), .data, .detach(), mg.no_grad() or "
                    "mg.stop_gradient, or the inputs were made without requires_grad=True",
                    without_cut(Line(place)), raw_place=place)]


def without_cut(line: Line) -> str:
    text = line.text
    for cut in (".numpy()", ".detach()", ".data"):
        text = text.replace(cut, "")
    if text != line.text:
        return text
    if "no_grad" in text or "stop_gradient" in text:
        return "leave it out, and compute with the tensors themselves"
    return "mg.tensor(..., requires_grad=True) for what is learned"


def cause_of_cut(watch: Any) -> Any:
    """Where values were taken out of the graph last, results before parameters."""
    for wanted in (True, None, False):
        for place, inner in reversed(watch.cuts):
            if inner is wanted and place is not None:
                return place
    return None


# --- how a program ended ------------------------------------------------------------------
def ending(watch: Any, error: BaseException, unhealthy: Any) -> list[Finding]:
    """The error that ended a program, as a finding at the user's line."""
    text = f"{type(error).__name__}: {error}"
    place = users_frame(error)
    kind = next((kind for words, kind in ENDINGS if words in str(error)),
                type(error).__name__)
    node = None
    if isinstance(error, FloatingPointError) and kind != "learning rate too large":
        if unhealthy is not None:
            return []                           # the pass itself says it
        kind = "not a number"
    if kind == "constant loss":
        return constant_at(watch, place, text)
    if kind == "written value" and watch.written:
        place, node = watch.written[0], watch.written[1]
    if kind == "parameter without influence" and without_influence(watch):
        return []
    why, _, instead = text.partition("; ")
    return [Finding(kind, ERROR, why, "" if node is None else f"{node} needs the value "
                                                              f"as it "
                    "was", instead, raw_place=place)]


def constant_at(watch: Any, place: Any, text: str) -> list[Finding]:
    found = constant(watch)
    if found:
        return found
    return [Finding("constant loss", ERROR, text, "nothing on the way to the loss wants a "
                    "gradient", "mg.tensor(..., requires_grad=True) for what is learned",
                    raw_place=place)]


def users_frame(error: BaseException) -> Any:
    """The place of the innermost line of the user's in a traceback."""
    place = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not is_ours(frame.f_code.co_filename):
            place = frame.f_code, last_offset(error, frame)
    return place


def last_offset(error: BaseException, frame: Any) -> int:
    """The offset at which a frame of a traceback was left."""
    step = error.__traceback__
    offset = frame.f_lasti
    while step is not None:
        if step.tb_frame is frame:
            offset = step.tb_lasti
        step = step.tb_next
    return offset
