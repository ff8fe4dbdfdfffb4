"""What is wrong in a subtle way is not accepted, what is right in an odd one not rejected.

Here a sample; all is tried by tests/full/grade_all.py.
"""
import re
from pathlib import Path

import pytest

from optim.grading import grade

from . import attacking_backward, attacking_rules

RULES = [*attacking_rules.ATTACKS]
BACKWARD = {f.__name__: (exercise, *expected)
            for exercise, each in attacking_backward.EXPECTED.items()
            for f, expected in each.items()}


def check_rule_attack(what, folder):
    """A homework of attacking_rules has its status, and says what it should."""
    _, status, words = attacking_rules.ATTACKS[what]
    (folder/"homework.py").write_text(attacking_rules.program(what))
    name = "Adam" if attacking_rules.ATTACKS[what][0] is attacking_rules.CLASS else "adam"
    found = grade(f"{folder/'homework.py'}:{name}", "adam")
    assert found.status == status or not status and not found.right, found
    assert re.search(words, str(found)), found


def check_backward_attack(name, folder):
    """Likewise of attacking_backward; the file is alone in a folder."""
    exercise, status, words = BACKWARD[name]
    text = Path(attacking_backward.__file__).read_text("utf-8")
    (folder/"homework.py").write_text(text)
    found = grade(f"{folder/'homework.py'}:{name}", exercise)
    assert found.status == status and words in str(found), found


@pytest.mark.parametrize("what", RULES[3::3])
def test_a_rule(what, tmp_path):
    check_rule_attack(what, tmp_path)


@pytest.mark.parametrize("name", [*BACKWARD][1::3])
def test_a_backward_pass(name, tmp_path):
    check_backward_attack(name, tmp_path)


def test_there_are_enough():
    assert len(RULES) >= 20 and len(BACKWARD) >= 25
