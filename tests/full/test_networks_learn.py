"""Medians of five seeds: what networks of each kind reach, in longer trainings.

    python -m pytest tests/full/test_networks_learn.py
"""
import numpy as np
import pytest

from optim.training import train

from ..optim.learning import adder, reverser

SEEDS = range(5)


@pytest.mark.parametrize("model, options, least", [
    ("mlp:64-32-10", {}, 0.96), ("conv", {}, 0.98), ("conv", {"lr": 0.003}, 0.98),
    ("gru", {"lr": 0.005}, 0.98)])
def test_the_median_accuracy_on_digits(model, options, least):
    found = [train("digits", "adam", model, seed=seed, **options).accuracy
             for seed in SEEDS]
    assert np.median(found) >= least, found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gru_adds_numbers_of_16_bits_exactly(seed):
    assert adder(seed) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gru_that_learned_from_8_bits_adds_numbers_of_16(seed):
    assert adder(seed, bits=8) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_two_layers_of_attention_reverse_long_words(seed):
    assert reverser(seed, steps=1000, length=16) >= 0.99
