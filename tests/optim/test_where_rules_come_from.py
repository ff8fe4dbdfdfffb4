"""The derivations beyond the papers' recursions: each claim again by numbers, and planted
errors, each of which must turn a proof into a refutation or leave it undecided.

The numbers are exact fractions or plain floats; no SymPy and no prover in them.
"""
import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import sympy as sp

from optim import rules
from optim.claims.verification import verify
from optim.derivations import PARTICULAR, TOPICS, derive, tally
from optim.derivations.claim import by_theorem, claim
from optim.derivations.topics.every_batch import claimed, letters, moments
from optim.derivations.walks import walk, walked
from optim.formulas.rule_formulas import formula
from optim.domains import declare
from optim.notation.mathml import display

from ..cases import each

ROUNDING = 1e-12                                     # of a few hundred float operations
derived = cache(derive)
x = declare("x", "real")
every_topic = each("name", TOPICS)


# ------------------------------------------------------------------ all of it holds
@pytest.mark.parametrize("name", ["steepest_descent", "estimators"])
def test_every_formula_of_a_topic_can_be_shown_on_a_page(name):
    assert not any("<merror" in display(part) for step in derived(name).steps
                   for part in (step.latex(), step.caption))


@every_topic
def test_every_topic_comes_out_as_promised(name):
    d = derived(name)
    assert d.ok, [str(s) for s in d.steps if not s.ok]
    assert {s.verdict.status for s in d.steps} <= {"PROVED", "BY THEOREM", "REFUTED"}
    assert all(s.verdict.witness for s in d.steps if s.expected == "REFUTED")
    assert all(s.id and s.sentence and s.source and (s.goals or s.premises)
               for s in d.steps)
    assert verify(name).ok


STATUSES = {                                     # rule or topic: claims of each status
    "steepest_descent": {"PROVED": "euclidean diagonal is-adagrad loss-of-sign",
                         "BY THEOREM": "all-coordinates maximum-norm ball",
                         "REFUTED": "ball-with-zeros"},
    "estimators": {"PROVED": "deviations square-of-sum pair rest-mean every-batch",
                   "BY THEOREM": "unbiased with-replacement without-replacement covariance"
                                 " next-batch", "REFUTED": "order-uncorrelated"},
    "momentum": {"PROVED": "geometric-sum newtons-law quotients",
                 "BY THEOREM": "geometric-limit oscillator mean"},
    "nag": {"PROVED": "together back two-mus scheduled", "REFUTED": "squared-mu"},
    "gradient_descent": {"PROVED": "origin"},
    "adagrad": {"PROVED": "origin step-size-falls twin twin-apart",
                "REFUTED": "twin-second"},
    "rmsprop": {"PROVED": "between not-negative centred",
                "BY THEOREM": "is-adagrad variance", "REFUTED": "two-rhos v-unbiased"},
    "adadelta": {"PROVED": "loss-scaled parameters-scaled exponents two-eps only-if",
                 "REFUTED": "one-eps-as-step one-eps-as-gradient"},
    "adam": {"PROVED": "scale moments bound growing alone near at-least-t second-step",
             "BY THEOREM": "supremum no-bound at-defaults",
             "REFUTED": "first-case second-case"},
    "adamax": {"PROVED": "order-two moments bound shrinking second-step bernoulli",
               "BY THEOREM": "limit supremum", "REFUTED": "papers-bound"},
    "nadam": {"PROVED": "next-momentum extra-factor look-ahead-bias",
              "REFUTED": "look-ahead-unbiased factor-ignored"},
    "amsgrad": {"PROVED": "step-size both-grow corrected-first back-at-worst walk-defaults "
                          "walk-uncorrected", "BY THEOREM": "ends-at-worst ends-at-best",
                "REFUTED": "adam-falls largest-falls"},
    "adamw": {"PROVED": "of-descent of-descent-only no-lambda"},
    "stability": {"PROVED": "jury descent-rate momentum-rate nag-rate nag-damping",
                  "BY THEOREM": "regions"}}


