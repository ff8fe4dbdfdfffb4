"""Adadelta by its units: only one pair of exponents leaves it unchanged.

Measured in other units, theta becomes k theta and the loss c L; then a gradient becomes
(c/k) g, and a step has to become k times itself. What eps does to this is in two_eps.
"""
import sympy as sp

from optim.derivations.relations import g, theta, v, v_delta
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.papers import eps
from optim.domains import declare

a, b = declare("a", "real"), declare("b", "real")            # the exponents looked for
x, y = declare("x", "real"), declare("y", "real")            # c = e^x, k = e^y
c, k = declare("c", "> 0"), declare("k", "> 0")
G, K = (c/k)**2, k**2             # what a squared gradient and a squared step are times
UNITS = {theta: k*theta, g: c/k*g, v: G*v, v_delta: K*v_delta}


def step(f: Formula) -> sp.Expr:
    return theta - f.update["theta"]


def rescaled(e: sp.Expr, **new: sp.Expr) -> sp.Expr:
    """The expression with its letters in other units; eps becomes what is given."""
    return e.subs(UNITS | {declare(n, "> 0"): x for n, x in new.items()},
                  simultaneous=True)


def ratio() -> sp.Expr:
    """(c/k) (k^2)^a ((c/k)^2)^b / k: 1 where -g D^a V^b becomes k times itself."""
    return sp.exp(x - y)*sp.exp(2*a*y)*sp.exp(2*b*(x - y))/sp.exp(y)


def exponents(f: Formula) -> list[Step]:
    half, no_eps = sp.Rational(1, 2), step(f).subs(eps, 0)
    power = (1 + 2*b)*x + (2*a - 2*b - 2)*y
    form = checked("In other units theta is k theta, the loss c L and a gradient (c/k) g. "
                   "Let the step be -g times powers of the mean squares of the steps and "
                   "of the gradients. With c = e^x and k = e^y it becomes k times itself, "
                   "but for this factor.", ratio(), sp.exp(power),
                   formula=r"\Delta = -g\, \mathrm{E}[\Delta^2]^a\, \mathrm{E}[g^2]^b:\quad"
                           r" \Delta \to k \Delta \cdot e^{(1+2b)x + (2a-2b-2)y}")
    loss = all_of("If the loss may be scaled (x alone) then b = -1/2, and a is still free;",
                  [(power.subs({x: 1, y: 0}), 2*(b + half)),
                   (power.subs({y: 0, b: -half}), sp.Integer(0))],
                  formula=r"1 + 2b = 0 \;\Rightarrow\; b = -\tfrac{1}{2}")
    place = all_of("if the parameters may be scaled (y alone) then a = b + 1, and b is "
                   "free;",
                   [(power.subs({x: 0, y: 1}), 2*(a - (b + 1))),
                    (power.subs({x: 0, a: b + 1}), sp.Integer(0))],
                   formula=r"2a - 2b - 2 = 0 \;\Rightarrow\; a = b + 1")
    both = all_of("if both may, a = 1/2 and b = -1/2: the rule without eps is of this form "
                  "and does become k times itself.",
                  [((b + 1).subs(b, -half), half),
                   (power.subs({a: half, b: -half}), sp.Integer(0)),
                   (no_eps, g*v_delta**half*f.update["v"]**(-half)),
                   (rescaled(no_eps), k*no_eps)],
                  formula=r"a = \tfrac{1}{2},\; b = -\tfrac{1}{2}:\quad \Delta ="
                          r" -\frac{\sqrt{\mathrm{E}[\Delta^2]}}"
                          r"{\sqrt{\mathrm{E}[g^2]}}\, g")
    return [form, loss, place, both, by_theorem(
        "No other exponents will do for all units.", r"(a, b) = (\tfrac{1}{2},"
        r" -\tfrac{1}{2})", "e^z = 1 only at z = 0; x and y are any real numbers",
        form, loss, place, both)]
