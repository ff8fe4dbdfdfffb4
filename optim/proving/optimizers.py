"""Whether two optimizers are one: the same updates, or the same walk seen through a map.

An optimizer is whatever has .update {name: expression}, parameter first, .init {state:
expression} and .domains {symbol: domain}, as a Formula has.
"""
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from optim.proving.domains import declare
from optim.proving.expressions import verdict_on_goal
from optim.proving.verdicts import Verdict


def letters(f: Any) -> dict[str, sp.Symbol]:
    """The symbols of an optimizer by their names."""
    return {s.name: s for s in f.domains}


@dataclass(frozen=True)
class Optimizer:
    """An optimizer whose letters were replaced."""
    update: dict
    init: dict
    domains: dict
    needs: dict


def put(f: Any, table: Mapping[sp.Symbol, sp.Expr], domains: dict) -> Optimizer:
    """The optimizer with expressions for some of its letters."""
    return Optimizer({n: e.subs(table, simultaneous=True) for n, e in f.update.items()},
                     {n: sp.sympify(e).subs(table) for n, e in f.init.items()}, domains,
                     {n: frozenset(x.subs(table, simultaneous=True) for x in needs)
                      for n, needs in getattr(f, "needs", {}).items()})


def narrowed(a: Any, b: Any, pairs: Mapping[str, str]) -> Any:
    """a, where a state that may be any real number lies where its partner in b does.

    So the claim is made for the values that are common to both. pairs {state of b: of a}
    are the partners of other names.
    """
    partner = letters(b) | {ours: letters(b)[theirs] for theirs, ours in pairs.items()}
    domains: dict = {}
    table: dict = {}
    for s, domain in a.domains.items():
        other = b.domains[partner[s.name]] if s.name in partner else domain
        if s.name in a.update and domain == "real" != other:
            table[s], domain = declare(s.name, other), other
        domains[table.get(s, s)] = domain
    return put(a, table, domains) if table else a


def common_domains(a: Any, b: Any) -> dict[sp.Symbol, str]:
    domains = dict(a.domains)
    for s, domain in b.domains.items():
        if domains.setdefault(s, domain) != domain:
            raise ValueError(f"prove: {s} is {domains[s]!r} on the left, "
                             f"{domain!r} on the right")
    return domains


def prove_formulas(a: Any, b: Any, where: Mapping | None, seconds: float) -> Verdict:
    """Decide whether both start alike and update alike, at every value of the states.

    States of other names are taken for one another in the order in which they stand.
    """
    renamed, known = in_order(a, b), letters(a) | letters(b)
    for name in where or {}:
        if name not in known:
            raise ValueError(f"prove: where puts a value for {name}, which neither side "
                             f"has; there are {', '.join(known)}")
    a, b = narrowed(a, b, renamed), narrowed(b, a, {m: n for n, m in renamed.items()})
    if renamed:
        goals, domains, known = simulation(
            a, b, {n: letters(a)[m] for n, m in renamed.items()}, {})
        words = [f"{theirs} stands for {ours}" for theirs, ours in renamed.items()]
    else:
        goals = {f"{name}'": whole(a, b, name) for name in a.update}
        goals |= {f"{name} at the start": (e, b.init[name]) for name, e in a.init.items()}
        domains, known, words = common_domains(a, b), {}, []
    verdict = all_proved(goals, domains, known | dict(where or {}), seconds)
    return replace(verdict, equal_if=None, method="; ".join([*words, verdict.method]))


def whole(a: Any, b: Any, name: str) -> tuple[sp.Expr, sp.Expr]:
    """One update of both, each with what only it needs to have a value."""
    ours, theirs = needs(a, name), needs(b, name)
    return (a.update[name] + sp.Add(*(ours - theirs)),
            b.update[name] + sp.Add(*(theirs - ours)))


def needs(f: Any, *names: str) -> frozenset:
    """What must hold for these updates to have a value (see needs.py)."""
    known = getattr(f, "needs", {})
    return frozenset().union(*(known.get(name, ()) for name in names))


def in_order(a: Any, b: Any) -> dict[str, str]:
    """{state of b: state of a of another name}; ValueError if one has more of them."""
    left = [n for n in a.update if n not in b.update]
    right = [n for n in b.update if n not in a.update]
    if len(left) != len(right):
        only = [", ".join(names) or "none" for names in (left, right)]
        raise ValueError(f"prove: the two keep different states (only left: {only[0]}; "
                         f"only right: {only[1]}); remove what only one of them has")
    return dict(zip(right, left))


