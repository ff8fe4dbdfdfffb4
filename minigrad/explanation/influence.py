"""Parameters that do not learn: which call keeps the cotangent from them, and why.

Dead and saturated units, step functions, factors of 0, units that are all alike, and
cotangents that vanish or explode from layer to layer.
"""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.findings import ERROR, NOTE, WARNING, Finding
from minigrad.explanation.not_numbers import described, odd
from minigrad.explanation.user_source import Line
from minigrad.primitives.elementwise import weight
from minigrad.primitives.linear import affine
from minigrad.primitives.selection import relu
from minigrad.primitives import stable

STEPS = {np.sign, np.floor, np.ceil, np.rint, np.trunc, np.round, np.around, np.fix,
         np.floor_divide, np.heaviside}
LAYERS = {np.matmul, affine}
MANY = 8                        # entries, below which nothing is said of units
VANISHED, EXPLODED = 1e-6, 1e5  # of cotangents, the first layer's to the last's


def zero(x: Any) -> bool:
    return x is None or not np.any(x)


def without_gradient(explanation: Any) -> Iterator[Finding]:
    """Inputs whose gradient is 0 in every entry, each call that makes it so once."""
    leaves = [leaf for leaf in explanation.leaves if zero(leaf.cotangent)]
    if not leaves or odd(explanation.loss.value):
        return
    found: dict[Any, tuple[Edge, list[Step]]] = {}
    for leaf in leaves:
        for edge in killers(leaf):
            found.setdefault(edge.step, (edge, []))[1].append(leaf)
    alone = len(leaves) < len(explanation.leaves)
    for step, (edge, starved) in sorted(found.items(), key=lambda x: -x[0].index):
        finding = verdict(edge, starved, explanation)
        if finding is not None and (alone or finding.severity != NOTE):
            yield finding


def meets(step: Step, position: int) -> bool:
    """Whether some entry has a cotangent and a factor, neither of which is 0."""
    factor = getattr(step.arguments[1 - position], "value", step.arguments[1 - position])
    return bool(np.any((step.cotangent != 0) & (np.asarray(factor) != 0)))


def left_out(explanation: Any) -> Iterator[Finding]:
    """Parameters of a module of which others are in the graph, that are not."""
    if explanation.unused:
        names = ", ".join(explanation.unused[:4]) + ", ..."*(len(explanation.unused) > 4)
        yield Finding("parameter without influence", ERROR,
                      f"the result does not depend on {names}",
                      "it was computed without, or from values that had left the graph "
                      "(.data, .numpy(), .item(), .detach())",
                      "use it in the forward pass as it is, or leave it out",
                      node=explanation.loss)


def killers(leaf: Step) -> list[Edge]:
    """The edges between a leaf and the loss at which a cotangent that was not 0 became "
    "0."""
    found, waiting, seen = [], [*leaf.outputs], set()
    while waiting:
        edge = waiting.pop()
        if edge in seen:
            continue
        seen.add(edge)
        if not zero(edge.step.cotangent):
            if zero(edge.contribution):
                found.append(edge)
        else:
            waiting += edge.step.outputs
    return found


