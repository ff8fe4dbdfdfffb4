"""The confusion matrix of grade, over all of tests/optim/graded_homework.py.

    python -m pytest --import-mode=importlib -n 2 tests/full/grade_all.py
"""
import os

import pytest

from tests.optim import graded_homework as homework
from tests.optim.hostile_homework import HOSTILE
from tests.optim.test_grade import check_wrong, graded
from tests.optim.test_grade_attacks import (
    BACKWARD, RULES, check_backward_attack, check_rule_attack)
from tests.optim.test_grade_folders import check_hostile

SECONDS = 5.0                           # of processor time for each


@pytest.fixture(autouse=True)
def in_time():
    """Each is graded in time, what its process needs included."""
    before = sum(os.times()[:4])
    yield
    used = sum(os.times()[:4]) - before
    assert used < SECONDS, f"{used:.1f} s"


@pytest.mark.parametrize("k", range(len(homework.MISTAKES)))
def test_a_mistake(k, tmp_path):
    rule, old, new, mistakes = homework.MISTAKES[k]
    check_wrong(graded(tmp_path, homework.changed(homework.PLAIN[rule], old, new), rule),
                mistakes)


@pytest.mark.parametrize("k", range(len(homework.STYLE_MISTAKES)))
def test_a_mistake_in_a_style(k, tmp_path):
    style, rule, old, new, mistakes = homework.STYLE_MISTAKES[k]
    check_wrong(graded(tmp_path, homework.style_file(style, old, new), rule, style),
                mistakes)


@pytest.mark.parametrize("k", range(len(homework.RIGHT)))
def test_right_in_other_words(k, tmp_path):
    rule, program = homework.RIGHT[k]
    assert graded(tmp_path, program, rule).right


@pytest.mark.parametrize("k", range(len(homework.RIGHT_STYLES)))
def test_right_in_a_style(k, tmp_path):
    style, rule = homework.RIGHT_STYLES[k]
    assert graded(tmp_path, homework.style_file(style), rule, style).right


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name, tmp_path):
    check_hostile(tmp_path, [name])


@pytest.mark.parametrize("what", RULES)
def test_an_attack_of_a_rule(what, tmp_path):
    check_rule_attack(what, tmp_path)


@pytest.mark.parametrize("name", BACKWARD)
def test_an_attack_of_a_backward_pass(name, tmp_path):
    check_backward_attack(name, tmp_path)
