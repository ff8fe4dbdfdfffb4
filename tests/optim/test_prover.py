"""The prover proves what is true, refutes what is false, and never guesses.

Witnesses are checked by a second evaluation, which shares no code with the prover's own.
"""
import json
import random
import threading
import time
from collections import namedtuple
from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from sympy import Abs, Max, Min, Piecewise, Rational, sign, sqrt

from optim import transforms
from optim.domains import DOMAINS, declare, domain_of
from optim.equivalence.proofs import prove
from optim.proving.expressions import prove_expressions
from optim.proving.verdicts import Verdict
from optim.proving import (
    cases, certificates, contradictions, decision, evaluator, intervals, points, signs)

from .evaluation import differ, value

def declared(names, domain):
    return [declare(name, domain) for name in names.split()]


theta, g, m, x, y, z = declared("theta g m x y z", "real")
v, v_delta, v_max, n, psi = declared("v v_delta v_max n psi", ">= 0")
lr, eps, p = declared("lr eps p", "> 0")
beta1, beta2, rho, mu = declared("beta1 beta2 rho mu", "[0, 1)")
mu_product, share = declared("mu_product share", "[0, 1]")
t = declare("t", "1, 2, ...")

m_new = beta1*m + (1 - beta1)*g
v_new = beta2*v + (1 - beta2)*g**2
adam = theta - lr*m_new/(1 - beta1**t)/(sqrt(v_new/(1 - beta2**t)) + eps)
torch_adam = theta - lr/(1 - beta1**t)*(m + (1 - beta1)*(g - m))/(
    sqrt(v_new)/sqrt(1 - beta2**t) + eps)
keras_adam = theta - lr*sqrt(1 - beta2**t)/(1 - beta1**t)*m_new/(sqrt(v_new) + eps)
LETTERS = adam.free_symbols


def proved(a, b, **options):
    began = time.process_time()                  # other work on the machine does not count
    verdict = prove_expressions(a, b, **options)
    assert verdict.status == "PROVED", verdict
    assert verdict.witness is None
    assert time.process_time() - began < 10
    return verdict


def refuted(a, b, **options):
    verdict = prove_expressions(a, b, **options)
    assert verdict.status == "REFUTED", verdict
    assert all(isinstance(q, sp.Rational) for q in verdict.witness.values())
    return verdict


def refuted_by_a_real_gap(a, b):
    verdict = refuted(a, b)
    assert differ(sp.sympify(a), sp.sympify(b), verdict.witness), verdict
    return verdict


def not_proved(a, b, **options):
    verdict = prove_expressions(a, b, **options)
    assert verdict.status != "PROVED", verdict
    return verdict


# --------------------------------------------------------------- the rules and their forms
def test_adam_as_pytorch_computes_it_is_adam():
    proved(torch_adam, adam)


def test_keras_adam_is_its_epsilon_hat_form_and_not_adam():
    alpha = lr*sqrt(1 - beta2**t)/(1 - beta1**t)
    proved(keras_adam, theta - alpha*(beta1*(m - g) + g)/(eps + sqrt(v_new)))
    refuted_by_a_real_gap(keras_adam, adam)


def test_keras_adam_is_pytorch_adam_with_epsilon_scaled_by_the_bias():
    scaled = {eps: eps/sqrt(1 - beta2**t)}
    refuted(keras_adam, torch_adam, where={eps: eps/(1 - beta2**t)})
    proved(torch_adam.xreplace(scaled), keras_adam)
    other = declare("epsilon", "> 0")
    verdict = proved(torch_adam, keras_adam.xreplace({eps: other}),
                     where={"eps": other/sqrt(1 - beta2**t)})
    assert verdict.equal_if == {"eps": other/sqrt(1 - beta2**t)}


def test_adamw_without_weight_decay_is_adam():
    weight_decay = declare("weight_decay", ">= 0")
    adamw = adam - weight_decay*theta
    proved(adamw, torch_adam, where={weight_decay: 0})
    assert refuted_by_a_real_gap(adamw, adam).equal_if is None


def test_adamax_by_max_is_adamax_by_cases_and_eps_inside_the_max_is_another_rule():
    by_max = Max(beta2*v, Abs(g))
    by_cases = Piecewise((beta2*v, beta2*v > sqrt(g**2)), (g*sign(g), True))
    proved(by_max, by_cases)
    proved(theta - lr*m_new/(1 - beta1**t)/(by_max + eps),
           theta + lr*m_new/(beta1**t - 1)/(by_cases + eps))
    refuted_by_a_real_gap(by_max + eps, Max(beta2*v, Abs(g) + eps))


