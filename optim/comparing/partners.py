"""Which letters and states of two rules are one, and which states do without a partner."""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from optim.dialects.adapted_rules import adapted
from optim.comparing.meant_rules import Meant, numbers_of
from optim.equivalence import simulates
from optim.equivalence.ranges import Ranges, expression
from optim.equivalence.views import letters, rebuilt
from optim.formulas import Formula, formula
from optim.proving.needs import START
from optim.rules import LEGEND

# Letters of one meaning: where each side has another one of them, they are taken as one.
MEANINGS = (
    ("lr", "learning_rate", "alpha", "eta", "step_size", "stepsize"),
    ("beta1", "b1", "beta_1", "mu", "momentum", "gamma"),
    ("beta2", "b2", "beta_2", "rho", "alpha", "decay", "decay_rate", "gamma"),
    ("eps", "epsilon", "eps_root", "delta"),
    ("weight_decay", "wd", "lambd", "l2"), ("initial", "initial_scale"),
    ("psi", "momentum_decay", "schedule_decay"))


@dataclass(frozen=True)
class Pair:
    """Two rules in the same letters.

    matched  {a letter of one side: that of the other, which it is read as}
    states   {state of the right side: its partner on the left}
    closed   {state: what it is in t and hyperparameters, in every run}, of one side only
    resting  the states of one side that nothing else depends on
    alone    the states that have no partner and are none of these
    ranges   {hyperparameter: the numbers among which it is to be}, where asked for
    """
    left: Meant
    right: Meant
    matched: dict[str, str]
    states: dict[str, str]
    closed: dict[str, sp.Expr] = field(default_factory=dict)
    resting: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    ranges: Ranges = field(default_factory=dict)

    @property
    def given(self) -> dict[str, sp.Expr]:
        """What stands for a letter with a range: a formula of one that needs none."""
        return {n: expression(n, domain) for n, domain in self.ranges.items()}


def paired(a: Meant, b: Meant, rename: Mapping[str, str]) -> Pair:
    """The two in the same letters; ValueError for a rename of what neither has."""
    for old, new in rename.items():
        if not any(old in letters(x.formula) for x in (a, b)):
            raise ValueError(f"compare: neither side has a letter {old!r} to rename; there "
                             f"are {', '.join(letters(a.formula) | letters(b.formula))}")
        a, b = (in_letters(x, {old: new}) if old in letters(x.formula)
                and new not in letters(x.formula) else x for x in (a, b))
    matched = dict(rename)
    for theirs, ours in meanings(a.formula, b.formula).items():
        if theirs in LEGEND and ours not in LEGEND:             # which has its domain
            a, matched = in_letters(a, {ours: theirs}), matched | {ours: theirs}
        else:
            b, matched = in_letters(b, {theirs: ours}), matched | {theirs: ours}
    return with_partners(a, b, matched)


def in_letters(x: Meant, names: Mapping[str, str]) -> Meant:
    """The rule with other names for its letters."""
    if x.formula.rule is None:
        raise ValueError(f"compare: {x.label} is a Formula without a rule, whose letters "
                         f"cannot be renamed: {', '.join(names)}")
    rule = adapted(x.formula.rule, names)
    return replace(x, formula=formula(rule), defaults={
        names.get(n, n): v for n, v in x.defaults.items()})


def settings_of(f: Formula) -> list[str]:
    """The hyperparameters of a rule, wherever they lie."""
    return [n for n in [*f.symbols][2:] if n not in f.init and n != "t"]


def meanings(a: Formula, b: Formula) -> dict[str, str]:
    """{hyperparameter of b: that of a}, of those that only one side has, by meaning."""
    left, right = ([n for n in settings_of(x) if n not in letters(y)]
                   for x, y in ((a, b), (b, a)))
    found: dict[str, str] = {}
    for words in MEANINGS:
        ours = [n for n in left if n in words and n not in found.values()]
        theirs = [n for n in right if n in words and n not in found]
        if len(ours) == len(theirs) == 1:
            found[theirs[0]] = ours[0]
    return found


