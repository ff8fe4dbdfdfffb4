"""What is made already on JAX, and plain functions of it, by what JAX traces."""
import numpy as np
import pytest

import optim
from optim import rules

from . import jax_programs as programs


# ------------------------------------------------------------------- stated once more
def adam_in_numbers(theta, g, m, v, *, t):
    """As Python has them, 1 - 0.9 is no 0.1."""
    m, v = 0.09999999999999998*g + 0.9*m, 0.0010000000000000009*g**2 + 0.999*v
    m_hat, v_hat = m/(1 - (9/10)**t), v/(1 - (999/1000)**t)
    return theta - m_hat/(np.sqrt(v_hat) + 1/10**8)/1000, m, v


def clipped(theta, g, m, *, t, global_norm_g):
    m = 9*m/10 + np.where(global_norm_g < 1, g, g/global_norm_g)
    return theta - m/10, m


def falling(theta, g, *, t):
    return theta - np.where(t <= 1, 1/10, 0.5**((t - 1)/10)/10)*g


def heavy_ball(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - lr*m, m


def heavy_ball_in_numbers(theta, g, m, *, t):
    m = 9*m/10 + g
    return theta - m/10, m


def own(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g/t
    return theta - lr*m, m


def own_in_numbers(theta, g, m, *, t):
    m = 9*m/10 + g/t
    return theta - m/10, m


def choosing(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - lr*m, m


def control(theta, g, m, *, t, lr=0.1):
    m = ((m/2 + g)/2 + g)/2 + g
    d = np.where(g > 0, g, 2*g)
    cut = np.where(np.abs(d) > 1, np.sign(d), d)
    return theta - np.where(t > 10, lr, lr/2)*cut*m, m


def scanned(theta, g, *, t, lr=0.1):
    return theta - 6*lr*g


def closed(theta, g, *, t):
    return theta - g


def all_clipped(theta, g, *, t, global_norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*g*np.minimum(1, max_norm/global_norm_g)


def asked(theta, g, *, t, lr=0.1, mu=0.9):
    return theta - lr*np.where(mu > 1/2, g, g/2)


def unit(theta, g, *, t, norm_g, lr=0.1):
    return theta - lr*g/norm_g


def lamb(theta, g, m, v, update, *, t, norm_theta, norm_update):
    m, v = 0.09999999999999998*g + 0.9*m, 0.0010000000000000009*g**2 + 0.999*v
    m_hat, v_hat = m/(1 - (9/10)**t), v/(1 - (999/1000)**t)
    update = m_hat/(np.sqrt(v_hat) + 1/10**6)
    ratio = np.where(np.logical_or(norm_theta == 0, norm_update == 0), 1,
                     norm_theta/norm_update)
    return theta - update*ratio/1000, m, v, update


MEANT = {
    "chain": adam_in_numbers, "adam": adam_in_numbers, "clipped": clipped,
    "injected": rules.adam, "injected_falling": falling, "falling": falling,
    "lamb": lamb, "factory": heavy_ball, "own": own, "own_made": own_in_numbers,
    "two_functions": heavy_ball_in_numbers, "update": rules.adam, "jitted": rules.adam,
    "by_name": rules.adam, "in_a_dict": heavy_ball, "trees": heavy_ball,
    "control": control, "scanned": scanned, "closed": closed, "all_clipped": all_clipped,
    "asked": asked, "unit": unit}
REFUSED = {
    "by_sort": "'sort'", "by_largest": "'reduce_max'", "by_mean": "number of entries",
    "flipped": "not elementwise", "by_sums": "'cumsum'",
    "asked_of_g": "traced|while JAX traces|one entry", "in_single": "float32, which rounds",
    "random": "random numbers", "first_only": "not elementwise|leaves",
    "scattered": "'scatter-add'|leaves the parameter", "while_large": "'while'",
    "noisy": "rng_key", "every_third": "'rem'|does not count",
    "if_finite": "notfinite_count",
    "counting_wrongly": "does not count", "last_one_differs": "not made alike"}


@pytest.mark.parametrize("name", MEANT)
def test_what_is_written_for_jax_is_lifted(name):
    found = optim.lift(getattr(programs, name))
    rule = MEANT[name]
    verdict = optim.prove(found.rule, rule)
    assert verdict.status == "PROVED", f"{found.source}\n{verdict}"


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_on_jax_is_refused_by_name(name):
    with pytest.raises((ValueError, NotImplementedError, TypeError), match=REFUSED[name]):
        optim.lift(getattr(programs, name))


def test_states_may_be_given():
    found = optim.lift(programs.states_in_a_dict, state={"m": 0.0})
    assert optim.prove(found.rule, heavy_ball).status == "PROVED"


def test_what_python_asks_of_a_hyperparameter_is_told():
    """The other answer keeps other states: the formula would be two."""
    with pytest.raises(ValueError, match="remembers"):
        optim.lift(programs.choosing)
    assert optim.lift(programs.asked).path == ()


def test_a_slip_in_a_factory_is_refuted():
    def slip(lr=0.1, mu=0.9):
        import optax
        return optax.chain(optax.trace(decay=mu, nesterov=True), optax.scale(-lr))
    assert optim.prove(optim.lift(slip).rule, heavy_ball).status == "REFUTED"


def test_arguments_of_what_is_made_already_are_refused():
    with pytest.raises(TypeError, match="made already"):
        optim.lift(programs.adam, learning_rate=0.1)
