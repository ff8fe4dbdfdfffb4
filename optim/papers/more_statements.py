"""What the papers of the rules after the first eleven state, in other forms than ours.

A maximum or a bound is told by its cases, as the papers do, a moment as a sum.
"""
import sympy as sp

from optim.papers.histories import (
    LETTERS, History, beta1, beta2, eps, g, i, lr, m, m_hat, mu, rho, t, theta, v, v_hat,
    velocity, weight_decay)
from optim.papers.stated import (
    CORRECTED_MEAN, CORRECTED_SQUARE, MEAN, MEAN_SQUARE, Statement, decaying)

nu, nu1, nu2, mu1, mu2, mu3, beta3, offset, l1, l2 = (LETTERS[name] for name in (
    "nu", "nu1", "nu2", "mu1", "mu2", "mu3", "beta3", "offset", "l1", "l2"))
eta_minus, eta_plus, size_min, size_max = (
    LETTERS[name] for name in ("eta_minus", "eta_plus", "size_min", "size_max"))
m1, m2, m3, g_mean, g_prev, d_mean, size, moved, theta_mean, zt, rho_t, difference = (
    sp.Function(name, real=True) for name in (
        "m1", "m2", "m3", "g_mean", "g_prev", "d_mean", "size", "moved", "theta_mean",
        "zt", "rho", "Delta_g"))


def bounded(x: sp.Expr, c: sp.Expr) -> sp.Expr:
    """x, brought into the interval from -c to c."""
    return sp.Max(-c, sp.Min(c, x))


# Rprop: what it does where the sign turned, stayed, or was lost
TURNED, STAYED = g(i)*g_prev(i - 1) < 0, g(i)*g_prev(i - 1) > 0
SIZE = sp.Piecewise((sp.Min(size(i - 1)*eta_plus, size_max), STAYED),
                    (sp.Max(size(i - 1)*eta_minus, size_min), TURNED), (size(i - 1), True))
MOVED = sp.Piecewise((-moved(i - 1), TURNED), (-size(i), g(i) > 0), (size(i), g(i) < 0),
                     (0, True))
# RAdam: how long a plain mean as good as this one would be
LONGEST = 2/(1 - beta2) - 1
RECTIFIED = sp.sqrt((rho_t(t) - 4)*(rho_t(t) - 2)*LONGEST
                    / ((LONGEST - 4)*(LONGEST - 2)*rho_t(t)))
# ADOPT: the first gradient counts fully in v, and is not scaled
ADOPT_WEIGHT = sp.Piecewise((1, sp.Eq(i, 1)), (1 - beta2, True))
SCALED = bounded(g(i)/sp.Max(sp.sqrt(v(i - 1)), eps), sp.root(i - 1, 4))
CHANGE = sp.Piecewise((0, sp.Eq(i, 1)), (g(i) - g_prev(i - 1), True))     # Adan's
SIGMA = (sp.sqrt(v(i)) - sp.sqrt(v(i - 1)))/lr                            # FTRL's

