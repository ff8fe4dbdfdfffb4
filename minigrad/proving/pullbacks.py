"""What a theorem is asked for, and the identity that defines a VJP.

A Case is one call, its arguments formulas in a few symbols, and the directions in which
these symbols move one argument while all others stand still. In each direction must hold

    <g, dy> = <VJP(g, y, arguments), dx>    for all cotangents g.

The chain rule makes this the theorem at every point that the formulas reach, for instance
on x > 1 for x = 1 + u, u > 0; which lets SymPy's assumptions stand for the domain.

The VJP must also be defined there. SymPy itself writes x/x as 1, so a pole that cancels in
this way is not seen here; the tables KINKS and the tests evaluate VJPs at such points.
"""
from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import sympy as sp

from minigrad.indeterminate import zero_met_infinity
from minigrad.primitives.linear import is_stretched, unbroadcast
from minigrad.proving.algebra import vanishes
from minigrad.proving.normal_forms import Letters
from minigrad.symbolic import Symbolic, symbols


@dataclass
class Case:
    """One call; moves[i] lists directions {symbol: speed} that move argument i alone."""
    text: str
    args: tuple
    kwargs: dict = field(default_factory=dict)
    moves: dict = field(default_factory=dict)
    rewrite: Callable = lambda e: e  # one that holds on the domain of the symbols
    result: Symbolic | None = None  # of the call, where it is given by its equations
    equations: list = field(default_factory=list)           # they vanish


def call_text(args, kwargs):
    """How a call is listed: arrays by their shapes."""
    def text(a):
        if isinstance(a, slice):
            parts = [a.start, a.stop] + ([a.step] if a.step is not None else [])
            return ":".join("" if p is None else str(p) for p in parts)
        if a is Ellipsis:
            return "..."
        if isinstance(a, tuple) and any(isinstance(p, (slice, np.ndarray)) for p in a):
            return f"({', '.join(map(text, a))})"
        if isinstance(a, Symbolic):
            return str(a.shape)
        if isinstance(a, np.ndarray):
            return str(a.tolist())
        return a.__name__ if isinstance(a, type) else repr(a)
    named = [f"{k}={text(v)}" for k, v in kwargs.items()]
    return ", ".join([*map(text, args), *named])


def entrywise_cases(calls):
    """A case for each (shape, keywords): an array of symbols, moved one entry at a time."""
    out = []
    for shape, kwargs in calls:
        x = symbols("x", shape)
        moves = {0: [{u: 1} for u in np.ravel(x.array)]}
        out.append(Case(call_text((x,), kwargs), (x,), kwargs, moves))
    return out


def along(formulas, direction):
    """The derivative of each entry along a direction."""
    def slope(e):
        return sum((sp.diff(e, u)*speed for u, speed in direction.items()), sp.Integer(0))
    return np.frompyfunc(slope, 1, 1)(formulas.array)


def pulled_back(function, vjp, i, case):
    """g, y and the cotangent of argument i, as arrays of formulas."""
    y = case.result
    if y is None:
        y = Symbolic(function(*case.args, **case.kwargs))
    g = symbols("g", y.shape)
    back = Symbolic(vjp(g, y, *case.args, **case.kwargs))
    shape = np.shape(case.args[i])
    if back.shape != shape and is_stretched(shape, back.shape):     # as the engine does
        back = Symbolic(unbroadcast(back, shape))
    return g, y, back


def shape_failure(back, i, case):
    """What to say if the cotangent has not the shape of its argument."""
    return (f"{case.text}: the VJP has shape {back.shape}, argument {i} has "
            f"{case.args[i].shape}")


def rewritten(formulas, case):
    """The formulas, after the rewriting that the case allows."""
    return Symbolic(np.frompyfunc(case.rewrite, 1, 1)(formulas.array))


def inner(a, b):
    """<a, b>: the sum of the products of their entries."""
    return sum((p*q for p, q in zip(np.ravel(a), np.ravel(b))), sp.Integer(0))


def differential_failure(function, vjp, i, case):
    """Why <g, dy> = <VJP, dx> is not shown for argument i, or None if it is."""
    g, y, back = pulled_back(function, vjp, i, case)
    if back.shape != case.args[i].shape:
        return shape_failure(back, i, case)
    y, back = rewritten(y, case), rewritten(back, case)
    letters = Letters()
    poles = letters.poles_of(back, beyond=y)
    if poles:
        return f"{case.text}: the VJP is not known to be defined, which needs {poles}"
    for direction in case.moves[i]:
        for j, a in enumerate(case.args):
            if j != i and isinstance(a, Symbolic) and np.any(along(a, direction) != 0):
                return f"{case.text}: the case moves argument {j} too"
        dx = along(case.args[i], direction)
        if not np.any(dx != 0):
            return f"{case.text}: the case does not move argument {i}"
        difference = inner(g.array, along(y, direction)) - inner(back.array, dx)
        if not vanishes(difference, letters):
            return f"{case.text}: <g, dy> - <VJP, dx> = {difference}"
    return None


def mixing_failure(function, vjp, i, case):
    """Why the VJP of two entries is not that of each alone, or None if it is."""
    args = [a for a in case.args if isinstance(a, Symbolic)]
    if any(a.ndim for a in args):
        return None
    letters = set().union(*(a.expr.free_symbols for a in args))
    moved = {s: sp.Dummy(s.name, **s.assumptions0) for s in letters}
    pair = Case(case.text, tuple(Symbolic([a.expr, a.expr.xreplace(moved)])
                                 if isinstance(a, Symbolic) else a for a in case.args),
                case.kwargs)
    g, _, alone = pulled_back(function, vjp, i, case)
    h, _, beside = pulled_back(function, vjp, i, pair)
    if beside.shape != (2,):
        return shape_failure(beside, i, pair)
    for k, table in enumerate(({}, moved)):
        expected = alone.expr.xreplace(table | {g.expr: h.array[k]})
        if expected != beside.array[k] and sp.expand(expected - beside.array[k]) != 0:
            return (f"{case.text}: beside another entry the VJP is {beside.array[k]}, "
                    f"alone {expected}")
    return None


def kink_failure(vjp, function, args, kwargs, g, promised):
    """Why the VJP does not give what is promised where no slope exists, or None.

    As in the walk back, a cotangent of 0 stays 0 against an infinite slope.
    """
    args = [np.array(a) if isinstance(a, float) else a for a in args]
    with np.errstate(all="ignore"):
        y = np.asarray(function(*args, **kwargs))
        given = np.asarray(vjp(np.asarray(g), y, *args, **kwargs))
    if given.shape == np.shape(g):
        given = np.where(zero_met_infinity(np.asarray(g), given), 0, given)
    if np.array_equal(given, promised):
        return None
    return f"at {call_text(args, kwargs)}: promised {promised}, the VJP gives {given}"
