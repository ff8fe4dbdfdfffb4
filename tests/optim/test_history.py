"""minimize and what its History holds."""
import copy
import pickle

import numpy as np
import pytest

import minigrad as mg
import optim
from optim import rules
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.history import History, minimize

from ..cases import each


def bowl(x):
    return np.sum(np.array([0.1, 2.0])*x**2)


def test_descent_on_a_parabola_halves_the_point_each_step():
    path = minimize(lambda x: x**2, 1.0, rules.gradient_descent, steps=3, lr=0.25)
    assert path.theta.tolist() == [1, 0.5, 0.25, 0.125]
    assert path.value.tolist() == [1, 0.25, 0.0625, 0.015625]
    assert path.grad.tolist() == [2, 1, 0.5, 0.25]
    assert path.t.tolist() == [0, 1, 2, 3]


@each("name", rules.RULES)
@each("start", [3.0, [1.0, -2.0], [[1.0], [2.0]]])
def test_every_array_has_one_entry_for_the_start_and_one_a_step(name, start):
    path = minimize(lambda x: np.sum(x*x), start, name, steps=7)
    assert len(path) == 8
    assert {len(column) for column in path.columns.values()} == {8}
    assert path.theta.shape == path.grad.shape == (8, *np.shape(start))
    assert path.value.shape == path.t.shape == (8,)


@each("name", rules.RULES)
def test_each_entry_follows_from_the_one_before_by_the_rule(name):
    path = minimize(bowl, [1.0, -2.0], name, steps=5)
    names = list(path.columns)[3:]
    for t in range(1, 6):
        before = [path.columns[n][t - 1] for n in names]
        after = rules.RULES[name](path.theta[t - 1], path.grad[t - 1], *before, t=t)
        new, *states = after if isinstance(after, tuple) else (after,)
        np.testing.assert_array_equal(path.theta[t], new)
        for n, state in zip(names, states):
            np.testing.assert_array_equal(path.columns[n][t], state)


@each("name", rules.RULES)
def test_minimize_and_the_optimizer_take_the_same_steps(name):
    x = mg.tensor([1.0, -2.0], requires_grad=True)
    opt = OPTIMIZERS[name]([x])
    for _ in range(5):
        opt.zero_grad()
        bowl(x).backward()
        opt.step()
    path = minimize(bowl, [1.0, -2.0], name, steps=5)
    np.testing.assert_array_equal(x.numpy(), path.theta[-1])


def test_states_have_their_own_names_and_start_where_the_rule_says():
    path = minimize(bowl, [1.0, -2.0], "nadam", steps=4)
    assert path.m.shape == path.v.shape == (5, 2)
    assert not path.m[0].any() and not path.v[0].any()
    assert path.mu_product[0] == 1 and path.mu_product.shape == (5,)


def test_a_state_may_start_at_the_point():
    def averaging(theta, g, mean=lambda theta: theta, *, t, lr=0.1):
        new = theta - lr*g
        return new, mean + (new - mean)/(t + 1)

    path = minimize(bowl, [1.0, -2.0], averaging, steps=6)
    np.testing.assert_allclose(path.mean[-1], path.theta.mean(axis=0), rtol=1e-14)


