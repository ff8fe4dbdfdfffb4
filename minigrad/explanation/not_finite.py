"""NaN and infinities: where the first one is born, and of what.

Infinite entries alone are no fault (a mask of -inf before a softmax): they are looked for
when the result or a gradient is not finite, or when NaN is among the values.
"""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Edge, Step, shortly
from minigrad.explanation.findings import Finding, told

WITH_SLOPE = "sqrt log log2 log10 power divide true_divide reciprocal quotient exp".split()


def not_finite(explanation: Any) -> Iterator[Finding]:
    """The first NaN or infinity of the way forward that matters, else of the way back."""
    nodes, loss = explanation.nodes, explanation.loss
    reached = [leaf.cotangent for leaf in explanation.leaves if leaf.cotangent is not None]
    bad = [x for x in (loss.value, *reached) if not np.isfinite(x).all()]
    odd = next((s for s in nodes if np.isnan(s.value).any() and s.cotangent is not None
                and not only_unchosen(s)), None)
    if bad or odd is not None:
        first = odd if odd is not None else next(
            (s for s in nodes if not np.isfinite(s.value).all() and leads_on(s)), None)
        if first is not None:
            yield from forward(first)
            return
        edge = next((e for step in explanation.backward_order for e in step.inputs
                     if not np.isfinite(e.before).all()
                     and np.isfinite(step.cotangent).all()), None)
        if edge is not None:
            yield backward(edge)
            return
        if bad:
            yield Finding("not finite", f"the result is {shortly(loss.value)}",
                          "look at the values in the table", loss)


def leads_on(step: Step) -> bool:
    """Whether an infinite value makes results infinite or NaN."""
    return not step.outputs or any(not np.isfinite(e.step.value).all() for e in step.outputs
                                   ) or step.cotangent is None


def only_unchosen(step: Step) -> bool:
    """Whether all that a NaN of this step reaches is an np.where that does not choose it.
    """
    return bool(step.outputs) and all(
        e.step.operation == "where" and not np.isnan(e.step.value).any()
        or only_unchosen(e.step) for e in step.outputs)


def not_finite_inputs(step: Step) -> list[Step]:
    return [x for x in step.arguments if isinstance(x, Step)
            and not np.isfinite(x.value).all()]


def forward(step: Step) -> Iterator[Finding]:
    """What made the first value that is not finite; back to the infinity it came of."""
    shown = "NaN" if np.isnan(step.value).any() else "infinity"
    origin = step
    while inputs := not_finite_inputs(origin):
        origin = inputs[0]
    plain = [x for x in origin.arguments if not isinstance(x, Step)
             and np.asarray(x).dtype.kind == "f" and not np.isfinite(x).all()]
    then = "" if origin is step else (
        f"; {shown} came of it in {step.name} = {step.call} at {step.place}")
    if origin.is_leaf or plain:
        bad = np.asarray(plain[0] if plain else origin.value)
        count = int((~np.isfinite(bad)).sum())
        what = "the data" if plain else f"the input {origin.name}"
        yield Finding("NaN in the data" if np.isnan(bad).any() else "infinity in the data",
                      f"{what}, of shape {bad.shape}, has {count} entries that are not "
                      f"finite{then}", "drop or fill them first: x[np.isfinite(x).all(1)], "
                      "np.nan_to_num(x)", origin if not origin.is_leaf else step)
        return
    why, remedy = reason(origin)
    kind = "NaN" if np.isnan(origin.value).any() else "infinity"
    yield Finding(kind, f"{why} in {told(origin)}{then}", remedy, origin)


def at_bad_entries(step: Step) -> list[np.ndarray]:
    """The arguments at the entries where the result is not finite."""
    bad = ~np.isfinite(step.value)
    found = []
    for x in step.plain_arguments():
        try:
            found.append(np.broadcast_to(np.asarray(x), step.value.shape)[bad])
        except ValueError:
            found.append(np.asarray(x).reshape(-1))
    return found