def nadam(form):
    base = Rational(24, 25)
    now, later = (mu*(1 - base**(psi*k)/2) for k in (t, t + 1))
    product = mu_product*now
    if form == "ours":
        moment, root = now*m + (1 - now)*g, sqrt(v_new/(1 - beta2**t))
        return theta - lr*(later*moment/(1 - product*later)
                           + (1 - now)*g/(1 - product))/(root + eps)
    moment, root = m + (1 - now)*(g - m), sqrt(v_new)/sqrt(1 - beta2**t) + eps
    step = (1 - now)/(1 - product)*g/root + later/(1 - product*later)*moment/root
    return theta - lr*step


def test_nadam_with_its_schedule_of_powers_is_nadam_as_pytorch_computes_it():
    proved(nadam("ours"), nadam("pytorch"))
    refuted(nadam("ours"), nadam("pytorch").xreplace({psi: psi + 1}))


def test_yogi_by_sign_is_yogi_by_cases_also_where_the_two_meet():
    by_sign = v - (1 - beta2)*sign(v - g**2)*g**2
    up, down = v + (1 - beta2)*g**2, v - (1 - beta2)*g**2
    proved(by_sign, Piecewise((down, v > g**2), (up, v < g**2), (v, True)))
    two_cases = Piecewise((down, v > g**2), (up, True))
    refuted_by_a_real_gap(by_sign, two_cases)              # they differ where v = g^2 only


def test_amsgrad_with_the_root_of_the_maximum_is_the_maximum_of_the_roots():
    proved(theta - lr*m_new/(sqrt(Max(v_max, v_new)) + eps),
           theta - lr*m_new/(Max(sqrt(v_max), sqrt(v_new)) + eps))


def test_a_difference_of_roots_is_its_conjugate_quotient_where_that_is_defined():
    proved((sqrt(p + g**2) - sqrt(p))/lr, g**2/lr/(sqrt(p + g**2) + sqrt(p)))
    verdict = refuted_by_a_real_gap((sqrt(n + g**2) - sqrt(n))/lr,
                                    g**2/lr/(sqrt(n + g**2) + sqrt(n)))
    assert verdict.witness[n] == verdict.witness[g] == 0 and "right" in verdict.method


def test_adadelta_with_a_quotient_of_roots_is_adadelta_with_the_root_of_the_quotient():
    mean = rho*v + (1 - rho)*g**2
    step = sqrt(v_delta + eps)/sqrt(mean + eps)*g
    proved(theta - step, theta - g*sqrt((v_delta + eps)/(mean + eps)))
    proved(rho*v_delta + (1 - rho)*step**2,
           rho*v_delta + (1 - rho)*g**2*(v_delta + eps)/(mean + eps))


def test_rprop_by_signs_is_rprop_by_relations():
    low, width, up, step = declared("low width up step", "> 0")
    down, before = declare("down", "[0, 1)"), declare("before", "real")
    factor = Piecewise((1 + up, g*before > 0), (down, g*before < 0), (1, True))
    same = Piecewise((1 + up, sign(g*before) > 0),
                     (Piecewise((down, sign(g)*sign(before) < 0), (1, True)), True))
    proved(Min(low + width, Max(low, step*factor))*sign(g),
           Max(low, Min(low + width, step*same))*sign(g))


# ------------------------------------------------------------------------------- soundness
def test_the_root_of_a_square_is_its_base_only_if_that_is_not_negative():
    assert refuted_by_a_real_gap(sqrt(x**2), x).witness[x] < 0
    root = sp.Pow(sp.Pow(n, 2, evaluate=False), Rational(1, 2), evaluate=False)
    proved(root, n)
    real = sp.Symbol("real_n")
    proved(sqrt(real**2), real, domains={real: ">= 0"})
    refuted(sqrt(real**2), real, domains={real: "real"})