@each("name, id, status", [
    (name, id, status) for name, found in STATUSES.items()
    for status, ids in found.items() for id in ids.split()])
def test_this_is_what_a_derivation_says(name, id, status):
    found = [s for s in derived(name).steps if s.id == id]
    assert len(found) == 1 and found[0].verdict.status == found[0].expected == status


def test_no_step_about_the_estimators_says_that_something_is_itself():
    """Where no rule is spoken of, two sides that are one expression would say nothing."""
    assert not [s for s in derived("estimators").steps if s.kind == "identity"]
    assert claim("", "", (x + x, 2*x)).kind == "identity"


def test_an_unknown_name_is_answered_with_rules_and_topics():
    with pytest.raises(ValueError, match="did you mean estimators.*stability"):
        derive("estimator")


def test_a_rule_names_the_topics_that_serve_it():
    assert derived("gradient_descent").see_also == (
        "steepest_descent", "estimators", "stability")
    assert "derive('stability')" in str(derived("nag"))
    assert "stability" in derived("nag")._repr_markdown_()
    for _, _, serves in TOPICS.values():
        assert set(serves) <= set(rules.RULES)


# ------------------------------------------------------------------ planted errors
def test_a_theorem_needs_its_premises_proved_and_is_never_proved_itself():
    good, bad = claim("a", "x is x.", (x, x)), claim("b", "x is 1.", (x, 1))
    refuted = claim("c", "x is 1.", (x, 1), expected="REFUTED")
    so = by_theorem("p", "So P = NP.", "P = NP", good)
    assert so.ok and so.verdict.status == so.expected == "BY THEOREM" and not so.goals
    assert by_theorem("q", "So.", "a theorem", good, so).ok
    for premise in (bad, refuted):
        assert by_theorem("r", "So.", "a theorem", good, premise).verdict.status == (
            "UNDECIDED")
        assert claim("s", "x is x.", (x, x), premises=(premise,)).verdict.status == (
            "UNDECIDED")
    with pytest.raises(ValueError, match="rests on"):
        by_theorem("t", "So.", "a theorem")


def test_one_false_goal_among_many_is_seen():
    right, wrong = (x**2, ">=", 0), (x, ">=", 0)
    assert claim("a", "All.", right).verdict.status == "PROVED"
    found = claim("b", "All.", right, wrong, right).verdict
    assert found.status == "REFUTED" and found.witness[x] < 0
    with pytest.raises(ValueError, match="at least one"):
        claim("c", "All.")


def test_a_claim_prints_its_goals_and_marks_its_caption():
    said = claim("square", "A square is at most 0.", (x**2, ">=", 0),
                 caption=r"x^2 \le 0")
    assert "    x**2 >= 0\n    caption: x^2 \\le 0\n    PROVED" in str(said)
    assert said.latex() == r"x^{2} \ge 0"
    words = said.as_dict()
    assert words["caption"] == r"x^2 \le 0" and words["goals"] == [
        {"left": "x**2", "relation": ">=", "right": "0", "domains": {"x": "real"}}]


def test_kinds_are_counted_apart():
    same, algebra = claim("a", "", (x, x)), claim("b", "", ((x + 1)**2, x**2 + 2*x + 1))
    so = by_theorem("c", "", "a theorem", same)
    wrong, false = claim("d", "", (x, 1)), claim("e", "", (x, 1), expected="REFUTED")
    assert tally([same, algebra, so, wrong, false, same]) == (
        "1 PROVED by algebra, 2 PROVED as one expression with itself, 1 BY THEOREM, "
        "1 REFUTED as claimed, 1 not as claimed")