def verdict(edge: Edge, starved: list[Step], explanation: Any) -> Finding | None:
    """What is said of a call that lets nothing through."""
    step, f = edge.step, edge.step.function
    names = ", ".join(leaf.name for leaf in starved[:4]) + (
        f" and {len(starved) - 4} more" if len(starved) > 4 else "")
    head = f"{described(step)}: the gradient of {names} is exactly 0"
    line = Line(step.raw_place)
    if f in STEPS:
        return Finding("step function", ERROR, head, f"the slope of np.{step.operation} "
                                                     f"is 0"
                       " wherever it has one: nothing is learned through it",
                       f"leave np.{step.operation} out of the training, or let the "
                       f"gradient "
                       "pass: x + mg.stop_gradient(np.round(x) - x); np.tanh for np.sign",
                       step)
    if is_rectifier(step, edge):
        return dead(step, edge, head, explanation)
    if f in (weight, np.tanh, stable.softmax):
        if f is stable.softmax and edge.source.value.shape[step.options.get("axis", -1)
                                                           if len(step.arguments) < 2 else
                                                           step.arguments[1]] == 1:
            return Finding("softmax over one entry", ERROR, head, "the softmax of one "
                                                                  "number "
                           "is 1, whatever it is", "nn.sigmoid(x) for two classes in one "
                           "column, or two columns", step)
        return Finding("saturated units", ERROR, head, f"{step.operation} is flat there: "
                       f"|x| reaches {np.abs(edge.source.value).max():.4g}",
                       "smaller starting weights, inputs of size 1", step)
    if f in (np.where, np.clip, np.maximum, np.minimum, np.max, np.min):
        if f in (np.maximum, np.minimum) and zero(explanation.loss.value):
            return None
        return Finding("never chosen", WARNING, head, f"np.{step.operation} took the other "
                       "value at every entry", "look at the bounds or the condition: "
                       f"{line.text}", step)
    if f in (np.multiply, np.matmul, affine, np.einsum, np.true_divide):
        others = [x for i, x in enumerate(step.arguments) if i != edge.position
                  and np.size(getattr(x, "value", x)) and zero(getattr(x, "value", x))
                  and (f is not affine or i < 2)]
        if others:
            return factor(step, others[0], head, starved, explanation)
        if (not zero(edge.source.value) and f is np.multiply
                and step.value.dtype.itemsize < 8 and meets(step, edge.position)):
            return Finding(f"underflow of {step.value.dtype}", WARNING, head,
                           "the product of the cotangent and the factor is smaller than "
                           "any "
                           "number of this dtype", "compute in float32, or scale the "
                           "loss up",
                           step)
    return Finding("gradient of 0", NOTE, head, "the cotangent ends at this call", "", step)


def factor(step: Step, other: Any, head: str, starved: list[Step], explanation: Any
           ) -> Finding | None:
    """A factor that is 0: a constant, or weights; of weights it matters whether they move.
    """
    if isinstance(other, Step) and other.wants_gradient:
        moves = moving(other)
        if moves:
            return Finding("weights of 0", NOTE, head, f"{other.name} is 0, but moves", "",
                           step)
        origin = other
        while not is_dead(origin) and any(map(is_zero_step, origin.arguments)):
            origin = next(filter(is_zero_step, origin.arguments))
        if is_dead(origin):
            edge = next((e for e in origin.inputs), None)
            source = origin.arguments[0]
            return dead(origin, edge or Edge(origin, source, 0, source.value, source.value),
                        head, explanation)
        return Finding("all weights are 0", ERROR, head, f"{other.name} is 0 and its "
                                                         f"gradient"
                       " too: where everything is 0 nothing begins to move",
                       "start from random weights: nn.init.kaiming_uniform_(w), or "
                       "rng.normal(size=shape)/np.sqrt(inputs)", step)
    name = getattr(other, "name", "a constant")
    return Finding("factor of 0", ERROR, head, f"{name} is 0 in every entry: whatever is "
                   "multiplied by it has no influence", "look at the mask, the weight "
                   "or the "
                   "input that is 0", step)


def is_zero_step(x: Any) -> bool:
    return isinstance(x, Step) and x.wants_gradient and zero(x.value)


def is_dead(step: Step) -> bool:
    """Whether a value is 0 since relu had nothing above 0."""
    source = step.arguments[0] if step.arguments else None
    return (isinstance(source, Step) and step.function in (relu, np.maximum)
            and zero(step.value) and bool(np.all(source.value <= 0))
            and bool(np.any(source.value < 0)))


def moving(step: Step) -> bool:
    """Whether any input that a value depends on has a gradient."""
    waiting, seen = [step], set()
    while waiting:
        x = waiting.pop()
        if x in seen:
            continue
        seen.add(x)
        if x.is_leaf and x.wants_gradient and not zero(x.cotangent):
            return True
        waiting += [a for a in x.arguments if isinstance(a, Step)]
    return False


