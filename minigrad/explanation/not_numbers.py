"""Where NaN and infinity are born, on the way forward and on the way back, and why."""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.findings import ERROR, WARNING, Finding
from minigrad.explanation.local_derivatives import BY_ENTRY
from minigrad.explanation.user_source import Line
from minigrad.primitives import stable

LOGS = {np.log, np.log2, np.log10}
POWERS = {np.exp, np.exp2, np.expm1, np.cosh, np.sinh}
OUTSIDE = {np.arcsin: "-1 to 1", np.arccos: "-1 to 1", np.arctanh: "-1 to 1",
           np.arccosh: "1 on"}


def odd(x: Any) -> bool:
    """Whether an array of floats has NaN or infinity in it."""
    x = np.asarray(x)
    return x.dtype.kind == "f" and not np.isfinite(x).all()


def nan(x: Any) -> bool:
    x = np.asarray(x)
    return x.dtype.kind == "f" and bool(np.isnan(x).any())


def at(mask: np.ndarray) -> str:
    """How many entries, and where the first stands."""
    mask = np.asarray(mask)
    if mask.ndim == 0 or mask.size == 1:
        return ""
    where = np.argwhere(mask)
    first = ", ".join(map(str, where[0].tolist())) if len(where) else ""
    return f" in {len(where)} of {mask.size} entries, first at [{first}]"


def described(step: Step) -> str:
    """The call with its shapes: what the finding is about."""
    shapes = [str(np.shape(x)) for x in step.plain_arguments()
              if isinstance(x, np.ndarray) and x.ndim]
    return f"{step.name} = {step.call}" + (f" of shape{'s'*(len(shapes) > 1)} "
                                           f"{', '.join(shapes)}" if shapes else "")


# --- the way forward ----------------------------------------------------------------------
def forward(explanation: Any) -> Iterator[Finding]:
    """The call at which the first NaN or infinity was born that reached the loss."""
    if odd(explanation.loss.value):
        culprit, came = birth(explanation.loss)
        earlier = [s for s in explanation.nodes if odd(s.value) and s is not culprit
                   and not masked(s) and s in behind(culprit)]
        yield born(*birth(earlier[0])) if earlier and came is None else born(culprit, came)


def behind(step: Step) -> set[Step]:
    """All that a value was computed from."""
    found, waiting = set(), [step]
    while waiting:
        x = waiting.pop()
        if x not in found:
            found.add(x)
            waiting += [a for a in x.arguments if isinstance(a, Step)]
    return found


def masked(step: Step) -> bool:
    """Whether a value is -inf where a mask made it so, and odd nowhere else."""
    bad = step.value[~np.isfinite(step.value)]
    return bool(np.all(bad == -np.inf)) and any(is_mask(x) and odd(getattr(
        x, "value", x)) or isinstance(x, Step) and odd(x.value) and masked(x)
        for x in step.arguments) or step.is_leaf and is_mask(step)


def birth(step: Step) -> tuple[Step, Any]:
    """The call where it began, going back from a value that is no number, and the argument
    that came with it, if it was there from the start."""
    of_nan = None
    while True:
        bad = [x for x in step.arguments if odd(getattr(x, "value", x))]
        if nan(step.value):
            first = [x for x in bad if nan(getattr(x, "value", x))]
            of_nan = None if first else step
            bad = first or bad
        steps = [x for x in bad if isinstance(x, Step)]
        made = [x for x in steps if not x.is_leaf]
        if made and not all(map(masked, made)):
            step = next(x for x in made if not masked(x))
            continue
        if made:
            return of_nan or step, None
        if bad and not is_mask(bad[0]):
            return step, bad[0]
        return step, None


def is_mask(x: Any) -> bool:
    """Whether an argument is a mask: -inf and nothing else that is odd, not a tensor."""
    if isinstance(x, Step) and x.wants_gradient:
        return False
    x = np.asarray(getattr(x, "value", x))
    return bool(np.all((x == -np.inf) | (x == 0))) and x.dtype.kind == "f"


def born(step: Step, came: Any) -> Finding:
    """The finding at the call where NaN or infinity began."""
    what = described(step) if step.function else step.name
    if came is not None or step.function is None:
        value = np.asarray(getattr(came, "value", came) if came is not None else step.value)
        name = getattr(came, "name", step.name if came is None else "an array")
        kind = "NaN" if np.isnan(value).any() else "infinity"
        return Finding(
            f"{kind} in the data", ERROR,
            f"{what}: {name} has {kind} before anything is "
            f"computed{at(~np.isfinite(value))}",
            "what is computed of it is no number either",
            "look at the data first: x = x[np.isfinite(x).all(axis=1)] leaves such rows "
            "out,"
            " np.nan_to_num(x) fills them", step)
    kind, why, instead = reason(step)
    return Finding(kind, ERROR, f"{what} is {'NaN' if nan(step.value) else 'infinite'}"
                   f"{at(~np.isfinite(step.value))}", why, instead, step,
                   kind="NaN" if nan(step.value) else "infinity")


