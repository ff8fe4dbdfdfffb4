"""Every rule is its paper's, by induction; every planted error is refuted at a point.

A witness is not taken on trust: the changed rule and the right one are run again at that
point on mpmath numbers, without SymPy, NumPy or the prover.
"""
import doctest
import re
import inspect
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import mpmath
import numpy
import pytest
import sympy as sp

from optim import derivations
from optim.derivations import derive
from optim.derivations.induction import by_induction
from optim.derivations.relations import RELATIONS, longest_step
from optim.formulas import formula
from optim.papers import History, beta1, beta2, g, i, j, momentum, statement, t
from optim.prover import prove_expressions
from optim.rules import RULES

VISIBLE = mpmath.mpf("1e-12")           # 50 digits are carried: a larger gap is no rounding
PLAIN = SimpleNamespace(sqrt=mpmath.sqrt, maximum=max, abs=abs)
every_rule = pytest.mark.parametrize("name", RULES)

# rule: edits of its source, each (what stands there, what is planted), several by ";;"
PLANTED = {
    "gradient_descent": [
        ("theta - lr*g", "theta + lr*g"), ("theta - lr*g", "theta - g"),
        ("theta - lr*g", "theta - lr*g/t")],
    "momentum": [
        ("mu*m + lr*g", "mu*m - lr*g"), ("mu*m + lr*g", "mu*m + (1 - mu)*lr*g"),
        ("mu*m + lr*g", "mu*m + g"), ("mu*m + lr*g", "(1 - mu)*m + lr*g"),
        ("theta - m, m", "theta + m, m"), ("m = mu*m ;; theta - m, m",
                                           "new = mu*m ;; theta - m, new"),
        ("theta, g, m,", "theta, g, m=1,")],
    "nag": [
        ("theta - (mu*m + lr*g)", "theta - m"), ("theta - (mu*m + lr*g)", "theta - mu*m"),
        ("theta - (mu*m + lr*g)", "theta - (m + lr*g)"),
        ("m = mu*m + lr*g", "m = mu*m + g"),
        ("m = mu*m ;; (mu*m + lr*g), m", "new = mu*m ;; (mu*m + lr*g), new")],
    "adagrad": [
        ("np.sqrt(v) + eps", "np.sqrt(v + eps)"), ("v + g**2", "v + g"),
        ("v + g**2", "v + (1 - eps)*g**2"), ("np.sqrt(v) + eps", "v + eps"),
        ("theta - lr", "theta + lr"), ("theta, g, v,", "theta, g, v=1,"),
        ("v = v + ;; + eps), v", "new = v + ;; + eps), new")],
    "rmsprop": [
        ("(1 - rho)*g**2", "g**2"), ("rho*v + (1 - rho)*g**2", "(1 - rho)*v + rho*g**2"),
        ("np.sqrt(v) + eps", "np.sqrt(v + eps)"), ("(np.sqrt(v) + eps)", "np.sqrt(v)"),
        ("np.sqrt(v) + eps", "np.sqrt(v/(1 - rho**t)) + eps"),
        ("v = rho*v ;; + eps), v", "new = rho*v ;; + eps), new")],
    "adadelta": [
        ("np.sqrt(v_delta + eps)", "np.sqrt(v_delta)"),
        ("np.sqrt(v_delta + eps)", "(np.sqrt(v_delta) + eps)"),
        ("np.sqrt(v + eps)", "(np.sqrt(v) + eps)"), ("(1 - rho)*step**2", "step**2"),
        ("(1 - rho)*step**2", "(1 - rho)*g**2"), ("rho*v_delta +", "v_delta +"),
        ("theta - step", "theta + step"), ("v = rho*v ;; v, rho*v_d",
                                           "new = rho*v ;; new, rho*v_d")],
    "adam": [
        ("beta1*m + (1 - beta1)*g", "beta1*m + g"), ("(1 - beta2)*g**2", "g**2"),
        ("(1 - beta2)*g**2", "(1 - beta2)*g"), ("beta1*m +", "beta2*m +"),
        ("m/(1 - beta1**t)", "m"), ("v/(1 - beta2**t)", "v"),
        ("1 - beta1**t", "1 - beta1**(t + 1)"), ("1 - beta2**t", "1 - beta2**(t - 1)"),
        ("1 - beta1**t", "1 - beta2**t"), ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)"),
        ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat)"), ("np.sqrt(v_hat)", "v_hat"),
        ("theta - lr", "theta + lr"), ("lr*m_hat", "m_hat"), ("lr*m_hat", "lr*g"),
        ("m = beta1*m ;; + eps), m", "new = beta1*m ;; + eps), new"),
        ("v_hat = v/(1 - beta2**t) ;; np.sqrt(v_hat)",
         "v_hat = v ;; np.sqrt(v_hat)/np.sqrt(1 - beta1**t)"),
        ("beta1*m + (1 - beta1)*g", "(1 - beta1)*m + beta1*g"), ("g, m, v", "g, m, v=1")],
    "adamax": [
        ("np.abs(g)", "g"), ("np.abs(g)", "np.abs(g) + eps"), ("beta2*v,", "v,"),
        ("np.maximum(beta2*v, np.abs(g))", "beta2*v + (1 - beta2)*np.abs(g)"),
        ("np.abs(g)", "(1 - beta2)*np.abs(g)"), ("np.abs(g)", "g**2"),
        ("m/(1 - beta1**t)", "m"), ("(v + eps)", "(np.sqrt(v) + eps)"),
        ("(v + eps)", "(v/(1 - beta2**t) + eps)"), ("lr*m_hat", "lr*m")],
    "nadam": [
        ("mu_next*m/", "mu_now*m/"), ("(1 - mu_product*mu_next)", "(1 - mu_product)"),
        ("(1 - mu_now)*g/(1 - mu_product)", "(1 - mu_now)*g/(1 - mu_product*mu_next)"),
        ("0.96**((t + 1)*psi)", "0.96**(t*psi)"), ("mu_product*mu_now", "mu_product*mu"),
        ("mu_now*m + (1 - mu_now)*g", "mu*m + (1 - mu)*g"),
        ("0.96**(t*psi)", "0.9**(t*psi)"),
        ("0.96**(t*psi)/2", "0.96**(t*psi)"), ("mu_product=1", "mu_product=0"),
        ("v/(1 - beta2**t)", "beta2*v/(1 - beta2**t)"), ("v/(1 - beta2**t)", "v"),
        ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)")],
    "adamw": [
        ("- weight_decay*theta", "- lr*weight_decay*theta"),
        ("- weight_decay*theta", "+ weight_decay*theta"),
        ("- weight_decay*theta", "- weight_decay*(theta + step)"),
        ("- weight_decay*theta", ""), ("adam(0, g", "adam(0, g + weight_decay*theta"),
        ("theta + step", "theta - step"), ("beta2=beta2, eps", "beta2=beta1, eps")],
    "amsgrad": [
        ("np.maximum(v_max, v)", "v"), ("np.maximum(v_max, v)", "v_max"),
        ("np.maximum(v_max, v)", "np.maximum(v_max, g**2)"),
        ("np.maximum(v_max, v)", "np.maximum(beta2*v_max, v)"),
        ("np.sqrt(v_max)", "np.sqrt(v_max/(1 - beta2**t))"),
        ("lr*m", "lr*m/(1 - beta1**t)"),
        ("np.sqrt(v_max) + eps", "np.sqrt(v_max + eps)"), ("np.sqrt(v_max)", "np.sqrt(v)")]}
