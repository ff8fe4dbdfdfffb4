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
import functools
from collections.abc import Iterator

import numpy as np
import sympy as sp

from minigrad import primitives
from minigrad.primitives.linear import is_stretched, unbroadcast
from minigrad.prove import THEORIES, arguments
from minigrad.proving import adjoints, elementwise, linalg, stable
from minigrad.proving.pullbacks import Case
from minigrad.symbolic import Symbolic
from minigrad.time_limits import within
from optim.certificates.recorded_entries import Recording
from optim.certificates.entry_arrays import Entries, unwrap
from optim.certificates.proofs import Search, Unproved
from optim.certificates.tangents import needed, sides

PLACES = {"inputs", "guards", "arguments", "outputs", "vjp", "others",
          "where"}
SECONDS = 30                    # for one proof


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


def letters(record, name, shape):
    """Letters of their own, as Entries."""
    return Entries(record, record.new(name, shape))


def inner(entries, others):
    """The sum of the products; None is 0."""
    terms = [a*b for a, b in zip(entries.array.flat, others) if b is not None]
    return sum(terms[1:], start=terms[0]) if terms else entries.record.constant(0)


def kept(goal):
    """The goal with the operations and letters alone that it needs."""
    listed, numbered = goal["operations"], {"left", "right", *PLACES}
    used = needed(listed, [k for name in numbered & {*goal} for k in flat(goal[name])])
    new = {k: n for n, k in enumerate(used)}

    def moved(part):
        if isinstance(part, list):
            return [moved(x) for x in part]
        return new[part] if isinstance(part, int) else part
    names = {listed[k][1] for k in used if listed[k][0] == "letter"}
    return goal | {name: moved(goal[name]) for name in numbered & {*goal}} | {
        "operations": [moved(listed[k]) for k in used],
        "letters": {name: domain for name, domain in goal["letters"].items()
                    if name in names}}


def flat(listed):
    """The places in a list of lists; names are none."""
    if isinstance(listed, list):
        return [k for part in listed for k in flat(part)]
    return [listed] if isinstance(listed, int) else []


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


def equation_goal(title, pairs):
    """The goal that arrays are equal, wherever the first of each pair has values."""
    left = right = pairs[0][0].record.constant(0)
    for k, (first, second) in enumerate(pairs):
        h = letters(first.record, f"h{k}", first.shape)
        second = Entries(first.record, np.broadcast_to(unwrap(second), first.shape))
        left = left + inner(h, first.array.flat)
        right = right + inner(h, second.array.flat)
    record = left.record
    right = right + record.entry("defined", left.place)
    return kept({"kind": "equation", "title": title, "letters": record.letters,
                 "operations": record.listed, "left": left.place, "right": right.place,
                 "relation": "=="})


def linear_goal(title, function, i, case):
    """The goal that a map is linear in argument i: L(p x + q z) = p L(x) + q L(z)."""
    record = Recording()
    args = [Entries(record, a.array) if isinstance(a, Symbolic) else a for a in case.args]
    term = adjoints.TERMS.get(function, lambda i: 0)
    x, z = args[i], letters(record, "z", args[i].shape)
    p, q = letters(record, "p", ()), letters(record, "q", ())

    def at(x):                          # the other terms of a sum of maps are left out
        kept = [0*a if isinstance(a, Entries) and term(j) != term(i) else a
                for j, a in enumerate([*args[:i], x, *args[i + 1:]])]
        return Entries(record, function(*kept, **case.kwargs))
    return equation_goal(title, [(at(p*x + q*z), p*at(x) + q*at(z))])


def defining(function, y, a, *args, **kwargs):
    """Pairs of arrays that are equal, as y is the result of the function by definition."""
    def matrix(start, stop=None):
        return y[start:stop]

    def unit(q):
        return q.T @ q, np.eye(len(q.T))
    m = len(a)
    if function is np.linalg.inv:
        return [(a @ y, np.broadcast_to(np.eye(a.shape[-1]), a.shape))]
    if function is np.linalg.solve:
        b = args[0] if args[0].ndim > 1 else np.expand_dims(args[0], -1)
        return [(a @ (y if args[0].ndim > 1 else np.expand_dims(y, -1)), b)]
    if function is np.linalg.pinv:
        return [(a @ y @ a, a), (y @ a @ y, y), (a @ y, (a @ y).T), (y @ a, (y @ a).T)]
    if function is np.linalg.cholesky:
        part, low = (np.triu, y.T) if kwargs else (np.tril, y)
        return [(part(low @ low.T), part(a)), (np.triu(low, 1), 0)]
    if function is linalg.linalg.eigh_rows:
        part = a if kwargs["UPLO"] == "L" else a.T
        whole, w, v = np.tril(part) + np.tril(part, -1).T, y[0], y[1:]
        return [unit(v), (whole @ v, v*w)]
    if function is linalg.linalg.svd_rows:
        return [unit(y[:m]), unit(y[m + 1:]), ((y[:m]*y[m]) @ y[m + 1:].T, a)]
    if function is linalg.linalg.qr_rows:
        return [unit(y[:m]), (y[:m] @ y[m:], a), (np.tril(y[m:], -1), 0)]
    if function is linalg.linalg.signed_logdet:
        det = np.linalg.det(a)
        return [(y[1], np.log(np.abs(det))), (y[0], np.sign(det))]
    return []


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


def vjp_goals(*tables: str) -> Iterator[dict]:
    """The goals of all VJPs in some of minigrad's tables, or in all."""
    for table in tables or primitives.TABLES:
        for function, vjps in primitives.TABLES[table].items():
            for i in arguments(table, function):
                cases = [case for case in THEORIES[table].cases(function)
                         if i in case.moves]
                for number, case in enumerate(cases, 1):
                    title = (f"{function.__name__}, argument {i}, case {number} of "
                             f"{len(cases)}: {case.text}")
                    yield from goals_of(table, title, function, vjps[i], i, case)


def vjp_certificates(*tables: str) -> Iterator[dict]:
    """The goals with their proofs; "UNCERTIFIED", and why, where none is found in time."""
    for goal in vjp_goals(*tables):
        yield goal | within(SECONDS, functools.partial(proved, goal), lambda: {
            "status": "UNCERTIFIED", "why": f"no proof is found in {SECONDS} s"})


def proved(goal):
    """The status of a goal, and its proof."""
    try:
        return {"status": "PROVED", "proof": Search(goal).proof()}
    except Unproved as why:
        return {"status": "UNCERTIFIED", "why": str(why)}
