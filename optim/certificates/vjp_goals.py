"""What is to be shown of each VJP of minigrad's tables, as recorded operations.

For each case that minigrad.prove decides, the function and its VJP are run on letters. The
goal of kind "vjp" holds

    operations             all that was recorded; places in it are meant below
    inputs                 [letter, place of its tangent] for each letter that moves
    arguments, outputs     the entries of the argument and of the function's result
    cotangents, vjp        a letter g for each output; what the VJP gives for each argument
    others, still          entries of the other arguments, and a letter h for each: they
                           stand still
    guards                 conditions that were taken to hold: they must
    where                  conditions of the goal: it speaks of nothing else

and says that <g, J v> = <VJP(g), v>, where J v is the derivative of the outputs and v that
of the arguments along the inputs' tangents. "left" and "right" are these two sides: the
left with the derivative formed here (tangents.py), which a checker can form for itself; the
right has a value only where the guards hold and the function has a value. That the sides
have a value at the same points is part of the goal.
"""
from collections.abc import Iterator

import numpy as np
import sympy as sp

from minigrad import primitives
from minigrad.primitives.linear import is_stretched, unbroadcast
from minigrad.prove import THEORIES, arguments
from minigrad.proving import adjoints, elementwise, linalg, stable
from minigrad.proving.pullbacks import Case
from minigrad.symbolic import Symbolic
from optim.certificates.array_goals import (
    defining, equation_goal, kept, letters, linear_goal)
from optim.certificates.entry_arrays import Entries
from optim.certificates.recorded_entries import Recording
from optim.certificates.tangents import needed, sides


class Run:
    """A case of a VJP on letters: its recording and, as Entries, args, g, y and back."""

    def __init__(self, function, vjp, i, case):
        self.record = record = Recording()
        self.args = [Entries(record, a.array) if isinstance(a, Symbolic) else a
                     for a in case.args]
        self.x = self.args[i]
        self.others = [a for a in self.args if isinstance(a, Entries) and a is not self.x]
        self.y = Entries(record, case.result.array if case.result is not None
                         else function(*self.args, **case.kwargs))
        self.g = letters(record, "g", self.y.shape)
        back = Entries(record, vjp(self.g, self.y, *self.args, **case.kwargs))
        if back.shape != self.x.shape and is_stretched(self.x.shape, back.shape):
            back = Entries(record, unbroadcast(back, self.x.shape))     # as the engine does
        if back.shape != self.x.shape:
            raise ValueError(f"{case.text}: the VJP has shape {back.shape}, argument {i} "
                             f"has {self.x.shape}")
        self.back = back

    def inputs(self, moves):
        """{name of a letter: entry of its tangent}: a letter v for each direction."""
        moved = {}
        for k, move in enumerate(moves):
            v = self.record.new(f"v{k}").item()
            for s, speed in move.items():
                step = v if speed == 1 else -v
                moved[s.name] = moved[s.name] + step if s.name in moved else step
        return moved


def places(entries):
    """Where the entries stand in their recording."""
    return [e.place for e in entries.array.flat]


def vjp_goal(title, function, vjp, i, case):
    """The goal of a case: the VJP is the adjoint of the derivative."""
    run = Run(function, vjp, i, case)
    record = run.record
    moves = case.moves[i] or [{s: 1} for s in case.args[i].array.flat]
    inputs = [[name, v.place] for name, v in run.inputs(moves).items()]
    moving = {record.add("letter", name) for name, _ in inputs}
    others = [e for a in run.others for e in a.array.flat
              if moving & {*needed(record.listed, [e.place])}]
    still = [record.new(f"h{k}").item() for k in range(len(others))]
    where = [(y != 0).place for y in run.y.array.flat] if (
        function is np.linalg.det and run.x.shape[-1] > 3) else []      # else by minors
    return kept(sides({
        "kind": "vjp", "title": title, "letters": record.letters, "relation": "==",
        "operations": record.listed, "inputs": inputs, "guards": record.guards,
        "where": where, "arguments": places(run.x), "outputs": places(run.y),
        "vjp": places(run.back),
        "cotangents": [record.listed[k][1] for k in places(run.g)],
        "others": [e.place for e in others],
        "still": [record.listed[h.place][1] for h in still]}))


def pair_of(case, i):
    """The case of two entries where it is of one, each with letters of its own; or None."""
    symbolic = [a for a in case.args if isinstance(a, Symbolic)]
    if any(a.ndim for a in symbolic):
        return None
    names = set().union(*(a.expr.free_symbols for a in symbolic))
    other = {s: sp.Symbol(f"{s.name}_2", **s.assumptions0) for s in names}
    args = tuple(Symbolic([a.expr, a.expr.xreplace(other)]) if isinstance(a, Symbolic)
                 else a for a in case.args)
    moves = [*case.moves[i], *({other[s]: speed for s, speed in move.items()}
                               for move in case.moves[i])]
    return Case(case.text, args, case.kwargs, {i: moves})


def goals_of(table, title, function, vjp, i, case) -> Iterator[dict]:
    """The goals of one case."""
    theory = THEORIES[table]
    yield vjp_goal(title, function, vjp, i, case)
    pair = pair_of(case, i) if theory is elementwise else None
    if pair:
        yield vjp_goal(f"{title}, beside another entry", function, vjp, i, pair)
    if theory is adjoints:
        yield linear_goal(f"{title}: linear", function, i, case)
    if theory in (linalg, stable):
        run = Run(function, vjp, i, case)
        if theory is stable:
            ours = function.__wrapped__(*run.args, **case.kwargs)
            pairs = [(Entries(run.record, ours), run.y)]
        else:
            pairs = defining(function, run.y, *run.args, **case.kwargs)
        if pairs:
            yield equation_goal(f"{title}: the function itself", pairs)


def vjp_cases(table: str) -> Iterator[tuple]:
    """(what it is called, function, VJP, argument, case) of all cases in a table."""
    for function, vjps in primitives.TABLES[table].items():
        for i in arguments(table, function):
            cases = [case for case in THEORIES[table].cases(function) if i in case.moves]
            for number, case in enumerate(cases, 1):
                name = (f"{function.__name__}, argument {i}, case {number} of "
                        f"{len(cases)}: {case.text}")
                yield name, function, vjps[i], i, case


def vjp_goals(*tables: str) -> Iterator[dict]:
    """The goals of all VJPs in some of minigrad's tables, or in all."""
    for table in tables or primitives.TABLES:
        for case in vjp_cases(table):
            yield from goals_of(table, *case)
