"""How long a step of Adam or AdaMax can be, over every sequence of gradients.

Both bounds are by induction on t and are attained: Adam's by Cauchy-Schwarz, AdaMax's since
no gradient is larger than what the maximum remembers of it. Both papers' bound lr is false.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas import Formula
from optim.prover import declare

beta1, beta2 = declare("beta1", "[0, 1)"), declare("beta2", "(0, 1)")
t, g, m = declare("t", "1, 2, ..."), declare("g", "real"), declare("m", "real")
C, gap = declare("C", "> 0"), declare("gap", ">= 0")
c, share = declare("c", "> 0"), declare("share", "[0, 1]")
one = sp.Integer(1)


def adam(f: Formula) -> list[Step]:
    return [ignores_scale(f), *longest_adam(f), *at_the_defaults()]


def ignores_scale(f: Formula) -> Step:
    s = f.symbols
    scaled = {s["g"]: c*s["g"], s["m"]: c*s["m"], s["v"]: c**2*s["v"], s["eps"]: c*s["eps"]}
    return all_of("If every gradient and eps are multiplied by c > 0, then so are m and "
                  "the root of v, from their start at 0 on, and the steps stay as "
                  "they are.",
                  [*((e.subs(scaled, simultaneous=True), k*e) for e, k in (
                      (f.update["m"], c), (f.update["v"], c**2), (f.update["theta"], one))),
                   (c*f.init["m"], f.init["m"]), (c**2*f.init["v"], f.init["v"])],
                  formula=r"(g, \varepsilon) \to (c g, c\,\varepsilon):\quad"
                          r" \theta_t \to \theta_t")


def ratio(b1, b2):
    return b1**2/b2


def longest_adam(f: Formula) -> list[Step]:
    q, k = ratio(beta1, beta2), (1 - beta1)**2/(1 - beta2)
    v = m**2/C + gap                                   # any v with m^2 <= C v
    m_new, v_new = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    start = checked("At the first step m^2 is K times v.", (1 - beta1)**2*g**2,
                    k*(1 - beta2)*g**2,
                    formula=r"m_1^2 = K v_1,\quad K = \frac{(1-\beta_1)^2}{1-\beta_2}")
    step = checked("If m^2 <= C v, then one step later with q C + K for C: the difference "
                   "is a sum of squares (this is Cauchy-Schwarz, summand by summand).",
                   (q*C + k)*v_new - m_new**2,
                   (q*C + k)*beta2*gap + k*beta2/C
                   * (m - C*beta1*(1 - beta2)/((1 - beta1)*beta2)*g)**2,
                   formula=r"(q C + K)\,v_t - m_t^2 \ge 0,\quad"
                           r" q = \frac{\beta_1^2}{\beta_2}")
    inequality = checked("So it is not negative.", m_new**2, (q*C + k)*v_new, "<=",
                         formula=r"m_t^2 \le (q C + K)\, v_t")
    Q, kk = declare("q", "(0, 1)"), declare("K", "> 0")
    total = kk*(1 - Q**t)/(1 - Q)
    closed = all_of("These constants add up to C_t (for q below 1).",
                    [(total.subs(t, 1), kk), (Q*total + kk, total.subs(t, t + 1))],
                    formula=r"C_t = K\,\frac{1-q^t}{1-q}")
    bound = by_theorem("So for every t and every sequence of gradients no step is longer "
                       "than lr R_t.",
                       r"|\theta_{t+1} - \theta_t| \le \eta R_t,\quad"
                       r" R_t^2 = \frac{1-\beta_2^t}{(1-\beta_1^t)^2}\,"
                       r"\frac{(1-\beta_1)^2}{1-\beta_2}\,\frac{1-q^t}{1-q}",
                       "induction on t; eps > 0 makes the step only shorter", start, step,
                       inequality, closed, in_the_rule(f))
    return [start, step, inequality, closed, in_the_rule(f), bound, attained()]


def in_the_rule(f: Formula) -> Step:
    """What m^2 <= C v means for the step of the rule."""
    s = f.symbols
    m_new, v_new = declare("m_new", "real"), declare("v_new", "> 0")
    step = s["theta"] - f.update["theta"]
    t, b1, b2 = s["t"], s["beta1"], s["beta2"]
    plain = s["lr"]*m_new/(1 - b1**t)/(sp.sqrt(v_new/(1 - b2**t)) + s["eps"])
    size = s["lr"]*sp.sqrt(C*(1 - b2**t))/(1 - b1**t)        # lr R_t
    small = sp.sqrt(C*v_new)*(2*share - 1)                   # any m with m^2 <= C v
    return all_of(
        "With m^2 <= C v the rule's step is not longer than lr sqrt(C (1 - beta2^t))/(1 - "
        "beta1^t).",
        [(step, plain.subs({m_new: f.update["m"], v_new: f.update["v"]})),
         (sp.Abs(plain.subs(m_new, small)), size, "<=")],
        formula=r"\frac{\eta\,|\hat{m}_t|}{\sqrt{\hat{v}_t} + \varepsilon}"
                r" \le \eta\,\frac{\sqrt{C (1-\beta_2^t)}}{1-\beta_1^t}")


def attained() -> Step:
    """With g_i = (beta1/beta2)^(t-i) both sums are sums of q^(t-i)."""
    b1 = declare("beta1", "(0, 1)")
    k, total = declare("k", "1, 2, ..."), declare("Q", "> 0")         # Q = sum of q^k
    g_k = (b1/beta2)**k
    return all_of(
        "Without eps the bound is attained: by the gradients g_i = (beta1/beta2)^(t-i).",
        [(b1**k*g_k, ratio(b1, beta2)**k), (beta2**k*g_k**2, ratio(b1, beta2)**k),
         (((1 - b1)*total)**2, (1 - b1)**2/(1 - beta2)*total*((1 - beta2)*total))],
        formula=r"g_i = \left(\frac{\beta_1}{\beta_2}\right)^{t-i}:\quad m_t^2 = C_t v_t")


def at_the_defaults() -> list[Step]:
    b1, b2 = sp.Rational(9, 10), sp.Rational(999, 1000)
    limit = (1 - beta1)**2/(1 - beta2)/(1 - ratio(beta1, beta2))         # of R_t^2
    squared = limit.subs({beta1: b1, beta2: b2})
    second = ((1 - beta1)*beta1*sp.Rational(10, 11) + (1 - beta1))/(1 - beta1**2)
    root2 = ((1 - beta2)*beta2*sp.Rational(100, 121) + (1 - beta2))/(1 - beta2**2)
    point = {beta1: b1, beta2: sp.Rational(99, 100)}
    value = all_of("At the defaults (0.9, 0.999) the square of R_t tends to 370/7: steps "
                   "of 7.27 lr.", [(squared, sp.Rational(370, 7)),
                                (sp.sqrt(squared), sp.Rational(7270, 1000), ">"),
                                (sp.sqrt(squared), sp.Rational(7271, 1000), "<")],
                   formula=r"R_{\infty} = \frac{1-\beta_1}{\sqrt{(1-\beta_2)(1-q)}}"
                           r" = \sqrt{370/7} \approx 7.27")
    return [
        value,
        at_point(
            "The paper's first case allows 3.16 lr at the defaults, and no more is needed.",
            limit, (1 - beta1)**2/(1 - beta2), {beta1: b1, beta2: b2},
            r"R_{\infty} \le \frac{1-\beta_1}{\sqrt{1-\beta_2}} = \sqrt{10}", "<="),
        at_point("The paper's other case, no step above lr, holds at t = 2 for the "
                 "gradients 10/11 and 1 (its square is 3980/3971).",
                 second**2/root2, one, point,
                 r"|\theta_3 - \theta_2| \le \eta", "<=")]


# ------------------------------------------------------------------ AdaMax
def adamax(f: Formula) -> list[Step]:
    r = declare("r", "(0, 1)")                               # beta1 = r beta2 < beta2
    A, top, old = declare("A", ">= 0"), declare("top", ">= 0"), declare("v", ">= 0")
    s1, s2 = declare("share_1", "[0, 1]"), declare("share_2", "[0, 1]")
    keep = r*beta2
    total = (1 - keep)*(1 - r**t)/(1 - r)
    both = all_of("The new v is at least beta2 v and at least |g|, so these two are shares "
                  "of it.", [(sp.Max(beta2*old, sp.Abs(g)), x, ">=")
                             for x in (beta2*old, sp.Abs(g))],
                  formula=r"\beta_2 v_{t-1} \le v_t,\quad |g_t| \le v_t")
    triangle = checked("A sum is not longer than its parts together.",
                       sp.Abs(beta1*m + (1 - beta1)*g),
                       beta1*sp.Abs(m) + (1 - beta1)*sp.Abs(g), "<=",
                       formula=r"|m_t| \le \beta_1 |m_{t-1}| + (1-\beta_1)|g_t|")
    step = checked("If |m| <= A v, then one step later with r A + 1 - beta1 for A, where "
                   "r = beta1/beta2 is below 1.",
                   r*A*share*top*s1 + (1 - keep)*top*s2, (r*A + 1 - keep)*top, "<=",
                   formula=r"|m_t| \le (r A + 1 - \beta_1)\, v_t")
    closed = all_of("These constants add up to A_t,",
                    [(total.subs(t, 1), 1 - keep),
                     (r*total + 1 - keep, total.subs(t, t + 1))],
                    formula=r"A_t = (1-\beta_1)\frac{1-r^t}{1-r}")
    below = checked("and A_t with its bias taken out is never above its limit: r > beta1.",
                    total/(1 - keep**t), (1 - keep)/(1 - r), "<=",
                    formula=r"\frac{A_t}{1-\beta_1^t} \le \frac{1-\beta_1}{1-r}")
    k = declare("k", "1, 2, ...")
    reached = all_of("The gradients beta2^(i-t) all count as 1 in v, and make m just A_t: "
                     "so each bound is attained (eps = 0), and the limit is the supremum.",
                     [(beta2**k*(1/beta2)**k, one), (keep**k*(1/beta2)**k, r**k)],
                     formula=r"\beta_2^{t-i}|g_i| = 1,\quad m_t = (1-\beta_1)"
                             r"\sum_{i=1}^{t} r^{t-i}")
    return [both, triangle, step, closed, below, reached, by_theorem(
        "So if beta1 is below beta2, the steps of AdaMax have this supremum.",
        r"\sup |\theta_{t+1} - \theta_t| = \eta\,\frac{1-\beta_1}{1-\beta_1/\beta_2}",
        "induction on t; r^t and beta1^t tend to 0", both, triangle, step, closed, below,
        reached), ten_ninths()]


def ten_ninths() -> Step:
    """Two gradients after which AdaMax's step is 10/9 lr."""
    b1, b2 = sp.Rational(1, 2), sp.Rational(3, 4)
    moment = (beta1*(1 - beta1) + (1 - beta1)*sp.Rational(3, 4))/(1 - beta1**2)
    largest = sp.Max(beta2, sp.Rational(3, 4))
    return at_point("The paper's bound lr holds at t = 2 for the gradients 1 and 3/4 (the "
                    "step is 10/9 lr).", moment/largest, one, {beta1: b1, beta2: b2},
                    r"|\theta_3 - \theta_2| \le \eta", "<=")
