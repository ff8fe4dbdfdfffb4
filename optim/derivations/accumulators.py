"""Adagrad and RMSprop: steps in the metric of the squared gradients, and what is forgotten.

Adagrad's twin by dual averaging is another rule. RMSprop is Adagrad whose sum of squares
forgets; as it forgets less and less it becomes Adagrad. Centred, its mean of squares
becomes a variance.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas import Formula, formula
from optim.prover import declare

g, m = declare("g", "real"), declare("m", "real")
lr, eps = declare("lr", "> 0"), declare("eps", "> 0")
rho, t = declare("rho", "[0, 1)"), declare("t", "1, 2, ...")
w, gap, share = declare("w", ">= 0"), declare("gap", ">= 0"), declare("share", "[0, 1]")


def adagrad(f: Formula) -> list[Step]:
    v = f.symbols["v"]

    def size(x):
        return lr/(sp.sqrt(x) + eps)

    shrinks = checked("Its effective step size, what a gradient is multiplied by, never "
                      "grows while lr is constant.", size(f.update["v"]), size(v), "<=",
                      formula=r"\frac{\eta}{\sqrt{v_t + g^2} + \varepsilon}"
                              r" \le \frac{\eta}{\sqrt{v_t} + \varepsilon}")
    return [shrinks, *dual_averaging(f)]


def dual_averaging(f: Formula) -> list[Step]:
    """The other update of the paper's Figure 1, by the sum of all gradients."""
    x, total = declare("x", "real"), declare("Z", "real")
    v = f.symbols["v"]
    model = lr*total*x + (eps + sp.sqrt(v))*x**2/2
    best = -lr*total/(eps + sp.sqrt(v))
    first, second = declare("g_1", "real"), declare("g_2", "real")
    start = {f.symbols["theta"]: sp.Integer(0), v: sp.Integer(0), f.symbols["g"]: first}
    one = {name: e.subs(start, simultaneous=True) for name, e in f.update.items()}
    two = f.update["theta"].subs({f.symbols["theta"]: one["theta"], v: one["v"],
                                  f.symbols["g"]: second}, simultaneous=True)

    def twin(*gradients):
        return best.subs({total: sum(gradients), v: sum(g**2 for g in gradients)})

    return [
        checked("Its twin by dual averaging starts at 0 and steps to the least point of "
                "all tangents so far plus one distance from 0.",
                sp.diff(model, x).subs(x, best), sp.Integer(0),
                formula=r"x_{t+1} = \arg\min_x\; \eta \sum_i g_i x"
                        r" + (\varepsilon + \sqrt{v_t})\frac{x^2}{2}"
                        r" = -\frac{\eta \sum_i g_i}{\varepsilon + \sqrt{v_t}}"),
        checked("From 0 both take the same first step.", one["theta"], twin(first),
                formula=r"x_2 = -\frac{\eta g_1}{\varepsilon + |g_1|}"),
        checked("They are one rule: the second step is the same too.", two,
                twin(first, second),
                formula=r"\frac{g_1}{\varepsilon + \sqrt{v_1}}"
                        r" + \frac{g_2}{\varepsilon + \sqrt{v_2}}"
                        r" = \frac{g_1 + g_2}{\varepsilon + \sqrt{v_2}}").refuted()]


def rmsprop(f: Formula) -> list[Step]:
    return [*forgets(f), *centred()]


