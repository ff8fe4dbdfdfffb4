"""The family of the rules: where one becomes another, each edge decided of both rules.

An edge says what is done to the rule at its source, letters replaced or sent to a limit, so
that it is the rule at its target, for the same gradients. The picture is drawn in
optim.plots.
"""
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from optim.derivations.per_rule.largest import largest
from optim.derivations.rule_letters import (
    beta1, beta2, eps, lr, m, new, rule, share, t, theta, v)
from optim.derivations.becoming import Goals, becomes, half, nadam_to_adam, nears, remembers
from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.special_cases import special_cases
from optim.optimizers.signatures import is_of_whole_parameters
from optim.rules import RULES

GROWS = r"$\varepsilon \to \infty$"


@dataclass(frozen=True)
class Edge:
    """The rule `source` becomes the rule `target` when what `how` says is done to it."""
    source: str
    target: str
    how: str                                        # its label: text with $LaTeX$ in it
    claim: Claim                                    # the claim and the verdict on it


@dataclass(frozen=True)
class Family:
    """All edges; str() lists them, optim.plots.family_tree draws them."""
    edges: tuple[Edge, ...]

    @property
    def ok(self) -> bool:
        """Whether every edge came out as claimed."""
        return all(edge.claim.ok for edge in self.edges)

    def __str__(self) -> str:
        return "\n".join(f"{e.source} -> {e.target}: {e.claim.sentence} "
                         f"{e.claim.verdict.status}" for e in self.edges)

    __repr__ = __str__


def family() -> Family:
    """The family of the rules, every edge decided.

    >>> family().ok
    True
    """
    return Family((*of_descent(), *of_adam(), *to_adam(), *claimed()))


def exact(source: str, target: str, how: str, sentence: str, goals: Goals) -> Edge:
    """An edge that is an identity."""
    return Edge(source, target, how, claim(f"{source}-{target}", sentence, *goals))


def for_large_eps(source: str, target: str, how: str, sentence: str, goals: Goals) -> Edge:
    """An edge that is a limit: by theorem, from a bound that is proved."""
    return Edge(source, target, how, by_theorem(
        f"{source}-{target}", sentence,
        "the squeeze theorem; a root without eps, over eps, tends to 0",
        claim(f"{source}-{target}-bound", "The steps differ by at most this.", *goals)))


# ------------------------------------------------------------------ the edges
def claimed() -> Iterator[Edge]:
    """Edges that are claimed beside the rules themselves."""
    for name in RULES:
        for case in special_cases(rule(name)) if not is_of_whole_parameters(
                RULES[name]) else ():
            if case.true:
                yield Edge(name, case.target.name, case.how, case.claim)


def of_descent() -> Iterator[Edge]:
    """Edges between rules that keep one moment or none."""
    yield exact(
        "momentum", "gradient_descent", r"$\mu = 0$",
        "With mu = 0 momentum is gradient descent.",
        becomes("momentum", "gradient_descent", {"mu": 0}))
    yield exact(
        "nag", "momentum", "$m_{t-1}$\nfor $m_t$",
        "NAG steps by mu times the new m, plus lr times the gradient. With the old m for "
        "the new one that is momentum's step.",
        [(theta - new("nag"), (theta - new("momentum")).subs(m, new("nag", "m"))),
         *remembers("nag", "momentum", {}, {"m": m})])
    yield for_large_eps(
        "adagrad", "gradient_descent", "$\\eta \\to \\eta\\varepsilon$,\n" + GROWS,
        "With lr eps for lr, as eps grows, Adagrad becomes gradient descent: its root "
        "counts less and less beside eps.",
        nears("adagrad", "gradient_descent", new("adagrad", "v"), {"lr": lr*eps}))
    yield exact(
        "rmsprop", "adagrad",
        "$\\rho = 1 - 1/t$,\n$\\eta, \\varepsilon$ over $\\sqrt{t}$",
        "With rho = 1 - 1/t, and lr and eps divided by the root of t, RMSprop is Adagrad: "
        "t times its mean of squares is the sum.",
        becomes("rmsprop", "adagrad", {
            "rho": 1 - 1/t, "lr": lr/sp.sqrt(t), "eps": eps/sp.sqrt(t)},
            {"v": (t - 1)*v}))
    yield exact(
        "adadelta", "rmsprop", "$v^{\\Delta} = \\eta^2$,\n$\\varepsilon = 0$ in both",
        "Both without eps: while its mean square of past steps is lr squared, Adadelta is "
        "RMSprop.",
        becomes("adadelta", "rmsprop", {"v_delta": lr**2, "eps": 0}, {"v": v}, {"eps": 0}))


