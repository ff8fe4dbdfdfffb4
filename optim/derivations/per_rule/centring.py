"""Centred RMSprop: v less the square of a mean of the gradients is a variance.

m is the mean with the same rho as v, as Adam keeps it; it is 0 at the start.
"""
import sympy as sp

from optim.derivations.induction import by_induction
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.papers import statement
from optim.domains import declare

t, gap, W = declare("t", "1, 2, ..."), declare("gap", ">= 0"), declare("W", "real")
other = declare("rho_m", "[0, 1)")


def centred(f: Formula) -> list[Step]:
    adam, rho, g, v = formula("adam"), *(f.symbols[name] for name in ("rho", "g", "v"))
    m, beta1 = adam.symbols["m"], adam.symbols["beta1"]
    v_new, m_new = f.update["v"], adam.update["m"].xreplace({beta1: rho})
    above = v_new.subs(v, m**2 + gap)                            # any v with v >= m^2
    step = checked("Centred RMSprop takes m^2 off v. m is Adam's, with rho for beta1. What "
                   "is left follows a rule of its own.", v_new - m_new**2,
                   rho*(v - m**2) + rho*(1 - rho)*(m - g)**2,
                   formula=r"v_t - m_t^2 = \rho\,(v_{t-1} - m_{t-1}^2)"
                           r" + \rho(1-\rho)(m_{t-1} - g_t)^2")
    stays = checked("So v - m^2 stays at 0 or above.", above - m_new**2, sp.Integer(0),
                    ">=", formula=r"v_{t-1} \ge m_{t-1}^2 \;\Rightarrow\; v_t \ge m_t^2")
    start = checked("From 0 it is 0 at the start.", f.init["v"] - adam.init["m"]**2,
                    sp.Integer(0), formula=r"v_0 - m_0^2 = 0")
    return [
        step, stays, start,
        by_theorem("So it never is negative: from 0, as from any v_0 >= m_0^2.",
                   r"v_t - m_t^2 \ge 0", "induction on t", stays, start),
        *variance(f, start),
        checked("Not so: with another rho for m than for v it is never negative either.",
                above - adam.update["m"].xreplace({beta1: other})**2, sp.Integer(0), ">=",
                formula=r"\rho_v \ne \rho_m:\quad v_{t-1} \ge m_{t-1}^2"
                        r" \;\Rightarrow\; v_t \ge m_t^2").refuted()]


def variance(f: Formula, start: Step) -> list[Step]:
    """v - m^2 over the whole history, with 0 for what lies before it."""
    adam, rho, g, v = formula("adam"), *(f.symbols[name] for name in ("rho", "g", "v"))
    m = adam.symbols["m"]
    sums = by_theorem("From 0, v and m are these sums over the history, with one and the "
                      "same weights.",
                      r"v_t = \sum_{i=1}^{t} w_i g_i^2,\quad m_t = \sum_{i=1}^{t} w_i g_i,"
                      r"\quad w_i = (1-\rho)\rho^{t-i}",
                      "induction on t, as for RMSprop's v and for Adam's m",
                      *by_induction(f, statement("rmsprop"), "v"),
                      *by_induction(adam, statement("adam"), "m"))
    weights = all_of("If all gradients are 1, then v is the sum of the weights. With rho^t "
                     "it is 1 at the start, and stays so.",
                     [(f.init["v"], 1 - rho**0),
                      (f.update["v"].subs({v: 1 - rho**(t - 1), g: 1}), 1 - rho**t)],
                     formula=r"\sum_{i=1}^{t} w_i + \rho^t = 1")
    spread = checked("Let W be the sum of the w_i. Multiplied out, the sum of w_i (g_i - "
                     "m)^2 is v - 2 m m + m^2 W. A zero of weight 1 - W makes it v - m^2.",
                     (v - 2*m*m + m**2*W) + (1 - W)*(0 - m)**2, v - m**2,
                     formula=r"\left(v_t - 2 m_t m_t + m_t^2 W\right)"
                             r" + (1-W)(0 - m_t)^2 = v_t - m_t^2")
    return [sums, weights, spread, by_theorem(
        "So from 0, v - m^2 is the variance of the history with zeros before it, of weight "
        "rho^t. Its mean is m.",
        r"v_t - m_t^2 = \sum_{i=1}^{t} w_i (g_i - m_t)^2 + \rho^t (0 - m_t)^2",
        "a sum is linear in its terms", start, sums, weights, spread)]
