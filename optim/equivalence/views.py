"""Optimizers as the prover sees them, and several goals as one.

An optimizer is whatever has .update {name: expression}, parameter first, .init {state:
expression} and .domains {symbol: domain}, as a Formula has.
"""
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from optim.domains import declare
from optim.proving.expressions import check_seconds, prove_expressions
from optim.formulas.keeping import power
from optim.proving.needs import START, Power
from optim.proving.verdicts import Verdict


def letters(f: Any) -> dict[str, sp.Symbol]:
    """The symbols of an optimizer by their names."""
    return {s.name: s for s in f.domains}


@dataclass(frozen=True)
class View:
    """An optimizer whose letters were replaced."""
    update: dict
    init: dict
    domains: dict
    needs: dict
    slope: Any = None
    measured: dict = field(default_factory=dict)


def gradient(f: Any) -> Any:
    """The gradient's letter, the second of a rule, where the optimizer tells it."""
    return list(f.symbols.values())[1] if hasattr(f, "symbols") else getattr(
        f, "slope", None)


def rebuilt(e: sp.Expr, table: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The expression with others for its letters; its roots stay as they were written."""
    if e in table:
        return sp.sympify(table[e])
    if not e.args or not e.free_symbols & table.keys():
        return e
    parts = [rebuilt(x, table) for x in e.args]
    return power(*parts) if e.is_Pow or isinstance(e, Power) else e.func(*parts)


def substituted(f: Any, table: Mapping[sp.Symbol, sp.Expr], domains: dict) -> View:
    """The optimizer with expressions for some of its letters."""
    slope = table.get(gradient(f), gradient(f))
    return View({n: rebuilt(e, table) for n, e in f.update.items()},
                {n: rebuilt(sp.sympify(e), table) for n, e in f.init.items()}, domains,
                {n: frozenset(rebuilt(x, table) for x in needs)
                 for n, needs in getattr(f, "needs", {}).items()},
                slope if slope in domains else None,
                {table.get(s, s): (kind, *(rebuilt(e, table) for e in of))
                 for s, (kind, *of) in getattr(f, "measured", {}).items()
                 if table.get(s, s) in domains})


def restricted(a: Any, b: Any, pairs: Mapping[str, str]) -> Any:
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
    return substituted(a, table, domains) if table else a


def common_domains(a: Any, b: Any) -> dict[sp.Symbol, str]:
    domains = dict(a.domains)
    for s, domain in b.domains.items():
        if domains.setdefault(s, domain) != domain:
            raise ValueError(f"prove: {s} is {domains[s]!r} on the left, "
                             f"{domain!r} on the right")
    return domains


def first(f: Any, name: str) -> sp.Expr:
    """The start of a state, with what it needs to have a value."""
    return sp.sympify(f.init[name]) + needed(f, name + START)


def needed(f: Any, *names: str) -> sp.Expr:
    """0 where these updates or starts have a value, undefined elsewhere (see needs.py)."""
    known = getattr(f, "needs", {})
    return sp.Add(*frozenset().union(*(known.get(name, ()) for name in names)))


def in_order(a: Any, b: Any) -> dict[str, str]:
    """{state of b: state of a of another name}; ValueError if one has more of them."""
    left = [n for n in a.update if n not in b.update]
    right = [n for n in b.update if n not in a.update]
    if len(left) != len(right):
        only = [", ".join(names) or "none" for names in (left, right)]
        raise ValueError(f"prove: the two keep different states (only left: {only[0]}; "
                         f"only right: {only[1]}); remove what only one of them has")
    return dict(zip(right, left))


def each_proved(goals: Mapping, domains: Mapping, where: Mapping | None, seconds: float,
                confirmed: Callable[[str, Verdict], Verdict] = lambda label, x: x
                ) -> dict[str, Verdict]:
    """A verdict on each of the goals {label: (left, right)}, once confirmed."""
    check_seconds(seconds)
    began, verdicts = time.monotonic(), {}
    for label, (left, right) in goals.items():
        rest = max(seconds - (time.monotonic() - began), 0.01)
        verdicts[label] = confirmed(label, prove_expressions(
            left, right, "==", domains, where, rest, strict=False))
    return verdicts


def all_proved(goals: Mapping, domains: Mapping, where: Mapping | None, seconds: float,
               confirmed: Callable[[str, Verdict], Verdict] = lambda label, x: x
               ) -> Verdict:
    """One verdict on goals {label: (left, right)}, the worst of theirs once confirmed."""
    began = time.monotonic()
    verdicts = each_proved(goals, domains, where, seconds, confirmed)
    worst = next((pair for status in ("REFUTED", "UNDECIDED") for pair in verdicts.items()
                  if pair[1].status == status), None)
    spent = time.monotonic() - began
    if worst:
        label, verdict = worst
        return replace(verdict, method=f"{label}: {verdict.method}", seconds=spent,
                       goal=None, parts=verdicts)
    return Verdict("PROVED", seconds=spent, parts=verdicts,
                   except_on=tuple(x for v in verdicts.values() for x in v.except_on),
                   method="; ".join(f"{name}: {v.method}" for name, v in verdicts.items()))
