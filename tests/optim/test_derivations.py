"""Every rule is its paper's, by induction; every planted error is refuted at a point.

A witness is not taken on trust: the changed rule and the right one are run again at that
point on plain numbers, without SymPy, NumPy or the prover.
"""
import os
import re
from dataclasses import replace
from functools import cache

import pytest
import sympy as sp

from optim.derivations import derive
from optim.derivations.induction import by_induction
from optim.derivations.per_rule.adam_bound import longer_than_lr
from optim.claims.between_rules import RELATIONS
from optim.formulas.rule_formulas import formula
from optim.lifting.lifted import lift
from optim.mutants import Mutant, mutants
from optim.mutants.differences import differing_point
from optim.mutants.plain_numbers import on_plain_numbers
from optim.mutants.scoring import separated
from optim.mutants.sources import sources
from optim.papers import History, beta1, beta2, g, i, j, momentum, statement, t
from optim.rules import RULES

# Every so manyth mutant is held against the paper too; whole, in about an hour:
# MINIGRAD_EVERY=1 python -m pytest tests/optim/test_derivations.py
SAMPLE = int(os.environ.get("MINIGRAD_EVERY", 80))
every_rule = pytest.mark.parametrize("name", RULES)

# What no mutant of optim.mutants is; rule: edits of its source, each (what stands there,
# what is planted), several by ";;"
PLANTED = {
    "gradient_descent": [("theta - lr*g", "theta - lr*g/t")],
    "momentum": [("mu*m + lr*g", "(1 - mu)*m + lr*g"), ("theta, g, m,", "theta, g, m=1,")],
    "adagrad": [("v + g**2", "v + (1 - eps)*g**2"), ("theta, g, v,", "theta, g, v=1,")],
    "adadelta": [("(1 - rho)*step**2", "(1 - rho)*g**2")],
    "adam": [
        ("lr*m_hat", "lr*g"), ("g, m, v", "g, m, v=1"),
        ("v_hat = v/(1 - beta2**t) ;; np.sqrt(v_hat)",
         "v_hat = v ;; np.sqrt(v_hat)/np.sqrt(1 - beta1**t)")],
    "adamax": [
        ("np.maximum(beta2*v, np.abs(g))", "beta2*v + (1 - beta2)*np.abs(g)"),
        ("np.abs(g)", "(1 - beta2)*np.abs(g)")],
    "nadam": [
        ("(1 - mu_now)*g/(1 - mu_product)", "(1 - mu_now)*g/(1 - mu_product*mu_next)"),
        ("mu_now*m + (1 - mu_now)*g", "mu*m + (1 - mu)*g"),
        ("0.96**(t*psi)", "0.9**(t*psi)"),
        ("v/(1 - beta2**t)", "beta2*v/(1 - beta2**t)")],
    "adamw": [
        ("- weight_decay*theta", "- lr*weight_decay*theta"),
        ("- weight_decay*theta", "- weight_decay*(theta + step)"),
        ("adam(0, g", "adam(0, g + weight_decay*theta")],
    "amsgrad": [
        ("np.maximum(v_max, v)", "np.maximum(v_max, g**2)"),
        ("np.maximum(v_max, v)", "np.maximum(beta2*v_max, v)")]}
EVERY_ERROR = [pytest.param(name, edit, id=f"{name}: {edit[1] or 'left out'}")
               for name, edits in PLANTED.items() for edit in edits]


derived, read = cache(derive), cache(formula)        # of the rules as they are


def planted(name, edit=("", "")):
    """The rule with an edit of its own source, the rules that it calls left alone."""
    *called, source = sources(RULES[name])
    head, docstring, body = re.split(r'(""".*?""")', source, maxsplit=1, flags=re.DOTALL)
    for old, new in zip(*(part.split(" ;; ") for part in edit), strict=True):
        assert old in head + body, f"{old!r} does not stand in {name}"
        head, body = (part.replace(old, new) if old else part for part in (head, body))
    return Mutant(name, "planted", edit[1], "".join([*called, source]),
                  "".join([*called, head, docstring, body]))


def statuses(derivation):
    return {step.verdict.status for step in derivation.steps}


