"""Two rules side by side: what public disputes were about, and what could fool the answer.

The links are of threads in which people argue whether two optimizers are one.
"""
import json
import re

import numpy as np
import pytest

import optim
from optim import rules
from optim.comparing import compare, comparing_rules
from optim.dialects.adapted_rules import adapted
from optim.dialects.named_optimizers import called
from optim.equivalence.ranges import interval
from optim.formulas import formula

MOMENTUM = "torch:SGD(momentum=0.9)"
AMSGRAD = "torch:Adam(amsgrad=True)"
EQUAL = [                                               # at every state
    ("torch:RMSprop", "rmsprop"),
    # https://github.com/pytorch/pytorch/issues/41477: torch is Algorithm 1
    ("torch:Adam", "adam"),
    # https://github.com/google-deepmind/optax/issues/571: optax.adam is torch's
    ("torch:Adam", "optax:adam"), (MOMENTUM, "optax:sgd(0.1, momentum=0.9)"),
    # https://github.com/google-deepmind/optax/issues/532: with eps_in_sqrt=False
    ("torch:RMSprop", "optax:rmsprop(eps_in_sqrt=False)"),
    ("keras:RMSprop", "optax:rmsprop"), ("torch:Adamax", "optax:adamax"),
    ("keras:Adamax", "adamax"), ("torch:Adagrad", "adagrad"),
    ("torch:Adadelta", "optax:adadelta(learning_rate=1.0)"),
    ("torch:Adadelta", "keras:Adadelta"), ("torch:RMSprop(alpha=0.5)", rules.rmsprop),
    (optim.dialects.torch.NAdam, "torch:NAdam"), (optim.Adam, "torch:Adam")]
EQUAL_IF = {                                            # the change, and of whose letters
    # https://github.com/tensorflow/tensorflow/issues/9047
    ("keras:Adam", "torch:Adam"): "eps -> eps/sqrt(1 - beta2**t)",
    # https://github.com/keras-team/keras/pull/14035
    ("torch:Adam", "keras:Adam"): "eps -> eps*sqrt(1 - beta2**t)",
    # https://github.com/pytorch/pytorch/issues/23796
    ("torch:RMSprop", "keras:RMSprop"): "eps -> 0",
    ("torch:RMSprop", "optax:rmsprop"): "eps -> 0",
    # https://github.com/benbo/adagrad/issues/1
    ("torch:Adagrad", "keras:Adagrad"): "eps -> 0, initial -> 0",
    ("torch:Adamax", "adamax"): "eps -> 0",
    # https://github.com/pytorch/pytorch/issues/38853
    ("torch:AdamW", "adamw"): "weight_decay -> lr*weight_decay",
    ("adamw", "torch:AdamW"): "weight_decay -> weight_decay/lr",
    # https://github.com/pytorch/pytorch/pull/59009
    ("torch:NAdam", "keras:Nadam"): "psi -> 1",
    ("torch:Adadelta", "adadelta"): "lr -> 1",
    # https://github.com/google-deepmind/optax/issues/1389
    (AMSGRAD, "keras:Adam(amsgrad=True)"): "eps -> eps*sqrt(1 - beta2**t)",
    ("torch:SGD(maximize=True)", "torch:SGD"): "g -> -g",
    # https://github.com/keras-team/keras/issues/19051: decoupled, as torch's
    ("keras:AdamW", "torch:AdamW"): "eps -> eps/sqrt(1 - beta2**t)",
    # https://github.com/pytorch/pytorch/issues/142323: three rules, of which the paper's
    # corrects nothing and Optax corrects before the maximum
    ("amsgrad", "keras:Adam(amsgrad=True)"): "lr -> lr*(1 - beta1**t)/sqrt(1 - beta2**t)",
    ("amsgrad", AMSGRAD): "lr -> lr*(1 - beta1**t)/sqrt(1 - beta2**t), "
                          "eps -> eps/sqrt(1 - beta2**t)",
    (AMSGRAD, "optax:amsgrad"): "beta2 -> 0",
    ("amsgrad", "optax:amsgrad"): "beta2 -> 0, lr -> lr*(1 - beta1**t)",
    # rho_t > 5 or rho_t >= 5: no rational beta2 has rho_t = 5
    ("torch:RAdam", "optax:radam"): "threshold -> 5, eps -> eps/sqrt(1 - beta2**t)",
    # a schedule of momentum that stays where it begins, at half of mu
    ("nadam", "optax:nadam"): "psi -> 0, mu -> mu/2",
    # the m of torch forgets at beta1, past the schedule
    ("nadam", "torch:NAdam"): "mu -> 0", ("torch:NAdam", "optax:nadam"): "beta1 -> 0",
    ("survey:nadam", "optax:nadam"): "beta1 -> 0", ("nag", "momentum"): "mu -> 0"}
