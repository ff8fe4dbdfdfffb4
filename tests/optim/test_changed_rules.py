"""A rule that is changed in its source loses what is said of it in particular.

The change is made where the rule is written, so every letter that depends on it changes
with it: what is left can only be caught by a step that speaks of the rule itself.
"""
import pytest

from optim.derivations import PARTICULAR, TOPICS, derive
from optim.derivations.topics.descent import steepest_descent
from optim.derivations.per_rule.origins import origin
from optim.formulas.rule_formulas import formula
from optim.rules import RULES

from ..cases import each
from .changed_sources import changed

BLOCKS = {name: block for name, (_, block) in PARTICULAR.items()}
BLOCKS |= {"gradient_descent": origin}

# rule: changes of its source, each (what stands there, what is put there)
CHANGED = {
    "gradient_descent": [
        ("theta - lr*g", "theta - g"), ("theta - lr*g", "theta + lr*g"),
        ("theta - lr*g", "theta - lr*g/2"), ("theta - lr*g", "theta - lr*np.sign(g)")],
    "momentum": [
        ("mu*m + lr*g", "mu*m + g"), ("mu*m + lr*g", "mu*m + (1 - mu)*lr*g"),
        ("mu*m + lr*g", "m + lr*g"), ("mu*m + lr*g", "mu*m - lr*g"),
        ("theta - m", "theta - 2*m"), ("theta - m", "theta - m - lr*g"),
        ("g, m,", "g, m=1,")],
    "nag": [
        ("(mu*m + lr*g)", "m"), ("(mu*m + lr*g)", "(m + lr*g)"),
        ("(mu*m + lr*g)", "(mu*m + g)"), ("m = mu*m + lr*g", "m = m + lr*g"),
        ("m = mu*m + lr*g", "m = mu*m + g"), ("m = mu*m + lr*g", "m = mu*m + lr*g/2"),
        ("g, m,", "g, m=1,")],
    "adagrad": [
        ("v + g**2", "v + 2*g**2"), ("v + g**2", "v/2 + g**2"),
        ("v + g**2", "v + np.abs(g)"), ("v + g**2", "np.maximum(v, g**2)"),
        ("np.sqrt(v) + eps", "np.sqrt(v + eps)"),
        ("np.sqrt(v) + eps", "v + eps"), ("lr*g", "lr*v*g"), ("lr*g", "lr*g/t"),
        ("g, v,", "g, v=1,")],
    "rmsprop": [
        ("(1 - rho)*g**2", "g**2"), ("rho*v + (1 - rho)*g**2", "(1 - rho)*v + rho*g**2"),
        ("rho*v + (1 - rho)*g**2", "np.maximum(rho*v, (1 - rho)*g**2)"),
        ("np.sqrt(v) + eps", "np.sqrt(v + eps)"), ("np.sqrt(v)", "np.sqrt(v/(1 - rho**t))"),
        ("lr*g", "lr*np.sign(g)"), ("g, v,", "g, v=1,")],
    "nadam": [
        ("mu_now*m + (1 - mu_now)*g", "mu_now*m + g"),
        ("mu_now*m + (1 - mu_now)*g", "mu*m + (1 - mu)*g"),
        ("beta2*v + (1 - beta2)*g**2", "beta2*v + g**2"), ("mu_next*m/", "mu_now*m/"),
        ("mu_next*m/", "mu_next*g/"), ("(1 - mu_product*mu_next)", "(1 - mu_product)"),
        ("/(1 - mu_product*mu_next)", ""), ("v/(1 - beta2**t)", "v"),
        ("v/(1 - beta2**t)", "beta2*v/(1 - beta2**t)"), ("/2)", "/3)"),
        ("0.96", "0.9"), ("mu_product=1", "mu_product=0"), ("g, m, v,", "g, m, v=1,")],
    "adamw": [
        ("- weight_decay*theta", "- lr*weight_decay*theta"),
        ("- weight_decay*theta", "- weight_decay"), ("- weight_decay*theta", ""),
        ("theta + step", "theta + 2*step"), ("adam(0, g", "adam(0, g + weight_decay*theta"),
        ("beta2=beta2", "beta2=beta1"), ("eps=eps", "eps=2*eps")]}
EVERY_CHANGE = [pytest.param(name, old, new, id=f"{name}: {new or 'left out'}")
                for name, changes in CHANGED.items() for old, new in changes]

# Derivations that speak of another rule as well: (their rule, the other, its change)
PARTNERS = [
    ("nag", "momentum", ("mu*m + lr*g", "mu*m + g")),
    ("rmsprop", "adagrad", ("v + g**2", "v + 2*g**2")),
    ("rmsprop", "adagrad", ("np.sqrt(v) + eps", "np.sqrt(v + eps)")),
    ("rmsprop", "adam", ("beta1*m + (1 - beta1)*g", "beta1*m + g")),
    ("nadam", "adam", ("m/(1 - beta1**t)", "m")),
    ("nadam", "adam", ("beta1*m + (1 - beta1)*g", "beta1*m + g")),
    ("nadam", "adam", ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)")),
    ("adamw", "adam", ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)")),
    ("adamw", "gradient_descent", ("theta - lr*g", "theta - g"))]


def broken(steps):
    """The steps that are refuted and were claimed to be proved."""
    return [s for s in steps if s.verdict.status == "REFUTED" and s.expected == "PROVED"]


@each("name, old, new", EVERY_CHANGE)
def test_what_is_particular_to_a_rule_is_refuted_of_the_changed_rule(name, old, new):
    assert broken(BLOCKS[name](formula(changed(name, old, new))))


@pytest.mark.parametrize("name", CHANGED)
def test_it_holds_of_the_rule_and_of_the_rule_written_in_another_way(name):
    spelled = {"gradient_descent": ("theta - lr*g", "-lr*g + theta"),
               "momentum": ("mu*m + lr*g", "lr*g + m*mu"),
               "nag": ("theta - (mu*m + lr*g)", "theta - mu*m - lr*g"),
               "adagrad": ("v + g**2", "g*g + v"),
               "rmsprop": ("rho*v + (1 - rho)*g**2", "v + (1 - rho)*(g**2 - v)"),
               "nadam": ("mu_now*m + (1 - mu_now)*g", "m + (1 - mu_now)*(g - m)"),
               "adamw": ("- weight_decay*theta", "- theta*weight_decay")}
    for rule in (RULES[name], changed(name, *spelled[name])):
        assert all(s.ok for s in BLOCKS[name](formula(rule)))


@pytest.mark.parametrize("name, other, change", PARTNERS, ids=str)
def test_what_is_said_of_another_rule_is_read_off_it(monkeypatch, name, other, change):
    f = formula(name)
    monkeypatch.setitem(RULES, other, changed(other, *change))
    assert broken(BLOCKS[name](f))


@pytest.mark.parametrize("name", ["gradient_descent", "adagrad"])
def test_the_best_step_is_that_of_the_rule(monkeypatch, name):
    assert all(s.ok for s in steepest_descent())
    monkeypatch.setitem(RULES, name, changed(name, "theta - lr*g", "theta - 2*lr*g"))
    assert len(broken(steepest_descent())) == 1


@each("name", [*RULES, *TOPICS])
def test_what_is_false_is_marked_as_false_where_one_reads_it(name):
    for step in derive(name).steps:
        assert (step.expected == "REFUTED") == step.sentence.startswith("Not so: ")
