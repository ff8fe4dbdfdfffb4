"""Linear rules on a quadratic: where they are stable, and when they begin to swing.

s is lr times the curvature. The best parameters are in best_rates.py.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.rule_letters import ONE, ZERO, gap, mu
from optim.derivations.topics.best_rates import best_rates
from optim.derivations.topics.jury import jury_claims
from optim.domains import declare
from optim.stability import dynamics, s, z

share = declare("share", "(0, 1)")
EDGES = {                                    # rule: its name, and the end of its region
    "gradient_descent": ("gradient descent", sp.Integer(2)),
    "momentum": ("momentum", 2*(1 + mu)),
    "nag": ("Nesterov's rule", 2*(1 + mu)/(1 + 2*mu))}


def proofs() -> list[Claim]:
    """The claims of the topic."""
    *cases, jury, code = jury_claims()
    return [*cases, jury, code, *regions(jury, code), *damping(), *best_rates(jury)]


def regions(*jury: Claim) -> list[Claim]:
    """Where each rule is stable; jury are the claims that it rests on."""
    claims = []
    for name, (words, edge) in EDGES.items():
        rule, x = dynamics(name), declare("x", "real")
        last = next((e for e in rule.conditions if sp.cancel(e.subs(s, edge)) == 0),
                    rule.conditions[0])
        claims.append(claim(
            f"{name}-region", f"On a quadratic the conditions of {words} all hold for s = "
            "lr*curvature from 0 to this edge. At s <= 0 they do not, for p(1) = s; nor at "
            "the edge or beyond it.",
            *((e.subs(s, share*edge), ">", ZERO) for e in rule.conditions),
            (rule.edge, edge), (last.subs(s, edge + gap), "<=", ZERO),
            (rule.polynomial.subs({z: 1, s: x}), x), premises=jury))
    return [*claims, by_theorem(
        "regions", "So each of these rules is stable for 0 < s < edge and nowhere else.",
        "powers of a matrix tend to 0 if and only if its roots are shorter than 1",
        *claims)]


def damping() -> list[Claim]:
    """At which momentum a rule begins to swing."""
    root = declare("q", "(0, 1)")                            # q^2 = s
    claims = []
    for name, best, other, factor in (
            ("momentum", (1 - root)**2, (1 + root)**2, 1),
            ("nag", (1 - root)/(1 + root), (1 + root)/(1 - root), (1 - root**2)**2)):
        e = dynamics(name).discriminant.subs(s, root**2)
        claims.append(claim(
            f"{name}-damping", f"For 0 < s = q^2 < 1 the discriminant of {EDGES[name][0]} "
            "is 0 at one momentum: its other zero is above 1. There the two roots meet: "
            "critical damping. With more momentum they are conjugate and the rule swings, "
            "with less they are real.",
            (e, factor*(mu - best)*(mu - other)), (other, ">", ONE),
            (e.subs(mu, best + (1 - best)*share), "<", ZERO),
            (e.subs(mu, best*share), ">", ZERO)))
    return claims
