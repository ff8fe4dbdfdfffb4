"""The proved weights are what the engine finds when it differentiates the running rules.

Two paths to one number: SymPy reads w_k off the closed form that is proved; the engine runs
the rule in optim.rules over tensors g_1..g_t and walks back from m_t or v_t. Wrong weights,
wrong rules and wrong closed forms are planted, and each must be found.
"""
import inspect
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp

import minigrad as mg
from optim.claims.verification import verify
from optim.derivations import derive, memory, weights
from optim.derivations.topics.forgetting import (
    additive, groups, half_life, mean_age, together)
from optim.derivations.memory import in_ours, k, proof, weight_of
from optim.formulas.rule_formulas import formula
from optim.papers import History, beta1, beta2, g, i, j, lr, momentum, mu, rho, statement, t
from optim.notation.mathml import display
from optim.rules import FIRST, RULES
from optim.optimizers.signatures import anatomy

from ..cases import each

SAME = 1e-12             # relative: a weight is a product of up to 40 factors, each rounded
NONE = {("adadelta", "v_delta"), ("adamax", "v"), ("nadam", "mu_product"),
        ("amsgrad", "v_max")}
KEPT = [(name, state) for name in FIRST for state in anatomy(RULES[name])[0]
        if (name, state) not in NONE]
known, derived, verified = cache(weights), cache(derive), cache(verify)
WEIGHED = {"lion", "qhm", "aggmo", "sgdw", "schedule_free_sgd", "radam", "yogi",
           "adabelief",
           "qhadam", "adan", "schedule_free_adamw", "rmsprop_graves", "ftrl"}
every_weight = each("name, state", KEPT)


# ------------------------------------------------------------------- the engine's side
def after(name, gradients, hyperparameters):
    """The states of the rule after these gradients, of floats or of tensors."""
    states = anatomy(RULES[name])[0]
    for step, gradient in enumerate(gradients, 1):
        _, *now = RULES[name](0.0, gradient, *states.values(), t=step, **hyperparameters)
        states = dict(zip(states, now, strict=True))
    return states


def derivative(name, state, gradients, hyperparameters):
    """The state's derivatives by g_1..g_t, by the engine."""
    def last(tensors):
        return after(name, [tensors[n] for n in range(len(gradients))],
                     hyperparameters)[state]
    return mg.grad(last)(gradients)


def drawn(name, rng):
    """Hyperparameters at random: what is kept below 1, all else above 0."""
    return {one: float(rng.uniform(0.05, 0.999)) for one in anatomy(RULES[name])[1]}


def gap(remembered, steps, seed):
    """The largest relative difference of the weights from what the engine finds."""
    rng = np.random.default_rng(seed)
    hyperparameters, gradients = drawn(remembered.rule, rng), rng.normal(size=steps)
    found = derivative(remembered.rule, remembered.state, gradients, hyperparameters)
    expected = remembered.numbers(steps, **hyperparameters)
    if remembered.of == g(k)**2:
        expected = 2*expected*gradients
    return np.max(np.abs(found - expected)/np.abs(expected))


@every_weight
@each("steps", [1, 2, 7, 40])
def test_the_weights_are_the_derivatives_that_the_engine_finds(name, state, steps):
    for seed in range(3):
        assert gap(known(name)[state], steps, seed) < SAME


@pytest.mark.parametrize("name", [name for name in RULES if name not in FIRST])
def test_the_weights_of_the_later_rules_are_those_derivatives_too(name):
    states = anatomy(RULES[name])[0]
    weighed = [state for state, one in known(name).items() if one.weight is not None]
    for state in weighed if not any(map(callable, states.values())) else ():
        for steps in (1, 2, 7):
            assert gap(known(name)[state], steps, seed=0) < SAME, (state, steps)
    assert bool(weighed) == (name in WEIGHED)


WRONG = {
    "one step older": lambda w: w.subs(t, t + 1),
    "counted from the other end": lambda w: w.subs(k, t + 1 - k),
    "without the share of the newest": lambda w: w/w.subs(k, t).doit(),
    "squared": lambda w: w**2, "off by one part in 1e11": lambda w: w*(1 + sp.Float(1e-11)),
    "for the other beta": lambda w: w.subs({beta1: beta2, beta2: beta1}, simultaneous=True)}
UNCHANGED = {("adagrad", "v"): set(WRONG) - {"off by one part in 1e11"},
             **{pair: {"for the other beta"} for pair in KEPT
                if pair[1] == "m" and pair[0] in ("momentum", "nag", "nadam")
                or pair[0] in ("rmsprop", "adadelta")}}


