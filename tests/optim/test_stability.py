"""Stability on a quadratic: the formulas against eigenvalues, runs and a search."""
from functools import cache

import numpy as np
import pytest
import sympy as sp

from optim import stability
from optim.derivations.topics import best_rates
from optim.derivations.topics import jury as conditions
from optim.derivations.topics.quadratics import damping, regions
from optim.derivations.claim import claim
from optim.formulas.rule_formulas import formula
from optim.domains import declare
from optim.optimizers.signatures import anatomy, first_states
from optim.rules import RULES
from optim.stability import best_parameters, jury, numeric_map, stability_map, z

dynamics = cache(stability.dynamics)

LINEAR = ("gradient_descent", "momentum", "nag")
PRECISE = 1e-7       # a double root takes half the digits of a float
x = declare("x", "real")
TRUE = claim("true", "x is x.", (x, x))


def eigenvalues(name, s, mu):
    """The largest |eigenvalue| of a step, its columns found by running the rule."""
    move = numeric_map(name, lr=s, **({} if name == "gradient_descent" else {"mu": mu}))
    size = len(dynamics(name).letters)
    columns = [move(tuple(np.eye(size)[k]), 1) for k in range(size)]
    return np.max(np.abs(np.linalg.eigvals(np.array(columns).T)))


@pytest.mark.parametrize("name", LINEAR)
def test_the_radius_is_the_largest_eigenvalue_of_the_rule_itself(name):
    rng = np.random.default_rng(0)
    for s, mu in zip(rng.uniform(0, 4, 30), rng.uniform(0, 1, 30)):
        known = {} if name == "gradient_descent" else {"mu": mu}
        assert float(dynamics(name).radius(s, **known)) == pytest.approx(
            eigenvalues(name, s, mu), abs=PRECISE)


def measured_edge(rule, steps=20_000, high=8.0, **hyperparameters):
    """The lr at which a run on theta^2/2 stops falling, by bisection: no theory in it."""
    states = len(formula(rule).init)

    def grows(lr):
        move, point = numeric_map(rule, lr=lr, **hyperparameters), (1.0, *[0.0]*states)
        for t in range(1, steps + 1):
            point = move(point, t)
            largest = max(map(abs, point))
            if not 1e-12 < largest < 1e6:
                break
        return largest > 1

    low = 0.0
    while high - low > 1e-5:
        middle = (low + high)/2
        low, high = (low, middle) if grows(middle) else (middle, high)
    return (low + high)/2


@pytest.mark.parametrize("name, mu", [
    ("gradient_descent", None), ("momentum", 0.0), ("momentum", 0.9), ("nag", 0.5),
    ("nag", 0.9)])
def test_runs_stop_falling_at_the_edge_to_a_thousandth(name, mu):
    known = {} if mu is None else {"mu": mu}
    edge = float(dynamics(name).edge.subs({declare("mu", "[0, 1)"): mu or 0}))
    assert abs(measured_edge(name, **known) - edge) < 1e-3


def test_the_edges_are_those_of_the_textbooks():
    mu = declare("mu", "[0, 1)")
    assert dynamics("gradient_descent").edge == 2
    assert sp.cancel(dynamics("momentum").edge - 2*(1 + mu)) == 0
    assert sp.cancel(dynamics("nag").edge - 2*(1 + mu)/(1 + 2*mu)) == 0


def test_jurys_conditions_hold_just_where_both_roots_are_short():
    rng, seen = np.random.default_rng(1), set()
    for a1, a0 in rng.uniform(-3, 3, (300, 2)):
        conditions = jury(z**2 + sp.Rational(a1)*z + sp.Rational(a0))
        short = bool(np.max(np.abs(np.roots([1, a1, a0]))) < 1)
        assert all(c > 0 for c in conditions) == short
        seen.add(short)
    assert seen == {True, False}


def test_a_condition_left_out_would_be_seen():
    """The test above would fail for each of the three conditions alone missing."""
    for drop, (a1, a0) in enumerate([(-3, 0), (3, 0), (0, 2)]):
        kept = [c for k, c in enumerate(jury(z**2 + a1*z + a0)) if k != drop]
        assert all(c > 0 for c in kept) and np.max(np.abs(np.roots([1, a1, a0]))) > 1


