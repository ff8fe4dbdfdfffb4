"""What a rule does, operation by operation, is the formula that was read off it.

Formulas are SymPy's: they were rewritten while the rule ran on letters, and every claim
about a rule is about its formula. So each formula has a certificate of its own: the
operations that the program does, recorded without SymPy, have a value where the formula
has one, and the same. The companion runs the program itself beside them, in fractions;
once more, with what it records anew, where certificates are checked.
"""
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import sympy as sp

from optim import checker
from optim.certificates.companion import disagreement
from optim.certificates.operation_lists import Operations, Unwritable, of_formula
from optim.certificates.proof_search import Search, Unproved
from optim.certificates.recorded_rules import recorded
from optim.certificates.tangents import same_formula
from optim.formulas.rule_formulas import Formula, formula
from optim.optimizers.signatures import Rule, named_rule
from optim.proving.needs import START
from optim.rules import RULES


def readings(rules: Iterable[Any], about: str = "readings") -> dict[str, Any]:
    """The file of these rules' readings (see files.py): one claim for each.

    A claim has a goal for the parameter and each state, and for each state's start; if the
    rule is one of RULES, each is of the kind "reading", which minigrad check reads again.
    """
    claims, uncertified = [], []
    for rule in rules:
        f, program = formula(rule), named_rule(rule)
        ours = {"kind": "reading"} if RULES.get(f.name) is program else {}
        says = {"id": f.name, "status": "PROVED",
                "sentence": f"What {f.name} does is its formula."}
        try:
            claims.append(says | {"source": "recorded while it ran", "premises": [],
                                  "goals": [ours | x for x in goals(f, program)]})
        except (Unproved, Unwritable) as error:
            uncertified.append(says | {"method": "reading", "why": str(error)})
    return {"version": checker.VERSION, "about": about, "claims": claims,
            "uncertified": uncertified}


def goals(f: Formula, rule: Rule) -> list[dict[str, Any]]:
    """The certificates that a formula is what its rule does; Unproved if there are none."""
    operations, places = recording(rule)
    domains = {s.name: domain for s, domain in f.domains.items()}
    pairs = [(f"{name}'", whole(e, f.needs.get(name, ()))) for name, e in f.update.items()]
    pairs += [(name + START, whole(e, f.needs.get(name + START, ())))
              for name, e in f.init.items()]
    return [goal(label, operations, places[label], e, domains) for label, e in pairs]


@lru_cache(100)
def recording(rule: Rule) -> tuple[Operations, dict[str, int]]:
    """What a rule does, and the place of each quantity; Unproved where it does something
    else as it runs on fractions."""
    operations = Operations()
    places = recorded(rule, operations)
    domains = {s.name: domain for s, domain in formula(rule).domains.items()}
    fault = disagreement(rule, operations, places, domains)
    if fault:
        raise Unproved(fault)
    return operations, {name + mark: place
                        for side, mark in (("update", "'"), ("init", START))
                        for name, place in places[side].items()}


def reading_fault(claim: Mapping[str, Any]) -> str:
    """What is wrong with a claim of the reading of one of RULES: its goals do not speak of
    what the rule does, as it is recorded now; "" if nothing is.
    """
    try:
        operations, places = recording(RULES[claim["id"]])
        told = {goal["about"]: (goal["operations"], goal["left"])
                for goal in claim["goals"]}
    except (Unproved, Unwritable, LookupError, TypeError) as error:
        return f"the rule is not read so: {error}"
    if told.keys() != places.keys() or not all(
            same_formula(*told[label], operations.listed, place)
            for label, place in places.items()):
        return "a side is not what the rule does, recorded again"
    return ""


def whole(e: Any, needs: Iterable[sp.Expr]) -> sp.Expr:
    """A formula with what it needs to have a value."""
    return sp.Add(sp.sympify(e), *needs)


def goal(label: str, operations: Operations, place: int, e: sp.Expr, domains: dict
         ) -> dict[str, Any]:
    listed, sides = operations.used(place, of_formula(e, operations))
    used = {args[0] for name, *args in listed if name == "letter"}
    found: dict[str, Any] = {
        "about": label, "letters": {n: d for n, d in domains.items() if n in used},
        "operations": listed, "left": sides[0], "right": sides[1], "relation": "==",
        "status": "PROVED"}
    return found | {"proof": Search(found).proof()}
