"""Adadelta by its units: one pair of exponents leaves it unchanged, its one eps does not.

Measured in other units, theta becomes k theta and the loss c L; then a gradient becomes
(c/k) g, and a step has to become k times itself. The one eps stands for a squared gradient
and for a squared step at once: with two eps the rule commutes with every change of units,
with the printed one only where both units scale alike.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.per_rule.origins import only_zero
from optim.derivations.rule_letters import eps, g, half, rho, theta, v, v_delta
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

a, b = declare("a", "real"), declare("b", "real")            # the exponents looked for
x, y = declare("x", "real"), declare("y", "real")            # c = e^x, k = e^y
c, k, d, factor, eps_1, eps_2 = (
    declare(name, "> 0") for name in ("c", "k", "d", "s", "eps_1", "eps_2"))
G, K = (c/k)**2, k**2             # what a squared gradient and a squared step are times
UNITS = {theta: k*theta, g: c/k*g, v: G*v, v_delta: K*v_delta}


def adadelta(f: Formula) -> list[Claim]:
    """What is particular to Adadelta."""
    return [*exponents(f), means(f), two_eps(f), *one_eps(f), *only_if(f), first_step(f)]


# ------------------------------------------------------------------ the exponents
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


# ------------------------------------------------------------------ eps
def split(f: Formula) -> Formula:
    """The rule with two eps: eps_2 beside v_delta, eps_1 everywhere else."""
    update = {n: e.replace(lambda x: x.is_Add and set(x.args) == {v_delta, eps},
                           lambda x: v_delta + eps_2).xreplace({eps: eps_1})
              for n, e in f.update.items()}
    symbols = {n: x for n, x in f.symbols.items() if n != "eps"}
    return replace(f, update=update, symbols=symbols | {"eps_1": eps_1, "eps_2": eps_2})


def means(f: Formula) -> Claim:
    """Both mean squares are of one kind."""
    mean = f.update["v"].subs({v: v_delta, g: step(f)}, simultaneous=True)
    return claim("same-mean", "The mean square of the steps is taken as that of the "
                 "gradients is, with the same rho.", (f.update["v_delta"], mean))


def two_eps(f: Formula) -> Claim:
    """The rule with two eps commutes with units."""
    two, factors = split(f), {"theta": k, "v": G, "v_delta": K}
    units = {"eps_1": G*eps_1, "eps_2": K*eps_2}
    return claim("two-eps", "With two eps, each in the unit of what it is added to, theta, "
                 "v and v_delta commute with every change of units.",
                 (step(two), sp.sqrt(v_delta + eps_2)/sp.sqrt(two.update["v"] + eps_1)*g),
                 *((rescaled(e, **units), factors[n]*e) for n, e in two.update.items()))


def one_eps(f: Formula) -> list[Claim]:
    """Where the rule with its one eps commutes with units."""
    return [
        *(claim(f"one-eps-as-{what}", "Not so: with the one eps, scaled as a squared "
                f"{what}, the step commutes with every change of units.",
                (rescaled(step(f), eps=times*eps), k*step(f)), expected="REFUTED")
          for what, times in (("step", K), ("gradient", G))),
        claim("one-eps", "With the one eps it does if c = k^2, where both scale alike.",
              (rescaled(step(f), eps=K*eps).subs(c, k**2), k*step(f)))]


def apart(v_delta, v_new):
    """D: how far the step is from commuting if eps becomes s eps."""
    return (G*(K*v_delta + factor*eps)*(v_new + eps)
            - K*(v_delta + eps)*(G*v_new + factor*eps))


def only_if(f: Formula) -> list[Claim]:
    """Whatever the one eps becomes, c = k^2 is needed."""
    new = f.update["v"]
    distance = claim(
        "distance", "Let the one eps become s eps. Then the step becomes k times itself "
        "where D(v_delta, v) is 0, and only there: its square less the square of k times "
        "itself is g^2 D over a positive product.",
        (rescaled(step(f), eps=factor*eps)**2 - (k*step(f))**2,
         g**2*apart(v_delta, new)/((new + eps)*(G*new + factor*eps))))
    slopes = (apart(v_delta + eps, v) - apart(v_delta, v),
              apart(v_delta, v + eps) - apart(v_delta, v))
    return [distance, claim(
        "only-if", "So the one eps, whatever s is, does it only if c = k^2. These two "
        "differences of D would be 0 with D: one asks for s = G, the other for s = K; and "
        "where c is more or less than k^2, they are not both 0.",
        (slopes[0], eps**2*K*(G - factor)), (slopes[1], eps**2*G*(factor - K)),
        *((((G - factor)**2 + (factor - K)**2).subs(c, other), ">", 0)
          for other in (k**2*(1 + d), k**2/(1 + d))),
        premises=(distance,))]


def first_step(f: Formula) -> Claim:
    """How long the first step can be."""
    first = theta - f.first_step["theta"]
    return claim("first-step", "In the first step eps stands in for the past steps: it "
                 "never is longer than sqrt(eps/(1 - rho)), whatever the gradient is.",
                 (first, sp.sqrt(eps)*g/sp.sqrt((1 - rho)*g**2 + eps)),
                 (sp.Abs(first), "<=", sp.sqrt(eps)/sp.sqrt(1 - rho)))
