"""An exercise answers for itself: right, wrong and at which numbers, or what went wrong."""
import re

import numpy as np
import pytest
import sympy as sp

from optim.domains import declare
from optim.grading import Question

X, H = declare("x", "real"), declare("h", "> 0")
SQUARE = Question([X], 2*X, slips={"the square itself": lambda x: x**2})


def test_a_right_answer_is_proved_in_any_form():
    def doubled(x):
        return x + x

    def as_decimal(x):
        return 0.2*x*10

    def as_root(x):
        return 2*np.sqrt(x**2)*np.sign(x)
    for answer in (doubled, as_decimal, as_root):
        assert SQUARE(answer).status == "PROVED" and SQUARE(answer).right


def test_a_wrong_answer_has_a_witness_both_values_and_the_slip_that_it_is_proved_to_be():
    def squared(x):
        return x*x + x - x
    grade = SQUARE(squared)
    part, = grade.quantities.values()
    at = part.witness[X]
    assert grade.status == "REFUTED" and grade.diagnosis == "the square itself"
    assert f"at x = {at} it is {at**2} and should be {2*at}" in str(grade)

    def nearly(x):
        return x**2 + 1
    assert SQUARE(nearly).status == "REFUTED" and SQUARE(nearly).diagnosis == ""


def test_claims_are_judged_one_by_one_and_inequalities_too():
    question = Question([H], lambda r: {"its square": (r**2, H, "=="), "it": (r, 0, ">")})

    def root(h):
        return np.sqrt(h)

    def other_root(h):
        return -np.sqrt(h)
    assert question(root).status == "PROVED"
    assert [p.status for p in question(other_root).quantities.values()] == [
        "PROVED", "REFUTED"]
    assert "should be > 0" in str(question(other_root))


def test_what_is_true_and_not_decided_is_not_called_right():
    question = Question([X], lambda y: {"it": (y, 2 + X**2, ">=")})

    def two_exponentials(x):
        return np.exp(x) + np.exp(-x)
    grade = question(two_exponentials)
    assert grade.status == "UNDECIDED" and not grade.right


def no_name(x):
    return 2*xx                                                     # noqa: F821


def not_numpy(x):
    return sp.sqrt(x)


def nothing(x):
    2*x


def two(x):
    return x, x


@pytest.mark.parametrize("answer, words", [
    (no_name, r"line \d+: NameError: name 'xx'"), (not_numpy, "write np.sqrt"),
    (nothing, "returns nothing"), (two, "returns 2 values, not 1"),
    (lambda: 1, "positional argument"), (9, "9 came; needed a function")])
def test_an_answer_that_does_not_run_hears_of_it_in_one_line(answer, words):
    grade = SQUARE(answer)
    assert grade.status == "NOT GRADED" and not grade.right
    assert len(grade.lines()) == 1
    assert re.search(words, str(grade)), grade


def test_a_rule_that_does_not_run_hears_of_it_in_one_line_too():
    def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        return theta - lr*m_hat, m, v                               # noqa: F821

    def branching(theta, g, *, t, lr=0.1):
        return theta - lr*g if g > 0 else theta + lr*g
    for rule, words in ((adam, "name 'm_hat'"), (branching, "np.where")):
        grade = Question("adam")(rule)
        assert grade.status == "NOT GRADED" and len(grade.lines()) == 1
        assert words in str(grade)
