"""The rules against trajectories known otherwise.

Three oracles of other forms: closed forms and the papers' own recurrences, in exact
rational arithmetic; constant gradients, whose steps are known; and recorded runs of torch
and optax. TOLERANCE allows for float64 rounding over twelve steps, nothing else.
"""
import functools
import inspect
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from optim import rules
from optim.optimizers.signatures import anatomy, start_of

from ..cases import each

TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}
GOLDEN = {library: json.loads((Path(__file__).parents[1] / "golden" / f"{library}.json")
                              .read_text()) for library in ("torch", "optax")}


def follow(rule, theta, slope, steps, **hyperparameters):
    """theta_1, theta_2, ... by a rule whose gradient at step t is slope(t, theta)."""
    starts, settings = anatomy(rule)
    states = [start_of(start, theta, settings | hyperparameters) if start else theta*0
              for start in starts.values()]
    path = []
    for t in range(1, steps + 1):
        after = rule(theta, slope(t, theta), *states, t=t, **hyperparameters)
        theta, *states = after if isinstance(after, tuple) else (after,)
        path.append(theta)
    return path


# --- exact rational arithmetic ----------------------------------------------------------

LR, MU, CURVATURE, START = Fraction(3, 10), Fraction(9, 10), Fraction(7, 5), Fraction(-2, 3)


def quadratic(t, theta):
    return CURVATURE*theta


def test_gradient_descent_on_a_quadratic_is_a_geometric_sequence():
    path = follow(rules.gradient_descent, START, quadratic, 12, lr=LR)
    assert path == [(1 - LR*CURVATURE)**t*START for t in range(1, 13)]


def heavy_ball(steps):
    """Polyak's form, without a velocity: x+ = x - lr*g + mu*(x - x-)."""
    path = [START, START]
    for _ in range(steps):
        path.append(path[-1] - LR*CURVATURE*path[-1] + MU*(path[-1] - path[-2]))
    return path[2:]


def test_momentum_is_polyaks_two_step_recurrence():
    assert follow(rules.momentum, START, quadratic, 12, lr=LR, mu=MU) == heavy_ball(12)


def look_ahead_points(steps):
    """Sutskever et al. (3)-(4), then the points x + mu*v at which their gradients stand."""
    x, v, points = START, Fraction(0), []
    for _ in range(steps):
        v = MU*v - LR*CURVATURE*(x + MU*v)
        x = x + v
        points.append(x + MU*v)
    return points


def test_nag_is_sutskevers_method_seen_from_its_look_ahead_point():
    assert follow(rules.nag, START, quadratic, 12, lr=LR, mu=MU) == look_ahead_points(12)


def test_the_exact_oracles_tell_momentum_from_nag():
    def path(rule):
        return follow(rule, START, quadratic, 12, lr=LR, mu=MU)

    assert path(rules.nag) != heavy_ball(12)
    assert path(rules.momentum) != look_ahead_points(12)


def test_adamax_divides_the_weighted_mean_by_the_largest_discounted_gradient():
    b1, b2 = Fraction(4, 5), Fraction(1, 2)
    g = [Fraction(x) for x in (3, -1, 2, 0, -5, 1, 1, 1)]
    theta, expected = START, []
    for t in range(1, len(g) + 1):
        mean = sum((1 - b1)*b1**(t - i)*g[i - 1] for i in range(1, t + 1))/(1 - b1**t)
        largest = max(b2**(t - i)*abs(g[i - 1]) for i in range(1, t + 1))
        theta -= LR*mean/largest
        expected.append(theta)
    assert expected == follow(rules.adamax, START, lambda t, theta: g[t - 1], len(g),
                              lr=LR, beta1=b1, beta2=b2, eps=Fraction(0))


def test_adagrad_on_the_gradients_3_4_12_divides_by_3_5_13():
    path = follow(rules.adagrad, 0.0, lambda t, theta: (3.0, 4.0, 12.0)[t - 1], 3,
                  lr=1.0, eps=0.0)
    exact = -np.cumsum([Fraction(3, 3), Fraction(4, 5), Fraction(12, 13)])
    np.testing.assert_allclose(path, exact.astype(float), **TOLERANCE)


# --- a constant gradient c: every moment is known ---------------------------------------

