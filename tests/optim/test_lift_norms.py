"""A norm in an implementation is a norm in its formula, and never |x|."""
import inspect

import numpy as np
import pytest

import optim
from optim import rules
from optim.lifting.named_norms import norms_of, stepped
from optim.optimizers.signatures import first_states

from . import norm_programs as programs

EXACT = 1e-9                            # of float64 whose operations are in another order


# ------------------------------------------------------------------- stated once more
def clipped(theta, g, *, t, norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*g*np.minimum(1, max_norm/(norm_g + 1/10**6))


def clipped_if(theta, g, *, t, norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*np.where(norm_g > max_norm, g*max_norm/norm_g, g)


def clipped_at_five(theta, g, *, t, norm_g, lr=0.1):
    return theta - lr*np.where(norm_g > 5, g*5/norm_g, g)


def each_alone(theta, g, *, t, norm_g, lr=0.1):
    return theta - lr*g/(norm_g + 1/10**8)


def each_alone_if(theta, g, *, t, norm_g, lr=0.1):
    return theta - lr*np.where(norm_g > 3/2, g/norm_g, g)


def together(theta, g, *, t, global_norm_g, lr=0.1):
    return theta - lr*g/(global_norm_g + 1/10**8)


def together_by_norms(theta, g, *, t, global_norm_g, lr=0.1, clip=1.0):
    return theta - lr*np.where(global_norm_g > clip, g*clip/global_norm_g, g)


def all_clipped(theta, g, *, t, global_norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*g*np.minimum(1, max_norm/(global_norm_g + 1/10**6))


def squared(theta, g, *, t, norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*g*norm_g**2


def unit(theta, g, *, t, norm_g, lr=0.1, max_norm=1.0):
    return theta - lr*g/norm_g


def lamb(theta, g, m, v, update, *, t, norm_theta, norm_update, lr=0.01, beta1=0.9,
         beta2=0.999, eps=1e-6, weight_decay=0.01):
    step, m, v = rules.adam(0, g, m, v, t=t, lr=1, beta1=beta1, beta2=beta2, eps=eps)
    update = weight_decay*theta - step
    return theta - lr*norm_theta/norm_update*update, m, v, update


def lars(theta, g, update, *, t, norm_theta, norm_update, lr=0.1, max_norm=1.0):
    update = g + theta/100
    return theta - lr*update*norm_theta/(norm_update + 1), update


def lars_if(theta, g, *, t, norm_theta, norm_g, lr=0.1, max_norm=1.0):
    both = np.logical_and(norm_theta != 0, norm_g != 0)
    return theta - lr*np.where(both, g*norm_theta/norm_g, g)


MEANT = {
    "clipped": clipped, "clipped_if": clipped_if, "clipped_at_five": clipped_at_five,
    "each_alone": each_alone, "each_alone_if": each_alone_if, "together": together,
    "together_by_norms": together_by_norms, "squared": squared, "by_a_loop": unit,
    "Lamb": lamb, "Clipped": all_clipped, "ClippedOneByOne": all_clipped,
    "ClippedByHand": all_clipped, "Unit": unit, "Squared": squared, "Lars": lars,
    "LarsIf": lars_if}
REFUSED = {
    "largest": "np.max", "root_mean_square": "np.mean", "of_the_first": "not elementwise",
    "of_all_but_one": "not elementwise", "twice_the_first": "not elementwise",
    "absolute": "np.linalg.norm", "weighted": "not elementwise",
    "of_rows": "not elementwise|another shape|fails", "a_product": "not elementwise",
    "of_the_other": "norm of another", "of_the_first_parameter": "norm of another",
    "crossed": "norm of another|not elementwise", "RootMeanSquare": "np.mean",
    "Largest": "max", "OfTheFirstEntry": "getitem", "Absolute": "norm",
    "Spectral": "its formula gives", "OfTheFirstParameter": "norm of another",
    "OfTheSum": "not elementwise"}


@pytest.mark.parametrize("name", MEANT)
def test_a_norm_is_lifted_as_a_norm(name):
    found = optim.lift(getattr(programs, name))
    verdict = optim.prove(found.rule, MEANT[name])
    assert verdict.status == "PROVED", f"{found.source}\n{verdict}"
    assert norms_of(found.rule) == norms_of(MEANT[name])
    assert all(found.domains[found.symbols[n]] == ">= 0" for n in norms_of(found.rule))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_norm_of_a_parameter_is_refused(name):
    with pytest.raises((ValueError, NotImplementedError, TypeError), match=REFUSED[name]):
        optim.lift(getattr(programs, name))


def test_every_program_is_tried():
    written = {n for n, x in vars(programs).items()
               if getattr(x, "__module__", None) == programs.__name__}
    assert written - {"Base"} == MEANT.keys() | REFUSED.keys()


def test_a_norm_of_one_parameter_is_not_that_of_all():
    one, of_all = optim.lift(programs.each_alone), optim.lift(programs.together)
    assert optim.prove(one.rule, of_all.rule).status == "REFUTED"


def test_norms_of_different_steps_are_not_taken_as_one():
    """With norm_update as a mere number, both rules would be the same."""
    def of_half(theta, g, update, *, t, norm_theta, norm_update, lr=0.1, max_norm=1.0):
        update = g + theta/100
        return theta - lr*update*norm_theta/(norm_update + 1), update/2
    found = optim.lift(programs.Lars)
    assert optim.prove(found.rule, of_half).status == "REFUTED"


def test_a_norm_is_printed_as_one():
    found = optim.lift(programs.Lamb)
    assert r"\lVert\theta\rVert" in found.latex() and r"\lVert u\rVert" in found.latex()
    assert "‖" in found.mathml() and "|" not in str(found)
    assert found.path == ("norm_theta is the norm of theta of the parameter",
                          "norm_update is the norm of update of the parameter")


def test_on_vectors_of_several_entries_a_norm_is_no_absolute_value():
    """The rule, its norms measured, against the program itself; and |g| is not it."""
    rng = np.random.default_rng(0)
    rule, own = optim.lift(programs.Lamb).rule, programs.Lamb()
    settings = dict(lr=0.01, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.01)
    theta = rng.normal(size=5)
    given = settings | dict.fromkeys(norms_of(rule), 1)
    now = theta, *first_states(rule, theta, given).values()
    for t in range(1, 30):
        g = rng.normal(size=5)
        x, *states = now
        alone = stepped(rule, [(x[i:i + 1], g[i:i + 1], *(s[i:i + 1] for s in states))
                               for i in range(5)], t, settings)
        now = stepped(rule, [(x, g, *states)], t, settings)[0]
        theta = own.update(theta, g)
        np.testing.assert_allclose(now[0], theta, rtol=EXACT)
        assert not np.allclose([a[0][0] for a in alone], theta, rtol=1e-3)


def test_a_program_that_takes_absolute_values_is_not_said_to_take_norms():
    def absolute(w, g, lr=0.1):
        return w - lr*g/np.abs(g)
    found = optim.lift(absolute)
    assert not norms_of(found.rule) and "norm" not in inspect.getsource(absolute)
