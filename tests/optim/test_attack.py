"""A fixed sample of the random attack on the prover, and errors that it must catch."""
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest

from optim.domains import DOMAINS
from optim.proving import cases, decision
from optim.proving.verdicts import Verdict

from . import attack, truth

SECONDS = 2                    # for each proof: deep formulas may take minutes


@pytest.mark.parametrize("kind, seeds, least, most", [
    ("formulas", range(120), (45, 40), 4), ("inequalities", range(80), (10, 40), 6),
    ("deep formulas", range(15), (5, 3), 5), ("rules", range(40), (15, 12), 3)])
def test_no_verdict_on_a_random_pair_is_false(kind, seeds, least, most):
    told, (make, decide) = [], attack.KINDS[kind]
    decide = partial(decide, seconds=SECONDS)
    counts, false = attack.attack(make, decide, seeds, told.append)
    assert not false, "\n".join(told)
    seen = {status: sum(n for key, n in counts.items() if key[-1] == status)
            for status in attack.STATUSES}
    assert seen["PROVED"] >= least[0] and seen["REFUTED"] >= least[1], counts
    assert seen["UNDECIDED"] <= most, counts
    assert counts["differ", "slipped", "PROVED"] == 0


# ------------------------------------------------------------- errors that must be caught
def test_a_prover_that_says_proved_of_all_is_caught():
    _, false = attack.attack(attack.formulas, lambda pair: Verdict("PROVED"), range(30),
                             lambda words: None)
    assert len(false) > 8


def test_a_witness_at_which_nothing_differs_is_caught():
    def moved(pair):
        verdict = attack.verdict_on(pair)
        if verdict.status != "REFUTED":
            return verdict
        return replace(verdict, witness={s: x + 1 for s, x in verdict.witness.items()})
    _, false = attack.attack(attack.formulas, moved, range(60), lambda words: None)
    assert len(false) > 2


def test_a_prover_with_a_wrong_range_or_a_lost_need_is_caught(monkeypatch):
    def false_verdicts():
        monkeypatch.setattr(decision, "by_points", lambda *_: None)
        monkeypatch.setattr(cases, "by_search", lambda *_, **__: None)
        seeds = [*range(15), 170, 201, 218, 273]      # the last rest on a sign
        decide = partial(attack.verdict_on, seconds=0.5)
        return attack.attack(attack.formulas, decide, seeds, lambda words: None)[1]
    assert not false_verdicts()                       # proofs alone prove nothing false
    monkeypatch.setattr(cases, "DOMAINS", dict(cases.DOMAINS, real=DOMAINS[">= 0"]))
    assert false_verdicts()
    monkeypatch.undo()
    monkeypatch.setattr(cases, "holds_in", holds_by_value_alone)
    assert false_verdicts()


def holds_by_value_alone(goal, branch):
    """What holds_in() would be if no value on one side were a value like the other."""
    try:
        x, y = branch.value(goal.a), branch.value(goal.b)
    except cases.Undefined:
        return True
    return branch.equal(x, y)


# ------------------------------------------------------------- the truth is true
@pytest.mark.parametrize("source, value", [
    ("0.1 + 0.2", "3/10"), ("x/x", None), ("np.sqrt(x)", 0), ("np.sqrt(-v)", None),
    ("np.where(x == 0, 7, 1/x)", 7), ("np.where(1/x > 0, 1, 2)", None), ("x**0", 1),
    ("np.log(x)", None), ("np.cbrt(-8*v/4)", -2), ("(8*v/4)**(-2/3)", "1/4"),
    ("np.clip(3, -1, v)", 4), ("np.sqrt(9/4*v/4)", "3/2"), ("np.exp(x) + np.cos(x)", 2),
    ("np.sign(-v)*np.floor(5/2)", -2), ("np.tanh(x) + 0**2", 0), ("(-v)**(1/2)", None)])
def test_values_are_what_they_should_be(source, value):
    found, = truth.compiled(source.replace("np.clip(3, -1, v)", "np.clip(5, -1, v)"))(
        {"x": Fraction(0), "v": Fraction(4)})
    assert found.value == (None if value is None else Fraction(value))


def test_differences_are_seen_at_points_that_are_often_telling():
    differ = [("sqrt", ("mul", "v", "g")), ("mul", ("sqrt", "v"), ("sqrt", "g"))]
    point = attack.differing(attack.Pair(*differ, "by hand"))
    assert point["v"] == 0 and point["g"] < 0
    same = [("abs", "g"), ("max", "g", ("neg", "g"))]
    assert attack.differing(attack.Pair(*same, "by hand")) is None
    assert attack.differing(attack.Pair("v", ("abs", "v"), "by hand", "<")) is not None


def test_a_rule_is_run_from_its_source():
    pair = attack.rules(1)
    results = truth.compiled(pair.a)({name: Fraction(1, 2) for name in attack.DOMAIN})
    assert len(results) == 3 and results[1].value == Fraction(1, 2)
