"""Adam's bound lr R_t is attained, so no smaller one is true: also not the paper's.

Gradients that grow by beta2/beta1 attain it at every t. If beta1^2 >= beta2 they make
steps of any length. The two cases of the paper's Section 2.1 are refuted exactly.
"""
import sympy as sp

from optim.derivations.per_rule.adam_bound import (
    K, R2, beta1, beta2, bound, c, closed, gap, ignores_scale, own, plain, q, squared,
    zero)
from optim.derivations.relations import g, longest_step, m, theta, v
from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.papers import eps, lr, t
from optim.domains import declare

m_new, v_new = declare("m_new", "real"), declare("v_new", "> 0")


def adam(f: Formula) -> list[Step]:
    scale, bounded, grown, last = ignores_scale(f, 2), bound(f), grows(f), one_alone(f)
    attained = by_theorem(
        "So without eps the bound is attained at every t: by the gradients (beta1/beta2)^"
        "(t-i), or if beta1 = 0 by one gradient after zeros.",
        r"\varepsilon = 0,\; \beta_1^2 < \beta_2:\quad \max_{g_1, \ldots, g_t}"
        r" |\theta_{t+1} - \theta_t| = \eta R_t",
        "induction on t from m_0 = v_0 = S_0 = 0, where c = (beta1/beta2)^t at the last t",
        grown, last, bounded[-1])
    near = with_eps()
    supremum = by_theorem(
        "So with eps > 0 every step is shorter than lr R_t, but large gradients come as "
        "near to it as one likes.", r"\varepsilon > 0,\; \beta_1^2 < \beta_2:\quad"
        r" \sup_{g_1, \ldots, g_t} |\theta_{t+1} - \theta_t| = \eta R_t",
        "eps/c tends to 0 as c grows", scale, near, attained, bounded[-1])
    return [scale, *bounded, grown, last, attained, near, supremum, *no_bound(grown),
            *at_the_defaults(supremum), *of_the_paper(f)]


def grows(f: Formula) -> Step:
    """Gradients c (beta2/beta1)^i, for every beta1 > 0: q may be below 1 or not."""
    S, b1 = declare("S", ">= 0"), declare("beta1", "(0, 1)")       # S: of the step before
    ratio, grown = beta2/b1, q.xreplace({beta1: b1})*S + 1
    here = {m: c*(1 - b1)*ratio**(t - 1)*S, g: c*ratio**t,
            v: c**2*(1 - beta2)*ratio**(2*(t - 1))*S}
    new = {n: e.xreplace({beta1: b1}).subs(here, simultaneous=True)
           for n, e in own(f).items()}
    step = theta - new["theta"].subs(eps, 0)
    return all_of(
        "Under the gradients c (beta2/beta1)^i (beta1 > 0) m and v keep this form, from "
        "their start on, and without eps the step has this length.",
        [(f.init["m"], zero), (f.init["v"], zero),
         (new["m"], c*(1 - b1)*ratio**t*grown),
         (new["v"], c**2*(1 - beta2)*ratio**(2*t)*grown),
         (step**2, lr**2*squared(beta1**t, beta2**t, grown).xreplace({beta1: b1}))],
        formula=r"g_i = c\left(\frac{\beta_2}{\beta_1}\right)^i:\; m_t = (1-\beta_1) g_t"
                r" S_t,\; v_t = (1-\beta_2) g_t^2 S_t,\; S_t = q S_{t-1} + 1,\;"
                r" |\theta_{t+1} - \theta_t|^2 = \eta^2\,"
                r"\frac{1-\beta_2^t}{(1-\beta_1^t)^2} K S_t")


def one_alone(f: Formula) -> Step:
    new = {n: e.subs(beta1, 0) for n, e in own(f).items()}
    step = theta - new["theta"].subs({m: 0, v: 0, g: c, eps: 0})
    return all_of("If beta1 = 0, zeros leave m and v at 0, and a gradient after them makes "
                  "without eps a step of this length: that is lr R_t, for q = 0.",
                  [*((new[n].subs({m: 0, v: 0, g: 0}), zero) for n in ("m", "v")),
                   (step**2, lr**2*R2.subs(beta1, 0))],
                  formula=r"\beta_1 = 0:\quad |\theta_{t+1} - \theta_t|^2"
                          r" = \eta^2\,\frac{1-\beta_2^t}{1-\beta_2}")


