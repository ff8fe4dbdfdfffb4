"""AdaMax as what Adam becomes when its second moment is one of order p, and p grows.

With |g|^p for g^2, beta2^p for beta2 and the p-th root for the square root, the moment lies
between two multiples of the largest decayed gradient, and both multiples tend to 1.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas import Formula
from optim.prover import declare

B, t, n = declare("B", "[0, 1)"), declare("t", "1, 2, ..."), declare("p", "1, 2, ...")
X, Y = declare("X", ">= 0"), declare("Y", ">= 0")          # M^p and |g|^p
gap, share = declare("gap", ">= 0"), declare("share", "[0, 1]")
y, x = declare("y", "[0, 1]"), declare("x", ">= 0")


def largest(f: Formula) -> list[Step]:
    """The steps from Adam's moment of order p to AdaMax's v."""
    g, v, beta2 = f.symbols["g"], f.symbols["v"], f.symbols["beta2"]
    linear = checked("Adam's moment of order p, divided by 1 - beta2^p, is the sum S of "
                     "the decayed |g|^p: one step.", (B*(1 - B)*X + (1 - B)*Y)/(1 - B),
                     B*X + Y,
                     formula=r"v_t = \beta_2^p v_{t-1} + (1-\beta_2^p)|g_t|^p"
                             r" = (1-\beta_2^p)\, S_t,\quad S_t = \beta_2^p S_{t-1}"
                             r" + |g_t|^p")
    low = checked("If M, the largest beta2^(t-i) |g_i|, has M^p <= S before a step, then "
                  "after it too;", B*(X + gap) + Y, sp.Max(B*X, Y), ">=",
                  formula=r"M_t^p = \max(\beta_2^p M_{t-1}^p, |g_t|^p) \le S_t")
    high = checked("and S of t terms is at most t times the largest: by induction.",
                   B*t*X*share + Y, (t + 1)*sp.Max(B*X, Y), "<=",
                   formula=r"S_t \le t M_t^p")
    root = all_of("The root of order p of a number y from 0 to 1 lies between y and 1 "
                  "(here y^p <= y <= 1), and (1 + x/p)^p is at least 1 + x for p = 1 .. 4: "
                  "this is Bernoulli's inequality.",
                  [(y**n, y, "<="), (y, sp.Integer(1), "<="),
                   *(((1 + x/k)**k, 1 + x, ">=") for k in range(1, 5))],
                  formula=r"1-\beta_2^p \le (1-\beta_2^p)^{1/p} \le 1,\quad"
                          r" 1 \le t^{1/p} \le 1 + \frac{t-1}{p}")
    return [
        linear, low, high, root,
        by_theorem("So between two bounds that both tend to M_t the root of order p of "
                   "Adam's moment tends to the largest decayed gradient.",
                   r"(1-\beta_2^p)^{1/p} M_t \le v_t^{1/p} \le t^{1/p} M_t,\quad"
                   r" p \to \infty:\; v_t^{1/p} \to M_t",
                   "the squeeze theorem; beta2^p tends to 0; Bernoulli's inequality",
                   linear, low, high, root),
        checked("That largest one, step by step, is what AdaMax keeps.", f.update["v"],
                sp.Piecewise((beta2*v, beta2*v >= sp.Abs(g)), (sp.Abs(g), True)),
                formula=r"v_t = \max(\beta_2 v_{t-1}, |g_t|)"),
        checked("Its bias needs no correction: from 0, M is the largest after one gradient "
                "already.", f.first_step["v"], sp.Abs(g), formula=r"v_1 = |g_1|")]
