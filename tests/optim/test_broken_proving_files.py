"""A prover that is broken on purpose in one of its files: no certificate comes of that.

Each break is seen to work: the broken prover calls a false claim PROVED, or refutes a true
one. To let it, points that would tell are kept from it where they would come first.
"""
from fractions import Fraction

import pytest
import sympy as sp

from optim import checker
from optim.certificates.claim_files import Uncertified, entry
from optim.certificates.goal_certificates import certificate
from optim.certificates.operation_lists import Unwritable
from optim.certificates.proof_search import Unproved
from optim.derivations import claim as claims
from optim.derivations.claim import Claim, Relation
from optim.domains import declare
from optim.proving import (
    branches, cases, certificates, choices, decision, evaluator, expressions, factors,
    facts, generators, goals, inductions, parametrised, powers, signs, splitting)
from optim.proving.expressions import goal_of, prove_expressions
from optim.proving.verdicts import Verdict

x, y = declare("x", "real"), declare("y", "real")
p, q, t = declare("p", "> 0"), declare("q", "> 0"), declare("t", "1, 2, ...")
z = declare("z", ">= 0")
POSITIVE = signs.POSITIVE


def first_case(branch, trail, split, hidden):
    """The cases of a split, but for all that come after the first."""
    yield next(iter(REAL_CHILDREN(branch, trail, split, hidden)))


def first_piece(self, e):
    return e.args[0][0]


REAL_CHILDREN = splitting.children
SQUARE = (x + 1)**2, "==", x**2 + 2*x + 1


def always_proved(self, status, *others, **more):
    REAL_VERDICT(self, "PROVED", *others, **more)


REAL_VERDICT = Verdict.__init__
# (file, where it is used, name, what stands there instead, a false claim that it proves)
PROVING = [
    ("facts", facts.Facts, "equal", lambda self, a, b: True, (x + 1, "==", x + 2)),
    ("contradictions", facts, "contradictory", lambda *_: True, (x + 1, "==", x + 2)),
    ("certificates", factors, "domain_sign", lambda *_: POSITIVE, (x, ">", 0)),
    ("parametrised", parametrised.Parametrised, "sign", lambda *_: POSITIVE,
     (p*q, ">", p + q)),
    ("factors", factors.Factors, "signs", lambda *_: POSITIVE, (x*y, ">", 0)),
    ("signs", factors, "constant_sign", lambda e: POSITIVE, (sp.sqrt(2)*p, ">", 2*p)),
    ("splitting", cases, "children", first_case, (abs(x), "==", x)),
    ("generators", generators.Generators, "reduce", lambda self, e: sp.Integer(0),
     (sp.sqrt(p), "==", p)),
    ("powers", powers.Powers, "root", lambda self, b, k: b, (sp.sqrt(p), "==", p)),
    ("functions", branches.Branch, "exponential", lambda self, u: 1 + u,
     (sp.exp(x), "==", 1 + x)),
    ("choices", choices.Choices, "piece", first_piece,
     (sp.Piecewise((1, x > 0), (0, True)), "==", 1)),
    ("comparisons", choices, "SIGNS", dict.fromkeys(choices.SIGNS, {-1, 0, 1}),
     (sp.Piecewise((1, x > 0), (0, True)), "==", 1)),
    ("branches", branches.Branch, "value", lambda self, e: sp.Integer(0), (x, "==", y)),
    ("lemmas", facts, "lemmas", lambda *_: [(-x**2 - 1, POSITIVE)],
     (x + 1, "==", x + 2)),
    ("thin", cases, "equation_of", lambda split, branch: sp.Eq(x, 0, evaluate=False),
     (sp.sign(x)**2, "==", 1)),
    ("inductions", inductions, "whole", lambda verdict: True, (t, ">", 3)),
    ("cases", cases, "holds_in", lambda *_: True, (x, "==", y)),
    ("decision", expressions, "decide", lambda goal: Verdict("PROVED"), (x, "==", y)),
    ("decimals", branches, "decimal", lambda e: sp.Rational(1, 2),
     (x*sp.Float(0.3), "==", x/2)),
    ("needs", branches, "beside_imaginary", lambda e: ([], False),
     (sp.sqrt(-z) + 1, "==", sp.sqrt(-z) + 2)),
    ("verdicts", Verdict, "__init__", always_proved, (x, "==", y)),
    ("limits", expressions, "verdict_within", lambda *_: Verdict("PROVED"), (x, "==", y))]
# ... and what refutes a true claim.
REFUTING = [
    ("goals", goals, "gap", lambda *_: ("left - right = 1 here", {}), SQUARE),
    ("evaluator", evaluator, "METHODS", ((sp.Expr, lambda self, e: Fraction(len(str(e)))),),
     SQUARE),
    ("intervals", goals, "difference", lambda a, b: Fraction(1), SQUARE),
    ("points", goals, "points", lambda *_: iter([{p: Fraction(-3)}]),
     (sp.sqrt(p**2 + 2*p + 1), "==", p + 1))]


def accepted(goal, verdict):
    try:
        return checker.judged(certificate(goal, verdict)) is None
    except (Unproved, Unwritable):
        return False


@pytest.mark.parametrize("file, module, name, wrong, claim", PROVING,
                         ids=[file for file, *_ in PROVING])
def test_what_a_broken_file_proves(file, module, name, wrong, claim, monkeypatch):
    left, relation, right = claim
    monkeypatch.setattr(decision, "by_points", lambda *_: None)
    monkeypatch.setattr(cases, "by_search", lambda *_, **__: None)
    assert prove_expressions(left, right, relation).status == "UNDECIDED"
    monkeypatch.setattr(module, name, wrong)
    certificates.certified.cache_clear()
    try:
        verdict = prove_expressions(left, right, relation)
    finally:
        certificates.certified.cache_clear()
    assert verdict.status == "PROVED"
    assert not accepted(goal_of(left, right, relation), verdict)


@pytest.mark.parametrize("file, module, name, wrong, claim", REFUTING,
                         ids=[file for file, *_ in REFUTING])
def test_what_a_broken_file_refutes(file, module, name, wrong, claim, monkeypatch):
    left, relation, right = claim
    assert prove_expressions(left, right, relation).status == "PROVED"
    monkeypatch.setattr(module, name, wrong)
    verdict = prove_expressions(left, right, relation)
    assert verdict.status == "REFUTED"
    assert not accepted(goal_of(left, right, relation), verdict)


@pytest.mark.parametrize("name, wrong", [
    ("read", lambda e: sp.Integer(0)), ("substituted", lambda a, b, where: (a, a, {})),
    ("RELATIONS", expressions.RELATIONS | {"==": signs.ANY}),
    ("domain_of", lambda s: "> 0")])
def test_a_claim_that_is_read_as_another_has_no_certificate(name, wrong, monkeypatch):
    """What is certified is held against the claim: its reader is expressions.py."""
    claim = Claim("x", "x is y", (Relation(abs(x), "==", y if name != "domain_of" else x),))
    monkeypatch.setattr(claims, "DECIDED", {})
    monkeypatch.setattr(expressions, name, wrong)
    assert claim.verdict.status == "PROVED"
    with pytest.raises(Uncertified, match="not what is claimed"):
        entry(claim, [], {})
