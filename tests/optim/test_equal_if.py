"""Equal if: the change of letters that makes refuted optimizers one, and its proof.

The rules here are written as other libraries and textbooks write them.
"""
import numpy as np
import pytest
import sympy as sp

import optim
from optim.formulas.rule_formulas import formula
from optim.domains import declare
from optim.equivalence.proofs import prove
from optim.equivalence.simulations import simulates
from optim.equivalence import conditions

lr, eps, mu = declare("lr", "> 0"), declare("eps", "> 0"), declare("mu", "[0, 1)")
beta2, t = declare("beta2", "[0, 1)"), declare("t", "1, 2, ...")
weight_decay = declare("weight_decay", ">= 0")


def eps_hat(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1)*(g - m)
    v = v + (1 - beta2)*(g**2 - v)
    return theta - lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps), m, v


def lr_outside(theta, g, buffer, *, t, lr=0.1, mu=0.9):
    buffer = mu*buffer + g
    return theta - lr*buffer, buffer


def velocity(theta, g, v, *, t, lr=0.1, mu=0.9):
    v = mu*v - lr*g
    return theta + v, v


def mean(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + (1 - mu)*g
    return theta - lr*m, m


def lr_times_decay(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                   weight_decay=1e-2):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    step = lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps)
    return theta*(1 - lr*weight_decay) - step, m, v


@pytest.mark.parametrize("left, right, letters, constant", [
    (eps_hat, "adam", {"eps": eps/sp.sqrt(1 - beta2**t)}, ()),
    ("adam", eps_hat, {"eps": eps*sp.sqrt(1 - beta2**t)}, ()),
    ("adamw", "adam", {"weight_decay": sp.Integer(0)}, ()),
    (optim.Adam, optim.AdamW, {"weight_decay": sp.Integer(0)}, ()),
    (lr_times_decay, "adamw", {"weight_decay": lr*weight_decay}, ()),
    ("adamw", lr_times_decay, {"weight_decay": weight_decay/lr}, ()),
    (lr_outside, "momentum", {"m": lr*declare("buffer", "real")}, ("lr",)),
    ("momentum", lr_outside, {"buffer": declare("m", "real")/lr}, ("lr",)),
    (velocity, "momentum", {"m": -declare("v", "real")}, ()),
    (mean, "momentum", {"lr": lr*(1 - mu), "m": lr*declare("m", "real")}, ("lr",)),
    (mean, lr_outside, {"lr": lr*(1 - mu), "buffer": declare("m", "real")/(1 - mu)},
     ("mu",))], ids=lambda x: getattr(x, "__name__", str(x)))
def test_the_change_that_makes_two_optimizers_one_is_found_and_proved(
        left, right, letters, constant):
    verdict = prove(left, right)
    assert verdict.status == "REFUTED" and verdict.witness          # as the claim stands
    found = verdict.equal_if
    assert {k.name: x for k, x in found.items()} == letters
    assert found.constant == constant
    assert found.check.status == "PROVED"


@pytest.mark.parametrize("left, right", [
    ("nag", "momentum"), ("rmsprop", "adagrad"), (velocity, "nag")],
    ids=lambda x: getattr(x, "__name__", x))
def test_no_change_is_told_where_none_is_known(left, right):
    verdict = prove(left, right)
    assert verdict.status == "REFUTED" and verdict.equal_if is None


def test_looking_for_a_change_can_be_left_out():
    assert prove("adamw", "adam", equal_if=False).equal_if is None


def test_a_condition_reads_well_and_travels_as_words():
    verdict = prove(lr_outside, "momentum")
    assert "equal if m -> buffer*lr, with lr constant" in str(verdict)
    assert verdict.as_dict()["equal_if"] == {"m": "buffer*lr"}


def test_a_change_that_only_looks_right_is_not_told(monkeypatch):
    """The look at numbers switched off: what is then tried and false is not proved."""
    monkeypatch.setattr(conditions, "apart", lambda *_: False)
    assert prove("nag", "momentum").equal_if is None
    found = prove(mean, "momentum").equal_if
    assert found is None or found.check.status == "PROVED"


