"""A plan: a recorded call as source, bound to its arrays, and what is done around it.

Around the source stand what Python has to do at every call: fetch numbers, note writes, so
that a graph from before is not walked with new values, and set gradients and counters.
"""
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.blas import choose_threads
from minigrad.compiler.calls import Call, Constant, Input, Node, below
from minigrad.compiler.drawing import generators_of
from minigrad.compiler.lines import Lines, Program
from minigrad.compiler.outcome import Outcome, Result, leaves_of_results
from minigrad.compiler.printing import Printed, executed
from minigrad.compiler.recorder import plain
from minigrad.compiler.session import Guard, Session
from minigrad.compiler.shared_memory import address, root_of
from minigrad.compiler.simplifying import simplified
from minigrad.compiler.watching import Name, check_of
from minigrad.tape import Node as TapeNode, tick
from minigrad.tensors import Tensor
from minigrad.values import Pending
from minigrad.writes import memory_of

numbered = itertools.count(1)


def compiled_result() -> None:
    """Stands in a graph for what a compiled function has done: its way back is not kept."""


USED_UP = TapeNode()                    # of every result: as if it had been walked
USED_UP.function, USED_UP.args, USED_UP.values, USED_UP.time = compiled_result, None, None, 1
USED_UP.kwargs, USED_UP.positions, USED_UP.place = {}, (), None


class Plan:
    """A recording that two calls agree on, as a function of the leaves of the arguments."""

    def __init__(self, name: str, session: Session, outcome: Outcome, names: list[Name],
                 first: Session, leaves: list):
        self.session, self.outcome, self.leaves = session, outcome, leaves
        self.source = ""
        self.graph: list[Node] = []
        new = dict(zip(map(id, flat(outcome.nodes())), flat(simplified(outcome.nodes()))))

        def now(node: Any) -> Any:
            return new.get(id(node), node)
        inputs = [x for x in below(new.values()) if isinstance(x, Input)]
        writes = [(goal, now(node)) for goal, node in outcome.writes]
        self.bound = [x for x in inputs if is_bound(x)]
        known = {id(x) for x in self.bound}
        self.bound += [goal for goal, _ in writes if id(goal) not in known and is_bound(goal)]
        self.given = [x for x in inputs if not is_bound(x)]
        self.given += [goal for goal, _ in writes
                       if not is_bound(goal) and goal not in self.given]
        self.results = [x for x in leaves_of_results(outcome.tree) if isinstance(x.node, Node)]
        returned = [(x.kind, now(x.node)) for x in self.results]
        returned += [("number", now(node)) for *_, node in outcome.numbers]
        self.grads = [(source, None if g is None else now(g)) for source, g in outcome.grads]
        guards = needed([g._replace(node=now(g.node)) for g in outcome.guards])
        program = Program(
            f"{name}, as NumPy calls: recorded by minigrad.compile.", self.bound, self.given,
            writes, returned, [g for _, g in self.grads if g is not None], guards,
            [now(node) for node in outcome.draws])
        self.printed = Printed(Lines(program))
        self.source = self.printed.source
        self.name = f"<minigrad compiled {name} {next(numbered)}>"
        self.namespace = executed(self.source, self.name)
        self.names_hold = check_of(names)
        self.names = names
        self.written = [met.source for met in session.tensors.values()
                        if written_in(session, met.tensor)]
        self.entry = self.entry_grads(first, inputs)
        self.bind()
        choose_threads(largest_product(below(new.values())))

    def entry_grads(self, first: Session, inputs: list[Input]) -> list[tuple[Tensor, str]]:
        """Which tensors must have a gradient at the beginning, and which must have none.

        One that is added to is an input. Where none was, in both recordings, one could
        have been added to; where one was there only once, it was set to None before.
        """
        added = {id(x.source.owner) for x in inputs if x.source.text.endswith(".grad")}
        set_by = {id(source.owner) for source, _ in self.grads}
        entry = []
        for key, met in self.session.tensors.items():
            if key in added:
                entry.append((met.tensor, "not "))
            elif key in set_by and met.grad is None and (
                    key in first.tensors and first.tensors[key].grad is None):
                entry.append((met.tensor, ""))
        return entry

    def bind(self) -> None:
        """Make the step for the arrays that live outside now."""
        arrays = [x.array if isinstance(x, Constant) else x.source.fetch([])
                  for x in self.bound]
        step, kept = self.namespace["bind"](*arrays, *self.printed.constants)
        pending = iter(map(Pending, kept))
        grads = [(source, None if g is None else next(pending)) for source, g in self.grads]
        self.holds = self.holding(arrays)
        self.run = self.running(step, grads)

    def sharing(self, arrays: list[np.ndarray]) -> tuple[list[str], dict[str, Any]]:
        """Tests that arguments share written memory as they did when it was recorded."""
        written = {id(goal) for goal, _ in self.outcome.writes}
        roots = [root_of(array) for x, array in zip(self.bound, arrays) if id(x) in written]
        leaves = [(i, plain(x)) for i, x in enumerate(self.leaves)]
        arguments = [(i, x) for i, x in leaves if isinstance(x, np.ndarray)]
        tests = []
        for i, x in arguments:
            mine = f"(leaves[{i}] if leaves[{i}].base is None else leaves[{i}].base)"
            if any(root_of(x) is root for root in roots):
                tests.append(f"address(leaves[{i}]) == {address(x)}")
            elif roots:
                tests.append(f"id({mine}) not in roots")
            for j, y in arguments if len(written) > len(roots) else ():
                if j < i:
                    sign = "is" if root_of(x) is root_of(y) else "is not"
                    other = mine.replace(f"[{i}]", f"[{j}]")
                    tests.append(f"{mine} {sign} {other}")
        owners = [x for root in roots for x in (root, root.base) if x is not None]
        return tests, {"roots": {*map(id, owners)}, "address": address, "owners": owners}

    def holding(self, arrays: list[np.ndarray]) -> Callable[[list], bool]:
        """A quick function of the leaves of the arguments: whether all lives where it did,
        and is as it was."""
        tests, space = self.sharing(arrays)
        wanted = [(x.source.text, x.source.owner, array)
                  for x, array in zip(self.bound, arrays) if isinstance(x, Input)]
        wanted += [("{}._data", met.tensor, met.tensor._data)
                   for met in self.session.tensors.values() if met.source.owner is not None]
        wanted += self.session.checks
        tests += [f"t{i}._grad is {no}None" for i, (_, no) in enumerate(self.entry)]
        space |= {f"t{i}": tensor for i, (tensor, _) in enumerate(self.entry)}
        for i, (text, owner, value) in enumerate(wanted):
            space |= {f"o{i}": owner, f"v{i}": value}
            tests.append(f"{text.format(f'o{i}')} is v{i}")
        exec(f"def holds(leaves): return {' and '.join(tests) or True}", space)
        return space["holds"]

    def running(self, step: Callable, grads: list) -> Callable:
        """A quick function of the leaves and the caller's place: the call, all of it."""
        space: dict[str, Any] = {"step": step, "tick": tick}
        sources = [x.source.text.format(f"o{i}") for i, x in enumerate(self.given)]
        space |= {f"o{i}": x.source.owner for i, x in enumerate(self.given)}
        count = len(self.results)
        names = [f"r{i}" for i in range(count + len(self.outcome.numbers))]
        lines = [f"out = step({', '.join(sources)})",
                 "if out is None: return failed"]
        if names:
            lines.append(f"{', '.join(names)}, = out")
        for i, (holder, text, _) in enumerate(self.outcome.numbers):
            space[f"h{i}"] = holder
            lines.append(f"{text.format(f'h{i}')} = r{count + i}")
        for i, (source, pending) in enumerate(grads):
            space |= {f"t{i}": source.owner, f"g{i}": pending}
            copied = pending is not None and source.owner is None   # next time it is another
            lines.append(f"{source.text.format(f't{i}')}._grad = g{i}{'.copy()'*copied}")
        if self.written:
            lines.append("now = tick()")
        for i, source in enumerate(self.written):
            if source.owner is None:
                lines.append(f"m{i} = memory_of({source.text})")
            else:
                space[f"m{i}"] = memory_of(source.owner)
            lines.append(f"m{i}.written = now; m{i}.place = place")
        space["memory_of"] = memory_of
        generators = generators_of([x.node.source for x in self.session.generators.values()])
        if generators:
            space["generators"] = generators
            lines[:2] = ["before = [g.bit_generator.state for g in generators]", lines[0],
                         "if out is None:",
                         "    for g, state in zip(generators, before):",
                         "        g.bit_generator.state = state",
                         "    return failed"]
        space |= {"failed": FAILED, "build": self.build(), "leaves": None}
        lines.append(f"return build(leaves{''.join(f', r{i}' for i in range(count))})")
        exec("def run(leaves, place):\n    " + "\n    ".join(lines), space)
        return space["run"]

    def build(self) -> Callable:
        """What makes the function's value of the results of the step."""
        tree = self.outcome.tree
        if isinstance(tree, Result) and tree.kind == "tensor":
            wants = tree.wants_gradient

            def one(leaves, data):
                out = Tensor(data)
                return result_of(out) if wants else out
            return one
        specs = leaves_of_results(tree)

        def build(leaves, *results):
            values = iter(results)
            return rebuilt_tree(tree, iter([made(spec, leaves, values) for spec in specs]))
        return build