ALIKE = {                                               # how their states differ
    # https://github.com/keras-team/keras/issues/14115: Keras is Bengio's form
    ("torch:SGD(momentum=0.9, nesterov=True)", "keras:SGD(momentum=0.9, nesterov=True)"):
        "m -> -lr*m, with lr constant",
    (MOMENTUM, "momentum"): "m -> lr*m, with lr constant",
    (MOMENTUM, "keras:SGD(momentum=0.9)"): "m -> -lr*m, with lr constant",
    ("torch:SGD(momentum=0.9, nesterov=True)", "nag"): "m -> lr*m, with lr constant"}
APART = [                                               # and nothing makes them one
    ("optax:adagrad", "adagrad"), ("adam", "amsgrad"), ("rmsprop", "adagrad"),
    ("optax:rprop", "torch:Rprop")]
SLOW = [APART[3]]                                       # to find that nothing is found


@pytest.fixture
def patiently(monkeypatch):
    """However slow the machine, what is to be found is found."""
    monkeypatch.setattr(comparing_rules, "SEARCH", 300.0)


@pytest.fixture
def briefly(monkeypatch):
    """Where nothing is to be found, it is not looked for long; walks are looked for first.
    """
    monkeypatch.setattr(comparing_rules, "SEARCH", 3.0)


def without_addresses(x):
    """A name for a case that is the same in every process."""
    return re.sub(r" at 0x\w+", "", str(x))


@pytest.mark.parametrize("pair", EQUAL, ids=without_addresses)
def test_one_rule_under_two_names(pair):
    found = compare(*pair)
    assert found.status == "PROVED" and found.same, found
    assert found.walk is found.equal_if is found.apart is None


@pytest.mark.parametrize("pair", EQUAL_IF, ids=without_addresses)
def test_two_rules_that_a_change_of_letters_makes_one(pair, patiently):
    found = compare(*pair, seconds=300)
    assert found.status == "REFUTED" and not found.same and found.apart is not None
    assert str(found.equal_if.condition) == EQUAL_IF[pair], found
    assert found.equal_if.condition.check.status == "PROVED"


def test_what_is_0_on_both_sides_is_told_apart_from_what_changes_on_one(patiently):
    found = compare("nadam", "optax:nadam").equal_if
    assert str(found).startswith("psi -> 0 on both sides, mu -> mu/2 (letters of optax")
    assert "on both" not in str(compare("torch:Adam", "keras:Adam").equal_if)


def test_where_two_rules_are_one_but_for_a_set_without_a_fraction_the_set_is_told():
    found = compare("torch:RAdam", "optax:radam", where={"threshold": 5}).equal_if
    assert [x.lhs for x in found.condition.check.except_on] and "except where" in str(found)


