"""What does not learn: parameters without influence, dead units, vanishing cotangents."""
import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step, shortly
from minigrad.explanation.findings import Finding, told
from minigrad.guards import line_of

FLAT = ("sign", "floor", "ceil", "rint", "trunc", "round", "around", "fix", "heaviside",
        "floor_divide")
CUTS = ("detach", "numpy", "item", "tolist", "data", "stop_gradient")
SMALL, LARGE = 1e-6, 1e5        # between the first and the last layer's cotangents
DEPTH = 4                       # layers from which vanishing is spoken of
SATURATED, DEAD = 0.9, 0.5      # shares of entries, of units


def rms(x: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(x.astype(np.float64))))) if x.size else 0.0


def unused(explanation: Any) -> Iterator[Finding]:
    """Parameters of the model that are not in the graph at all."""
    missing = list(explanation.unused)
    if not missing:
        return
    names = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more"
                                      if len(missing) > 6 else "")
    cut = next(cuts(explanation), None)
    yield Finding(
        "no influence", f"{names} {'is' if len(missing) == 1 else 'are'} not in the graph: "
        "the result was computed without, or from values that had left the graph"
        + (f" ({cut[1]})" if cut else ""),
        "compute with the tensor itself, not with .data, .numpy(), .item(), .detach() or "
        "np.array of it; or leave the parameter out of the optimizer", explanation.loss,
        line=cut[0] if cut else "")


def cuts(explanation: Any) -> Iterator[tuple[str, str]]:
    """(place, code) of what takes values out of a graph, in the user's files."""
    import linecache
    import os
    files = dict.fromkeys(line_of(step.raw_place)[0] for step in explanation.nodes
                          if step.raw_place is not None)
    for path in files:
        lines = linecache.getlines(path)
        try:
            tree = ast.parse("".join(lines))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CUTS and isinstance(
                    node.ctx, ast.Load) and not is_printed(tree, node):
                text = lines[node.lineno - 1].strip()
                yield f"{os.path.basename(path)}:{node.lineno} `{text}`", f".{node.attr}"


def is_printed(tree: ast.AST, node: ast.AST) -> bool:
    """Whether it stands inside print(...), or writes p.data -= ..."""
    return any(isinstance(outer, ast.Call) and getattr(outer.func, "id", "") in (
        "print", "append", "float") and any(inner is node for inner in ast.walk(outer))
        or isinstance(outer, ast.JoinedStr) and any(i is node for i in ast.walk(outer))
        for outer in ast.walk(tree))


def without_slope(explanation: Any) -> Iterator[Finding]:
    """Where a cotangent becomes 0 for all that lies behind it, for a reason of structure.

    A sum of squares at its minimum has slope 0 as well, and is no fault.
    """
    dead = [leaf for leaf in explanation.leaves if leaf.cotangent is not None
            and leaf.cotangent.size and not leaf.cotangent.any()]
    for step in explanation.backward_order:
        if not dead or step.cotangent is None or not step.cotangent.any():
            continue
        for edge in step.inputs:
            if edge.contribution.any() or not edge.contribution.size:
                continue
            why = zero_because(step, edge.position)
            if why:
                names = ", ".join(leaf.name for leaf in dead[:6])
                yield Finding("no influence", f"{why}: {told(step)} has slope 0, so "
                              f"nothing comes back to {names}", remedy_of(step), step)
                return


def zero_because(step: Step, position: int) -> str:
    """Why all that a call hands back is 0, or nothing where the values explain it."""
    name, args = step.operation, step.plain_arguments()
    x = np.asarray(args[position])
    if name in FLAT:
        return f"{name} is flat between its steps"
    if name in ("relu", "maximum", "minimum", "where", "clip", "zeroed"):
        if name == "relu" and not step.value.any():
            return "every entry is below 0, so that relu gives 0 for all"
        return f"{name} chooses the other side everywhere"
    if name in ("multiply", "matmul", "affine") and len(args) > 1:
        other = np.asarray(args[1 - position]) if position < 2 else x
        held = step.arguments[1 - position] if position < 2 else None
        if other.size and not np.any(other):
            if not isinstance(held, Step):
                return "the other factor is a constant 0"
            if held.is_leaf and held.wants_gradient:
                return f"all entries of {held.name} are 0"
            if not held.is_leaf and held.operation == "relu":
                return "relu gives 0 for all"
    return ""


def remedy_of(step: Step) -> str:
    if step.operation in FLAT:
        return "leave it out where gradients are wanted, or pass them by: x + " \
               "mg.stop_gradient(np.round(x) - x)"
    if step.operation in ("multiply", "matmul", "affine"):
        return "start from small random weights: nn.Linear does, or " \
               "rng.normal(size=shape)/np.sqrt(n)"
    return "smaller steps, another starting point, or nn.LeakyReLU"


