"""What a rule does to one entry, read on two and on three that have letters of their own.

A rule works elementwise: each entry of a result depends on the entries at its place alone,
by one formula, whatever their number. A rule of which that is not so has no formula here.
"""
import inspect
import traceback
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from minigrad.symbolic.truths import as_number
from optim.formulas.equations import same
from optim.formulas.exact_numbers import applied
from optim.formulas.literals import written_exactly
from optim.formulas.outside import Outside
from optim.formulas.notes import Notes, is_ours, letters_in
from optim.formulas.reading import Reading
from optim.optimizers.signatures import Rule, name_of, start_of, step_of, supplied_to

Part = tuple[sp.Expr, frozenset]                # an expression and what it needs


@dataclass(frozen=True)
class Run:
    """What a rule has given on some entries: its results and first states, by name."""
    count: int
    results: dict[str, Reading]
    starts: dict[str, Reading]
    notes: Notes
    letters: dict[sp.Symbol, tuple[int, sp.Symbol]]     # the place of each, and its name


def on_one_entry(rule: Rule, symbols: Mapping[str, sp.Symbol]) -> tuple[
        dict[str, Part], dict[str, Part], tuple[int, ...]]:
    """The new value of theta and of each state, where the states start, and sizes.

    symbols {letter: symbol}; sizes: how many entries it may look for, if it counts them.
    Raises TypeError where the rule does what has no meaning on letters, ValueError if it
    is not elementwise or uses what outside.py refuses; both name the line.
    """
    outside, sizes = Outside(rule), tuple[int, ...]()
    run = taken(rule, symbols, 2)
    results, starts = parts(rule, run)
    if run.notes:                   # something was asked that may tell how many there are
        more = taken(rule, symbols, 3)
        for two, three in zip((results, starts), parts(rule, more)):
            check_size(rule, more.notes, two, three)
        sizes = outside.sizes(asked(more.notes))
    outside.check_unchanged()
    return results, starts, sizes


def letter(symbol: sp.Symbol, place: int) -> sp.Symbol:
    """The letter of the entry at a place; that of the first is the symbol itself."""
    return sp.Symbol(f"{symbol.name}[{place}]", **symbol.assumptions0) if place else symbol


