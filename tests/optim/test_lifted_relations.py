"""How the lifted formulas relate: goals that SymPy alone leaves open, special cases,
changes of variables, and which change of a paper's rule makes it a library's.

A claim is (words, left, right), on the domains declared in tests/golden/lifted.json.
"""

import pytest
import sympy as sp
from sympy import Abs, Max, Piecewise, sqrt

from optim.formulas.rule_formulas import formula
from optim.domains import declare

from ..cases import each
from .lifted import decided, letter, lifted, papers, put


theta, g, m, v, s, b, u, z, vmax, t, lr, eps, beta1, beta2, rho, mu, delta, gprev = map(
    letter, "theta g m v s b u z vmax t lr eps beta1 beta2 rho mu delta gprev".split())
EPS_HAT = "eps = eps/sqrt(1 - beta2**t)"


def new(optimizer, values="", state="theta"):
    """What an optimizer, of a library or of a paper, makes of a state."""
    update = papers().get(optimizer) or lifted(optimizer)
    return put(update[state], values)


def claims(listed):
    return each("left, right", lambda: [
        pytest.param(left, right, id=words) for words, left, right in listed()])


# ------------------------------------------------------ goals that SymPy alone leaves open
kept, mean = rho*v + (1 - rho)*g**2, rho*m + (1 - rho)*g
up, down = v + (1 - beta2)*g**2, v - (1 - beta2)*g**2
s_positive = declare("s", "> 0")
CONJUGATE = g + z - theta*g**2/lr/(sqrt(s + g**2) + sqrt(s))


def goals(): return [
    ("torch.Adam is the paper's", new("torch Adam"), new("adam")),
    ("keras.Adam is the eps-hat form", new("keras Adam"), new("adam_epshat")),
    ("torch.AdamW is optax.adamw", new("torch AdamW"), new("optax adamw")),
    ("torch's centred RMSprop divides by sqrt(v - m^2) + eps",
     new("torch RMSprop centered+momentum", state="b"),
     mu*b + g/(sqrt(kept - mean**2) + eps)),
    ("torch.NAdam with psi = 1 is keras.Nadam", new("torch NAdam", "psi = 1"),
     new("keras Nadam")),
    ("torch.Adamax is optax.adamax", new("torch Adamax"), new("optax adamax")),
    ("torch's AMSGrad is keras's with eps moved", new("torch Adam wd amsgrad", "wd = 0"),
     new("keras Adam amsgrad", "eps = eps*sqrt(1 - beta2**t)")),
    ("yogi by sign is yogi by three cases", new("optax yogi", state="v"),
     Piecewise((down, v > g**2), (up, v < g**2), (v, True))),
    ("adadelta with lr = 1 is the paper's", new("torch Adadelta", "lr = 1", "d"),
     new("adadelta", state="d")),
    ("a difference of roots in Ftrl is its conjugate quotient for s > 0",
     new("keras Ftrl", state="z").xreplace({s: s_positive}),
     CONJUGATE.xreplace({s: s_positive})),

]


def false_goals(): return [
    ("keras.Adam is the paper's", new("keras Adam"), new("adam")),
    ("torch's AMSGrad is optax's", new("torch Adam wd amsgrad", "wd = 0"),
     new("optax amsgrad")),
    ("yogi by sign is yogi by two cases, but for v = g^2", new("optax yogi", state="v"),
     Piecewise((down, v > g**2), (up, True))),
    ("a difference of roots in Ftrl is its quotient also for s = g = 0",
     new("keras Ftrl", state="z"), CONJUGATE),
]


@claims(goals)
def test_this_goal_is_proved(left, right):
    decided(left, right, "PROVED")


@claims(false_goals)
def test_this_goal_is_refuted(left, right):
    decided(left, right, "REFUTED")


