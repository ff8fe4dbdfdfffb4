"""Every mutant of every rule, of which tests/optim/test_mutants.py takes a sample.

    minigrad verify --mutants                      the same as a table, a minute or two
    python -m pytest tests/full/test_every_mutant.py
"""
import random
from types import SimpleNamespace

import pytest

from optim.formulas.rule_formulas import formula
from optim.mutants import judged, mutants, score
from optim.proving import cases
from optim.rules import RULES


@pytest.mark.parametrize("name", RULES)
def test_every_mutant_is_refuted_or_proved_equal_and_confirmed(name):
    result = score(name)
    assert result.ok, "\n".join(map(str, result.failures))
    assert result.matrix[True]["REFUTED"] and result.matrix[False]["PROVED"]
    assert not any(one.verdict.except_on for one in result.found)


@pytest.mark.parametrize("seed", [3])
def test_a_witness_does_not_hang_on_the_luck_of_a_search(seed, monkeypatch):
    """Where an equation holds, floats are off most of its solutions. It takes 10 s of the
    processor, and on a loaded machine longer than a proof may take."""
    drawn = SimpleNamespace(Random=lambda _: random.Random(seed))
    monkeypatch.setattr(cases, "random", drawn)
    slip = next(each for each in mutants("radam")
                if "became (v_hat - eps**2)/(np.sqrt(v_hat) - eps)" in str(each))
    one = judged(slip, formula("radam"))
    assert one.verdict.status == "REFUTED" and one.confirmed
