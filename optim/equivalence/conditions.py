"""Equal if: the change of letters that makes of two refuted optimizers one.

Tried are those of catalogue.py, one or two of them at a time.

Each is looked at in numbers first; what survives is proved as a simulation relation, start
included, before it is told. What is not in the catalogue is not found: no answer here does
not mean that there is none.
"""
import time
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from itertools import islice
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, enclose
from optim.equivalence.catalogue import images, missing, pairings, replacements
from optim.equivalence.views import gradient, letters, restricted, substituted
from optim.equivalence.ranges import points_where
from optim.equivalence.simulations import simulates, with_gradient
from optim.proving.verdicts import Condition, Verdict

LOOKS = 8                      # points at which a change is looked at before it is proved


Relation = Callable[..., Verdict]


def condition(a: Any, b: Any, seconds: float, numbers: Mapping[str, Any] = {},
              relation: Relation = simulates, changes: bool = True,
              given: Mapping[str, sp.Expr] = {}) -> Condition | None:
    """The first change in the catalogue that is proved to make b do what a does.

    numbers {letter: number}: what a letter that only one side has may be, beside 0 and 1.
    relation: simulates, from every state, or walks_alike, in every run. changes=False
    looks for maps of the states alone. given {hyperparameter: formula of another letter}:
    what it is on both sides. None if nothing was found within the time.
    """
    end = time.monotonic() + seconds
    found = candidates(a, b, numbers, 1 + (relation is not simulates), given, changes, end)
    for narrow in ({}, given) if given else ({},):      # for all numbers, else for these
        refused = []
        for look, ours, theirs, states in found:
            rest = end - time.monotonic()
            if rest <= 0:
                return None
            check = proof(relation, look.a, look.b, states, theirs, rest, narrow)
            if check.status == "PROVED":
                return without_unchanged(look, states, ours, theirs, check)
            refused.append((look, ours, theirs, states))
        found = iter(refused)
    return None


def candidates(a: Any, b: Any, numbers: Mapping[str, Any], first: int,
               given: Mapping[str, sp.Expr], changes: bool, end: float
               ) -> Iterator[tuple["Look", dict, dict, dict]]:
    """What no look at numbers refutes: {symbol of a: number}, of those that are left out,
    {name of b's letter: expression}, and {name of b's state: expression}.

    The fewer letters, the earlier.
    """
    left, right = a, with_gradient(b, gradient(a))
    for pairs in pairings(left, right):
        back = {ours: theirs for theirs, ours in pairs.items()}
        a, b = restricted(left, right, pairs), restricted(right, left, back)
        ways = [x for x in replacements(a, b, numbers) if allowed(x, given)]
        plain = Look(a, b, pairs, first, given)
        looks: list = [(plain, {}, theirs) for theirs in (ways if changes else ways[:1])]
        gone = [x for x in missing(a, b, numbers) if allowed(x, given)]
        for ours in gone if changes else ():
            without = Look(replaced(a, ours), b, pairs, first, given)
            known = {letters(a)[n]: e for n, e in ours.items()}
            looks += [(without, known, theirs) for theirs in ways]
        for look, ours, theirs in sorted(looks, key=lambda x: len(x[1]) + len(x[2])):
            for states in look.maps(theirs):
                yield look, ours, theirs, states
            if time.monotonic() > end:
                return


def allowed(changed: Mapping[str, sp.Expr], given: Mapping[str, sp.Expr]) -> bool:
    """Whether no letter is left out at a number that is asked to be another."""
    return not any(n in given and e.is_number for n, e in changed.items())


def proof(relation: Relation, a, b, states, where, seconds, given) -> Verdict:
    where = dict(where)
    if "t" in where:                           # the one letter that no map may change
        b = substituted(b, {letters(b)["t"]: where.pop("t")}, b.domains)
    try:
        return relation(a, b, states, where, max(seconds, 0.01), given)
    except ValueError as why:                  # a letter of b would leave its domain
        return Verdict("UNDECIDED", method=str(why))


def without_unchanged(look, states, gone, changed, check) -> Condition:
    """The condition without what stays as it is."""
    ours, theirs = letters(look.a), letters(look.b)
    moved = {theirs[n]: e for n, e in states.items() if e != theirs[n]}
    fixed = set().union(*(e.free_symbols for e in moved.values()))
    fixed -= {ours[n] for n in (*look.a.update, "t") if n in ours}
    return Condition(gone | {theirs[n]: e for n, e in changed.items()} | moved,
                     tuple(sorted(map(str, fixed))), check)


def replaced(a, changed):
    """The optimizer with values for some of its hyperparameters."""
    table = {letters(a)[n]: e for n, e in changed.items()}
    return substituted(a, table, {s: d for s, d in a.domains.items() if s not in table})


