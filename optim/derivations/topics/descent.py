"""Steps that are the best ones for some way to measure how long a step is.

The loss near theta is its tangent <g, d>; the price of a step d is a squared norm, or d
must stay in a ball. What the norm is decides the rule: the Euclidean one gives gradient
descent, a diagonal one divides each coordinate by its weight, the maximum norm gives signs.

It is proved for one coordinate; that it holds for any number of them, by a sum over the
coordinates, are the claims by theorem.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import eps, g, lr, rule, share, theta
from optim.domains import declare

weight, d = declare("h", "> 0"), declare("d", "real")
radius, norm1 = declare("r", ">= 0"), declare("G", ">= 0")         # G: the sum of all |g_i|
inside = radius*(2*share - 1)                                      # any d with |d| <= r
SUM = "a sum is least where each of its terms is, and only there"
ZERO = "a product is 0 only where a factor is"


def steepest_descent() -> list[Claim]:
    """The claims of all four cases."""
    loss = claim("loss-of-sign", "If |d_i| <= r, what coordinate i loses to -r sign(g_i) "
                 "is |g_i| times its distance from there.",
                 (g*inside + radius*sp.Abs(g),
                  sp.Abs(g)*sp.Abs(inside + radius*sp.sign(g))))
    return [*norms(), loss, *squared_maximum(loss), *ball(loss)]


def norms() -> list[Claim]:
    """The Euclidean and a diagonal norm."""
    descent, adagrad = rule("gradient_descent"), rule("adagrad")
    best = -lr*g/weight
    euclidean = claim(
        "euclidean", "In one coordinate the tangent plus the squared distance over 2 lr is "
        "least at the step -lr g, and only there: at a distance c > 0 it is larger.",
        *only_least(g*d + d**2/(2*lr), d, -lr*g))
    diagonal = claim(
        "diagonal", "With a weight h > 0 of its own for each coordinate it is least at -lr "
        "g/h, and only there.", *only_least(g*d + weight*d**2/(2*lr), d, best))
    return [
        euclidean, diagonal, by_theorem(
            "all-coordinates", "So in all coordinates together -lr g is the only best "
            "step; and a diagonal norm divides each coordinate of the gradient by its "
            "weight: diagonal preconditioning.", SUM, euclidean, diagonal,
            caption=r"\arg\min_d\; \langle g, d \rangle + \frac{1}{2\eta}\sum_i h_i d_i^2"
                    r" = -\eta \frac{g}{h}"),
        claim("is-descent", "The first is the step of gradient descent.",
              (descent.update["theta"] - theta, -lr*g)),
        claim("is-adagrad", "Adagrad steps so, with the weights sqrt(v_t) + eps.",
              (adagrad.update["theta"] - theta,
               best.subs(weight, sp.sqrt(adagrad.update["v"]) + eps)))]


def squared_maximum(loss: Claim) -> list[Claim]:
    """The best step for the squared maximum norm."""
    best = -lr*norm1*sp.sign(g)
    square = claim("square-of-maximum", "Let G be the sum of the |g_i|, r the largest "
                   "|d_i|. As no loss is negative, the model is at least this: a square "
                   "less lr G^2/2.",
                   (-radius*norm1 + radius**2/(2*lr),
                    (radius - lr*norm1)**2/(2*lr) - lr*norm1**2/2))
    reached = claim("maximum-reached", "The step -lr G sign(g) gains lr G |g_i| in each "
                    "coordinate, and no |d_i| in it is above lr G.",
                    (g*best, -lr*norm1*sp.Abs(g)), (sp.Abs(best), "<=", lr*norm1))
    return [square, reached, by_theorem(
        "maximum-norm", "So that step is a best one with the squared maximum norm: all "
        "coordinates that have a gradient move equally far, by lr times the sum of all "
        "|g_i|. If no g_i is 0, it is the only best one.",
        "summed over i the gains are lr G^2; a square is 0 only at 0, so r = lr G and no "
        "coordinate has a loss; " + ZERO, loss, square, reached,
        caption=r"g_i \ne 0:\quad \arg\min_d\; \langle g, d \rangle +"
                r" \frac{\|d\|_{\infty}^2}{2\eta} = -\eta \|g\|_1 \,\mathrm{sign}(g)")]


def ball(loss: Claim) -> list[Claim]:
    """The best step in a ball of the maximum norm."""
    return [
        by_theorem("ball", "So in the ball |d_i| <= lr the sign step is a best one, and if "
                   "no g_i is 0, the only best one.",
                   "no product of absolute values is negative; " + ZERO + "; " + SUM, loss,
                   caption=r"g_i \ne 0:\quad \arg\min_{\|d\|_{\infty} \le \eta} \langle g,"
                           r" d \rangle = -\eta\,\mathrm{sign}(g)"),
        claim("ball-with-zeros", "Not so: where a g_i is 0, it is the only best one too: "
              "any other d_i in the ball gains less.",
              ((g*inside).subs(radius, lr), ">", -lr*sp.Abs(g)),
              at={g: sp.Integer(0), lr: sp.Integer(1), share: sp.Integer(1)})]
