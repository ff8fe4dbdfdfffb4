"""The same three gradients under AMSGrad: it goes to the best point. And both are walked.

The example is that of adam_fails: slopes C, -1, -1 over and over, C = 2 + c, x kept in
[-1, 1], beta1 = 0, b = beta2 = 1/(1 + C^2), lr = alpha/sqrt(t), no eps.
"""
import sympy as sp

from optim.derivations.per_rule.adam_fails import (
    C, a1, a2, adam_fails, after, b, c, cycle, d, one, share, uncorrected, x, zero)
from optim.derivations.relations import g, rule, theta
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.derivations.walks import walked
from optim.formulas.rule_formulas import Formula
from optim.papers import beta1, eps, lr, t
from optim.domains import declare


def example(f: Formula) -> list[Step]:
    return [*adam_fails(), *amsgrad_does_not(f), *runs(f)]


def amsgrad_does_not(f: Formula) -> list[Step]:
    step = checked("AMSGrad, with the same beta1, b and eps, divides by the root of the "
                   "largest v so far, w.",
                   theta - f.update["theta"].subs({beta1: 0, eps: 0}),
                   lr*g/sp.sqrt(f.update["v_max"]),
                   formula=r"x_{t+1} = \min\left(1, \max\left(-1,\, x_t - \frac{\eta_t\,"
                           r" g_t}{\sqrt{w_t}}\right)\right),\quad"
                           r" w_t = \max(w_{t-1}, v_t)")
    cycled = checked("After a cycle x is at most its old place less the drift d - a_1 - "
                     "a_2, or, if it was clipped at -1, at most -1 plus the two ups.",
                     cycle, sp.Max(x - (d - a1 - a2), -1 + a1 + a2), "<=",
                     formula=r"x_{t+3} \le \max(x_t - (d - a_1 - a_2),\; -1 + a_1 + a_2)")
    drift = checked("With one and the same w the down outweighs the ups: C > 2.",
                    -C/sp.sqrt(t) + 1/sp.sqrt(t + 1) + 1/sp.sqrt(t + 2),
                    -c/sp.sqrt(t), "<=",
                    formula=r"-\frac{C}{\sqrt{t}} + \frac{1}{\sqrt{t+1}}"
                            r" + \frac{1}{\sqrt{t+2}} \le -\frac{C-2}{\sqrt{t}}")
    premises = [step, *of_w(f), cycled, drift]
    return [*premises, by_theorem(
        "So from any start AMSGrad drifts down until it is clipped at -1, the best point, "
        "and ends there.", r"x_t \to -1", "induction on the cycles from v_0 = w_0 = 0; the "
        "sum of 1/sqrt(t) over them is infinite, and w <= C^2; the ups tend to 0, for w > "
        "1", *premises)]


def of_w(f: Formula) -> list[Step]:
    """The largest v changes only at the slope C, and stays between 1 and C^2."""
    v, gap, part = declare("v", ">= 0"), declare("gap", ">= 0"), declare("part", "[0, 1]")
    fallen = after(f, "v", -one, v=1 + v)
    return [
        all_of("The slope C brings v, and with it w, to (1 - b) C^2 or more, which is "
               "above 1; and no slope brings w above C^2.",
               [(f.init["v"], zero), (f.init["v_max"], zero),
                (after(f, "v", C), (1 - b)*C**2, ">="), ((1 - b)*C**2, one, ">"),
                (f.update["v_max"], f.update["v"], ">="),
                *((after(f, "v_max", slope, v=C**2*share, v_max=C**2*part), C**2, "<=")
                  for slope in (C, -one))],
               formula=r"1 < (1-b)\, C^2 \le w \le C^2"),
        all_of("Under a slope -1 a v of 1 or more falls, not below 1: so w stays until the "
               "next slope C.",
               [(fallen, 1 + v, "<="), (fallen, one, ">="),
                (after(f, "v_max", -one, v=1 + v, v_max=1 + v + gap), 1 + v + gap)],
               formula=r"1 \le v_{t-1} \le w_{t-1},\; g_t = -1 \;\Rightarrow\;"
                       r" 1 \le v_t \le v_{t-1},\; w_t = w_{t-1}")]


def runs(f: Formula) -> list[Step]:
    """The example with C = 3, alpha = 1/2 from +1, walked with intervals."""
    adam, bound = rule("adam"), sp.Rational(9, 10)
    tenth = {"beta1": "0", "beta2": "1/10", "eps": "0"}
    usual = {"beta1": "9/10", "beta2": "999/1000", "eps": "0"}
    below = r"x_{301} \le -0.9"
    return [
        walked("Walked in intervals (C = 3, alpha = 1/2, 300 steps from +1), AMSGrad is "
               "below -9/10.", f, tenth, -bound, "<=", below),
        walked("In the same walk Adam (beta1 = 0, no bias correction) is at +1.",
               uncorrected(adam), tenth, one, ">=", r"x_{301} = 1"),
        walked("With (0.9, 0.999) and its bias correction Adam does not fail in this walk: "
               "it is below -9/10.", adam, usual, -bound, "<=", below),
        walked("Nor does it with (0.9, 0.999) and no bias correction.", uncorrected(adam),
               usual, -bound, "<=", below)]