# -------------------------------------------------------------------------- special cases
v_new = lifted("torch RMSprop")["v"]
coupled = {g: g + letter("wd")*theta}
def reductions(): return [
    ("torch.Adam with beta1 = 0 is optax's corrected RMSprop",
     new("torch Adam", "beta1 = 0"),
     new("optax rmsprop eps_in_sqrt=False, bias_correction", "rho = beta2")),
    ("torch.Adam with beta1 = 0 and no correction is torch.RMSprop",
     new("torch Adam", "beta1 = 0").subs(beta2**t, 0), new("torch RMSprop", "rho = beta2")),
    ("torch.AdamW with wd = 0 is torch.Adam", new("torch AdamW", "wd = 0"),
     new("torch Adam")),
    ("keras.Adam is torch.Adam with eps_hat", new("keras Adam"),
     new("torch Adam", EPS_HAT)),
    ("keras.AdamW is torch.AdamW with eps_hat", new("keras AdamW"),
     new("torch AdamW", EPS_HAT)),
    ("optax.rmsprop is torch.RMSprop with eps beside v", new("optax rmsprop"),
     new("torch RMSprop", "eps = 0").subs(v_new, v_new + eps)),
    ("optax.lion with both betas 0 is optax.signsgd",
     new("optax lion", "beta1 = 0, beta2 = 0, wd = 0"), new("optax signsgd")),
    ("optax.nadam is torch.Adam with the mean of the next step", new("optax nadam"),
     new("torch Adam").subs(m, new("torch Adam", state="m")
                            * (1 - beta1**t)/(1 - beta1**(t + 1)))),
    ("weight decay is coupled in torch's nesterov: it goes through g",
     new("torch SGD nesterov"), new("nesterov").subs(coupled)),
    ("weight decay is coupled in torch's amsgrad too",
     new("torch Adam wd amsgrad", state="vmax"),
     new("amsgrad", state="vmax").subs(coupled)),
    ("a mean that starts at m_0 = z keeps beta1^t z of it: the step of an induction",
     new("torch Adam", "m = m + beta1**(t - 1)*z", "m"),
     new("torch Adam", state="m") + beta1**t*z),
]


@claims(reductions)
def test_one_optimizer_is_a_special_case_of_another(left, right):
    decided(left, right, "PROVED")


# ---------------------------------------------------------------- what makes the difference
m_new, second = (lifted("optax adam")[state] for state in "mv")
m_hat, r_inf = m_new/(1 - beta1**t), 2/(1 - beta2) - 1
r_t = r_inf - 2*t*beta2**t/(1 - beta2**t)
rectifier = sqrt((r_t - 4)*(r_t - 2)*r_inf/((r_inf - 4)*(r_inf - 2)*r_t))
corrected = 1 - beta2**t
def differences(): return [
    ("torch.RAdam has the threshold > 5 and eps beside sqrt(v)", new("torch RAdam"),
     theta - lr*m_hat*Piecewise((rectifier*sqrt(corrected)/(sqrt(second) + eps), r_t > 5),
                                (1, True))),
    ("optax.radam has the threshold >= 5 and eps beside sqrt(v_hat)", new("optax radam"),
     theta - lr*m_hat*Piecewise((rectifier/(sqrt(second/corrected) + eps), r_t >= 5),
                                (1, True))),
    ("torch takes AMSGrad's maximum first and corrects it then",
     new("torch Adam wd amsgrad", "wd = 0"),
     theta - lr*m_hat/(sqrt(Max(vmax, second)/corrected) + eps)),
    ("optax corrects first and takes AMSGrad's maximum then", new("optax amsgrad"),
     theta - lr*m_hat/(sqrt(Max(vmax, second/corrected)) + eps)),
    ("torch.Adamax has eps inside the maximum", new("torch Adamax"),
     new("adamax").subs(Max(beta2*u, Abs(g)), Max(beta2*u, Abs(g) + eps))),
    ("keras.Adamax has eps outside the maximum, as ours does", new("keras Adamax"),
     formula("adamax").update["theta"].subs(declare("v", ">= 0"), u)),
    ("optax.yogi has Adam's corrections", new("optax yogi"),
     theta - lr*m_hat/(sqrt(new("yogi", state="v")/corrected) + eps)),
    ("torch.NAdam keeps the same beta1 in m at every step", new("torch NAdam"),
     new("nadam").subs(new("nadam", state="m"), m_new)),
    ("torch.AdamW multiplies the paper's lambda by lr", new("torch AdamW"),
     new("adamw", "wd = lr*wd")),
    ("keras.Adagrad has eps inside the root", new("keras Adagrad"),
     theta - lr*g/sqrt(s + g**2 + eps)),
]


