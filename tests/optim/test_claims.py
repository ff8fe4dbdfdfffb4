"""Every claim has the verdict that was promised; a false one is seen to be false."""
import json
import xml.etree.ElementTree as xml
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from optim.claims.verification import (
    Claim, Report, decided, defaults, frame, scale, units_hold, verify, verify_all)
from optim.derivations import TOPICS
from optim.derivations.relations import RELATIONS, Relation
from optim.formulas.rule_formulas import formula
from optim.domains import declare
from optim.rules import LEGEND, RULES, UNITS

DIGITS, VISIBLE = 40, sp.Float("1e-15")         # a gap no rounding at 40 digits makes
read = cache(formula)
every_rule = pytest.mark.parametrize("name", RULES)


@pytest.fixture(scope="module")
def seen():
    """What verify_all tells while it runs, and its reports at the end."""
    calls = []
    reports = verify_all(lambda report, count, total: calls.append(
        (report.name, count, total)))
    return calls, reports


@every_rule
def test_every_claim_comes_out_as_promised(seen, name):
    report = seen[1][name]
    assert report.ok, "\n".join(str(c) for c in report.claims if not c.ok)
    assert {c.verdict.status for c in report.claims} <= {"PROVED", "REFUTED"}
    assert all(c.verdict.witness for c in report.claims if c.expected == "REFUTED")
    assert not any(c.verdict.except_on for c in report.claims)


def test_progress_is_told_rule_by_rule(seen):
    assert seen[0] == [(name, k, len(RULES)) for k, name in enumerate(RULES, 1)]
    assert list(seen[1]) == list(RULES)


@pytest.mark.parametrize("name, part", [
    ("momentum", "With mu = 0 it is gradient descent"), ("momentum", "heavy ball"),
    ("nag", "look-ahead points"), ("nag", "Both start alike"), ("nag", "On a quadratic"),
    ("adagrad", "least"), ("rmsprop", "lr/sqrt(t) and eps/sqrt(t) it is Adagrad"),
    ("rmsprop", "With eps = 0"), ("adadelta", "another beside v_delta"),
    ("adadelta", "RMSprop with eps inside the root"), ("adam", "RMSprop's with v/(1"),
    ("adam", "efficient form is the same with eps_hat = eps sqrt"),
    ("adam", "no other eps_hat"), ("adam", "default eps = 1e-8"),
    ("adamax", "first step is Adam's"), ("nadam", "With mu = 0 it is Adam"),
    ("nadam", "The paper prints one more factor beta2"), ("nadam", "28/19"),
    ("adamw", "lr times theirs"), ("adamw", "With weight_decay = 0 its theta"),
    ("amsgrad", "As long as v is the largest"), ("amsgrad", "never falls")])
def test_this_claim_is_proved(seen, name, part):
    claims = [c for c in seen[1][name].claims if part in c.text]
    assert claims and all(c.verdict.status == "PROVED" for c in claims)


@pytest.mark.parametrize("name, part", [
    ("adadelta", "with the one eps in L**2/P**2"), ("adadelta", "with the one eps in P**2"),
    ("adam", "eps_hat = eps."), ("adam", "no step is longer than lr"),
    ("adam", "common frame"), ("adamw", "the same weight_decay"),
    ("adamw", "added to the gradient"), ("amsgrad", "Its step is Adam's."),
    ("nadam", "no bias ("), ("nadam", "changes nothing"), ("rmsprop", "It is Adagrad"),
    ("rmsprop", "has the mean that it estimates"), ("nag", "It is momentum")])
def test_this_claim_is_refuted(seen, name, part):
    claims = [c for c in seen[1][name].claims if part in c.text or part in c.source]
    assert any(c.verdict.status == "REFUTED" and c.verdict.witness for c in claims)


REFUTED = [pytest.param(r, id=f"{name}: {r.text}") for name, relations in RELATIONS.items()
           for r in [*relations(), *frame(read(name)), *units_hold(read(name))]
           if r.expected == "REFUTED"]


@pytest.mark.parametrize("relation", REFUTED)
def test_a_refuted_relation_fails_at_its_witness(relation):
    """The two sides are evaluated to 40 digits by SymPy, which did not find the witness."""
    witness = decided(relation).verdict.witness
    gap = sp.N((relation.left - relation.right).subs(witness), DIGITS)
    assert gap.is_number and (gap if relation.relation == "<=" else abs(gap)) > VISIBLE


def test_the_readme_tells_how_many_claims_there_are(seen):
    reports = [*seen[1].values(), *map(verify, TOPICS)]
    found = [claim.verdict.status for report in reports for claim in report.claims]
    text = (Path(__file__).parents[2]/"README.md").read_text(encoding="utf-8")
    assert (f"decides {len(found)} claims in 8 s of CPU: {found.count('PROVED')} PROVED, "
            f"{found.count('REFUTED')} REFUTED as claimed" in text)


