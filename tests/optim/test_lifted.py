"""What torch, optax, keras and NumPy code compute, held against papers and each other.

Every row of the tables is a claim about formulas read off the released code
(tests/golden/lifted.json): which letters it updates as the paper's rule does (PROVED) and
which not (REFUTED). Proofs hold at every point of the declared domain; a witness is
evaluated once more by mpmath.
"""
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from optim.proving.expressions import prove_expressions

from ..cases import each
from . import lifted as lift
from .evaluation import TOLERANCE, value
from .lifted import decided, letter, lifted, papers, put


def rows(table):
    """One case for each letter of each row of (left, right, values, proved, refuted)."""
    return [pytest.param(left, right, values, state, wanted, id=", ".join(
                filter(None, (left, right, values, f"{state} {wanted}"))))
            for left, right, values, proved, refuted in table
            for wanted, states in (("PROVED", proved), ("REFUTED", refuted))
            for state in states.split()]


# Formula, statement, values put into both, letters PROVED equal, letters REFUTED.
# lr = 1 in Adadelta: the paper has none. A step size of Rprop between lo and hi: torch
# clamps it at every step, the paper only where it changes it.
AGAINST_PAPERS = [
    ("torch SGD", "sgd", "", "theta", ""),
    ("torch SGD momentum", "momentum", "dampening = 0", "b theta", ""),
    ("torch SGD nesterov", "nesterov", "wd = 0", "b theta", ""),
    ("torch Adagrad", "adagrad", "lr_decay = 0", "s theta", ""),
    ("torch Adadelta", "adadelta", "lr = 1", "s d theta", ""),
    ("torch RMSprop", "rmsprop", "", "v theta", ""),
    ("torch RMSprop centered+momentum", "rmsprop_graves", "", "v m", "b theta"),
    ("torch Adam", "adam", "", "m v theta", ""),
    ("torch Adam", "adam_epshat", "", "m v", "theta"),
    ("torch Adam wd amsgrad", "amsgrad", "wd = 0", "m v vmax", "theta"),
    ("torch AdamW", "adamw", "", "m v", "theta"),
    ("torch AdamW", "adamw_lr", "", "m v theta", ""),
    ("torch Adamax", "adamax", "", "m", "u theta"),
    ("torch NAdam", "nadam", "", "v P", "m theta"),
    ("torch NAdam", "nadam_const", "", "m v", "theta"),
    ("torch RAdam", "radam", "", "m v", "theta"),
    ("torch RAdam", "radam", "eps = 0", "m v", "theta"),
    ("torch Rprop", "irprop", "delta = lo + share*h", "delta gprev theta", ""),
    ("torch Rprop", "irprop", "", "gprev", "delta theta"),

    ("optax sgd", "sgd", "", "theta", ""),
    ("optax momentum", "momentum", "", "b theta", ""),
    ("optax nesterov", "nesterov", "", "b theta", ""),
    ("optax adagrad", "adagrad", "", "s", "theta"),
    ("optax adadelta", "adadelta", "lr = 1", "s d theta", ""),
    ("optax rmsprop", "rmsprop", "", "v", "theta"),
    ("optax rmsprop centered mom", "rmsprop_graves", "", "v m b theta", ""),
    ("optax adam", "adam", "", "m v theta", ""),
    ("optax nadam", "nadam_const", "", "m v theta", ""),
    ("optax nadam", "nadam", "psi = 0", "v", "m theta"),            # and it keeps no P
    ("optax adamw", "adamw_lr", "", "m v theta", ""),
    ("optax amsgrad", "amsgrad", "", "m v", "vmax theta"),
    ("optax adamax", "adamax", "", "m", "u theta"),
    ("optax radam", "radam", "eps = 0", "m v", "theta"),
    ("optax yogi", "yogi", "", "m v", "theta"),
    ("optax adabelief", "adabelief", "", "m v theta", ""),
    ("optax lion", "lion", "", "m theta", ""),

    ("keras SGD", "sgd", "", "theta", ""),
    ("keras SGD momentum", "momentum_v", "", "b theta", ""),
    ("keras SGD nesterov", "nesterov_v", "", "b theta", ""),
    ("keras Adagrad", "adagrad", "", "s", "theta"),
    ("keras Adadelta", "adadelta", "lr = 1", "s d theta", ""),
    ("keras RMSprop", "rmsprop", "", "v", "theta"),
    ("keras RMSprop centered momentum", "rmsprop_graves", "", "v m", "b theta"),
    ("keras Adam", "adam", "", "m v", "theta"),
    ("keras Adam", "adam_epshat", "", "m v theta", ""),
    ("keras Adam amsgrad", "amsgrad", "", "m v vmax", "theta"),
    ("keras AdamW", "adamw_lr", "", "m v", "theta"),
    ("keras AdamW", "adamw_lr", "eps = 0", "m v theta", ""),
    ("keras Adamax", "adamax", "", "m u", "theta"),
    ("keras Nadam", "nadam", "psi = 1", "v P", "m theta"),
    ("keras Nadam", "nadam", "psi = 1/250", "v", "m P theta"),
    ("keras Lion", "lion", "wd = 0", "m theta", ""),

    ("numpy cs231n sgd", "sgd", "", "theta", ""),
    ("numpy cs231n sgd_momentum", "momentum_v", "", "b theta", ""),
    ("numpy cs231n rmsprop", "rmsprop", "", "v theta", ""),
    ("numpy cs231n adam", "adam", "", "m v theta", ""),
    ("numpy cs231n adam_bug", "adam", "", "m v", "theta"),
    ("numpy class SGD", "sgd", "", "theta", ""),
    ("numpy class Momentum", "momentum_v", "", "b theta", ""),
    ("numpy class Nesterov", "nesterov_v", "", "b theta", ""),
    ("numpy class AdaGrad", "adagrad", "eps = 1/10000000", "s theta", ""),
    ("numpy class Adam", "adam_epshat", "eps = 1/10000000", "m v theta", ""),
    ("numpy class Adam", "adam", "eps = 1/10000000", "m v", "theta"),
    ("numpy class AdaMax", "adamax", "", "m u", "theta"),
    ("numpy Lion", "lion", "", "m theta", ""),
    ("numpy RProp", "irprop", "etaminus = 1/2, e = 1/5, lo = 1/1000000, "
     "h = 49999999/1000000, delta = 1/1000000 + share*49999999/1000000", "gprev theta", ""),
    ("numpy LeakyAdagrad", "adagrad", "eps = 1/10000000", "", "s theta"),
]