def test_hyperparameters_left_out_are_the_rules_own():
    path = minimize(bowl, [1.0, 1.0], rules.adam, steps=1)
    assert path.hyperparameters == {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    np.testing.assert_array_equal(
        path.theta, minimize(bowl, [1.0, 1.0], "adam", steps=1, betas=(0.9, 0.999)).theta)


def test_no_steps_give_the_start_alone():
    path = minimize(bowl, [1.0, 2.0], "adam", steps=0)
    assert len(path) == 1 and path.theta.tolist() == [[1, 2]]


@each("dtype", [np.float16, np.float32, np.float64])
@each("name", rules.RULES)
def test_the_dtype_of_the_start_is_kept(name, dtype):
    path = minimize(lambda x: np.sum(x*x), np.array([1, -2], dtype), name, steps=3)
    assert path.theta.dtype == path.grad.dtype == dtype
    assert {path.columns[s].dtype for s in path.columns if s in ("m", "v")} <= {
        np.dtype(dtype)}


def test_integers_become_floats_and_the_start_is_not_written():
    start = np.array([1, 2])
    assert minimize(bowl, start, "adam", steps=2).theta.dtype == np.float64
    assert start.tolist() == [1, 2]
    tensor = mg.tensor([1.0, 2.0], requires_grad=True)
    minimize(bowl, tensor, "adam", steps=2)
    assert tensor.numpy().tolist() == [1, 2] and tensor.grad is None


def test_divergence_stops_at_the_step_where_it_is_seen():
    with np.errstate(over="ignore"), pytest.raises(
            FloatingPointError, match="after step 1 of 9, value is not finite"):
        minimize(lambda x: x**2, 1.0, "gradient_descent", steps=9, lr=1e200)


def test_a_gradient_that_is_infinite_at_the_start_is_told():
    with np.errstate(divide="ignore"), pytest.raises(
            FloatingPointError, match="after step 0 of 9, grad is not finite"):
        minimize(lambda x: np.sqrt(x), 0.0, "gradient_descent", steps=9)


def test_check_finite_false_goes_on():
    with np.errstate(all="ignore"):
        path = minimize(lambda x: x**2, 1.0, "gradient_descent", steps=3, lr=1e200,
                        check_finite=False)
    assert len(path) == 4 and not np.isfinite(path.value[-1])


@pytest.mark.parametrize("arguments, error, message", [
    ({"rule": "adam", "rho": 0.9}, TypeError, "adam does not take 'rho'.*lr, beta1, beta2"),
    ({"rule": "adma"}, ValueError, "no rule is called 'adma'; did you mean adam. there"),
    ({"rule": "adam", "lr": -1}, ValueError, "lr = -1.0.*must be >= 0"),
    ({"rule": "adam", "beta1": 1}, ValueError, r"beta1 = 1.0.*must be \[0, 1\)"),
    ({"rule": "adam", "lr": "much"}, TypeError, "lr came as 'much'; needs a number"),
    ({"rule": "adam", "steps": -1}, ValueError, "steps = -1; needs a whole number"),
    ({"rule": "adam", "steps": 1.5}, ValueError, "steps = 1.5; needs a whole number"),
    ({"rule": "adam", "x0": ["a"]}, TypeError, "x0 came with dtype <U1; needs real"),
    ({"rule": lambda theta, g: theta}, TypeError, "is not a rule; needs"),
])
def test_what_does_not_fit_is_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message):
        minimize(bowl, **{"x0": [1.0, 2.0]} | arguments)


def test_a_rule_that_promotes_is_refused():
    def promoting(theta, g, *, t, lr=0.1):
        return theta - np.float64(lr)*g

    with pytest.raises(TypeError, match="theta came back as float64.*needs float32"):
        minimize(lambda x: np.sum(x*x), np.ones(2, np.float32), promoting, steps=1)


def test_a_rule_that_writes_is_refused():
    def writing(theta, g, *, t, lr=0.1):
        theta -= lr*g
        return theta

    with pytest.raises(ValueError, match="read-only"):
        minimize(bowl, [1.0, 2.0], writing, steps=1)


def test_a_state_cannot_hide_a_column_of_the_history():
    def hiding(theta, g, grad, *, t, lr=0.1):
        return theta - lr*g, g

    with pytest.raises(ValueError, match="hiding has a state called grad.*rename"):
        minimize(bowl, [1.0, 2.0], hiding)


def test_an_unknown_name_of_a_history_lists_those_it_has():
    path = minimize(bowl, [1.0, 2.0], "momentum", steps=1)
    with pytest.raises(AttributeError, match="has t, theta, value, grad, m, no 'v'"):
        path.v
    assert {"theta", "m"} <= set(dir(path))
    assert path["m"] is path.m and path["t"] is path.t
    with pytest.raises(KeyError, match="has t, theta, value, grad, m, no 'v'"):
        path["v"]


def test_histories_can_be_copied_and_pickled():
    path = minimize(bowl, [1.0, 2.0], "adam", steps=3)
    for other in (copy.deepcopy(path), pickle.loads(pickle.dumps(path))):
        assert isinstance(other, History)
        np.testing.assert_array_equal(other.v, path.v)


def test_a_history_shows_rule_settings_and_ends():
    path = minimize(bowl, [1.0, 2.0], "momentum", steps=10, lr=0.1)
    assert "10 steps of momentum(lr=0.1, mu=0.9): value 8.1 -> " in repr(path)
    assert path._repr_html_().count("<tr>") == 1 + 5


def test_minimize_is_public():
    assert optim.minimize is minimize and optim.History is History