def seen_to_differ(mutant, derivation):
    """Whether plain numbers see the mutant differ at a witness, or another first state."""
    rule, other = map(on_plain_numbers, (mutant.original, mutant.source))
    starts = (formula(mutant.rule()).init, read(mutant.name).init)
    return starts[0] != starts[1] or any(
        separated(step.verdict.witness, rule, other) for step in derivation.steps
        if step.verdict.status == "REFUTED" and step.expected != "REFUTED")


@every_rule
def test_every_rule_is_derived_from_its_paper(name):
    derivation = derived(name)
    assert derivation.ok and sum(len(step.goals) for step in derivation.steps) >= 3
    assert all(step.verdict.witness for step in derivation.steps
               if step.expected == "REFUTED")


@pytest.mark.parametrize("name, edit", EVERY_ERROR)
def test_a_planted_error_is_refuted_at_a_point_where_it_does_differ(name, edit):
    mutant = planted(name, edit)
    wrong = derive(mutant.rule(), against=name)
    assert not wrong.ok and "UNDECIDED" not in statuses(wrong)
    assert seen_to_differ(mutant, wrong)


@every_rule
def test_a_mutant_is_held_to_be_right_if_it_is_the_rule_on_plain_numbers(name):
    """Points at which only one of them has a value count as a difference."""
    for mutant in mutants(name)[::SAMPLE]:
        rule, other = map(on_plain_numbers, (mutant.original, mutant.source))
        derivation = derive(mutant.rule(), against=name)
        assert "UNDECIDED" not in statuses(derivation), str(mutant)
        assert derivation.ok == (differing_point(rule, other) is None), str(mutant)
        assert derivation.ok or seen_to_differ(mutant, derivation), str(mutant)


@every_rule
def test_the_right_rule_given_as_a_function_is_held_to_be_right(name):
    """The counterpart of the planted errors: rebuilding a rule by itself breaks nothing."""
    assert derive(planted(name).rule(), against=name).ok


@pytest.mark.parametrize("step, moment, refuted", [
    ("", "", []), ("*np.sqrt(v)/np.sqrt(v)", "", ["step"]), (" + 0/g", "", ["step"]),
    ("", " + 0/g", ["v-closed"]), ("", "*2", ["v-closed"]), ("*2", "", ["step"])])
def test_a_step_is_the_papers_for_any_moments_but_has_a_value_where_it_does(
        step, moment, refuted, tmp_path):
    """The step is proved with letters for its moments, which hide nothing of it."""
    source = f"""import numpy as np
def own(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    v = rho*v + (1 - rho)*g**2{moment}
    return theta - lr*g/(np.sqrt(v) + eps){step}, v
"""
    (tmp_path/"own.py").write_text(source)
    found = derive(lift(f"{tmp_path}/own.py:own").rule, against="rmsprop")
    assert [s.id for s in found.steps if s.verdict.status == "REFUTED"] == refuted
    assert all(s.verdict.status in ("PROVED", "REFUTED") for s in found.steps)


WRONG_CLOSED_FORMS = [
    ("adam", "m", History("sum", beta1**(t - i)*g(i))),
    ("adam", "m", History("sum", (1 - beta1)*beta1**i*g(i))),
    ("adam", "m", History("sum", (1 - beta1)*beta1**(t - i + 1)*g(i))),
    ("adam", "m", History("sum", (1 - beta1)*beta2**(t - i)*g(i))),
    ("adam", "v", History("sum", (1 - beta2)*beta2**(t - i)*g(i))),
    ("adam", "v", History("sum", (1 - beta2)*beta2**(2*t - 2*i)*g(i)**2)),
    ("adagrad", "v", History("sum", g(i)**2/t)),
    ("adagrad", "v", History("largest", g(i)**2)),
    ("adamax", "v", History("largest", abs(g(i)))),
    ("adamax", "v", History("sum", beta2**(t - i)*abs(g(i)))),
    ("adamax", "v", History("largest", beta2**(t - i)*g(i))),
    ("amsgrad", "v_max", History("largest", beta2**(t - i)*g(i)**2)),
    ("nadam", "mu_product", History("product", momentum(i + 1))),
    ("nadam", "m", History("sum", sp.Product(momentum(j), (j, i, t))
                           * (1 - momentum(i))*g(i))),
    ("momentum", "m", History("sum", formula("momentum").symbols["mu"]**(t - i)*g(i)))]