@each("optimizer, paper, values, state, wanted", rows(AGAINST_PAPERS))
def test_a_library_computes_what_the_paper_states_or_not(optimizer, paper, values, state,
                                                         wanted):
    left, right = lifted(optimizer)[state], papers()[paper][state]
    decided(put(left, values), put(right, values), wanted)


# The same with a second formula for the statement; the two RAdams come once more below.
AGAINST_EACH_OTHER = [
    ("torch Adam", "optax adam", "", "m v theta", ""),
    ("torch Adam", "keras Adam", "", "m v", "theta"),
    ("torch RMSprop", "optax rmsprop eps_in_sqrt=False, bias_correction", "", "v", "theta"),
    ("torch RMSprop", "keras RMSprop", "", "v", "theta"),
    ("optax rmsprop", "keras RMSprop", "", "v theta", ""),
    ("torch Adagrad", "keras Adagrad", "lr_decay = 0", "s", "theta"),
    ("optax adagrad", "keras Adagrad", "", "s theta", ""),
    ("torch Adamax", "optax adamax", "", "m u theta", ""),
    ("torch Adamax", "keras Adamax", "", "m", "u theta"),
    ("torch NAdam", "keras Nadam", "psi = 1", "m v P theta", ""),
    ("torch NAdam", "keras Nadam", "psi = 1/250", "m v", "P theta"),
    ("torch AdamW", "keras AdamW", "", "m v", "theta"),
    ("torch AdamW", "optax adamw", "", "m v theta", ""),
    ("torch RAdam", "optax radam", "", "m v", "theta"),
    ("torch Adadelta", "keras Adadelta", "", "s d theta", ""),
    ("torch Adadelta", "optax adadelta", "", "s d theta", ""),
    ("torch Adam wd amsgrad", "optax amsgrad", "wd = 0", "m v", "vmax theta"),
    ("torch Adam wd amsgrad", "keras Adam amsgrad", "wd = 0", "m v vmax", "theta"),
    ("torch ASGD", "torch ASGD t0=2", "", "eta mu ax theta", ""),
    ("numpy Lion", "optax lion", "", "m theta", ""),
    ("numpy RProp", "torch Rprop", "etaminus = 1/2, e = 1/5, lo = 1/1000000, "
     "h = 49999999/1000000", "gprev theta", ""),
    ("optax rprop", "torch Rprop", "etaminus = 1/2, e = 1/5, lo = 1/1000000, "
     "h = 49999999/1000000", "", "theta"),
]