# ------------------------------------------------------------------ some numbers only
@pytest.mark.parametrize("a, b, where", [
    ("torch:RMSprop", "keras:RMSprop", {"eps": 0}), ("adamw", "adam", {"weight_decay": 0}),
    ("torch:Adam", "keras:Adam", {"beta2": 0}), ("torch:NAdam", "keras:Nadam", {"psi": 1}),
    ("torch:Adam", "keras:Adam", {"eps": "0"}),
    ("torch:RAdam", "optax:radam", {"beta2": "beta2 <= 3/5", "threshold": 5}),
    ("torch:RAdam", "optax:radam", {"beta2": "1/3", "threshold": 5}),
    ("amsgrad", AMSGRAD, {"beta1": 0, "beta2": 0})])
def test_where_the_numbers_are_such_the_rules_are_one(a, b, where):
    assert compare(a, b, equal_if=False).status == "REFUTED"
    found = compare(a, b, where=where)
    assert found.status == "PROVED", found
    assert "where" in found.headline and all(n in found.headline for n in where)


@pytest.mark.parametrize("a, b, where, change", [
    ("torch:Adam", "keras:Adam", {"beta2": "0 < beta2 < 1"}, "eps*sqrt(1 - beta2**t)"),
    ("torch:Adam", "keras:Adam", {"beta2": "1/2 <= beta2 < 9/10"}, "sqrt(1 - beta2**t)"),
    ("torch:RAdam", "optax:radam", {"beta2": "beta2 < 3/5"}, "threshold -> 5"),
    ("torch:RAdam", "optax:radam", {"beta2": "1/2 < beta2 < 1"}, "eps/sqrt(1 - beta2**t)"),
    ("torch:RMSprop", "keras:RMSprop", {"eps": "eps >= 1/1000"}, None),
    ("adamw", "adam", {"weight_decay": "weight_decay > 0"}, None),
    ("nag", "momentum", {"mu": "0 < mu < 1"}, None)])
def test_an_interval_narrows_the_claim_the_witness_and_what_is_sought(a, b, where, change,
                                                                      patiently):
    found = compare(a, b, where=where)
    assert found.status == "REFUTED" and not found.same
    assert change in str(found.equal_if) if change else found.equal_if is None, found
    (name, _), = where.items()
    _, domain = interval(where[name])
    values = [found.apart.settings[name], *(
        x for q in found.quantities.values() for s, x in (q.verdict.witness or {}).items()
        if str(s) == name)]
    assert all(map(domain.holds, values)) and len(values) > 1
    assert apart_again(found)


def test_a_walk_is_one_for_these_numbers_too():
    found = compare("momentum", MOMENTUM, where={"mu": "1/2 < mu < 9/10"})
    assert found.status == "REFUTED" and found.same


def one_at_half(theta, g, v, *, t, lr=.001, rho=.9, eps=1e-8):
    """RMSprop for rho = 1/2 and for rho > 3/4 only."""
    kept = np.where(rho > 3/4, rho, 1/2)
    v = kept*v + (1 - kept)*g**2
    return theta - lr*g/(np.sqrt(v) + eps), v


@pytest.mark.parametrize("rho, status", [
    ("1/2", "PROVED"), ("rho > 3/4", "PROVED"),
    ("rho >= 3/4", "REFUTED"),              # at one number, where floats show it
    ("1/2 <= rho < 3/5", "REFUTED"), ("3/5 < rho <= 3/4", "REFUTED")])
def test_the_ends_of_an_interval_belong_to_it_or_do_not(rho, status):
    assert compare(one_at_half, "rmsprop", where={"rho": rho}, equal_if=False
                   ).status == status


@pytest.mark.parametrize("where, reason", [
    ({"speed": 1}, "no hyperparameter"), ({"rho": 2}, "may be"), ({"eps": -1}, "may be"),
    ({"v": 0}, "no hyperparameter"), ({"rho": "rho < 0"}, "no number"),
    ({"rho": "fast"}, "needed a number"), ({"t": "t > 1"}, "no hyperparameter"),
    ({"rho": "0 < mu < 1"}, "one of rho")])
