"""Many runs of one implementation, at unrelated points, joined into one graph.

Runs of one path must have done the same: a number in which they differ has leaked out of
what was remembered. Runs of two paths part at a question, which becomes np.where.
"""
from typing import Any, NamedTuple

import numpy as np

from optim.lifting.graph import Leak, Node, Question, key, letters_of

Nodes = dict[str, Any]


class Run(NamedTuple):
    """One step from letters: what was asked, and the node of theta and of each state."""
    questions: list[Question]
    results: Nodes

    def asked(self, known: dict) -> list[tuple[Any, Question]]:
        """The questions that letters decide, each once, with their keys."""
        found = {key(q.node, known): q for q in self.questions if letters_of(q.node)}
        return [*found.items()]


class Joined(NamedTuple):
    """What all runs have done, and the questions that were answered alike in all."""
    results: Nodes
    alike: list[Question]


def joined(who: str, runs: list[Run]) -> Joined:
    """The runs as one; raises Leak where two of one path have done different things."""
    known: dict = {}
    alike: dict = {}
    results = branch(who, [(run.asked(known), run.results) for run in runs], known, alike)
    return Joined(results, [*alike.values()])


def branch(who: str, runs: list[tuple[list, Nodes]], known: dict, alike: dict) -> Nodes:
    """What runs have done that have answered alike so far; the rest of their questions."""
    rest, results = runs[0]
    if not any(questions for questions, _ in runs):
        for _, others in runs[1:]:
            compare(who, results, others, known)
        return results
    heads = {questions[0][0] if questions else None for questions, _ in runs}
    if len(heads) > 1:
        raise Leak(f"{who}: what it asks next depends on more than what it has asked; a "
                   "comparison was not remembered")
    place, question = rest[0]
    sides = {answer: [(questions[1:], nodes) for questions, nodes in runs
                      if questions[0][1].answer is answer] for answer in (True, False)}
    if not all(sides.values()):
        alike.setdefault((place, question.answer), question)
        return branch(who, sides[question.answer], known, alike)
    yes, no = (branch(who, sides[answer], known, alike) for answer in (True, False))
    if yes.keys() != no.keys():
        raise Leak(f"{who}: it remembers {sorted(yes)} where {question.node}, else "
                   f"{sorted(no)}")
    return {name: yes[name] if key(yes[name], known) == key(no[name], known) else
            Node(np.where, question.node, yes[name], no[name]) for name in yes}


def compare(who: str, ours: Nodes, others: Nodes, known: dict) -> None:
    """Raise Leak unless both have done the same."""
    if ours.keys() != others.keys():
        raise Leak(f"{who}: it remembers {sorted(ours)} and, elsewhere, {sorted(others)}")
    for name in ours:
        if key(ours[name], known) != key(others[name], known):
            a, b = difference(ours[name], others[name], known)
            raise Leak(f"{who}: {name}' has {a} at one point and {b} at another: a number "
                       "that was computed from letters outside of what is remembered, as "
                       "float() does, or the number of entries, as in a mean")


def difference(a: Any, b: Any, known: dict) -> tuple[Any, Any]:
    """Where two graphs part: the first arguments that differ, as deep as they can be told.
    """
    while (isinstance(a, Node) and isinstance(b, Node) and a.function is b.function
           and a.function is not None and len(a.args) == len(b.args)):
        a, b = next((x, y) for x, y in zip(a.args, b.args)
                    if key(x, known) != key(y, known))
    return a, b
