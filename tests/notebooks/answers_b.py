"""Reference answers to the exercises of notebooks 04 to 10, and wrong answers.

The form is that of answers.py. Each wrong answer is a mistake that people make.
"""
import numpy as np
import sympy as sp

import optim
from optim.domains import declare
from optim.rules import momentum


# --- 04 momentum ------------------------------------------------------------------------
def my_nag(theta, g, m, *, t, lr=0.01, mu=0.9):
    _, m = momentum(theta, g, m, t=t, lr=lr, mu=mu)
    return theta - mu*m - lr*g, m


def nag_without_gradient(theta, g, m, *, t, lr=0.01, mu=0.9):
    _, m = momentum(theta, g, m, t=t, lr=lr, mu=mu)
    return theta - mu*m, m


def nag_with_old_m(theta, g, m, *, t, lr=0.01, mu=0.9):
    return momentum(theta, g, m, t=t, lr=lr, mu=mu)


def nag_that_steps_twice(theta, g, m, *, t, lr=0.01, mu=0.9):
    theta, m = momentum(theta, g, m, t=t, lr=lr, mu=mu)
    return theta - mu*m - lr*g, m


def largest_rate(c, mu):
    return 2*(1 + mu)/(c*(1 + 2*mu))


def rate_of_momentum(c, mu):
    return 2*(1 + mu)/c


def rate_of_gradient_descent(c, mu):
    return 2/c


def passes_minus_one(answer):
    """Whether Nesterov's step on a parabola has the eigenvalue -1 at this rate."""
    f = optim.formula("nag")
    theta, g, m, lr, mu = (f.symbols[name] for name in ("theta", "g", "m", "lr", "mu"))
    c = declare("c", "> 0")
    after = sp.Matrix([e.subs(g, c*theta) for e in f.update.values()])
    matrix = after.jacobian([theta, m])
    at_minus_one = 1 + matrix.trace() + matrix.det()
    return optim.prove(at_minus_one.subs(lr, answer(c, mu)), sp.Integer(0))