def test_a_cubic_or_an_unscaled_polynomial_is_refused():
    for p in (z**3, 2*z**2 + z, sp.Integer(1) + 0*z):
        with pytest.raises(ValueError, match="needed z"):
            jury(p)


def test_a_wrong_edge_is_not_proved(monkeypatch):
    rule = dynamics("nag")
    assert all(step.ok for step in regions(TRUE))
    wrong = stability.Dynamics("momentum", rule.matrix, rule.letters)
    monkeypatch.setattr("optim.derivations.topics.quadratics.dynamics",
                        lambda name: wrong if name == "momentum" else dynamics(name))
    assert [step.ok for step in regions(TRUE)] == [True, False, True, False]


@pytest.mark.parametrize("name, s", [("momentum", 0.3), ("nag", 0.3)])
def test_above_the_critical_momentum_a_rule_swings_and_below_it_does_not(name, s):
    assert all(step.ok for step in damping())
    root = np.sqrt(s)
    best = (1 - root)**2 if name == "momentum" else (1 - root)/(1 + root)
    for mu, swings in ((best - 0.01, False), (best + 0.01, True)):
        p = dynamics(name).polynomial.subs({declare("s", "> 0"): s,
                                            declare("mu", "[0, 1)"): mu})
        roots = np.roots([float(c) for c in sp.Poly(p, z).all_coeffs()])
        assert bool(np.any(np.abs(roots.imag) > PRECISE)) == swings


def test_no_region_is_proved_without_jurys_conditions():
    false = claim("false", "No.", (x, x + 1))
    assert [step.ok for step in regions(false)] == [False]*4


@pytest.mark.parametrize("part", ["inside", "outside", "conjugate"])
def test_jurys_theorem_needs_each_of_its_three_cases(part, monkeypatch):
    assert all(step.ok for step in conditions.jury_claims())
    monkeypatch.setattr(conditions, part, lambda *_: claim("false", "No.", (x, x + 1)))
    *_, jury, _ = conditions.jury_claims()
    assert not jury.ok


@pytest.mark.parametrize("radius", [0.3, 1.0, 1.7])
def test_the_conditions_for_a_radius_hold_just_where_no_root_is_longer(radius):
    rng, seen = np.random.default_rng(2), set()
    for a1, a0 in rng.uniform(-3, 3, (300, 2))*[radius, radius**2]:
        short = bool(np.max(np.abs(np.roots([1, a1, a0]))) <= radius)
        ends = [radius**2 + sign*a1*radius + a0 for sign in (1, -1)]
        assert (min(ends) >= 0 and a0 <= radius**2) == short
        seen.add(short)
    assert seen == {True, False}


# ------------------------------------------------------------------ the best parameters
def worst(name, lr, mu, m=1.0, large=10.0):
    """The largest radius over the curvatures m .. large."""
    s = lr*np.linspace(m, large, 201)
    known = {} if name == "gradient_descent" else {"mu": mu}
    return np.max(dynamics(name).radius(s, **known))


@pytest.mark.parametrize("name", LINEAR)
def test_the_best_parameters_have_their_rate_and_no_others_in_a_search_a_better_one(name):
    best = {k: float(e) for k, e in best_parameters(name, 1, 10).items()}
    lr, mu, rate = best["lr"], best.get("mu", 0.0), best["rate"]
    assert worst(name, lr, mu) == pytest.approx(rate, abs=PRECISE)
    for factor in np.linspace(0.6, 1.5, 25):
        for shift in np.linspace(-0.3, 0.3, 25) if name != "gradient_descent" else [0.0]:
            if 0 <= mu + shift < 1 and (factor, shift) != (1, 0):
                assert worst(name, lr*factor, mu + shift) > rate - PRECISE
    assert worst(name, lr*1.05, mu) > rate + 1e-3               # the search can tell


@pytest.mark.parametrize("name, letter", [
    ("gradient_descent", "lr"), ("gradient_descent", "rate"), ("momentum", "lr"),
    ("momentum", "mu"), ("momentum", "rate"), ("nag", "lr"), ("nag", "mu"),
    ("nag", "rate")])
