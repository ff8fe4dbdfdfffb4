"""Late gradients: the simulator, and what is proved of it.

Numbers are compared exactly, or to 1e-12 where another order of float64 operations is the
only difference over at most some hundred steps.
"""
import numpy as np
import pytest
import sympy as sp

import minigrad as mg
import optim
from optim.distributed import adaptive_revision, delayed, downpour, elastic_averaging
from optim.equivalence import simulates
from optim.stability import dynamics, z

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def parabola(x):
    return np.sum(x**2)/2


@pytest.mark.parametrize("rule", [
    "gradient_descent", "momentum", "nag", "adagrad", "adam", "nadam", "adamw", "lion"])
def test_without_delay_a_delayed_rule_is_proved_to_be_the_rule(rule):
    assert optim.prove(delayed(rule, 0), rule).status == "PROVED"


def test_a_slip_in_a_delayed_rule_is_refuted():
    late = delayed("momentum", 0)

    def slipped(theta, g, m, *, t, lr=0.01, mu=0.9):
        return late(theta, g - g*lr, m, t=t, lr=lr, mu=mu)
    assert optim.prove(slipped, "momentum").status == "REFUTED"


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adam", "adamw"])
def test_elastic_averaging_without_force_is_proved_to_be_the_rule(rule):
    tied, plain = optim.formula(elastic_averaging(rule)), optim.formula(rule)
    assert simulates(tied, plain, given={"alpha": sp.S(0)}).status == "PROVED"
    assert simulates(tied, plain, given={"alpha": sp.S(1)/2}).status == "REFUTED"


@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adagrad", "adam"])
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
    inside, outside = (np.abs(optim.distributed.simulate(
        parabola, 1.0, "gradient_descent", 100*(delay + 1), delay=delay, lr=lr,
        ).theta[-8*(delay + 1):]).max() for lr in (0.9*edge, 1.1*edge))
    assert inside < 0.05 < 20 < outside


def test_a_delay_of_one_is_stable_up_to_half_of_the_rate_by_jury():
    assert dynamics(delayed("gradient_descent", 1)).edge == 1
    assert dynamics("gradient_descent").edge == 2


def test_what_cannot_be_delayed_is_refused():
    with pytest.raises(ValueError, match="delay is -1"):
        delayed("adam", -1)
    with pytest.raises(ValueError, match="a letter called g1 already"):
        delayed(delayed("adam", 1), 1)
    clip = optim.transforms.clip_by_norm(1.0)
    with pytest.raises(ValueError, match="wrap the other way round"):
        delayed(clip("adam"), 1)
    assert "g1" in optim.formula(clip(delayed("adam", 1))).init
    with pytest.raises(ValueError, match="lr is cosine"):
        optim.distributed.simulate(parabola, 1.0, "adam", 5,
                                   lr=optim.schedules.cosine(0.1, steps=9))


def by_optimizer(rule, compiled, dtype, steps=7):
    """theta after steps of an Optimizer on a parabola."""
    p = mg.tensor(np.array([1.0, -2.0], dtype), requires_grad=True)
    opt = optim.Optimizer([p], rule, {"lr": 0.1})

    def step():
        opt.zero_grad()
        parabola(p).backward()
        opt.step()
    run = mg.compile(step) if compiled else step
    for _ in range(steps):
        run()
    return p.numpy()


@pytest.mark.parametrize("rule", ["gradient_descent", "adam", "nadam"])
def test_optimizers_take_delayed_rules_eager_and_compiled_in_float32(rule):
    late = delayed(rule, 3)
    eager, compiled = (by_optimizer(late, how, np.float32) for how in (False, True))
    assert eager.dtype == np.float32 and np.array_equal(eager, compiled)
    path = optim.minimize(parabola, [1.0, -2.0], late, 7, lr=0.1).theta[-1]
    np.testing.assert_allclose(by_optimizer(late, False, float), path, **EXACT)


# ---------------------------------------------------------------- simulations, side by side
@pytest.mark.parametrize("rule", ["gradient_descent", "momentum", "adagrad", "adam"])
@pytest.mark.parametrize("delay", [0, 1, 3])
def test_three_forms_of_the_same_delay_walk_the_same_way(rule, delay):
    """The delayed rule, the loop over past points, and replicas that are done in turn."""
    x0, settings = np.array([1.0, -2.0]), {"lr": 0.05}
    queue = optim.minimize(parabola, x0, delayed(rule, delay), 30 + delay, **settings)
    loop = optim.distributed.simulate(parabola, x0, rule, 30, delay=delay, **settings)
    turns = optim.distributed.simulate(parabola, x0, rule, 30, strategy="downpour",
                                       replicas=delay + 1, **settings)
    np.testing.assert_allclose(queue.theta[delay:], loop.theta, **EXACT)
    np.testing.assert_allclose(turns.theta, loop.theta, **EXACT)
    assert turns.age[-1] == loop.age[-1] == delay


