"""What an implementation would ask and answer elsewhere: where to run it next.

A question that all runs have answered alike may be answered otherwise at a point where
none was. Such a point is looked for by evaluating the question itself: late steps, states
of both signs and of the constants in the question, gradients large, small and 0.
"""
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from optim.domains import DOMAINS
from optim.formulas.rule_formulas import legend_domain
from optim.lifting.graph import (
    Leak, Node, Question, below, evaluated, letters_of)
from optim.lifting.unrelated_points import Point

LATE = 10_000                           # steps that are tried, one by one
SCALES = 0, 1e-12, 1e-6, 1e-3, 1, 1e3, 1e6, 1e12


def other_side(who: str, alike: list[Question], hyper: Mapping[str, float],
               at: list[Point]) -> Point | None:
    """A point where one of the questions is answered otherwise, None if none is open.

    A question about hyperparameters alone stays open: its answer is part of the path.
    Raises Leak for one about the data whose other side is not found.
    """
    for question in alike:
        letters = letters_of(question.node)
        if letters <= hyper.keys() or implied(question):
            continue
        for point in candidates(question, hyper, at[0]):
            if answer(question.node, point) is not question.answer:
                return point
        if letters - {"t", *hyper}:
            raise Leak(f"{who}: all runs have answered {question.node} by "
                       f"{question.answer}; where it is answered otherwise is not known")
    return None


def candidates(question: Question, hyper: Mapping[str, float], like: Point
               ) -> Iterator[Point]:
    """Points around another one, in which what the question is about is changed."""
    letters = letters_of(question.node)
    if "t" in letters:
        t = np.arange(2, LATE)
        answers = np.broadcast_to(evaluated(question.node, {**like, "t": t}), t.shape)
        for other in t[answers.astype(bool) != question.answer][:1]:
            yield changed(like, {"t": int(other)})
    constants = [x for part in below(question.node) for x in part.args
                 if isinstance(x, (int, float))]
    data = letters - {"t", *hyper}
    for x in (*constants, *(s*sign for s in SCALES for sign in (1, -1))):
        yield changed(like, {name: [x, x] for name in data})
        yield changed(like, {name: [x*y for y in like[name]] for name in data})


def changed(point: Point, new: Mapping[str, Any]) -> Point:
    """The same point but for some letters."""
    other = Point(0, point["t"])
    other.draw.setstate(point.draw.getstate())
    other.update({**point, **new})
    return other


def answer(node: Node, point: Mapping[str, Any]) -> bool:
    """Whether a comparison holds at a point."""
    return bool(np.ravel(evaluated(node, point))[0])


def implied(question: Question) -> bool:
    """Whether the answer holds wherever the letter of the question lies."""
    a, b = question.node.args
    if not isinstance(a, Node) or a.function is not None or isinstance(b, Node):
        return False
    domain = DOMAINS[legend_domain(a.args[0]) or "real"]
    holds: dict[Any, str] = {(np.greater, True): ">", (np.greater_equal, True): ">=",
             (np.less, False): ">=", (np.less_equal, False): ">",
             (np.less, True): "<", (np.less_equal, True): "<=",
             (np.greater, False): "<=", (np.greater_equal, False): "<"}
    relation = holds.get((question.node.function, question.answer))
    return any(relation is not None and (relation == r or relation == r + "=")
               and (end >= b if r[0] == ">" else end <= b) for r, end in domain.ends)
