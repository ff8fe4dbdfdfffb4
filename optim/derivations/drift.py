"""AMSGrad: its step size never grows; Adam's does, and that can lead to the worst point.

The example is of Reddi, Kale & Kumar 2018: slopes C, -1, -1 over and over, C > 2, so the
mean slope is positive and x = -1 is best in [-1, 1]; x is put back into it after each step.
beta1 = 0, beta2 = 1/(1 + C^2), lr = alpha/sqrt(t), no bias correction. Written with
C = 2 + c and, where it is shorter, b = beta2.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.derivations.walks import walked
from optim.formulas import Formula, formula
from optim.prover import declare

lr, eps, c = declare("lr", "> 0"), declare("eps", "> 0"), declare("c", "> 0")
C = 2 + c
b = 1/(1 + C**2)
t, k = declare("t", "1, 2, ..."), declare("k", "1, 2, ...")
share = declare("share", "[0, 1]")
beta2 = declare("beta2", "(0, 1)")


def amsgrad(f: Formula) -> list[Step]:
    return [*step_sizes(f), *adam_fails(), *amsgrad_does_not(), *runs()]


def step_sizes(f: Formula) -> list[Step]:
    """1/(sqrt(v) + eps): what a gradient is multiplied by, at constant lr."""
    v_max, one = f.symbols["v_max"], sp.Integer(1)

    def size(x):
        return lr/(sp.sqrt(x) + eps)

    first, second = 1 - beta2, beta2*(1 - beta2)             # v for the gradients 1, 0
    point = {beta2: sp.Rational(1, 2), lr: one, eps: one}
    return [
        checked("Its effective step size never grows while lr is constant.",
                size(f.update["v_max"]), size(v_max), "<=",
                formula=r"\frac{\eta}{\sqrt{\hat{v}_t} + \varepsilon}"
                        r" \le \frac{\eta}{\sqrt{\hat{v}_{t-1}} + \varepsilon}"),
        at_point("Adam's does not grow either (gradients 1 and 0).",
                 size(second/(1 - beta2**2)), size(first/(1 - beta2)), point,
                 r"\frac{\eta}{\sqrt{\hat{v}_2} + \varepsilon}"
                 r" \le \frac{\eta}{\sqrt{\hat{v}_1} + \varepsilon}", "<="),
        at_point("Nor does it with the maximum taken before the correction of the bias "
                 "(gradients 1 and 0).",
                 size(sp.Max(first, second)/(1 - beta2**2)), size(first/(1 - beta2)), point,
                 r"\frac{\eta}{\sqrt{\max(v_1, v_2)/(1-\beta_2^2)} + \varepsilon}"
                 r" \le \frac{\eta}{\sqrt{v_1/(1-\beta_2)} + \varepsilon}", "<=")]


def adam_fails() -> list[Step]:
    v = C**2*share                                           # any v from 0 to C^2
    B = declare("b", "(0, 1)")
    bounded = checked("v never is above C^2, the largest squared slope.",
                      b*v + (1 - b)*C**2, C**2, "<=", formula=r"v_t \le C^2")
    down = checked("The slope C moves x down by at most alpha/sqrt(t (1 - b)).",
                   C/sp.sqrt(b*v + (1 - b)*C**2), 1/sp.sqrt(1 - b), "<=",
                   formula=r"\frac{C}{\sqrt{v_t}} \le \frac{1}{\sqrt{1-\beta_2}}")
    after_one, after_two = b*v + (1 - b), b*(b*v + (1 - b)) + (1 - b)
    up = all_of("v forgets C at once: each slope -1 then moves x up by alpha/sqrt(2 t "
                "(1 - b)) or more, with its own t.",
                [(x, 2*(1 - b), "<=") for x in (after_one, after_two)],
                formula=r"v_{t+1},\, v_{t+2} \le 2(1-\beta_2)")
    later = checked("From the second cycle on (t = k + 1) the two ups outweigh the down:",
                    2/sp.sqrt(2*(k + 3)), 1/sp.sqrt(k + 1), ">=",
                    formula=r"\frac{1}{\sqrt{2(t+1)}} + \frac{1}{\sqrt{2(t+2)}} \ge"
                            r" \frac{2}{\sqrt{2(t+2)}} \ge \frac{1}{\sqrt{t}}")
    first_one, first_two = 2 - B, 1 + 2*B - B**2             # v_2, v_3 over 1 - b, from 0
    ups = 1/sp.sqrt(2*first_one) + 1/sp.sqrt(3*first_two)
    first = all_of("and in the first cycle, where v is still 0, they do so too (b is "
                   "below 1/5).",
                   [((b*(1 - b)*C**2 + 1 - b)/(1 - b), 2 - b),
                    (b*(2 - b) + 1, 1 + 2*b - b**2),
                    (ups.subs(B, 1/(5 + declare("x", "> 0"))), sp.Integer(1), ">")],
                   formula=r"\frac{1}{\sqrt{2(2-b)}} + \frac{1}{\sqrt{3(1+2b-b^2)}} > 1")
    return [bounded, down, up, later, first, by_theorem(
        "So Adam, started at +1, the worst point, is back there after every cycle.",
        r"x_{3k+1} = +1 \quad\text{for every}\; k", "induction on the cycles; what is "
        "clipped at +1 after such ups is +1", bounded, down, up, later, first)]


def amsgrad_does_not() -> list[Step]:
    v = declare("v", ">= 0")
    x, d, a1, a2 = declare("x", "real"), *(declare(n, ">= 0") for n in ("d", "a_1", "a_2"))
    peak = b*v + (1 - b)*C**2
    held = all_of("After the slope C its v is above 1, so it falls in the rest of the "
                  "cycle and the maximum w stays; it is at most C^2, and at least "
                  "(1 - b) C^2.",
                  [(peak, sp.Integer(1), ">"), (b*(1 + v) + (1 - b), 1 + v, "<="),
                   (peak.subs(v, C**2*share), C**2, "<="), (peak, (1 - b)*C**2, ">=")],
                  formula=r"(1-\beta_2) C^2 \le w \le C^2")
    moved = checked("A cycle ends below x less the drift, or near -1 where it was clipped: "
                    "by no more than its two ups.",
                    sp.Min(1, sp.Min(1, sp.Max(-1, x - d) + a1) + a2),
                    sp.Max(x - d, -1) + a1 + a2, "<=",
                    formula=r"x' \le \max(x - d, -1) + a_1 + a_2")
    drift = checked("With one and the same w the down outweighs the ups: C > 2.",
                    -C/sp.sqrt(t) + 1/sp.sqrt(t + 1) + 1/sp.sqrt(t + 2),
                    -c/sp.sqrt(t), "<=",
                    formula=r"-\frac{C}{\sqrt{t}} + \frac{1}{\sqrt{t+1}}"
                            r" + \frac{1}{\sqrt{t+2}} \le -\frac{C-2}{\sqrt{t}}")
    return [held, moved, drift, by_theorem(
        "So AMSGrad drifts down until it is clipped at -1, the best point, and ends there.",
        r"x_t \to -1", "the sum of 1/sqrt(t) over the cycles is infinite, and the ups tend "
        "to 0", held, moved, drift)]


def runs() -> list[Step]:
    """The example with C = 3, alpha = 1/2 from +1, walked with intervals."""
    tenth = {"beta1": "0", "beta2": "1/10", "eps": "0"}
    usual = {"beta1": "9/10", "beta2": "999/1000", "eps": "0"}
    bound = sp.Rational(9, 10)
    return [
        walked("Walked in intervals (C = 3, alpha = 1/2, 300 steps from +1), AMSGrad is "
               "below -9/10.", formula("amsgrad"), tenth, -bound, "<=",
               r"x_{301} \le -0.9"),
        walked("Adam without bias correction and with beta1 = 0, which is RMSprop, stands "
               "at +1.", formula("rmsprop"), {"rho": "1/10", "eps": "0"}, sp.Integer(1),
               ">=", r"x_{301} = 1"),
        walked("Adam with its usual (0.9, 0.999) does not fail on this example.",
               formula("adam"), usual, -bound, "<=", r"x_{301} \le -0.9")]