def test_what_where_cannot_mean_is_refused(where, reason):
    with pytest.raises(ValueError, match=reason):
        compare("torch:RMSprop", "rmsprop", where=where)


def test_the_letters_of_either_side_may_stand_in_where():
    found = compare("nadam", "optax:nadam", where={"beta1": 0}, equal_if=False)
    assert found.same, found                                # beta1 is read as mu
    words = json.loads(json.dumps(found.as_dict()))["where"]
    assert words == ["beta1 = 0"]


@pytest.mark.parametrize("pair", ALIKE, ids=without_addresses)
def test_one_walk_by_other_states(pair):
    found = compare(*pair)
    assert found.status == "REFUTED" and found.same
    assert str(found.walk.condition) == ALIKE[pair], found
    assert found.walk.condition.check.status == "PROVED"
    assert not found.walk.unreachable and "not the same numbers" in found.headline


def first_apart(theta, g, m, *, t, lr=.001, mu=.9):
    """As PyTorch writes it: the buffer begins as the first gradient."""
    m = np.where(t == 1, g, mu*m + g)
    return theta - lr*m, m


def overwritten(theta, g, v=7, *, t, lr=.01, eps=1e-10):
    v = np.where(t == 1, 0, v) + g**2
    return theta - lr*g/(np.sqrt(v) + eps), v


@pytest.mark.parametrize("rule, name", [(first_apart, MOMENTUM), (overwritten, "adagrad"),
                                        (MOMENTUM, first_apart)])
def test_a_difference_that_no_run_reaches_is_told_as_such(rule, name):
    found = compare(rule, name)
    assert found.status == "REFUTED" and found.same and found.walk.unreachable
    assert "equal in every run, though not at every state" in found.headline
    assert "(in no run)" in str(found) and found.apart is None


@pytest.mark.parametrize("pair", APART, ids=without_addresses)
def test_two_rules_that_a_run_tells_apart(pair, briefly):
    found = compare(*pair, equal_if=pair not in SLOW)
    assert found.status == "REFUTED" and not found.same and found.equal_if is None
    assert abs(found.apart.left - found.apart.right) > 1e-6
    assert apart_again(found)


def apart_again(found):
    """The run that tells them apart, in plain floats: does it come to the two places?"""
    ends = []
    for x in (found.pair.left, found.pair.right):
        own = [*x.formula.symbols]
        settings = {n: float(v) for n, v in found.apart.settings.items()
                    if n in own and n != own[0]}
        theta = np.array([float(found.apart.settings[own[0]])])
        opt = optim.optimizers.signatures.first_states(x.formula.rule, theta, settings)
        states = [*opt.values()]
        for t, g in enumerate(found.apart.gradients, 1):
            theta, *states = optim.optimizers.signatures.step_of(
                x.formula.rule, theta, np.array([float(g)]), *states, t=t, **settings)
        ends.append(theta.item())
    return np.allclose(ends, [found.apart.left, found.apart.right], rtol=1e-9, atol=1e-9)


# ------------------------------------------------------- states that others make redundant
def powers(theta, g, m, v, power1=1, power2=1, *, t, lr=1e-3, beta1=.9, beta2=.999,
           eps=1e-8):
    m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    power1, power2 = power1*beta1, power2*beta2
    return (theta - lr*m/(1 - power1)/(np.sqrt(v/(1 - power2)) + eps), m, v, power1,
            power2)


def counting(theta, g, m, v, k=0, *, t, lr=1e-3, beta1=.9, beta2=.999, eps=1e-8):
    m, v, k = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2, k + 1
    m_hat, v_hat = m/(1 - beta1**k), v/(1 - beta2**k)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v, k


def two_points(theta, g, before=lambda theta: theta, *, t, lr=.01, mu=.9):
    """Polyak's own form."""
    return theta - lr*g + mu*(theta - before), theta