def test_without_delay_every_simulation_is_minimize():
    plain = optim.minimize(parabola, [1.0, -2.0], "adam", 20, lr=0.1)
    for options in ({}, {"strategy": "downpour"},
                    {"strategy": "elastic_averaging", "alpha": 0.0}):
        run = optim.distributed.simulate(parabola, [1.0, -2.0], "adam", 20, lr=0.1,
                                         **options)
        if "alpha" in options:          # the center, which nothing pulls
            assert np.array_equal(run.theta[-1], [1.0, -2.0])
        else:
            np.testing.assert_allclose(run.theta, plain.theta, **EXACT)


@pytest.mark.parametrize("n_push, n_fetch", [(1, 1), (2, 1), (1, 2), (3, 3), (2, 3)])
def test_downpour_with_one_replica_is_its_pure_rule(n_push, n_fetch):
    settings = {"lr": 0.05, "lr_local": 0.02}
    pure = optim.minimize(parabola, 1.0, downpour("momentum", n_push, n_fetch), 24,
                          **settings)
    run = optim.distributed.simulate(
        parabola, 1.0, "momentum", 24//n_push, strategy="downpour", n_push=n_push,
        n_fetch=n_fetch, **settings)
    np.testing.assert_allclose(run.theta, pure.server[::n_push], **EXACT)


@pytest.mark.parametrize("period", [1, 2, 3])
def test_elastic_averaging_with_one_replica_is_its_pure_rule(period):
    settings = {"lr": 0.05, "alpha": 0.2}
    pure = optim.minimize(parabola, 1.0, elastic_averaging("momentum", period), 24,
                          **settings)
    run = optim.distributed.simulate(parabola, 1.0, "momentum", 24//period, period=period,
                                     strategy="elastic_averaging", **settings)
    np.testing.assert_allclose(run.theta, pure.center[::period], **EXACT)
    assert run.t[-1] == 24


@pytest.mark.parametrize("options", [
    {"delay": range(0, 6)}, {"delay": [t % 4 for t in range(60)]},
    {"delay": lambda t: t % 3},
    {"strategy": "downpour", "replicas": 4, "order": "random"},
    {"strategy": "elastic_averaging", "replicas": 4, "order": "random", "period": 3}])
def test_simulations_repeat_by_their_seed_and_come_down(options):
    def run(seed):
        return optim.distributed.simulate(parabola, [1.0, -2.0], "gradient_descent", 60,
                                          noise=0.01, seed=seed, lr=0.1, **options)
    first, again, other = run(1), run(1), run(2)
    assert np.array_equal(first.theta, again.theta)
    assert not np.array_equal(first.theta, other.theta)
    assert first.value[-1] < first.value[0]/50


def test_adaptive_revision_stands_delays_that_adagrad_does_not():
    """The first 60 gradients are one and the same: Adagrad adds up a step for each."""
    def farthest(rule):
        run = optim.distributed.simulate(parabola, 1.0, rule, 200, delay=60, lr=0.3)
        return np.abs(run.theta).max()
    assert farthest(adaptive_revision) == 1 and farthest("adagrad") > 3
    both = [optim.distributed.simulate(parabola, 1.0, adaptive_revision, 40, lr=0.1, **how)
            for how in ({"delay": 2}, {"strategy": "downpour", "replicas": 3})]
    np.testing.assert_allclose(both[0].theta, both[1].theta, **EXACT)


def test_adaptive_revision_takes_back_what_it_would_not_have_done():
    """By the paper's own words: with all delays equal to the whole run, the last point is
    that of one step by the sum of the gradients at the rate that their square sum gives."""
    gradients, lr = [1.0, 2.0, 0.5], 0.1
    theta, v, v_max, since = 0.0, 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        theta, v, v_max = adaptive_revision(theta, g, v, v_max, t=t, g_since=since, lr=lr,
                                            eps=0 if t > 1 else 1e-300)
        since += g
    total = sum(gradients)
    assert np.isclose(v, total**2)
    assert np.isclose(theta, -lr*total/np.sqrt(total**2))


@pytest.mark.parametrize("options, message", [
    ({"delay": -1}, "delay is -1"), ({"delay": [0, 1]}, "none for step 3"),
    ({"delay": range(0)}, "holds no number"), ({"strategy": "downpours"}, "needed one of"),
    ({"strategy": "downpour", "replicas": 0}, "replicas is 0"),
    ({"order": "sorted"}, "round_robin, random"), ({"steps": 2.5}, "steps is 2.5")])
def test_what_cannot_be_simulated_is_refused_with_what_was_needed(options, message):
    with pytest.raises(ValueError, match=message):
        optim.distributed.simulate(parabola, 1.0, "adam", **{"steps": 5} | options)


def test_a_simulation_that_diverges_says_so():
    with pytest.raises(FloatingPointError, match="stable at lower rates"):
        optim.distributed.simulate(parabola, 1.0, "gradient_descent", 4000, delay=4, lr=1.5)
