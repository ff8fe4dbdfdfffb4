"""What the stored atlas says of which library computes what: the known discrepancies.

Each is a fact about Torch 2.13.0, Optax 0.2.8 and Keras 3.15.1, known from their code and
from the papers; the atlas has to find it by itself. What is stored is held against a new
computation as well.
"""
import re
from functools import cache
from pathlib import Path

import numpy as np

import optim
import optim.dialects.named_optimizers
from optim.atlas.gathering import gathered
from optim.atlas.names_in_libraries import FAMILIES, PAPER, WHY_NOT
from optim.dialects import optax_rules, survey
from optim.optimizers.signatures import first_states, step_of

from ..cases import each

STORED = Path(__file__).parents[2]/"notebooks/reference/atlas.md"
ONE, TWO, WALK = "one rule", "two rules", "one in every run, by other states"
EPS_HAT, NO_EPS = "eps -> eps*sqrt(1 - beta2**t)", "eps -> 0 on both sides"
FACTS = [
    # gradient descent is one everywhere, and its decay too, for there is no momentum
    *(("Gradient descent", a, b, ONE, "") for a, b in (
        ("paper", "torch"), ("paper", "optax"), ("paper", "keras"), ("paper", "survey"))),
    ("Gradient descent with weight decay", "torch", "keras", ONE, ""),
    # lr stands outside the buffer in torch and Optax, inside in Keras and in the paper
    ("Momentum", "torch", "optax", ONE, ""),
    ("Momentum", "torch", "keras", WALK, "m -> -lr*m, with lr constant"),
    ("Momentum", "paper", "torch", WALK, "m -> m/lr, with lr constant"),
    ("Momentum", "paper", "keras", WALK, "m -> -m"),
    # torch's decay goes through the buffer, that of Keras does not
    ("Momentum with weight decay", "torch", "keras", TWO, "weight_decay -> 0 on both"),
    # the first gradient of torch is not dampened; from the second on all are
    ("Momentum with dampening", "paper", "torch", TWO, "t -> t + 1"),
    # all three are Bengio's form
    ("Nesterov", "torch", "optax", ONE, ""),
    ("Nesterov", "torch", "keras", WALK, "m -> -lr*m, with lr constant"),
    ("Nesterov", "paper", "torch", WALK, "m -> m/lr, with lr constant"),
    # eps outside in torch and in the paper, inside in Optax, Keras and the survey; and
    # where the sum starts
    ("Adagrad", "paper", "torch", ONE, ""), ("Adagrad", "optax", "keras", ONE, ""),
    ("Adagrad", "torch", "keras", TWO, "eps -> 0 on both sides, initial -> 0"),
    ("Adagrad", "survey", "keras", TWO, "initial -> 0"),
    ("Adagrad", "torch", "optax", TWO, "none: for eps = 0 and a sum of 0"),
    ("RMSprop", "paper", "torch", ONE, ""), ("RMSprop", "optax", "keras", ONE, ""),
    ("RMSprop", "survey", "keras", ONE, ""), ("RMSprop", "torch", "keras", TWO, NO_EPS),
    # lr outside the momentum in torch, inside in the others, as in Graves 2013
    ("RMSprop with momentum", "torch", "optax", TWO, "m -> -lr*m, with lr constant"),
    ("RMSprop with momentum", "optax", "keras", WALK, "m -> -m"),
    ("RMSprop, centered, with momentum", "paper", "keras", ONE, ""),
    ("RMSprop, centered, with momentum", "paper", "optax", WALK, "m -> -m"),
    ("RMSprop, centered, with momentum", "paper", "torch", TWO, NO_EPS),
    # one formula; the paper has no lr
    ("Adadelta", "torch", "optax", ONE, ""), ("Adadelta", "torch", "keras", ONE, ""),
    ("Adadelta", "paper", "torch", TWO, "lr -> 1"),
    # without a learning rate, which is its default, Optax's climbs
    ("Adadelta without a learning rate", "paper", "optax", TWO, "g -> -g"),
    # Algorithm 1 in torch and Optax, epsilon hat in Keras
    ("Adam", "paper", "torch", ONE, ""), ("Adam", "paper", "optax", ONE, ""),
    ("Adam", "torch", "keras", TWO, EPS_HAT), ("Adam", "paper", "survey", ONE, ""),
    ("Adam with epsilon hat", "paper", "keras", ONE, ""),
    # eps beside |g| in torch and Optax, outside in Keras, nowhere in print
    ("AdaMax", "torch", "optax", ONE, ""), ("AdaMax", "paper", "keras", ONE, ""),
    ("AdaMax", "torch", "keras", TWO, NO_EPS), ("AdaMax", "paper", "survey", TWO, NO_EPS),
    # Keras is torch with psi = 1; Optax has no schedule; the paper's m has one
    ("Nadam", "torch", "keras", TWO, "psi -> 1"),
    ("Nadam", "torch", "optax", TWO, "beta1 -> 0 on both sides"),
    ("Nadam", "paper", "torch", TWO, "mu -> 0 on both sides"),
    ("Nadam", "paper", "optax", TWO, "psi -> 0 on both sides, mu -> mu/2"),
    ("Nadam", "survey", "optax", TWO, "beta1 -> 0 on both sides"),
    # the decay is multiplied by lr in all three, not in the paper
    ("AdamW", "torch", "optax", ONE, ""), ("AdamW", "torch", "keras", TWO, EPS_HAT),
    ("AdamW", "paper", "torch", TWO, "weight_decay -> weight_decay/lr"),
    # corrected after the maximum, before it, or not at all
    ("AMSGrad", "torch", "optax", TWO, "beta2 -> 0 on both sides"),
    ("AMSGrad", "torch", "keras", TWO, EPS_HAT),
    ("AMSGrad", "paper", "keras", TWO, "lr -> lr*(1 - beta1**t)/sqrt(1 - beta2**t)"),
    ("AMSGrad", "paper", "torch", TWO, "eps -> eps/sqrt(1 - beta2**t)"),
    ("AMSGrad without bias correction", "paper", "optax", ONE, ""),
    # more than 5 in torch, at least 5 in Optax, more than 4 in the paper; and eps
    ("RAdam", "torch", "optax", TWO, "threshold -> 5, eps -> eps/sqrt(1 - beta2**t)"),
    ("RAdam", "torch", "optax", TWO, "except where 5 ="),
    ("RAdam", "paper", "torch", TWO, "beta2 -> 0 on both sides"),
    # without taking back, and one step late
    ("Rprop", "paper", "torch", TWO, "none: the paper takes a step back"),
    ("Rprop", "torch", "optax", TWO, "none: Optax takes the step of the step before"),
    ("Lion", "paper", "optax", ONE, ""), ("Lion", "paper", "keras", ONE, ""),
    # moments that start at a millionth, and a correction
    ("Yogi", "paper", "optax", TWO, "none: the moments of Optax start at a millionth"),
    # two eps for one
    ("AdaBelief", "paper", "optax", TWO, "eps_root -> eps")]
