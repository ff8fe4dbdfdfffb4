"""AdaMax as what Adam becomes when its second moment is one of order p, and p grows.

With |g|^p for g^2, beta2^p for beta2 and the root of order p for the square root, that root
lies between two multiples of the largest decayed gradient, and both multiples tend to 1.
"""
import sympy as sp

from optim.derivations.induction import by_induction
from optim.derivations.relations import g, theta
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.papers import beta1, beta2, eps, lr, statement, t
from optim.domains import declare

B, p = declare("B", "[0, 1)"), declare("p", "1, 2, ...")            # B is beta2^p
X, Y = declare("X", ">= 0"), declare("Y", ">= 0")                   # M^p and |g|^p
gap, share = declare("gap", ">= 0"), declare("share", "[0, 1]")
y, z = declare("y", "[0, 1]"), declare("z", ">= 0")


def largest(f: Formula) -> list[Step]:
    """The steps from Adam's moment of order p to AdaMax's v and its step."""
    two, last = ends(f)
    bounds = [*sums(), *roots()]
    tends = by_theorem(
        "So between two bounds that both tend to M_t the root of order p of the moment "
        "tends to the largest decayed gradient M_t: with its bias taken out or without.",
        r"(1-\beta_2^p)\, M_t \le \left(v_t^{(p)}\right)^{1/p} \le"
        r" \left(\hat{v}_t^{(p)}\right)^{1/p} \le \left(1 + \frac{t-1}{p}\right) M_t;\quad"
        r" p \to \infty:\; \left(v_t^{(p)}\right)^{1/p},\,"
        r" \left(\hat{v}_t^{(p)}\right)^{1/p} \to M_t",
        "a power p >= 1 keeps the order of numbers >= 0; induction on t from M_0 = S_0 = "
        "0, and on p from p = 1; beta2^p and (t - 1)/p tend to 0 as p grows", *bounds)
    return [two, *bounds, tends, last, by_theorem(
        "By induction (above) AdaMax's v is just that largest one, so its step is the "
        "limit of these steps of order p, and needs no correction of v.",
        r"v_t = M_t = \max_{1 \le i \le t} \beta_2^{t-i} |g_i|"
        r" = \lim_{p \to \infty} \left(\hat{v}_t^{(p)}\right)^{1/p}",
        "a quotient whose denominator is eps or more is continuous", tends, last,
        *by_induction(f, statement("adamax"), "v"))]


def moment(b_p, old, power):
    """Adam's v of order p: beta2^p for beta2, |g|^p for g^2."""
    return b_p*old + (1 - b_p)*power


def ends(f: Formula) -> list[Step]:
    """The two rules between which p leads: p = 2, and no root any more."""
    adam = formula("adam")
    old = adam.symbols["v"]
    second = moment(beta2**p, old, sp.Abs(g)**p).subs(p, 2)

    def step(root):
        return theta - lr*adam.update["m"]/(1 - beta1**t)/(root + eps)

    return [
        all_of("Let Adam's second moment and its root be of order p, and its beta2 be "
               "beta2^p. With p = 2 that is Adam.",
               [(second, adam.update["v"].subs(beta2, beta2**2)),
                (step(sp.sqrt(second/(1 - beta2**(2*t)))),
                 adam.update["theta"].subs(beta2, beta2**2))],
               formula=r"v_t^{(p)} = \beta_2^p v_{t-1}^{(p)} + (1-\beta_2^p)\,|g_t|^p,\quad"
                       r" \theta_{t+1} = \theta_t - \frac{\eta\,\hat{m}_t}"
                       r"{\left(\hat{v}_t^{(p)}\right)^{1/p} + \varepsilon}"),
        checked("With AdaMax's v in place of the root it is the step of AdaMax.",
                step(f.update["v"]), f.update["theta"],
                formula=r"\theta_{t+1} = \theta_t"
                        r" - \frac{\eta\,\hat{m}_t}{v_t + \varepsilon}")]


def sums() -> list[Step]:
    """The moment is nearly the sum S, and S lies between M^p and t M^p."""
    top = sp.Max(B*X, Y)
    return [
        checked("From 0 on, the moment is 1 - beta2^p times a sum S of decayed |g|^p.",
                moment(B, (1 - B)*X, Y), (1 - B)*(B*X + Y),
                formula=r"v_t^{(p)} = (1-\beta_2^p)\, S_t,\quad"
                        r" S_t = \beta_2^p S_{t-1} + |g_t|^p"),
        all_of("With its bias taken out, it is a multiple of S between 1 - beta2^p and 1.",
               [((1 - B)/(1 - B**t), 1 - B, ">="),
                ((1 - B)/(1 - B**t), sp.Integer(1), "<=")],
               formula=r"\hat{v}_t^{(p)} = \frac{1-\beta_2^p}{1-\beta_2^{pt}}\, S_t,\quad"
                       r" 1-\beta_2^p \le \frac{1-\beta_2^p}{1-\beta_2^{pt}} \le 1"),
        checked("Let M be the largest beta2^(t-i) |g_i|. If M^p <= S before a step, then "
                "also after it.", B*(X + gap) + Y, top, ">=",
                formula=r"M_{t-1}^p \le S_{t-1} \;\Rightarrow\;"
                        r" M_t^p = \max(\beta_2^p M_{t-1}^p, |g_t|^p) \le S_t"),
        checked("If S <= (t - 1) M^p before step t, then S <= t M^p after it.",
                B*(t - 1)*X*share + Y, t*top, "<=",
                formula=r"S_{t-1} \le (t-1)\, M_{t-1}^p \;\Rightarrow\;"
                        r" S_t \le t\, M_t^p")]


def roots() -> list[Step]:
    return [
        checked("A number from 0 to 1 is at least its power p, so its root of order p is "
                "at least the number.", y**p, y, "<=",
                formula=r"0 \le y \le 1 \;\Rightarrow\; y^p \le y \le y^{1/p}"),
        checked("Bernoulli's inequality, from p to p + 1: so the root of order p of t is "
                "at most 1 + (t - 1)/p.", (1 + p*z)*(1 + z), 1 + (p + 1)*z, ">=",
                formula=r"(1+z)^p \ge 1 + p z \;\Rightarrow\; (1+z)^{p+1} \ge"
                        r" 1 + (p+1) z;\quad z = \frac{t-1}{p}:\; t^{1/p} \le"
                        r" 1 + \frac{t-1}{p}")]
