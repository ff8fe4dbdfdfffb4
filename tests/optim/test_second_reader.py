"""A second reader of certificates, written from the page of their format alone.

It shares no line with optim/checker.py, and its writer had not seen that. Both must say the
same of every certificate, of true ones and of corrupted ones.
"""
import copy
import json
import random
from pathlib import Path

import pytest

from optim import checker

from . import corrupted_certificates as corrupted
from . import second_reader as second

SAMPLE = json.loads((Path(__file__).parent/"data"/"certificates.json").read_text())


def test_it_knows_nothing_of_the_project():
    lines = Path(second.__file__).read_text().splitlines()
    assert not [line for line in lines if "import" in line and "optim" in line]


def test_both_readers_accept_the_sample():
    for each in SAMPLE:
        assert checker.judged(each) is None and second.judged(each) is None


def test_both_readers_say_the_same_of_corrupted_certificates():
    seen = {True: 0, False: 0}
    for goal in changed():
        accepted = checker.judged(goal) is None
        assert (second.judged(goal) is None) == accepted, goal
        seen[accepted] += 1
    assert min(seen.values()) >= 30


def changed():
    """Certificates of the sample with one thing in them changed, true or false by now."""
    rng, kinds = random.Random(0), corrupted.OF_A_CLAIM + corrupted.IN_A_PROOF
    for goal in SAMPLE*2:
        goal = copy.deepcopy(goal)
        try:
            rng.choice(kinds)(goal, rng)
        except (IndexError, ValueError, KeyError):   # there is nothing of the kind in it
            continue
        yield goal


@pytest.mark.parametrize("data", [{}, {"version": 1}, {"version": 2, "claims": 3}])
def test_what_is_no_file_of_claims_is_refused(data):
    try:
        found = second.judged_file(data)
    except (ValueError, LookupError, TypeError, AttributeError):
        return
    assert not found["accepted"]
