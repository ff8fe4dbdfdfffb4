"""Adadelta by its units: the exponents that leave it unchanged, and its two eps.

Measured in other units, theta becomes k theta and the loss c L; then a gradient becomes
(c/k) g, and a step has to become k times itself.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas import Formula
from optim.prover import declare

a, b = declare("a", "real"), declare("b", "real")            # the exponents looked for
x, y = declare("x", "real"), declare("y", "real")            # c = e^x, k = e^y
c, k = declare("c", "> 0"), declare("k", "> 0")


def adadelta(f: Formula) -> list[Step]:
    return [*exponents(), *one_eps(f), first_step(f)]


def ratio() -> sp.Expr:
    """(c/k) (k^2)^a ((c/k)^2)^b / k: 1 where -g D^a V^b becomes k times itself."""
    return sp.exp(x - y)*sp.exp(2*a*y)*sp.exp(2*b*(x - y))/sp.exp(y)


def exponents() -> list[Step]:
    half = sp.Rational(1, 2)
    power = (1 + 2*b)*x + (2*a - 2*b - 2)*y
    form = checked("Let the step be -g times powers of the mean squares of the steps and "
                   "of the gradients. In other units (c = e^x, k = e^y) it is k times "
                   "itself, but for this factor.", ratio(), sp.exp(power),
                   formula=r"\Delta = -g\, \mathrm{E}[\Delta^2]^a\, \mathrm{E}[g^2]^b:\quad"
                           r" e^{(1+2b)x + (2a-2b-2)y}")
    loss = all_of("If the loss may be scaled (x alone) then b = -1/2, and a is still free;",
                  [(power.subs({x: 1, y: 0}), 2*(b + half)),
                   (power.subs({y: 0, b: -half}), sp.Integer(0))],
                  formula=r"1 + 2b = 0 \;\Rightarrow\; b = -\tfrac{1}{2}")
    place = all_of("if the parameters may be scaled (y alone) then a = b + 1, and b is "
                   "free;",
                   [(power.subs({x: 0, y: 1}), 2*(a - (b + 1))),
                    (power.subs({x: 0, a: b + 1}), sp.Integer(0))],
                   formula=r"2a - 2b - 2 = 0 \;\Rightarrow\; a = b + 1")
    both = all_of("if both may, a = 1/2 and b = -1/2, and that does leave it unchanged.",
                  [((b + 1).subs(b, -half), half),
                   (power.subs({a: half, b: -half}), sp.Integer(0)),
                   ((c/k)*sp.sqrt(k**2)/sp.sqrt((c/k)**2), k)],
                  formula=r"a = \tfrac{1}{2},\; b = -\tfrac{1}{2}:\quad \Delta ="
                          r" -\frac{\sqrt{\mathrm{E}[\Delta^2]}}"
                          r"{\sqrt{\mathrm{E}[g^2]}}\, g")
    return [form, loss, place, both, by_theorem(
        "No other exponents will do for all units.", r"(a, b) = (\tfrac{1}{2},"
        r" -\tfrac{1}{2})", "e^z = 1 only at z = 0", form, loss, place, both)]


def one_eps(f: Formula) -> list[Step]:
    """The printed eps stands for a squared gradient and for a squared step at once."""
    s = f.symbols
    eps, theirs = s["eps"], declare("eps_delta", "> 0")

    def step(beside_v, beside_delta, v, v_delta, g):
        v_new = s["rho"]*v + (1 - s["rho"])*g**2
        return sp.sqrt(v_delta + beside_delta)/sp.sqrt(v_new + beside_v)*g

    old = s["v"], s["v_delta"], s["g"]
    new = (c/k)**2*s["v"], k**2*s["v_delta"], c/k*s["g"]
    return [
        checked("With one eps this is the rule's step:", step(eps, eps, *old),
                s["theta"] - f.update["theta"],
                formula=r"\sqrt{v^\Delta + \varepsilon}/\sqrt{v_t + \varepsilon}\; g_t"),
        checked("with two, each in the unit of what it is added to, the step commutes with "
                "every change of units.",
                step((c/k)**2*eps, k**2*theirs, *new), k*step(eps, theirs, *old),
                formula=r"\varepsilon_1 \to \frac{c^2}{k^2}\varepsilon_1,\;"
                        r" \varepsilon_2 \to k^2 \varepsilon_2"),
        checked("With the printed one, scaled as a squared step, it does too.",
                step(k**2*eps, k**2*eps, *new), k*step(eps, eps, *old),
                formula=r"\varepsilon \to k^2\varepsilon").refuted(),
        checked("With the printed one, scaled as a squared gradient, it does too.",
                step((c/k)**2*eps, (c/k)**2*eps, *new), k*step(eps, eps, *old),
                formula=r"\varepsilon \to \frac{c^2}{k^2}\varepsilon").refuted(),
        checked("One eps does it only for changes of units with c = k^2, where both scale "
                "alike.",
                step(k**2*eps, k**2*eps, k**2*s["v"], k**2*s["v_delta"], k*s["g"]),
                k*step(eps, eps, *old), formula=r"c = k^2:\quad \frac{c^2}{k^2} = k^2")]


def first_step(f: Formula) -> Step:
    g, eps, rho = (f.symbols[name] for name in ("g", "eps", "rho"))
    return checked("The first step is of the size sqrt(eps): eps stands in for the past "
                   "steps.", f.symbols["theta"] - f.first_step["theta"],
                   sp.sqrt(eps)*g/sp.sqrt((1 - rho)*g**2 + eps),
                   formula=r"\theta_1 - \theta_2 = \frac{\sqrt{\varepsilon}\, g_1}"
                           r"{\sqrt{(1-\rho) g_1^2 + \varepsilon}}")
