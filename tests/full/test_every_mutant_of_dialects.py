"""Every mutant of every dialect's rule, of which tests/optim takes a sample.

    python -m pytest tests/full/test_every_mutant_of_dialects.py
"""
import pytest

from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.mutants import score
from optim.rules import RULES as OURS


@pytest.mark.parametrize("rule", [
    rule for module in (pytorch_rules, keras_rules, optax_rules, survey)
    for name, rule in module.RULES.items()
    if rule not in OURS.values() and rule.__code__.co_name == name],
    ids=lambda rule: f"{rule.__module__} {rule.__name__}")
def test_every_mutant_is_decided_and_confirmed(rule):
    result = score(rule)
    assert result.ok, "\n".join(map(str, result.failures))