MORE = {
    "sign_sgd": Statement(
        "Bernstein, Wang, Azizzadenesheli & Anandkumar 2018",
        sp.Piecewise((theta(t) - lr, g(t) > 0), (theta(t) + lr, g(t) < 0),
                     (theta(t), True)), "Algorithm 1"),
    "rprop": Statement(
        "Riedmiller & Braun 1993", theta(t) + moved(t), "",
        {"g_prev": History("latest", sp.Piecewise((0, TURNED), (g(i), True))),
         "size": History("latest", SIZE, lr), "moved": History("latest", MOVED)},
        remark="The paper's form, in which a step is taken back where the sign turned."),
    "lion": Statement(
        "Chen et al. 2023",
        theta(t) - lr*(sp.sign(beta1*m(t - 1) + (1 - beta1)*g(t)) + weight_decay*theta(t)),
        "", {"m": decaying(beta2, (1 - beta2)*g(i))},
        defaults={"beta1": "0.9", "beta2": "0.99"}),
    "qhm": Statement(
        "Ma & Yarats 2018", theta(t) - lr*((1 - nu)*g(t) + nu*m(t)), "eq. (3)-(4)",
        {"m": decaying(mu, (1 - mu)*g(i))}, defaults={"nu": "0.7", "mu": "0.999"}),
    "aggmo": Statement(
        "Lucas, Sun, Zemel & Grosse 2018",
        theta(t) + lr/3*(-m1(t) - m2(t) - m3(t)), "K = 3",
        {name: decaying(keep, g(i)) for name, keep in (
            ("m1", mu1), ("m2", mu2), ("m3", mu3))},
        remark="Their velocities are -m1, -m2 and -m3."),
    "sgdw": Statement(
        "Loshchilov & Hutter 2019", theta(t) - m(t) - weight_decay*theta(t),
        "Algorithm 1, schedule multiplier 1", {"m": decaying(mu, lr*g(i))}),
    "asgd": Statement(
        "Polyak & Juditsky 1992", theta(t) - lr*g(t), "",
        {"theta_mean": History("sum", theta(i)/t)},
        remark="The mean of the points where the gradients were taken; lr is constant."),
    "schedule_free_sgd": Statement(
        "Defazio et al. 2024", (1 - beta1)*zt(t) + beta1*theta_mean(t), "lr constant",
        {"zt": History("sum", -lr*g(i), theta(1)),
         "theta_mean": History("sum", zt(i)/(t + 1), theta(1)/(t + 1))},
        remark="Their y is theta, their x theta_mean; all start at one point."),
    "radam": Statement(
        "Liu et al. 2020", theta(t) - lr*m_hat(t)*sp.Piecewise(
            (RECTIFIED/(sp.sqrt(v_hat(t)) + eps), rho_t(t) > 4), (1, True)), "Algorithm 2",
        {"m": MEAN, "v": MEAN_SQUARE},
        {rho_t(t): LONGEST - 2*t*beta2**t/(1 - beta2**t)} | CORRECTED_MEAN
        | CORRECTED_SQUARE,
        printed=theta(t) - lr*m_hat(t)*sp.Piecewise(
            (RECTIFIED*sp.sqrt((1 - beta2**t)/v(t)), rho_t(t) > 4), (1, True)),
        remark="The paper prints no eps; ours stands outside, as Adam's does."),
    "yogi": Statement(
        "Zaheer, Reddi, Sachan, Kale & Kumar 2018",
        theta(t) - lr*m(t)/(sp.sqrt(v(t)) + eps), "Algorithm 2",
        {"m": MEAN, "v": History(
            "sum", (1 - beta2)*sp.sign(g(i)**2 - v(i - 1))*g(i)**2)},
        defaults={"eps": "0.001"}, remark="v starts at 0 here."),
    "adabelief": Statement(
        "Zhuang et al. 2020", theta(t) - lr*m_hat(t)/(sp.sqrt(v_hat(t)) + eps),
        "Algorithm 2",
        {"m": MEAN, "v": decaying(beta2, (1 - beta2)*(g(i) - m(i))**2 + eps)},
        CORRECTED_MEAN | CORRECTED_SQUARE, defaults={"eps": "1e-8"}),
    "qhadam": Statement(
        "Ma & Yarats 2018", theta(t) - lr*((1 - nu1)*g(t) + nu1*m_hat(t))
        / (sp.sqrt((1 - nu2)*g(t)**2 + nu2*v_hat(t)) + eps), "",
        {"m": MEAN, "v": MEAN_SQUARE}, CORRECTED_MEAN | CORRECTED_SQUARE,
        defaults={"nu1": "0.7", "nu2": "1", "beta1": "0.995"}),
    "adan": Statement(
        "Xie et al. 2022",
        (theta(t) - lr/sp.sqrt(v(t) + eps)*(m(t) + beta2*d_mean(t)))
        / (1 + weight_decay*lr), "Algorithm 1, without restarts",
        {"m": MEAN, "d_mean": decaying(beta2, (1 - beta2)*CHANGE),
         "v": decaying(beta3, (1 - beta3)*(g(i) + beta2*CHANGE)**2),
         "g_prev": History("latest", g(i))},
        remark="Their betas are 1 minus these; the first difference is 0 here."),
    "adopt": Statement(
        "Taniguchi et al. 2024", theta(t) - lr*m(t), "with the bound t**(1/4)",
        {"m": decaying(beta1, (1 - beta1)*SCALED),
         "v": History("sum", ADOPT_WEIGHT*beta2**(t - i)*g(i)**2)},
        defaults={"beta1": "0.9", "beta2": "0.9999", "eps": "1e-6"},
        remark="Their g_0, which only starts v, is the gradient of the first step here."),
    "schedule_free_adamw": Statement(
        "Defazio et al. 2024", (1 - beta1)*zt(t) + beta1*theta_mean(t),
        "Algorithm 1, lr constant",
        {"v": MEAN_SQUARE,
         "zt": History("sum", -lr*(g(i)/(sp.sqrt(v(i)/(1 - beta2**i)) + eps)
                                   + weight_decay*theta(i)), theta(1)),
         "theta_mean": History("sum", zt(i)/t)},
        remark="Their y is theta, their x theta_mean."),
    "rmsprop_graves": Statement(
        "Graves 2013", theta(t) + velocity(t), "eq. (38)-(41)",
        {"v": decaying(rho, (1 - rho)*g(i)**2), "g_mean": decaying(rho, (1 - rho)*g(i)),
         "m": decaying(mu, lr*g(i)/sp.sqrt(v(i) - g_mean(i)**2 + eps))},
        {velocity(t): -m(t)},
        defaults={"rho": "0.95", "mu": "0.9", "lr": "0.0001", "eps": "0.0001"}),
    "ftrl": Statement(
        "McMahan et al. 2013",
        sp.Piecewise((0, sp.Abs(zt(t)) <= l1),
                     (-(zt(t) - sp.sign(zt(t))*l1)/((offset + sp.sqrt(v(t)))/lr + l2),
                      True)), "Algorithm 1",
        {"v": History("sum", g(i)**2),
         "zt": History("sum", g(i) - SIGMA*theta(i),
                       -theta(1)*(offset/lr + l2) - l1*sp.sign(theta(1)))},
        remark="There theta and zt start at 0; here zt starts where theta is the least "
               "point."),
}