def test_other_parameters_are_not_proved_to_be_the_best(name, letter, monkeypatch):
    def changed(rule, m, L):
        best = best_parameters(rule, m, L)
        return best | {letter: best[letter]*sp.Rational(99, 100)} if rule == name else best

    monkeypatch.setattr(best_rates, "best_parameters", changed)
    last = [step for step in best_rates.best_rates(TRUE)
            if step.id in ("descent-rate", "momentum-rate", "nag-rate")]
    assert [step.ok for step in last] == [rule != name for rule in LINEAR]


@pytest.mark.parametrize("name, proof", [
    ("momentum", best_rates.heavy_ball), ("nag", best_rates.nesterov)])
def test_a_rule_with_an_error_does_not_have_that_rate(name, proof, monkeypatch):
    def doubled(theta, g, m, *, t, lr=0.01, mu=0.9):
        return RULES[name](theta, 2*g, m, t=t, lr=lr, mu=mu)

    assert proof(TRUE)[-1].ok
    monkeypatch.setattr(best_rates, "dynamics", lambda _: dynamics(doubled))
    assert not proof(TRUE)[-1].ok


def test_without_jurys_conditions_there_is_no_best_rate():
    false = claim("false", "No.", (x, x + 1))
    assert not best_rates.heavy_ball(false)[-1].ok and not best_rates.nesterov(false)[-1].ok


def test_nesterovs_rate_lies_between_the_other_two():
    rates = [best_parameters(name, 1, 100)["rate"] for name in LINEAR]
    assert rates[1] < rates[2] < rates[0]


# ------------------------------------------------------------------ what is not linear
LINEAR_TOO = {"qhm": {"mu": 0.5, "nu": 0.5}, "sgdw": {"mu": 0.5, "weight_decay": 0.01},
              "aggmo": {"mu1": 0.0, "mu2": 0.5, "mu3": 0.9}}


@pytest.mark.parametrize("name", [n for n in RULES if n not in (*LINEAR, *LINEAR_TOO)])
def test_a_rule_that_is_not_linear_says_so_and_has_a_numeric_map(name):
    with pytest.raises(ValueError, match=r"not one linear map.*numeric_map"):
        dynamics(name)
    settings, one = anatomy(RULES[name])[1], np.float64(1)
    start = (one, *map(float, first_states(RULES[name], one, settings).values()))
    moved = numeric_map(name, 2.0)(numeric_map(name, 2.0)(start, 1), 2)
    assert len(moved) == len(start) and moved[0] < 1


@pytest.mark.parametrize("name", LINEAR_TOO)
def test_a_later_rule_that_is_linear_has_its_matrix(name):
    found, settings = dynamics(name), LINEAR_TOO[name]
    assert found.radius(0.1, **settings) < 1 < found.radius(50, **settings)


def test_a_decay_in_the_parameters_is_still_linear():
    def decayed(theta, g, m, *, t, lr=0.1, mu=0.9):
        m = mu*m + lr*g
        return theta - m - theta/10, m

    assert len(dynamics(decayed).letters) == 2
    assert dynamics(decayed).conditions != dynamics("momentum").conditions


def test_the_radius_of_a_rule_with_two_states_is_its_largest_eigenvalue():
    def twice_smoothed(theta, g, m, v, *, t, lr=0.1, mu=0.9):
        m = mu*m + lr*g
        v = mu*v + m
        return theta - v, m, v

    found = dynamics(twice_smoothed)
    assert len(found.letters) == 3
    for s, mu in ((0.1, 0.3), (0.5, 0.9), (2.5, 0.1)):
        assert found.radius(s, mu=mu) == pytest.approx(eigenvalues(twice_smoothed, s, mu))


def test_the_map_is_the_radius_at_each_point():
    found = stability_map("momentum", [0.5, 3.0, 4.5], [0.0, 0.9])
    assert found.shape == (2, 3)
    assert (found < 1).tolist() == [[True, False, False], [True, True, False]]
    assert found[1, 2] == pytest.approx(eigenvalues("momentum", 4.5, 0.9))


def test_wrong_names_are_refused():
    with pytest.raises(ValueError, match=r"came \['nu'\], needed \['mu'\]"):
        dynamics("nag").radius(1.0, nu=0.5)
    with pytest.raises(ValueError, match="none are known for 'adam'"):
        best_parameters("adam", 1, 2)