@every_weight
@each("error", WRONG)
def test_a_wrong_weight_is_not_what_the_engine_finds(name, state, error):
    right = known(name)[state]
    wrong = replace(right, weight=WRONG[error](right.weight))
    same = error in UNCHANGED.get((name, state), set())
    defaults = right.defaults if "beta1" in right.defaults else right.defaults | {
        "beta1": 0.5, "beta2": 0.5}
    assert (wrong.weight == right.weight) == same
    assert (gap(replace(wrong, defaults=defaults), 7, seed=0) < SAME) == same


@every_weight
def test_a_weight_does_not_depend_on_the_gradients(name, state):
    assert spread(name, state) < SAME


@pytest.mark.parametrize("name, state", [
    pair for pair in sorted(NONE) if pair[1] != "mu_product"])
def test_what_would_be_the_weight_of_a_maximum_or_of_v_delta_does_depend_on_them(
        name, state):
    assert spread(name, state) > 0.1


def spread(name, state):
    """By how much the derivative, over that of g_k or g_k**2, differs for other gradients.

    By sizes for AdaMax's v, which is one of sizes.
    """
    hyperparameters, per_unit = dict.fromkeys(anatomy(RULES[name])[1], 0.9), []
    for gradients in np.random.default_rng(0).normal(size=(5, 6)):
        own = (np.sign(gradients) if (name, state) == ("adamax", "v") else
               1 if state == "m" else 2*gradients)
        per_unit.append(derivative(name, state, gradients, hyperparameters)/own)
    largest = np.max(np.abs(per_unit), axis=0)
    return np.max(np.abs(per_unit - per_unit[0])/np.where(largest > 0, largest, 1))


def test_the_product_of_momenta_is_that_whatever_the_gradients_are():
    rng = np.random.default_rng(0)
    hyperparameters = drawn("nadam", rng)
    found = derivative("nadam", "mu_product", rng.normal(size=5), hyperparameters)
    np.testing.assert_array_equal(found, 0)


@every_weight
def test_weights_of_rules_that_keep_nothing_are_right_too(name, state):
    """At 0 only the newest gradient counts (0**0 is 1); Adagrad has nothing to set to 0."""
    zero = {one: 0.0 for one in anatomy(RULES[name])[1]
            if one in ("mu", "rho", "beta1", "beta2")}
    expected = [1.0]*3 if name == "adagrad" else [0.0, 0.0, 1.0]
    found = known(name)[state].numbers(3, **zero)
    np.testing.assert_array_equal(found/found[-1], expected)


# --------------------------------------------------------------------- what is told
def test_every_state_of_every_rule_has_weights_or_a_reason_why_not():
    for name in RULES:
        found = known(name)
        assert list(found) == list(formula(name).init)
        for state, one in found.items():
            assert (one.weight is None) == bool(one.why)
            assert name not in FIRST or bool(one.why) == ((name, state) in NONE)
            assert one.weight is None or one.of in (g(k), g(k)**2)
    told = " ".join(step.sentence for step in derived("memory").steps)
    for state, _, rules in groups():
        assert f"{state} of {', '.join(f.name for f in rules)}" in told


@pytest.mark.parametrize("id, status", [
    ("adadelta-v_delta-additive", "REFUTED"), ("adamax-v-additive", "REFUTED"),
    ("amsgrad-v_max-additive", "REFUTED"), ("nadam-mu_product-none", "PROVED"),
    ("nadam-m-derivative", "PROVED"), ("long-run", "BY THEOREM"),
    ("default-9-10", "PROVED"), ("default-999-1000", "PROVED"), ("ages", "PROVED"),
    ("adagrad-age", "PROVED"), ("nadam-schedule", "PROVED")])
def test_this_is_what_the_topic_says(id, status):
    claims = [claim for claim in verified("memory").claims if claim.id == id]
    assert len(claims) == 1
    assert claims[0].verdict.status == claims[0].expected == status


def test_the_weights_are_printed_as_the_papers_have_them():
    assert str(known("momentum")["m"]) == "momentum: g[k] counts lr*mu**(t - k) in m[t]"
    assert r"\beta_{2}^{t - k}" in known("adam")["v"]._repr_latex_()
    assert "largest" in str(known("adamax")["v"])
    assert "largest" in known("adamax")["v"]._repr_latex_()
    assert known("gradient_descent") == {}


def test_numbers_of_what_has_none_or_of_another_letter_are_refused_in_words():
    with pytest.raises(ValueError, match="v has no weights: it is a largest value"):
        known("adamax")["v"].numbers(3)
    with pytest.raises(ValueError, match="momentum has no beta1; it has lr, mu"):
        known("momentum")["m"].numbers(3, beta1=0.5)


# --------------------------------------------------------------- how fast it is forgotten
@every_weight
def test_the_weights_add_up_to_their_total(name, state):
    one, values = known(name)[state], drawn(name, np.random.default_rng(1))
    total = one.total.subs({s: values[s.name] for s in one.total.free_symbols - {t}})
    assert np.sum(one.numbers(9, **values)) == pytest.approx(
        float(total.subs(t, 9).doit()), rel=SAME)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.95, 0.999])