DEFAULTS = [
    ("Gradient descent", "torch", "lr", "0.001"),
    ("Gradient descent", "keras", "lr", "0.01"),
    ("RMSprop", "torch", "rho", "0.99"), ("RMSprop", "optax", "rho", "0.9"),
    ("RMSprop", "torch", "lr", "0.01"), ("RMSprop", "keras", "lr", "0.001"),
    ("Adagrad", "optax", "initial", "0.1"), ("Adagrad", "keras", "initial", "0.1"),
    ("Adagrad", "torch", "initial", ""), ("Adadelta", "torch", "lr", "1"),
    ("Adadelta", "keras", "lr", "0.001"), ("Adadelta", "keras", "rho", "0.95"),
    ("Adam", "keras", "eps", "1e-07"), ("Adam", "torch", "eps", "1e-08"),
    ("AdaMax", "keras", "lr", "0.001"), ("AdaMax", "torch", "lr", "0.002"),
    ("AdamW", "torch", "weight_decay", "0.01"),
    ("AdamW", "optax", "weight_decay", "0.0001"),
    ("AdamW", "keras", "weight_decay", "0.004"), ("Nadam", "torch", "psi", "0.004"),
    ("AdaBelief", "optax", "eps", "1e-16"), ("AdaBelief", "optax", "eps_root", "1e-16")]