EVERY_ERROR = [pytest.param(name, edit, id=f"{name}: {edit[1] or 'left out'}")
               for name, edits in PLANTED.items() for edit in edits]


derived, read = cache(derive), cache(formula)        # of the rules as they are


def source_with(name, edit):
    source = inspect.getsource(RULES[name])
    head, _, body = source.split('"""')
    for old, new in zip(*(part.split(" ;; ") for part in edit)):
        before = head + body
        head, body = (part.replace(old, new) for part in (head, body))
        assert head + body != before, f"{old!r} does not stand in {name}"
    return head + body


def made(source, name, numpy):
    """The rule of this source; on plain mpmath numbers if numpy is PLAIN."""
    scope = {"np": numpy}
    if name == "adamw":
        scope["adam"] = made(read("adam").source, "adam", numpy)
    exec(compile(source, name, "exec"), scope)
    return scope[name]


def variant(name, edit):
    return made(source_with(name, edit), name, numpy)


def outcome(rule, f, values):
    """Results of the rule on mpmath numbers, None where one is not a real number."""
    place, gradient = list(f.symbols)[:2]
    rest = {n: x for n, x in values.items() if n not in (place, gradient, *f.init)}
    try:
        out = rule(values[place], values[gradient], *(values[n] for n in f.init), **rest)
    except ZeroDivisionError:
        return None
    out = out if isinstance(out, tuple) else (out,)
    return None if any(isinstance(x, mpmath.mpc) for x in out) else out


