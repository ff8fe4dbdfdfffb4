"""What NumPy does in silence: (n, 1) - (n,) becomes (n, n), float32 becomes float64."""
import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step
from minigrad.explanation.findings import WARNING, Finding
from minigrad.explanation.not_numbers import described
from minigrad.explanation.user_source import Line, is_made_a_column
from minigrad.primitives import ELEMENTWISE
from minigrad.primitives.shapes import getitem

REDUCTIONS = {np.sum, np.max, np.min, np.prod}
PAIRED = ELEMENTWISE | {np.where, np.maximum, np.minimum}


def value_of(x: Any) -> np.ndarray:
    return np.asarray(getattr(x, "value", x))


def broadcasts(explanation: Any) -> Iterator[Finding]:
    """Operations on as many entries as there are examples whose result has their square."""
    for step in explanation.nodes:
        if step.function in PAIRED and len(step.arguments) >= 2:
            yield from of_pair(step)
        elif step.function is getitem:
            yield from of_labels(step)


def of_pair(step: Step) -> Iterator[Finding]:
    """(n, 1) with (n,), and a mean over rows that lost its axis."""
    a, b = step.arguments[-2:]
    x, y = value_of(a), value_of(b)
    wide = step.value.shape
    if 1 in (x.size, y.size) or x.shape == y.shape or (
            x.ndim == 2 and x.shape == y.shape[::-1]):
        return                          # a column and a row of one rank: pairs are meant
    line = Line(step.raw_place)
    tree = line.tree
    if isinstance(tree, ast.Call) and step.operation != getattr(
            tree.func, "attr", getattr(tree.func, "id", "")):
        return                          # inside np.outer, a layer and its like: it is meant
    texts = line.arguments()[-2:]
    for part, whole, q, p in ((b, a, y, x), (a, b, x, y)):
        if lost_axis(part, whole, q, p):
            yield Finding("suspicious broadcast", WARNING, f"{described(step)}: "
                                                           f"{part.name} "
                          f"is a {part.operation} over the last axis, without that axis",
                          "rows and columns are as many, so that NumPy subtracts or "
                          "divides "
                          "along the wrong one", "keepdims=True in "
                          f"{part.place or part.operation}", step)
            return
    if x.size != y.size or step.value.size <= x.size or not ends_in_loss(step):
        return
    if len(texts) == 2 and any(is_made_a_column(t) for t in texts):
        return
    if any(isinstance(s, Step) and s.raw_place and line.holds(Line(s.raw_place))
           and is_made_a_column(Line(s.raw_place).expression) for s in (a, b)):
        return
    larger, smaller = (0, 1) if x.ndim >= y.ndim else (1, 0)
    shape = (x, y)[smaller].shape
    names = texts if len(texts) == 2 else step.named_arguments()[-2:]
    column = names[larger]
    new = f"{wrap(column)}.reshape({', '.join(map(str, shape))})" if len(
        shape) > 1 else f"{wrap(column)}.reshape(-1)"
    fixed = new if not texts else line.with_expression(
        line.expression.replace(str(column), new, 1))
    yield Finding("suspicious broadcast", WARNING,
                  f"{described(step)}: {x.shape} with {y.shape} gives {wide}",
                  f"each of {x.size} entries meets each of the others, "
                  f"{step.value.size} in all, and the loss goes over these",
                  fixed, step)


def wrap(text: Any) -> str:
    text = str(text)
    return f"({text})" if " " in text and not text.endswith(")") else text


def lost_axis(part: Any, whole: Any, y: np.ndarray, x: np.ndarray) -> bool:
    """Whether a part is a sum of the whole over its last axis, broadcast along another."""
    if not (isinstance(part, Step) and isinstance(whole, Step)) or x.ndim != y.ndim + 1:
        return False
    source = part
    while source.function in (np.true_divide, np.sqrt) and isinstance(
            source.arguments[0], Step):
        source = source.arguments[0]
    if source.function not in REDUCTIONS or x.shape[-1] != x.shape[-2] or x.shape[-1] < 2:
        return False
    axis = source.options.get("axis", source.arguments[1] if len(
        source.arguments) > 1 else None)
    of = source.arguments[0]
    return axis in (-1, x.ndim - 1) and (of is whole or isinstance(of, Step)
                                         and of.value.shape == x.shape)


def of_labels(step: Step) -> Iterator[Finding]:
    """p[:, labels] where p[np.arange(n), labels] is meant, and labels below 0."""
    index = step.arguments[1]
    x = value_of(step.arguments[0])
    if not isinstance(index, tuple) or len(index) != 2 or x.ndim != 2:
        return
    rows, labels = index
    if not (isinstance(labels, np.ndarray) and labels.dtype.kind in "iu"
            and labels.ndim == 1 and len(labels) > 1):
        return
    line = Line(step.raw_place)
    if rows == slice(None) if isinstance(rows, slice) else False:
        if len(labels) == len(x) and ends_in_loss(step):
            name = line.text
            yield Finding("suspicious broadcast", WARNING, f"{described(step)}: every row "
                          f"gives the entries of all {len(labels)} labels", "a slice and a "
                          "list of labels make every pair of them",
                          f"p[np.arange({len(x)}), labels] in {name}", step)
    elif isinstance(rows, np.ndarray) and labels.min() < 0:
        yield Finding("label out of range", WARNING, f"{described(step)}: a label is "
                      f"{labels.min()}", "NumPy counts a negative index from the end, in "
                      "silence", "labels from 0 on; nn.cross_entropy refuses others", step)


def ends_in_loss(step: Step) -> bool:
    """Whether between a value and the loss entries are only changed and added up."""
    waiting, seen = [*step.outputs], set()
    while waiting:
        edge = waiting.pop()
        if edge.step in seen:
            continue
        seen.add(edge.step)
        if edge.step.function not in PAIRED | REDUCTIONS:
            return False
        waiting += edge.step.outputs
    return True


def drift(explanation: Any) -> Iterator[Finding]:
    """The first call at which a network of float32 meets float64."""
    small = [leaf for leaf in explanation.leaves
             if leaf.value.dtype.itemsize < 8]
    if not small:
        return
    for step in explanation.nodes:
        if step.function is None or step.value.dtype.itemsize < 8:
            continue
        kinds = {value_of(x).dtype for x in step.arguments
                 if isinstance(x, (Step, np.ndarray, np.generic))}
        narrow = [k for k in kinds if k.kind == "f" and k.itemsize < 8]
        if narrow and reaches(step, small):
            wide = next((i for i, x in enumerate(step.arguments) if isinstance(
                x, (Step, np.ndarray, np.generic)) and value_of(x).dtype.itemsize == 8
                and value_of(x).dtype.kind in "fiu"), None)
            texts = Line(step.raw_place).arguments()
            name = (texts[wide] if wide is not None and wide < len(texts) else "x")
            yield Finding("dtype drift", WARNING, f"{described(step)}: {narrow[0]} meets "
                          f"{step.value.dtype}, and all that follows is {step.value.dtype}",
                          "it takes twice the memory and time, and the gradients are "
                          "rounded back", f"{wrap(name)}.astype(np.{narrow[0]})", step)
            return


def reaches(step: Step, leaves: list[Step]) -> bool:
    waiting, seen = [step], set()
    while waiting:
        x = waiting.pop()
        if x not in seen:
            seen.add(x)
            waiting += [a for a in x.arguments if isinstance(a, Step)]
    return any(leaf in seen for leaf in leaves)
