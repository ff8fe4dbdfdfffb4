"""A plan: a recorded call as source, and the door through which it is called."""
import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.blas import choose_threads
from minigrad.compiler.bound_names import Name
from minigrad.compiler.calls import Call, Constant, Input, Node, below
from minigrad.compiler.doors import Door
from minigrad.compiler.lines import Lines, Program
from minigrad.compiler.outcome import Outcome, leaves_of_results
from minigrad.compiler.printing import Printed, executed
from minigrad.compiler.session import Guard, Session
from minigrad.compiler.simplifying import simplified
from minigrad.tensors import Tensor
from minigrad.values import Pending

numbered = itertools.count(1)


class Plan:
    """A recording that two calls agree on, as a function of the leaves of the arguments."""

    def __init__(self, name: str, session: Session, outcome: Outcome, names: list[Name],
                 first: Session, leaves: list, kinds: tuple | None):
        self.session, self.outcome, self.leaves = session, outcome, leaves
        self.kinds = kinds              # of arguments by position that are no structures
        new = dict(zip(map(id, flat(outcome.nodes())), flat(simplified(outcome.nodes()))))

        def now(node: Any) -> Any:
            return new.get(id(node), node)
        inputs = [x for x in below(new.values()) if isinstance(x, Input)]
        writes = [(goal, now(node)) for goal, node in outcome.writes]
        self.bound = [x for x in inputs if is_bound(x)]
        known = {id(x) for x in self.bound}
        self.bound += [goal for goal, _ in writes
                       if id(goal) not in known and is_bound(goal)]
        self.given = [x for x in inputs if not is_bound(x)]
        self.given += [goal for goal, _ in writes
                       if not is_bound(goal) and goal not in self.given]
        self.results = [x for x in leaves_of_results(outcome.tree)
                        if isinstance(x.node, Node)]
        returned = [(x.kind, now(x.node)) for x in self.results]
        returned += [("number", now(node)) for *_, node in outcome.numbers]
        self.grads = [(source, None if g is None else now(g))
                      for source, g in outcome.grads]
        guards = needed([g._replace(node=now(g.node)) for g in outcome.guards])
        program = Program(
            f"{name}, as NumPy calls: recorded by minigrad.compile.", self.bound,
            self.given, writes, returned, [g for _, g in self.grads if g is not None],
            guards, [now(node) for node in outcome.draws])
        self.printed = Printed(Lines(program))
        self.source = self.printed.source
        self.name = f"<minigrad compiled {name} {next(numbered)}>"
        self.namespace = executed(self.source, self.name)
        self.names = names
        self.written = [met.source for met in session.tensors.values()
                        if written_in(session, met.tensor)]
        self.entry = self.entry_grads(first, inputs)
        self.bind()
        choose_threads(largest_product(below(new.values())))

    def entry_grads(self, first: Session, inputs: list[Input]) -> list[tuple[Tensor, str]]:
        """Which tensors must have a gradient at the beginning, and which must have none.

        One that is added to is an input. Where none was, in both recordings, one could
        have been added to, or set to None; where one was there only once, it was set to
        None before.
        """
        added = {id(x.source.owner) for x in inputs if x.source.text.endswith(".grad")}
        entry = []
        for key, met in self.session.tensors.items():
            if key in added:
                entry.append((met.tensor, "not "))
            elif met.grad is None and (
                    key in first.tensors and first.tensors[key].grad is None):
                entry.append((met.tensor, ""))
        return entry

    def bind(self) -> None:
        """Make the step for the arrays that live outside now."""
        bound: list[Any] = self.bound
        arrays: list[Any] = [x.array if type(x) is Constant else x.source.fetch([])
                             for x in bound]
        step, kept = self.namespace["bind"](*arrays, *self.printed.constants)
        pending = iter(map(Pending, kept))
        grads = [(source, None if g is None else next(pending)) for source, g in self.grads]
        self.door = Door(self, arrays, step, grads)


def needed(guards: list[Guard]) -> list[Guard]:
    """The guards without those that follow from others.

    A sum of squares of what was joined is finite only if those of its parts are.
    """
    found = {(id(g.node), g.question, g.answer): g for g in guards}
    wholes = [x for g in found.values() if g.question != "bool" and isinstance(g.node, Call)
              and g.node.function is np.vdot for x in g.node.args]
    parts = {id(x) for whole in wholes if isinstance(whole, Call)
             and whole.function is np.concatenate for x in whole.args[0]}
    return [g for g in found.values() if not (
        g.answer == "finite" and isinstance(g.node, Call) and g.node.function is np.vdot
        and g.node.args[0] is g.node.args[1] and id(g.node.args[0]) in parts)]


def largest_product(nodes: Iterable[Node]) -> int:
    """The multiplications in the largest product of matrices, 0 if there is none."""
    return max((x.layout.size*x.args[0].layout.shape[-1] for x in nodes
                if isinstance(x, Call) and x.function is np.matmul), default=0)


def flat(groups: Any) -> list:
    """The nodes in nested lists."""
    return [x for group in groups for x in group]


def is_bound(x: Input | Constant) -> bool:
    """Whether it is an array that lives outside, at a place that stays."""
    if isinstance(x, Constant):
        return True
    return x.layout is not None and x.source.owner is not None and not (
        x.source.text.endswith(".grad"))


def written_in(session: Session, tensor: Tensor) -> bool:
    """Whether a tensor's memory was written while it was recorded."""
    return tensor._memory is not None and tensor._memory.written > session.since
