"""Every mutant of every rule, of which tests/optim/test_mutants.py takes a sample.

    minigrad verify --mutants                      the same as a table, a minute or two
    python -m pytest tests/full/test_every_mutant.py
"""
import pytest

from optim.mutants import score
from optim.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_every_mutant_is_refuted_or_proved_equal_and_confirmed(name):
    result = score(name)
    assert result.ok, "\n".join(map(str, result.failures))
    assert result.matrix[True]["REFUTED"] and result.matrix[False]["PROVED"]
    assert not any(one.verdict.except_on for one in result.found)
