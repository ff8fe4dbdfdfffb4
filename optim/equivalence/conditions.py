"""Equal if: the change of letters that makes of two refuted optimizers one.

Tried are the changes that libraries and papers are known to differ by:

    eps -> eps sqrt(1 - beta2^t)        the epsilon-hat form of Adam
    lr -> lr/(1 - mu)                   momentum that means against momentum that sums
    weight_decay -> lr weight_decay     decay with or without lr
    psi -> 0, weight_decay -> 0         a term that only one of them has
    m -> -lr m, at constant lr          where the learning rate stands
    m -> m (1 - beta1^(t-1))            a mean that is kept corrected
    m -> theta - theta_before           the last two points in place of a velocity
    beta1 -> 1 - beta1, g -> -g, t -> t + 1

Each is looked at in numbers first; what survives is proved as a simulation relation, start
included, before it is told. What is not in the catalogue is not found: no answer here does
not mean that there is none.
"""
import time
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice, permutations
from typing import Any

import sympy as sp

from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, enclose
from optim.equivalence.views import letters, restricted, substituted
from optim.proving.points import points
from optim.equivalence.simulations import gradient, simulates, with_gradient
from optim.proving.verdicts import Condition, Verdict

UNIT = ("[0, 1)", "(0, 1)")
SIZES = ("> 0", ">= 0")
LOOKS = 4                      # points at which a change is looked at before it is proved


Relation = Callable[..., Verdict]


def condition(a: Any, b: Any, seconds: float, numbers: Mapping[str, Any] = {},
              relation: Relation = simulates, changes: bool = True) -> Condition | None:
    """The first change in the catalogue that is proved to make b do what a does.

    numbers {letter: number}: what a letter that only one side has may be, beside 0 and 1.
    relation: simulates, from every state, or walks_alike, in every run. changes=False
    looks for maps of the states alone. None if nothing was found within the time.
    """
    end = time.monotonic() + seconds
    left, right = a, with_gradient(b, gradient(a))
    for pairs in pairings(left, right):
        back = {ours: theirs for theirs, ours in pairs.items()}
        a, b = restricted(left, right, pairs), restricted(right, left, back)
        ways, begin = [*replacements(a, b, numbers)], 1 + (relation is not simulates)
        plain = Look(a, b, pairs, begin)
        looks: list = [(plain, {}, theirs) for theirs in (ways if changes else ways[:1])]
        for ours in missing(a, b, numbers) if changes else ():
            without = Look(replaced(a, ours), b, pairs, begin)
            looks += [(without, ours, theirs) for theirs in ways]
        for look, ours, theirs in sorted(looks, key=lambda x: len(x[1]) + len(x[2])):
            for states in look.maps(theirs):
                if time.monotonic() > end:
                    return None
                check = proof(relation, look.a, b, states, theirs, end - time.monotonic())
                if check.status == "PROVED":
                    return without_unchanged(a, b, states, ours | theirs, check)
            if time.monotonic() > end:
                return None
    return None


def proof(relation: Relation, a, b, states, where, seconds) -> Verdict:
    where = dict(where)
    if "t" in where:                           # the one letter that no map may change
        b = substituted(b, {letters(b)["t"]: where.pop("t")}, b.domains)
    try:
        return relation(a, b, states, where, max(seconds, 0.01))
    except ValueError as why:                  # a letter of b would leave its domain
        return Verdict("UNDECIDED", method=str(why))


def without_unchanged(a, b, states, changed, check) -> Condition:
    """The condition without what stays as it is."""
    ours, theirs = letters(a), letters(b)
    moved = {theirs[n]: e for n, e in states.items() if e != theirs[n]}
    fixed = set().union(*(e.free_symbols for e in moved.values()))
    fixed -= {ours[n] for n in (*a.update, "t") if n in ours}
    return Condition({(ours | theirs)[n]: e for n, e in changed.items()} | moved,
                     tuple(sorted(map(str, fixed))), check)


def replaced(a, changed):
    """The optimizer with values for some of its hyperparameters."""
    table = {letters(a)[n]: e for n, e in changed.items()}
    return substituted(a, table, {s: d for s, d in a.domains.items() if s not in table})


def pairings(a, b) -> Iterator[dict[str, str]]:
    """{state of b: state of a}: those of one name, the others in every order."""
    left = [n for n in a.update if n not in b.update]
    right = [n for n in b.update if n not in a.update]
    if len(right) <= len(left) <= 3:
        for order in permutations(left, len(right)):
            yield {n: n for n in b.update if n in a.update} | dict(zip(right, order))