def corrected_mean(theta, g, m, v, *, t, lr=1e-3, beta1=.9, beta2=.999, eps=1e-8):
    m = (beta1*(1 - beta1**(t - 1))*m + (1 - beta1)*g)/(1 - beta1**t)
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


def mean_of_squares(theta, g, v, *, t, lr=.01, eps=1e-10):
    v = v + (g**2 - v)/t
    return theta - lr*g/(np.sqrt(t*v) + eps), v


def averaging(theta, g, m, mean, *, t, lr=.01, mu=.9):
    m = mu*m + lr*g
    return theta - m, m, mean + theta


@pytest.mark.parametrize("rule, name", [
    (powers, "adam"), (counting, "adam"), (two_points, "momentum"), (two_points, MOMENTUM),
    (corrected_mean, "adam"), (mean_of_squares, "adagrad"), (averaging, "momentum"),
    (first_apart, "momentum"), ("momentum", two_points)])
def test_other_states_are_found_to_be_made_of_these(rule, name):
    found = compare(rule, name)
    assert found.same, found


def test_what_a_state_is_in_every_run_is_told(briefly):
    assert {n: str(e) for n, e in compare(powers, "adam").pair.closed.items()} == {
        "power1": "beta1**(t - 1)", "power2": "beta2**(t - 1)"}
    assert compare(averaging, "momentum").pair.resting == ("mean",)
    assert "mu_product has no partner" in str(compare("optax:nadam", "torch:NAdam"))


# ------------------------------------------------------------------ what would fool it
def needing(theta, g, m, v, *, t, lr=.01, mu=.9):
    """v is multiplied by 0, and yet it decides whether theta has a value."""
    m = mu*m + lr*g
    return theta - m + 0*np.log(1 - v), m, v + g**2


def behind(theta, g, m, v, w, *, t, lr=.01, mu=.9):
    """w acts on v, which acts on theta a step later."""
    m = mu*m + lr*g
    return theta - m - v/1000, m, w, g


def second_too(theta, g, m, *, t, lr=.001, mu=.9):
    """Right in the first step, wrong in the second."""
    m = np.where(t <= 2, g, mu*m + g)
    return theta - lr*m, m


def from_ten_on(theta, g, m, *, t, lr=.001, mu=.9):
    """Right in every step that is tried, wrong from the hundredth."""
    m = mu*m + np.where(t > 100, 2, 1)*g
    return theta - lr*m, m


def other_power(theta, g, m, v, power1=1, power2=1, *, t, lr=1e-3, beta1=.9, beta2=.999,
                eps=1e-8):
    m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    power1, power2 = power1*beta1, power2*beta1
    return (theta - lr*m/(1 - power1)/(np.sqrt(v/(1 - power2)) + eps), m, v, power1,
            power2)