@pytest.mark.parametrize("c", [-1e-3, 7.0])
@pytest.mark.parametrize("rule, step", [
    (rules.rmsprop, lambda t: 0.01/np.sqrt(1 - 0.9**t)),
    (rules.adam, lambda t: 0.01),
    (rules.adamax, lambda t: 0.01),
    (rules.amsgrad, lambda t: 0.01*(1 - 0.9**t)/np.sqrt(1 - 0.999**t)),
], ids=lambda x: getattr(x, "__name__", "").replace("<lambda>", ""))
def test_steps_under_a_constant_gradient_do_not_depend_on_its_size(rule, step, c):
    path = follow(rule, 0.0, lambda t, theta: c, 30, lr=0.01, eps=0.0)
    steps = [step(t) for t in range(1, 31)]
    np.testing.assert_allclose(path, -np.sign(c)*np.cumsum(steps), **TOLERANCE)


def test_adamw_under_a_constant_gradient_has_a_geometric_sum():
    keep, lr = 1 - 0.02, 0.01
    path = follow(rules.adamw, 5.0, lambda t, theta: 3.0, 30, lr=lr, eps=0.0,
                  weight_decay=0.02)
    exact = [keep**t*5 - lr*(1 - keep**t)/(1 - keep) for t in range(1, 31)]
    np.testing.assert_allclose(path, exact, **TOLERANCE)


# --- recorded runs ----------------------------------------------------------------------

def product(h):
    return (h["lr"] if "lr" in h else h["learning_rate"])*h["weight_decay"]


TORCH_ADAM = {"lr": "lr", "beta1": lambda h: h["betas"][0],
              "beta2": lambda h: h["betas"][1], "eps": "eps"}
OPTAX_ADAM = {"lr": "learning_rate", "beta1": "b1", "beta2": "b2", "eps": "eps"}
# optax.nadam has Dozat's rule with constant momenta: psi = 0 halves mu, so mu = 2*b1.
OPTAX_NADAM = {"lr": "learning_rate", "mu": lambda h: 2*h["b1"], "psi": lambda h: 0,
               "beta2": "b2", "eps": "eps"}

# (library, case, our rule, where each of our hyperparameters stands in the record)
SAME = [
    ("torch", "sgd_default", rules.gradient_descent, {"lr": "lr"}),
    ("torch", "sgd_plain", rules.gradient_descent, {"lr": "lr"}),
    ("torch", "sgd_momentum", rules.momentum, {"lr": "lr", "mu": "momentum"}),
    ("torch", "sgd_nesterov", rules.nag, {"lr": "lr", "mu": "momentum"}),
    ("torch", "adagrad_default", rules.adagrad, {"lr": "lr", "eps": "eps"}),
    ("torch", "adagrad_bigeps", rules.adagrad, {"lr": "lr", "eps": "eps"}),
    ("torch", "adadelta_default", rules.adadelta, {"rho": "rho", "eps": "eps"}),
    ("torch", "rmsprop_default", rules.rmsprop, {"lr": "lr", "rho": "alpha", "eps": "eps"}),
    ("torch", "rmsprop_bigeps", rules.rmsprop, {"lr": "lr", "rho": "alpha", "eps": "eps"}),
    ("torch", "adam_default", rules.adam, TORCH_ADAM),
    ("torch", "adam_bigeps", rules.adam, TORCH_ADAM),
    ("torch", "adam_decoupled_flag", rules.adamw, TORCH_ADAM | {"weight_decay": product}),
    ("torch", "adamw_default", rules.adamw, TORCH_ADAM | {"weight_decay": product}),
    ("torch", "adamw_wd", rules.adamw, TORCH_ADAM | {"weight_decay": product}),
    ("optax", "sgd_plain", rules.gradient_descent, {"lr": "learning_rate"}),
    ("optax", "sgd_momentum", rules.momentum, {"lr": "learning_rate", "mu": "momentum"}),
    ("optax", "sgd_nesterov", rules.nag, {"lr": "learning_rate", "mu": "momentum"}),
    ("optax", "sgd_nesterov_07", rules.nag, {"lr": "learning_rate", "mu": "momentum"}),
    ("optax", "adadelta_default", rules.adadelta, {"rho": "rho", "eps": "eps"}),
    ("optax", "rmsprop_eps_outside", rules.rmsprop,
     {"lr": "learning_rate", "rho": "decay", "eps": "eps"}),
    ("optax", "adam_default", rules.adam, OPTAX_ADAM),
    ("optax", "adam_bigeps", rules.adam, OPTAX_ADAM),
    ("optax", "nadam_default", rules.nadam, OPTAX_NADAM),
    ("optax", "nadam_bigeps", rules.nadam, OPTAX_NADAM),
    ("optax", "adamw_default", rules.adamw, OPTAX_ADAM | {"weight_decay": product}),
    ("optax", "adamw_wd", rules.adamw, OPTAX_ADAM | {"weight_decay": product}),
    ("optax", "amsgrad_paper", rules.amsgrad, OPTAX_ADAM),
]
every_case = each(
    "library, case, rule, letters", SAME, ids=lambda x: getattr(x, "__name__", None)
    or (x if isinstance(x, str) else ""))


