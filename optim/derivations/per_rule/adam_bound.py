"""No step of Adam is longer than lr R_t, whatever the gradients were.

By induction m^2 <= C_t v for the rule's own m and v: Cauchy-Schwarz, one step at a time.
Here beta2 > 0, for q = beta1^2/beta2. That no smaller bound will do is in adam_attained.
"""
import sympy as sp

from optim.derivations.relations import g, m, theta, v
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.papers import eps, lr, t
from optim.domains import declare

beta1, beta2 = declare("beta1", "[0, 1)"), declare("beta2", "(0, 1)")
c, C = declare("c", "> 0"), declare("C", "> 0")
gap, share = declare("gap", ">= 0"), declare("share", "[0, 1]")
zero, one = sp.Integer(0), sp.Integer(1)
q, K = beta1**2/beta2, (1 - beta1)**2/(1 - beta2)
size = lr*sp.sqrt(C*(1 - beta2**t))/(1 - beta1**t)       # of the longest step, m^2 <= C v


def own(f: Formula) -> dict[str, sp.Expr]:
    """What the rule makes of its letters, with beta2 > 0."""
    return {n: e.xreplace({f.symbols["beta2"]: beta2}) for n, e in f.update.items()}


def plain(m_new, v_new, eps):
    """Adam's step in its new moments."""
    return lr*m_new/(1 - beta1**t)/(sp.sqrt(v_new/(1 - beta2**t)) + eps)


def squared(b1_t, b2_t, total):
    """R_t^2, of beta1^t, beta2^t and S_t: the sum of the powers of q below t."""
    return (1 - b2_t)/(1 - b1_t)**2*K*total


def closed(q, q_t):
    """S_t, for q other than 1."""
    return (1 - q_t)/(1 - q)


R2 = squared(beta1**t, beta2**t, closed(q, q**t))


def ignores_scale(f: Formula, power: int) -> Step:
    """Gradients and eps times c: m is then c m, v is c^power v, the step is the same."""
    scaled = {g: c*g, m: c*m, v: c**power*v, eps: c*eps}
    factors = {"m": c, "v": c**power, "theta": one}
    root, of_v = ("the root of v", "c^2 v_t") if power == 2 else ("v", r"c\,v_t")
    return all_of(f"If every gradient and eps are multiplied by c > 0, then so are m and "
                  f"{root}, from their start at 0 on, and the steps stay as they are.",
                  [*((f.update[n].subs(scaled, simultaneous=True), k*f.update[n])
                     for n, k in factors.items()),
                   *((factors[n]*f.init[n], f.init[n]) for n in ("m", "v"))],
                  formula=r"(g_t, \varepsilon) \to (c\,g_t, c\,\varepsilon):\quad"
                          rf" (m_t, v_t, \theta_t) \to (c\,m_t, {of_v}, \theta_t)")


def bound(f: Formula) -> list[Step]:
    """The steps that end in |theta_{t+1} - theta_t| <= lr R_t."""
    first = {n: e.xreplace({f.symbols["beta2"]: beta2}) for n, e in f.first_step.items()}
    start = checked("At the first step m^2 is K times v.", first["m"]**2, K*first["v"],
                    formula=r"m_1^2 = K v_1,\quad K = \frac{(1-\beta_1)^2}{1-\beta_2}")
    steps = [start, *one_step(f), constants(), in_the_rule(f), named()]
    return [*steps, by_theorem(
        "So if beta1^2 < beta2, no step is longer than lr R_t: for every t = 1, 2, ... and "
        "every sequence of gradients.", r"\beta_1^2 < \beta_2:\quad"
        r" |\theta_{t+1} - \theta_t| \le \eta R_t",
        "induction on t from t = 1: m_t^2 <= C_t v_t", *steps)]


def one_step(f: Formula) -> list[Step]:
    """From m^2 <= C v to m^2 <= (q C + K) v."""
    new, r = own(f), q*C + K
    square = (m - C*beta1*(1 - beta2)/((1 - beta1)*beta2)*g)**2
    return [
        checked("Let C be any number > 0. One step later q C + K for C makes of C v - m^2 "
                "a multiple of what it was, plus a square (Cauchy-Schwarz, one summand at "
                "a time).", r*new["v"] - new["m"]**2,
                r*beta2/C*(C*v - m**2) + K*beta2/C*square,
                formula=r"(q C + K)\,v_t - m_t^2 = \frac{(q C + K)\beta_2}{C}"
                        r" (C v_{t-1} - m_{t-1}^2) + \frac{K\beta_2}{C}\left(m_{t-1}"
                        r" - \frac{C\beta_1(1-\beta_2)}{(1-\beta_1)\beta_2} g_t\right)^2,"
                        r"\quad q = \frac{\beta_1^2}{\beta_2}"),
        checked("So if m^2 <= C v before the step, then m^2 <= (q C + K) v after it.",
                new["m"]**2, r*new["v"].subs(v, m**2/C + gap), "<=",
                formula=r"m_{t-1}^2 \le C v_{t-1} \;\Rightarrow\;"
                        r" m_t^2 \le (q C + K)\, v_t")]


def constants() -> Step:
    """C_1 = K and C_{t+1} = q C_t + K, summed up."""
    Q, first = declare("q", "[0, 1)"), declare("K", "> 0")
    total = first*closed(Q, Q**t)
    return all_of("From K at t = 1 on, these constants are C_t = K S_t, for q below 1.",
                  [(total.subs(t, 1), first), (Q*total + first, total.subs(t, t + 1))],
                  formula=r"q < 1:\quad C_t = K S_t,\quad S_t = \sum_{k=0}^{t-1} q^k"
                          r" = \frac{1-q^t}{1-q}")


def in_the_rule(f: Formula) -> Step:
    """What m^2 <= C v means for the step of the rule."""
    new, v_new, above_0 = own(f), declare("v_new", ">= 0"), declare("v_new", "> 0")

    def longest(v_new, eps):                                 # of any m with m^2 <= C v
        return sp.Abs(plain(sp.sqrt(C*v_new)*(2*share - 1), v_new, eps))

    return all_of(
        "With m^2 <= C v the rule's step is shorter than this; without eps, where v > 0, "
        "it is not longer.",
        [(theta - new["theta"], plain(new["m"], new["v"], eps)),
         (longest(v_new, eps), size, "<"), (longest(above_0, zero), size, "<=")],
        formula=r"m_t^2 \le C v_t \;\Rightarrow\; |\theta_{t+1} - \theta_t|"
                r" = \frac{\eta\,|\hat{m}_t|}{\sqrt{\hat{v}_t} + \varepsilon}"
                r" \le \eta\,\frac{\sqrt{C (1-\beta_2^t)}}{1-\beta_1^t}")


def named() -> Step:
    return checked("With C_t for C this is lr R_t.", size.subs(C, K*closed(q, q**t))**2,
                   lr**2*R2,
                   formula=r"R_t^2 = \frac{1-\beta_2^t}{(1-\beta_1^t)^2}\,C_t"
                           r" = \frac{1-\beta_2^t}{(1-\beta_1^t)^2}\,"
                           r"\frac{(1-\beta_1)^2}{1-\beta_2}\,\frac{1-q^t}{1-q}")