def of_adam() -> Iterator[Edge]:
    """What Adam becomes: the rules that it joins, and a limit."""
    root = sp.sqrt(1 - beta2**t)
    yield exact(
        "adam", "rmsprop",
        "$\\beta_1 = 0$,\n$\\eta, \\varepsilon$ over\n$\\sqrt{1 - \\beta_2^t}$",
        "With beta1 = 0, and lr and eps divided by the root of 1 - beta2^t, Adam is "
        "RMSprop with rho = beta2.",
        becomes("adam", "rmsprop", {"beta1": 0, "lr": lr/root, "eps": eps/root},
                {"v": v}, {"rho": beta2}))
    yield for_large_eps(
        "adam", "momentum",
        "$\\eta \\to \\eta\\varepsilon(1 - \\beta_1^t)$\n$/(1 - \\beta_1)$, " + GROWS,
        "With lr eps (1 - beta1^t)/(1 - beta1) for lr, as eps grows, Adam becomes momentum "
        "with mu = beta1.",
        nears("adam", "momentum", new("adam", "v")/root**2,
              {"lr": lr*eps*(1 - beta1**t)/(1 - beta1)},
              {"m": lr*m/(1 - beta1)}, {"mu": beta1}))
    yield Edge("adam", "adamax", "$|g|^p$ for $g^2$,\n$p \\to \\infty$", by_theorem(
        "adam-adamax", "With |g|^p for g^2, beta2^p for beta2 and a root of order p, Adam "
        "becomes AdaMax as p grows: of decayed gradients only the largest still counts.",
        "the squeeze theorem; beta2^p tends to 0, roots of order p of a constant to 1",
        *largest(rule("adamax")),
        claim("adam-adamax-states", "Both keep the same m, and v starts alike.",
              *remembers("adam", "adamax", {}, {"m": m}),
              (rule("adam").init["v"], rule("adamax").init["v"]))))


def to_adam() -> Iterator[Edge]:
    """What becomes Adam; and Nadam's other edge."""
    root, both = sp.sqrt(1 - beta2**t), {"m": m, "v": v}
    yield exact(
        "adamw", "adam", r"$\lambda = 0$", "With weight_decay = 0 AdamW is Adam.",
        becomes("adamw", "adam", {"weight_decay": 0}, both))
    yield exact(
        "amsgrad", "adam",
        "$v$ the largest,\n$\\eta \\to \\eta r/(1 - \\beta_1^t)$,\n$\\varepsilon \\to"
        " \\varepsilon r$,\n$r = \\sqrt{1 - \\beta_2^t}$",
        "While v is the largest so far, AMSGrad is Adam, with lr sqrt(1 - beta2^t)/"
        "(1 - beta1^t) for lr and eps sqrt(1 - beta2^t) for eps.",
        becomes("amsgrad", "adam", {
            "v_max": share*new("amsgrad", "v"), "lr": lr*root/(1 - beta1**t),
            "eps": eps*root}, both))
    yield exact(
        "nadam", "adam", "$\\psi = 0$,\n$m_{t-1}$\nfor $m_t$",
        "With psi = 0 Nadam's momentum is mu/2 throughout. With the old m, corrected for "
        "this step, for the new m, corrected for the next, it is Adam with beta1 = mu/2.",
        nadam_to_adam())
    yield for_large_eps(
        "nadam", "nag",
        "$\\psi = \\Pi = 0$,\n$\\eta \\to \\eta\\varepsilon$\n$/(1 - \\mu/2)$,\n" + GROWS,
        "With psi = 0, the product of momenta held at 0 (no correction of m) and lr eps/"
        "(1 - mu/2) for lr, as eps grows, Nadam becomes NAG with momentum mu/2.",
        [*nears("nadam", "nag", new("nadam", "v")/root**2,
                {"psi": 0, "mu_product": 0, "lr": lr*eps/(1 - half)},
                {"m": lr*m/(1 - half)}, {"mu": half}),
         (new("nadam", "mu_product", psi=0, mu_product=0), sp.Integer(0))])
