"""PROVED, REFUTED or UNDECIDED: whether two formulas agree on a declared domain.

PROVED means: equal wherever both are defined, and defined at the same points, by algebra
that covers the whole domain (proving/cases.py). REFUTED comes with a rational point of the
domain at which the two provably differ or only one is defined (proving/intervals.py). All
else is UNDECIDED.

It is computer algebra, not a kernel-checked proof: it trusts SymPy's polynomials and
mpmath's intervals. All numbers are real: a formula with a root of a negative number in it
is undefined, whatever is done to that root. 0**0 is 1. Unknown functions and sums have a
value everywhere. A float is the decimal that it prints as. SymPy has already rewritten what
arrives here: x/x is 1 before anyone can ask where it is defined, and sqrt(x**2) is x if the
symbol was made positive, whatever domain is listed for it later.
"""
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from optim.proving.branches import BOUND
from optim.proving.goals import Goal
from optim.proving.domains import DOMAINS, checked, declare, domain_of
from optim.proving.limits import decide
from optim.proving.signs import NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO
from optim.proving.verdicts import Verdict

__all__ = ["DOMAINS", "Verdict", "declare", "domain_of", "prove", "prove_expressions"]
RELATIONS = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": NEGATIVE, ">": POSITIVE}


def symbols_of(e) -> set:
    """The symbols that stand for numbers: not dummies of sums, not names of sequences."""
    labels = {base.label for base in e.atoms(sp.IndexedBase)}
    return {s for s in e.free_symbols if s.is_Symbol} - labels


def read(e) -> sp.Expr:
    e = sp.sympify(e)
    if not isinstance(e, sp.Expr):
        raise TypeError(f"prove: a formula is needed, not {type(e).__name__} {e}")
    return e


def substituted(a, b, where):
    """a and b with new symbols for those in where, and {new symbol: expression}."""
    table, known = {}, {}
    for key, value in (where or {}).items():
        matching = [s for s in symbols_of(a) | symbols_of(b)
                    if s == key or isinstance(key, str) and s.name == key]
        for s in matching:
            table[s] = sp.Dummy(s.name, **s.assumptions0)
            known[table[s]] = read(value)
    a, b = (e.xreplace(table) if table else e for e in (a, b))
    sums = {e: e.xreplace(known) for side in (a, b) for e in side.atoms(*BOUND)}
    return a.xreplace(sums), b.xreplace(sums), known


def check_substitution(known: dict, ranges: dict, seconds: float) -> None:
    """Raise unless what is put for a symbol is >= 0, an integer, if the symbol is."""
    for s, value in known.items():
        needed = Goal(value, sp.Integer(0), ranges, NONNEGATIVE, {})
        if s.is_nonnegative and decide(needed, seconds).status != "PROVED":
            raise ValueError(f"prove: where puts {value} for {s}, but it is not proved "
                             f"that this is >= 0, which SymPy has used of {s}")
        if s.is_integer and not value.is_integer:
            raise ValueError(f"prove: where puts {value} for {s}, "
                             "which has to be an integer")


