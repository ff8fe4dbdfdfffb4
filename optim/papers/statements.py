"""What the papers of the first eleven rules state: statement("adam") of those and all.

And the line of each rule in the table of all rules: what it remembers, its step.
"""
from dataclasses import dataclass
from typing import Any

import sympy as sp

from optim.optimizers.signatures import Rule, name_of, named_rule
from optim.papers.histories import (
    History, Largest, beta1, beta2, eps, g, i, in_letters, j, lr, m, m_hat, momentum, mu,
    psi, rho, step, t, theta, v, v_delta, v_hat, v_max, velocity, weight_decay)
from optim.papers.more_statements import MORE
from optim.papers.stated import (
    CORRECTED_MEAN, CORRECTED_SQUARE, MEAN, MEAN_SQUARE, Statement, decaying)

PRODUCT = sp.Product(momentum(i), (i, 1, t))
LOOK_AHEAD = (momentum(t + 1)*m(t)/(1 - PRODUCT.subs(t, t + 1))
              + (1 - momentum(t))*g(t)/(1 - PRODUCT))
NO_EPS = "The paper prints no eps; ours stands outside, as Adam's does."

STATEMENTS = {
    "gradient_descent": Statement(
        "Robbins & Monro 1951", theta(t) - lr*g(t)),
    "momentum": Statement(
        "Sutskever, Martens, Dahl & Hinton 2013", theta(t) + velocity(t), "eq. (1)-(2)",
        {"m": decaying(mu, lr*g(i))}, {velocity(t): -m(t)},
        remark="Their velocity is -m. The sum is their eq. (1) written out."),
    "nag": Statement(
        "Bengio, Boulanger-Lewandowski & Pascanu 2012",
        theta(t) + mu**2*velocity(t - 1) - (1 + mu)*lr*g(t), "eq. (7), mu and lr constant",
        {"m": decaying(mu, lr*g(i))}, {velocity(t): -m(t)},
        remark="The same as Sutskever et al. 2013, eq. (3)-(4), seen at the look-ahead "
               "point theta = x + mu*velocity."),
    "adagrad": Statement(
        "Duchi, Hazan & Singer 2011", theta(t) - lr*g(t)/(eps + sp.sqrt(v(t))),
        "Figure 1, composite mirror descent update",
        {"v": History("sum", g(i)**2)},
        remark="No regulariser, no constraint; their delta is eps, their s the root of v."),
    "rmsprop": Statement(
        "Hinton 2012, lecture 6e", theta(t) - lr*g(t)/(sp.sqrt(v(t)) + eps), "",
        {"v": decaying(rho, (1 - rho)*g(i)**2)},
        printed=theta(t) - lr*g(t)/sp.sqrt(v(t)), defaults={"rho": "0.9"},
        remark="The slide gives no eps, no first value and no learning rate."),
    "adadelta": Statement(
        "Zeiler 2012",
        theta(t) - sp.sqrt(v_delta(t - 1) + eps)/sp.sqrt(v(t) + eps)*g(t), "Algorithm 1",
        {"v": decaying(rho, (1 - rho)*g(i)**2),
         "v_delta": decaying(rho, (1 - rho)*step(i)**2)},
        defaults={"rho": "0.95", "eps": "1e-6"}),
    "adam": Statement(
        "Kingma & Ba 2015", theta(t) - lr*m_hat(t)/(sp.sqrt(v_hat(t)) + eps),
        "Algorithm 1 and eq. (1)", {"m": MEAN, "v": MEAN_SQUARE},
        CORRECTED_MEAN | CORRECTED_SQUARE,
        defaults={"lr": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}),
    "adamax": Statement(
        "Kingma & Ba 2015", theta(t) - lr/(1 - beta1**t)*m(t)/(v(t) + eps), "Algorithm 2",
        {"m": MEAN, "v": History("largest", beta2**(t - i)*abs(g(i)))},
        printed=theta(t) - lr/(1 - beta1**t)*m(t)/v(t),
        defaults={"lr": "0.002", "beta1": "0.9", "beta2": "0.999"}, remark=NO_EPS),
    "nadam": Statement(
        "Dozat 2016", theta(t) - lr*LOOK_AHEAD/(sp.sqrt(v_hat(t)) + eps), "Algorithm 2",
        {"m": History("sum", sp.Product(momentum(j), (j, i + 1, t))
                      * (1 - momentum(i))*g(i)),
         "v": MEAN_SQUARE, "mu_product": History("product", momentum(i))},
        {momentum(t): mu*(1 - sp.Rational(1, 2)*sp.Rational(96, 100)**(t*psi)),
         **CORRECTED_SQUARE},
        printed=theta(t) - lr*LOOK_AHEAD/(sp.sqrt(beta2*v_hat(t)) + eps),
        remark="The paper prints one more factor beta2 beside v; it is absent from his "
               "report of 2015 and from his code, and from our rule. The schedule is the "
               "report's, with psi = 1/250; the products in the denominators are as "
               "others transcribe them."),
    "adamw": Statement(
        "Loshchilov & Hutter 2019",
        theta(t) - (lr*m_hat(t)/(sp.sqrt(v_hat(t)) + eps) + weight_decay*theta(t)),
        "Algorithm 2, line 12, schedule multiplier 1", {"m": MEAN, "v": MEAN_SQUARE},
        CORRECTED_MEAN | CORRECTED_SQUARE,
        defaults={"lr": "0.001", "beta1": "0.9", "beta2": "0.999", "eps": "1e-8"}),
    "amsgrad": Statement(
        "Reddi, Kale & Kumar 2018", theta(t) - lr*m(t)/(sp.sqrt(v_max(t)) + eps),
        "Algorithm 2, unconstrained",
        {"m": MEAN, "v": MEAN_SQUARE, "v_max": History("largest", v(i))},
        printed=theta(t) - lr*m(t)/sp.sqrt(v_max(t)), remark=NO_EPS),
}

STATEMENTS |= MORE


def statement(rule: str | Rule) -> Statement:
    """What the paper states of this rule; ValueError for a rule that no paper here has."""
    name = name_of(named_rule(rule))
    if name not in STATEMENTS:
        raise ValueError(f"no paper is transcribed for {name!r}; say which one to hold it "
                         f"against, such as against='adam'; there are: "
                         f"{', '.join(STATEMENTS)}")
    return STATEMENTS[name]


# ------------------------------------------------------------------ rows of the table
@dataclass(frozen=True)
class Row:
    """name, phi(g_1..g_t), psi(g_1..g_t), theta_{t+1}: one line of the table."""
    name: str
    phi: sp.Expr | None
    psi: sp.Expr | None
    theta: str                                           # LaTeX, in the letters of the rule

    def latex(self) -> str:
        """The row in LaTeX, its cells with & between."""
        name = self.name.replace("_", " ")
        cells = ["-" if x is None else in_letters(x) for x in (self.phi, self.psi)]
        return " & ".join([rf"\text{{{name}}}", *cells, self.theta])


def row(f: Any) -> Row:
    """The rule's row: its moments over the whole history, where a paper states them."""
    stated = STATEMENTS.get(f.name)
    moments = {} if stated is None else stated.moments
    phi = moments["m"].closed() if "m" in moments else g(t)
    psi = moments["v"].closed() if "v" in moments else None
    if "v_max" in moments:
        psi = Largest(moments["v"].closed(j), (j, 1, t))
    return Row(f.name, phi if stated else None, psi, f.equations[-1].sides()[1])