def all_proved(goals: Mapping, domains: Mapping, where: Mapping | None,
               seconds: float) -> Verdict:
    """One verdict on goals {label: (left, right)}, the worst of theirs."""
    began, verdicts = time.monotonic(), {}
    for label, (left, right) in goals.items():
        rest = max(seconds - (time.monotonic() - began), 0.01)
        verdicts[label] = verdict_on_goal(left, right, "==", domains, where, rest)
    worst = next((pair for status in ("REFUTED", "UNDECIDED") for pair in verdicts.items()
                  if pair[1].status == status), None)
    spent = time.monotonic() - began
    if worst:
        label, verdict = worst
        return replace(verdict, method=f"{label}: {verdict.method}", seconds=spent)
    return Verdict("PROVED", seconds=spent,
                   except_on=tuple(x for v in verdicts.values() for x in v.except_on),
                   method="; ".join(f"{name}: {v.method}" for name, v in verdicts.items()))


# ------------------------------------------------------------------ seen through a map
def simulates(a: Any, b: Any, states: Mapping | None = None, where: Mapping | None = None,
              seconds: float = 60.0) -> Verdict:
    """Decide whether b, seen through a map of the states, does what a does.

    states  {b's parameter or state: expression in a's letters}; what is not listed is a's
            letter of that name. t in it is the number of the step that comes next.
    where   {b's hyperparameter: expression in a's letters}

    PROVED: map(step of a) is step of b(map), and map(start of a) is the start of b. So both
    walk the same way for ever: a simulation relation, by induction on t. What the map
    holds beside states and t is constant.
    """
    goals, domains, known = simulation(a, b, states or {}, where or {})
    return replace(all_proved(goals, domains, known, seconds), equal_if=None)


def simulation(a: Any, b: Any, states: Mapping, where: Mapping
               ) -> tuple[dict, dict, dict]:
    """The goals of a simulation relation, the domains of their letters, and the map.

    The map is {letter that stands for one of b's: expression in a's letters}: SymPy is not
    to put it into b's formulas, where it would cancel what may have no value.
    """
    ours, theirs = letters(a), letters(b)
    mapped = {getattr(k, "name", k): sp.sympify(e) for k, e in states.items()}
    put = {getattr(k, "name", k): sp.sympify(e) for k, e in where.items()}
    others = [name for name in theirs if name not in b.update]
    unknown = set(mapped) - set(b.update) | set(put) - set(others)
    if unknown:
        raise ValueError(f"simulates: {', '.join(sorted(unknown))} is no letter of the "
                         f"right side; its states are {', '.join(b.update)}, its other "
                         f"letters {', '.join(others)}")
    for name in b.update:
        if name not in mapped and name not in a.update:
            raise ValueError(f"simulates: the left side has no {name}; say in states what "
                             "it is, in the letters of the left side")
        mapped.setdefault(name, ours.get(name))
    after = {ours[name]: e for name, e in a.update.items()}
    start = {ours[name]: sp.sympify(e) for name, e in a.init.items()}
    if "t" in ours:
        after[ours["t"]], start[ours["t"]] = ours["t"] + 1, sp.Integer(1)
    names = {theirs[name]: sp.Dummy(name, **theirs[name].assumptions0)
             for name in mapped | put}
    known = {names[theirs[name]]: e for name, e in (mapped | put).items()}
    rest = {s: domain for s, domain in b.domains.items() if s not in names}
    place, here = next(iter(b.update)), ours[next(iter(a.update))]
    goals = {}
    for name, e in b.update.items():
        used = [s.name for s in mapped[name].free_symbols]
        goals[f"{name}'"] = (
            mapped[name].subs(after, simultaneous=True) + sp.Add(*needs(a, *used)),
            (e + sp.Add(*needs(b, name))).xreplace(names))
    goals[f"{place} at the start"] = (mapped[place].subs(start, simultaneous=True), here)
    for name, e in b.init.items():
        first = sp.sympify(e).subs(theirs[place], here)
        goals[f"{name} at the start"] = (mapped[name].subs(start, simultaneous=True), first)
    return goals, rest | dict(a.domains), known