def test_a_wrong_variance_is_refuted_by_going_through_the_batches():
    batches = list(combinations(range(3), 2))
    mean, variance = moments(batches, letters(3))
    right, wrong = claimed(3, 2, False), claimed(3, 2, True)
    assert claim("", "", (mean, right[0]), (variance, right[1])).ok
    assert claim("", "", (variance, wrong[1])).verdict.status == "REFUTED"
    leaky = batches[:-1]                                   # a batch left out
    assert claim("", "", (moments(leaky, letters(3))[0], right[0])).verdict.status == (
        "REFUTED")


def edited(name, part, old, new):
    f = formula(name)
    e = f.update[part]
    changed = e.subs(f.symbols[old], new(f.symbols)) if old else new(e, f.symbols)
    assert changed != e
    return replace(f, update=f.update | {part: changed})


@pytest.mark.parametrize("name, part, change", [
    ("momentum", "m", lambda e, s: e - s["lr"]*s["g"] + s["g"]),
    ("momentum", "theta", lambda e, s: e + s["lr"]*s["g"]),
    ("nag", "theta", lambda e, s: s["theta"] - s["mu"]*s["m"] - s["lr"]*s["g"]),
    ("nag", "m", lambda e, s: e.subs(s["mu"], 0)),
    ("adagrad", "v", lambda e, s: e*sp.Rational(1, 2)),
    ("adagrad", "theta", lambda e, s: e + s["lr"]),
    ("rmsprop", "v", lambda e, s: s["rho"]*s["v"] + s["g"]**2),
    ("rmsprop", "theta", lambda e, s: e.subs(s["eps"], s["eps"]**2)),
    ("adadelta", "theta", lambda e, s: e.subs(s["eps"], 2*s["eps"])),
    ("adam", "m", lambda e, s: e + 1), ("adam", "v", lambda e, s: e + s["eps"]),
    ("adam", "theta", lambda e, s: s["theta"] - 2*(s["theta"] - e)),
    ("adamax", "v", lambda e, s: s["beta2"]*s["v"] + abs(s["g"])),
    ("nadam", "theta", lambda e, s: e.subs(s["mu"], s["mu"]/2)),
    ("adamw", "theta", lambda e, s: e.subs(s["theta"], s["theta"]/2)),
    ("adamw", "theta", lambda e, s: e - s["theta"]**2),
    ("amsgrad", "v_max", lambda e, s: s["v"]*s["beta2"])])
def test_a_rule_with_an_error_is_not_derived(name, part, change):
    wrong = edited(name, part, None, change)
    steps = PARTICULAR[name][1](wrong)
    assert not all(s.ok for s in steps)
    assert all(s.ok for s in PARTICULAR[name][1](formula(name)))


# ------------------------------------------------------------------ the same in numbers
def run(rule, gradients, **hyperparameters):
    """Steps theta_t - theta_{t+1} of the rule from 0, for these gradients."""
    theta, states = np.float64(0), [np.float64(0)]*len(formula(rule).init)
    for t, g in enumerate(gradients, 1):
        old = theta
        theta, *states = rule(theta, np.float64(g), *states, t=t, **hyperparameters)
        yield old - theta


def bound(b1, b2, t):
    """R_t."""
    q = b1**2/b2
    return math.sqrt((1 - b2**t)*(1 - b1)**2*(1 - q**t)
                     / ((1 - b1**t)**2*(1 - b2)*(1 - q)))


@pytest.mark.parametrize("b1, b2", [(0.9, 0.999), (0.9, 0.99), (0.5, 0.3)])
def test_no_step_of_adam_is_longer_than_its_bound_and_one_sequence_attains_it(b1, b2):
    rng, length = np.random.default_rng(0), 40
    constants = {"lr": 1.0, "beta1": b1, "beta2": b2, "eps": 0.0}
    for _ in range(20):
        sizes = np.exp(rng.normal(scale=3, size=length))*rng.choice([-1, 1], length)
        for t, step in enumerate(run(rules.adam, sizes, **constants), 1):
            assert abs(step) <= bound(b1, b2, t)*(1 + ROUNDING)
    worst = [(b1/b2)**(length - i) for i in range(1, length + 1)]
    *_, last = run(rules.adam, worst, **constants)
    assert abs(last) == pytest.approx(bound(b1, b2, length), rel=ROUNDING)