def reason(step: Step) -> tuple[str, str, str]:
    """(kind, why, what to write instead) of a call whose result is no number."""
    f, y = step.function, step.value
    args = [np.asarray(x) for x in step.plain_arguments()]
    line = Line(step.raw_place)
    texts = line.arguments()
    if not texts or len(texts) < len(args):
        texts = step.named_arguments()
    x = args[0] if args else y
    a = texts[0] if texts else "x"
    rewritten = line.with_expression
    if f in LOGS or f is np.log1p:
        shift = x + (f is np.log1p)
        if np.any(shift < 0):
            return ("log of a negative number", f"the least entry of {a} is {x.min():.4g}; "
                    "a logarithm has no real value there",
                    f"{rewritten(f'np.{step.operation}({clamped(a, f)})')}, or find out "
                    f"why "
                    f"{a} is negative")
        soft = any(isinstance(s, Step) and made_by_softmax(s) for s in step.arguments)
        better = ("nn.log_softmax(logits), which never takes log of 0" if soft else
                  rewritten(f"np.{step.operation}({clamped(a, f)})"))
        return ("log of 0", "the logarithm goes to -inf there, and its slope 1/x to inf",
                better)
    if f is np.sqrt:
        return ("root of a negative number", f"the least entry of {a} is {x.min():.4g}",
                rewritten(f"np.sqrt(np.maximum({a}, 1e-12))"))
    if f in (np.power, np.float_power):
        if np.any((args[0] < 0) & (args[1] != np.floor(args[1]))):
            return ("root of a negative number", f"{a} is negative and {texts[1]} is no "
                    "whole number", rewritten(f"np.abs({a})**{texts[1]}"))
        if np.any((args[0] == 0) & (args[1] < 0)):
            return ("division by 0", f"{a} is 0 and its exponent negative",
                    rewritten(f"np.where({a} == 0, 1, {a})**{texts[1]}"))
    if f in (np.true_divide, np.reciprocal, np.remainder, np.floor_divide, np.fmod):
        below, b = (args[-1], texts[-1])
        if np.any(below == 0):
            zero = np.any((args[0] == 0) & (below == 0)) and f is not np.reciprocal
            top = "1" if f is np.reciprocal else wrapped(a)
            return ("0/0" if zero else "division by 0",
                    f"{b} is 0{at(below == 0)}" + f", and so is {a} there"*bool(zero),
                    rewritten(f"{top}/np.where({b} == 0, 1, {b})") + ", or add a small "
                    "number below: + 1e-8")
    if f in OUTSIDE:
        return (f"outside of where {step.operation} is defined",
                f"{a} goes from {x.min():.4g} to {x.max():.4g}; needed {OUTSIDE[f]}",
                rewritten(f"np.{step.operation}(np.clip({a}, -1, 1))"
                          if f is not np.arccosh else f"np.arccosh(np.maximum({a}, 1))"))
    if f in POWERS and np.isinf(y).any():
        limit = np.log(np.finfo(y.dtype).max)
        return ("overflow of exp", f"{a} reaches {np.abs(x).max():.4g}, and exp of more "
                                   f"than"
                f" {limit:.3g} is no {y.dtype}", exp_instead(step, a, rewritten))
    if f in (stable.softmax, stable.log_softmax, stable.logsumexp, stable.cross_entropy):
        return ("softmax of nothing", "all entries along the axis are -inf: everything is "
                "masked", "let every row keep one entry that is not masked")
    if y.size and np.isinf(y).any() and not any(odd(x) for x in args):
        return (f"overflow of {y.dtype}", f"the largest {y.dtype} is "
                f"{np.finfo(y.dtype).max:.4g}; the arguments reach "
                f"{max([float(np.abs(x).max()) for x in args if x.size] or [0]):.4g}",
                "scale the numbers down" + (", or compute in float32: x.astype(np.float32)"
                                            if y.dtype == np.float16 else
                                            ", or compute in float64" if y.dtype ==
                                            np.float32 else ", or compute with logarithms"))
    if any(not x.size for x in args):
        return ("mean of nothing", "there are no entries, and 0/0 is NaN",
                "look at the shape: is the batch or the mask empty?")
    infinite = [t for t, x in zip(texts, args) if np.isinf(x).any()]
    return ("inf - inf, 0*inf or inf/inf", f"{', '.join(map(str, infinite)) or a} is "
            "infinite there", "look where it became infinite; nn.logsumexp and nn.softmax "
            "take the largest entry out before exp")


