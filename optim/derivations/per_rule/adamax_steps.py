"""How long a step of AdaMax can be, over every sequence of gradients, for beta1 < beta2.

By induction |m| <= A_t v for the rule's own m and v; gradients that shrink as fast as v
forgets attain it. The paper's bound lr is false. Here beta1 = r beta2, r in [0, 1).
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import invariant
from optim.derivations.rule_letters import (
    ZERO, beta1, eps, g, gap, lr, m, part, share, substitute, t, theta, v)
from optim.derivations.per_rule.adam_bound import (
    above_0, beta2, ignores_scale, longer_than_lr, near, own, point, second_step, within)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

A, r = declare("A", ">= 0"), declare("r", "[0, 1)")
keep = r*beta2                                               # beta1


def plain(m_new, v_new, eps):
    """AdaMax's step in its new m and v."""
    return lr*m_new/(1 - keep**t)/(v_new + eps)


def constant(r_t):
    """A_t, of r^t."""
    return (1 - keep)*(1 - r_t)/(1 - r)


def adamax(f: Formula) -> list[Claim]:
    """The claims about the size of AdaMax's steps."""
    new = {n: e.subs(beta1, keep) for n, e in own(f).items()}
    scale, bounded = ignores_scale(f, 1), bound(f, new)
    attained, with_eps = shrinking(f, new), near(plain, 1, above_0, "v")
    second = ("1/2", "3/4", "1", "3/4")
    return [scale, *bounded, attained, with_eps, by_theorem(
        "supremum", "So if beta1 < beta2, this is the supremum of AdaMax's steps over all "
        "t and all gradients, with eps or without.",
        "r^t and beta1^t tend to 0 as t grows, eps/c as c grows",
        scale, *bounded, attained, with_eps,
        caption=r"\beta_1 < \beta_2:\quad \sup_{t,\, g_1, \ldots, g_t} |\theta_{t+1} -"
                r" \theta_t| = \eta\,\frac{1-\beta_1}{1-\beta_1/\beta_2}"),
        claim("second-step", "At beta1 = 1/2, beta2 = 3/4 the gradients 1 and 3/4 make, "
              "without eps, a second step of 10/9 lr.",
              (second_step(f).subs(point(f, second)), sp.Rational(10, 9)**2)),
        longer_than_lr(f, second, id="papers-bound", sentence="Not so: without eps no step "
                       "of AdaMax is longer than lr (the paper's Section 7.1). That second "
                       "step is.")]


def bound(f: Formula, new: dict[str, sp.Expr]) -> list[Claim]:
    """The claims that end in |theta_{t+1} - theta_t| <= lr A_t/(1 - beta1^t)."""
    old = {m: A*v*(2*share - 1)}                             # any m with |m| <= A v
    cases = [beta2*v*(2*part - 1), beta2*v + gap, -(beta2*v + gap)]            # of g
    sides = sp.Abs(new["m"]).subs(old), (r*A + 1 - keep)*new["v"]
    size = lr*A/(1 - keep**t)
    moments = claim(
        "moments", "Let r = beta1/beta2 be below 1. By induction |m_t| <= A_t v_t for "
        "every t and all gradients: with 1 - beta1 at t = 1, and if |m| <= A v before a "
        "step, then |m| <= (r A + 1 - beta1) v after it, where |g| <= beta2 v and where "
        "|g| >= beta2 v. So A_t is (1 - beta1)(1 - r^t)/(1 - r).",
        (sp.Abs(f.first_step["m"]), (1 - beta1)*f.first_step["v"]),
        *((sides[0].subs(g, case), "<=", sides[1].subs(g, case)) for case in cases),
        (constant(r**t).subs(t, 1), 1 - keep),
        (r*constant(r**t) + 1 - keep, constant(r**(t + 1))))
    return [moments, claim(
        "bound", "So if beta1 < beta2, no step is longer than lr A_t/(1 - beta1^t), for "
        "every t = 1, 2, ... and every sequence of gradients, and that is never above its "
        "limit. The rule's step is of this form in its new m and v; with |m| <= A v it is "
        "not longer than this; nor without eps, where v > 0.",
        *within(new, plain, lambda v: A*v, "<=", size),
        (constant(r**t)/(1 - keep**t), "<=", constant(ZERO)), premises=(moments,))]


def shrinking(f: Formula, new: dict[str, sp.Expr]) -> Claim:
    """Gradients beta2^i, under which the bound is attained at every t."""
    mine = replace(f, update=new)
    forms = {"m": beta2**t*constant(r**t), "v": beta2**t}
    before = {n: e.subs(t, t - 1) for n, e in forms.items()}
    return claim(
        "shrinking", "Under the gradients beta2^i v is the newest one and m is A_t times "
        "v, at t = 1 and ever after, and without eps the step is as long as the bound.",
        *invariant(mine, forms, {"g": beta2**t}, first=1),
        (theta - substitute(mine, new["theta"], g=beta2**t, **before).subs(eps, 0),
         lr*constant(r**t)/(1 - keep**t)))