# ------------------------------------------------------------------ hyperparameters
def hyperparameters(f) -> dict[str, str]:
    """{name: domain} of what is neither state, gradient nor t."""
    return {s.name: domain for s, domain in f.domains.items()
            if s.name not in f.update and domain not in ("real", "1, 2, ...")}


def missing(a, b, numbers) -> list[dict[str, sp.Expr]]:
    """Values for one letter that only the left side has, or the first ones for all."""
    left, right = hyperparameters(a), hyperparameters(b)
    values = {n: special(n, left[n], numbers) for n in left if n not in right}
    each = [{n: x} for n, xs in values.items() for x in xs]
    together = {n: xs[0] for n, xs in values.items() if xs}
    return each + [together]*(len(together) > 1)


def special(name, domain, numbers) -> list[sp.Expr]:
    """The values at which a letter may be left out."""
    values = {">= 0": (0, 1), "[0, 1]": (0, 1), "[0, 1)": (0,), "> 0": (1,)}
    own = [numbers[name]] if numbers.get(name) is not None else []
    return [sp.Rational(str(k)) for k in (*values.get(domain, ()), *own)]


def replacements(a, b, numbers) -> Iterator[dict[str, sp.Expr]]:
    """Changes of the right side's letters: of none, of one, of lr and eps together."""
    left, right, at = hyperparameters(a), hyperparameters(b), letters(b)
    yield {}
    yield from missing(b, a, numbers)
    if g := gradient(b):
        yield {g.name: -g}
    if "t" in at:
        yield from ({"t": at["t"] + k} for k in (1, -1))
    for name, domain in right.items():
        if domain in UNIT:
            yield {name: 1 - at[name]}
        if domain in SIZES:
            yield from ({name: at[name]*k} for k in factors(right, at))
            for other in right:
                if other != name and right[other] == "> 0" and other in left:
                    yield {name: at[name]*at[other]}
                    yield {name: at[name]/at[other]}
    if {"lr", "eps"} <= set(right):
        yield from ({"lr": at["lr"]*k, "eps": at["eps"]*k} for k in factors(right, at))


def factors(right, at) -> Iterator[sp.Expr]:
    """What learning rates and eps are found multiplied by."""
    for name in (n for n, domain in right.items() if domain in UNIT):
        shares = [1 - at[name]] + ([1 - at[name]**at["t"]] if "t" in at else [])
        for share in shares:
            yield from (sp.sqrt(share), 1/sp.sqrt(share), share, 1/share)


def scales(a) -> list[sp.Expr]:
    """What a state of one optimizer is found to be a multiple of the other's by."""
    at, known = letters(a), hyperparameters(a)
    rates = [at["lr"], 1/at["lr"]] if "lr" in known else []
    shares = [1 - at[n] for n, domain in known.items() if domain in UNIT]
    plain = [sp.Integer(1), *rates]
    plain += [x*k for x in plain for share in shares for k in (share, 1/share)]
    return [k*x for x in plain for k in (1, -1)]


def images(a, s: sp.Symbol) -> Iterator[sp.Expr]:
    """What a state of the other optimizer is found to be, in terms of this one's."""
    yield from (k*s for k in scales(a))
    at, place = letters(a), letters(a)[next(iter(a.update))]
    if "t" in at:
        shares = [1 - at[n]**(at["t"] - 1) for n, domain in hyperparameters(a).items()
                  if domain in UNIT]
        yield from (k*s for k in (*shares, at["t"] - 1))
    if not s.is_nonnegative:
        for k in (1, at["lr"]) if "lr" in at else (1,):
            yield from (place + k*s, place - k*s, (place - s)/k, (s - place)/k)


# ------------------------------------------------------------------ a look at numbers
class Look:
    """Two optimizers at some points: which maps of their states no number refutes."""

    def __init__(self, a, b, pairs, first=1):
        self.a, self.b, self.pairs = a, b, pairs
        self.ours, self.theirs = letters(a), letters(b)
        self.names = {s: sp.Dummy(s.name, **s.assumptions0) for s in b.domains}
        self.right = {n: e.xreplace(self.names) for n, e in b.update.items()}
        self.before = [self.from_step(first, point) for point in islice(
            points(b.domains | a.domains, []), LOOKS)]
        self.after = [self.moved(point) for point in self.before]

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
            for image in images(self.a, same):
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
        return not any(apart(Evaluator(after), states[name],
                             Evaluator(before, known), self.right[name])
                       for before, after in zip(self.before, self.after))


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