def clamped(a: str, f: Any) -> str:
    return f"np.maximum({a}, {'-1 + ' if f is np.log1p else ''}1e-12)"


def wrapped(text: Any) -> str:
    text = str(text)
    return f"({text})" if any(c in text for c in "+- ") and not text.endswith(")") else text


def exp_instead(step: Step, a: str, rewritten: Any) -> str:
    """What is written for an exp that overflows."""
    users = {edge.step.function for edge in step.outputs}
    further = {e.step.function for edge in step.outputs for e in edge.step.outputs}
    if np.sum in users and np.true_divide in users | further:
        return f"nn.softmax({a}), which takes the largest entry out first"
    if np.log in further | users and np.add in users:
        return f"np.logaddexp(0, {a}) for np.log(1 + np.exp({a}))"
    if np.add in users:
        return "nn.sigmoid(x) for 1/(1 + np.exp(-x)), np.logaddexp(0, x) for log(1 + exp)"
    if np.sum in users:
        return f"nn.logsumexp({a}), or nn.softmax({a}) for exp over its sum"
    return rewritten(f"np.exp(np.minimum({a}, 80))") + ", or work with the logarithm"


def made_by_softmax(step: Step) -> bool:
    """Whether a value's rows are probabilities that a softmax made."""
    return step.function is stable.softmax


# --- the way back -------------------------------------------------------------------------
def backward(explanation: Any) -> Iterator[Finding]:
    """The call on the way back at which a cotangent stopped being a number, the loss being
    one; and branches that np.where did not choose whose slope is none."""
    if odd(explanation.loss.value):
        return
    broken = next((edge for step in explanation.backward_order for edge in step.inputs
                   if odd(edge.contribution) and not odd(step.cotangent)), None)
    if broken is not None and reaches_input(broken):
        yield slope_finding(broken)
    for step in explanation.nodes:
        for edge in step.inputs:
            hidden = hidden_slope(edge)
            if hidden is not None:
                yield hidden


def reaches_input(edge: Edge) -> bool:
    """Whether what came back is no number at an input either."""
    steps, seen = [edge.source], set()
    while steps:
        step = steps.pop()
        if step in seen:
            continue
        seen.add(step)
        if step.is_leaf and step.wants_gradient and odd(step.cotangent):
            return True
        steps += [e.source for e in step.inputs if odd(e.contribution)]
    return False


def chooser(step: Step) -> Step | None:
    """The np.where behind a value that did not choose some of its entries."""
    waiting, seen = [*step.outputs], set()
    while waiting:
        edge = waiting.pop()
        if edge.step in seen:
            continue
        seen.add(edge.step)
        if edge.step.function is np.where:
            chosen = np.asarray(getattr(edge.step.arguments[0], "value",
                                        edge.step.arguments[0])).astype(bool)
            if not np.all(chosen if edge.position == 1 else ~chosen):
                return edge.step
        waiting += edge.step.outputs
    return None


def slope_finding(edge: Edge) -> Finding:
    """The finding at a call that makes a cotangent infinite or NaN."""
    step: Any = edge.step
    g, out = np.broadcast_arrays(step.cotangent, edge.before) if (
        step.cotangent.shape == edge.before.shape) else (step.cotangent, edge.before)
    choice = chooser(step)
    unused = g.shape == out.shape and np.all(g[~np.isfinite(out)] == 0)
    if choice is not None and (unused or odd(step.value)):
        return branch(step, choice, ~np.isfinite(np.asarray(edge.before)))
    kind, why, instead = slope_reason(step)
    return Finding(kind, ERROR, f"on the way back, the derivative of {described(step)} is "
                   f"{'NaN' if nan(edge.before) else 'infinite'}"
                   f"{at(~np.isfinite(edge.before))}", why, instead, step,
                   kind=("NaN" if nan(edge.before) else "infinity") + " on the way back")


def branch(step: Step, choice: Step, mask: np.ndarray, severity: str = ERROR) -> Finding:
    """A branch of np.where that was not chosen, and whose slope is no number there."""
    line, outer = Line(step.raw_place), Line(choice.raw_place)
    texts, conditions = line.arguments(), outer.arguments()
    condition = conditions[0] if conditions and outer.tree is not None else "ok"
    inner = texts[-1] if texts else step.named_arguments()[-1]
    safe = f"np.where({condition}, {inner}, 1)"
    new = line.expression.replace(str(inner), safe, 1) if texts else safe
    same = " = ".join(part for part in [line.with_expression(new)])
    return Finding(
        "branch of np.where that was not chosen", severity,
        f"{described(step)}: its slope is infinite or NaN{at(mask)}, where np.where at "
        f"{outer} takes the other branch",
        "both branches are computed and differentiated; a slope that is no number, times a "
        "cotangent of 0, is NaN, or a 0 by convention",
        f"{same}    # np.where inside as well: the branch never sees such entries", step)


