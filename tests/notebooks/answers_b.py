"""Reference answers to the exercises of notebooks 04 to 10, and wrong answers.

The form is that of answers.py. Each wrong answer is a mistake that people make.
"""
import numpy as np

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


def smallest_momentum(s):
    return (1 - np.sqrt(s))**2


def smallest_momentum_without_root(s):
    return (1 - s)**2


def root_of_smallest_momentum(s):
    return 1 - np.sqrt(s)


def other_end_of_the_wedge(s):
    return (1 + np.sqrt(s))**2


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
    return lr*g/(np.sqrt(1 - rho)*abs(g) + eps)


def first_step_without_sign(g, lr, rho, eps):
    return lr*g/(np.sqrt(1 - rho)*g + eps)


def first_step_of_adam(g, lr, rho, eps):
    return lr*g/(abs(g) + eps)


def with_share(share, theta, g, m, lr, beta1):
    return theta - lr*(share*g + (1 - share)*m), beta1*m + (1 - beta1)*g


def unmixed(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share(1 - nu*beta1, theta, g, m, lr, beta1)


def unmixed_too_little(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share(1 - nu, theta, g, m, lr, beta1)


def unmixed_with_product(theta, g, m, *, t, lr=0.1, beta1=0.9, nu=0.7):
    return with_share((1 - nu)*(1 - beta1), theta, g, m, lr, beta1)


# --- 07 dialects ------------------------------------------------------------------------
def eps_for_torch(eps, beta2, t):
    return eps/np.sqrt(1 - beta2**t)


def eps_the_other_way_round(eps, beta2, t):
    return eps*np.sqrt(1 - beta2**t)


def eps_without_root(eps, beta2, t):
    return eps/(1 - beta2**t)


def the_same_eps(eps, beta2, t):
    return eps


def worst_v(e):
    return e


def worst_v_as_root(e):
    return np.sqrt(e)


def worst_v_as_square(e):
    return e**2


def worst_v_at_zero(e):
    return 0


def large_then_small():
    return 2, 1


def small_then_large():
    return 1, 2


def alike():
    return 1, 1


# --- 08 networks ------------------------------------------------------------------------
def bound(n_in, n_out):
    return np.sqrt(6/(n_in + n_out))


def bound_that_is_the_deviation(n_in, n_out):
    return np.sqrt(2/(n_in + n_out))


def bound_of_he(n_in, n_out):
    return np.sqrt(6/n_in)


def bound_without_root(n_in, n_out):
    return 6/(n_in + n_out)


def variance_for_relu(n_in):
    return 2/n_in


def variance_for_tanh(n_in):
    return 1/n_in


def variance_halved_twice(n_in):
    return 1/(2*n_in)


def slopes_of_the_loss(p):
    return p - 1, 1 - p


def slopes_with_wrong_sign(p):
    return 1 - p, p - 1


def slopes_of_p(p):
    return p*(1 - p), -p*(1 - p)


def slopes_by_p(p):
    return -1/p, 1/p


def slopes_without_label(p):
    return p, 1 - p


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


def times_fewer_bytes(k):
    return 3*k/7


def bytes_without_writing(k):
    return 3*k/4


def bytes_with_one_pass_each(k):
    return k


# --- 10 learning to learn ---------------------------------------------------------------
def one_step_hypergradient(g, g_new):
    return -g*g_new


def hypergradient_with_wrong_sign(g, g_new):
    return g*g_new


def hypergradient_with_one_gradient(g, g_new):
    return -g**2


def best_constant_rate(a, b):
    return 2/(a + b)


def rate_of_the_steep(a, b):
    return 1/b


def rate_at_the_limit(a, b):
    return 2/b


def mean_of_rates(a, b):
    return (1/a + 1/b)/2


def slope_by_log_odds(beta, slope):
    return slope*beta*(1 - beta)


def slope_divided(beta, slope):
    return slope/(beta*(1 - beta))


def slope_without_chain(beta, slope):
    return slope


def slope_by_log(beta, slope):
    return slope*beta


ANSWERS: list[dict] = [
    {"notebook": "04_momentum", "exercise": 1, "right": [my_nag],
     "wrong": {nag_without_gradient: "missing term", nag_with_old_m: "no look ahead",
               nag_that_steps_twice: "asked was -g*lr - m[t]*mu"}},
    {"notebook": "04_momentum", "exercise": 2, "right": [largest_rate],
     "wrong": {rate_of_momentum: "limit of momentum",
               rate_of_gradient_descent: "limit of gradient descent"}},
    {"notebook": "04_momentum", "exercise": 3, "right": [smallest_momentum],
     "wrong": {smallest_momentum_without_root: "root of s is forgotten",
               root_of_smallest_momentum: "trap of Section 4",
               other_end_of_the_wedge: "other end"}},
    {"notebook": "05_adaptive", "exercise": 1, "right": [my_rmsprop],
     "wrong": {rmsprop_with_old_v: "old state for new",
               rmsprop_with_eps_inside: "eps inside the root",
               rmsprop_with_shares_swapped: "beta reversed"}},
    {"notebook": "05_adaptive", "exercise": 2, "right": [my_adam],
     "wrong": {adam_without_correction: "no bias correction",
               adam_that_keeps_the_hats: "corrected though not asked",
               adam_with_one_beta: "wrong decay in the bias correction"}},
    {"notebook": "05_adaptive", "exercise": 3, "right": [fast_adam],
     "wrong": {fast_adam_with_plain_eps: "eps-hat",
               fast_adam_without_root: "asked was"}},
    {"notebook": "06_prove_it", "exercise": 1, "right": [repaired],
     "wrong": {repaired_but_for_m: "m[t] is beta1*m + g**2*(1 - beta1)",
               repaired_but_for_v: "wrong beta in a moving mean",
               repaired_but_for_t: "product for power"}},
    {"notebook": "06_prove_it", "exercise": 2, "right": [first_step],
     "wrong": {first_step_without_sign: "whatever its sign",
               first_step_of_adam: "Adam's first step"}},
    {"notebook": "06_prove_it", "exercise": 3, "right": [unmixed],
     "wrong": {unmixed_too_little: "old state for new",
               unmixed_with_product: "asked was -lr*(g*(1 - nu) + m[t]*nu)"}},
    {"notebook": "07_dialects", "exercise": 1, "right": [eps_for_torch],
     "wrong": {eps_the_other_way_round: "other way round", eps_without_root: "a root",
               the_same_eps: "something else there"}},
    {"notebook": "07_dialects", "exercise": 2, "right": [worst_v],
     "wrong": {worst_v_as_root: "no root", worst_v_as_square: "no square",
               worst_v_at_zero: "the ratio is 1"}},
    {"notebook": "07_dialects", "exercise": 3, "right": [large_then_small],
     "wrong": {small_then_large: "where gradients grow", alike: "equal gradients"}},
    {"notebook": "08_networks", "exercise": 1, "right": [bound],
     "wrong": {bound_that_is_the_deviation: "standard deviation",
               bound_of_he: "way forward", bound_without_root: "take its root"}},
    {"notebook": "08_networks", "exercise": 2, "right": [variance_for_relu],
     "wrong": {variance_for_tanh: "without ReLU", variance_halved_twice: "shrinks twice"}},
    {"notebook": "08_networks", "exercise": 3, "right": [slopes_of_the_loss],
     "wrong": {slopes_with_wrong_sign: "the sign", slopes_of_p: "slope of p itself",
               slopes_by_p: "p moves with a", slopes_without_label: "one-hot label"}},
    {"notebook": "09_from_tape_to_code", "exercise": 1, "right": [with_two_buffers],
     "wrong": {with_one_buffer: "theta[t+1] is theta - 1",
               with_g_as_buffer: "v[t] is"}},
    {"notebook": "09_from_tape_to_code", "exercise": 2, "right": [pull_back_of_block],
     "wrong": {block_without_slope: "forgotten", block_swapped: "changed places",
               block_with_slope_at_x: "not at x"}},
    {"notebook": "09_from_tape_to_code", "exercise": 3, "right": [times_fewer_bytes],
     "wrong": {bytes_without_writing: "are written count",
               bytes_with_one_pass_each: "reads two arrays"}},
    {"notebook": "10_learning_to_learn", "exercise": 1, "right": [one_step_hypergradient],
     "wrong": {hypergradient_with_wrong_sign: "the sign",
               hypergradient_with_one_gradient: "new gradient counts"}},
    {"notebook": "10_learning_to_learn", "exercise": 2, "right": [best_constant_rate],
     "wrong": {rate_of_the_steep: "leaves the flat one slow",
               rate_at_the_limit: "does not shrink", mean_of_rates: "mean of the two"}},
    {"notebook": "10_learning_to_learn", "exercise": 3, "right": [slope_by_log_odds],
     "wrong": {slope_divided: "not divided", slope_without_chain: "chain rule",
               slope_by_log: "not of the log-odds"}}]
