"""Adadelta by its units: only one pair of exponents leaves it unchanged.

Measured in other units, theta becomes k theta and the loss c L; then a gradient becomes
(c/k) g, and a step has to become k times itself. What eps does to this is in two_eps.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.per_rule.origins import only_zero
from optim.derivations.rule_letters import eps, g, half, theta, v, v_delta
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

a, b = declare("a", "real"), declare("b", "real")            # the exponents looked for
x, y = declare("x", "real"), declare("y", "real")            # c = e^x, k = e^y
c, k, d = (declare(name, "> 0") for name in ("c", "k", "d"))
G, K = (c/k)**2, k**2             # what a squared gradient and a squared step are times
UNITS = {theta: k*theta, g: c/k*g, v: G*v, v_delta: K*v_delta}


def step(f: Formula) -> sp.Expr:
    """How far the rule takes theta down."""
    return theta - f.update["theta"]


def rescaled(e: sp.Expr, **new: sp.Expr) -> sp.Expr:
    """The expression with its letters in other units; eps becomes what is given."""
    return e.subs(UNITS | {declare(n, "> 0"): x for n, x in new.items()},
                  simultaneous=True)


def ratio() -> sp.Expr:
    """(c/k) (k^2)^a ((c/k)^2)^b / k: 1 where -g D^a V^b becomes k times itself."""
    return sp.exp(x - y)*sp.exp(2*a*y)*sp.exp(2*b*(x - y))/sp.exp(y)


def exponents(f: Formula) -> list[Claim]:
    """The claims that single out one pair of exponents."""
    no_eps, power = step(f).subs(eps, 0), (1 + 2*b)*x + (2*a - 2*b - 2)*y
    return [
        claim("factor", "In other units theta is k theta, the loss c L and a gradient "
              "(c/k) g. Let the step be -g times powers a and b of the mean squares of the "
              "steps and of the gradients. With c = e^x and k = e^y it becomes k times "
              "itself, but for this factor.", (ratio(), sp.exp(power))),
        claim("loss-scaled", "If the loss may be scaled (x = 1, y = 0), the exponent of "
              "that factor is 0 only for b = -1/2;",
              *only_zero(power.subs({x: 1, y: 0}), b, -half)),
        claim("parameters-scaled", "if the parameters may be scaled (x = 0, y = 1), only "
              "for a = b + 1.", *only_zero(power.subs({x: 0, y: 1}), a, b + 1)),
        claim("exponents", "So if both may, only a = 1/2 and b = -1/2 will do: then the "
              "exponent is 0 for all units, the rule without eps is of this form and does "
              "become k times itself.",
              (power.subs({a: half, b: -half}), 0),
              (no_eps, g*v_delta**half*f.update["v"]**(-half)),
              (rescaled(no_eps), k*no_eps))]
