"""Rules as their papers state them, in the letters of tests/golden/lifted.json.

Written from the papers, not from the lifted formulas. Where the same rule stands in
optim.rules, its formula is taken and only its letters are renamed. What a paper prints
without eps stands here without: adamax and amsgrad have eps = 0 put into ours, which
stands outside; rmsprop and adagrad keep it there.
"""
import sympy as sp
from sympy import Max, Min, Piecewise, sign, sqrt

from optim.formulas.rule_formulas import formula

ZERO = sp.Integer(0)


def statements(letter):
    """{rule: {letter: its new value}}; letter(name) is the symbol of that name."""
    theta, g, m, v, s, b, t, lr, eps, beta1, beta2, rho, mu, wd, delta, gprev = map(
        letter, "theta g m v s b t lr eps beta1 beta2 rho mu wd delta gprev".split())

    def ours(name, values=None, **names):
        """The formula of one of our rules with its letters renamed."""
        f = formula(name)
        table = {f.symbols[old]: letter(new) for old, new in names.items()}
        table |= {f.symbols[old]: x for old, x in (values or {}).items()}
        return {names.get(k, k): e.subs(table, simultaneous=True)
                for k, e in f.update.items()}

    def as_velocity(name):
        """Our m is minus the velocity b that Sutskever et al. 2013 write."""
        update = ours(name, {"m": -b})
        return {"theta": update["theta"], "b": -update["m"]}

    buffer = mu*b + g
    mean, square = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    m_hat, v_hat = mean/(1 - beta1**t), square/(1 - beta2**t)
    moments = {"m": mean, "v": square}
    adam_step = m_hat/(sqrt(v_hat) + eps)

    kept, average = rho*v + (1 - rho)*g**2, rho*m + (1 - rho)*g
    velocity = mu*b - lr*g/sqrt(kept - average**2 + eps)

    rho_inf = 2/(1 - beta2) - 1
    rho_t = rho_inf - 2*t*beta2**t/(1 - beta2**t)
    r_t = sqrt((rho_t - 4)*(rho_t - 2)*rho_inf/((rho_inf - 4)*(rho_inf - 2)*rho_t))
    rectified = Piecewise((r_t*m_hat*sqrt((1 - beta2**t)/square), rho_t > 4), (m_hat, True))

    additive = v - (1 - beta2)*sign(v - g**2)*g**2
    surprise = beta2*v + (1 - beta2)*(g - mean)**2 + delta

    etaplus, etaminus, lo, hi = map(letter, ("etaplus", "etaminus", "lo", "hi"))
    size = Piecewise((Min(delta*etaplus, hi), g*gprev > 0),
                     (Max(delta*etaminus, lo), g*gprev < 0), (delta, True))
    kept_g = Piecewise((0, g*gprev < 0), (g, True))

    return {
        "sgd": ours("gradient_descent"),
        # The sum of gradients, lr outside it: Sutskever, Martens, Dahl & Hinton 2013,
        # (1)-(4), for constant lr with -lr*b for the velocity.
        "momentum": {"b": buffer, "theta": theta - lr*buffer},
        "nesterov": {"b": buffer, "theta": theta - lr*(g + mu*buffer)},
        "momentum_v": as_velocity("momentum"),
        "nesterov_v": as_velocity("nag"),
        "adagrad": ours("adagrad", v="s"),
        "adadelta": ours("adadelta", v="s", v_delta="d"),
        "rmsprop": ours("rmsprop"),
        # Graves 2013, eq. (38)-(41): n = v, g = m, Delta = b.
        "rmsprop_graves": {"v": kept, "m": average, "b": velocity,
                           "theta": theta + velocity},
        "adam": ours("adam"),
        # Kingma & Ba 2015, end of section 2.
        "adam_epshat": {**moments, "theta": theta - lr*sqrt(1 - beta2**t)/(1 - beta1**t)
                        * mean/(sqrt(square) + eps)},
        "amsgrad": ours("amsgrad", {"eps": ZERO}, v_max="vmax"),
        "adamw": ours("adamw", weight_decay="wd"),
        # Loshchilov & Hutter 2019, Algorithm 2, with lr*wd for lambda.
        "adamw_lr": {**moments, "theta": theta - lr*(adam_step + wd*theta)},
        "adamax": ours("adamax", {"eps": ZERO}, v="u"),
        "nadam": ours("nadam", mu="beta1", mu_product="P"),
        # Dozat 2016, Algorithm 2, with one momentum beta1 at every step.
        "nadam_const": {**moments, "theta": theta - lr/(sqrt(v_hat) + eps) * (
            beta1*mean/(1 - beta1**(t + 1)) + (1 - beta1)*g/(1 - beta1**t))},
        # Liu et al. 2020, Algorithm 2; no eps.
        "radam": {**moments, "theta": theta - lr*rectified},
        # Zaheer et al. 2018, Algorithm 2: no bias correction.
        "yogi": {"m": mean, "v": additive,
                 "theta": theta - lr*mean/(sqrt(additive) + eps)},
        # Zhuang et al. 2020, Algorithm 2; its one eps is delta in the state, eps outside.
        "adabelief": {"m": mean, "v": surprise, "theta": theta - lr*m_hat/(
            sqrt(surprise/(1 - beta2**t)) + eps)},
        # Chen et al. 2023.
        "lion": {"m": beta2*m + (1 - beta2)*g,
                 "theta": theta - lr*(sign(beta1*m + (1 - beta1)*g) + wd*theta)},
        # Igel & Huesken 2003, iRprop-: on a change of sign the gradient counts as 0.
        "irprop": {"delta": size, "gprev": kept_g, "theta": theta - sign(kept_g)*size},
    }