def forgets(f: Formula) -> list[Step]:
    """RMSprop with lr sqrt(1 - rho), eps sqrt(1 - rho), in the letter w = v/(1 - rho)."""
    s, root = f.symbols, sp.sqrt(1 - rho)
    here = {s["v"]: (1 - rho)*w, s["lr"]: lr*root, s["eps"]: eps*root}
    twin = formula("adagrad")
    kept = rho*w + s["g"]**2
    changed = {twin.symbols["v"]: kept - s["g"]**2}
    same = all_of(
        "With lr sqrt(1 - rho), eps sqrt(1 - rho) and v = (1 - rho) w RMSprop is Adagrad "
        "but for one thing: what is summed so far is first multiplied by rho.",
        [(f.update["v"].subs(here, simultaneous=True), (1 - rho)*kept),
         (f.update["theta"].subs(here, simultaneous=True),
          twin.update["theta"].subs(changed))],
        formula=r"w_t = \rho\, w_{t-1} + g_t^2,\qquad \theta_{t+1} = \theta_t"
                r" - \frac{\eta g_t}{\sqrt{w_t} + \varepsilon}")
    total = declare("A", ">= 0")                      # Adagrad's sum, the same gradients
    low = checked("By induction w is never below rho^t times Adagrad's sum (and starts "
                  "with it at 0):", rho*(rho**t*total + gap) + g**2,
                  rho**(t + 1)*(total + g**2),
                  ">=", formula=r"w_t \ge \rho^t \sum_i g_i^2")
    high = checked("and never above that sum.", rho*share*total + g**2, total + g**2, "<=",
                   formula=r"w_t \le \sum_i g_i^2")
    return [same, low, high, by_theorem(
        "So as rho tends to 1 this RMSprop becomes Adagrad, in every finite number of "
        "steps (where no root is taken at 0, or eps > 0).",
        r"\rho \to 1:\quad w_t \to \sum_i g_i^2",
        "squeezed between rho^t A and A, w tends to A; a root, a sum and a quotient with a "
        "denominator of eps or more are continuous", same, low, high)]


def centred() -> list[Step]:
    """v - m^2 with equal rho: it never is negative, and it is a variance."""
    v = declare("v", "real")
    v_new, m_new = rho*v + (1 - rho)*g**2, rho*m + (1 - rho)*g
    step = checked("Centred RMSprop takes m^2 off v, the m with the same rho. What is left "
                   "follows a rule of its own:", v_new - m_new**2,
                   rho*(v - m**2) + rho*(1 - rho)*(m - g)**2,
                   formula=r"v_t - m_t^2 = \rho\,(v_{t-1} - m_{t-1}^2)"
                           r" + \rho(1-\rho)(m_{t-1} - g_t)^2")
    stays = checked("so it never is negative, if it is not at the start: v_0 >= m_0^2.",
                    rho*gap + rho*(1 - rho)*(m - g)**2, sp.Integer(0), ">=",
                    formula=r"v_{t-1} \ge m_{t-1}^2 \;\Rightarrow\; v_t \ge m_t^2")
    before = declare("W", "real")                     # the weights of the history so far
    other = declare("rho_m", "[0, 1)")
    weights = all_of("The weights (1 - rho) rho^(t-i) of the history, and rho^t, add up to "
                     "1 at the start and ever after.",
                     [(sp.Integer(0) + rho**0, sp.Integer(1)),
                      (rho*(1 - rho**(t - 1)) + (1 - rho) + rho**t, sp.Integer(1))],
                     formula=r"\sum_{i=1}^{t} (1-\rho)\rho^{t-i} + \rho^t = 1")
    return [step, stays, weights, checked(
        "So v - m^2 is the variance of the history with zeros before it, of weight rho^t: "
        "the mean of the squares, less twice m times the mean, plus m^2.",
        (v - 2*m*m + m**2*before) + (1 - before)*(0 - m)**2, v - m**2,
        formula=r"v_t - m_t^2 = \sum_{i=1}^{t} (1-\rho)\rho^{t-i} (g_i - m_t)^2"
                r" + \rho^t (0 - m_t)^2"),
        checked("With another rho for m than for v it is not negative either.",
                rho*(m**2 + gap) + (1 - rho)*g**2 - (other*m + (1 - other)*g)**2,
                sp.Integer(0), ">=",
                formula=r"\rho_v \ne \rho_m:\quad v_t \ge m_t^2").refuted()]