def test_a_cancelled_denominator_is_a_point_where_only_one_side_is_defined():
    quotient = sp.Mul(x, sp.Pow(x, -1, evaluate=False), evaluate=False)
    assert refuted(quotient, 1).witness == {x: 0}
    assert refuted((x**2 - x)/x, x - 1).witness == {x: 0}
    assert refuted((x**2 - 1)/(x - 1), x + 1).witness == {x: 1}
    assert refuted((7*x**2 - 3*x)/(7*x - 3), x).witness == {x: Rational(3, 7)}
    assert refuted((x**2 - y)/(x**3 - x*y), 1/x).witness is not None
    proved((p**2 - p)/p, p - 1)
    proved((beta1**2 - 1)/(beta1 - 1), beta1 + 1)


def test_the_root_of_a_negative_is_undefined_and_not_the_root_of_its_absolute_value():
    assert "left" in refuted(sqrt(beta2 - 1), sqrt(1 - beta2)).method
    refuted(sqrt(x)*sqrt(y), sqrt(x*y))
    proved(sqrt(v)*sqrt(p), sqrt(v*p))
    proved(sqrt(1 - beta1)*sqrt(1 - beta2), sqrt((1 - beta1)*(1 - beta2)))


def test_what_has_no_value_in_a_case_has_none_there_and_not_the_limit():
    """At x = 0 SymPy makes 1/(y + 1/x) zero, by way of complex infinity."""
    refuted(1/(y + 1/x), x/(x*y + 1))
    refuted(Piecewise((1/(y + 1/x), sp.Eq(x, 0)), (0, True)), 0)
    not_proved(1/(y + 1/z), 0, where={z: 0})


def test_an_equality_at_the_first_step_only_is_refuted():
    assert refuted_by_a_real_gap(beta1**t, beta1).witness[t] > 1
    assert refuted(Piecewise((1, t > 1), (0, True)), 0).witness[t] > 1


def test_a_power_of_zero_is_told_from_a_power_of_a_positive_number():
    proved(beta1*beta1**(t - 1), beta1**t)
    assert refuted(beta1**t/beta1, beta1**(t - 1)).witness[beta1] == 0
    assert refuted(beta1**(t - 1), Piecewise((0, sp.Eq(beta1, 0)), (beta1**(t - 1), True))
                   ).witness == {beta1: 0, t: 1}                             # 0**0 is 1


def test_equality_at_the_first_nine_steps_is_refuted_by_a_later_one():
    assert refuted(sp.prod([t - k for k in range(1, 10)]), 0).witness[t] >= 10
    refuted(sp.prod([t - k for k in range(1, 41)]), 0)


def test_a_case_that_no_ordinary_point_reaches_is_not_dropped():
    not_proved(Piecewise((1, x > 10**30), (0, True)), 0)
    not_proved(Piecewise((1, x**2 + y**2 < Rational(1, 10**12)), (0, True)), 0)
    not_proved(Piecewise((1, sp.Eq(x**3, 2*y**3 + 7)), (0, True)), 0)
    not_proved(Piecewise((1, (x > y) & (y > z + 10**9)), (0, True)), 0)
    proved(Piecewise((1, x**2 + y**2 < 0), (0, True)), 0)
    proved(Piecewise((1, (x > y) & (y > z) & (z > x)), (0, True)), 0)


def test_a_set_without_rational_points_is_named_and_one_with_rational_points_refutes():
    verdict = proved(sign(x**2 - 2)**2, 1)
    assert [e.lhs for e in verdict.except_on] == [x**2 - 2]
    assert refuted(sign(x**2 - 4)**2, 1).witness[x] in (2, -2)
    not_proved(sign(x**2 - 2*y**2)**2, 1)                       # x = y = 0 is rational


def test_piecewise_hides_what_its_other_cases_would_have_as_value():
    proved(Piecewise((1/x, x > 0), (0, True)), Piecewise((x/x**2, 0 < x), (0, True)))
    refuted(Piecewise((1/x, x > 0), (0, True)), Piecewise((1, x > 0), (0, True))/x)


def test_identities_of_max_min_and_abs():
    proved(Max(x, y) + Min(x, y), x + y)
    proved(Abs(sp.Mul(x, y, evaluate=False), evaluate=False), Abs(x)*Abs(y))
    proved(Max(x, y), (x + y + Abs(x - y))/2)
    proved(Max(x, y, z), sp.Max(x, Max(y, z), evaluate=False))
    proved(sign(x)*Abs(x), x)
    refuted_by_a_real_gap(Max(x, y) - Min(x, y), x - y)
    refuted_by_a_real_gap(Abs(x + y), Abs(x) + Abs(y))