@claims(differences)
def test_this_change_of_the_papers_rule_makes_it_the_librarys(left, right):
    decided(left, right, "PROVED")


# --------------------------------------------------------------------- changes of variables
def seen_as(one, other, letters, values=""):
    """A step of one, seen in the other's letters, is PROVED to be a step of the other.

    letters: {letter of the other: what it is in letters of the one}
    """
    inward = {letter(name): value for name, value in letters.items()}
    after = {letter(name): value for name, value in one.items()}
    for name, value in letters.items():
        decided(put(other[name].subs(inward, simultaneous=True), values),
                put(value.subs(after, simultaneous=True), values), "PROVED")


momentum = {k: put(x, "dampening = 0") for k, x in lifted("torch SGD momentum").items()}
nesterov = {k: put(x, "wd = 0") for k, x in lifted("torch SGD nesterov").items()}
look_ahead = {"b": mu*b - lr*g, "theta": theta + mu*b - lr*g}    # g = grad f(theta + mu b)
INSIDE = "delta = 1/1000000 + share*49999999/1000000"          # from 1e-6 to 50
stale = lifted("optax rprop")
fresh = stale | {"theta": theta - stale["gprev"]}


@each("one, other, letters", lambda: [
    pytest.param(momentum, lifted("keras SGD momentum"), {"theta": theta, "b": -lr*b},
                 id="torch momentum, keras momentum: velocity = -lr buffer"),
    pytest.param(nesterov, lifted("keras SGD nesterov"), {"theta": theta, "b": -lr*b},
                 id="torch nesterov, keras nesterov: velocity = -lr buffer"),
    pytest.param(papers()["rmsprop_graves"], lifted("keras RMSprop centered momentum"),
                 {"theta": theta, "b": -b, "v": v, "m": m},
                 id="Graves, keras RMSprop: b -> -b"),
    pytest.param(lifted("optax rmsprop centered mom"),
                 lifted("keras RMSprop centered momentum"),
                 {"theta": theta, "b": -b, "v": v, "m": m},
                 id="optax rmsprop, keras RMSprop: b -> -b"),
    pytest.param(look_ahead, lifted("keras SGD nesterov"), {"theta": theta + mu*b, "b": b},
                 id="look-ahead, keras nesterov: y = theta + mu b"),
    pytest.param(look_ahead, lifted("numpy class Nesterov"),
                 {"theta": theta + mu*b, "b": b},
                 id="look-ahead, NumPy Nesterov: y = theta + mu b"),
    pytest.param(look_ahead, nesterov, {"theta": theta + mu*b, "b": -b/lr},
                 id="look-ahead, torch nesterov: y = theta + mu b, buffer = -b/lr"),
])
def test_one_optimizer_is_another_in_other_letters(one, other, letters):
    seen_as(one, other, letters)


def test_the_change_of_letters_fails_with_another_sign_or_when_lr_changes():
    with pytest.raises(AssertionError, match="REFUTED"):
        seen_as(momentum, lifted("keras SGD momentum"), {"theta": theta, "b": lr*b})
    later = declare("lr_next", "> 0")
    keras = lifted("keras SGD momentum")["theta"]
    decided(keras.subs({b: -lr*b, lr: later}, simultaneous=True),
            momentum["theta"].subs(lr, later), "REFUTED")


def test_optax_rprop_is_irprop_minus_one_step_late():
    """Its third state is the step to take, where iRprop- keeps the gradient."""
    irprop = {
        k: put(x, "etaminus = 1/2, e = 1/5, lo = 1/1000000, h = 49999999/1000000")
        for k, x in papers()["irprop"].items()}
    letters = {"theta": theta, "delta": delta, "gprev": delta*sp.sign(gprev)}
    seen_as(irprop, fresh, letters, INSIDE)
    late = put(stale["theta"].subs(gprev, letters["gprev"]), INSIDE)
    decided(late, put(irprop["theta"], INSIDE), "REFUTED")
