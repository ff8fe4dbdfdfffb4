"""Differentiating through training: dJ_T by the learning rate, the betas and theta_0.

Closed forms and the complex step are exact to rounding: 1e-9 relative over a few steps.
"""
import inspect

import numpy as np
import pytest

import minigrad as mg
from optim.optimizers.signatures import anatomy
from optim.rules import FIRST, RULES

STEPS = 4


# The rest asks for the sign of a gradient, or starts somewhere else than at 0
SMOOTH_OR_FIRST = {name: rule for name, rule in RULES.items() if name in FIRST or name in (
    "qhm", "aggmo", "sgdw", "asgd", "qhadam", "adabelief", "adan", "rmsprop_graves")}


def start_of(rule, theta):
    """The states before the first step."""
    for parameter in list(inspect.signature(rule).parameters.values())[2:]:
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            yield np.zeros_like(theta) + (
                0 if parameter.default is parameter.empty else parameter.default)


def train(rule, slope, theta, hyperparameters, steps=STEPS):
    """theta after some steps, and its states; slope(theta) is the gradient."""
    states = list(start_of(rule, theta))
    for t in range(1, steps + 1):
        out = rule(theta, slope(theta), *states, t=t, **hyperparameters)
        theta, *states = out if isinstance(out, tuple) else (out,)
    return theta


def hyperparameters_of(rule):
    chosen = {"lr": 0.05, "mu": 0.8, "rho": 0.7, "beta1": 0.8, "beta2": 0.6, "eps": 1e-3,
              "psi": 0.5, "weight_decay": 0.02}
    return {n: float(chosen.get(n, default)) for n, default in anatomy(rule)[1].items()}


@pytest.mark.parametrize("rule", SMOOTH_OR_FIRST.values(), ids=SMOOTH_OR_FIRST)
def test_hypergradients_of_every_rule_agree_with_differences(rule):
    """J_T on a quadratic bowl, by every hyperparameter and by theta_0, to second order."""
    curvature = np.array([1.0, 3.0])
    hyperparameters = hyperparameters_of(rule)

    def final_loss(theta, *values):
        theta = train(rule, lambda x: curvature*x, theta,
                      dict(zip(hyperparameters, values)))
        return np.sum(curvature*theta**2)/2
    mg.check_grads(final_loss, (np.array([1.0, -0.7]), *hyperparameters.values()),
                   order=2, step=1e-3)


def test_gradient_descent_and_momentum_have_their_closed_forms():
    """On a x^2/2 a step is a matrix: (x, m) -> M (x, m), so J_T = a (M^T x_0)^2/2."""
    a, x0, lr, mu, steps = 3.0, 2.0, 0.1, 0.9, 6

    def by_matrix(x0, lr, mu):
        x, m = x0, 0.0
        for _ in range(steps):
            x, m = x - mu*m - lr*a*x, mu*m + lr*a*x
        return a*x**2/2

    def by_rule(x0, lr, mu):
        x = train(RULES["momentum"], lambda x: a*x, x0, {"lr": lr, "mu": mu}, steps)
        return np.sum(a*x**2/2)
    got = mg.grad(by_rule, (0, 1, 2))(x0, lr, mu)
    h = 1e-30
    exact = [by_matrix(x0 + h*1j, lr, mu).imag/h, by_matrix(x0, lr + h*1j, mu).imag/h,
             by_matrix(x0, lr, mu + h*1j).imag/h]
    np.testing.assert_allclose(got, exact, rtol=1e-9)


SMOOTH = [name for name in SMOOTH_OR_FIRST if name not in ("adamax", "amsgrad", "adan")]


@pytest.mark.parametrize("name", SMOOTH)
def test_hypergradients_through_a_network_agree_with_the_complex_step(name):
    """d loss/d lr after training a tanh network, its gradient taken by the engine."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    theta0, rule = rng.normal(size=8)*0.5, RULES[name]
    hyperparameters = hyperparameters_of(rule)

    def loss(theta):
        return np.sum((np.tanh(x @ theta[:6].reshape(3, 2)) @ theta[6:] - y)**2)

    def slope_by_hand(theta):
        w, u = theta[:6].reshape(3, 2), theta[6:]
        h = np.tanh(x @ w)
        e = 2*(h @ u - y)
        return np.concatenate([(x.T @ (e[:, None]*u*(1 - h**2))).ravel(), h.T @ e])

    name = next(iter(hyperparameters))                  # lr, or rho where there is no lr

    def traced(value):
        return loss(train(rule, mg.grad(loss), mg.tensor(theta0), hyperparameters | {
            name: value}))

    def complex_step(value):
        return loss(train(rule, slope_by_hand, theta0.astype(complex), hyperparameters | {
            name: value}))
    h = 1e-30
    exact = complex_step(hyperparameters[name] + h*1j).imag/h
    np.testing.assert_allclose(mg.grad(traced)(hyperparameters[name]), exact, rtol=1e-9)


@pytest.mark.parametrize("rule", SMOOTH_OR_FIRST.values(), ids=SMOOTH_OR_FIRST)
def test_a_dead_input_does_not_make_hypergradients_nan(rule):
    """A parameter whose gradient is always 0 has v = 0, where the root's slope is inf."""
    alive = np.array([1.0, 0.0])
    hyperparameters = hyperparameters_of(rule)

    def final_loss(*values):
        theta = train(rule, lambda x: alive*x, np.array([1.0, 0.5]),
                      dict(zip(hyperparameters, values)))
        return np.sum(alive*theta**2)
    every = tuple(range(len(hyperparameters)))
    gradients = mg.grad(final_loss, every)(*hyperparameters.values())
    assert np.isfinite(gradients).all() and any(gradients)


def test_the_checks_see_a_planted_error():
    def wrong(theta, g, m, *, t, lr, mu):
        m = mu*m + np.array(lr.numpy() if isinstance(lr, mg.Tensor) else lr)*g
        return theta - m, m
    with pytest.raises(AssertionError, match="argument 1"):
        mg.check_grads(lambda x, lr: np.sum(train(wrong, lambda x: x, x, {
            "lr": lr, "mu": 0.9})), (np.array([1.0, -0.7]), 0.1), order=1)