@each("one, other, values, state, wanted", rows(AGAINST_EACH_OTHER))
def test_two_libraries_compute_the_same_or_not(one, other, values, state, wanted):
    decided(put(lifted(one)[state], values), put(lifted(other)[state], values), wanted)


def test_torchs_first_step_with_dampening_is_not_the_later_ones_from_a_buffer_of_0():
    first = lift.read(lift.DATA["first_step"]["torch SGD momentum"])
    for state, e in first.items():
        later = lifted("torch SGD momentum")[state]
        decided(e, put(later, "b = 0"), "REFUTED")
        decided(e, put(later, "b = 0, dampening = 0"), "PROVED")


def rho(t, beta2):
    """Liu et al. 2020: the length of the average at step t."""
    return 2/(1 - beta2) - 1 - 2*t*beta2**t/(1 - beta2**t)


def holds_only_where_rho_is_5(equation):
    """Whether it holds at the beta2 with rho_t = 5, for some t, and not beside it."""
    with mpmath.workdps(60):
        for t in (6, 7, 20):
            on = mpmath.findroot(lambda b: rho(t, b) - 5, (0.667, 0.99), solver="anderson")
            for point in (on, on - mpmath.mpf("0.01"), on + mpmath.mpf("0.01")):
                at = {letter("beta2"): point, letter("t"): t}
                gap = value(equation.lhs - equation.rhs, at)
                if (abs(gap) < TOLERANCE) != (point == on):
                    return False
    return True


@pytest.mark.parametrize("left, right", [("eps = 0", "eps = 0"),
                                         ("", "eps = eps/sqrt(1 - beta2**t)")])
def test_the_two_radams_differ_only_where_rho_is_5_but_for_the_place_of_eps(left, right):
    """> 5 in torch, >= 5 in optax; no rational beta2 has rho_t = 5."""
    torch, optax = lifted("torch RAdam")["theta"], lifted("optax radam")["theta"]
    verdict = prove_expressions(put(torch, left), put(optax, right), seconds=lift.SECONDS)
    assert verdict.status == "PROVED" and verdict.except_on, verdict
    assert all(map(holds_only_where_rho_is_5, verdict.except_on)), verdict


@pytest.mark.parametrize("length", [4, 5, 6])
def test_an_exception_at_another_length_than_5_would_be_noticed(length):
    equation = sp.Eq(rho(letter("t"), letter("beta2")), length)
    assert holds_only_where_rho_is_5(equation) == (length == 5)


def test_no_rational_beta2_gives_rho_5():
    """For beta2 = p/q in lowest terms it says (3p - 2q)(q^t - p^t) = t p^t (q - p): so p
    divides 2 q^(t+1), p is 1 or 2, and 3p > 2q leaves no q > p. Here by counting."""
    found = [(p, q, t) for q in range(2, 30) for p in range(1, q) for t in range(1, 30)
             if rho(t, Fraction(p, q)) == 5]
    assert found == []
    assert rho(2, Fraction(1, 3)) == Fraction(3, 2)