FAILED = object()           # what `run` gives when a guard did not hold


def made(spec: Result, leaves: list, values: Any) -> Any:
    """A leaf of what the function returns."""
    if spec.kind == "argument":
        return leaves[spec.node]
    if spec.kind == "object":
        return spec.node
    value = next(values)
    if spec.kind != "tensor":
        return value
    out = Tensor(value)
    return result_of(out) if spec.wants_gradient else out


def rebuilt_tree(tree: Any, leaves: Any) -> Any:
    """The structure, in which Results are the leaves, with others."""
    if isinstance(tree, Result):
        return next(leaves)
    if isinstance(tree, dict):
        return {key: rebuilt_tree(part, leaves) for key, part in tree.items()}
    parts = [rebuilt_tree(part, leaves) for part in tree]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)


def result_of(tensor: Tensor) -> Tensor:
    """A tensor that wants a gradient, whose graph has been used up."""
    tensor.requires_grad, tensor._node = True, USED_UP
    return tensor


def needed(guards: list[Guard]) -> list[Guard]:
    """The guards without those that follow from others.

    A sum of squares of what was joined is finite only if those of its parts are.
    """
    found = {(id(g.node), g.question, g.answer): g for g in guards}
    wholes = [x for g in found.values() if g.answer == "finite" and isinstance(g.node, Call)
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


def is_bound(x: Any) -> bool:
    """Whether it is an array that lives outside, at a place that stays."""
    if isinstance(x, Constant):
        return True
    return x.layout is not None and x.source.owner is not None and not (
        x.source.text.endswith(".grad"))


def written_in(session: Session, tensor: Tensor) -> bool:
    """Whether a tensor's memory was written while it was recorded."""
    return tensor._memory is not None and tensor._memory.written > session.since