def test_adams_bound_tends_to_7_27_at_the_defaults():
    assert bound(0.9, 0.999, 20_000) == pytest.approx(math.sqrt(370/7), rel=1e-6)
    assert 7.26 < math.sqrt(370/7) < 7.28


def test_the_steps_of_adamax_come_up_to_their_supremum_and_not_above():
    b1, b2, length = 0.9, 0.999, 600
    largest = (1 - b1)/(1 - b1/b2)
    constants = {"lr": 1.0, "beta1": b1, "beta2": b2, "eps": 0.0}
    steps = list(run(rules.adamax, [b2**i for i in range(length)], **constants))
    assert max(steps) <= largest*(1 + ROUNDING) and steps[-1] > largest*(1 - 1e-6)
    assert largest > 1.009


def test_two_exact_gradients_break_the_bound_of_either_paper():
    b1, b2, g = Fraction(9, 10), Fraction(99, 100), (Fraction(10, 11), Fraction(1))
    m = b1*(1 - b1)*g[0] + (1 - b1)*g[1]
    v = b2*(1 - b2)*g[0]**2 + (1 - b2)*g[1]**2
    assert (m/(1 - b1**2))**2/(v/(1 - b2**2)) == Fraction(3980, 3971)
    b1, b2, g = Fraction(1, 2), Fraction(3, 4), (Fraction(1), Fraction(3, 4))
    m = b1*(1 - b1)*g[0] + (1 - b1)*g[1]
    assert m/(1 - b1**2)/max(b2*g[0], g[1]) == Fraction(10, 9)


def test_momentum_nears_the_damped_oscillator_as_the_time_step_shrinks():
    """M x'' + gamma x' = -x from rest at 1: of first order, half the step, half the gap."""
    mass, friction, end, gaps = 2.0, 1.0, 3.0, []
    damping = friction/(2*mass)
    pace = math.sqrt(1/mass - damping**2)
    goal = math.exp(-damping*end)*(math.cos(pace*end) + damping/pace*math.sin(pace*end))
    for steps in (200, 400, 800):
        h, x, m = end/steps, 1.0, 0.0
        for t in range(1, steps + 1):
            x, m = rules.momentum(x, x, m, t=t, lr=h**2/mass, mu=1 - friction*h/mass)
        gaps.append(abs(x - goal))
    assert gaps[0] < 0.01
    assert gaps[0]/gaps[1] == pytest.approx(2, rel=0.05)
    assert gaps[1]/gaps[2] == pytest.approx(2, rel=0.05)


def test_nesterovs_two_forms_walk_together_and_part_under_a_schedule_of_mu_alone():
    """The look-ahead form on a loss with gradient sin, beside the rule at its points."""
    def gap(mu, lr, steps=5):
        x, velocity, theta, m = 0.5, 0.0, 0.5, 0.0
        for t in range(1, steps + 1):
            velocity = mu(t)*velocity - lr(t)*math.sin(x + mu(t)*velocity)
            x += velocity
            theta, m = rules.nag(theta, math.sin(theta), m, t=t, lr=lr(t), mu=mu(t))
        return abs(x + mu(steps + 1)*velocity - theta)

    assert gap(lambda t: 0.9, lambda t: 0.1) < ROUNDING
    assert gap(lambda t: 0.9, lambda t: 0.1/t) < ROUNDING
    assert gap(lambda t: 1 - 3/(t + 5), lambda t: 0.1) > 1e-3


def test_no_step_is_better_than_the_best_one_under_the_squared_maximum_norm():
    rng = np.random.default_rng(3)
    g, lr = np.array([2.0, -1.0, 0.5]), 0.3
    best = -lr*np.sum(np.abs(g))*np.sign(g)

    def model(d):
        return g @ d + np.max(np.abs(d))**2/(2*lr)

    for size in np.exp(rng.normal(scale=2, size=1000)):
        assert model(best + size*rng.normal(size=3)) > model(best)
    idle = np.array([2.0, 0.0, 0.5])                       # one coordinate has no gradient
    g, d = idle, -lr*np.sum(np.abs(idle))*np.sign(idle)
    assert model(d) == model(d + np.array([0, 0.1, 0]))    # so another step is as good


