"""What a rule does, operation by operation, is the formula that was read off it.

Formulas are SymPy's: they were rewritten while the rule ran on letters, and every claim
about a rule is about its formula. So each formula has a certificate of its own: the
operations that the program does, recorded without SymPy, have a value where the formula
has one, and the same. The companion runs the program itself beside them, in fractions, and
formulas/trials.py on arrays of other shapes, in floats; once more, with what it records
anew, where certificates are checked.
"""
from collections import Counter
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


def readings(*rules: Any, about: str | None = None) -> dict[str, Any]:
    """The file of these rules' readings (see claim_files.py): one claim for each.

    rules: names, functions or Formulas, such as optim.lift gives. A claim has a goal for
    the parameter and each state, and for each state's start; if the rule is one of RULES,
    each is of the kind "reading", which minigrad check reads again. about: the file's name.
    """
    claims, uncertified, seen = [], [], Counter[str]()
    formulas = [formula(rule) for rule in rules]
    for f, program in zip(formulas, map(named_rule, rules)):
        seen[f.name] += 1                           # two may have one name
        name = f.name + f"-{seen[f.name]}"*(seen[f.name] > 1)
        ours = {"kind": "reading"} if RULES.get(name) is program else {}
        says = {"id": name, "status": "PROVED",
                "sentence": f"What {f.name} does is its formula."}
        try:
            claims.append(says | {"source": "recorded while it ran", "premises": [],
                                  "goals": [ours | x for x in goals(f, program)]})
        except (Unproved, Unwritable) as error:
            uncertified.append(says | {"method": "reading", "why": str(error)})
    about = about or f"readings of {', '.join(f.name for f in formulas)}"
    return {"version": checker.VERSION, "about": about, "claims": claims,
            "uncertified": uncertified}


def goals(f: Formula, rule: Rule) -> list[dict[str, Any]]:
    """The certificates that a formula is what its rule does; Unproved if there are none."""
    return [x | {"status": "PROVED", "proof": Search(x).proof()} for x in stated(f, rule)]


def stated(f: Formula, rule: Rule) -> list[dict[str, Any]]:
    """What is said of each quantity and start: it is what the rule does, on the left."""
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
    f = formula(rule)
    domains = {s.name: domain for s, domain in f.domains.items()}
    fault = disagreement(rule, operations, places, domains) or f.disagreement
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
        rule = RULES[claim["id"]]
        again, found = stated(formula(rule), rule), claim["goals"]
        if len(found) == len(again) and all(map(says_the_same, found, again)):
            return ""
    except (Unproved, Unwritable, LookupError, TypeError) as error:
        return f"the rule is not read so: {error}"
    return "a side is not what the rule does, recorded again, or not its formula"


def says_the_same(found: Mapping[str, Any], again: Mapping[str, Any]) -> bool:
    """Whether two goals have the same sides, relation and domains."""
    return all(found.get(name) == again.get(name)
               for name in ("about", "letters", "relation", "total")) and all(
        same_formula(found["operations"], found[side], again["operations"], again[side])
        for side in ("left", "right"))


def whole(e: Any, needs: Iterable[sp.Expr]) -> sp.Expr:
    """A formula with what it needs to have a value."""
    return sp.Add(sp.sympify(e), *needs)


def goal(label: str, operations: Operations, place: int, e: sp.Expr, domains: dict
         ) -> dict[str, Any]:
    listed, sides = operations.used(place, of_formula(e, operations))
    used = {args[0] for name, *args in listed if name == "letter"}
    return {"about": label, "letters": {n: d for n, d in domains.items() if n in used},
            "operations": listed, "left": sides[0], "right": sides[1], "relation": "=="}
