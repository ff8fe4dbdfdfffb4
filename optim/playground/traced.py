"""Both ways of each question that a function asks, and the way back along what it wrote.

    at_every_branch(lambda x: x**2 if x > 0 else -x, letter("x"))[0]        # a Node
    gradient(node, [letter("x").node])
"""
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.primitives import VJPS
from optim.playground.written import Branches, Node, node_of, wrapped


def at_every_branch(function: Callable, *args: Any, answers: Sequence[bool] = (),
                    **keywords: Any) -> list[Any]:
    """The nodes of a function's results, whatever its questions are answered.

    A question is a number: whether it is not 0.
    """
    Branches.answers, Branches.questions = [*answers], []
    out = function(*args, **keywords)
    results = [node_of(x) for x in (out if isinstance(out, tuple) else (out,))]
    questions = Branches.questions
    if len(questions) == len(answers):
        return results
    question = questions[len(answers)]
    yes, no = (at_every_branch(function, *args, answers=[*answers, answer], **keywords)
               for answer in (True, False))
    return [chosen(question, a, b) for a, b in zip(yes, no, strict=True)]


def chosen(question: Node, a: Any, b: Any) -> Any:
    """a where the question is answered yes, else b: the choice stands as deep as it can."""
    if not isinstance(a, Node) or not isinstance(b, Node):
        if not isinstance(a, Node) and not isinstance(b, Node) and repr(a) == repr(b):
            return a
    elif a.key == b.key:
        return a
    elif a.function == b.function and len(a.args) == len(b.args) and a.args and (
            a.shape == b.shape):
        return Node(a.function, tuple(chosen(question, x, y)
                                      for x, y in zip(a.args, b.args)), a.shape)
    shapes = [x.shape for x in (a, b) if isinstance(x, Node) and x.shape is not None]
    return Node(np.where, (question, a, b), shapes[0] if shapes else None)


# ------------------------------------------------------------------------- the way back
def gradient(result: Node, by: Sequence[Node]) -> list[Any]:
    """The derivatives of a result by letters: the tape's walk, on nodes.

    The VJPs are those of minigrad.primitives, in the order in which its tape takes them:
    the latest result first, cotangents added as they come.
    """
    leads: dict[Node, bool] = dict.fromkeys(by, True)

    def depends(node: Any) -> bool:
        if node not in leads:
            leads[node] = any([depends(x) for x in node.args if isinstance(x, Node)])
        return leads[node]

    depends(result)
    summed: dict[Node, Any] = {result: 1.0}
    for node in sorted((x for x in leads if leads[x] and x not in by),
                       key=lambda node: -node.time):
        g = summed.pop(node)
        values = [wrapped(x) if isinstance(x, Node) else x for x in node.args]
        for i, x in enumerate(node.args):
            if isinstance(x, Node) and depends(x):
                part = VJPS[node.function][i](g, wrapped(node), *values)
                summed[x] = summed[x] + part if x in summed else part
    return [node_of(summed.get(x, 0.0)) for x in by]
