"""Three gradients under which Adam goes to the worst point, and AMSGrad to the best one.

The example is of Reddi, Kale & Kumar 2018: slopes C, -1, -1 over and over, C > 2, so the
mean slope is positive and x = -1 is best in [-1, 1]; x is put back into it after each step.
beta1 = 0, beta2 = 1/(1 + C^2), lr = alpha/sqrt(t), no bias correction, no eps. Written with
C = 2 + c and b = beta2. At the end both rules are walked.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.rule_letters import (
    ONE, ZERO, beta1, beta2, eps, g, gap, lr, new, part, rule, share, substitute, t, theta,
    v)
from optim.derivations.walks import walked
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

c, k = declare("c", "> 0"), declare("k", "1, 2, ...")
C = 2 + c
b = 1/(1 + C**2)
x, d, a1, a2 = declare("x", "real"), *(declare(n, ">= 0") for n in ("d", "a_1", "a_2"))
later = k + 3                                       # a step after the first cycle
two_ups = 1/sp.sqrt(2*(later + 1)) + 1/sp.sqrt(2*(later + 2))
cycle = sp.Min(1, sp.Min(1, sp.Max(-1, x - d) + a1) + a2)        # down d, up a1, up a2


def example(f: Formula) -> list[Claim]:
    """The whole example: Adam, AMSGrad, and both walked."""
    return [*adam_fails(), *amsgrad_does_not(f), *runs(f)]


def uncorrected(f: Formula) -> Formula:
    """The rule without the correction of its bias: beta1^t and beta2^t count as 0."""
    none = {beta1**t: ZERO, beta2**t: ZERO}
    return replace(f, update={n: e.xreplace(none) for n, e in f.update.items()})


def adam() -> Formula:
    """Adam as it is in the example, beta2 still free."""
    f = uncorrected(rule("adam"))
    return replace(f, update={n: e.subs({beta1: 0, eps: 0}) for n, e in f.update.items()})


def after(f: Formula, part: str, slope, **old) -> sp.Expr:
    """What the rule makes of one of its letters after a slope, at beta2 = b."""
    return substitute(f, f.update[part], g=slope, beta2=b, **old)


def adam_fails() -> list[Claim]:
    """The claims that lead to the worst point."""
    f, plain = adam(), uncorrected(rule("adam"))
    old = C**2*share                                         # any v from 0 to C^2

    def moved(v, slope):
        return after(f, "theta", slope, v=v) - theta

    second = after(f, "v", C, v=old)
    third = after(f, "v", -ONE, v=second)
    moves = [
        claim("example", "Let the slopes be C, -1, -1 over and over, C > 2, and x be put "
              "back into [-1, 1] after each step: so -1 is the best point. lr is "
              "alpha/sqrt(t), eps = 0, beta1 = 0, beta2 = b = 1/(1 + C^2). Adam without "
              "its bias correction is then RMSprop.",
              (plain.update["theta"].subs(beta1, 0), new("rmsprop", rho=beta2)),
              (plain.update["v"], new("rmsprop", "v", rho=beta2))),
        claim("v-bounded", "By induction v never is above C^2, the largest squared slope.",
              (f.init["v"], ZERO),
              *((after(f, "v", slope, v=old), "<=", C**2) for slope in (C, -ONE))),
        claim("down", "The slope C moves x down by lr/sqrt(1 - b) or less.",
              (-moved(old, C), "<=", lr/sp.sqrt(1 - b))),
        claim("ups", "v forgets C at once: each slope -1 then moves x up by lr/sqrt(2 (1 - "
              "b)) or more, with its own lr.",
              *((moved(v, -ONE), ">=", lr/sp.sqrt(2*(1 - b))) for v in (second, third))),
        claim("later-cycles", "From the second cycle on (t >= 4) the two ups outweigh the "
              "down,", (two_ups, ">=", 2/sp.sqrt(2*(later + 2))),
              (2/sp.sqrt(2*(later + 2)), ">=", 1/sp.sqrt(later))),
        first_cycle(f)]
    back = claim(
        "back-at-worst", "So Adam, started at +1, the worst point, is back there after "
        "every cycle: by induction, for from +1 a down that is at most the two ups ends at "
        "+1.", (cycle.subs({x: ONE, d: share*(a1 + a2)}, simultaneous=True), ONE),
        premises=tuple(moves))
    gained = [
        claim("gain", "Wherever a cycle starts, it ends at +1 or gains at least its two "
              "ups less its down.", (cycle, ">=", sp.Min(1, x - d + a1 + a2))),
        claim("gain-size", "From the second cycle on this gain is at least a tenth of "
              "lr/sqrt(1 - b).",
              (two_ups - 1/sp.sqrt(later), ">=", 1/(10*sp.sqrt(later))))]
    return [*moves, back, *gained, by_theorem(
        "ends-at-worst", "So from any start Adam ends at +1, the worst point.",
        "the sum of 1/sqrt(t) over the cycles is infinite, so one of them ends at +1, and "
        "then every later one; the downs in between tend to 0", back, *gained)]


def first_cycle(f: Formula) -> Claim:
    """The cycle in which v starts at 0."""
    B, rest = declare("b", "(0, 1)"), declare("x", "> 0")
    v_2 = after(f, "v", -ONE, v=after(f, "v", C, v=ZERO))
    ups = 1/sp.sqrt(2*(2 - B)) + 1/sp.sqrt(3*(1 + 2*B - B**2))
    return claim("first-cycle", "and in the first cycle, where v starts at 0, they do so "
                 "too (b is below 1/5).",
                 (v_2, (1 - b)*(2 - b)),
                 (after(f, "v", -ONE, v=v_2), (1 - b)*(1 + 2*b - b**2)),
                 (b, "<", sp.Rational(1, 5)), (ups.subs(B, 1/(5 + rest)), ">", ONE))


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
