"""The prover tells each dialect's rule from a sample of its mutants; all: tests/full.

Rules that are made by a function of rules (optax's piled-up RMSprops) have no source of
their own.
"""
from fractions import Fraction

import pytest

from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.formulas.rule_formulas import formula
from optim.mutants import judged, mutants, score
from optim.mutants.plain_numbers import number, on_plain_numbers
from optim.rules import RULES as OURS

RULES = {f"{module.__name__.rsplit('.')[-1]} {name}": rule
         for module in (pytorch_rules, keras_rules, optax_rules, survey)
         for name, rule in module.RULES.items()
         if rule not in OURS.values() and rule.__code__.co_name == name}
EVERY = 422                             # mutant of a rule is judged here, the first one too


@pytest.mark.parametrize("name", RULES)
def test_the_mutants_of_the_sample_are_decided_and_confirmed(name):
    result = score(RULES[name], every=EVERY)
    assert result.found and result.ok, "\n".join(map(str, result.failures))


def mutant(rule, words):
    """The mutant whose description holds these words."""
    return next(m for m in mutants(rule) if words in str(m))


@pytest.mark.parametrize("rule, words", [
    (optax_rules.rmsprop_centered_corrected, "became (variance + eps_root)/np.sqrt("),
    (optax_rules.rmsprop_corrected, "became (v_hat + eps_root - eps**2)/(np.sqrt("),
    (pytorch_rules.adam, "became (v_hat - eps**2)/(np.sqrt(v_hat) - eps)")])
def test_what_has_no_value_where_an_equation_holds_is_refuted_at_numbers_of_floats(
        rule, words):
    found = judged(mutant(rule, words), formula(rule))
    assert found.verdict.status == "REFUTED" and found.confirmed
    assert all(Fraction(float(x)) == Fraction(str(x))
               for x in found.verdict.witness.values())


def test_a_witness_is_found_where_a_sum_of_squares_is_0():
    planted = mutant(pytorch_rules.radam, "np.sqrt(v) became v/np.sqrt(v)")
    found = judged(planted, formula(pytorch_rules.radam))
    assert found.verdict.status == "REFUTED" and found.confirmed


@pytest.mark.parametrize("words", [
    "initial + 0*theta became 0*theta (", "0*theta became 0/theta", "0 became 1 ("])
def test_a_slip_in_where_a_state_starts_is_confirmed_at_its_witness(words):
    found = judged(mutant(pytorch_rules.adagrad, words), formula(pytorch_rules.adagrad))
    assert found.verdict.status == "REFUTED" and found.separated


def test_a_start_is_mutated_in_the_letters_that_it_takes():
    for rule in pytorch_rules.adagrad, pytorch_rules.asgd:
        assert all(formula(m.rule()) for m in mutants(rule) if "line 1:" in str(m))


def test_what_divides_0_by_0_wherever_it_is_run_is_no_mutant():
    rule = pytorch_rules.rmsprop_centered_momentum          # calls another at theta = 0
    assert mutant(rule, "line 7: g + weight_decay*theta became g - weight_decay*theta")
    assert not [m for m in mutants(rule)
                if "in rmsprop_centered, line 7: weight_decay*theta became weight_decay/"
                in str(m)]


def test_what_cancels_but_for_rounding_is_0_to_plain_numbers():
    def plain(source):
        return on_plain_numbers(f"def f(x):\n    y = np.sqrt(x)/3\n    return {source}\n")

    for zero in ("y*y - x/9", "x/9 - y**2", "(y - 1)**2 - (y*y - 2*y + 1)"):
        assert plain(zero)(number("2")).value == 0
        assert plain(f"np.sqrt({zero})")(number("2")).value == 0
    assert plain("x/9 - y**2 - 0.1**45")(number("2")).value < 0


def test_a_rule_is_mutated_in_the_rules_that_it_calls_wherever_they_stand():
    texts = [str(m) for m in mutants(keras_rules.adadelta)]
    assert any("in adadelta, line" in text for text in texts)
    source = mutants(keras_rules.adadelta)[0].original
    assert [line for line in source.splitlines() if line.startswith("def ")] == [
        line for line in source.splitlines() if line.startswith((
            "def rules_adadelta(", "def pytorch_rules_adadelta(", "def adadelta("))]


@pytest.mark.parametrize("rule", [
    optax_rules.schedule_free_sgd_warmup, optax_rules.schedule_free_adamw_warmup])
def test_what_numpy_makes_0_of_among_the_letters_is_no_value(rule):
    """lr/(1/0) at t = 1 is 0 to NumPy, whose warmup is a number and no array."""
    found = judged(mutant(rule, "became lr/(1/np.minimum((t - 1)/warmup, 1))"),
                   formula(rule))
    assert found.verdict.status == "REFUTED" and found.confirmed
    assert {str(s): x for s, x in found.verdict.witness.items()}["t"] == 1