# ------------------------------------------------------------------ units as a symmetry
@pytest.mark.parametrize("name, letter, wrong", [
    ("gradient_descent", "lr", "P"), ("momentum", "lr", "P"), ("momentum", "m", "L/P"),
    ("nag", "mu", "L"), ("adagrad", "eps", "1"), ("adagrad", "v", "L/P"),
    ("rmsprop", "eps", "L**2/P**2"), ("adam", "eps", "P"), ("adam", "lr", "P**2/L"),
    ("adam", "lr", "1"), ("adam", "m", "P"), ("adam", "v", "P**2"), ("adam", "g", "L"),
    ("adamax", "v", "L**2/P**2"), ("nadam", "beta2", "L"), ("nadam", "lr", "1"),
    ("adamw", "weight_decay", "1/P"), ("amsgrad", "v_max", "L/P"),
    ("adadelta", "v_delta", "L**2/P**2"), ("adadelta", "g", "P")])
def test_a_wrong_unit_is_caught_by_the_symmetry(name, letter, wrong):
    claims = [decided(r) for r in units_hold(read(name), units={letter: wrong})
              if r.expected == "PROVED"]
    assert "REFUTED" in {c.verdict.status for c in claims}


def test_the_exceptions_to_the_legends_units_are_needed():
    for name, units in UNITS.items():
        for letter, unit in units.items():
            if " and " not in unit:
                back = {letter: LEGEND[letter].unit}
                claims = [decided(r) for r in units_hold(read(name), units=back)]
                assert not all(c.ok for c in claims), (name, letter)


def test_a_unit_is_scaled_as_it_says():
    c, k = declare("loss_scale", "> 0"), declare("parameter_scale", "> 0")
    assert scale("L**2/P**2") == c**2/k**2 and scale("1") == 1


def test_eps_outside_the_root_and_inside_have_different_units():
    """A rule with eps moved inside the root is caught by its units alone."""
    import numpy as np

    def inside(theta, g, v, *, t, lr=0.01, rho=0.9, eps=1e-8):
        v = rho*v + (1 - rho)*g**2
        return theta - lr*g/np.sqrt(v + eps), v

    claims = [decided(r) for r in units_hold(formula(inside), against="rmsprop")]
    assert "REFUTED" in {c.verdict.status for c in claims}


# ------------------------------------------------------------------ reports
def test_a_rule_of_ones_own_is_held_against_a_paper():
    import numpy as np

    def mine(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        m = m + (1 - beta1)*(g - m)
        v = beta2*v + (1 - beta2)*g*g
        rate = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
        return theta - rate*m/(np.sqrt(v) + eps), m, v

    report = verify(mine, against="adam")
    assert not report.ok
    wrong = [c for c in report.claims if not c.ok]
    assert [c.text for c in wrong] == ["With these moments the rule's step is the paper's."]
    assert "(expected PROVED)" in str(report) and wrong[0].verdict.witness

    def right(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        theta, m, v = mine(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2,
                           eps=eps*np.sqrt(1 - beta2**t))
        return theta, m, v

    assert verify(right, against="adam").ok


def test_a_rule_of_ones_own_with_our_rules_name_gets_no_claims_about_ours():
    """It was once told that our defaults, not its own, are the paper's."""
    def adam(theta, g, m, v, *, t, lr=0.5, beta1=0.1, beta2=0.2, eps=1.0):
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g**2
        return theta - lr*m/(1 - beta1**t)/(np.sqrt(v/(1 - beta2**t)) + eps), m, v
    report = verify(adam)
    assert report.ok
    assert [c.text for c in report.claims] == [
        c.text for c in verify(adam, against="adam").claims]
    assert not any("default" in c.text or "RMSprop" in c.text for c in report.claims)
    assert len(verify(RULES["adam"]).claims) == len(verify("adam").claims)


def test_a_topic_is_held_against_no_paper():
    with pytest.raises(ValueError, match="memory is a topic, held against no paper"):
        verify("memory", against="nag")


def test_a_wrong_default_is_caught(monkeypatch):
    def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.99, eps=1e-8):
        return theta, m, v

    monkeypatch.setitem(RULES, "adam", adam)
    wrong = [r.text for r in defaults(formula(adam)) if not decided(r).ok]
    assert wrong == ["The default beta2 = 0.999 is the paper's."]


def test_a_report_is_words_that_json_can_hold(seen):
    for name, report in seen[1].items():
        back = json.loads(json.dumps(report.as_dict(), allow_nan=False))
        assert back["name"] == name and back["ok"] is True
        assert len(back["claims"]) == len(report.claims)


def test_a_report_prints_as_a_table_and_as_html(seen):
    report = seen[1]["adam"]
    assert str(report).startswith(f"adam: {len(report.claims)} of {len(report.claims)} ")
    assert "at beta1 = 9/10, beta2 = 99/100" in str(report)
    rows = xml.fromstring(report._repr_html_()).findall("tr")
    assert len(rows) == 1 + len(report.claims)


def test_a_report_with_one_unkept_promise_is_not_ok():
    x = declare("x", "real")
    kept = decided(Relation("x is x.", x, x))
    broken = decided(Relation("x is 1.", x, sp.Integer(1)))
    assert Report("test", (kept,)).ok and not Report("test", (kept, broken)).ok
    assert isinstance(broken, Claim) and broken.as_dict()["ok"] is False
