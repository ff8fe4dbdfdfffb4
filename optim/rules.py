"""Every optimizer's update rule, once, as plain mathematics, in order of complexity.

A rule is a pure function of arrays or of formulas:

    (theta, g, *state, *, t, **hyperparameters) -> (theta', *state')        t = 1, 2, ...

It has no branch, writes nothing and works elementwise. A state starts at the default in
its signature, else at 0; a default that is a function of theta is called with it. The
letters are those of one frame: g_t = grad J(theta_t); m_t = phi(g_1..g_t) and
v_t = psi(g_1..g_t), what a rule remembers; then the step from theta_t to theta_{t+1}.

Missing on purpose: how a learning rate changes (schedules/); how other libraries compute
these rules (dialects/). Constants are exact (`x/2`, `np.sqrt(v)`) for the sake of proofs.
"""
from typing import NamedTuple

import numpy as np


class Letter(NamedTuple):
    """One letter of the rules; its unit in units L of the loss and P of a parameter."""
    latex: str
    meaning: str
    unit: str
    domain: str


LEGEND = {
    "theta":        Letter(r"\theta", "parameters", "P", "real"),
    "g":            Letter(r"g", "gradient of the loss at theta", "L/P", "real"),
    "t":            Letter(r"t", "number of this step", "1", "1, 2, ..."),
    "m":            Letter(r"m", "first moment: phi of the gradients", "L/P", "real"),
    "v":            Letter(r"v", "second moment: psi of gradients", "L**2/P**2", ">= 0"),
    "v_max":        Letter(r"\hat{v}", "largest v so far", "L**2/P**2", ">= 0"),
    "v_delta":      Letter(r"v^\Delta", "mean square of the past steps", "P**2", ">= 0"),
    "mu_product":   Letter(r"\Pi", "product of the momenta mu_1..mu_t", "1", "[0, 1]"),
    "lr":           Letter(r"\eta", "learning rate: the size of a step", "P", "> 0"),
    "mu":           Letter(r"\mu", "momentum: how much of m is kept", "1", "[0, 1)"),
    "rho":          Letter(r"\rho", "how much of the mean square is kept", "1", "[0, 1)"),
    "beta1":        Letter(r"\beta_1", "how much of m is kept", "1", "[0, 1)"),
    "beta2":        Letter(r"\beta_2", "how much of v is kept", "1", "[0, 1)"),
    "eps":          Letter(r"\varepsilon", "keeps the quotient finite", "L/P", "> 0"),
    "weight_decay": Letter(r"\lambda", "share of theta taken off in a step", "1", ">= 0"),
    "psi":          Letter(r"\psi", "speed of the momentum schedule", "1", ">= 0"),
    # only in what other libraries compute (dialects/)
    "g_mean":       Letter(r"\bar g", "mean of the gradients", "L/P", "real"),
    "g_prev":       Letter(r"g'", "gradient of the step before, or 0", "L/P", "real"),
    "size":         Letter(r"\Delta", "size of this entry's step", "P", "> 0"),
    "lr_now":       Letter(r"\eta'", "learning rate of this step", "P**2/L", "> 0"),
    "share":        Letter(r"w", "weight of the newest point in the mean", "1", "[0, 1]"),
    "theta_mean":   Letter(r"\bar\theta", "mean of the parameters", "P", "real"),
    "d_mean":       Letter(r"\bar d", "mean of the differences of g", "L/P", "real"),
    "step":         Letter(r"\delta'", "step that the next one takes", "P", "real"),
    "beta3":        Letter(r"\beta_3", "how much of v is kept", "1", "[0, 1)"),
    "eps_root":     Letter(r"\bar\varepsilon", "eps inside the root", "L**2/P**2", ">= 0"),
    "initial_scale": Letter(r"v_0", "where v starts", "L**2/P**2", ">= 0"),
    "threshold":    Letter(r"\rho_0", "from which variance on v is used", "1", "real"),
    "ahead":        Letter(r"a", "how far ahead the gradient is taken", "1", "real"),
    "back":         Letter(r"b", "share of the last gradient that goes back", "1", "real"),
    "dampening":    Letter(r"\tau", "share of g that m does not take", "1", "real"),
    "lr_decay":     Letter(r"\delta", "how fast the learning rate falls", "1", ">= 0"),
    "initial":      Letter(r"v_0", "where v starts", "L**2/P**2", ">= 0"),
    "eta_minus":    Letter(r"\eta^-", "factor of a size where g turned", "1", "(0, 1)"),
    "eta_plus":     Letter(r"\eta^+", "factor of a size where g kept on", "1", "> 1"),
    "size_min":     Letter(r"\Delta^-", "smallest size of a step", "P", "> 0"),
    "size_max":     Letter(r"\Delta^+", "largest size of a step", "P", "> 0"),
    "fall":         Letter(r"\gamma", "how fast the learning rate falls", "L/P**2", ">= 0"),
    "power":        Letter(r"\alpha", "power with which it falls", "1", "real"),
    "zt":           Letter(r"z", "point that moves, beside the mean", "P", "real"),
    "weight_sum":   Letter(r"W", "sum of the weights of the mean", "1", ">= 0"),
    "lr_max":       Letter(r"\hat\eta", "largest learning rate so far", "P", ">= 0"),
    "warmup":       Letter(r"t_1", "steps until lr has its value", "1", "> 0"),
    "offset":       Letter(r"b_0", "added to the root of v", "L/P", ">= 0"),
    "l1":           Letter(r"\lambda_1", "weight of |theta|", "L/P", ">= 0"),
    "l2":           Letter(r"\lambda_2", "weight of theta**2", "L/P**2", ">= 0"),
    "shrinkage":    Letter(r"\lambda_3", "weight of theta**2 in g", "L/P**2", ">= 0"),
    "t_mean":       Letter(r"t_0", "step at which the mean begins", "1", "real"),
    # norms, which stand for all entries: of one parameter, and of all parameters together
    "norm_theta":   Letter(r"\lVert\theta\rVert", "norm of theta", "P", ">= 0"),
    "norm_g":       Letter(r"\lVert g\rVert", "norm of g", "L/P", ">= 0"),
    "norm_update":  Letter(r"\lVert u\rVert", "norm of the update", "1", ">= 0"),
    "update":       Letter(r"u", "what norm_update is the norm of", "1", "real"),
    "global_norm_theta": Letter(r"\lVert\theta\rVert_{\mathrm{all}}", "norm of all theta",
                                "P", ">= 0"),
    "global_norm_g": Letter(r"\lVert g\rVert_{\mathrm{all}}", "norm of all g", "L/P",
                            ">= 0"),
    "global_norm_update": Letter(r"\lVert u\rVert_{\mathrm{all}}", "norm of all u", "1",
                                 ">= 0"),
}

