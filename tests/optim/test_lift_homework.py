"""Plain NumPy homework is lifted: many styles, each proved to be the rule that it is."""
import numpy as np
import pytest

import optim
from optim import rules

from . import homework_styles as styles


# ------------------------------------------------------------------------ stated once more
def heavy_ball(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - lr*m, m


def powers(theta, g, m, p1=1, p2=1, v=0, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    p1, p2 = p1*beta1, p2*beta2
    return theta - lr*m/(1 - p1)/(np.sqrt(v/(1 - p2)) + eps), m, p1, p2, v


def folded(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    return theta - lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps), m, v


def warm_up(theta, g, *, t, lr=0.1, warmup=10):
    return theta - lr*g*np.where(t < warmup, t/warmup, 1)


def cut(theta, g, *, t, lr=0.1):
    return theta - lr*np.minimum(np.maximum(g, -1), 1)


def cut_by_masks(theta, g, *, t, lr=0.1):
    return theta - lr*np.where(g > 1, 1, np.where(g < -1, -1, g))


def halved_signs(theta, g, *, t, lr=0.1):
    return theta - lr*np.where(np.abs(g) > 1/2, np.sign(g), np.sign(g)/2)


def two_states(theta, g, state1, state2, *, t, lr=0.01, eps=1e-8):
    state1, state2 = 9*state1/10 + g, state2 + g**2
    return theta - lr*state1/(np.sqrt(state2) + eps), state1, state2


def fading(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g/t
    return theta - lr*m, m


def rate_inside(theta, g, m, *, t, lr=0.01, mu=0.9):
    m = mu*m + lr*g
    return theta - m, m


def anchor(theta, g, w_first=lambda theta: theta + 0, *, t, lr=0.1):
    return theta - lr*(g + theta - w_first), w_first


STYLES = {
    "config_made_inside": rules.adam, "config_momentum": rate_inside,
    "states_and_t": rules.adam, "t_given_back": rules.adam,
    "given_back_by_name": rules.adam, "closure": rules.adam, "attribute": heavy_ball,
    "in_globals": heavy_ball, "mutable_default": rules.adagrad, "Params": folded,
    "Lists": rules.adam, "Objects": rate_inside, "ById": heavy_ball, "Called": powers,
    "OfClass": heavy_ball, "Inherited": heavy_ball, "Data": heavy_ball, "WarmUp": warm_up,
    "masks": cut_by_masks, "clip": cut, "signs": halved_signs,
    "one_number": rules.rmsprop, "one_root": rules.rmsprop,
    "lists_given_back": rules.gradient_descent, "tuple_state": two_states,
    "needs_lr": rules.gradient_descent, "counted_from_1": fading, "anchored": anchor}


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_lifted_and_is_its_rule(name):
    found = optim.lift(getattr(styles, name))
    verdict = optim.prove(found.rule, STYLES[name])
    assert verdict.status == "PROVED", f"{found}\n{verdict}"
    assert not found.path


def test_every_style_is_tried():
    written = {n for n, x in vars(styles).items()
               if getattr(x, "__module__", None) == styles.__name__}
    assert written - STYLES.keys() == {"Base"}


def test_a_slip_is_refuted_not_overlooked():
    def one_beta(w, g, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
        return w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta1**t)) + eps), m, v
    assert optim.prove(optim.lift(one_beta).rule, rules.adam).status == "REFUTED"


def test_what_is_made_already_is_lifted_and_left_as_it_was():
    made = styles.Called(lr=0.5)
    verdict = optim.prove(optim.lift(made).rule, powers)
    assert verdict.status == "PROVED"
    assert (made.lr, made.m, made.p1) == (0.5, 0.0, 1.0)
    step = styles.closure(lr=0.5)
    assert optim.prove(optim.lift(step).rule, rules.adam).status == "PROVED"
    assert step.__closure__[[*step.__code__.co_freevars].index("m")].cell_contents is None


def test_defaults_globals_and_class_attributes_are_left_as_they_were():
    for name in ("mutable_default", "in_globals", "OfClass", "attribute", "anchored"):
        optim.lift(getattr(styles, name))
    assert styles.mutable_default.__defaults__ == (0.1, 1e-8, {})
    assert styles.velocity == 0 and styles.OfClass.m == 0
    assert not vars(styles.attribute) and np.zeros(2).dtype == float


def test_arguments_are_letters_or_choose():
    found = optim.lift(styles.config_made_inside, learning_rate=0.5)
    assert "lr=0.5" in str(found.rule and found.source)
    with pytest.raises(TypeError, match="rate"):
        optim.lift(styles.needs_lr, rate=1)


def test_our_own_rules_and_classes_are_their_formulas():
    assert optim.lift(rules.adam).rule is rules.adam
    assert optim.lift(optim.Adam).rule is rules.adam


def test_names_are_the_legends_where_they_mean_that():
    assert [*optim.lift(styles.config_momentum).symbols][2:] == ["m", "t", "lr", "mu"]