# ------------------------------------------------------------------ simulation relations
def test_a_simulation_needs_the_step_and_the_start():
    m = declare("m", "real")
    outside, inside = formula(lr_outside), formula("momentum")
    assert simulates(inside, outside, {"buffer": m/lr}).status == "PROVED"
    wrong = simulates(inside, outside, {"buffer": m})
    assert wrong.status == "REFUTED" and wrong.method.startswith("theta'")

    def started(theta, g, buffer=1, *, t, lr=0.1, mu=0.9):
        return lr_outside(theta, g, buffer, t=t, lr=lr, mu=mu)
    late = simulates(inside, formula(started), {"buffer": m/lr})
    assert late.status == "REFUTED" and late.method.startswith("buffer at the start")


def test_the_look_ahead_form_is_seen_at_the_point_ahead():
    """theta of the one-gradient form is x + mu velocity: gradient an unknown function."""
    x, v = declare("x", "real"), declare("velocity", "real")
    gradient = sp.Function("gradient", real=True)
    from collections import namedtuple
    Optimizer = namedtuple("Optimizer", "update init domains")
    new = mu*v - lr*gradient(x + mu*v)
    ahead = Optimizer({"x": x + new, "velocity": new}, {"velocity": sp.Integer(0)},
                      {x: "real", v: "real", lr: "> 0", mu: "[0, 1)"})
    nag = formula("nag")
    theta, m = nag.symbols["theta"], nag.symbols["m"]
    slope = {nag.symbols["g"]: gradient(theta)}
    seen = Optimizer({n: e.subs(slope) for n, e in nag.update.items()}, nag.init,
                     {theta: "real", m: "real", lr: "> 0", mu: "[0, 1)"})
    states = {"theta": x + mu*v, "m": -v}
    assert simulates(ahead, seen, states).status == "PROVED"
    assert simulates(ahead, seen, {"theta": x, "m": -v}).status == "REFUTED"