# --- units --------------------------------------------------------------------------------
def is_rectifier(step: Step, edge: Edge) -> bool:
    """Whether it is relu, np.maximum(x, 0), np.clip(x, 0, ...), x*(x > 0), np.where(x > 0,
    x, 0)."""
    f, args = step.function, step.arguments
    if f is relu:
        return True
    others = [x for i, x in enumerate(args) if i != edge.position]
    if f in (np.maximum, np.fmax):
        return np.size(plain(others[0])) == 1 and not np.any(plain(others[0]))
    if f is np.clip:
        return (len(args) > 1 and np.size(args[1]) == 1 and args[1] == 0
                and (len(args) < 3 or args[2] is None))
    if f is np.multiply:
        mask = plain(others[0])
        return mask.shape == edge.source.value.shape and mask.dtype.kind in "bf" and bool(
            np.all(mask == (edge.source.value > 0)))
    return (f is np.where and edge.position == 1 and np.size(args[2]) == 1
            and not np.any(plain(args[2])) and plain(args[0]).dtype == bool
            and plain(args[0]).shape == edge.source.value.shape
            and bool(np.all(plain(args[0]) == (edge.source.value > 0))))


def plain(x: Any) -> np.ndarray:
    return np.asarray(getattr(x, "value", x))


def by_unit(x: np.ndarray) -> np.ndarray:
    """(examples, units): the last axis, of pictures (n, c, h, w) the second, are units."""
    if x.ndim < 2:
        return x.reshape(1, -1)
    return (np.moveaxis(x, 1, -1) if x.ndim == 4 else x).reshape(-1, x.shape[
        1 if x.ndim == 4 else -1])


def dead(step: Step, edge: Edge, head: str, explanation: Any) -> Finding | None:
    """A layer of relu all of whose units are 0 for every example."""
    x = edge.source.value
    at_kink = bool(np.all(x == 0))
    if x.size < MANY and not at_kink and x.ndim < 2:
        return Finding("inactive relu", NOTE, head, "all its inputs are negative here", "",
                       step)
    if zero(explanation.loss.value) and not at_kink and not of_layer(edge.source):
        return None                     # a hinge that is satisfied
    if at_kink:
        return Finding("all weights are 0", ERROR, head, "every input of relu is 0, "
                                                         "where its"
                       " slope is 0 by convention: nothing begins to move",
                       "start from random weights, as nn.Linear does", step)
    return Finding("dead units", ERROR, head, f"all {x.size} entries before "
                   f"{step.operation} are negative, the largest is {x.max():.4g}; the "
                   f"slope "
                   "is 0 for all", "a smaller learning rate, a bias that starts at 0, "
                   "He's starting weights, or nn.leaky_relu", step,
                   kind="no influence")


def of_layer(step: Step) -> bool:
    """Whether a value is what a layer gives, up to its bias."""
    parts = [x for x in step.arguments if isinstance(x, Step)]
    return step.function in LAYERS or step.function is np.add and any(
        x.function in LAYERS for x in parts)


def units(explanation: Any) -> Iterator[Finding]:
    """Layers most of whose units are dead or saturated for the whole batch."""
    if odd(explanation.loss.value):
        return
    for step in explanation.nodes:
        for edge in step.inputs:
            if zero(step.cotangent):
                continue
            if is_rectifier(step, edge) and not zero(edge.contribution):
                table = by_unit(edge.source.value)
                off = np.all(table <= 0, axis=0)
                if len(table) < MANY or not off.any():
                    continue
                many = off.sum() >= 3*len(off)/4 and len(off) >= 4
                yield Finding("dead units", WARNING if many else NOTE,
                              f"{described(step)}: {off.sum()} of {len(off)} units are "
                              f"0 for "
                              f"all {len(table)} examples", "their weights have gradient 0",
                              "a smaller learning rate, He's starting weights, or "
                              "nn.leaky_relu" if many else "", step)
            elif step.function in (np.tanh, weight) and edge.position == 0:
                yield from saturated(step, edge, explanation)