def test_the_batch_after_a_known_one_has_the_mean_that_is_told():
    x, b = [Fraction(n) for n in (3, -1, 4, -6, 0)], 2         # deviations: their sum is 0
    for first in combinations(range(5), b):
        rest = [x[i] for i in range(5) if i not in first]
        nexts = [sum(batch)/Fraction(b) for batch in combinations(rest, b)]
        known = sum(x[i] for i in first)/Fraction(b)
        assert sum(nexts)/len(nexts) == -b*known/(5 - b)


def test_rmsprop_nears_adagrad_as_rho_nears_one():
    gradients = np.random.default_rng(1).normal(size=20)
    goal = np.array(list(run(rules.adagrad, gradients, lr=0.1, eps=0.01)))
    gaps = []
    for rho in (0.9, 0.99, 0.999):
        root = math.sqrt(1 - rho)
        steps = list(run(rules.rmsprop, gradients, lr=0.1*root, eps=0.01*root, rho=rho))
        gaps.append(np.max(np.abs(steps - goal)))
    assert gaps[0] > 5*gaps[1] > 25*gaps[2]


def test_centred_v_is_the_variance_of_the_history_padded_with_zeros():
    gradients, rho = np.random.default_rng(2).normal(size=12), 0.8
    m = v = 0.0
    for g in gradients:
        m, v = rho*m + (1 - rho)*g, rho*v + (1 - rho)*g**2
    weights = (1 - rho)*rho**np.arange(11, -1, -1)
    padded, w = np.append(gradients, 0), np.append(weights, rho**12)
    assert np.isclose(np.sum(w), 1) and np.isclose(np.sum(w*padded), m)
    assert np.isclose(np.sum(w*(padded - m)**2), v - m**2)


def test_a_high_order_of_adams_moment_is_adamaxs_maximum():
    g, beta2, v = [0.3, -1.7, 0.4], 0.9, 0.0
    for x in g:
        v = beta2**500*v + (1 - beta2**500)*abs(x)**500
    assert v**(1/500) == pytest.approx(1.7*0.9, rel=1e-3)


def test_the_three_gradient_example_goes_as_told():
    """In floats, as a student would run it; the walks of the derivation are intervals."""
    def end(rule, constants, steps=300):
        place, states = 1.0, [0.0]*len(formula(rule).init)
        for t in range(1, steps + 1):
            slope = 3.0 if t % 3 == 1 else -1.0
            place, *states = rule(place, slope, *states, t=t, lr=0.5/math.sqrt(t),
                                  **constants)
            place = min(max(place, -1.0), 1.0)
        return place
    assert end(rules.rmsprop, {"rho": 0.1, "eps": 0.0}) == 1.0
    assert end(rules.amsgrad, {"beta1": 0.0, "beta2": 0.1, "eps": 0.0}) < -0.9
    assert end(rules.adam, {"beta1": 0.9, "beta2": 0.999, "eps": 0.0}) < -0.9


def test_a_walk_in_intervals_holds_the_float_walk_and_refutes_a_wrong_bound():
    constants = {"rho": "1/10", "eps": "0"}
    f = formula("rmsprop")
    end = walk(f, constants, steps=30)
    assert float(end.a) <= 1.0 <= float(end.b) + ROUNDING
    below = walked("", "", f, constants, "<=", sp.Integer(0))
    assert below.verdict.status == "REFUTED" and below.verdict.witness
    above = walked("", "", f, constants, ">=", sp.Integer(0))
    assert above.verdict.status == "PROVED" and above.kind == "walk"
    assert str(above.goals[0]) == "1 >= 0"