def test_a_map_may_depend_on_the_number_of_the_step():
    """Adam that keeps its corrected mean: m/(1 - beta1^t) after step t."""
    def corrected(theta, g, m_hat, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        share = (1 - beta1)/(1 - beta1**t)
        m_hat = (1 - share)*m_hat + share*g
        v = beta2*v + (1 - beta2)*g**2
        return theta - lr*m_hat/(np.sqrt(v/(1 - beta2**t)) + eps), m_hat, v

    adam = formula("adam")
    m, m_hat = adam.symbols["m"], declare("m_hat", "real")
    beta1 = adam.symbols["beta1"]
    # after t - 1 steps m is (1 - beta1^(t-1)) m_hat; at the start both are 0
    there = simulates(formula(corrected), adam, {"m": (1 - beta1**(t - 1))*m_hat})
    assert there.status == "PROVED", there
    assert simulates(formula(corrected), adam,
                     {"m": (1 - beta1**t)*m_hat}).status == "REFUTED"
    assert m in adam.domains


def test_what_is_no_letter_of_the_right_side_is_refused():
    with pytest.raises(ValueError, match="nu is no letter of the right side.*mu"):
        simulates(formula("momentum"), formula("nag"), where={"nu": lr})
    with pytest.raises(ValueError, match="theta is no letter|g is no letter"):
        simulates(formula("momentum"), formula("nag"), states={"g": lr})
    with pytest.raises(ValueError, match="the left side has no v"):
        simulates(formula("gradient_descent"), formula("adagrad"))


def test_optimizer_classes_and_instances_are_read_as_their_rules():
    assert prove(optim.Adam, "adam").status == "PROVED"
    assert prove(optim.Adam, optim.rules.adam).status == "PROVED"
    assert prove(optim.RMSprop, optim.Adagrad).status == "REFUTED"


def test_a_state_of_another_name_or_domain_is_taken_for_the_one_in_its_place():
    def renamed(theta, g, s, *, t, lr=0.001, rho=0.9, eps=1e-8):
        s = rho*s + (1 - rho)*g**2
        return theta - lr*g/(np.sqrt(np.abs(s)) + eps), s       # s: any real number

    def falling(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
        v = rho*v - (1 - rho)*g**2
        return theta - lr*g/(np.sqrt(np.abs(v)) + eps), v
    verdict = prove(renamed, "rmsprop")
    assert verdict.status == "PROVED" and "v stands for s" in verdict.method
    assert prove(falling, "rmsprop").status == prove("rmsprop", falling).status == "REFUTED"


def test_a_state_and_a_gradient_of_other_names_are_taken_for_ours_together():
    """Narrowing s to v's domain once forgot which letter was the gradient."""
    def renamed(theta, slope, s, *, t, lr=0.001, rho=0.9, eps=1e-8):
        s = rho*s + (1 - rho)*slope**2
        return theta - lr*slope/(np.sqrt(s) + eps), s
    assert prove(renamed, "rmsprop").status == prove("rmsprop", renamed).status == "PROVED"


def test_where_reaches_what_a_renamed_state_is_made_of():
    def damped(theta, g, b, *, t, lr=0.1, mu=0.9, dampening=0):
        b = mu*b + (1 - dampening)*lr*g
        return theta - b, b

    def longer(theta, g, b, *, t, lr=0.1):
        return theta + 5*g*theta + 7*lr, b

    def still(theta, g, m, *, t, lr=0.1):
        return theta, m
    for pair in ((damped, "momentum"), ("momentum", damped)):
        assert prove(*pair, where={"dampening": 0}).status == "PROVED"
        assert prove(*pair, where={"dampening": 1}).status == "REFUTED"
    assert prove(longer, still, where={"theta": 0}).status == "REFUTED"
    assert prove(longer, still, where={"theta": 0, "lr": 0}).status == "PROVED"
    for state in ("b", "m"):                                    # either name will do
        found = prove(damped, "momentum", where={state: 0})
        assert found.status == "REFUTED" and "b" not in map(str, found.witness)
    with pytest.raises(ValueError, match="two values for one letter"):
        prove(damped, "momentum", where={"b": 0, "m": 1})


def test_a_letter_that_moves_here_and_is_fixed_there_is_refused():
    """Taken for one letter they once made different rules one."""
    def moving(theta, g, buf, *, t):
        buf = 0.9*buf + g
        return theta - buf, buf

    def fixed(theta, g, m, *, t, buf=0.5):
        return theta - 0.9*buf - g, 0.9*m + g

    def slope(theta, grad, *, t):
        return theta - grad

    def number(theta, g, *, t, grad=1.0):
        return theta - grad
    with pytest.raises(ValueError, match="buf is a state on the left and a hyperparameter"):
        prove(moving, fixed)
    with pytest.raises(ValueError, match="grad is the gradient .* hyperparameter"):
        prove(slope, number)
    m, a, b = declare("buf", "real"), formula(moving), formula(fixed)
    with pytest.raises(ValueError, match="simulates: buf is a state on the left"):
        simulates(a, b, {"m": m})
    assert simulates(a, b, {"m": m}, {"buf": sp.Integer(1)}).status == "REFUTED"


def test_states_of_different_domains_do_not_stand_for_one_another():
    def shares(theta, g, mu_product=1, *, t, lr=0.01):
        return theta - lr*g, mu_product/2

    def squares(theta, g, v=1, *, t, lr=0.01):
        return theta - lr*g, v/2
    with pytest.raises(ValueError, match="v would stand for mu_product, but one may have"):
        prove(shares, squares)


def test_what_a_renamed_rule_divides_by_is_still_asked_for():
    def cancelled(theta, g, b, *, t, lr=0.1, mu=0.9):
        b = mu*(mu*b + lr*g)/mu
        return theta - b, b
    assert "division by 0" in prove(cancelled, "momentum").method


def test_a_map_must_have_a_value_and_t_is_no_hyperparameter():
    def remembering(theta, g, k, *, t, lr=0.1):
        return theta - lr*g, 0*k

    def by_t(theta, g, *, t, lr=0.1):
        return theta - lr*g/t
    other = formula(remembering)
    m = declare("m", "real")

    def same(theta, g, m, *, t, lr=0.1):
        return theta - lr*g, 0*m
    assert simulates(formula(same), other, {"k": 1/(1 + 1/m)}).status == "REFUTED"
    with pytest.raises(ValueError, match="t is no letter"):
        simulates(formula(by_t), formula(by_t), where={"t": t + 1})


def test_a_gradient_may_be_seen_scaled():
    """Adam under c g and c eps walks as Adam under g and eps."""
    c, adam = declare("c", "> 0"), formula("adam")
    s = adam.symbols
    scaled = {"m": c*s["m"], "v": c**2*s["v"]}
    where = {"g": c*s["g"], "eps": c*s["eps"]}
    assert simulates(adam, adam, scaled, where).status == "PROVED"
    assert simulates(adam, adam, scaled, {"g": c*s["g"]}).status == "REFUTED"
