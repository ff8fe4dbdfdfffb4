"""The same three gradients under AMSGrad: it goes to the best point. And both are walked.

The example is that of adam_fails: slopes C, -1, -1 over and over, C = 2 + c, x kept in
[-1, 1], beta1 = 0, b = beta2 = 1/(1 + C^2), lr = alpha/sqrt(t), no eps.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.rule_letters import (
    ONE, ZERO, beta1, eps, g, gap, lr, part, rule, share, t, theta, v)
from optim.derivations.per_rule.adam_fails import (
    C, a1, a2, adam_fails, after, b, c, cycle, d, uncorrected, x)
from optim.derivations.walks import walked
from optim.formulas.rule_formulas import Formula


def example(f: Formula) -> list[Claim]:
    """The whole example: Adam, AMSGrad, and both walked."""
    return [*adam_fails(), *amsgrad_does_not(f), *runs(f)]


def amsgrad_does_not(f: Formula) -> list[Claim]:
    """The claims that lead AMSGrad to the best point."""
    premises = [
        claim("divides-by-w", "AMSGrad, with the same beta1, b and eps, divides by the "
              "root of the largest v so far, w.",
              (theta - f.update["theta"].subs({beta1: 0, eps: 0}),
               lr*g/sp.sqrt(f.update["v_max"]))),
        *of_w(f),
        claim("cycle", "After a cycle x is at most its old place less the drift d - a_1 - "
              "a_2, or, if it was clipped at -1, at most -1 plus the two ups.",
              (cycle, "<=", sp.Max(x - (d - a1 - a2), -1 + a1 + a2))),
        claim("drift", "With one and the same w the down outweighs the ups: C > 2. In "
              "units of alpha/sqrt(w):",
              (-C/sp.sqrt(t) + 1/sp.sqrt(t + 1) + 1/sp.sqrt(t + 2), "<=", -c/sp.sqrt(t)))]
    return [*premises, by_theorem(
        "ends-at-best", "So from any start AMSGrad drifts down until it is clipped at -1, "
        "the best point, and ends there.", "induction on the cycles from v_0 = w_0 = 0; "
        "the sum of 1/sqrt(t) over them is infinite, and w <= C^2; the ups tend to 0, for "
        "w > 1", *premises)]


def of_w(f: Formula) -> list[Claim]:
    """The largest v changes only at the slope C, and stays between 1 and C^2."""
    fallen = after(f, "v", -ONE, v=1 + v)
    return [
        claim("w-bounded", "The slope C brings v, and with it w, to (1 - b) C^2 or more, "
              "which is above 1; and no slope brings w above C^2.",
              (f.init["v"], ZERO), (f.init["v_max"], ZERO),
              (after(f, "v", C), ">=", (1 - b)*C**2), ((1 - b)*C**2, ">", ONE),
              (f.update["v_max"], ">=", f.update["v"]),
              *((after(f, "v_max", slope, v=C**2*share, v_max=C**2*part), "<=", C**2)
                for slope in (C, -ONE))),
        claim("w-stays", "Under a slope -1 a v of 1 or more falls, not below 1: so w stays "
              "until the next slope C.",
              (fallen, "<=", 1 + v), (fallen, ">=", ONE),
              (after(f, "v_max", -ONE, v=1 + v, v_max=1 + v + gap), 1 + v + gap))]


def runs(f: Formula) -> list[Claim]:
    """The example with C = 3, alpha = 1/2 from +1, walked with intervals."""
    adam, below = rule("adam"), -sp.Rational(9, 10)
    tenth = {"beta1": "0", "beta2": "1/10", "eps": "0"}
    usual = {"beta1": "9/10", "beta2": "999/1000", "eps": "0"}
    return [
        walked("walk-amsgrad", "Walked in intervals (C = 3, alpha = 1/2, 300 steps from "
               "+1), AMSGrad is below -9/10.", f, tenth, "<=", below),
        walked("walk-adam", "In the same walk Adam (beta1 = 0, no bias correction) is at "
               "+1.", uncorrected(adam), tenth, ">=", ONE),
        walked("walk-defaults", "With (0.9, 0.999) and its bias correction Adam does not "
               "fail in this walk: it is below -9/10.", adam, usual, "<=", below),
        walked("walk-uncorrected", "Nor does it with (0.9, 0.999) and no bias correction.",
               uncorrected(adam), usual, "<=", below)]