# Where a letter's unit is not the legend's: these rules do not divide by a root of v.
# Adadelta's eps stands beside v and beside v_delta: two units, which no number has.
UNITS = {
    "gradient_descent": {"lr": "P**2/L"},
    "momentum":         {"lr": "P**2/L", "m": "P"},
    "nag":              {"lr": "P**2/L", "m": "P"},
    "adadelta":         {"eps": "L**2/P**2 and P**2"},
    "adamax":           {"v": "L/P"},
}

# The paper's own letter, where it is not ours.
PAPER_LETTERS = {
    "gradient_descent": {"theta": "x", "lr": "a_n"},
    "momentum":         {"m": "-v", "lr": "ε"},
    "nag":              {"theta": "θ + μv", "m": "-v", "lr": "ε"},
    "adagrad":          {"theta": "x", "v": "s²", "eps": "δ", "lr": "η"},
    "rmsprop":          {"v": "MeanSquare(w, t)", "theta": "w", "rho": "0.9"},
    "adadelta":         {"theta": "x", "v": "E[g²]", "v_delta": "E[Δx²]", "eps": "ε"},
    "adam":             {"lr": "α", "eps": "ϵ"},
    "adamax":           {"lr": "α", "v": "u"},
    "nadam":            {"lr": "η", "v": "n", "beta2": "ν", "psi": "0.004"},
    "adamw":            {"lr": "α", "eps": "ϵ", "weight_decay": "λ"},
    "amsgrad":          {"theta": "x", "lr": "α", "v_max": "v̂"},
}


def gradient_descent(theta, g, *, t, lr=0.1):
    """Step against the gradient.

    Robbins & Monro 1951 with noisy gradients; Cauchy 1847 with exact ones. Whether it is
    called BGD, SGD or MBGD is a matter of how g is drawn, not of this rule.
    """
    return theta - lr*g


def momentum(theta, g, m, *, t, lr=0.01, mu=0.9):
    """Let the steps pile up: a heavy ball rolls on where past gradients agree.

    Polyak 1964; Sutskever, Martens, Dahl & Hinton 2013, eq. (1)-(2), whose velocity is -m.
    lr stands inside m, as in the paper. With mu = 0 this is gradient descent.
    """
    m = mu*m + lr*g                                                 # φ
    return theta - m, m


def nag(theta, g, m, *, t, lr=0.01, mu=0.9):
    """Nesterov's accelerated gradient: momentum with the gradient taken a step ahead.

    Sutskever et al. 2013, eq. (3)-(4), at the look-ahead point theta = x + mu*v of their
    iterate x and velocity v = -m: one gradient a step, taken where theta is. This form is
    Bengio, Boulanger-Lewandowski & Pascanu 2012, eq. (7) for constant mu and lr.
    """
    m = mu*m + lr*g                                                 # φ
    return theta - (mu*m + lr*g), m


