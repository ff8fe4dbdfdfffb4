"""AdaMax as what Adam becomes when its second moment is one of order p, and p grows.

With |g|^p for g^2, beta2^p for beta2 and the root of order p for the square root, that root
lies between two multiples of the largest decayed gradient, and both multiples tend to 1.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import by_induction
from optim.derivations.rule_letters import (
    ONE, beta1, beta2, eps, g, gap, lr, rule, share, t, theta)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.papers import statement

B, p = declare("B", "[0, 1)"), declare("p", "1, 2, ...")            # B is beta2^p
X, Y = declare("X", ">= 0"), declare("Y", ">= 0")                   # M^p and |g|^p
y, z = declare("y", "[0, 1]"), declare("z", ">= 0")


def largest(f: Formula) -> list[Claim]:
    """The claims from Adam's moment of order p to AdaMax's v and its step."""
    two, last = ends(f)
    bounds = [*sums(), *roots()]
    return [two, *bounds, last, by_theorem(
        "limit", "So the root of order p of the moment, with its bias taken out or "
        "without, lies between (1 - beta2^p) M_t and (1 + (t - 1)/p) M_t and tends to the "
        "largest decayed gradient M_t. By induction (above) that is AdaMax's v: its step "
        "is the limit of these steps of order p, and needs no correction of v.",
        "roots of order p keep the order of numbers >= 0; beta2^p and (t - 1)/p tend to 0 "
        "as p grows; a quotient whose denominator is eps or more is continuous",
        *bounds, last, *by_induction(f, statement("adamax"), "v"),
        caption=r"v_t = \max_{1 \le i \le t} \beta_2^{t-i} |g_i|"
                r" = \lim_{p \to \infty} \left(\hat{v}_t^{(p)}\right)^{1/p}")]


def moment(b_p, old, power):
    """Adam's v of order p: beta2^p for beta2, |g|^p for g^2."""
    return b_p*old + (1 - b_p)*power


def ends(f: Formula) -> list[Claim]:
    """The two rules between which p leads: p = 2, and no root any more."""
    adam = rule("adam")
    second = moment(beta2**p, adam.symbols["v"], sp.Abs(g)**p).subs(p, 2)

    def step(root):
        return theta - lr*adam.update["m"]/(1 - beta1**t)/(root + eps)

    return [
        claim("order-two", "Let Adam's second moment and its root be of order p, and its "
              "beta2 be beta2^p. With p = 2 that is Adam.",
              (second, adam.update["v"].subs(beta2, beta2**2)),
              (step(sp.sqrt(second/(1 - beta2**(2*t)))),
               adam.update["theta"].subs(beta2, beta2**2))),
        claim("no-root", "With AdaMax's v in place of the root it is the step of AdaMax.",
              (step(f.update["v"]), f.update["theta"]))]


def sums() -> list[Claim]:
    """The moment is nearly the sum S, and S lies between M^p and t M^p."""
    top = sp.Max(B*X, Y)
    return [
        claim("sum", "Let S be the sum of the decayed |g|^p, 0 at the start: beta2^p S + "
              "|g|^p after a step. By induction the moment is 1 - beta2^p times S; and "
              "with its bias taken out, a multiple of S between 1 - beta2^p and 1.",
              (moment(B, 0, 0), (1 - B)*0), (moment(B, (1 - B)*X, Y), (1 - B)*(B*X + Y)),
              ((1 - B)/(1 - B**t), ">=", 1 - B), ((1 - B)/(1 - B**t), "<=", ONE)),
        claim("largest", "Let M be the largest beta2^(t-i) |g_i|, 0 at the start. By "
              "induction M^p <= S <= t M^p: if M^p <= S before a step, then also after it; "
              "if S <= (t - 1) M^p before step t, then S <= t M^p after it.",
              (B*(X + gap) + Y, ">=", top), (B*(t - 1)*X*share + Y, "<=", t*top))]


def roots() -> list[Claim]:
    """Two inequalities about roots of order p."""
    return [
        claim("root", "A number from 0 to 1 is at least its power p, so its root of order "
              "p is at least the number.", (y**p, "<=", y)),
        claim("bernoulli", "By induction on p (1 + z)^p is at least 1 + p z (Bernoulli); "
              "so with z = (t - 1)/p the root of order p of t is at most 1 + (t - 1)/p.",
              (1 + z, ">=", 1 + 1*z), ((1 + p*z)*(1 + z), ">=", 1 + (p + 1)*z))]
