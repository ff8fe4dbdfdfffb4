"""Every claim has the verdict that was promised; a false one is seen to be false."""
import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from optim import certificates, checker
from optim.claims.between_rules import RELATIONS
from optim.claims.rule_claims import defaults, frame, scale, units_hold
from optim.claims.verification import Claim, Report, verify, verify_all
from optim.derivations import TOPICS, tally
from optim.derivations.claim import claim
from optim.formulas.rule_formulas import formula
from optim.domains import declare
from optim.papers import statement
from optim.rules import LEGEND, RULES, UNITS

from ..cases import each

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
    assert {c.verdict.status for c in report.claims} <= {"PROVED", "BY THEOREM", "REFUTED"}
    assert all(c.verdict.witness for c in report.claims if c.expected == "REFUTED")
    assert not any(c.verdict.except_on for c in report.claims)


def test_progress_is_told_rule_by_rule(seen):
    assert seen[0] == [(name, k, len(RULES)) for k, name in enumerate(RULES, 1)]
    assert list(seen[1]) == list(RULES)


PROVED = {                                       # rule: ids of claims
    "momentum": "is-descent heavy-ball", "nag": "walks-ahead same-start on-quadratic",
    "adagrad": "v-never-falls", "rmsprop": "plain-mean-is-adagrad as-printed",
    "adadelta": "units-theta units-v_delta is-rmsprop",
    "adam": "is-rmsprop eps-hat eps-hat-only default-eps ignores-scale",
    "adamax": "first-step-is-adams", "nadam": "no-momentum extra-factor look-ahead-bias",
    "adamw": "pytorch no-decay-theta", "amsgrad": "while-largest v-max-never-falls"}
FALSE = {
    "adadelta": "units-theta-eps-L**2/P**2 units-theta-eps-P**2",
    "adam": "eps-hat-is-eps longer-than-lr frame",
    "adamw": "pytorch-same-decay decay-in-gradient", "amsgrad": "always-adam",
    "nadam": "look-ahead-unbiased factor-ignored", "nag": "is-momentum",
    "rmsprop": "always-adagrad v-unbiased"}


def named(table):
    return [(name, id) for name, ids in table.items() for id in ids.split()]


@pytest.mark.parametrize("name, id", named(PROVED))
def test_this_claim_is_proved(seen, name, id):
    claims = [c for c in seen[1][name].claims if c.id == id]
    assert len(claims) == 1 and claims[0].verdict.status == "PROVED"


@pytest.mark.parametrize("name, id", named(FALSE))
def test_this_claim_is_refuted(seen, name, id):
    claims = [c for c in seen[1][name].claims if c.id == id]
    assert len(claims) == 1
    assert claims[0].verdict.status == "REFUTED" and claims[0].verdict.witness


def test_an_id_names_one_claim_of_a_rule_or_topic(seen):
    for name, report in (seen[1] | {topic: verify(topic) for topic in TOPICS}).items():
        assert not [id for id, n in Counter(c.id for c in report.claims).items() if n > 1]


def test_importing_decides_nothing():
    """A broken rule of a student's must not fail where it is only imported."""
    code = ("import optim.proving.expressions as e, optim.formulas.reading as r\n"
            "def never(*_, **__): raise AssertionError('decided')\n"
            "e.decide = never\n"
            "import optim.derivations, optim.claims, optim.claims.between_rules\n"
            "import optim.derivations.rule_letters as letters\n"
            "assert letters.read.cache_info().currsize == 0")
    subprocess.run([sys.executable, "-c", code], check=True)


def refuted():
    return [pytest.param(r, id=f"{name}: {r.id}") for name, relations in RELATIONS.items()
            for r in [*relations(), *frame(read(name)), *units_hold(read(name), name)]
            if r.expected == "REFUTED"]


@each("relation", refuted)
def test_a_refuted_relation_fails_at_its_witness(relation):
    """The two sides are evaluated to 40 digits by SymPy, which did not find the witness."""
    goal, witness = relation.goals[0], relation.verdict.witness
    gap = sp.N((goal.left - goal.right).subs(witness), DIGITS)
    assert gap.is_number and (gap if goal.relation == "<=" else abs(gap)) > VISIBLE


def test_the_readme_tells_how_many_claims_there_are_of_each_kind(seen):
    reports = [*seen[1].values(), *map(verify, TOPICS)]
    found = [claim for report in reports for claim in report.claims]
    text = (Path(__file__).parents[2]/"README.md").read_text(encoding="utf-8")
    assert f"decides {len(found)} claims in" in text
    assert tally(found) in " ".join(text.split())


# ----------------------------------------------------------- certificates of all of them
@pytest.fixture(scope="module")
def certified(seen, tmp_path_factory):
    """The certificates of every verdict here, as minigrad verify --all writes them, and
    what the checker says of the files."""
    place = tmp_path_factory.mktemp("certificates")
    reports = [*seen[1].values(), *map(verify, TOPICS)]
    files = [*map(certificates.certified, reports)]
    certificates.write(place, files)
    return reports, files, checker.check(place)


def test_every_verdict_is_in_a_file_and_nearly_all_have_a_certificate(certified):
    reports, files, _ = certified
    for report, file in zip(reports, files, strict=True):
        known = {c["id"]: c["status"] for c in [*file["claims"], *file["uncertified"]]}
        assert {c.id: c.verdict.status for c in report.claims}.items() <= known.items()
    count = certificates.counted(files)
    missing = sum(count["uncertified"].values())
    assert missing < 0.03*(count["certified"] + missing), certificates.summary(files)


def test_the_checker_accepts_every_certificate(certified):
    _, files, found = certified
    assert checker.holds_all(found) and len(found) == len(files)
    for file in files:
        assert found[f"{file['about']}.json"]["accepted"] == {
            c["id"]: c["status"] for c in file["claims"]}


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
    claims = units_hold(read(name), name, {letter: wrong})
    assert "REFUTED" in {c.verdict.status for c in claims if c.expected == "PROVED"}


def test_the_exceptions_to_the_legends_units_are_needed():
    for name, units in UNITS.items():
        for letter, unit in units.items():
            if " and " not in unit:
                back = {letter: LEGEND[letter].unit}
                claims = units_hold(read(name), name, back)
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

    claims = units_hold(formula(inside), "rmsprop")
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
    assert [c.id for c in wrong] == ["step"]
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
    assert [c.sentence for c in report.claims] == [
        c.sentence for c in verify(adam, against="adam").claims]
    assert not any("default" in c.sentence or "RMSprop" in c.sentence
                   for c in report.claims)
    assert len(verify(RULES["adam"]).claims) == len(verify("adam").claims)


def test_a_topic_is_held_against_no_paper():
    with pytest.raises(ValueError, match="memory is a topic, held against no paper"):
        verify("memory", against="nag")


def test_a_wrong_default_is_caught():
    def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.99, eps=1e-8):
        return theta, m, v

    wrong = [c.sentence for c in defaults(adam, statement("adam")) if not c.ok]
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
    kept, broken = claim("a", "x is x.", (x, x)), claim("b", "x is 1.", (x, 1))
    assert Report("test", (kept,)).ok and not Report("test", (kept, broken)).ok
    assert isinstance(broken, Claim) and broken.as_dict()["ok"] is False