def test_exponentials_logarithms_and_roots_of_numbers():
    proved(sp.exp(x)*sp.exp(y), sp.exp(x + y))
    proved(sp.log(lr*eps**2), sp.log(lr) + 2*sp.log(eps))
    refuted(sp.log(x**2), 2*sp.log(x))
    proved(4**t, (2**t)**2)
    proved(sqrt(2)*sqrt(p), sqrt(2*p))
    proved(Max(sqrt(2)*p, p), sqrt(2)*p)
    proved(x**2/(sqrt(x**2 + 1) + 1), sqrt(x**2 + 1) - 1)


# ----------------------------------------------------------------------- unknown functions
def test_an_unknown_function_is_equal_at_equal_arguments_only():
    G = sp.Function("G")
    proved(theta - lr*G((theta + mu)**2), theta - lr*G(theta**2 + 2*mu*theta + mu**2))
    verdict = refuted(G(theta), G(theta + lr))
    assert len({q for e, q in verdict.witness.items() if e.func == G}) == 2
    refuted(G(x)*G(y), G(y)**2)
    refuted(G(x**2)*x/x**2, G(x**2)/x + Piecewise((1, x < -50), (0, True)))


def test_an_unknown_number_has_no_sign():
    G = sp.Function("G")
    refuted(Abs(G(1)), G(1))
    refuted(Max(G(2), 0), G(2))
    proved(Abs(G(1))**2, G(1)**2)


def test_a_function_declared_positive_takes_no_other_value_in_a_witness():
    positive = sp.Function("positive", positive=True)
    proved(Abs(positive(x), evaluate=False), positive(x))
    proved(sqrt(positive(x))**2, positive(2*x/2))


def test_sums_over_the_history_are_whole_and_refuted_by_adding_up():
    i, gs = sp.Symbol("i", integer=True, positive=True), sp.IndexedBase("g")
    past = sp.Sum(beta1**(t - i)*gs[i], (i, 1, t))
    proved((1 - beta1**2)/(1 - beta1)*past, past + beta1*past)
    verdict = refuted(past, sp.Sum(beta1**(t - i)*gs[i]**2, (i, 1, t)))
    assert any(str(e).startswith("g(") for e in verdict.witness)
    refuted(sp.Sum(i, (i, 1, t)), t)
    refuted(past, past.xreplace({t: t + 1}))


# ---------------------------------------------------------------------------- inequalities
def test_inequalities_are_proved_by_certificates_and_refuted_by_points():
    for a, b in ((2*x*y, x**2 + y**2), (Abs(x + y), Abs(x) + Abs(y)), (beta1**t, beta1),
                 (g**2*(1 - beta2), v_new), (mu_product*share, share), (x, Max(x, y)),
                 (sqrt(v), sqrt(v + p)), (x*y, x**2 + y**2), (Min(n, 1), 1)):
        proved(a, b, relation="<=")
        proved(b, a, relation=">=")
    proved(sqrt(v), sqrt(v) + eps, relation="<")
    for a, b in ((x, x**2), (x**2, x), (beta1, beta1**t), (p, n),
                 (Abs(x) + Abs(y), Abs(x + y))):
        witness = refuted(a, b, relation="<=").witness
        assert value(a, witness) > value(b, witness)
    refuted(n, 2*n, relation="<")                                         # equal at n = 0
    not_proved(1/x, 1/x**2, relation="<=")


# ------------------------------------------------------------------------- random formulas
def random_formula(rng, depth):
    """A small formula; divisions, roots and cases wherever they fall."""
    if depth == 0 or rng.random() < 0.1:
        number = sp.Integer(rng.randint(-2, 3))
        return rng.choice([x, y, x, y, p, n, beta1, share, t, number])
    a, b = random_formula(rng, depth - 1), random_formula(rng, depth - 1)
    return rng.choice([
        lambda: a + b, lambda: a - b, lambda: a*b, lambda: a/b, lambda: sqrt(a),
        lambda: a**2, lambda: Abs(a), lambda: Max(a, b), lambda: Min(a, b), lambda: sign(a),
        lambda: Piecewise((a, a > b), (b, True)),
        lambda: rng.choice([beta1, n, p])**rng.choice([t, t - 1, -t, 2*t])])()