def adagrad(theta, g, v, *, t, lr=0.01, eps=1e-10):
    """Divide each step by the root of all squared gradients so far.

    Duchi, Hazan & Singer 2011, Figure 1 (diagonal), the composite mirror descent update
    without regulariser; eps is their delta and stands outside the root.
    """
    v = v + g**2                                                    # ψ
    return theta - lr*g/(np.sqrt(v) + eps), v


def rmsprop(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    """Adagrad that forgets: the sum of squares becomes a moving mean.

    Hinton's Coursera lecture 6e (2012), which prints no eps; ours stands outside the root.
    """
    v = rho*v + (1 - rho)*g**2                                      # ψ
    return theta - lr*g/(np.sqrt(v) + eps), v


def adadelta(theta, g, v, v_delta, *, t, rho=0.95, eps=1e-6):
    """RMSprop whose learning rate is the root mean square of its own past steps.

    Zeiler 2012, Algorithm 1; eps stands inside both roots. There is no learning rate.
    """
    v = rho*v + (1 - rho)*g**2                                      # ψ
    step = np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g
    return theta - step, v, rho*v_delta + (1 - rho)*step**2


def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Step along the mean gradient, in units of its root mean square.

    Kingma & Ba 2015, Algorithm 1. With beta1 = 0 it is RMSprop with v/(1 - beta2^t) for v.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)                     # E[m] = (1 - beta1^t) E[g]
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def adamax(theta, g, m, v, *, t, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam with the largest recent |g| in place of the root mean square.

    Kingma & Ba 2015, Algorithm 2, which prints no eps; ours stands outside the maximum.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = np.maximum(beta2*v, np.abs(g))                              # ψ
    m_hat = m/(1 - beta1**t)
    return theta - lr*m_hat/(v + eps), m, v


def nadam(theta, g, m, v, mu_product=1, *,
          t, lr=0.002, mu=0.9, psi=0.004, beta2=0.999, eps=1e-8):
    """Adam that looks ahead as Nesterov does: the next momentum meets this gradient.

    Dozat 2016, Algorithm 2, with the momentum schedule of his report of 2015. The paper
    prints one more factor beta2 in v_hat, which neither the report nor his code has; it
    is left out here. (It amounts to lr and eps divided by the root of beta2.)
    """
    mu_now = mu*(1 - 0.96**(t*psi)/2)
    mu_next = mu*(1 - 0.96**((t + 1)*psi)/2)
    mu_product = mu_product*mu_now
    m = mu_now*m + (1 - mu_now)*g                                   # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_bar = mu_next*m/(1 - mu_product*mu_next) + (1 - mu_now)*g/(1 - mu_product)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_bar/(np.sqrt(v_hat) + eps), m, v, mu_product


def adamw(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
          weight_decay=1e-5):
    """Adam that also takes a fixed share off the parameters, past the moments.

    Loshchilov & Hutter 2019, Algorithm 2, with schedule multiplier 1: weight_decay is not
    multiplied by lr. (PyTorch's weight_decay is this one divided by lr.)
    """
    step, m, v = adam(0, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return theta + step - weight_decay*theta, m, v


def amsgrad(theta, g, m, v, v_max, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam whose denominator never shrinks: it keeps the largest second moment.

    Reddi, Kale & Kumar 2018, Algorithm 2, unconstrained and with constant lr. No bias
    correction; the paper prints no eps, ours stands outside the root.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_max = np.maximum(v_max, v)
    return theta - lr*m/(np.sqrt(v_max) + eps), m, v, v_max


RULES = {rule.__name__: rule for rule in (
    gradient_descent, momentum, nag, adagrad, rmsprop, adadelta,
    adam, adamax, nadam, adamw, amsgrad)}
FIRST = (*RULES,)                       # the evening's reading; more_rules/ has the others


WHOLE_RULES: dict = {}                  # those that look at a parameter as a whole


def register(*functions):
    """Make rules known by their names, wherever a rule may be named.

    ValueError for a name that another rule has.
    """
    for rule in functions:
        table = WHOLE_RULES if hasattr(rule, "of_whole_parameters") else RULES
        if (RULES | WHOLE_RULES).get(rule.__name__, rule) is rule:
            table[rule.__name__] = rule
        else:
            raise ValueError(f"a rule is called {rule.__name__!r} already; name this one "
                             "otherwise")


def __getattr__(name):
    """A rule that was registered: optim.rules.lion."""
    if name in RULES | WHOLE_RULES:
        return (RULES | WHOLE_RULES)[name]
    raise AttributeError(f"module 'optim.rules' has no attribute {name!r}")