def taken(rule: Rule, symbols: Mapping[str, sp.Symbol], count: int) -> Run:
    """The rule run on this many entries; hyperparameters, t and some states are numbers."""
    parameters = inspect.signature(rule).parameters.values()
    arrays = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    place, _, *states = arrays
    numbers = {p.name for p in states if isinstance(p.default, (int, float)) and p.default}
    exact_rule = written_exactly(rule)
    while True:
        notes = Notes()
        spread = [p.name for p in arrays if p.name not in numbers] + [
            n for n, kind in supplied_to(rule).items() if kind.entrywise]
        letters = {n: [letter(symbols[n], i) for i in range(count)] for n in spread}
        known = {n: Reading(letters.get(n, s), notes=notes) for n, s in symbols.items()}
        with understood(rule), np.errstate(all="ignore"):
            after = step_of(exact_rule, *(known[p.name] for p in arrays), **{
                p.name: known[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY})
            results = {p.name: reading(x, notes) for p, x in zip([place, *states], after)}
            starts = {p.name: reading(first_value(p, known[place.name], known), notes)
                      for n, p in inspect.signature(exact_rule).parameters.items()
                      if n in results and n != place.name}
        arrays_too = {n for n in numbers if results[n].array.ndim}
        if not arrays_too:
            return Run(count, results, starts, notes, {
                x: (i, symbols[n]) for n in spread for i, x in enumerate(letters[n])})
        numbers -= arrays_too                      # as a run has them, see first_states


def first_value(parameter: inspect.Parameter, theta: Reading,
                known: Mapping[str, Reading]) -> Any:
    """Where a state starts: its default, applied to letters if it is a function, or 0."""
    start = 0 if parameter.default is parameter.empty else parameter.default
    return start_of(written_exactly(start) if callable(start) else start, theta, known)


def reading(x: Any, notes: Notes) -> Reading:
    """A result as a Reading; an array may have been filled with them one by one."""
    if isinstance(x, np.ndarray) and x.dtype == object:
        parts = [y if isinstance(y, Reading) else Reading(y) for y in x.ravel()]
        out = Reading(np.array([y.expr for y in parts], dtype=object), notes=notes)
        out.needs[...] = [y.needs.item() for y in parts]
        return out
    return x if isinstance(x, Reading) else Reading(x, notes=notes)


class understood:
    """Whatever goes wrong in a rule that is run on letters is a TypeError with its line."""

    def __init__(self, rule: Rule):
        self.rule = rule

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if not isinstance(error, Exception):
            return
        frames = [*traceback.walk_tb(trace)]
        line = next((n for frame, n in reversed(frames)
                     if not is_ours(frame, "optim", "minigrad", "numpy", "sympy")), None)
        last = frames[-1][0]
        if kind in (TypeError, ValueError) and is_ours(last, "optim", "minigrad") and (
                last.f_code is not applied.__code__):       # what it calls may have raised
            if line is None or "at line" in str(error):
                return
            raise kind(f"{error} (at line {line})") from error
        raise TypeError(f"{name_of(self.rule)}: line {line} does not run on letters "
                        f"({kind.__name__}: {error}); write it with NumPy's elementwise "
                        "functions and np.where") from error


# ---------------------------------------------------------------------- is it elementwise?
def parts(rule: Rule, run: Run) -> tuple[dict[str, Part], dict[str, Part]]:
    """The formulas of all results and first states."""
    return ({name: part(rule, run, name, x) for name, x in run.results.items()},
            {name: part(rule, run, name, x) for name, x in run.starts.items()})


def part(rule: Rule, run: Run, name: str, x: Reading) -> Part:
    """The formula of each entry in the letters of one; ValueError if there is none."""
    if x.array.shape not in ((), (run.count,)):
        raise ValueError(f"{name_of(rule)}: {name} came back with shape {x.array.shape} "
                         f"for {run.count} entries; it has to keep the shape it came with")
    found: list[Part] = []
    for i, (e, needs) in enumerate(zip(np.broadcast_to(x.array, run.count),
                                       np.broadcast_to(x.needs, run.count))):
        used = letters_in(e, needs) & run.letters.keys()
        foreign = {s for s in used if run.letters[s][0] != i}
        if foreign:
            raise ValueError(
                f"{name_of(rule)} is not elementwise: {name}'[{i}] depends on "
                f"{called(run, min(foreign, key=str))}{blamed(run, foreign)}; a rule does "
                "to each entry what it does to one alone")
        e, own = as_number(e), {s: run.letters[s][1] for s in used}
        found.append((e.xreplace(own), frozenset(n.xreplace(own) for n in needs)))
    for i, (e, needs) in enumerate(found):
        if not same(e, found[0][0]) or needs != found[0][1]:
            raise ValueError(f"{name_of(rule)} is not elementwise: {name}'[{i}] = {e}, but "
                             f"{name}'[0] = {found[0][0]}{blamed(run)}; a rule does the "
                             "same to each entry")
    return found[0]


def check_size(rule: Rule, notes: Notes, two: dict[str, Part], three: dict[str, Part]
               ) -> None:
    """Raise ValueError if a formula changes with the number of entries."""
    for name in two:
        if two[name] != three[name]:
            raise ValueError(
                f"{name_of(rule)} is not elementwise: {name}' depends on the number of "
                f"entries, by {asked(notes)}: {two[name][0]} for two, {three[name][0]} for "
                "three")


def asked(notes: Notes) -> str:
    """What may tell how many entries there are."""
    return " or ".join(dict.fromkeys(f"{note.name} at line {note.line}" for note in notes))


def called(run: Run, symbol: sp.Symbol) -> str:
    place, plain = run.letters[symbol]
    return f"{plain}[{place}]"


def blamed(run: Run, letters: Set[sp.Symbol] = frozenset()) -> str:
    """Which operation brought letters of one entry to another."""
    for note in run.notes:
        moved = len(note.entries) != run.count or any(
            run.letters[s][0] != i for i, entry in enumerate(note.entries)
            for s in entry & run.letters.keys())
        if moved and letters <= frozenset().union(*note.entries):
            return f", by {note.name} at line {note.line}"
    return ""
