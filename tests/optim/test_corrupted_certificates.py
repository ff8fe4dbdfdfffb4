"""The checker rejects every corrupted certificate that a point shows to be false."""
from . import corrupted_certificates as corrupted
import pytest

from optim import checker

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


def test_of_5000_false_certificates_none_is_accepted(sample):
    counts, accepted = corrupted.tally(checker.judged, 4, sample)
    assert accepted == []
    assert set(counts) == KINDS and min(counts.values()) >= 5
    assert sum(counts.values()) >= 5_000


@pytest.mark.parametrize("patch", ["vanishes", "by_identity"])
def test_a_checker_that_believes_is_caught(sample, patch, monkeypatch):
    if patch == "vanishes":
        monkeypatch.setattr(checker, "vanishes", lambda *_: True)
    else:
        monkeypatch.setattr(checker, "by_identity", lambda *_: checker.POSITIVE)
    assert corrupted.tally(checker.judged, 1, sample[:30] + sample[-10:])[1]