def respelled(rng, e):
    """Another spelling of e, with or without the same meaning."""
    def cases(q):
        if len(q.args) != 2:
            return q
        return Piecewise((q.args[0], q.args[0] >= q.args[1]), (q.args[1], True))
    k = rng.choice([-1, 1])
    return rng.choice([
        lambda: sp.expand(e), lambda: sp.together(e), lambda: sp.factor(e),
        lambda: e.replace(Abs, lambda u: sqrt(u**2)),
        lambda: e.replace(Abs, lambda u: u*sign(u)),
        lambda: e.replace(lambda q: isinstance(q, Max), cases),
        lambda: (e*p + k*n*p)/p - k*n, lambda: e + sqrt(n)*sqrt(p) - sqrt(n*p),
        lambda: e*(1 - beta1**t)**2/(beta1**(2*t) - 2*beta1**t + 1),
        lambda: e + Max(x, y) + Min(-x, -y), lambda: (e*x + k*y*x)/x - k*y,
        lambda: e + sign(x - k)**2 - 1, lambda: e + Max(x, y) - k*Min(x, -y)])()


def is_fair(e):
    return isinstance(e, sp.Expr) and not e.has(sp.nan, sp.zoo, sp.oo, sp.I)


def random_pairs(count, seed):
    rng = random.Random(seed)
    while count:
        try:
            e = random_formula(rng, rng.randint(1, 3))
            f = respelled(rng, e)
        except (ValueError, TypeError, RecursionError):     # SymPy refuses zoo < 0 and such
            continue
        if is_fair(e) and is_fair(f) and e != f and e.free_symbols:
            count -= 1
            yield e, f


def test_no_point_of_the_domain_contradicts_a_proof_and_every_witness_is_one():
    seen = {"PROVED": 0, "REFUTED": 0, "UNDECIDED": 0}
    for e, f in random_pairs(60, seed=0):
        verdict = prove_expressions(e, f)
        seen[verdict.status] += 1
        if verdict.status == "REFUTED":
            assert differ(e, f, verdict.witness), (e, f, verdict)
        if verdict.status == "PROVED":
            domains = {s: domain_of(s) for s in e.free_symbols | f.free_symbols}
            near = points.points(domains, points.constants(e, f), seed=7)
            for point in list(near)[:40]:
                exact = {s: Rational(q.numerator, q.denominator) for s, q in point.items()}
                if max(exact.values()) < 10**7:              # 60 digits suffice there
                    assert not differ(e, f, exact), (e, f, exact, verdict)
    assert seen["PROVED"] > 12 and seen["REFUTED"] > 15, seen
    assert seen["UNDECIDED"] < 8, seen


def test_the_check_of_proofs_above_would_object_to_a_false_one():
    assert differ(sqrt(x**2), x, {x: Rational(-2)})
    assert differ(x**2/x + 0*y, x + 1/y - 1/y + sqrt(y), {x: Rational(1), y: Rational(-1)})
    assert not differ(torch_adam, adam, {s: Rational(1, 2) for s in LETTERS}
                      | {t: Rational(3)})


def test_a_wrong_sign_certificate_would_be_caught(monkeypatch):
    """If x >= 0 were believed of every real, sqrt(x**2) = x would be proved: planted."""
    wrong = dict(cases.DOMAINS, real=DOMAINS[">= 0"])
    monkeypatch.setattr(cases, "DOMAINS", wrong)
    monkeypatch.setattr(decision, "by_points", lambda *_: None)
    assert prove_expressions(sqrt(x**2), x).status == "PROVED"
    monkeypatch.undo()
    assert prove_expressions(sqrt(x**2), x).status == "REFUTED"


def test_the_proof_alone_without_sample_points_proves_nothing_false(monkeypatch):
    monkeypatch.setattr(decision, "by_points", lambda *_: None)
    for a, b in ((keras_adam, adam), (sqrt(x**2), x), ((x**2 - 1)/(x - 1), x + 1),
                 (sqrt(beta2 - 1), sqrt(1 - beta2)), (beta1**t, beta1), (Max(x, y), x + y),
                 (beta1**t/beta1, beta1**(t - 1)), (1/(y + 1/x), x/(x*y + 1))):
        not_proved(a, b)


