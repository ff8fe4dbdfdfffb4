"""How far a moment is from the mean that it estimates, for gradients that do not drift.

E is linear, so E of a sum of weight*g_i is (sum of the weights)*E[g] when every g_i has the
same mean. The sum of the weights is found by the same induction as the closed form.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import factor, in_ours, newest
from optim.derivations.rule_letters import ONE, beta2, eps, g, lr, m, t, theta
from optim.derivations.memory import summed, weight_of
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.notation.marks import Mark
from optim.papers import History, Statement, in_letters


def bias(f: Formula, statement: Statement) -> list[Claim]:
    """The claims about the mean of each moment that is a sum over the gradients."""
    sums = {name: weight_of(statement.moments[name]) for name in ("m", "v")
            if name in statement.moments}
    found = [of_moment(f, statement, name, *weighed) for name, weighed in sums.items()
             if weighed]
    if not found:
        return []
    mean = by_theorem("mean", "So for gradients that do not drift the mean of a moment is "
                      "the sum of its weights times the mean of what it sums up.",
                      "the mean of a sum is the sum of the means",
                      *(each for claims, _ in found for each in claims[:2]),
                      caption=r",\quad ".join(caption for _, caption in found))
    return [*(each for claims, _ in found for each in claims), mean,
            *(look_ahead(f) if f.name == "nadam" else [])]


def of_moment(f: Formula, statement: Statement, name: str, sample: sp.Expr,
              weight: History) -> tuple[list[Claim], str]:
    """The claims about the sum of the weights of one moment, and its mean as a caption."""
    plain = in_ours(weight, statement)
    c = factor(plain)
    first, before, total, printed = summed(f, statement, plain)
    kind, square = ("squared ", "^2") if name == "v" else ("", "")
    return [
        claim(f"{name}-linear", f"{name} is linear in the {kind}gradients: each term is "
              "a weight times one of them.",
              (statement.moments[name].term, weight.term*sample)),
        claim(f"{name}-weights", f"The weights of {name} add up to this: to 0 at the "
              "start, and the recursion takes it from t - 1 to t.",
              (first, 0), (c*before + newest(plain), total)),
        *([] if c.has(t) else use(f, name, total))], (
            rf"\mathrm{{E}}[{name}_t] = \left({in_letters(printed)}\right)"
            rf" \mathrm{{E}}[g{square}]")


def use(f: Formula, name: str, total: sp.Expr) -> list[Claim]:
    """Whether what the rule uses in place of the moment has the right mean."""
    corrected = next((e for e in f.equations if e.kind == "corrected"
                      and isinstance(e.left, Mark) and e.left.name == name), None)
    if corrected is not None and isinstance(corrected.left, Mark):
        letter = replace(corrected.left, hat=False).symbol()
        return [claim(f"{name}-unbiased", f"Divided by that sum, as the rule does it, the "
                      f"weights of {name} add up to 1: no bias.",
                      (corrected.right.xreplace({letter: total}), 1))]
    as_it_is = f.equations[-1].right.has(Mark(name, "t").symbol())      # not by a maximum
    if total.is_Add and as_it_is:                  # 1 - beta**t: it means to be an average
        return [claim(f"{name}-unbiased", f"Not so: {name}, which the rule uses as it is, "
                      "has weights that add up to 1, and so the mean that it estimates.",
                      (total, 1), expected="REFUTED")]
    return []


def look_ahead(f: Formula) -> list[Claim]:
    """Nadam's sum of the next momentum and this gradient has a bias of its own."""
    mu_now, mu_next, p = (declare(n, "[0, 1)") for n in ("mu_t", "mu_next", "P_t"))
    share = mu_next*(1 - p)/(1 - mu_next*p) + (1 - mu_now)/(1 - p)
    schedule = next(e.right for e in f.equations if e.kind == "schedule")
    product = f.symbols["mu_product"]
    here = {mu_now: schedule, mu_next: schedule.subs(t, t + 1), p: schedule*product}
    root = sp.sqrt(f.update["v"]/(1 - beta2**t)) + eps
    m_bar = (theta - f.update["theta"])*root/lr                  # what lr/root multiplies
    of_m, of_g = (m_bar.subs({m: a, g: b}) for a, b in ((1, 0), (0, 1)))
    nine = sp.Rational(9, 10)
    point = {mu_now: nine, mu_next: nine, p: nine}
    return [
        claim("look-ahead-linear", "The sum in which the next momentum meets this gradient "
              "is linear in both.", (m_bar, of_m*m + of_g*g)),
        claim("look-ahead-weights", "As the weights of m add up to 1 - P, those of that "
              "sum add up to f_t. Each summand has a divisor of its own, and a share of "
              "its own in f_t.",
              (of_m*(1 - product) + of_g, share.subs(here)),
              caption=r"f_t = \mu_{t+1}\frac{1-\Pi_t}{1-\Pi_{t+1}}"
                      r" + \frac{1-\mu_t}{1-\Pi_t}"),
        claim("look-ahead-unbiased", "Not so: that sum has no bias (momentum 9/10 "
              "throughout, t = 1).", (share, ONE), at=point),
        claim("look-ahead-bias", "With momentum 9/10 throughout, at t = 1 its weights add "
              "up to 28/19.", (share.subs(point), sp.Rational(28, 19)))]
