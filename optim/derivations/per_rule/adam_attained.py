"""Adam's bound lr R_t is attained, so no smaller one is true: also not the paper's.

Gradients that grow by beta2/beta1 attain it at every t. If beta1^2 >= beta2 they make
steps of any length. The two cases of the paper's Section 2.1 are refuted exactly.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.rule_letters import ZERO, eps, g, gap, lr, m, t, theta, v
from optim.derivations.per_rule.adam_bound import (
    K, R2, above_0, beta1, beta2, bound, c, closed, ignores_scale, longer_than_lr, near,
    own, plain, point, q, second_step, squared)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula


def adam(f: Formula) -> list[Claim]:
    """What is particular to Adam: how long its steps are."""
    scale, bounded, attained = ignores_scale(f, 2), bound(f), attains(f)
    with_eps = near(plain, 2, sp.sqrt(above_0/(1 - beta2**t)), "sqrt(v_hat)")
    supremum = by_theorem(
        "supremum", "So with eps > 0 every step is shorter than lr R_t, but large "
        "gradients come as near to it as one likes.", "eps/c tends to 0 as c grows",
        scale, with_eps, *attained, bounded[-1],
        caption=r"\beta_1^2 < \beta_2:\quad"
                r" \sup_{g_1, \ldots, g_t} |\theta_{t+1} - \theta_t| = \eta R_t")
    return [scale, *bounded, *attained, with_eps, supremum, *no_bound(attained[0]),
            *at_the_defaults(supremum), *of_the_paper(f)]


def attains(f: Formula) -> list[Claim]:
    """Gradients c (beta2/beta1)^i, for every beta1 > 0: q may be below 1 or not."""
    S, b1 = declare("S", ">= 0"), declare("beta1", "(0, 1)")       # S: of the step before
    ratio, grown = beta2/b1, q.xreplace({beta1: b1})*S + 1
    here = {m: c*(1 - b1)*ratio**(t - 1)*S, g: c*ratio**t,
            v: c**2*(1 - beta2)*ratio**(2*(t - 1))*S}
    new = {n: e.xreplace({beta1: b1}).subs(here, simultaneous=True)
           for n, e in own(f).items()}
    alone = {n: e.subs(beta1, 0) for n, e in own(f).items()}
    last = alone["theta"].subs({m: 0, v: 0, g: c, eps: 0})
    S_t = closed(q, q**t)
    return [
        claim("growing", "Under the gradients c (beta2/beta1)^i (beta1 > 0) m and v keep "
              "this form, from S = 0 at their start on, with q S + 1 for S after a step; "
              "and without eps the step has this length. If q < 1, then S after step t is "
              "(1 - q^t)/(1 - q): so the bound is attained at every t.",
              (f.init["m"], here[m].subs(S, 0)), (f.init["v"], here[v].subs(S, 0)),
              (new["m"], c*(1 - b1)*ratio**t*grown),
              (new["v"], c**2*(1 - beta2)*ratio**(2*t)*grown),
              ((theta - new["theta"].subs(eps, 0))**2,
               lr**2*squared(beta1**t, beta2**t, grown).xreplace({beta1: b1})),
              (S_t.subs(t, 0), 0), (q*S_t + 1, S_t.subs(t, t + 1))),
        claim("alone", "If beta1 = 0, zeros leave m and v at 0, and a gradient after them "
              "makes without eps a step of this length: lr R_t again, for q = 0.",
              *((alone[n].subs({m: 0, v: 0, g: 0}), ZERO) for n in ("m", "v")),
              ((theta - last)**2, lr**2*R2.subs(beta1, 0)))]


def no_bound(growing: Claim) -> list[Claim]:
    """The claims where beta1^2 >= beta2."""
    more = declare("more", ">= 0")                           # q = 1 + gap, S = t + more
    length = claim("at-least-t", "If q >= 1, then S >= t after step t, by induction from S "
                   "= 1 at t = 1; so the length of those steps is at least (1 - beta1) "
                   "sqrt(t) lr.",
                   ((1 + gap)*ZERO + 1, ">=", 1), ((1 + gap)*(t + more) + 1, ">=", t + 1),
                   (squared(beta1**t, beta2**t, t + more), ">=", (1 - beta1)**2*t))
    return [length, by_theorem(
        "no-bound", "So if beta1^2 >= beta2 > 0, the steps without eps have no bound.",
        "sqrt(t) grows without bound", growing, length)]


def at_the_defaults(supremum: Claim) -> list[Claim]:
    """The bound at beta1 = 0.9, beta2 = 0.999."""
    usual = {beta1: sp.Rational(9, 10), beta2: sp.Rational(999, 1000)}
    limit = squared(ZERO, ZERO, closed(q, ZERO))
    p, r = declare("p", "(0, 1)"), declare("r", "[0, 1)")
    small = {beta1: r*p, beta2: p**2}                        # any with q = r^2 below 1
    below = claim("below-limit", "If q < 1, that is beta1 = r p and beta2 = p^2 with r < "
                  "1, then R_t is never above its limit.",
                  (R2.subs(small), "<=", limit.subs(small)))
    root = sp.sqrt(limit.subs(usual))
    value = claim("limit", "At the defaults (0.9, 0.999) this limit is sqrt(370/7).",
                  (root, sp.sqrt(sp.Rational(370, 7))), (root, ">", sp.Rational("7.27")),
                  (root, "<", sp.Rational("7.271")))
    return [below, value, by_theorem(
        "at-defaults", "So at the defaults no step is longer than 7.271 lr, and some are "
        "longer than 7.27 lr.", "beta1^t, beta2^t and q^t tend to 0 as t grows",
        supremum, below, value)]


def of_the_paper(f: Formula) -> list[Claim]:
    """Both cases of its bound, each where it claims to hold."""
    usual = {beta1: sp.Rational(9, 10), beta2: sp.Rational(999, 1000), t: sp.Integer(210)}
    second = ("9/10", "99/100", "10/11", "1")
    return [
        claim("first-case", "Not so: no step is longer than 3.16 lr at the defaults (the "
              "first case of the paper's Section 2.1). At t = 210 R_t is already above "
              "that.", (R2, "<=", K), at=usual),
        claim("second-step", "At beta1 = 9/10, beta2 = 99/100 the gradients 10/11 and 1 "
              "make, without eps, a second step whose square is 3980/3971 lr^2.",
              (second_step(f).subs(point(f, second)), sp.Rational(3980, 3971))),
        longer_than_lr(f, second, id="second-case", sentence="Not so: without eps no step "
                       "is longer than lr where 1 - beta1 <= sqrt(1 - beta2) (the paper's "
                       "other case). That second step is.")]
