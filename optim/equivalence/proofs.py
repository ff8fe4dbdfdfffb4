"""PROVED, REFUTED or UNDECIDED: whether two formulas agree on a declared domain.

PROVED means: equal wherever both are defined, and defined at the same points, by algebra
that covers the whole domain (proving/cases.py). REFUTED comes with a rational point of the
domain at which the two provably differ or only one is defined (proving/intervals.py). All
else is UNDECIDED.

It is computer algebra, not a kernel-checked proof: it trusts SymPy's polynomials and
mpmath's intervals. All numbers are real: a formula with a root of a negative number in it
is undefined, whatever is done to that root. 0**0 is 1. Unknown functions and sums have a
value everywhere. A float is the decimal that it prints as. SymPy has already rewritten the
expressions that arrive here: x/x is 1 before anyone can ask where it is defined. (A rule is
read with what it divides by and its roots as they stand, so nothing of it is lost.)
"""
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from optim.domains import domain_of
from optim.optimizers.signatures import (
    RULE_OF_CLASS, is_of_whole_parameters, name_of, named_rule)
from optim.formulas.rule_formulas import formula
from optim.equivalence.conditions import condition
from optim.equivalence.ranges import (
    completed, expression, intervals, restored, together)
from optim.proving.expressions import check_seconds, prove_expressions, read
from optim.equivalence.simulations import prove_formulas
from optim.proving.limits import verdict_within
from optim.proving.verdicts import Verdict


def prove(a: Any, b: Any, relation: str = "==", where: Mapping | None = None,
          seconds: float = 60.0, equal_if: bool = True) -> Verdict:
    """Decide whether `a relation b`: of two expressions, or of two optimizers.

    An optimizer is a Formula, a rule, a rule's name or an optimizer class. Two of them are
    equal if they keep states of the same names, start them alike and update them alike, for
    every value of the states: a difference may lie at a state that no run reaches. If they
    are not, .equal_if is a change of letters that is proved to make them so, where one is
    found; equal_if=False does not look for it.

    where {letter: number, formula or interval} is put into both first: {"weight_decay": 0},
    {"eps": "2*lr"}, {"beta2": "0 < beta2 < 1"}. A rule is read exactly, decimals as they
    were written: rounding is no difference. A hyperparameter whose default is outside the
    legend's domain may lie in a wider one, of which .method tells.

    >>> prove("adamw", "adam").equal_if
    {weight_decay: 0}
    """
    check_seconds(seconds)
    end = time.monotonic() + seconds
    return verdict_within(seconds, lambda: decided(a, b, relation, where, equal_if, end))


def decided(a: Any, b: Any, relation: str, where: Mapping | None, equal_if: bool,
            end: float) -> Verdict:
    """The verdict, by the end on time.monotonic's clock."""
    def rest() -> float:
        return max(end - time.monotonic(), 0.01)
    values, ranges = intervals(where)
    left, right = as_formula(a, values), as_formula(b, values)
    if left is None and right is None:
        ranges = completed(ranges, {s: domain_of(s) for x in map(sp.sympify, (a, b))
                                    for s in x.free_symbols if s.name in ranges})
        given = values | {n: expression(n, domain) for n, domain in ranges.items()}
        verdict = prove_expressions(a, b, relation, where=given or None, seconds=rest())
        return replace(restored(verdict, ranges),
                       equal_if=dict(where) if where and verdict.equal_if else None)
    if left is None or right is None:
        raise TypeError("prove: an optimizer and an expression cannot be compared: "
                        f"{a}, {b}; take one of the optimizer's .update expressions")
    if relation != "==":
        raise ValueError(f"prove: optimizers can be == to one another, not {relation}")
    left, right = together(left, right, {})
    ranges = completed(ranges, left.domains | right.domains)
    left, right = together(left, right, ranges)
    given = values | {n: expression(n, domain) for n, domain in ranges.items()}
    letters = {s.name: s for s in left.domains | right.domains}
    named = {name: of_letters(name, e, letters) for name, e in
             ((str(getattr(letter, "name", letter)), e) for letter, e in given.items())}
    verdict = restored(prove_formulas(left, right, named, rest()), ranges)
    if verdict.status == "PROVED":
        return replace(verdict, equal_if=dict(where) if where else None)
    if equal_if and where is None and verdict.status == "REFUTED":
        return replace(verdict, equal_if=condition(left, right, rest()))
    return verdict


def of_letters(name: str, e: Any, letters: Mapping[str, sp.Symbol]) -> Any:
    """A text, put for a letter, as a formula of these letters; all else as it is."""
    if not isinstance(e, str):
        return e
    e = read(e)
    e = e.xreplace({s: letters.get(s.name, s) for s in e.free_symbols})
    if e == letters.get(name):
        raise ValueError(f"prove: where puts {name} for itself; needed a number, a formula "
                         "or an interval")
    return e


def as_formula(x: Any, where: Mapping | None) -> Any:
    """The Formula that x is or names, None if x is an expression.

    A rule whose letter > 0 becomes 0 is read anew with that letter >= 0.
    """
    rule = rule_of(x)
    if rule is not None and is_of_whole_parameters(named_rule(rule)):
        raise ValueError(f"{name_of(named_rule(rule))} looks at a whole parameter: its "
                         "formula has functions in it, such as a norm, of which nothing is "
                         "known here; nothing is proved of it")
    if all(hasattr(x, name) for name in ("update", "init", "domains")):
        return x
    if rule is None:
        return None
    f, zero = formula(rule), {getattr(k, "name", k) for k, e in (where or {}).items()
                              if e == 0}
    wider = {s.name: ">= 0" for s, domain in f.domains.items()
             if s.name in zero and domain == "> 0"}
    return formula(rule, wider) if wider else f


def rule_of(x: Any) -> Any:
    """The rule, or its name, of an optimizer, its class or a rule; None of all else."""
    if isinstance(x, type):
        return x if x in RULE_OF_CLASS else None
    rule = getattr(x, "rule", x)
    runs = callable(rule) and not isinstance(rule, (sp.Basic, type))
    return rule if runs or isinstance(rule, str) else None
