"""Errors planted in the lifted formulas are refuted: signs, stale states, places of eps."""
import re

import pytest
import sympy as sp

from optim.proving.expressions import prove_expressions

from ..cases import each
from . import lifted as lift
from .evaluation import differ
from .lifted import decided, letter, lifted


def turned_signs(text):
    """The text with one + or - turned round, for each of them."""
    for sign in re.finditer(r" [+-] ", text):
        other = " - " if sign.group() == " + " else " + "
        yield text[:sign.start()] + other + text[sign.end():]


def stale_states(text):
    """The text with an old state in the place of the new one, for each of them."""
    for prime in re.finditer("'", text):
        yield text[:prime.start()] + text[prime.end():]


@each("optimizer", lift.optimizers())
def test_every_turned_sign_and_stale_state_is_refuted(optimizer):
    texts = lift.texts(optimizer)
    count = 0
    for state, text in texts.items():
        for planted in (*turned_signs(text), *stale_states(text)):
            wrong = lift.read(texts | {state: planted}, optimizer)[state]
            decided(lifted(optimizer)[state], wrong, "REFUTED")
            count += 1
    assert count


def with_eps_moved(e):
    """eps out of the roots that hold it, else the sums that hold it under a root."""
    eps, half = letter("eps"), sp.Rational(1, 2)
    outside = e.replace(
        lambda q: q.is_Pow and eps in q.base.args and q.exp in (half, -half),
        lambda q: (sp.sqrt(q.base - eps) + eps)**(2*q.exp))
    return outside if outside != e else e.replace(
        lambda q: q.is_Add and eps in q.args, lambda q: sp.sqrt((q - eps)**2 + eps))


@each("optimizer", lambda: [o for o in lift.optimizers()
                            if lifted(o)["theta"].has(letter("eps"))])
def test_eps_on_the_other_side_of_the_root_is_refuted(optimizer):
    right = lifted(optimizer)["theta"]
    decided(right, with_eps_moved(right), "REFUTED")


def test_a_momentum_that_is_multiplied_in_twice_is_refuted():
    """torch's NAdam once had mu_product*mu*mu_next where mu_product*mu_next is right."""
    texts = lift.texts("torch NAdam")
    twice = texts["theta"].replace("P*beta1**2*(1 - (24/25)**(psi*t)/2)*",
                                   "P*beta1**3*(1 - (24/25)**(psi*t)/2)**2*")
    assert twice != texts["theta"]
    decided(lift.read(texts | {"theta": twice})["theta"], lifted("torch NAdam")["theta"],
            "REFUTED")


def test_a_wrong_claim_and_a_witness_that_is_none_are_noticed():
    torch, optax, keras = (lifted(o)["theta"] for o in (
        "torch Adam", "optax adam", "keras Adam"))
    for one, other, wrong in ((torch, keras, "PROVED"), (torch, optax, "REFUTED")):
        with pytest.raises(AssertionError):
            decided(one, other, wrong)
    witness = prove_expressions(torch, keras).witness
    assert differ(torch, keras, witness) and not differ(torch, optax, witness)
