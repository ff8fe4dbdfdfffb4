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
               like: Point, of_hyper: bool) -> Point | None:
    """A point where one of the questions is answered otherwise, None if none is open.

    of_hyper: whether those about hyperparameters alone are looked at, else their answers
    are part of the path. That something is not 0 is left: a 0 chooses before a run.
    Raises Leak for a question about the data whose other side is not found.
    """
    for question in alike:
        letters = letters_of(question.node)
        chosen = letters <= hyper.keys() and not of_hyper
        if chosen or implied(question) or chooses(question, hyper):
            continue
        for point in candidates(question, hyper, like):
            if answer(question.node, point) is not question.answer:
                return point
        if letters - {"t", *hyper}:
            raise Leak(f"{who}: all runs have answered {question.node} by "
                       f"{question.answer}; where it is answered otherwise is not known")
    return None


def chooses(question: Question, hyper: Mapping[str, float]) -> bool:
    """Whether it asks if a hyperparameter is 0."""
    a, b = question.node.args
    return question.node.function in (np.equal, np.not_equal) and b == 0 and isinstance(
        a, Node) and a.function is None and a.args[0] in hyper


def candidates(question: Question, hyper: Mapping[str, float], like: Point
               ) -> Iterator[Point]:
    """Points around another one, in which what the question is about is changed."""
    letters = letters_of(question.node)
    if "t" in letters:
        t = np.arange(2, LATE)
        known = {n: x if np.ndim(x) == 0 else x[0] for n, x in like.known().items()}
        answers = np.broadcast_to(evaluated(question.node, {**known, "t": t}), t.shape)
        for other in t[answers.astype(bool) != question.answer][:1]:
            yield like.changed(lambda name, x: int(other), {"t"})
    constants = [x for part in below(question.node) for x in part.args
                 if isinstance(x, (int, float))]
    data = letters - {"t", *hyper}
    for x in (*constants, *(s*sign for s in SCALES for sign in (1, -1))):
        yield like.changed(lambda name, _: x, data)
        yield like.changed(lambda name, y: x*y, data)
    known = like.known()
    for name in sorted(letters & hyper.keys()):
        ends = constants + [float(np.ravel(evaluated(x, known))[0])
                            for x in question.node.args]
        tried = [x*scale + shift for x in ends for scale in (1, 2, 0.5)
                 for shift in (0, 1, -1, 2)] + [known[name]*s for s in SCALES]
        for x in tried:
            if x*known[name] > 0:
                yield like.changed(lambda _, y: x, {name})


def answer(node: Node, point: Point) -> bool:
    """Whether a comparison holds at a point."""
    return bool(np.ravel(evaluated(node, point.known()))[0])


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
