"""A rule does to each entry what it does to one alone, in an array of any shape.

Each of these is gradient descent on the arrays that it is read on, and another rule on
arrays of some other shape.
"""
import numpy as np
import pytest

import optim
from optim.certificates import readings


def of_numbers(theta, g, *, t, lr=0.1):
    return theta - lr*g if g.ndim > 0 else theta + lr*g


def of_matrices(theta, g, *, t, lr=0.1):
    return theta - lr*g.T


def of_three_axes(theta, g, *, t, lr=0.1):
    return theta - lr*(np.swapaxes(g, 1, 2) if np.ndim(g) > 2 else g)


def of_first_axes(theta, g, *, t, lr=0.1):
    return theta - lr*(np.swapaxes(g, 0, 1) if np.ndim(g) > 2 else g)


def of_one_shape(theta, g, *, t, lr=0.1):
    return theta - lr*g if g.shape != (5, 7) else theta + lr*g


def of_a_remainder(theta, g, *, t, lr=0.1):
    return theta - lr*g if 3*g.size % 20 != 1 else theta + lr*g


def of_counted_ones(theta, g, *, t, lr=0.1):
    return theta - lr*g*np.where(np.sum(np.ones_like(g)) < 40.5, 1, -1)


def of_zeros(theta, g, *, t, lr=0.1):
    return theta - lr*g*(1 if np.zeros_like(g).shape[0] < 41 else -1)


def plain(theta, g, *, t, lr=0.1):
    return theta - lr*np.reshape(g + np.zeros_like(g), g.shape)


claims = {"of_matrices": ["gradient_descent"], "plain": ["of_matrices"]}
OTHERS = [of_numbers, of_matrices, of_three_axes, of_first_axes, of_one_shape,
          of_a_remainder, of_counted_ones, of_zeros]


@pytest.mark.parametrize("rule", OTHERS)
def test_a_rule_that_a_shape_changes_is_not_proved_equal(rule):
    verdict = optim.prove("gradient_descent", rule)
    assert verdict.status == "UNDECIDED" and "not elementwise" in str(verdict)


@pytest.mark.parametrize("rule", OTHERS)
def test_no_certificate_says_that_it_is_its_formula(rule):
    found = readings(rule)
    assert not found["claims"] and "not elementwise" in found["uncertified"][0]["why"]


@pytest.mark.parametrize("rule", [*OTHERS, plain])
def test_nothing_is_claimed_of_it_nor_by_a_target_that_is_such(rule):
    with pytest.raises(ValueError, match="not elementwise"):
        optim.verify(rule)


def test_nothing_is_derived_of_it():
    with pytest.raises(ValueError, match="not elementwise"):
        optim.derive(of_matrices)


def test_a_rule_may_ask_for_the_shape():
    assert optim.prove("gradient_descent", plain).status == "PROVED"
    assert [claim["id"] for claim in readings(plain)["claims"]] == ["plain"]
