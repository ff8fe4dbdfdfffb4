"""Adagrad and RMSprop: a sum of squares that only grows, and one that forgets.

As RMSprop forgets less and less it becomes Adagrad, for the same gradients.
"""
import sympy as sp

from optim.derivations.per_rule.centring import centred
from optim.derivations.per_rule.dual_averaging import dual_averaging
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.domains import declare

rho, t = declare("rho", "[0, 1)"), declare("t", "1, 2, ...")
w, A = declare("w", ">= 0"), declare("A", ">= 0")
gap, share = declare("gap", ">= 0"), declare("share", "[0, 1]")


def adagrad(f: Formula) -> list[Step]:
    return [*step_size(f), *dual_averaging(f)]


def rmsprop(f: Formula) -> list[Step]:
    return [*forgets(f), *centred(f)]


def step_size(f: Formula) -> list[Step]:
    lr, eps, g, v, theta = (f.symbols[name] for name in ("lr", "eps", "g", "v", "theta"))

    def size(x):
        return lr/(sp.sqrt(x) + eps)

    return [
        checked("The step is the gradient times this: the effective step size.",
                theta - f.update["theta"], size(f.update["v"])*g,
                formula=r"\theta_t - \theta_{t+1} = \frac{\eta}{\sqrt{v_t} + \varepsilon}\,"
                        r" g_t"),
        checked("It never grows while lr is constant.", size(f.update["v"]), size(v), "<=",
                formula=r"\frac{\eta}{\sqrt{v_t} + \varepsilon}"
                        r" \le \frac{\eta}{\sqrt{v_{t-1}} + \varepsilon}")]


def forgets(f: Formula) -> list[Step]:
    """RMSprop with lr sqrt(1 - rho), eps sqrt(1 - rho), in the letter w = v/(1 - rho)."""
    s, root, twin = f.symbols, sp.sqrt(1 - rho), formula("adagrad")
    here = {s["v"]: (1 - rho)*w, s["lr"]: s["lr"]*root, s["eps"]: s["eps"]*root}

    def adagrads(part, total):
        """What Adagrad makes of a letter when this is its sum of squares so far."""
        return twin.update[part].subs(twin.symbols["v"], total)

    same = all_of(
        "Put lr sqrt(1 - rho) and eps sqrt(1 - rho) for lr and eps, and (1 - rho) w for v. "
        "Then RMSprop is Adagrad but for one thing: what is summed so far is first "
        "multiplied by rho.",
        [(f.update["v"].subs(here, simultaneous=True), (1 - rho)*adagrads("v", rho*w)),
         (f.update["theta"].subs(here, simultaneous=True), adagrads("theta", rho*w))],
        formula=r"v_t = (1-\rho)\,w_t:\quad w_t = \rho\, w_{t-1} + g_t^2,\quad \theta_{t+1}"
                r" = \theta_t - \frac{\eta g_t}{\sqrt{w_t} + \varepsilon}")
    start = checked("w starts where Adagrad's sum A starts, at 0.", f.init["v"],
                    (1 - rho)*twin.init["v"], formula=r"w_0 = A_0 = 0")
    low = checked("If w is at least rho^(t-1) A before step t, it is at least rho^t A "
                  "after it, for the same gradients.",
                  adagrads("v", rho*(rho**(t - 1)*A + gap)), rho**t*adagrads("v", A), ">=",
                  formula=r"w_{t-1} \ge \rho^{t-1} A_{t-1} \;\Rightarrow\;"
                          r" w_t \ge \rho^t A_t,\quad A_t = \sum_{i=1}^{t} g_i^2")
    high = checked("If w is at most A before step t, it is at most A after it.",
                   adagrads("v", rho*share*A), adagrads("v", A), "<=",
                   formula=r"w_{t-1} \le A_{t-1} \;\Rightarrow\; w_t \le A_t")
    return [same, start, low, high, by_theorem(
        "So as rho tends to 1 this RMSprop becomes Adagrad: at every t its step tends to "
        "that of Adagrad, for the same gradients. (And on a loss whose gradient is "
        "continuous.)",
        r"\rho^t A_t \le w_t \le A_t:\quad \rho \to 1 \;\Rightarrow\; w_t \to A_t,\quad"
        r" \frac{\eta g_t}{\sqrt{w_t} + \varepsilon} \to"
        r" \frac{\eta g_t}{\sqrt{A_t} + \varepsilon}",
        "induction on t from w_0 = A_0; rho^t tends to 1; roots, and quotients with a "
        "denominator of at least eps > 0, are continuous", same, start, low, high)]
