"""How long a step of AdaMax can be, over every sequence of gradients, for beta1 < beta2.

By induction |m| <= A_t v for the rule's own m and v; gradients that shrink as fast as v
forgets attain it. The paper's bound lr is false. Here beta1 = r beta2, r in [0, 1).
"""
import sympy as sp

from optim.derivations.per_rule.adam_bound import (
    beta2, gap, ignores_scale, own, share, zero)
from optim.derivations.relations import g, longest_step, m, theta, v
from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.papers import beta1, eps, lr, t
from optim.domains import declare

A, r = declare("A", ">= 0"), declare("r", "[0, 1)")
v_new, above_0 = declare("v_new", ">= 0"), declare("v_new", "> 0")
keep = r*beta2                                               # beta1


def plain(m_new, v_new, eps):
    """AdaMax's step in its new m and v."""
    return lr*m_new/(1 - keep**t)/(v_new + eps)


def constant(r_t):
    """A_t, of r^t."""
    return (1 - keep)*(1 - r_t)/(1 - r)


def adamax(f: Formula) -> list[Step]:
    new = {n: e.subs(beta1, keep) for n, e in own(f).items()}
    scale, bounded = ignores_scale(f, 1), bound(f, new)
    attained, near = shrinking(f, new), with_eps()
    claim = longest_step(f, {"beta1": "1/2", "beta2": "3/4"}, ("1", "3/4"), "")
    return [scale, *bounded, attained, near, by_theorem(
        "So if beta1 < beta2, this is the supremum of AdaMax's steps over all t and all "
        "gradients, with eps or without.",
        r"\beta_1 < \beta_2:\quad \sup_{t,\, g_1, \ldots, g_t} |\theta_{t+1} - \theta_t|"
        r" = \eta\,\frac{1-\beta_1}{1-\beta_1/\beta_2}",
        "induction on t from t = 1 for the gradients beta2^i; r^t and beta1^t tend to 0 as "
        "t grows, eps/c as c grows", scale, *bounded, attained, near),
        checked("At beta1 = 1/2, beta2 = 3/4 the gradients 1 and 3/4 make, without eps, a "
                "second step of 10/9 lr.", claim.left, sp.Rational(10, 9)**2,
                formula=r"\beta = (\tfrac{1}{2}, \tfrac{3}{4}),\; g = (1, \tfrac{3}{4}):"
                        r"\quad |\theta_3 - \theta_2| = \tfrac{10}{9}\,\eta"),
        at_point("Not so: no step of AdaMax is longer than lr (the paper's Section 7.1). "
                 "That second step is.",
                 claim.left, claim.right, claim.point or {},
                 r"|\theta_3 - \theta_2| \le \eta", "<=")]


def bound(f: Formula, new: dict[str, sp.Expr]) -> list[Step]:
    """The steps that end in |theta_{t+1} - theta_t| <= lr A_t/(1 - beta1^t)."""
    first = f.first_step
    start = checked("At the first step |m| is 1 - beta1 times v.", sp.Abs(first["m"]),
                    (1 - beta1)*first["v"], formula=r"|m_1| = (1-\beta_1)\, v_1")
    part = declare("part", "[0, 1]")
    old = {m: A*v*(2*share - 1)}                             # any m with |m| <= A v
    cases = [beta2*v*(2*part - 1), beta2*v + gap, -(beta2*v + gap)]            # of g
    sides = sp.Abs(new["m"]).subs(old), (r*A + 1 - keep)*new["v"]
    kept = all_of("Let r = beta1/beta2. If |m| <= A v before a step, then |m| <= (r A + 1 "
                  "- beta1) v after it: where |g| <= beta2 v, and where |g| >= beta2 v.",
                  [(*(side.subs(g, case) for side in sides), "<=") for case in cases],
                  formula=r"|m_{t-1}| \le A\, v_{t-1} \;\Rightarrow\;"
                          r" |m_t| \le (r A + 1 - \beta_1)\, v_t,\quad"
                          r" r = \frac{\beta_1}{\beta_2}")
    constants = all_of("From 1 - beta1 at t = 1 on, these constants are A_t if r < 1.",
                       [(constant(r**t).subs(t, 1), 1 - keep),
                        (r*constant(r**t) + 1 - keep, constant(r**(t + 1)))],
                       formula=r"r < 1:\quad A_t = (1-\beta_1)\sum_{k=0}^{t-1} r^k"
                               r" = (1-\beta_1)\frac{1-r^t}{1-r}")
    steps = [start, kept, constants, in_the_rule(new), checked(
        "With A_t for A this is never above its limit, since beta1 <= r.",
        constant(r**t)/(1 - keep**t), constant(zero), "<=",
        formula=r"r < 1:\quad \frac{A_t}{1-\beta_1^t} \le \frac{1-\beta_1}{1-r}")]
    return [*steps, by_theorem(
        "So if beta1 < beta2, no step is longer than this: for every t = 1, 2, ... and "
        "every sequence of gradients.", r"\beta_1 < \beta_2:\quad |\theta_{t+1} - \theta_t|"
        r" \le \eta\,\frac{A_t}{1-\beta_1^t} \le \eta\,\frac{1-\beta_1}{1-\beta_1/\beta_2}",
        "induction on t from t = 1: |m_t| <= A_t v_t", *steps)]