def dead_units(explanation: Any) -> Iterator[Finding]:
    """Units of a relu that are 0 for every example; tanh and sigmoid at their ends."""
    for step in explanation.nodes:
        x = step.value
        if x.size < 4 or step.cotangent is None:
            continue
        if step.operation in ("tanh", "weight") and step.place:
            ends = np.abs(x) if step.operation == "tanh" else np.abs(2*x - 1)
            share = float(np.mean(ends > 0.999))
            if share > SATURATED and x.ndim > 1:
                name = "tanh" if step.operation == "tanh" else "sigmoid"
                yield Finding(
                    "saturated", f"{share:.0%} of the entries of {name} are at its ends, "
                    f"where its slope is below 0.002: {told(step)}",
                    "standardize the inputs, start from smaller weights "
                    "(nn.init.xavier_normal_)", step)
        if step.operation == "relu" and x.ndim > 1 and len(x) > 1:
            silent = ~(x > 0).any(axis=0)
            share = float(silent.mean())
            if share >= DEAD and len(x) >= 8 or share == 1:
                yield Finding(
                    "dead units", f"{int(silent.sum())} of {silent.size} units are 0 for "
                    f"all {len(x)} examples: {told(step)}",
                    "smaller steps (large ones push biases far below 0), nn.LeakyReLU, or "
                    "He's starting weights (nn.init.kaiming_normal_)", step)
            elif silent.any() and len(x) >= 8:
                yield Finding("dead units", f"{int(silent.sum())} of {silent.size} units "
                              f"are 0 for all {len(x)} examples", "a few are usual",
                              step, is_alarm=False)


def by_layer(explanation: Any) -> Iterator[Finding]:
    """Cotangents that grow or shrink from layer to layer."""
    layers = [(s, rms(s.cotangent)) for s in explanation.nodes
              if s.operation in ("affine", "matmul") and s.cotangent is not None
              and any(isinstance(x, Step) and x.is_leaf and x.wants_gradient
                      for x in s.arguments)]
    layers = [(s, size) for s, size in layers if np.isfinite(size)]
    if len(layers) < DEPTH or not layers[-1][1]:
        return
    first, last = layers[0], layers[-1]
    ratio = first[1]/last[1]
    if SMALL < ratio < LARGE:
        return
    sizes = ", ".join(f"{size:.1g}" for _, size in layers)
    kind = "vanishing" if ratio < 1 else "exploding"
    yield Finding(
        f"{kind} cotangents", f"from the last layer to the first the cotangent's rms goes "
        f"from {last[1]:.2g} to {first[1]:.2g}; by layer, first to last: {sizes}",
        "starting weights of variance 1/n (nn.init.xavier_normal_, kaiming_normal_), "
        "nn.LayerNorm or residual connections, relu for tanh and sigmoid"
        + ("" if ratio < 1 else "; clip_by_norm helps until then"), first[0])


def symmetric(explanation: Any) -> Iterator[Finding]:
    """A weight matrix of equal rows, whose cotangent has equal rows: its units stay one."""
    for leaf in explanation.leaves:
        x, g = leaf.value, leaf.cotangent
        if x.ndim != 2 or min(x.shape) < 2 or g is None or not g.any():
            continue
        for a, b in ((x, g), (x.T, g.T)):
            if np.ptp(a, axis=0).max() == 0 and np.allclose(b, b[:1], rtol=1e-6, atol=0) \
                    and any(len(e.step.outputs) for e in leaf.outputs):
                yield Finding(
                    "equal weights", f"the units of {leaf.name} have equal weights "
                    f"({shortly(a[0])}) and equal cotangents: they stay one unit for ever",
                    "start from random weights: nn.Linear does, or "
                    "rng.normal(size=shape)/np.sqrt(n)",
                    leaf.outputs[0].step)
                return


def large(explanation: Any) -> Iterator[Finding]:
    """A gradient so large that any usual step leaves the region."""
    for leaf in explanation.leaves:
        if leaf.cotangent is not None and np.isfinite(leaf.cotangent).all():
            size, own = rms(leaf.cotangent), max(rms(leaf.value), 1.0)
            if size > 1e6*own:
                yield Finding(
                    "exploding cotangents", f"the gradient of {leaf.name} has rms "
                    f"{size:.2g}, its values {rms(leaf.value):.2g}",
                    "standardize inputs and targets, a mean in place of a sum, "
                    "clip_by_norm", leaf.outputs[0].step if leaf.outputs else leaf)
                return