# ------------------------------------------------------------------ a look at numbers
class Look:
    """Two optimizers at some points: which maps of their states no number refutes."""

    def __init__(self, a, b, pairs, first, given):
        self.a, self.b, self.pairs = a, b, pairs
        self.ours, self.theirs = letters(a), letters(b)
        self.names = {s: stand_in(s) for s in b.domains}
        self.right = {n: named_anew(e, frozenset(b.domains)) for n, e in b.update.items()}
        self.used = {n: sorted(e.free_symbols & {*self.names.values()}, key=str)
                     for n, e in self.right.items()}
        self.before = [self.from_step(first, point) for point in islice(
            points_where(b.domains | a.domains, given), LOOKS)]
        self.after = [Evaluator(self.moved(point)) for point in self.before]
        self.found: list = [{} for _ in self.before]    # values, see Remembering
        self.images: dict = {}                  # of a state of a
        self.seen: dict = {}                    # whether letters agree, case by case

    def from_step(self, first, point) -> dict:
        """The point, at this step or a later one."""
        t = (self.ours | self.theirs).get("t")
        return point | ({} if t is None else {t: max(point[t], Fraction(first))})

    def moved(self, point) -> dict:
        """The point after a step of a, as far as it has a value there."""
        evaluate, after = Evaluator(point), dict(point)
        for n, e in self.a.update.items():
            try:
                after[self.ours[n]] = evaluate(e)
            except (Undefined, Unsure):
                del after[self.ours[n]]
        if "t" in self.ours:
            after[self.ours["t"]] += 1
        return after

    def maps(self, where) -> Iterator[dict[str, sp.Expr]]:
        """Maps {state of b: multiple of one of a}, the parameter being itself."""
        place, *names = self.b.update
        needed = {n: {s.name for s in self.b.update[n].free_symbols} & set(names)
                  for n in names}
        names.sort(key=lambda n: len(needed[n] - {n}))
        known = {self.names[s]: s for s in self.b.domains if s.name not in names}
        known |= {self.names[self.theirs[n]]: e for n, e in where.items()}
        start = {place: self.ours[next(iter(self.a.update))]}

        def extended(states, rest):
            if not rest:
                if self.agree(place, states, known):
                    yield states
                return
            name, *later = rest
            same = self.ours[self.pairs[name]]
            for image in self.images_of(same):
                if self.theirs[name].is_nonnegative and image.as_coeff_Mul()[0] < 0:
                    continue
                more = states | {name: image}
                if needed[name] <= set(more) and not self.agree(name, more, known):
                    continue
                yield from extended(more, later)
                if image == same and needed[name] <= {name}:
                    return                       # its own update is right: no other scale
        yield from extended(start, names)

    def agree(self, name, states, known) -> bool:
        """Whether the map commutes with a step, in one letter, as far as one can see."""
        known = known | {self.names[self.theirs[n]]: e for n, e in states.items()}
        case = name, states[name], *(known.get(s) for s in self.used[name])
        if case not in self.seen:
            self.seen[case] = not any(
                apart(after, states[name], Remembering(before, known, found),
                      self.right[name])
                for before, after, found in zip(self.before, self.after, self.found))
        return self.seen[case]

    def images_of(self, state) -> list[sp.Expr]:
        if state not in self.images:
            self.images[state] = [*images(self.a, state)]
        return self.images[state]


@cache
def stand_in(s: sp.Symbol) -> sp.Symbol:
    """A letter that stands for one of b's beside a's of the same name."""
    return sp.Dummy(s.name, **s.assumptions0)


@lru_cache(10_000)
def named_anew(e: sp.Expr, letters: frozenset) -> sp.Expr:
    """The formula with stand-ins for these letters; many looks ask for it."""
    return e.xreplace({s: stand_in(s) for s in letters})


class Remembering(Evaluator):
    """Values at a point where one map of letters is tried after another.

    A part of a formula has the value that it had when the letters in it last stood for the
    same: found {part: its value}, for each meaning of its letters.
    """

    def __init__(self, point: dict, known: dict, found: dict):
        super().__init__(point, known)
        self.found = found

    def _value(self, e):
        inside = letters_of(e)
        if inside is None:
            return super()._value(e)
        key = e, *map(self.known.get, inside)
        if key not in self.found:
            self.found[key] = super()._value(e)
        return self.found[key]


@lru_cache(10_000)
def letters_of(e: sp.Expr) -> tuple[sp.Symbol, ...] | None:
    """The letters of a formula; None if its value has to be asked for each time: of a
    letter, and of unknown functions, which draw lots."""
    lots = not e.args or e.has(AppliedUndef, sp.Indexed)
    return None if lots else tuple(sorted(
        e.free_symbols, key=sp.default_sort_key))


def apart(there: Evaluator, x: sp.Expr, here: Evaluator, y: sp.Expr) -> bool:
    """Whether the value of x there is surely not that of y here."""
    values = []
    for evaluate, e in ((there, x), (here, y)):
        try:
            values.append(enclose(evaluate(e)))
        except Undefined:
            values.append(None)
        except (Unsure, ZeroDivisionError, OverflowError, KeyError):
            return False
    if None in values:
        return values != [None, None]
    return 0 not in values[0] - values[1]