def with_partners(a: Meant, b: Meant, matched: dict[str, str]) -> Pair:
    """The two with the partners of their states."""
    left, right = ([*x.formula.update][1:] for x in (a, b))
    states = {n: n for n in right if n in left}
    rest = [[n for n in own if n not in states] for own in (left, right)]
    closed: dict[str, sp.Expr] = {}
    resting: list[str] = []
    for names, x in zip(rest, (a, b)):
        forms = closed_forms(x.formula, names)
        closed |= forms
        moving = influential(x.formula, [*states])
        resting += [n for n in names if n not in moving and n not in forms]
        names[:] = [n for n in names if n in moving and n not in forms]
    if len(rest[0]) == len(rest[1]) and all(map(alike, *(
            [x.formula.domains[x.formula.symbols[n]] for n in names]
            for names, x in zip(rest, (a, b))))):
        states |= dict(zip(rest[1], rest[0]))
        rest = [[], []]
    return Pair(a, b, matched, states, closed, tuple(resting), (*rest[0], *rest[1]))


def alike(domain: str, other: str) -> bool:
    """Whether what lies in one domain may be held against what lies in the other."""
    return domain == other or "real" in (domain, other)


def influential(f: Formula, kept: list[str]) -> set[str]:
    """The states that theta or one of those kept depends on, for its value or to have one.
    """
    found: set[str] = set()
    todo = [next(iter(f.update)), *kept]
    while todo:
        name = todo.pop()
        used = f.update[name].free_symbols.union(*(
            e.free_symbols for e in f.needs.get(name, ())))
        new = {s.name for s in used} & set(f.init) - found
        found |= new
        todo += new
    return found


def closed_forms(f: Formula, names: list[str]) -> dict[str, sp.Expr]:
    """{state: what it is before step t, in t and hyperparameters}, each proved.

    Of states that are multiplied by a constant, or to which one is added.
    """
    found, at = {}, letters(f)
    steady = {at[n] for n in settings_of(f)}
    for name in names:
        s, e, start = at[name], f.update[name], sp.sympify(f.init[name])
        factor, rest = sp.expand(e).coeff(s, 1), sp.expand(e).coeff(s, 0)
        if not start.free_symbols <= steady or not (factor.free_symbols
                                                    | rest.free_symbols) <= steady:
            continue
        n = at["t"] - 1
        guess = start*factor**n if rest == 0 else start + n*rest if factor == 1 else None
        if guess is None:
            continue
        try:
            if simulates(without(f, {name: guess}), f, {name: guess}).status == "PROVED":
                found[name] = guess
        except ValueError:                      # it would leave the domain of the state
            continue
    return found


def without(f: Formula, closed: Mapping[str, Any], resting: tuple[str, ...] = ()
            ) -> Formula:
    """The formula without states, with expressions for those that matter."""
    gone = {*closed, *resting} & set(f.init)
    if not gone:
        return f
    at = letters(f)
    table = {at[n]: e for n, e in closed.items() if n in at}

    def kept(part: Mapping[str, Any]) -> dict[str, Any]:
        return {n: e for n, e in part.items() if n.removesuffix(START) not in gone}
    return replace(
        f, update={n: rebuilt(e, table) for n, e in kept(f.update).items()},
        init=kept(f.init), symbols=kept(f.symbols), rule=None,
        domains={s: d for s, d in f.domains.items() if s.name not in gone},
        needs={n: frozenset(rebuilt(e, table) for e in needs)
               for n, needs in kept(f.needs).items()})


def defaults_side_by_side(pair: Pair) -> dict[str, tuple[Any, Any]]:
    """{letter: (left, right)} of the defaults that differ; None where there is none."""
    ours, theirs = pair.left.defaults, pair.right.defaults
    return {n: (ours.get(n), theirs.get(n)) for n in ours | theirs
            if ours.get(n) != theirs.get(n)}


def known_numbers(pair: Pair) -> dict[str, Any]:
    """The default of each hyperparameter, the left side's first."""
    return {n: x for side in (pair.right, pair.left) for n, x in (
        side.defaults | ({} if side.formula.rule is None else numbers_of(side.formula.rule))
        ).items() if isinstance(x, (int, float))}