def with_eps() -> Step:
    return checked(
        "With eps, gradients times c make a step that is shorter by a share of at most "
        "eps/(c sqrt(v_hat)).", sp.Abs(plain(c*m_new, c**2*v_new, eps)),
        sp.Abs(plain(m_new, v_new, zero))*(1 - eps/(c*sp.sqrt(v_new/(1 - beta2**t)))), ">=",
        formula=r"\frac{c\,|\hat{m}_t|}{c\sqrt{\hat{v}_t} + \varepsilon} \ge"
                r" \frac{|\hat{m}_t|}{\sqrt{\hat{v}_t}}\left(1 - \frac{\varepsilon}"
                r"{c\sqrt{\hat{v}_t}}\right)")


def no_bound(grown: Step) -> list[Step]:
    more = declare("more", ">= 0")                           # q = 1 + gap, S = t + more
    length = all_of("If q >= 1, then S_t >= t, for S_1 = 1 and so on; so the length of "
                    "those steps is at least (1 - beta1) sqrt(t) lr.",
                    [((1 + gap)*(t + more) + 1, t + 1, ">="),
                     (squared(beta1**t, beta2**t, t + more), (1 - beta1)**2*t, ">=")],
                    formula=r"q \ge 1 \;\Rightarrow\; S_t \ge t,\quad"
                            r" \frac{1-\beta_2^t}{(1-\beta_1^t)^2} K S_t"
                            r" \ge (1-\beta_1)^2\, t")
    return [length, by_theorem(
        "So if beta1^2 >= beta2 > 0, the steps without eps have no bound.",
        r"\varepsilon = 0,\; \beta_1^2 \ge \beta_2 > 0:\quad \sup_{t,\, g_1, \ldots, g_t}"
        r" |\theta_{t+1} - \theta_t| = \infty",
        "induction on t from S_0 = 0 and from S_1 = 1; sqrt(t) grows without bound",
        grown, length)]


def at_the_defaults(supremum: Step) -> list[Step]:
    usual = {beta1: sp.Rational(9, 10), beta2: sp.Rational(999, 1000)}
    limit = squared(zero, zero, closed(q, zero))
    p, r = declare("p", "(0, 1)"), declare("r", "[0, 1)")
    small = {beta1: r*p, beta2: p**2}                        # any with q = r^2 below 1
    below = checked("If q < 1, then R_t is never above its limit.",
                    R2.subs(small), limit.subs(small), "<=",
                    formula=r"q < 1:\quad R_t^2 \le R_{\infty}^2 = \frac{(1-\beta_1)^2}"
                            r"{(1-\beta_2)(1-q)}")
    root = sp.sqrt(limit.subs(usual))
    value = all_of("At the defaults (0.9, 0.999) this limit is sqrt(370/7).",
                   [(root, sp.sqrt(sp.Rational(370, 7))), (root, sp.Rational("7.27"), ">"),
                    (root, sp.Rational("7.271"), "<")],
                   formula=r"7.27 < R_{\infty} = \sqrt{370/7} < 7.271")
    return [below, value, by_theorem(
        "So at the defaults no step is longer than 7.271 lr, and some are longer than 7.27 "
        "lr.",
        r"7.27\,\eta < \sup_{t,\, g_1, \ldots, g_t} |\theta_{t+1} - \theta_t|"
        r" = \eta R_{\infty} < 7.271\,\eta",
        "beta1^t, beta2^t and q^t tend to 0 as t grows", supremum, below, value)]


def of_the_paper(f: Formula) -> list[Step]:
    """Both cases of its bound, each where it claims to hold."""
    usual = {beta1: sp.Rational(9, 10), beta2: sp.Rational(999, 1000), t: sp.Integer(210)}
    claim = longest_step(f, {"beta1": "9/10", "beta2": "99/100"}, ("10/11", "1"), "")
    return [
        at_point("Not so: no step is longer than 3.16 lr at the defaults (the first case "
                 "of the paper's Section 2.1). At t = 210 R_t is already above that.",
                 R2, K, usual,
                 r"R_{210} \le \frac{1-\beta_1}{\sqrt{1-\beta_2}} = \sqrt{10}", "<="),
        checked("At beta1 = 9/10, beta2 = 99/100 the gradients 10/11 and 1 make, without "
                "eps, a second step whose square is 3980/3971 lr^2.",
                claim.left, sp.Rational(3980, 3971),
                formula=r"\beta = (\tfrac{9}{10}, \tfrac{99}{100}),\; g = (\tfrac{10}{11},"
                        r" 1):\quad |\theta_3 - \theta_2|^2"
                        r" = \tfrac{3980}{3971}\,\eta^2"),
        at_point("Not so: no step is longer than lr where 1 - beta1 <= sqrt(1 - beta2) "
                 "(the paper's other case). That second step is.",
                 claim.left, claim.right, claim.point or {},
                 r"1-\beta_1 \le \sqrt{1-\beta_2}:\quad |\theta_3 - \theta_2| \le \eta",
                 "<=")]