# ---------------------------------------------------------------------------- certificates
@pytest.mark.parametrize("polynomial, expected", [
    (1 - beta1, {1}), (1 - beta1*share, {1}), (1 - share*share, {0, 1}), (n + 1, {1}),
    (x**2 + 1, {1}), (x**2 + x + 1, {1}), (x**2 - 2*x + 1, {0, 1}), (-p - n, {-1}),
    (x + 1, {-1, 0, 1}), (n - p, {-1, 0, 1}), (share + beta1, {0, 1}),
    (1 - share + share*p, {1}), (2 - share - beta1, {1}), (x**2 + x*y + y**2, {0, 1}),
    (x**2 - x*y*3 + y**2, {-1, 0, 1})])
def test_signs_on_the_domain_are_certified(polynomial, expected):
    ranges = {s: DOMAINS[domain_of(s)] for s in polynomial.free_symbols}
    assert certificates.domain_sign(sp.expand(polynomial), ranges) == expected


@pytest.mark.parametrize("seed", range(25))
def test_a_certified_sign_is_never_contradicted_by_a_value(seed):
    rng = random.Random(seed)
    symbols = rng.sample([x, y, p, n, beta1, share], 3)
    terms = [rng.randint(-3, 5)*sp.prod([s**rng.randint(0, 2) for s in symbols])
             for _ in range(3)]
    polynomial = sp.expand(sum(terms) + rng.randint(0, 3))
    domains = {s: domain_of(s) for s in symbols}
    ranges = {s: DOMAINS[d] for s, d in domains.items()}
    certified = certificates.domain_sign(polynomial, ranges)
    for point in points.points(domains, [], seed=seed):
        assert intervals.sign_of(evaluator.Evaluator(point)(polynomial)) in certified


def test_contradictory_facts_are_recognised_and_consistent_ones_are_not():
    ranges = {s: DOMAINS[domain_of(s)] for s in (x, y, z, p, n)}
    up, weak = signs.POSITIVE, signs.NONNEGATIVE
    assert contradictions.contradictory([(x - y, up), (y - z, weak), (z - x, weak)], ranges)
    circle = [(x - y, weak), (y - z, weak), (z - x, weak)]             # x = y = z is left
    assert not contradictions.contradictory(circle, ranges)
    assert contradictions.contradictory([(x - p, weak), (x + n, signs.NEGATIVE)], ranges)
    assert not contradictions.contradictory([(n - p, weak), (x - y, up)], ranges)
    assert not contradictions.contradictory([], ranges)


def test_intervals_hold_the_value_and_exact_values_stay_exact():
    point = {x: Fraction(9, 4), y: Fraction(-1, 3)}
    evaluate = evaluator.Evaluator(point)
    assert evaluate(sqrt(x) + Abs(y)) == Fraction(11, 6)
    enclosure = evaluate(sp.exp(y)*sqrt(x + 1) - sp.log(x))
    with mpmath.workdps(40):
        exact = mpmath.exp(mpmath.mpf(-1)/3)*mpmath.sqrt(3.25) - mpmath.log(2.25)
        rounding = mpmath.mpf(10)**-38                                    # of exact
        assert enclosure.a - rounding <= exact <= enclosure.b + rounding
    assert enclosure.delta < mpmath.mpf(2)**-140
    for undefined in (1/(x - Rational(9, 4)), sqrt(y), sp.log(y),
                      sp.Pow(0, y, evaluate=False)):
        with pytest.raises(intervals.Undefined):
            evaluate(undefined)
    with pytest.raises(intervals.Unsure):
        evaluate(sign((sqrt(x + 1) - 1)*(sqrt(x + 1) + 1) - x))


# -------------------------------------------------------------------------- the time limit
ENDLESS = sp.Pow(x**2 + 2*x*y + y**2 + z**2 + 2*x*z + 2*y*z + x + m + g, 60), \
    sp.Pow((x + y + z)**2 + x + m + g, 60, evaluate=False)


def test_a_proof_that_hangs_ends_with_the_time_limit(monkeypatch):
    def hang(*_):
        while True:
            try:
                time.sleep(0.01)
            except Exception:            # what SymPy does to exceptions meant for others
                pass
    monkeypatch.setattr(decision, "by_cases", hang)
    began = time.monotonic()
    verdict = prove_expressions(torch_adam, adam, seconds=0.3)
    assert verdict.status == "UNDECIDED" and "time limit" in verdict.method
    assert time.monotonic() - began < 15             # without a limit it would never end


