"""AMSGrad's effective step size never grows, at constant lr; Adam's does.

The effective step size is what the rule multiplies m by, read off its own formula. With the
largest v it still grows if the bias is taken out of that largest one, and no longer if it
is taken out first.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.per_rule.accumulators import size
from optim.derivations.rule_letters import (
    beta1, beta2, eps, g, lr, rule, t, theta, v, v_max)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

w, inside = declare("w", "> 0"), declare("beta2", "(0, 1)")


def step_sizes(f: Formula) -> list[Claim]:
    """The claims about AMSGrad's effective step size, and Adam's."""
    return [
        claim("step-size", "Its effective step size, what m is multiplied by, never grows "
              "while lr is constant.",
              (theta - f.update["theta"], size(f.update["v_max"])*f.update["m"]),
              (size(f.update["v_max"]), "<=", size(v_max))),
        *of_adam()]


def of_adam() -> list[Claim]:
    """Adam's effective step size, and what it would be with the largest v."""
    adam = rule("adam")
    v_1 = adam.first_step["v"].subs(g, 1)                    # under the gradients 1 and 0
    v_2 = adam.update["v"].subs({v: v_1, g: 0}, simultaneous=True)
    first, second = size(v_1/(1 - beta2)), size(v_2/(1 - beta2**2))
    largest = size(sp.Max(v_1, v_2)/(1 - beta2**2))
    at = {beta2: sp.Rational(1, 2), lr: sp.Integer(1), eps: sp.Integer(1)}
    return [
        claim("of-adam", "Adam's is made of v with its bias taken out.",
              (theta - adam.update["theta"],
               size(adam.update["v"]/(1 - beta2**t))*adam.update["m"]/(1 - beta1**t))),
        claim("adam-falls", "Not so: Adam's does not grow either (gradients 1 and 0).",
              (second, "<=", first), at=at),
        claim("largest-falls", "Not so: with the largest v, its bias taken out afterwards, "
              "Adam's does not grow (gradients 1 and 0).", (largest, "<=", first), at=at),
        claim("both-grow", "Under these gradients both grow, for every beta2 > 0.",
              *((x.xreplace({beta2: inside}), ">", first.xreplace({beta2: inside}))
                for x in (second, largest))),
        claim("grows-while-largest", "For while the largest v, w > 0, stays as it is, the "
              "step size made of it grows.",
              (size(w/(1 - inside**(t + 1))), ">", size(w/(1 - inside**t)))),
        claim("corrected-first", "With the bias of each v taken out first, the size made "
              "of the largest of them never grows.",
              (size(sp.Max(v_max, adam.update["v"]/(1 - beta2**t))), "<=", size(v_max)))]