def saturated(step: Any, edge: Edge, explanation: Any) -> Iterator[Finding]:
    """A sigmoid or tanh that lets hardly anything back, though something came."""
    if step.value.size < MANY or step.function is weight and not is_sigmoid(step):
        return
    came, went = (float(np.abs(x).sum()) for x in (step.cotangent, edge.before))
    slopes = np.abs(edge.before) < 1e-3*np.abs(step.cotangent)
    if not (went < 1e-3*came or np.mean(slopes[step.cotangent != 0]) > 0.9):
        return
    hidden = leads_to_layer(step)
    if not hidden and abs(float(explanation.loss.value.sum())) < 0.05:
        return                          # what it says is right, and so it is sure
    x = edge.source.value
    yield Finding("saturated units", WARNING, f"{described(step)}: {went/came:.1e} of what "
                  "comes back passes", f"the inputs reach {np.abs(x).max():.4g}, where "
                  f"{'tanh' if step.function is np.tanh else 'the sigmoid'} is flat",
                  "inputs of size 1, as (x - x.mean(0))/x.std(0), smaller weights or a "
                  "smaller learning rate", step)


def is_sigmoid(step: Any) -> bool:
    other = step.arguments[1] if len(step.arguments) > 1 else 1
    return not isinstance(other, Step) and np.size(other) == 1 and not np.any(other)


def leads_to_layer(step: Step) -> bool:
    """Whether a value enters a further layer."""
    waiting, seen = [*step.outputs], set()
    while waiting:
        edge = waiting.pop()
        if edge.step in seen:
            continue
        seen.add(edge.step)
        if edge.step.function in LAYERS:
            return True
        waiting += edge.step.outputs
    return False


def alike(explanation: Any) -> Iterator[Finding]:
    """Hidden units that start alike and get one gradient, so that they stay one unit."""
    for step in explanation.nodes:
        if step.function not in LAYERS or not leads_to_layer(step):
            continue
        for edge in step.inputs:
            w, g = edge.source, edge.source.cotangent
            axis = 0 if step.function is affine else 1
            if (edge.position != 1 or not w.is_leaf or w.value.ndim != 2
                    or w.value.shape[axis] < 2 or zero(g)):
                continue
            if all(np.all(x == np.take(x, [0], axis)) for x in (w.value, g)):
                yield Finding(
                    "units that are all alike", ERROR, f"{described(step)}: the "
                    f"{w.value.shape[axis]} units of {w.name} have the same weights and "
                    f"the "
                    "same gradient", "they stay one unit, however long it is trained",
                    "start from random weights: nn.init.kaiming_uniform_(w), or "
                    "rng.normal(size=shape)/np.sqrt(inputs)", step)


# --- from layer to layer ------------------------------------------------------------------
def layers(explanation: Any) -> Iterator[Finding]:
    """Cotangents that vanish or explode from the last layer to the first."""
    found = [s for s in explanation.nodes if s.function in LAYERS
             and s.cotangent is not None and s.cotangent.size
             and any(e.source.wants_gradient for e in s.inputs)]
    sizes = [float(np.sqrt(np.mean(np.square(s.cotangent.astype(float))))) for s in found]
    if len(sizes) < 4 or not all(np.isfinite(sizes)) or not sizes[-1]:
        return
    ratio = sizes[0]/sizes[-1]
    if VANISHED < ratio < EXPLODED or ratio == 0:
        return
    steepest = min(range(len(sizes) - 1), key=lambda i: (
        sizes[i]/(sizes[i + 1] or 1))*(1 if ratio < 1 else -1))
    step = found[steepest]
    table = ", ".join(f"{s:.1e}" for s in sizes[:3]) + ", …, " + f"{sizes[-1]:.1e}"
    kind, why, instead = (
        ("vanishing cotangents", "each layer makes them smaller", "nn.ReLU in place of "
         "sigmoids, He's starting weights, nn.LayerNorm, or x + layer(x)") if ratio < 1 else
        ("exploding cotangents", "each layer makes them larger", "smaller starting "
                                                                 "weights, "
         "nn.LayerNorm, or clip the gradients: nn.utils.clip_grad_norm_"))
    yield Finding(kind, WARNING, f"{described(step)}: the cotangents of {len(sizes)} "
                                 f"layers "
                  f"have sizes {table}, the first {ratio:.1e} times the last", why, instead,
                  step)
