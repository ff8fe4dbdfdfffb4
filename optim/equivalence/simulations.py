"""Whether two optimizers are one: the same updates, or the same walk seen through a map."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from optim.domains import domain_of
from optim.proving.expressions import check_values
from optim.proving.expressions import read as expression
from optim.equivalence.measured_letters import check_measured, gradients_here
from optim.equivalence.witnesses import Points, checked_by_running, confirmed
from optim.equivalence.views import (
    START, all_proved, common_domains, first, gradient, in_order, letters, needed,
    rebuilt, restricted, substituted)
from optim.proving.verdicts import Verdict


@dataclass(frozen=True)
class Claim:
    """That two optimizers do the same to each of these quantities, at every state.

    goals {quantity: (left, right)}; called {letter of the right side: the left side's};
    given {letter: expression} stands for some letters; measured: as Formula's.
    """
    goals: dict[str, tuple[sp.Expr, sp.Expr]]
    domains: dict[sp.Symbol, str]
    given: dict[str, Any]
    called: dict[str, str]
    sides: tuple[Any, Any]
    measured: dict[sp.Symbol, tuple]

    def confirmed(self, label: str, verdict: Verdict) -> Verdict:
        """The verdict on a quantity, at a witness at which the rules themselves differ."""
        return confirmed(verdict, label, self.sides, self.called, self.points(label))

    def points(self, label: str) -> Points:
        moving = {n.removesuffix(START).removesuffix("'") for n in self.goals} | {
            s.name for s in [gradient(self.sides[0]), *self.measured] if s is not None}
        return Points(*self.goals[label], self.domains, self.given, self.measured,
                      frozenset(s for s in self.domains if s.name not in moving))


def prove_formulas(a: Any, b: Any, where: Mapping | None, seconds: float) -> Verdict:
    """Decide whether both start alike and update alike, at every value of the states.

    States of other names are taken for one another in the order in which they stand, and
    so are the two gradients.
    """
    renamed = in_order(a, b)
    made = claim(a, b, renamed, where)
    verdict = all_proved(made.goals, made.domains, made.given, seconds, made.confirmed)
    words = [f"{theirs} stands for {ours}" for theirs, ours in renamed.items()]
    verdict = checked_by_running(verdict, made.sides)
    return replace(verdict, equal_if=None, method="; ".join([*words, verdict.method]))


def claim(a: Any, b: Any, renamed: Mapping[str, str], where: Mapping | None) -> Claim:
    """The claim of the quantities that both have; renamed {state of b: that of a}."""
    known, sides = letters(a) | letters(b), (a, b)
    check_roles("prove", a, b, letters(b))
    for name in where or {}:
        if name not in known:
            raise ValueError(f"prove: where puts a value for {name}, which neither side "
                             f"has; there are {', '.join(known)}")
    ours, theirs, domains = gradient(a), gradient(b), dict(b.domains)
    b = with_gradient(b, ours)
    a, b = restricted(a, b, renamed), restricted(b, a, {m: n for n, m in renamed.items()})
    b = with_states(b, renamed, letters(a))
    called = dict(renamed) | ({theirs.name: ours.name} if ours and theirs else {})
    table = {s: letters(a)[called[s.name]] for s in domains if s.name in called}
    given = {called.get(n, n): e.xreplace(table) if isinstance(e, sp.Basic) else e
             for n, e in (where or {}).items()}
    if len(given) < len(where or {}):
        raise ValueError(f"prove: where puts two values for one letter: {where}, and "
                         + ", ".join(f"{n} stands for {m}" for n, m in called.items()))
    check_values(given)
    measured = check_measured("prove", a, b, b.measured if hasattr(b, "measured") else {},
                              given)
    given |= gradients_here(measured, given)
    goals = {f"{n}'": (a.update[n] + needed(a, n), b.update[n] + needed(b, n))
             for n in a.update if n in b.update}
    goals |= {n + START: (first(a, n), first(b, n)) for n in a.init if n in b.init}
    return Claim(goals, common_domains(a, b), given, called, sides, measured)


def check_roles(what: str, a: Any, b: Any, names: Iterable[str]) -> None:
    """Raise if a name is a state of the one and a hyperparameter of the other, say.

    As one letter it would be held fixed where it moves, or move where it is held.
    """
    known = gradient(a) is not None and gradient(b) is not None

    def role(f: Any, name: str) -> str:
        if name in f.update:
            return "the parameter" if name == next(iter(f.update)) else "a state"
        return "the gradient" if known and name == gradient(f).name else "a hyperparameter"

    for name in (n for n in names if n in letters(a)):
        if role(a, name) != role(b, name):
            raise ValueError(f"{what}: {name} is {role(a, name)} on the left and "
                             f"{role(b, name)} on the right; rename one of them")


def with_gradient(f: Any, g: sp.Symbol | None) -> Any:
    """The optimizer with this letter for its gradient."""
    old = gradient(f)
    if g is None or old is None or old == g:
        return f
    return substituted(f, {old: g}, {g if s == old else s: d for s, d in f.domains.items()})


def with_states(f: Any, pairs: Mapping[str, str], others: Mapping[str, sp.Symbol]) -> Any:
    """The optimizer with other letters for its states: pairs {its name: theirs}."""
    if not pairs:
        return f
    table = {letters(f)[n]: others[m] for n, m in pairs.items()}
    for old, new in table.items():
        if old.assumptions0 != new.assumptions0:
            raise ValueError(f"prove: {old} would stand for {new}, but one may have values "
                             "that the other may not; give them one domain")
    f = substituted(f, table, {table.get(s, s): d for s, d in f.domains.items()})

    def called(name: str) -> str:
        plain = name.removesuffix(START)
        return pairs.get(plain, plain) + name[len(plain):]
    return replace(f, **{part: {called(n): e for n, e in getattr(f, part).items()}
                         for part in ("update", "init", "needs")})


# ------------------------------------------------------------------ seen through a map
def simulates(a: Any, b: Any, states: Mapping | None = None, where: Mapping | None = None,
              seconds: float = 60.0, given: Mapping[str, sp.Expr] | None = None) -> Verdict:
    """Decide whether b, seen through a map of the states, does what a does.

    states  {b's parameter or state: expression in a's letters}; what is not listed is a's
            letter of that name. t in it is the number of the step that comes next.
    where   {b's hyperparameter, or its gradient: expression in a's letters}
    given   {hyperparameter: what it is on both sides, in letters of their own domains}

    PROVED: map(step of a) is step of b(map), and map(start of a) is the start of b. So both
    walk the same way for ever: a simulation relation, by induction on t. What the map
    holds beside states and t is constant. Raises ValueError where a letter of b that is
    >= 0 is not proved to stay so.
    """
    for f in (a, b):
        if not all(hasattr(f, name) for name in ("update", "init", "domains")):
            raise TypeError(f"simulates: came {f!r}; needs a Formula, "
                            "as optim.formula gives")
    goals, domains, known = simulation(*narrowed(a, b, states, where, given or {}))
    return replace(all_proved(goals, domains, known, seconds), equal_if=None)


def narrowed(a: Any, b: Any, states: Mapping | None, where: Mapping | None,
             given: Mapping[str, sp.Expr]) -> tuple[Any, Any, Mapping, Mapping]:
    """The two and the maps, with what is given for some letters put in everywhere."""
    inner = {s: domain_of(s) for e in given.values() for s in e.free_symbols}

    def table(symbols: Iterable[sp.Symbol]) -> dict[sp.Symbol, sp.Expr]:
        return {s: given[s.name] for s in symbols if s.name in given}

    def side(f: Any, changed: Mapping = {}) -> Any:
        others = {getattr(k, "name", k) for k in changed}
        gone = table(s for s in f.domains if s.name not in others)
        return substituted(f, gone, {s: d for s, d in f.domains.items()
                                     if s not in gone} | inner) if gone else f

    def put(maps: Mapping | None) -> Mapping:
        return {k: rebuilt(e, table(e.free_symbols)) if isinstance(e, sp.Expr) else e
                for k, e in (maps or {}).items()}
    return side(a), side(b, where or {}), put(states), put(where)


def simulation(a: Any, b: Any, states: Mapping, where: Mapping
               ) -> tuple[dict, dict, dict]:
    """The goals of a simulation relation, the domains of their letters, and what is known.

    Known is {letter: expression in a's letters}, of letters that stand for b's, for a's
    after a step and for a's at the start: SymPy is not to put them into formulas, where it
    would cancel what may have no value.
    """
    ours, theirs = letters(a), letters(b)
    mapped, changed = read(a, b, states, where)
    names, known = stand_in({theirs[n]: e for n, e in (mapped | changed).items()})
    later, steps = stand_in({ours[n]: e for n, e in a.update.items()} | (
        {ours["t"]: ours["t"] + 1} if "t" in ours else {}))
    start, firsts = stand_in({ours[n]: sp.sympify(e) for n, e in a.init.items()} | (
        {ours["t"]: sp.Integer(1)} if "t" in ours else {}))
    place, here = next(iter(b.update)), ours[next(iter(a.update))]
    goals = {}
    for name, e in b.update.items():
        used = [s.name for s in mapped[name].free_symbols]
        goals[f"{name}'"] = (mapped[name].xreplace(later) + needed(a, *used),
                             (e + needed(b, name)).xreplace(names))
        begun = mapped[name].xreplace(start) + needed(a, *(n + START for n in used))
        goals[name + START] = (begun, here if name == place else
                               first(b, name).xreplace({theirs[place]: here}))
    domains = {s: domain for s, domain in b.domains.items() if s not in names}
    return goals, domains | dict(a.domains), known | steps | firsts


def read(a: Any, b: Any, states: Mapping, where: Mapping) -> tuple[dict, dict]:
    """The map and the changes by names, complete; ValueError for a letter that is none."""
    mapped = {getattr(k, "name", k): expression(e) for k, e in states.items()}
    changed = {getattr(k, "name", k): expression(e) for k, e in where.items()}
    others = [name for name in letters(b) if name not in b.update and name != "t"]
    unknown = set(mapped) - set(b.update) | set(changed) - set(others)
    if unknown:
        raise ValueError(f"simulates: {', '.join(sorted(unknown))} is no letter of the "
                         f"right side that may change; its states are "
                         f"{', '.join(b.update)}, its others {', '.join(others)}")
    for name in b.update:
        if name not in mapped and name not in a.update:
            raise ValueError(f"simulates: the left side has no {name}; say in states what "
                             "it is, in the letters of the left side")
        mapped.setdefault(name, letters(a).get(name))
    check_roles("simulates", a, b, [n for n in others if n not in changed])
    table = {letters(b)[n]: e for n, e in (mapped | changed).items()}
    check_measured("simulates", a, b, {
        s: (kind, *(e.xreplace(table) for e in of))
        for s, (kind, *of) in getattr(b, "measured", {}).items()}, changed)
    return mapped, changed


def stand_in(table: Mapping[sp.Symbol, sp.Expr]) -> tuple[dict, dict]:
    """{symbol: a letter for it}, and {that letter: expression}."""
    names = {s: sp.Dummy(s.name, **s.assumptions0) for s in table}
    return names, {names[s]: e for s, e in table.items()}