def reason(step: Step) -> tuple[str, str]:
    """Why a call gives NaN or infinity, and what to write."""
    args, name = at_bad_entries(step), step.operation
    x = args[0] if args else np.zeros(0)
    size = step.value.dtype
    if name in ("log", "log2", "log10", "log1p"):
        what = "a negative number" if (x < (-1 if name == "log1p" else 0)).any() else "0"
        return (f"the logarithm of {what}", "keep the argument above 0: np.log(x + 1e-12), "
                "or from logits nn.cross_entropy, nn.log_softmax, which never form it")
    if name in ("divide", "true_divide", "quotient", "remainder", "fmod", "reciprocal"):
        zero = (x if name == "reciprocal" else args[1]) == 0
        nought = name != "reciprocal" and (zero & (x == 0)).any()
        if zero.any():
            return ("0/0" if nought else "a division by 0",
                    "keep the denominator away from 0: x/(norm + 1e-12), or np.where(d == "
                    "0, 1, d) inside and np.where(d == 0, 0, ...) around it")
    if name in ("sqrt", "arccosh", "arcsin", "arccos", "arctanh"):
        return (f"{name} of {shortly(x[0]) if x.size else 'such a number'}, where it has no"
                f" {'finite ' if np.isinf(step.value).any() else ''}value",
                "keep the argument inside its domain: np.maximum(x, 0) for sqrt, "
                "np.clip(x, -1 + 1e-7, 1 - 1e-7) for arcsin, arccos and arctanh")
    if name in ("power", "float_power"):
        if (x == 0).any():
            return "a negative power of 0, a division by 0,", "add a small number to x"
        if (x < 0).any():
            return ("a power of a negative number with an exponent that is no integer",
                    "take np.abs(x)**p, or an integer p")
    if name == "subtract" and any(np.isinf(a).any() for a in args):
        return "inf - inf", "find where the infinity comes from"
    limit = f"{size} reaches {np.finfo(size).max:.2g}"
    if name in ("exp", "exp2", "expm1", "sinh", "cosh"):
        return (f"{name}({shortly(x.max()) if x.size else ''}) overflows ({limit})",
                "subtract the maximum first, or use nn.log_softmax, nn.logsumexp, "
                "np.logaddexp(0, x) for log(1 + exp(x)), nn.sigmoid(x)")
    return (f"an overflow ({limit})", "make the numbers smaller: standardize the inputs, "
            "a smaller learning rate" + (", float32 for float16" if size == np.float16
                                         else ""))


def backward(edge: Edge) -> Finding:
    """Where a cotangent stops being finite on the way back, though all values are."""
    step, source = edge.step, edge.source
    behind = where_behind(step)
    born = "NaN" if np.isnan(edge.before).any() else "infinity"
    if behind is not None:
        return Finding("inactive branch", f"{born} on the way back through {told(step)}: "
                       f"the branch that np.where did not choose has no finite slope "
                       f"there", double_where(step, behind), step)
    return Finding(f"{born} on the way back", f"the slope of {told(step)} is not finite at "
                   f"{shortly(source.value)}: {edge.formula}",
                   "keep the argument away from there: np.sqrt(x + 1e-12), np.maximum(x, "
                   "1e-12); nn.functional norms have slope 0 at 0", step)


def where_behind(step: Step) -> Step | None:
    """The np.where that a step's result goes into, at any depth."""
    waiting, seen = [step], set()
    while waiting:
        for edge in waiting.pop().outputs:
            if edge.step.operation == "where":
                return edge.step
            if edge.step not in seen:
                seen.add(edge.step)
                waiting.append(edge.step)
    return None


def double_where(step: Step, where: Step) -> str:
    """The user's code with the argument replaced where the branch is not chosen."""
    return ("replace the argument where the branch is not taken, inside as well as "
            f"outside: safe = np.where(ok, x, 1), then np.where(ok, "
            f"{step.operation}(safe), ...) with your condition as ok")


def inactive_branches(explanation: Any) -> Iterator[Finding]:
    """Branches that np.where does not choose, whose values or slopes are not finite.

    Here the gradient is right (a cotangent of 0 stays 0, see indeterminate.py); the same
    code is NaN in PyTorch, JAX and autograd.
    """
    for where in explanation.nodes:
        if where.operation != "where" or not np.isfinite(where.value).all():
            continue
        chosen = np.broadcast_to(np.asarray(where.plain_arguments()[0], bool),
                                 where.value.shape)
        for position, edge_of in ((1, chosen), (2, ~chosen)):
            branch = where.arguments[position]
            if isinstance(branch, Step) and (edge_of.all() or (~edge_of).any()):
                found = next(risky(branch), None)
                if found is not None:
                    yield Finding(
                        "inactive branch", "np.where does not choose what "
                        f"{told(found)} is where it has no finite value or slope; the "
                        "gradient stays right here, it is NaN in PyTorch and JAX",
                        double_where(found, where), found)
                    break


def risky(branch: Step) -> Iterator[Step]:
    """Steps inside a branch of which a value or a slope is not finite."""
    waiting, seen = [branch], {branch}
    while waiting:
        step = waiting.pop()
        if step.is_leaf:
            continue
        made_here = not np.isfinite(step.value).all() and not not_finite_inputs(step)
        slopes = step.operation in WITH_SLOPE and any(
            e.number is not None and not np.isfinite(e.number).all() for e in step.inputs)
        if made_here or slopes and not not_finite_inputs(step):
            yield step
        for x in step.arguments:
            if isinstance(x, Step) and x not in seen:
                seen.add(x)
                waiting.append(x)
