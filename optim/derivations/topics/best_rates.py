"""The best parameters of linear rules for all curvatures from m to L, kappa = L/m.

A rate r means that no root is longer than r for any of these curvatures. What is proved to
have the best rate are the very parameters that optim.stability.best_parameters gives. s is
lr times the curvature, and kappa = (lr L)/(lr m).
"""
from collections.abc import Callable

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import ZERO, gap, mu, part, share
from optim.domains import declare
from optim.stability import best_parameters, dynamics, s, z

r, m = declare("r", "(0, 1)"), declare("m", "> 0")
x = declare("z", "real")


def best_rates(jury: Claim) -> list[Claim]:
    """jury is the claim that no root is longer than r if and only if three signs hold."""
    return [*descent(), *heavy_ball(jury), *nesterov(jury)]


def polynomial(name: str) -> Callable[..., sp.Expr]:
    """The characteristic polynomial of a rule, as a function of mu, s and the point."""
    p = dynamics(name).polynomial
    return lambda momentum, s_value, at: p.subs(
        {mu: momentum, s: s_value}, simultaneous=True).subs(z, at)


def three_signs(p: Callable[..., sp.Expr], momentum, s_value, radius) -> list[tuple]:
    """Jury's conditions as goals: no root of the rule is longer than the radius."""
    return [(p(momentum, s_value, radius), ">=", ZERO),
            (p(momentum, s_value, -radius), ">=", ZERO),
            (p(momentum, s_value, ZERO), "<=", radius**2)]     # the product of the roots


def spectrum(name: str, kappa) -> tuple[dict, sp.Expr, sp.Expr, sp.Expr]:
    """The best parameters; and lr times m, times L, times all curvatures from m to L."""
    best = best_parameters(name, m, m*kappa)
    return best, best["lr"]*m, best["lr"]*m*kappa, best["lr"]*m*(1 + (kappa - 1)*share)


def inverted(q) -> tuple:
    """The goal that q <= (1 + r)/(1 - r) if and only if r >= (q - 1)/(q + 1)."""
    return (1 + r) - q*(1 - r), (q + 1)*(r - (q - 1)/(q + 1))


# ------------------------------------------------------------------ gradient descent
def descent() -> list[Claim]:
    """The best rate of gradient descent."""
    p, kappa = polynomial("gradient_descent"), 1 + gap

    def root(s_value):
        return -p(ZERO, s_value, ZERO)

    best, low, high, between = spectrum("gradient_descent", kappa)
    rate = best["rate"]
    have = claim(
        "descent-has-rate", "With the best lr the root of gradient descent is the rate at "
        "m and minus the rate at L; for the curvatures between it lies between these.",
        (root(low), rate), (root(high), -rate), (root(between), "<=", rate),
        (root(between), ">=", -rate))
    return [have, claim(
        "descent-rate", "That is the best rate: a rate r needs lr m >= 1 - r and lr L <= 1 "
        "+ r. So kappa is at most (1 + r)/(1 - r), and this says that r is at least that "
        "rate.", (root(s), 1 - s), ((1 + r)*share/(1 - r + gap), "<=", (1 + r)/(1 - r)),
        inverted(kappa), premises=(have,))]


# ------------------------------------------------------------------ heavy ball
def heavy_ball(jury: Claim) -> list[Claim]:
    """The best rate of momentum."""
    p, q = polynomial("momentum"), 1 + gap                   # q is sqrt(kappa)
    best, low, high, between = spectrum("momentum", q**2)
    rate, best_mu, momentum = best["rate"], best["mu"], r**2*part     # from 0 to r^2
    have = claim(
        "momentum-has-rate", "With the best parameters the two roots of momentum meet at "
        "the rate for m, at minus the rate for L (at 0 if kappa = 1), and for every "
        "curvature from m to L all three signs hold, with the rate for r.",
        (p(best_mu, low, x), (x - rate)**2),
        (p(best_mu, high, x), (x + rate)**2),
        *three_signs(p, best_mu, between, rate), premises=(jury,))
    needs = claim(
        "momentum-needs", "Conversely, no root is longer than r at m and at L only if mu "
        "<= r^2, lr m r >= (1 - r)(r - mu) and lr L r <= (1 + r)(r + mu).",
        (p(mu, s, ZERO), mu),
        (p(mu, s, r), s*r - (1 - r)*(r - mu)),
        (p(mu, s, -r), (1 + r)*(r + mu) - s*r), premises=(jury,))
    return [have, needs, claim(
        "momentum-rate", "So kappa is at most a quotient that is largest at mu = r^2, and "
        "this says that r is at least the rate: it is the best rate of momentum, mu >= 0.",
        (r - momentum, ">", ZERO),
        ((1 + r)*(r + momentum)*share/((1 - r)*(r - momentum) + gap), "<=",
         ((1 + r)/(1 - r))**2), inverted(q), premises=(have, needs))]


# ------------------------------------------------------------------ Nesterov
def nesterov(jury: Claim) -> list[Claim]:
    """The best rate of Nesterov's rule."""
    p, w = polynomial("nag"), 2 + gap                        # w is sqrt(3 kappa + 1)
    best, low, high, between = spectrum("nag", (w**2 - 1)/3)
    rate, best_mu = best["rate"], best["mu"]
    have = claim(
        "nag-has-rate", "With the best parameters the two roots of Nesterov's rule meet at "
        "the rate for m; for L they are minus the rate and a third of it (0 if kappa = 1), "
        "and for every curvature from m to L all three signs hold, with the rate for r.",
        (p(best_mu, low, x), (x - rate)**2),
        (p(best_mu, high, x), (x + rate)*(x - rate/3)),
        *three_signs(p, best_mu, between, rate), premises=(jury,))
    needs = claim(
        "nag-needs", "Conversely, no root is longer than r at m and at L only if the first "
        "of these is not negative at L, the second not at m, and mu (1 - s) not above r^2 "
        "at m.",
        (p(mu, s, -r), (r + mu)*(1 + r) - s*(r + mu + mu*r)),
        (p(mu, s, r), s*(r - mu*(1 - r)) - (1 - r)*(r - mu)),
        (p(mu, s, ZERO), mu*(1 - s)), premises=(jury,))
    return [have, needs, quotients(w, have, needs)]


def quotients(w, *premises: Claim) -> Claim:
    """What the conditions at the ends leave for kappa, for mu below and above r/(2 - r)."""
    meet = r/(2 - r)
    below, above = meet*part, meet + gap
    most, ours = (3 - r)*(1 + r)/(3*(1 - r)**2), 2/(1 - r)

    def upper(mu_value):
        return (1 + r)*(r + mu_value)/(r + mu_value + mu_value*r)

    return claim(
        "nag-rate", "So kappa is at most a quotient of bounds that is largest at mu = r/(2 "
        "- r), where the two bounds at m agree; and this says that r is at least the rate: "
        "it is the best rate of Nesterov's rule with constant parameters, mu >= 0.",
        (r - below, ">", ZERO), (r - below*(1 - r), ">", ZERO),
        (upper(below)*(r - below*(1 - r))/((1 - r)*(r - below)), "<=", most),
        (1 - r**2/above, ">", ZERO), (upper(above)/(1 - r**2/above), "<=", most),
        ((ours**2 - 1)/3, most), (ours - w, w/(1 - r)*(r - (1 - 2/w))),
        premises=premises)
