"""How far a moment is from the mean that it estimates, for gradients that do not drift.

E is linear, so E of a sum of weight*g_i is (sum of the weights)*E[g] when every g_i has the
same mean. The sum of the weights is found by the same induction as the closed form.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.induction import factor, in_ours, newest
from optim.derivations.memory import summed
from optim.derivations.steps import Step, at_point, checked
from optim.formulas.rule_formulas import Formula
from optim.notation.marks import Mark
from optim.papers import History, Statement, g, i, in_letters, t
from optim.domains import declare

MEANS = {"m": (g(i), r"\mathrm{E}[g]"), "v": (g(i)**2, r"\mathrm{E}[g^2]")}


def bias(f: Formula, statement: Statement) -> list[Step]:
    """The steps that tell the mean of each moment that is a sum over the gradients."""
    steps = []
    for name, (sample, mean) in MEANS.items():
        if name in statement.moments and statement.moments[name].how == "sum":
            steps += of_moment(f, statement, name, sample, mean)
    return steps + (look_ahead(f) if f.name == "nadam" else [])


def of_moment(f, statement, name, sample, mean):
    printed = statement.moments[name]
    weight = History("sum", (printed.term/sample).subs(sample, 1))
    squared = "squared " if name == "v" else ""
    linear = checked(f"{name} is linear in the {squared}gradients, and E is linear: for "
                     "gradients that do not drift this is its mean.",
                     printed.term, weight.term*sample,
                     formula=rf"\mathrm{{E}}[{name}_t] = {mean}\, "
                             + in_letters(weight.closed()))
    plain = in_ours(weight, statement)
    c, w = factor(plain), newest(plain)
    first, before, total, written = summed(f, statement, plain)
    steps = [
        linear,
        checked("At t = 0 there is no weight, and the sum is 0.", first, sp.Integer(0),
                formula=rf"\left[{in_letters(written)}\right]_{{t=0}} = 0"),
        checked(f"The weights of {name} sum up to this: the recursion takes it from t - 1 "
                "to t.", c*before + w, total,
                formula=rf"\mathrm{{E}}[{name}_t] = {in_front(written)}{mean}")]
    return steps if c.has(t) else steps + use(f, name, total, mean)


def in_front(e):
    tex = in_letters(e)
    return rf"\left({tex}\right) " if e.is_Add else tex + r"\, "


def use(f, name, total, mean):
    """Whether what the rule uses in place of the moment has the right mean."""
    corrected = next((e for e in f.equations
                      if e.kind == "corrected" and e.left.name == name), None)
    if corrected is not None:
        letter = replace(corrected.left, hat=False).symbol()
        return [checked(f"Divided by that sum, {name} has the mean it should: no bias.",
                        corrected.right.xreplace({letter: total}), sp.Integer(1),
                        formula=rf"\mathrm{{E}}[\hat{{{name}}}_t] = {mean}")]
    as_it_is = f.equations[-1].right.has(Mark(name, "t").symbol())      # not by a maximum
    if total.is_Add and as_it_is:                  # 1 - beta**t: it means to be an average
        return [checked(f"Not so: {name}, which the rule uses as it is, has the mean that "
                        "it estimates.", total, sp.Integer(1),
                        formula=rf"\mathrm{{E}}[{name}_t] = {mean}", expected="REFUTED")]
    return []


def look_ahead(f):
    """Nadam's sum of the next momentum and this gradient has a bias of its own."""
    mu_now, mu_next, p = (declare(n, "[0, 1)") for n in ("mu_t", "mu_next", "P_t"))
    share = mu_next*(1 - p)/(1 - mu_next*p) + (1 - mu_now)/(1 - p)
    s = f.symbols
    schedule = next(e.right for e in f.equations if e.kind == "schedule")
    here = {mu_now: schedule, mu_next: schedule.subs(t, t + 1),
            p: schedule*s["mu_product"]}
    root = sp.sqrt(f.update["v"]/(1 - s["beta2"]**t)) + s["eps"]
    m_bar = (s["theta"] - f.update["theta"])*root/s["lr"]        # what lr/root multiplies
    of_m, of_g = (m_bar.subs({s["m"]: a, s["g"]: b}) for a, b in ((1, 0), (0, 1)))
    mean = of_m*(1 - s["mu_product"]) + of_g                     # in units of E[g]
    nine = sp.Rational(9, 10)
    point = {mu_now: nine, mu_next: nine, p: nine}
    tex = (r"\mathrm{E}[\bar{m}_t] = f_t\,\mathrm{E}[g],\quad f_t = \mu_{t+1}\frac{1-\Pi_t}"
           r"{1-\Pi_{t+1}} + \frac{1-\mu_t}{1-\Pi_t}")
    return [
        checked("The sum in which the next momentum meets this gradient is linear in both.",
                m_bar, of_m*s["m"] + of_g*s["g"],
                formula=r"\bar{m}_t = \frac{\mu_{t+1} m_t}{1-\Pi_{t+1}} + \frac{(1-\mu_t)\,"
                        r" g_t}{1-\Pi_t} = a_t m_{t-1} + b_t g_t"),
        checked("So its mean is f_t times the mean of the gradients. Each summand has a "
                "divisor of its own, and a share of its own in f_t.",
                mean, share.subs(here), formula=tex),
        at_point("Not so: that sum has no bias (momentum 9/10 throughout, t = 1).",
                 share, sp.Integer(1), point, "f_t = 1"),
        checked("With momentum 9/10 throughout, at t = 1 it is 28/19 times the mean.",
                share.subs(point), sp.Rational(28, 19), formula=r"f_1 = \tfrac{28}{19}")]