def late_count(theta, g, m, v, k=1, *, t, lr=1e-3, beta1=.9, beta2=.999, eps=1e-8):
    return counting(theta, g, m, v, k, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def stale_points(theta, g, before=0, *, t, lr=.01, mu=.9):
    """Polyak's two points, the first of which is not where it begins."""
    return theta - lr*g + mu*(theta - before), theta


def begun(theta, g, v=7, *, t, lr=.01, eps=1e-10):
    """overwritten, but that the first step does not overwrite."""
    v = np.where(t == 1, v/2, v) + g**2
    return theta - lr*g/(np.sqrt(v) + eps), v


def swapped(theta, g, v, *, t, lr=.001, alpha=.9, eps=1e-8):
    """alpha could be read as rho; here it is how much is not kept."""
    v = (1 - alpha)*v + alpha*g**2
    return theta - lr*g/(np.sqrt(v) + eps), v


def squared(theta, g, m, *, t, lr=.01, mu=.9):
    """m here is what it remembers squared: no map of m brings the sign back."""
    m = mu*m + lr*g**2
    return theta - np.sign(g)*np.sqrt(m), m


@pytest.mark.parametrize("rule, name", [
    (needing, "momentum"), (behind, "momentum"), (second_too, MOMENTUM),
    (from_ten_on, "optax:sgd(0.1, momentum=0.9)"), (other_power, "adam"),
    (late_count, "adam"), (stale_points, "momentum"), (begun, "adagrad"),
    (swapped, "rmsprop"), (squared, "momentum")])
def test_what_is_another_rule_is_never_called_the_same(rule, name, briefly):
    found = compare(rule, name)
    assert found.status == "REFUTED" and not found.same, found


@pytest.mark.parametrize("a, b", [(second_too, "sgd_momentum"), (begun, "adagrad"),
                                  (stale_points, "momentum")])
def test_an_induction_needs_both_its_first_step_and_the_later_ones(a, b):
    other = formula(rules.RULES[b]) if b in rules.RULES else compare(
        MOMENTUM, MOMENTUM).pair.left.formula
    at = formula(a).symbols
    states = {"m": at["before"] - at["theta"]} if b == "momentum" else {}
    verdict = optim.equivalence.walks_alike(formula(a), other, states)
    assert verdict.status == "REFUTED", verdict


def test_a_state_of_another_role_is_refused():
    def moving(theta, g, lr=0.1, *, t, mu=0.9):
        return theta - lr*g, lr*mu
    with pytest.raises(ValueError, match="lr is a state"):
        compare(moving, "gradient_descent")


def test_a_rule_that_runs_as_another_than_its_formula_is_not_called_equal():
    def spied(theta, g, m, *, t, lr=0.01, mu=0.9):
        m = mu*m + lr*g*(1 if type(t).__name__ != "int" else 2)
        return theta - m, m
    try:
        found = compare(spied, MOMENTUM)
    except TypeError:
        return                                  # it is refused when it is read
    assert not found.same


# ------------------------------------------------------------------ letters and names
def strange(x, dx, cache, *, t, learning_rate=.001, decay_rate=.9, epsilon=1e-8):
    cache = decay_rate*cache + (1 - decay_rate)*dx**2
    return x - learning_rate*dx/(np.sqrt(cache) + epsilon), cache


def unheard(theta, g, v, *, t, speed=.001, keep=.9, eps=1e-8):
    v = keep*v + (1 - keep)*g**2
    return theta - speed*g/(np.sqrt(v) + eps), v


def test_letters_are_matched_by_their_meaning_and_the_rest_by_rename():
    found = compare(strange, "rmsprop")
    assert found.status == "PROVED" and found.pair.matched == {
        "learning_rate": "lr", "decay_rate": "rho", "epsilon": "eps"}
    assert compare(unheard, "rmsprop").status == "REFUTED"
    named = compare(unheard, "rmsprop", rename={"speed": "lr", "keep": "rho"})
    assert named.status == "PROVED"
    with pytest.raises(ValueError, match="no.*letter 'kept'|neither side has a letter"):
        compare(unheard, "rmsprop", rename={"kept": "rho"})
    with pytest.raises(ValueError, match="would be called eps"):
        adapted(unheard, {"speed": "eps"})


RMS = "v = rho*v + (1 - rho)*g**2; theta - lr*g/{}"


def test_a_rule_may_be_typed():
    # https://github.com/tensorflow/tensorflow/issues/58412: eps stands inside
    assert compare(RMS.format("sqrt(v + eps)"), "keras:RMSprop").status == "PROVED"
    assert compare(RMS.format("sqrt(v + eps)"), "rmsprop").status == "REFUTED"
    assert compare(RMS.format("(sqrt(v) + eps)"), "torch:RMSprop").status == "PROVED"


@pytest.mark.parametrize("words, reason", [
    ("theta - lr*__import__('os')", "no function"), ("theta - lr*g.real", "may not"),
    ("theta - lr*g*(lambda: 1)()", "names no optimizer"), ("theta - 'a'*g", "may not"),
    ("theta - lr*g/sqrt(v)", "what v becomes"), ("theta - lr*sqrt", "no letter"),
    ("theta = 1; theta - g", "what a state becomes"), ("theta - __g", "no letter"),
    ("theta -", "no formula"), ("theta - [g for g in theta][0]*1", "may not stand"),
    ("theta - 10**10**10", "too large"),
    ("theta - g*(lambda x=1: x)()", "no function|may")])
def test_what_may_not_be_typed_is_refused(words, reason):
    with pytest.raises((ValueError, TypeError), match=reason):
        compare(words, "rmsprop")


def test_defaults_stand_side_by_side():
    text = str(compare("torch:RMSprop", "rmsprop"))
    assert "default of lr: 0.01 | 0.001" in text and "other defaults" in text
    assert "default of rho: 0.99 | 0.9" in text and "eps:" not in text


@pytest.mark.parametrize("words, reason", [
    ("torch:RMSpropp", "did you mean RMSprop"), ("torch:SGD(momentum=)", "arguments"),
    ("torch:SGD(momentum=__import__('os'))", "arguments"), ("adma", "did you mean adam"),
    ("torch:SGD(nesterov=True)", "momentum above 0"), ("torch.optim.RMSpropp", "RMSprop"),
    ("torch:SGD(speed=1)", "speed"), ("nowhere.py:adam", "no Python file")])
def test_what_names_no_rule_is_refused_with_what_would(words, reason):
    with pytest.raises(ValueError, match=reason):
        compare(words, "adam")


@pytest.mark.parametrize("words, name", [
    ("torch.optim.RMSprop", "rmsprop"), ("optax.adam", "torch:Adam"),
    ("torch.optim.SGD(momentum=0.9)", MOMENTUM)])
def test_an_installed_librarys_class_is_lifted(words, name):
    assert compare(words, name).same


def test_a_named_rule_is_the_dialects_with_its_zeros_left_out():
    rule = called("torch:SGD(0.5, momentum=0.25)")
    theta, m = rule(np.array([1.]), np.array([2.]), np.array([0.]), t=1, lr=.5, mu=.25)
    assert (theta.item(), m.item()) == (0., 2.)
    held = adapted(rules.rmsprop, {"rho": "alpha"}, {"eps": 0}, {"rho": .5})
    assert held(1., 3., 0., t=1, lr=.5, alpha=0.) == (0.5, 9.0)


# ------------------------------------------------------------------ how it is printed
def test_the_answer_as_text_json_latex_and_html_says_the_same():
    found = compare("torch:RMSprop", "keras:RMSprop")
    data = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert data["equal_if"]["letters"] == {"eps": "0"} and not data["same"]
    left, right = data["quantities"]["theta"]["values"]
    assert abs(left - right) > .1
    for text in (str(found), found._repr_html_()):
        assert "equal if eps" in text and "REFUTED" in text
    assert r"\Delta\theta" in found.latex() and r"\sqrt" in found._repr_latex_()


def test_values_at_the_witness_are_those_of_the_rules():
    q = compare("torch:RMSprop", "keras:RMSprop").quantities["theta"]
    at = {str(s): float(x) for s, x in q.verdict.witness.items()}
    place, g, v = (at.pop(n) for n in ("theta", "g", "v"))
    for name, value in zip(("torch:RMSprop", "keras:RMSprop"), q.values):
        assert np.isclose(called(name)(place, g, v, t=1, **at)[0], value)


def test_the_size_of_the_effect_is_of_two_trainings_from_one_start():
    same = compare("torch:RMSprop", "rmsprop").effect(epochs=1)
    other = compare("torch:RMSprop", "keras:RMSprop").effect(epochs=1)
    assert same.apart == 0 < other.apart and same.steps == 45
    assert other.plot().axes[0].get_ylabel() == "training loss"