# --- 05 adaptive ------------------------------------------------------------------------
def my_rmsprop(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    v = rho*v + (1 - rho)*g*g
    return theta - lr/(eps + np.sqrt(v))*g, v


def rmsprop_with_old_v(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    return theta - lr*g/(np.sqrt(v) + eps), rho*v + (1 - rho)*g**2


def rmsprop_with_eps_inside(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    v = rho*v + (1 - rho)*g**2
    return theta - lr*g/np.sqrt(v + eps), v


def rmsprop_with_shares_swapped(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    v = (1 - rho)*v + rho*g**2
    return theta - lr*g/(np.sqrt(v) + eps), v


def my_adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = m + (1 - beta1)*(g - m), v + (1 - beta2)*(g**2 - v)
    root = np.sqrt(v/(1 - beta2**t)) + eps
    return theta - lr/(1 - beta1**t)*m/root, m, v


def adam_without_correction(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                            eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(np.sqrt(v) + eps), m, v


def adam_that_keeps_the_hats(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                             eps=1e-8):
    m = (beta1*m + (1 - beta1)*g)/(1 - beta1**t)
    v = (beta2*v + (1 - beta2)*g**2)/(1 - beta2**t)
    return theta - lr*m/(np.sqrt(v) + eps), m, v


def adam_with_one_beta(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1**t)/(np.sqrt(v/(1 - beta1**t)) + eps), m, v


def with_eps_hat(eps_hat, theta, g, m, v, t, lr, beta1, beta2):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    rate = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
    return theta - rate*m/(np.sqrt(v) + eps_hat), m, v


def fast_adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return with_eps_hat(eps*np.sqrt(1 - beta2**t), theta, g, m, v, t, lr, beta1, beta2)


def fast_adam_with_plain_eps(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                             eps=1e-8):
    return with_eps_hat(eps, theta, g, m, v, t, lr, beta1, beta2)


def fast_adam_without_root(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                           eps=1e-8):
    return with_eps_hat(eps*(1 - beta2**t), theta, g, m, v, t, lr, beta1, beta2)


# --- 06 prove it ------------------------------------------------------------------------
def repaired(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def repaired_but_for_m(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g**2
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1**t)/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


def repaired_but_for_v(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta1*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1**t)/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


def repaired_but_for_t(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(1 - beta1*t)/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


def first_step(g, lr, rho, eps):
    return lr*g/(sp.sqrt(1 - rho)*abs(g) + eps)


def first_step_without_sign(g, lr, rho, eps):
    return lr*g/(sp.sqrt(1 - rho)*g + eps)


def first_step_of_adam(g, lr, rho, eps):
    return lr*g/(abs(g) + eps)


def is_the_first_step(answer):
    f = optim.formula("rmsprop")
    g, lr, rho, eps, theta = (f.symbols[n] for n in ("g", "lr", "rho", "eps", "theta"))
    return optim.prove(theta - f.first_step["theta"], answer(g, lr, rho, eps))


def mixture(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    """The rule of the notebook."""
    m = beta1*m + (1 - beta1)*g
    direction = (1 - nu)*g + nu*m
    return theta - lr*direction, m


def with_share(share, theta, g, m, lr, beta1):
    return theta - lr*(share*g + (1 - share)*m), beta1*m + (1 - beta1)*g


def unmixed(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share(1 - nu*beta1, theta, g, m, lr, beta1)


def unmixed_too_little(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share(1 - nu, theta, g, m, lr, beta1)


def unmixed_with_product(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share((1 - nu)*(1 - beta1), theta, g, m, lr, beta1)


# --- 08 networks ------------------------------------------------------------------------
def bound(n_in, n_out):
    return sp.sqrt(6/(n_in + n_out))


def bound_that_is_the_deviation(n_in, n_out):
    return sp.sqrt(2/(n_in + n_out))


def bound_of_he(n_in, n_out):
    return sp.sqrt(6/n_in)


def has_the_variance(answer):
    n_in, n_out = declare("n_in", "1, 2, ..."), declare("n_out", "1, 2, ...")
    return optim.prove(answer(n_in, n_out)**2/3, 2/(n_in + n_out))


# --- 09 from tape to code ---------------------------------------------------------------
def with_two_buffers(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m
    s = (1 - beta1)*g
    m = m + s
    v = beta2*v
    s = g**2
    s = (1 - beta2)*s
    v = v + s
    s = v/(1 - beta2**t)
    s = np.sqrt(s)
    s = s + eps
    d = m/(1 - beta1**t)
    d = lr*d
    d = d/s
    return theta - d, m, v


def with_one_buffer(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m
    s = (1 - beta1)*g
    m = m + s
    v = beta2*v
    s = g**2
    s = (1 - beta2)*s
    v = v + s
    s = m/(1 - beta1**t)
    s = lr*s
    s = v/(1 - beta2**t)
    s = np.sqrt(s)
    s = s + eps
    s = s/s
    return theta - s, m, v


def with_g_as_buffer(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m
    g = (1 - beta1)*g
    m = m + g
    v = beta2*v
    g = g**2
    g = (1 - beta2)*g
    v = v + g
    g = np.sqrt(v/(1 - beta2**t)) + eps
    return theta - lr*(m/(1 - beta1**t))/g, m, v


def pull_back_of_block(g, y, x, w):
    g = g*(1 - y**2)
    return g*w, g*x, g


def block_without_slope(g, y, x, w):
    return g*w, g*x, g


def block_swapped(g, y, x, w):
    g = g*(1 - y**2)
    return g*x, g*w, g


def block_with_slope_at_x(g, y, x, w):
    g = g*(1 - x**2)
    return g*w, g*x, g


def is_the_pull_back(answer):
    g, x, w, b = (declare(name, "real") for name in "gxwb")
    y = sp.tanh(w*x + b)
    for found, letter in zip(answer(g, y, x, w), (x, w, b)):
        verdict = optim.prove(found, g*sp.diff(y, letter))
        if verdict.status != "PROVED":
            break
    return verdict


def times_fewer_bytes(k):
    return 3*k/7


def bytes_without_writing(k):
    return 3*k/4


def bytes_with_one_pass_each(k):
    return k


def is_the_traffic(answer):
    k = declare("k", "1, 2, ...")
    return optim.prove(answer(k), (2 + 1)*4*k/sp.Integer(4*(4 + 3)))


# --- 10 learning to learn ---------------------------------------------------------------
def one_step_hypergradient(g, g_new):
    return -g*g_new


def hypergradient_with_wrong_sign(g, g_new):
    return g*g_new


def hypergradient_with_one_gradient(g, g_new):
    return -g**2


def is_the_hypergradient(answer):
    theta, lr, c = declare("theta", "real"), declare("lr", "> 0"), declare("c", "> 0")
    new = theta - lr*c*theta
    return optim.prove(answer(c*theta, c*new), sp.diff(c*new**2/2, lr))


ANSWERS: list[dict] = [
    {"notebook": "04_momentum", "exercise": 1, "against": "nag", "right": [my_nag],
     "wrong": [nag_without_gradient, nag_with_old_m, nag_that_steps_twice]},
    {"notebook": "04_momentum", "exercise": 2, "judge": passes_minus_one,
     "right": [largest_rate], "wrong": [rate_of_momentum, rate_of_gradient_descent]},
    {"notebook": "05_adaptive", "exercise": 1, "against": "rmsprop", "right": [my_rmsprop],
     "wrong": [rmsprop_with_old_v, rmsprop_with_eps_inside, rmsprop_with_shares_swapped]},
    {"notebook": "05_adaptive", "exercise": 2, "against": "adam", "right": [my_adam],
     "wrong": [adam_without_correction, adam_that_keeps_the_hats, adam_with_one_beta]},
    {"notebook": "05_adaptive", "exercise": 3, "against": "adam", "right": [fast_adam],
     "wrong": [fast_adam_with_plain_eps, fast_adam_without_root]},
    {"notebook": "06_prove_it", "exercise": 1, "against": "adam", "right": [repaired],
     "wrong": [repaired_but_for_m, repaired_but_for_v, repaired_but_for_t]},
    {"notebook": "06_prove_it", "exercise": 2, "judge": is_the_first_step,
     "right": [first_step], "wrong": [first_step_without_sign, first_step_of_adam]},
    {"notebook": "06_prove_it", "exercise": 3, "against": mixture, "right": [unmixed],
     "wrong": [unmixed_too_little, unmixed_with_product]},
    {"notebook": "08_networks", "exercise": 1, "judge": has_the_variance,
     "right": [bound], "wrong": [bound_that_is_the_deviation, bound_of_he]},
    {"notebook": "09_from_tape_to_code", "exercise": 1, "against": "adam",
     "right": [with_two_buffers], "wrong": [with_one_buffer, with_g_as_buffer]},
    {"notebook": "09_from_tape_to_code", "exercise": 2, "judge": is_the_pull_back,
     "right": [pull_back_of_block],
     "wrong": [block_without_slope, block_swapped, block_with_slope_at_x]},
    {"notebook": "09_from_tape_to_code", "exercise": 3, "judge": is_the_traffic,
     "right": [times_fewer_bytes],
     "wrong": [bytes_without_writing, bytes_with_one_pass_each]},
    {"notebook": "10_learning_to_learn", "exercise": 1, "judge": is_the_hypergradient,
     "right": [one_step_hypergradient],
     "wrong": [hypergradient_with_wrong_sign, hypergradient_with_one_gradient]}]
