"""Late gradients: the simulator, and what is proved of it.

Numbers are compared exactly, or to 1e-12 where another order of float64 operations is the
only difference over at most some hundred steps.
"""
import numpy as np
import pytest
import sympy as sp

import optim
from optim.distributed import adaptive_revision, delayed, downpour, elastic_averaging
from optim.equivalence import simulates
from optim.stability import dynamics, z

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def parabola(x):
    return np.sum(x**2)/2


@pytest.mark.parametrize("rule", optim.rules.RULES)
def test_without_delay_a_delayed_rule_is_proved_to_be_the_rule(rule):
    assert optim.prove(delayed(rule, 0), rule).status == "PROVED"


def test_a_slip_in_a_delayed_rule_is_refuted():
    def slipped(theta, g, m, *, t, lr=0.01, mu=0.9):
        return delayed("momentum", 0)(theta, g - g*lr, m, t=t, lr=lr, mu=mu)
    assert optim.prove(slipped, "momentum").status == "REFUTED"


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adam", "nadam", "adamw"])
def test_elastic_averaging_without_force_is_proved_to_be_the_rule(rule):
    tied, plain = optim.formula(elastic_averaging(rule)), optim.formula(rule)
    assert simulates(tied, plain, given={"alpha": sp.S(0)}).status == "PROVED"
    assert simulates(tied, plain, given={"alpha": sp.S(1)/2}).status == "REFUTED"


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adagrad", "adam", "nadam"])
def test_downpour_that_exchanges_at_every_step_is_proved_to_be_the_rule(rule):
    plain, one = optim.formula(rule), optim.formula(downpour(rule))
    states = {"server": plain.symbols["theta"], "accrued": 0}
    assert simulates(plain, one, states).status == "PROVED"
    rarely = optim.formula(downpour(rule, n_push=2))
    assert simulates(plain, rarely, states).status != "PROVED"


def test_adaptive_revision_without_delay_is_proved_to_be_adagrad():
    plain, revised = optim.formula("adagrad"), optim.formula(adaptive_revision)
    states = {"v_max": plain.symbols["v"]}
    assert simulates(plain, revised, states, {"g_since": 0}).status == "PROVED"
    assert simulates(plain, revised, states, {"g_since": 1}).status == "REFUTED"


@pytest.mark.parametrize("delay", [0, 1, 2, 3, 7])
def test_delay_narrows_where_gradient_descent_is_stable_as_is_known(delay):
    """lr*curvature < 2 sin(pi/(2(2k + 1))): a root of z^(k+1) - z^k + s leaves the unit
    circle there (Levin & May 1976)."""
    here = dynamics(delayed("gradient_descent", delay))
    s = next(x for x in here.polynomial.free_symbols if x != z)
    assert sp.expand(here.polynomial - (z**(delay + 1) - z**delay + s)) == 0
    edge = 2*np.sin(np.pi/(2*(2*delay + 1)))
    assert here.radius(0.99*edge) < 1 < here.radius(1.01*edge)
    assert abs(here.radius(edge) - 1) < 1e-9
    steps = 400*(delay + 1)
    inside, outside = (optim.distributed.simulate(
        parabola, 1.0, "gradient_descent", steps, delay=delay, lr=lr)
        for lr in (0.97*edge, 1.03*edge))
    assert abs(inside.theta[-1]) < 1e-3 < 1e3 < abs(outside.theta[-1])


def test_a_delay_of_one_is_stable_up_to_half_of_the_rate_by_jury():
    assert dynamics(delayed("gradient_descent", 1)).edge == 1
    assert dynamics("gradient_descent").edge == 2