def test_an_expansion_without_end_is_undecided_in_time_also_outside_the_main_thread():
    found = []

    def work():
        found.append(prove_expressions(*ENDLESS, seconds=1))
        found.append(prove_expressions(torch_adam, adam))
    thread = threading.Thread(target=work)
    began = time.monotonic()
    thread.start()
    found.insert(0, prove_expressions(*ENDLESS, seconds=1))
    thread.join()
    statuses = [verdict.status for verdict in found]
    assert statuses == ["UNDECIDED", "UNDECIDED", "PROVED"], found
    assert time.monotonic() - began < 120


def test_somebody_elses_alarm_still_rings():
    import signal
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        prove_expressions(torch_adam, adam)
        time.sleep(0.4)
        assert heard == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# ------------------------------------------------------------------------- domains, errors
def test_a_declared_symbol_says_its_domain_and_an_undeclared_one_is_refused():
    for domain in DOMAINS:
        assert domain_of(declare("a", domain)) == domain
    assert domain_of(sp.Symbol("a", positive=True)) == "> 0"
    assert domain_of(sp.Symbol("a", integer=True, positive=True)) == "1, 2, ..."
    with pytest.raises(ValueError, match="beta has no domain"):
        prove_expressions(sp.Symbol("beta"), 1)
    with pytest.raises(ValueError, match="integer that need not be positive"):
        prove_expressions(sp.Symbol("k", integer=True), 1)
    with pytest.raises(ValueError, match="no domain 'positive'"):
        declare("a", "positive")
    with pytest.raises(ValueError, match="no domain 'unit'"):
        prove_expressions(x, y, domains={x: "unit"})
    with pytest.raises(ValueError, match="p was made positive=True.*'>= 0' does not say"):
        prove_expressions(p, x, domains={p: ">= 0"})
    with pytest.raises(ValueError, match="t was made integer=True"):
        prove_expressions(t, x, domains={t: "> 0"})
    with pytest.raises(ValueError, match="two different symbols are named x"):
        prove_expressions(x, declare("x", "> 0"))


def test_what_is_put_for_a_symbol_must_keep_what_sympy_has_used_of_it():
    proved(Abs(p*x), p*Abs(x), where={p: x**2 + 1})
    proved(beta1**t, beta1, where={t: 1})
    for wrong in (x, -p, x**3, 0):
        with pytest.raises(ValueError, match="not proved that this is > 0"):
            prove_expressions(Abs(p), p, where={p: wrong})
    for wrong in (x, -p, x**3):
        with pytest.raises(ValueError, match="not proved that this is >= 0"):
            prove_expressions(Abs(n), n, where={n: wrong})
    with pytest.raises(ValueError, match="has to be an integer"):
        prove_expressions(beta1**t, beta1, where={t: p})


def test_the_domain_decides_and_not_the_name():
    beta = sp.Symbol("beta", real=True)
    refuted(Abs(1 - beta), 1 - beta)
    proved(Abs(1 - beta), 1 - beta, domains={beta: "[0, 1)"})
    proved(Abs(1 - beta), 1 - beta, domains={"beta": "[0, 1]"})
    refuted(Abs(1 - beta), 1 - beta, domains={beta: ">= 0"})


def test_what_is_no_formula_or_relation_is_refused():
    with pytest.raises(TypeError, match="a formula is needed"):
        prove_expressions(x > 0, x)
    with pytest.raises(ValueError, match="no relation '='"):
        prove_expressions(x, y, "=")
    with pytest.raises(ValueError, match="some time > 0"):
        prove_expressions(x, y, seconds=0)


def test_what_the_prover_has_no_rule_for_is_undecided_and_says_so():
    verdict = not_proved(sp.gamma(p + 1) - p*sp.gamma(p), 0)
    assert verdict.status == "UNDECIDED" and "gamma" in verdict.method


# -------------------------------------------------------------------------------- verdicts
def test_a_verdict_is_no_bool_and_reads_and_travels_well():
    verdict = refuted(sqrt(x**2), x)
    with pytest.raises(TypeError, match="compare its .status"):
        bool(verdict)
    assert str(verdict).startswith("REFUTED (left - right = ")
    assert "at x = -" in str(verdict)
    assert verdict._repr_html_().startswith("<b>REFUTED</b>")
    back = json.loads(json.dumps(verdict.as_dict()))
    assert back["witness"] == {"x": str(verdict.witness[x])} and back["status"] == "REFUTED"
    with pytest.raises(AttributeError):
        verdict.status = "PROVED"
    assert Verdict("UNDECIDED", method="because").as_dict()["witness"] is None


