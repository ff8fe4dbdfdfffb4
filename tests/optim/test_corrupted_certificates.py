"""The checker rejects every corrupted certificate that a point shows to be false."""
import os

import pytest

from optim import checker

from . import corrupted_certificates as corrupted

# All of them, over 5,000, in 30 seconds:
# MINIGRAD_EVERY=1 python -m pytest tests/optim/test_corrupted_certificates.py
ROUNDS = 4 if os.environ.get("MINIGRAD_EVERY") == "1" else 1
KINDS = {kind.__name__ for kind in (
    *corrupted.IN_A_PROOF, *corrupted.OF_A_CLAIM, *corrupted.OF_A_REFUTATION,
    *corrupted.OF_AN_INDUCTION, corrupted.verdict_changed)}


@pytest.fixture(scope="module")
def sample():
    return corrupted.sample()


def test_the_sample_is_accepted_and_true_at_its_points(sample):
    assert len(sample) >= 150
    for each in sample:
        assert checker.judged(each.goal) is None
        if each.goal["status"] == "PROVED":
            assert not any(corrupted.truth.relation_fails(each.goal, point)
                           for point in each.points)
            assert not any(corrupted.truth.false_at(each.goal, point)
                           for point in each.points)


def test_no_certificate_that_is_false_by_now_is_accepted(sample):
    counts, accepted = corrupted.tally(checker.judged, ROUNDS, sample)
    assert accepted == []
    assert set(counts) == KINDS and min(counts.values()) >= ROUNDS
    assert sum(counts.values()) >= 1_250*ROUNDS


@pytest.mark.parametrize("patch", ["agrees", "by_identity"])
def test_a_checker_that_believes_is_caught(sample, patch, monkeypatch):
    if patch == "agrees":
        monkeypatch.setattr(checker, "agrees", lambda *_: None)
    else:
        monkeypatch.setattr(checker, "by_identity", lambda *_: checker.POSITIVE)
    assert corrupted.tally(checker.judged, 1, sample[:30] + sample[-10:])[1]