def in_the_rule(new: dict[str, sp.Expr]) -> Step:
    """What |m| <= A v means for the step of the rule."""
    size = lr*A/(1 - keep**t)

    def longest(v_new, eps):                                 # of any m with |m| <= A v
        return sp.Abs(plain(A*v_new*(2*share - 1), v_new, eps))

    return all_of("With |m| <= A v the rule's step is not longer than this; nor without "
                  "eps, where v > 0.",
                  [(theta - new["theta"], plain(new["m"], new["v"], eps)),
                   (longest(v_new, eps), size, "<="), (longest(above_0, zero), size, "<=")],
                  formula=r"|m_t| \le A\, v_t \;\Rightarrow\; |\theta_{t+1} - \theta_t|"
                          r" = \frac{\eta\,|\hat{m}_t|}{v_t + \varepsilon}"
                          r" \le \frac{\eta A}{1-\beta_1^t}")


def shrinking(f: Formula, new: dict[str, sp.Expr]) -> Step:
    """Gradients beta2^i, under which the bound is attained at every t."""
    here = {m: beta2**(t - 1)*constant(r**(t - 1)), v: beta2**(t - 1), g: beta2**t}
    after = {n: e.subs(here, simultaneous=True) for n, e in new.items()}
    one_step = {n: e.xreplace({f.symbols["beta2"]: beta2}).subs({beta1: keep, g: beta2})
                for n, e in f.first_step.items()}
    return all_of(
        "Under the gradients beta2^i v is the newest one and m is A_t times v, at t = 1 "
        "and ever after, and without eps the step is as long as the bound at t.",
        [(one_step["v"], beta2), (one_step["m"], beta2*constant(r)),
         (after["m"], beta2**t*constant(r**t)), (after["v"], beta2**t),
         (theta - after["theta"].subs(eps, 0), lr*constant(r**t)/(1 - keep**t))],
        formula=r"g_i = \beta_2^i:\quad v_t = \beta_2^t,\; m_t = A_t v_t,\;"
                r" \theta_t - \theta_{t+1} = \eta\,\frac{A_t}{1-\beta_1^t}")


def with_eps() -> Step:
    m_new, c = declare("m_new", "real"), declare("c", "> 0")
    return checked("With eps, gradients times c make a step that is shorter by a share of "
                   "at most eps/(c v).", sp.Abs(plain(c*m_new, c*above_0, eps)),
                   sp.Abs(plain(m_new, above_0, zero))*(1 - eps/(c*above_0)), ">=",
                   formula=r"\frac{c\,|\hat{m}_t|}{c\,v_t + \varepsilon} \ge"
                           r" \frac{|\hat{m}_t|}{v_t}\left(1 - \frac{\varepsilon}{c\,v_t}"
                           r"\right)")