def test_so_many_of_the_newest_hold_half_and_that_is_their_mean_age(kept):
    long = 20_000                                         # 0.999**20_000 is 2e-9
    newest_first = known("rmsprop")["v"].numbers(long, rho=kept)[::-1]
    share = np.cumsum(newest_first)/np.sum(newest_first)
    age = float(half_life(kept))
    assert share[int(np.ceil(age)) - 1] > 0.5 and (age < 1 or share[int(age) - 1] < 0.5)
    few = newest_first[:50]                             # the shares at t = 50 are the same
    expected = float(mean_age(sp.Float(kept, 40)).subs(t, 50))
    assert np.average(np.arange(50), weights=few) == pytest.approx(expected, rel=SAME)


# ------------------------------------------------------------------------- planted errors
WRONG_WEIGHTS = [
    ("momentum", "m", mu**(t - i)), ("momentum", "m", lr*mu**(t - i + 1)),
    ("adam", "m", beta1**(t - i)), ("adam", "m", (1 - beta1)*beta1**(t - i + 1)),
    ("adam", "m", (1 - beta1)*beta2**(t - i)), ("adam", "v", (1 - beta2)*beta2**i),
    ("adam", "v", 2*(1 - beta2)*beta2**(t - i)), ("adagrad", "v", sp.Rational(1, 2)),
    ("rmsprop", "v", rho**(t - i)),
    ("nadam", "m", sp.Product(momentum(j), (j, i, t))*(1 - momentum(i))),
    ("nadam", "m", sp.Product(momentum(j), (j, i + 1, t)))]


@pytest.mark.parametrize("name, state, wrong", WRONG_WEIGHTS, ids=str)
def test_a_wrong_weight_is_refuted_by_the_closed_form_and_by_the_rule(name, state, wrong):
    paper = statement(name)
    right = proof([formula(name)], paper, state, weight_of(paper.moments[state])[1])
    grows, derivative = proof([formula(name)], paper, state, History("sum", wrong))
    assert all(claim.ok for claim in right)
    assert grows.verdict.status == derivative.verdict.status == "REFUTED"


def edited(name, old, new):
    """The rule with an edit of its source, under its own name."""
    source = inspect.getsource(RULES[name])
    assert old in source
    scope = {"np": np}
    exec(compile(source.replace(old, new), name, "exec"), scope)
    return scope[name]


@pytest.mark.parametrize("name, old, new", [
    ("adam", "(1 - beta2)*g**2", "g**2"), ("adam", "beta1*m + (1 - beta1)*g", "beta1*m"),
    ("momentum", "mu*m + lr*g", "mu*m + g"), ("rmsprop", "g**2", "np.abs(g)"),
    ("adagrad", "v + g**2", "v + g**2/t"), ("nadam", "mu_now*m", "mu_next*m")])
def test_a_rule_that_is_not_its_papers_is_given_no_weights(name, old, new):
    with pytest.raises(ValueError, match="not proved to be the sum.*REFUTED|premise"):
        weights(edited(name, old, new))
    assert weights(edited(name, old, old)).keys() == weights(name).keys()


def test_a_rule_with_other_states_than_its_paper_is_told_so():
    def momentum(theta, g, m, other, *, t, lr=0.01, mu=0.9):
        return theta - m, mu*m + lr*g, other
    with pytest.raises(ValueError, match=r"keeps the states \['m', 'other'\]"):
        weights(momentum)


def test_terms_that_are_no_multiples_of_a_gradient_or_its_square_have_no_weights():
    for term in (abs(g(i)), g(i)**3, g(i) + 1, g(i)*g(i + 1), sp.Function("m")(i)*g(i)):
        printed = History("sum", term)
        assert weight_of(printed) is None
        assert "no multiples" in memory.reason(printed)


def test_a_wrong_total_is_refuted():
    """Here of weights that the recursion of a schedule does not add up."""
    paper, f = statement("nadam"), formula("nadam")
    right = in_ours(weight_of(paper.moments["m"])[1], paper)
    wrong = in_ours(History("sum", sp.Product(momentum(j), (j, i + 1, t))), paper)
    assert together([f], paper, "m", right).ok
    assert together([f], paper, "m", wrong).verdict.status == "REFUTED"


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "nadam"])
def test_what_has_weights_passes_the_test_that_the_others_fail(name):
    assert additive(formula(name), "v", "").verdict.status == "PROVED"


def test_every_formula_of_the_topic_can_be_shown_on_a_page():
    for step in derived("memory").steps:
        assert "merror" not in display(step.latex() + step.caption), step
    assert "merror" in display(r"\nosuchsign")
