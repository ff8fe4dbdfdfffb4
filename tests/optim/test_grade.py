"""grade: no right homework is rejected, no wrong one accepted, and the mistake is named.

Here a sample; all of graded_homework.py is tried by tests/full/grade_all.py.
"""
import numpy as np
import pytest

import optim
from optim import rules
from optim.formulas import formula
from optim.grading import grade, rule_grades, slipped_rules
from optim.grading.submissions import Submission, without_rounding
from optim.mutants.patterns import parsed

from . import graded_homework as homework
from . import test_lift_homework as statements

SAMPLE = ("adam: |g| for g**2 + no bias correction", "momentum: no decay of the old value",
          "adagrad: averages where it should accumulate", "rmsprop: eps inside the root",
          "adadelta: wrong quantity squared", "adamax: g**2 for |g|", "adam: None",
          "adam: t from 0",
          "nadam: |g| for g**2", "adamw: coupled decay", "amsgrad: largest forgotten",
          "nag: no look ahead", "gradient_descent: no lr")
STYLES = "Params", "closure", "tuple_state"
RIGHT_STYLES = "Called", "Inherited"
WRONG = {f"{rule}: {name}": case for case in homework.MISTAKES
         for rule, *_, name in [case]}


def rule_of(name):
    """The rule that is asked: one of ours, or stated in test_lift_homework."""
    return rules.RULES.get(name) or getattr(statements, name)


def graded(tmp_path, program, rule, name=""):
    file = tmp_path/"homework.py"
    file.write_text(program, encoding="utf-8")
    return grade(f"{file}:{name}" if name else str(file), rule_of(rule))


def check_wrong(found, mistakes):
    """It is rejected with a run that shows it, and the mistakes have these names."""
    assert found.status == "REFUTED" and not found.right, found
    assert found.first is not None and found.first.step >= 1, found
    assert {s.mistake for s in found.mistakes} == (
        {*mistakes.split(" + ")} if mistakes else set()), found
    if mistakes:
        assert found.diagnosis_proof.status == "PROVED", found
    else:
        assert "not in the catalogue" in found.diagnosis, found


@pytest.mark.parametrize("case", SAMPLE)
def test_a_mistake_is_found_and_named(case, tmp_path):
    rule, old, new, mistakes = WRONG[case]
    check_wrong(graded(tmp_path, homework.changed(homework.PLAIN[rule], old, new), rule),
                mistakes)


@pytest.mark.parametrize("style", STYLES)
def test_a_mistake_is_found_in_any_style(style, tmp_path):
    _, rule, old, new, mistakes = next(x for x in homework.STYLE_MISTAKES if x[0] == style)
    check_wrong(graded(tmp_path, homework.style_file(style, old, new), rule, style),
                mistakes)


@pytest.mark.parametrize("style", RIGHT_STYLES)
def test_what_is_right_is_proved_in_any_style(style, tmp_path):
    rule = dict(homework.RIGHT_STYLES)[style]
    assert graded(tmp_path, homework.style_file(style), rule, style).right


@pytest.mark.parametrize("k", range(11, len(homework.RIGHT), 2))
def test_what_is_right_is_proved_in_other_words(k, tmp_path):
    rule, program = homework.RIGHT[k]
    found = graded(tmp_path, program, rule)
    assert found.right and found.status == "PROVED", found


def test_every_rule_and_every_style_has_a_mistake_and_there_are_enough():
    assert {rule for rule, *_ in homework.MISTAKES} == {*rules.FIRST}
    assert {s for s, *_ in homework.STYLE_MISTAKES} == {*statements.STYLES}
    assert len({str(x) for x in homework.MISTAKES + homework.STYLE_MISTAKES}) >= 100
    assert len(homework.RIGHT + homework.RIGHT_STYLES) >= 35


