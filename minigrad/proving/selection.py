"""Functions that pick entries: the derivative off the ties, a convention at them.

Off the ties, entries have a strict order, and every one is tried: the smallest entry is a
symbol, each next one adds a positive gap, so SymPy knows every comparison. One entry moves
while the others stand still by widening the gap below and narrowing the gap above it.
"""
import itertools

import numpy as np
import sympy as sp

from minigrad.primitives.selection import relu
from minigrad.primitives.ties import first_max
from minigrad.proving.pullbacks import Case, call_text, differential_failure
from minigrad.symbolic import Symbolic, symbols

THEOREM = "VJP = derivative, for every strict order of the entries; at ties as stated"


def orders(*shapes):
    """For each strict order of all entries: the arrays, and the moves of each entry."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    base = sp.Symbol("s", real=True)
    gaps = sp.symbols(f"d1:{sum(sizes)}", positive=True)
    steps = [base, *gaps]
    for order in itertools.permutations(range(sum(sizes))):
        entries = [sp.Add(*steps[:place + 1]) for place in order]
        moves = [{steps[place]: 1} | ({steps[place + 1]: -1} if place < len(gaps) else {})
                 for place in order]
        arrays, directions, start = [], [], 0
        for size, shape in zip(sizes, shapes):
            part = np.array(entries[start:start + size], dtype=object)
            arrays.append(Symbolic(part.reshape(shape)))
            directions.append(moves[start:start + size])
            start += size
        yield arrays, directions


def ordered(*shapes, **kwargs):
    """The cases of a call, one for each order of the entries of its arrays; None stays."""
    given = [i for i, shape in enumerate(shapes) if shape is not None]
    for arrays, directions in orders(*[shapes[i] for i in given]):
        args = [None]*len(shapes)
        for i, array in zip(given, arrays):
            args[i] = array
        yield Case(call_text(args, kwargs), tuple(args), kwargs,
                   dict(zip(given, directions)))


def where_cases():
    """Every mask of two entries, with and without broadcasting."""
    for mask in itertools.product([False, True], repeat=2):
        for shapes in [((2,), (2,)), ((2,), ()), ((), (2, 2))]:
            a, b = symbols("a", shapes[0]), symbols("b", shapes[1])
            args = (np.array(mask), a, b)
            yield Case(call_text(args, {}), args, moves={
                i: [{u: 1} for u in np.ravel(args[i].array)] for i in (1, 2)})


def both_signs():
    """A positive entry and a negative one."""
    p, q = sp.symbols("p q", positive=True)
    yield Case("one x > 0 and one x < 0", (Symbolic([p, -q]),), moves={
        0: [{p: 1}, {q: -1}]})


EXTREMA = [((3,), {}), ((2, 2), {}), ((2, 2), {"axis": 0}), ((2, 2), {"axis": -1}),
           ((2, 2), {"axis": (0, 1)}), ((2, 2), {"axis": 1, "keepdims": True}),
           ((3,), {"keepdims": True})]
SORTS = [((3,), {}), ((2, 2), {}), ((2, 2), {"axis": 0}), ((2, 2), {"axis": None}),
         ((3,), {"kind": "stable"})]
PARTITIONS = [((3,), {"kth": 1}), ((3,), {"kth": 0}), ((3,), {"kth": (0, 2)}),
              ((2, 2), {"kth": 0, "axis": 0}), ((2, 2), {"kth": 2, "axis": None})]


def pairs():
    """Every order of two arrays, with and without broadcasting."""
    return [*ordered((), ()), *ordered((2,), ()), *ordered((1,), (2,))]


def reductions(calls):
    """Every order of one array, for each shape and its keywords."""
    return [case for shape, kwargs in calls for case in ordered(shape, **kwargs)]


CASES: dict = {
    np.where: where_cases,
    relu: both_signs,
    np.maximum: pairs, np.minimum: pairs, np.fmax: pairs, np.fmin: pairs,
    np.max: lambda: reductions(EXTREMA), np.min: lambda: reductions(EXTREMA[:3]),
    np.amax: lambda: reductions(EXTREMA[:1]), np.amin: lambda: reductions(EXTREMA[:1]),
    first_max: lambda: reductions([((1, 3), {}), ((2, 2), {}), ((1, 2, 2), {}),
                                   ((2, 1), {}), ((1, 4), {})]),
    np.sort: lambda: reductions(SORTS), np.partition: lambda: reductions(PARTITIONS),
    np.clip: lambda: [
        *ordered((), (), ()), *ordered((2,), (), None), *ordered((), None, ()),
        *ordered((), (), (2,)), *ordered((2,), None, (1,))],
}


def cases(function):
    """The orders in which a function is proved; none if it is not listed here."""
    return list(CASES[function]()) if function in CASES else []


failure = differential_failure
HALF = [0.5, 0.5, 0.0]
TIED = np.array([2.0, 2.0, 1.0])

# function, argument, its values, g, what the VJP gives there by convention, in words
KINKS: list[tuple] = [
    *[(f, i, (1.0, 1.0), 1.0, 0.5, "half each at a tie")
      for f in (np.maximum, np.minimum, np.fmax, np.fmin) for i in (0, 1)],
    (relu, 0, (0.0,), 1.0, 0.0, "0 at 0"),
    *[(f, 0, (tied,), 1.0, shares, "equal shares to tied entries") for f, tied, shares in (
        (np.max, TIED, HALF), (np.max, np.zeros((2, 2)), np.full((2, 2), 0.25)),
        (np.min, -TIED, HALF), (np.amax, TIED, HALF), (np.amin, -TIED, HALF))],
    (first_max, 0, (np.array([[2.0, 2.0, 1.0]]),), np.ones(1), [[1.0, 0.0, 0.0]],
     "all to the first of tied entries"),
    (first_max, 0, (np.array([[1.0, 3.0, 3.0], [0.0, 0.0, 0.0]]),), np.ones(2),
     [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], "all to the first of tied entries"),
    *[(f, 0, args, np.array([5.0, 6.0, 7.0]), [6.0, 7.0, 5.0],
       "tied entries keep their order")
      for f, args in ((np.sort, (TIED,)), (np.partition, (TIED, 1)))],
    *[(np.clip, i, (x, 1.0, 2.0), 1.0, slope, "the entry, not the bound, at a tie")
      for i, x, slope in ((0, 1.0, 1.0), (1, 1.0, 0.0), (0, 2.0, 1.0), (2, 2.0, 0.0))],
]
