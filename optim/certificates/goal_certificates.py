"""A goal of the prover's as a certificate."""
from fractions import Fraction
from typing import Any

from optim.certificates.operation_lists import Operations, of_formula
from optim.certificates.proof_search import Search, Unproved
from optim.proving.goals import Goal
from optim.proving.verdicts import Verdict
from optim.proving.signs import NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO

SECONDS = 120.0                         # for the certificate of one goal; most take 0.1 s
RELATIONS = {ZERO: "==", NONPOSITIVE: "<=", NONNEGATIVE: ">=", NEGATIVE: "<", POSITIVE: ">"}


def stated(goal: Goal) -> dict[str, Any]:
    """What a goal says, as a certificate has it."""
    operations = Operations()
    sides = [of_formula(e, operations, goal.known) for e in (goal.a, goal.b)]
    listed, sides = operations.used(*sides)
    used = {args[0] for name, *args in listed if name == "letter"}
    bound = {args[0] for name, *args in listed if name in ("sum", "product")}
    letters = {s.name: domain for s, domain in goal.domains.items() if s.name in used}
    missing = used - set(letters) - bound
    if missing:
        raise Unproved(f"no domain for {sorted(missing)}")
    return {"letters": letters, "operations": listed, "left": sides[0], "right": sides[1],
            "relation": RELATIONS[goal.holds]} | ({"total": True} if goal.total else {})


def states(goal: Goal, relation: Any) -> bool:
    """Whether a goal is what a relation of a claim says: that was read by the prover."""
    return (goal.a, RELATIONS.get(goal.holds), goal.b, goal.domains, goal.known) == (
        relation.left, relation.relation, relation.right, relation.domains, {})


def certificate(goal: Goal, verdict: Verdict) -> dict[str, Any]:
    """The certificate of a verdict; Unproved where none is found."""
    found = stated(goal) | {"status": verdict.status}
    if verdict.status == "REFUTED":
        point = {}
        for s, x in (goal.point or verdict.witness or {}).items():
            x = Fraction(int(x.p), int(x.q))
            if s.is_Symbol:
                point[s.name] = str(x)
            else:
                head = s.base if s.is_Indexed else s.func
                known = ", ".join(map(str, s.indices if s.is_Indexed else s.args))
                point[f"{head}({known})"] = str(x)
        return found | {"point": point}
    found["proof"] = Search(found).proof()
    return found