def slope_reason(step: Step) -> tuple[str, str, str]:
    """(kind, why, instead) of a call whose slope is infinite or NaN."""
    f, line = step.function, Line(step.raw_place)
    args = [np.asarray(x) for x in step.plain_arguments()]
    texts = line.arguments() or step.named_arguments()
    a = str(texts[0]) if texts else "x"
    if f is np.sqrt:
        of_squares = any(isinstance(x, Step) and x.function is np.sum
                         for x in step.arguments)
        instead = ("np.linalg.norm(x), whose slope at 0 is 0; or " if of_squares else "")
        return ("slope of sqrt at 0", f"{a} is 0, and the slope 1/(2 sqrt(x)) is infinite "
                "there; times a slope of 0 it is NaN",
                instead + line.with_expression(f"np.sqrt({a} + 1e-12)"))
    if f in (np.power, np.float_power) and np.any(args[0] == 0):
        return ("slope of a power at 0", f"{a} is 0, and for an exponent below 1 the slope "
                "p x**(p - 1) is infinite there",
                line.with_expression(f"({a} + 1e-12)**{texts[1]}" if len(texts) > 1 else a))
    if f in LOGS or f is np.log1p:
        return ("log of 0", f"{a} is 0 and 1/x infinite",
                line.with_expression(f"np.{step.operation}({clamped(a, f)})"))
    if f in (np.true_divide, np.reciprocal):
        return ("division by 0", f"{texts[-1]} is 0 or so small that the slope overflows",
                line.with_expression(f"{wrapped(a)}/({texts[-1]} + 1e-8)"))
    if f in OUTSIDE:
        return (f"slope of {step.operation} at its end", f"{a} is at the end of its "
                                                         f"domain, "
                "where the slope is infinite",
                line.with_expression(f"np.{step.operation}(np.clip({a}, -1 + 1e-7, 1 - "
                                     f"1e-7))"
                                     ))
    if any(odd(x) for x in args) or odd(step.value):
        source = birth(step)[0]
        if source is not step:
            kind, why, instead = reason(source)
            return kind, f"{source.name} = {source.call} at {source.place}: {why}", instead
        return reason(step) if odd(step.value) else (
            "infinite value", f"{a} is infinite and its slope NaN", "keep it finite")
    return (f"overflow of {step.value.dtype}", "the cotangent times the slope is larger "
                                               "than"
            " any number of this dtype", "scale the loss or the weights down")


def hidden_slope(edge: Edge) -> Finding | None:
    """A slope that is no number where the cotangent is 0 and so stays 0: of a branch that
    np.where has not chosen, else of an entry that may count."""
    step: Any = edge.step
    if step.function not in BY_ENTRY or step.function is np.where:
        return None
    suspects = [x for x in step.plain_arguments() if np.ndim(x) or not isinstance(x, bool)]
    if not (np.any(step.cotangent == 0) and risky(step, suspects)):
        return None
    number = edge.number
    if number is None or number.shape != step.cotangent.shape:
        return None
    mask = ~np.isfinite(number) & (step.cotangent == 0)
    if not mask.any():
        return None
    choice = chooser(step)
    if choice is not None:
        return branch(step, choice, mask, WARNING)
    if not (counts(step, mask) or odd(step.value)):
        return None
    kind, why, instead = slope_reason(step)
    return Finding(kind, WARNING, f"{described(step)}: a cotangent of 0 meets an infinite "
                   f"slope{at(mask)}, and stays 0 by convention",
                   why + "; the true slope may be another, as of np.sqrt(x)**2", instead,
                   step)


def counts(step: Step, mask: np.ndarray) -> bool:
    """Whether entries with cotangent 0 count: it is 0 since a factor is, as in sqrt(x)**2,
    not since the entry was left out."""
    return all(edge.step.function in (np.square, np.power, np.multiply) and any(
        np.any(np.asarray(x) == 0) and np.any(np.asarray(x) != edge.source.value)
        or edge.step.function is not np.multiply
        for x in edge.step.plain_arguments()) for edge in step.outputs) if (
            step.outputs) else False


def risky(step: Step, values: list) -> bool:
    """Whether a slope may be infinite at these values."""
    if odd(step.value) or any(odd(x) for x in values):
        return True
    first = np.asarray(values[0]) if values else np.zeros(())
    if step.function in (np.true_divide, np.reciprocal):
        return bool(np.any(np.asarray(values[-1]) == 0))
    if step.function in OUTSIDE:
        return bool(np.any(np.abs(first) == 1))
    return step.function in (np.sqrt, np.power, np.float_power, np.cbrt, *LOGS) and bool(
        np.any(first == 0))