# ------------------------------------------------------------------------- what is said
def adam_of_squares(w, dw, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
    m = beta1*m + (1 - beta1)*dw
    v = beta2*v + (1 - beta2)*np.abs(dw)
    return w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


def test_the_quantity_is_blamed_where_the_mistake_is():
    found = optim.grade(adam_of_squares, against="adam")
    assert found.blamed == ["v"] and found.quantities["m"].status == "PROVED"
    assert found.first.step == 1 and found.first.gradients == (2,)     # 1 is its own square
    left, right = found.first.values["v"]
    assert right == pytest.approx(2*left)
    assert "np.abs(g) where g**2 belongs" in found.diagnosis
    assert found.notes == ("eps is 1e-07, asked was 1e-08",)
    assert "v      wrong\n" in str(found) and "WRONG (REFUTED)" in str(found)
    assert "what is wrong: |g| for g**2" in str(found)
    assert "the diagnosis is PROVED: adam with just this mistake" in str(found)
    assert found.as_dict()["mistakes"][0]["mistake"] == "|g| for g**2"


def test_another_default_is_said_and_is_no_mistake():
    def rmsprop(w, g, v, lr=0.01, rho=0.9, eps=1e-8):
        v = rho*v + (1 - rho)*g**2
        return w - lr*g/(np.sqrt(v) + eps), v
    found = grade(rmsprop, "rmsprop")
    assert found.right and found.notes == ("lr is 0.01, asked was 0.001",)


def test_a_number_in_the_place_of_a_hyperparameter_is_read_as_that(tmp_path):
    text = homework.PLAIN["momentum"].replace(", mu=0.9", "").replace("mu*", "0.8*")
    found = graded(tmp_path, text, "momentum")
    assert found.right and found.notes == ("mu is 0.8, asked was 0.9",)


RATE = 0.5


def twice(x):
    return 2*x


def test_a_function_that_was_typed_is_sent_with_what_it_uses():
    half = 1/2

    def sgd(w, dw):
        return w - twice(half)*RATE*dw
    found = grade(sgd, "gradient_descent")
    assert found.right and found.notes == (
        "lr is 0.5, asked was 0.1", "half, which the rule does not have, is taken as 0.5")


def test_what_cannot_be_sent_or_is_no_homework_is_refused():
    generator = np.random.default_rng()

    def noisy(w, dw, lr=0.1):
        return w - lr*dw*generator.normal()
    with pytest.raises(ValueError, match="generator.*cannot be sent"):
        grade(noisy, "gradient_descent")
    with pytest.raises(TypeError, match="needed a function"):
        grade(3, "adam")
    with pytest.raises(ValueError, match="is called 'adm'; did you mean adam"):
        grade(twice, "adm")
    with pytest.raises(ValueError, match="no Python file"):
        grade("nowhere.py:adam", "adam")


# ---------------------------------------------------------------------------- catalogue
def test_every_mistake_of_the_catalogue_fits_some_rule():
    found = {s.mistake for rule in rules.RULES.values() for x in slipped_rules.singles(rule)
             for s in x.slips}
    assert found == {*slipped_rules.BLOCKS}


def test_a_slip_is_not_the_rule_itself_and_two_go_together():
    for one in slipped_rules.singles(rules.adam):
        assert slipped_rules.stripped("".join(one.sources)) != slipped_rules.stripped(
            "".join(slipped_rules.right_sources(rules.adam)))
    sign, inside = (next(x for x in slipped_rules.singles(rules.adam)
                         if x.slips[0].wrong.startswith(wrong))
                    for wrong in ("theta + lr*m_hat", "np.sqrt(v_hat + eps)"))
    both = slipped_rules.double(sign, inside, rules.adam)
    assert "theta + lr * m_hat / np.sqrt(v_hat + eps)" in slipped_rules.stripped(
        "".join(both.sources))
    assert slipped_rules.double(sign, sign, rules.adam) is None


def test_a_float_that_was_reckoned_is_the_decimal_that_it_stands_for():
    assert without_rounding("0.09999999999999998*x") == "0.1 * x\n"
    for text in ("0.1", "0.3333333333333333", "1e-08", "0.1234567890123456"):
        assert parsed(without_rounding(f"x = {text}")[4:]).value == float(text)


def fifth(theta, g, *, t, lr=0.1):
    return theta - lr*g**5


def test_a_diagnosis_that_is_not_proved_is_none(monkeypatch):
    """A screen that lets everything through must not make a diagnosis."""
    from optim.grading import diagnosing
    monkeypatch.setattr(diagnosing, "same", lambda a, b: True)
    handed_in = Submission("fifth", formula(fifth))
    found = rule_grades.graded(handed_in, rules.gradient_descent)
    assert found.status == "REFUTED" and not found.mistakes
