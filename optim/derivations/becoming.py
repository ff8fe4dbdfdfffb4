"""One rule run as another: what has to hold so that the first is the second.

The letters of the source get new values, `put`; those of the target may too, `of`. What the
target remembers, `kept`, is made of what the source remembers: at the start, and then step
by step. All sides are made of what the two rules say themselves, so that a change of either
one is seen.
"""
from typing import Any

import sympy as sp

from optim.derivations.rule_letters import beta2, eps, g, m, mu, new, rule, t, theta, v

Letters = dict[str, Any]                            # a letter of a rule -> an expression
Goals = list[tuple]                                 # (left, right) or with the sign between
NONE: Letters = {}
half = mu/2                                         # Nadam's momentum, where psi = 0


def becomes(source: str, target: str, values: Letters, kept: Letters = NONE,
            of: Letters = NONE) -> Goals:
    """The two steps are one, and so are the states, at the start and ever after."""
    return [(new(source, **values), new(target, **kept, **of)),
            *remembers(source, target, values, kept, of)]


def nears(source: str, target: str, moment: sp.Expr, values: Letters, kept: Letters = NONE,
          of: Letters = NONE) -> Goals:
    """The two steps differ by sqrt(moment)/eps of the target's at most; no eps in these."""
    step = theta - new(target, **kept, **of)
    return [(sp.Abs(theta - new(source, **values) - step), "<=",
             sp.Abs(step)*sp.sqrt(moment)/eps),
            (sp.diff(step, eps)**2 + sp.diff(moment, eps)**2, 0),
            *remembers(source, target, values, kept, of)]


def remembers(source: str, target: str, values: Letters, kept: Letters, of: Letters = NONE
              ) -> Goals:
    """The target's states are `kept`, by induction.

    kept[state] is made of the source's old states and t, the number of the step.
    """
    f = rule(source)
    first = {f.symbols[n]: e for n, e in f.init.items()} | {t: sp.Integer(1)}
    after = {f.symbols[n]: new(source, n, **values) for n in f.init} | {t: t + 1}
    return [goal for n, e in kept.items() for goal in (
        (e.subs(first, simultaneous=True), rule(target).init[n]),
        (e.subs(after, simultaneous=True), new(target, n, **kept, **of)))]


def nadam_to_adam() -> Goals:
    """Adam's mean has a part of m and a part of g; Nadam takes m's of the next step."""
    values = {"psi": 0, "mu_product": half**(t - 1)}
    root = sp.sqrt(new("adam", "v")/(1 - beta2**t)) + eps
    mean = (theta - new("adam", beta1=half))*root                            # lr m_hat
    of_m, of_g = mean.subs(g, 0), mean.subs(m, 0)
    ahead = of_m.subs({m: new("adam", "m", beta1=half), t: t + 1}, simultaneous=True)
    return [(new("adam", beta1=half), theta - (of_m + of_g)/root),
            (new("nadam", **values), theta - (ahead + of_g)/root),
            (half**0, rule("nadam").init["mu_product"]),
            (new("nadam", "mu_product", **values), half**t),
            *remembers("nadam", "adam", values, {"m": m, "v": v}, {"beta1": half})]