@pytest.mark.parametrize("name, state, wrong", WRONG_CLOSED_FORMS,
                         ids=lambda x: str(getattr(x, "term", x)))
def test_induction_rejects_a_wrong_closed_form(name, state, wrong):
    paper = statement(name)
    wrong_paper = replace(paper, moments=paper.moments | {state: wrong})
    verdicts = [s.verdict.status for s in by_induction(formula(name), wrong_paper, state)]
    assert "REFUTED" in verdicts and "UNDECIDED" not in verdicts
    right = [s.verdict.status for s in by_induction(formula(name), paper, state)]
    assert set(right) == {"PROVED"}


def test_induction_rejects_a_closed_form_with_another_start():
    f = formula("adam")
    moved = replace(f, init=f.init | {"m": sp.Rational(1, 10)})
    first, *_ = by_induction(moved, statement("adam"), "m")
    assert first.verdict.status == "REFUTED"


def test_the_mean_of_a_moment_is_what_a_simulated_sum_of_weights_gives():
    """E[m_t] = (1 - beta1**t) E[g], against the sum of the weights added up at t = 1..5."""
    b = sp.Rational(7, 10)
    for n in range(1, 6):
        assert sum((1 - b)*b**(n - k) for k in range(1, n + 1)) == 1 - b**n
    step = next(s for s in derived("adam").steps if s.id == "mean")
    assert step.caption.startswith(r"\mathrm{E}[m_t] = \left(1 - \beta_{1}^{t}\right) "
                                   r"\mathrm{E}[g]")


def test_rmsprop_amsgrad_and_adadelta_are_biased_and_adam_is_not():
    for name, count in {"rmsprop": 1, "adadelta": 1, "amsgrad": 1, "adam": 0,
                        "adamw": 0, "adamax": 0}.items():
        refuted = [s for s in derived(name).steps
                   if s.expected == "REFUTED" and s.source == "mean of the moments"]
        assert len(refuted) == count, name


def test_nadams_look_ahead_sum_is_28_nineteenths_of_the_mean():
    """By the rule itself at t = 1: theta - theta' over lr/(|g| + eps), gradient 1."""
    mu, product = sp.Rational(9, 10), sp.Rational(9, 10)
    m = (1 - mu)*1
    assert mu*m/(1 - product*mu) + (1 - mu)/(1 - product) == sp.Rational(28, 19)
    step = next(s for s in derived("nadam").steps if s.id == "look-ahead-unbiased")
    assert step.verdict.status == "REFUTED"
    assert set(step.verdict.witness.values()) == {sp.Rational(9, 10)}


@pytest.mark.parametrize("name, gradients, squared", [
    ("adam", ("10/11", "1"), sp.Rational(3980, 3971)),
    ("adamax", ("1", "3/4"), sp.Rational(100, 81))])
def test_a_step_without_eps_can_be_longer_than_lr(name, gradients, squared):
    claim = next(r for r in RELATIONS[name]() if r.point)
    square = claim.goals[0].left
    assert sp.nsimplify(square.subs(claim.point)) == squared
    short = longer_than_lr(name, ("0", "1/2", *gradients))
    assert short.goals[0].at(short.point).left <= 2


def test_a_rule_with_other_states_cannot_be_held_against_a_paper():
    with pytest.raises(ValueError, match=r"keeps the states \[\], the paper \['m'\]"):
        derive("gradient_descent", against="momentum")


def test_a_derivation_prints_and_shows_itself():
    derivation = derived("adam")
    assert "1. m starts at the empty sum." in str(derivation)
    assert sum(derivation.latex().count(rf"\text{{{word}}}")
               for word in ("proved", "by theorem", "refuted")) == len(derivation.steps)
    assert derivation._repr_latex_().startswith("$")
    told = re.findall(r"^\d+\. .* \*\*(PROVED|BY THEOREM|REFUTED)\*\*$",
                      derivation._repr_markdown_(), re.M)
    assert len(told) == len(derivation.steps)
    assert derivation.as_dict()["ok"] is True
    goals = " ".join(step.latex() for step in derivation.steps)
    assert "beta1" not in goals and "eps" not in goals.replace("varepsilon", "")
    assert r"\text{m starts at the empty sum.}" in derivation.latex()
