"""Whatever a broken prover says of a goal, no certificate of it is accepted if it is wrong.

A certificate takes from the prover its verdict and its witness, and no more.
"""
from fractions import Fraction

import pytest
import sympy as sp

from optim import checker
from optim.certificates import identities, proof_search as proofs
from optim.certificates.goal_certificates import certificate
from optim.certificates.operation_lists import Unwritable
from optim.certificates.proof_search import Unproved
from optim.domains import declare
from optim.proving.expressions import goal_of
from optim.proving.verdicts import Verdict

g, v, b = declare("g", "real"), declare("v", ">= 0"), declare("b", "[0, 1)")
FALSE = [(g**2, "==", g), (abs(g), "==", g), (sp.sqrt(v), "<=", v), (b*g, "<", g),
         (1/(1 - b), "<=", 1 + b), (sp.sqrt(g**2 + v), "==", g + v), (v, ">", 0)]
TRUE = [(sp.sqrt(g**2), "==", abs(g)), (b*v, "<=", v), (g**2 + 1, ">", 2*g - 1)]


def accepted(goal, verdict):
    try:
        return checker.judged(certificate(goal, verdict)) is None
    except (Unproved, Unwritable):
        return False


@pytest.mark.parametrize("a, relation, c", FALSE)
def test_a_false_claim_called_proved(a, relation, c):
    assert not accepted(goal_of(a, c, relation), Verdict("PROVED"))


@pytest.mark.parametrize("a, relation, c", TRUE)
def test_a_true_claim_called_refuted(a, relation, c):
    goal = goal_of(a, c, relation)
    assert accepted(goal, Verdict("PROVED"))
    for x in (0, Fraction(1, 3), 2, -1):
        witness = {s: sp.Rational(x) for s in goal.domains}
        assert not accepted(goal, Verdict("REFUTED", witness))


BROKEN = [
    (identities, "improves", lambda case, step: case.learn(
        case.polynomial(step["sign"]), checker.POSITIVE) or True),
    (identities, "of_one_sign", lambda case, terms: True),
    (proofs, "sign_steps", lambda case, p, *rest: case.learn(p, checker.POSITIVE) or []),
    (proofs.Search, "multiples", lambda self, case, p: [(Fraction(1), [])]),
    (proofs.Search, "divided", lambda self, case, p, cases: {"split": proofs.written(p),
                                                             "cases": []})]


@pytest.mark.parametrize("module, name, wrong", BROKEN,
                         ids=[name for _, name, _ in BROKEN])
def test_a_broken_writer(module, name, wrong, monkeypatch):
    monkeypatch.setattr(module, name, wrong)
    for a, relation, c in FALSE:
        assert not accepted(goal_of(a, c, relation), Verdict("PROVED"))