# -------------------------------------------------------------------------------- formulas
Fake = namedtuple("Fake", "update init domains")
DOMAIN_OF = {s: domain_of(s) for s in LETTERS}


def fake(step, start=0):
    return Fake({"theta": step, "m": m_new, "v": v_new}, {"m": sp.sympify(start), "v": 0},
                DOMAIN_OF)


def test_optimizers_are_equal_if_all_their_updates_and_starts_are():
    assert prove(fake(torch_adam), fake(adam)).status == "PROVED"
    verdict = prove(fake(keras_adam), fake(adam))
    assert verdict.status == "REFUTED" and verdict.method.startswith("theta': left - right")
    verdict = prove(fake(adam), fake(adam, start=theta))
    assert verdict.status == "REFUTED" and verdict.method.startswith("m at the start")
    with pytest.raises(ValueError, match="eps.* > 0"):
        prove(fake(keras_adam), fake(adam), where={"eps": 0})
    zero = {eps: declare("eps", ">= 0")}
    left, right = (Fake({k: e.xreplace(zero) for k, e in fake(step).update.items()}, {
        "m": sp.Integer(0), "v": sp.Integer(0)}, {zero.get(s, s): d if s != eps else ">= 0"
                                                  for s, d in DOMAIN_OF.items()})
                   for step in (keras_adam, adam))
    found = prove(left, right, where={"eps": 0})
    assert found.status == "PROVED" and found.equal_if == {"eps": 0}


def test_optimizers_with_different_states_are_not_comparable():
    fewer = Fake({"theta": adam}, {}, DOMAIN_OF)
    with pytest.raises(ValueError, match="only left: m, v; only right: none"):
        prove(fake(adam), fewer)
    other = Fake(fake(adam).update, fake(adam).init, DOMAIN_OF | {eps: "real"})
    with pytest.raises(ValueError, match="eps is '> 0' on the left, 'real' on the right"):
        prove(fake(adam), other)
    with pytest.raises(TypeError, match="cannot be compared"):
        prove(fake(adam), adam)
    with pytest.raises(ValueError, match="not <="):
        prove(fake(adam), fake(adam), "<=")


def test_rules_are_proved_by_name_or_function():
    from optim import rules
    assert prove("adam", rules.adam).status == "PROVED"
    assert prove("adamw", "adam", where={"weight_decay": 0}).status == "PROVED"
    assert prove("adamw", "adam").status == "REFUTED"
    assert prove("momentum", "nag").status == "REFUTED"
    assert prove(x + x, 2*x).status == "PROVED"


def test_a_sign_learnt_of_a_real_letter_counts_in_products_with_it():
    """In the case x <= 0, y <= 0 the sum b x + (1 - b) y is <= 0: no letter is >= 0 by
    its domain, and no constant multiple of the facts says so."""
    b, x, y = declare("b", "[0, 1)"), declare("x", "real"), declare("y", "real")
    mean, parts = abs(b*x + (1 - b)*y), b*abs(x) + (1 - b)*abs(y)
    assert prove_expressions(mean, parts, "<=").status == "PROVED"
    assert prove_expressions(mean, parts, "<").status == "REFUTED"
    assert prove_expressions(parts, mean, "<=").status == "REFUTED"


def test_the_open_unit_interval_has_neither_end():
    u = declare("u", "(0, 1)")
    assert prove_expressions(u*(1 - u), sp.Integer(0), ">").status == "PROVED"
    assert prove_expressions(1/u, sp.Integer(1), ">").status == "PROVED"
    assert prove_expressions(u, sp.Rational(1, 10**12), ">").status == "REFUTED"
    assert domain_of(u) == "(0, 1)"
    with pytest.raises(ValueError, match="positive=True"):
        prove_expressions(u, u**2, domains={u: "[0, 1)"})


@pytest.mark.parametrize("text, status", [
    ("weight_decay", "PROVED"), ("2*weight_decay/2", "PROVED"), ("0", "REFUTED"),
    ("2*weight_decay", "REFUTED"), ("lr*weight_decay", "REFUTED")])
def test_letters_in_the_text_of_where_are_those_of_the_rules(text, status):
    decayed = transforms.weight_decay()("adam")
    assert prove(decayed, "adamw", where={"decoupled_decay": text}).status == status
