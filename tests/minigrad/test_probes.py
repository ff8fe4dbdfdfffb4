"""Probes at which autodiff engines differ: here each is right, or refused with a reason.

Every row asks for the value of the convex or Clarke subdifferential where there is a kink,
and for the one right value, or an exception, everywhere else.
"""
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn


def test_slopes_at_kinks_lie_in_the_subdifferential():
    assert 0 <= mg.grad(lambda x: nn.ReLU()(x))(0.0) <= 1
    assert 0 <= mg.grad(lambda x: np.maximum(0, x))(0.0) <= 1
    assert -1 <= mg.grad(np.abs)(0.0) <= 1
    assert mg.grad(lambda x: np.maximum(x, x))(1.0) == 1         # smooth: one value only
    at_ties = mg.grad(np.max)(np.array([1., 3., 3.]))
    assert at_ties[0] == 0 and at_ties.sum() == 1 and (at_ties >= 0).all()
    assert np.linalg.norm(mg.grad(np.linalg.norm)(np.zeros(3))) <= 1


def test_the_slope_of_the_root_at_0_is_infinite_for_a_float_and_for_an_array():
    with np.errstate(divide="ignore"):
        assert mg.grad(np.sqrt)(0.0) == math.inf
        assert mg.grad(lambda x: np.sum(np.sqrt(x)))(np.zeros(1))[0] == math.inf


def test_a_branch_that_where_did_not_choose_adds_nothing():
    with np.errstate(divide="ignore"):
        assert mg.grad(lambda x: np.where(x > 0, np.log(x), 0))(0.0) == 0


def test_integers_are_refused():
    with pytest.raises(TypeError, match="3.0 for 3"):
        mg.grad(lambda x: x*x)(3)


def test_a_deep_chain_differentiates():
    def deep(x):
        for _ in range(20_000):
            x = x*1.0
        return x
    assert mg.grad(deep)(2.0) == 1


def test_a_reused_node_is_counted_once_for_each_use_and_never_again():
    a = mg.tensor(2.0, requires_grad=True)
    b = a + a
    c = b*b*(b + 5.0)                           # 4a^2(2a + 5): slope 24a^2 + 40a = 176
    c.backward()
    assert a.grad == 176
    with pytest.raises(RuntimeError, match="used up"):
        c.backward()
    assert a.grad == 176


def test_a_value_changed_after_its_use_never_gives_a_wrong_gradient():
    x = mg.tensor(3.0, requires_grad=True)
    y = x*x
    x.data = np.array(100.0)
    with pytest.raises(RuntimeError, match="after it was used"):
        y.backward()
    shared, x = np.array([3., 4.]), mg.tensor([1., 1.], requires_grad=True)
    y = np.sum(x*shared)
    shared[:] = 100
    y.backward()
    assert x.grad.tolist() == [3, 4]
    x = mg.tensor([1., 2., 3.], requires_grad=True)
    y = x*x
    with pytest.raises(RuntimeError, match="np.where"):
        x[0] = 100
    y.sum().backward()
    assert x.grad.tolist() == [2, 4, 6]


def test_a_number_times_an_array_keeps_shape_and_gradient():
    s = mg.tensor(2.0, requires_grad=True)
    np.sum(s*np.array([1., 2.])).backward()
    assert s.grad.shape == () and s.grad == 3


def test_an_input_of_the_wrong_length_is_refused():
    layer = nn.Linear(3, 1, rng=0)
    with pytest.raises(ValueError, match=r"\(n, 3\)"):
        layer(np.ones((4, 2), np.float32))


def test_a_column_against_a_row_is_refused_by_the_loss():
    with pytest.raises(ValueError, match="differ"):
        nn.mse_loss(mg.tensor(np.ones((3, 1))), np.ones(3))


def test_the_gradient_check_accepts_a_right_float32_gradient():
    mg.check_grads(lambda x: x**3, (np.float32(1.0),))


def test_stable_functions_stay_finite_where_their_textbook_forms_do_not():
    assert mg.grad(np.tanh)(1000.0) == 0
    labels = np.array([0])
    for size in (1e4, -1e4):
        logits = mg.tensor([[size, -size, 0.]], requires_grad=True)
        loss = nn.cross_entropy(logits, labels)
        loss.backward()
        assert np.isfinite(loss.item()) and np.isfinite(logits.grad).all()


def test_zero_to_a_power_has_its_slope():
    assert mg.grad(lambda x: x**2)(0.0) == 0 and mg.grad(lambda x: x**1)(0.0) == 1
    assert mg.grad(lambda x: x**0)(0.0) == 0 and mg.grad(lambda x: x**2.5)(0.0) == 0