def differ(name, edit, witness):
    """Whether the changed rule and the right one differ at the witness; without SymPy."""
    with mpmath.workdps(50):
        f = read(name)
        at = {s.name: mpmath.mpf(int(x.p))/int(x.q) for s, x in witness.items()}
        values = {n: at.get(n, mpmath.mpf(1)/2) for n in f.symbols}
        values["t"] = int(at.get("t", 1))
        right = outcome(made(f.source, name, PLAIN), f, values)
        wrong = outcome(made(source_with(name, edit), name, PLAIN), f, values)
        if right is None or wrong is None:
            return right is not wrong
        return any(abs(a - b) > VISIBLE for a, b in zip(right, wrong))


@every_rule
def test_every_rule_is_derived_from_its_paper(name):
    derivation = derived(name)
    assert derivation.ok and len(derivation.steps) >= 3
    assert all(step.check.witness for step in derivation.steps
               if step.expected == "REFUTED")


@pytest.mark.parametrize("name, edit", EVERY_ERROR)
def test_a_planted_error_is_refuted_at_a_point_where_it_does_differ(name, edit):
    planted = variant(name, edit)
    wrong = derive(planted, against=name)
    assert not wrong.ok
    refuted = [s.check for s in wrong.steps if s.check.status == "REFUTED"]
    assert refuted and "UNDECIDED" not in [s.check.status for s in wrong.steps]
    starts = formula(planted).init != read(name).init
    assert starts or any(differ(name, edit, v.witness) for v in refuted)


@every_rule
def test_the_right_rule_given_as_a_function_is_held_to_be_right(name):
    """The counterpart of the planted errors: rebuilding a rule by itself breaks nothing."""
    assert derive(made(read(name).source, name, numpy), against=name).ok


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
    verdicts = [s.check.status for s in by_induction(formula(name), wrong_paper, state)]
    assert "REFUTED" in verdicts and "UNDECIDED" not in verdicts
    right = [s.check.status for s in by_induction(formula(name), paper, state)]
    assert set(right) == {"PROVED"}


def test_induction_rejects_a_closed_form_with_another_start():
    f = formula("adam")
    moved = replace(f, init=f.init | {"m": sp.Rational(1, 10)})
    first, *_ = by_induction(moved, statement("adam"), "m")
    assert first.check.status == "REFUTED"


def test_the_mean_of_a_moment_is_what_a_simulated_sum_of_weights_gives():
    """E[m_t] = (1 - beta1**t) E[g], against the sum of the weights added up at t = 1..5."""
    b = sp.Rational(7, 10)
    for n in range(1, 6):
        assert sum((1 - b)*b**(n - k) for k in range(1, n + 1)) == 1 - b**n
    step = next(s for s in derived("adam").steps if "weights of m sum up" in s.sentence)
    assert step.formula == (r"\mathrm{E}[m_t] = \left(1 - \beta_{1}^{t}\right) "
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
    step = next(s for s in derived("nadam").steps if "no bias (" in s.sentence)
    assert step.check.status == "REFUTED"
    assert set(step.check.witness.values()) == {sp.Rational(9, 10)}


@pytest.mark.parametrize("name, gradients, squared", [
    ("adam", ("10/11", "1"), sp.Rational(3980, 3971)),
    ("adamax", ("1", "3/4"), sp.Rational(100, 81))])
def test_a_step_without_eps_can_be_longer_than_lr(name, gradients, squared):
    claim = next(r for r in RELATIONS[name]() if r.point)
    assert sp.nsimplify(claim.left.subs(claim.point)) == squared
    short = longest_step(name, {"beta1": "0", "beta2": "1/2"}, gradients, "")
    assert prove_expressions(short.left, sp.Integer(2), "<=").status == "PROVED"


def test_a_rule_with_other_states_cannot_be_held_against_a_paper():
    with pytest.raises(ValueError, match=r"keeps the states \[\], the paper \['m'\]"):
        derive("gradient_descent", against="momentum")


def test_a_derivation_prints_and_shows_itself():
    derivation = derived("adam")
    assert "1. m starts at the empty sum." in str(derivation)
    assert sum(derivation.latex().count(rf"\text{{{word}}}")
               for word in ("proved", "refuted")) == len(derivation.steps)
    assert derivation._repr_latex_().startswith("$")
    told = re.findall(r"^\d+\. .* \*\*(PROVED|REFUTED)\*\*$",
                      derivation._repr_markdown_(), re.M)
    assert len(told) == len(derivation.steps)
    assert derivation.as_dict()["ok"] is True
    assert "beta1" not in derivation.latex() and "eps" not in derivation.latex().replace(
        "varepsilon", "")


def test_the_examples_in_the_docstrings_are_true():
    result = doctest.testmod(derivations)
    assert result.attempted and result.failed == 0
