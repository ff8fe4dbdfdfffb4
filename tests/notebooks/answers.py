"""Reference answers to the exercises of notebooks 01 to 03, and answers that are wrong.

ANSWERS is a list of dicts: notebook and exercise say which exercise it is; `judge` turns an
answer into a Verdict (left out, it is optim.prove against the rule named by `against`);
`right` and `wrong` list functions, each defined by `def` at the top level of the file.
Other files answers_*.py beside this one hold answers in the same form.
"""
import numpy as np
import sympy as sp

import minigrad as mg
import optim
from optim.domains import declare


def first_not_proved(*claims):
    """The verdict on the first claim that is not proved, else on the last."""
    for claim in claims:
        verdict = optim.prove(*claim)
        if verdict.status != "PROVED":
            break
    return verdict


# --- 01_slope, exercise 1: the slope of x/(1 + x**2) ----------------------------------
def judge_slope(slope):
    x = declare("x", "real")
    return optim.prove(slope(mg.Symbolic(x)).expr, sp.diff(x/(1 + x**2), x))


def slope_of_q(x):
    return (1 - x**2)/(1 + x**2)**2


def slope_by_parts(x):
    inner = 1 + x**2
    return 1/inner - 2*x**2/inner**2


def slope_as_quotient_of_slopes(x):
    return 1/(2*x)


def slope_with_wrong_sign(x):
    return (1 + 3*x**2)/(1 + x**2)**2


def slope_without_square(x):
    return (1 - x**2)/(1 + x**2)


# --- 01_slope, exercise 2: the step with the smallest error ---------------------------
def judge_step(best_h):
    M, F, u, h = (declare(name, "> 0") for name in "MFuh")
    yours = best_h(M, F, u)
    slope = sp.diff(M/2*h + 2*u*F/h, h)
    return first_not_proved((yours, 0, ">"), (slope.subs(h, yours), 0))


def best_step(M, F, u):
    return 2*sp.sqrt(u*F/M)


def step_without_root(M, F, u):
    return 4*u*F/M


def step_without_factor(M, F, u):
    return sp.sqrt(u*F/M)


def negative_step(M, F, u):
    return -2*sp.sqrt(u*F/M)


# --- 02_engine, exercise 1: the pull-backs of a division ------------------------------
def judge_division(pull_back):
    g, a, b = (declare(name, "real") for name in "gab")
    by_a, by_b = pull_back(g, a/b, a, b)
    return first_not_proved((by_a, g*sp.diff(a/b, a)), (by_b, g*sp.diff(a/b, b)))


def divide(g, y, a, b):
    return g/b, -g*y/b


def divide_without_y(g, y, a, b):
    return g/b, -g*a/b**2


def divide_with_wrong_sign(g, y, a, b):
    return g/b, g*y/b


def divide_without_square(g, y, a, b):
    return g/b, -g*a/b


def divide_swapped(g, y, a, b):
    return -g*y/b, g/b


# --- 02_engine, exercise 2: the pull-back of the logistic function, from its result ---
def judge_logistic(pull_back):
    g, x = declare("g", "real"), declare("x", "real")
    y = 1/(1 + sp.exp(-x))
    return optim.prove(pull_back(g, y, x), g*sp.diff(y, x))


def logistic(g, y, x):
    return g*y*(1 - y)


def logistic_by_x(g, y, x):
    return g*x*(1 - x)


def logistic_without_cotangent(g, y, x):
    return y*(1 - y)


def logistic_as_tanh(g, y, x):
    return g*(1 - y**2)


# --- 03_gradient_descent, exercise 1: the rule out of the frame -----------------------
def descent(theta, g, *, t, lr=0.1):
    return theta - lr*g


def ascent(theta, g, *, t, lr=0.1):
    return theta + lr*g


def fading_descent(theta, g, *, t, lr=0.1):
    return theta - lr*g/t


def sign_descent(theta, g, *, t, lr=0.1):
    return theta - lr*np.sign(g)


# --- 03_gradient_descent, exercise 2: phi as the mean of all gradients so far ---------
def judge_mean(rule):
    f = optim.formula(rule)
    theta, g, m, t, lr = (f.symbols[name] for name in ("theta", "g", "m", "t", "lr"))
    return first_not_proved((t*f.update["m"], (t - 1)*m + g),
                            (f.update["theta"], theta - lr*f.update["m"]))


def mean_descent(theta, g, m, *, t, lr=0.1):
    m = m + (g - m)/t
    return theta - lr*m, m


def sum_descent(theta, g, m, *, t, lr=0.1):
    m = m + g/t
    return theta - lr*m, m


def halving_descent(theta, g, m, *, t, lr=0.1):
    m = (m + g)/2
    return theta - lr*m, m


def late_descent(theta, g, m, *, t, lr=0.1):
    m = (t*m + g)/(t + 1)
    return theta - lr*m, m


def forgetful_descent(theta, g, m, *, t, lr=0.1):
    return theta - lr*g, m + (g - m)/t


# --- 03_gradient_descent, exercise 3: the batch that halves the noise of one example --
def judge_batch(batch):
    N = declare("N", "1, 2, ...")
    b = batch(N)
    return optim.prove(4*(N - b), b*(N - 1))


def batch_of_half_noise(N):
    return 4*N/(N + 3)


def batch_with_replacement(N):
    return sp.Integer(4)


def batch_of_half_variance(N):
    return 2*N/(N + 1)


def quarter_of_all(N):
    return N/4


ANSWERS: list[dict] = [
    {"notebook": "01_slope", "exercise": 1, "judge": judge_slope,
     "right": [slope_of_q, slope_by_parts],
     "wrong": [slope_as_quotient_of_slopes, slope_with_wrong_sign, slope_without_square]},
    {"notebook": "01_slope", "exercise": 2, "judge": judge_step,
     "right": [best_step],
     "wrong": [step_without_root, step_without_factor, negative_step]},
    {"notebook": "02_engine", "exercise": 1, "judge": judge_division,
     "right": [divide, divide_without_y],
     "wrong": [divide_with_wrong_sign, divide_without_square, divide_swapped]},
    {"notebook": "02_engine", "exercise": 2, "judge": judge_logistic,
     "right": [logistic],
     "wrong": [logistic_by_x, logistic_without_cotangent, logistic_as_tanh]},
    {"notebook": "03_gradient_descent", "exercise": 1, "against": "gradient_descent",
     "right": [descent], "wrong": [ascent, fading_descent, sign_descent]},
    {"notebook": "03_gradient_descent", "exercise": 2, "judge": judge_mean,
     "right": [mean_descent],
     "wrong": [sum_descent, halving_descent, late_descent, forgetful_descent]},
    {"notebook": "03_gradient_descent", "exercise": 3, "judge": judge_batch,
     "right": [batch_of_half_noise],
     "wrong": [batch_with_replacement, batch_of_half_variance, quarter_of_all]},
]