@cache
def stored():
    """{family: ({(a, b): (status, answer, what makes them one)}, {source: {letter: x}})}"""
    found = {}
    for part in re.split(r"^## ", STORED.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title, _, text = part.partition("\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in text.splitlines() if line.startswith("|")]
        cut = next(i for i, row in enumerate(rows) if row[1:2] == ["same at every state"])
        heads, *defaults = [row for row in rows[:cut] if row[0] != "---"]
        pairs = {tuple(names.split(", ")): (status, answer, one.strip("`"))
                 for names, status, answer, one in rows[cut + 2:]}
        found[title] = pairs, {row[0]: dict(zip(heads[1:], row[1:])) for row in defaults}
    return found


@each("title, a, b, answer, one", FACTS)
def test_the_atlas_has_found(title, a, b, answer, one):
    status, said, change = stored()[title][0][a, b]
    assert status == ("PROVED" if answer == ONE else "REFUTED")
    assert said == answer and one in change and bool(one) == bool(change)


@each("title, source, letter, number", DEFAULTS)
def test_the_atlas_has_the_defaults(title, source, letter, number):
    assert stored()[title][1][source].get(letter, "") == number


def test_all_families_and_pairs_are_stored_and_none_is_undecided():
    assert stored().keys() == FAMILIES.keys()
    for title, (pairs, defaults) in stored().items():
        assert [*defaults] == [*FAMILIES[title]]
        assert len(pairs) == len(defaults)*(len(defaults) - 1)//2
        assert {status for status, *_ in pairs.values()} <= {"PROVED", "REFUTED"}


def test_what_has_a_reason_is_made_one_by_nothing():
    without = {(title, *pair) for title, (pairs, _) in stored().items()
               for pair, (_, _, one) in pairs.items() if one.startswith("none")}
    assert without >= WHY_NOT.keys()        # what has one: nothing is in the catalogue


@each("title", [t for t in FAMILIES if t not in (
    "Rprop", "Nadam", "RAdam", "Yogi")])                             # quick ones
def test_what_is_stored_is_what_is_found_today(title):
    found, = gathered([title], installed=False)
    for pair, comparison in found.pairs.items():
        status, answer, one = stored()[title][0][pair]
        assert comparison.status == status and comparison.same == (answer != TWO)
        change = comparison.walk or comparison.equal_if
        assert change is None or one.startswith(str(change).split(" (letters of")[0])


# ------------------------------------------------------- why nothing makes these two one
def test_optaxs_adagrad_stays_where_the_papers_has_no_value():
    def guarded(theta, g, v, *, t, lr=.01):
        v = v + g**2
        return theta - lr*g*np.where(v > 0, 1/np.sqrt(v), 0), v

    def ours(theta, g, v, *, t, lr=.01):
        return optax_rules.adagrad(theta, g, v, t=t, lr=lr, initial=0, eps=0)

    def papers(theta, g, v, *, t, lr=.01):
        return optim.rules.adagrad(theta, g, v, t=t, lr=lr, eps=0)
    assert optim.prove(ours, guarded).status == "PROVED"
    found = optim.prove(ours, papers)
    assert found.status == "REFUTED"
    assert {str(s): x for s, x in found.witness.items()} == {"g": 0, "v": 0} | {
        str(s): x for s, x in found.witness.items() if str(s) not in "gv"}


def test_yogi_from_0_would_be_the_papers_but_for_its_correction():
    def from_0(theta, g, m, v, *, t, lr=.01, beta1=.9, beta2=.999, eps=1e-3):
        return optax_rules.yogi(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2,
                                eps=eps)
    found = optim.compare("yogi", from_0).equal_if
    assert "lr*(1 - beta1**t)/sqrt(1 - beta2**t)" in str(found)
    assert optim.compare("yogi", "optax:yogi").equal_if is None


def test_the_rprop_of_the_paper_goes_back_where_that_of_torch_stays():
    ends = []
    for name in ("rprop", "torch:Rprop"):
        rule = optim.dialects.named_optimizers.any_rule(name)
        theta, own = np.array([1.]), {"lr": .1}
        states = [*first_states(rule, theta, own).values()]
        for t, g in enumerate((1., -1.), 1):
            theta, *states = step_of(rule, theta, np.array([g]), *states, t=t, **own)
        ends.append(theta.item())
    assert np.allclose(ends, [1., .9])


def test_keras_ftrl_leaps_from_where_it_starts():
    """Its first step forgets theta: with g = 0 the least point of no tangents is 0."""
    rule = optim.dialects.named_optimizers.any_rule("keras:Ftrl")
    own = {"lr": .1, "initial": .1, "power": .5}
    states = [*first_states(rule, np.array([3.]), own).values()]
    theta, *_ = step_of(rule, np.array([3.]), np.array([0.]), *states, t=1, **own)
    assert theta.item() == 0
    ours = optim.rules.RULES["ftrl"]
    states = [*first_states(ours, np.array([3.]), {"lr": .1, "offset": 1, "l1": 0,
                                                   "l2": 0}).values()]
    theta, *_ = step_of(ours, np.array([3.]), np.array([0.]), *states, t=1, lr=.1)
    assert np.isclose(theta.item(), 3)


def test_the_survey_has_rules_of_its_own():
    assert survey.adam is optim.rules.adam and PAPER in FAMILIES["Adam"]
    assert "survey" in FAMILIES["Nadam"] and survey.nadam is not optim.rules.nadam