def prove_expressions(a: Any, b: Any, relation: str = "==",
                      domains: Mapping | None = None, where: Mapping | None = None,
                      seconds: float = 60.0) -> Verdict:
    """Decide whether `a relation b` holds at every point of the domain.

    domains  {symbol or name: one of DOMAINS}; a symbol that is not listed ranges over what
             its own SymPy assumptions say, and it is an error if they say nothing
    where    {symbol or name: expression}, put into both sides first; >= 0 or an integer
             where the symbol is, for SymPy has used that
    seconds  after this long the answer is UNDECIDED

    >>> x = declare("x", "real")
    >>> prove_expressions(sp.sqrt(x**2), x).witness
    {x: -4}
    >>> prove_expressions(x*sp.sign(x), abs(x)).status
    'PROVED'
    """
    began = time.monotonic()
    if relation not in RELATIONS:
        raise ValueError(f"prove: no relation {relation!r}; one of {', '.join(RELATIONS)}")
    if not seconds > 0:
        raise ValueError(f"prove: seconds = {seconds}; some time > 0 is needed")
    a, b, known = substituted(read(a), read(b), where)
    listed = {getattr(s, "name", s): domain for s, domain in (domains or {}).items()}
    used = set().union(*map(symbols_of, (a, b, *known.values()))) - set(known)
    for s in used:
        if any(r is not s and r.name == s.name for r in used):
            raise ValueError(f"prove: two different symbols are named {s}; "
                             "make it once, with one domain, and use it on both sides")
    ranges = {s: checked(s, listed[s.name]) if s.name in listed else domain_of(s)
              for s in used}
    check_substitution(known, ranges, seconds)
    if a == b and 0 in RELATIONS[relation]:
        verdict = Verdict("PROVED", method="identical")
    else:
        verdict = decide(Goal(a, b, ranges, RELATIONS[relation], known), seconds)
    condition = dict(where) if where and verdict.status == "PROVED" else None
    return replace(verdict, equal_if=condition, seconds=time.monotonic() - began)


def prove(a: Any, b: Any, relation: str = "==", where: Mapping | None = None,
          seconds: float = 60.0) -> Verdict:
    """Decide whether `a relation b`: of two expressions, or of two optimizers.

    An optimizer is a Formula, a rule or a rule's name. Two of them are equal if they keep
    states of the same names, start them alike and update them alike, for every value of the
    states: a difference may lie at a state that no run reaches.
    """
    left, right = as_formula(a), as_formula(b)
    if left is None and right is None:
        return prove_expressions(a, b, relation, where=where, seconds=seconds)
    if left is None or right is None:
        raise TypeError("prove: an optimizer and an expression cannot be compared: "
                        f"{a}, {b}; take one of the optimizer's .update expressions")
    if relation != "==":
        raise ValueError(f"prove: optimizers can be == to one another, not {relation}")
    return prove_formulas(left, right, where, seconds)


def as_formula(x):
    """The Formula that x is or names, None if x is an expression."""
    if all(hasattr(x, name) for name in ("update", "init", "domains")):
        return x
    if isinstance(x, str) or callable(x) and not isinstance(x, (sp.Basic, type)):
        from optim.formulas import formula
        return formula(x)
    return None


def prove_formulas(a: Any, b: Any, where: Mapping | None, seconds: float) -> Verdict:
    began, verdicts = time.monotonic(), {}
    for part in ("update", "init"):
        left, right = getattr(a, part), getattr(b, part)
        if set(left) != set(right):
            only = [", ".join(sorted(set(x) - set(y))) or "none"
                    for x, y in ((left, right), (right, left))]
            raise ValueError(f"prove: the two keep different states (only left: {only[0]}; "
                             f"only right: {only[1]}); rename or remove these first")
    domains = dict(a.domains)
    for s, domain in b.domains.items():
        if domains.setdefault(s, domain) != domain:
            raise ValueError(f"prove: {s} is {domains[s]!r} on the left, "
                             f"{domain!r} on the right")
    for part in ("update", "init"):
        for name, left in getattr(a, part).items():
            rest = max(seconds - (time.monotonic() - began), 0.01)
            label = name + ("'" if part == "update" else " at the start")
            verdicts[label] = prove_expressions(left, getattr(b, part)[name],
                                                domains=domains, where=where, seconds=rest)
    worst = next((pair for status in ("REFUTED", "UNDECIDED") for pair in verdicts.items()
                  if pair[1].status == status), None)
    spent = time.monotonic() - began
    if worst:
        name, verdict = worst
        return replace(verdict, method=f"{name}: {verdict.method}", seconds=spent)
    return Verdict("PROVED", equal_if=dict(where) if where else None, seconds=spent,
                   except_on=tuple(x for v in verdicts.values() for x in v.except_on),
                   method="; ".join(f"{name}: {v.method}" for name, v in verdicts.items()))