def compare(rule, library, case, letters):
    record = GOLDEN[library]
    run = next(run for run in record["cases"] if run["name"] == case)
    theirs = run["all_hyperparameters"]
    ours = {name: theirs[letter] if isinstance(letter, str) else letter(theirs)
            for name, letter in letters.items()}
    path = follow(rule, np.array(record["initial_params"]),
                  lambda t, theta: np.array(record["gradients"][t - 1]),
                  record["n_steps"], **ours)
    np.testing.assert_allclose(path, run["params_after_step"], **TOLERANCE)


@every_case
def test_rule_follows_the_recorded_run(library, case, rule, letters):
    compare(rule, library, case, letters)


@every_case
def test_a_step_too_long_by_a_millionth_is_caught(library, case, rule, letters):
    @functools.wraps(rule)
    def planted(theta, g, *states, **hyperparameters):
        after = rule(theta, g, *states, **hyperparameters)
        new, *rest = after if isinstance(after, tuple) else (after,)
        return theta + (new - theta)*(1 + 1e-6), *rest

    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(planted, library, case, letters)


def eps_inside_the_root(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1**t)/np.sqrt(v/(1 - beta2**t) + eps**2), m, v


def eps_before_the_correction(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps), m, v


def steps_counted_from_zero(theta, g, m, v, *, t, lr, beta1, beta2, eps):
    return rules.adam(theta, g, m, v, t=t + 1, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


@pytest.mark.parametrize("planted", [eps_inside_the_root, eps_before_the_correction,
                                     steps_counted_from_zero])
def test_an_adam_with_a_planted_error_is_caught(planted):
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(planted, "torch", "adam_default", TORCH_ADAM)


def test_nag_with_the_old_velocity_is_caught():
    def planted(theta, g, m, *, t, lr, mu):
        new = mu*m + lr*g
        return theta - (mu*m + lr*g), new

    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(planted, "torch", "sgd_nesterov", {"lr": "lr", "mu": "momentum"})


def test_amsgrad_that_forgets_its_maximum_is_caught():
    def planted(theta, g, m, v, v_max, *, t, lr, beta1, beta2, eps):
        return rules.amsgrad(theta, g, m, v, 0*v_max, t=t, lr=lr, beta1=beta1, beta2=beta2,
                             eps=eps)

    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(planted, "optax", "amsgrad_paper", OPTAX_ADAM)


def test_every_rule_but_adamax_is_compared_with_a_recorded_run():
    # torch and optax add eps to |g| inside AdaMax's maximum: another rule. Its exact test
    # is above.
    first = {rules.RULES[name] for name in rules.FIRST}
    assert first - {rule for _, _, rule, _ in SAME} == {rules.adamax}


# --- what every rule owes its users -----------------------------------------------------

@each("rule", rules.RULES.values(), ids=rules.RULES)
@each("dtype", [np.float16, np.float32])
def test_rules_keep_small_floats_small(rule, dtype):
    g = np.array([1, -2, 3], dtype)
    path = follow(rule, np.ones(3, dtype), lambda t, theta: g, 3)
    assert {theta.dtype for theta in path} == {np.dtype(dtype)}


@each("rule", rules.RULES.values(), ids=rules.RULES)
def test_rules_write_nothing(rule):
    theta, g, state = np.full(3, 1.0), np.full(3, 2.0), np.full(3, 0.5)
    for array in (theta, g, state):
        array.flags.writeable = False
    kinds = [p.kind for p in inspect.signature(rule).parameters.values()]
    states = [state]*(kinds.count(inspect.Parameter.POSITIONAL_OR_KEYWORD) - 2)
    once = rule(theta, g, *states, t=3)
    np.testing.assert_equal(rule(theta, g, *states, t=3), once)


@each("rule", rules.RULES.values(), ids=rules.RULES)
def test_every_letter_of_a_rule_is_in_the_legend(rule):
    assert set(inspect.signature(rule).parameters) <= set(rules.LEGEND)
