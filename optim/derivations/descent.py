"""Steps that are the best ones for some way to measure how long a step is.

The loss near theta is its tangent <g, d>; the price of a step d is a squared norm, or d
must stay in a ball. What the norm is decides the rule: the Euclidean one gives gradient
descent, a diagonal one divides each coordinate by its weight, the maximum norm gives signs.

All of it holds for any number of coordinates: it is proved for one of them, and summed.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas import formula
from optim.prover import declare

lr, weight, c = (declare(name, "> 0") for name in ("lr", "h", "c"))
g, d = declare("g", "real"), declare("d", "real")
radius, share = declare("r", ">= 0"), declare("share", "[0, 1]")
norm1 = declare("G", ">= 0")                                       # the sum of all |g_i|
SUM = "a sum is least where each of its terms is"


def steepest_descent() -> list[Step]:
    """The steps of all four cases."""
    return [*euclidean(), *diagonal(), *squared_maximum(), *ball()]


def euclidean() -> list[Step]:
    model = g*d + d**2/(2*lr)
    rule = formula("gradient_descent")
    moved = rule.update["theta"] - rule.symbols["theta"]
    square = checked(
        "In one coordinate, the tangent plus the squared distance is a square plus what "
        "the step -lr g makes of it.",
        model, (d + lr*g)**2/(2*lr) + model.subs(d, -lr*g),
        formula=r"g d + \frac{d^2}{2\eta} = \frac{(d + \eta g)^2}{2\eta}"
                r" - \frac{\eta g^2}{2}")
    only = all_of("That square is 0 at d = -lr g, and positive at any distance c > 0 to "
                  "either side.",
                  [(model.subs(d, -lr*g + x), model.subs(d, -lr*g), ">") for x in (c, -c)],
                  formula=r"(d + \eta g)^2 > 0 \quad \text{for}\; d \ne -\eta g")
    return [
        square, only,
        by_theorem("So in all coordinates together -lr g is the only best step.",
                   r"\arg\min_d\; \langle g, d \rangle + \frac{\|d\|_2^2}{2\eta}"
                   r" = -\eta g", SUM, square, only),
        checked("That is the step of gradient descent.", moved,
                -lr*rule.symbols["g"], formula=r"\theta_{t+1} = \theta_t - \eta g_t")]


def diagonal() -> list[Step]:
    model = g*d + weight*d**2/(2*lr)
    square = checked(
        "With a weight h > 0 of its own for each coordinate, the square moves.",
        model, weight*(d + lr*g/weight)**2/(2*lr) + model.subs(d, -lr*g/weight),
        formula=r"g d + \frac{h d^2}{2\eta} = \frac{h}{2\eta}\left(d + \frac{\eta g}{h}"
                r"\right)^2 - \frac{\eta g^2}{2h}")
    return [square, by_theorem(
        "So a diagonal norm divides each coordinate of the gradient by its weight: "
        "diagonal preconditioning, the form of Adagrad and all that follow.",
        r"\arg\min_d\; \langle g, d \rangle + \frac{1}{2\eta}\sum_i h_i d_i^2"
        r" = -\eta \frac{g}{h}", SUM, square)]


def squared_maximum() -> list[Step]:
    inside = radius*(2*share - 1)                        # any d with |d| <= r
    best = -lr*norm1*sp.sign(g)
    bound = checked("If no coordinate of d is longer than r, none gains more than r |g_i|.",
                    g*inside, -radius*sp.Abs(g), ">=",
                    formula=r"g_i d_i \ge -r |g_i| \quad \text{if}\; |d_i| \le r")
    square = checked("With G, the sum of the |g_i|, and r the largest |d_i|, the model is "
                     "therefore at least a square less lr G^2/2.",
                     -radius*norm1 + radius**2/(2*lr),
                     (radius - lr*norm1)**2/(2*lr) - lr*norm1**2/2,
                     formula=r"-r G + \frac{r^2}{2\eta} = \frac{(r - \eta G)^2}{2\eta}"
                             r" - \frac{\eta G^2}{2}")
    reached = all_of("The step -lr G sign(g) gains lr G |g_i| in each coordinate, lr G^2 "
                     "in all, and no |d_i| in it is above lr G: it reaches that value.",
                     [(g*best, -lr*norm1*sp.Abs(g)), (sp.Abs(best), lr*norm1, "<="),
                      (-lr*norm1**2 + (lr*norm1)**2/(2*lr), -lr*norm1**2/2)],
                     formula=r"\langle g, d \rangle + \frac{\|d\|_{\infty}^2}{2\eta}"
                             r" = -\frac{\eta G^2}{2} \quad\text{at}\;"
                             r" d = -\eta G\,\mathrm{sign}(g)")
    return [bound, square, reached, by_theorem(
        "So with the squared maximum norm all coordinates move equally far, by lr times "
        "the sum of all |g_i|.",
        r"-\eta \|g\|_1 \,\mathrm{sign}(g) \in \arg\min_d\;"
        r" \langle g, d \rangle + \frac{\|d\|_{\infty}^2}{2\eta}",
        "a value that bounds from below and is taken is the least", bound, square, reached)]


def ball() -> list[Step]:
    inside = lr*(2*share - 1)                            # any d with |d| <= lr
    loss = checked("In the ball |d| <= lr, what a coordinate loses to the sign step is |g| "
                   "times its distance from that step.",
                   g*inside + lr*sp.Abs(g), sp.Abs(g)*sp.Abs(inside + lr*sp.sign(g)),
                   formula=r"g d + \eta |g| = |g|\,|d + \eta\,\mathrm{sign}(g)|"
                           r" \quad\text{if}\; |d| \le \eta")
    return [
        loss,
        by_theorem("So the sign step is best there, and the only best one where no "
                   "coordinate of the gradient is 0.",
                   r"\arg\min_{\|d\|_{\infty} \le \eta} \langle g, d \rangle"
                   r" = -\eta\,\mathrm{sign}(g)",
                   "a product of numbers >= 0 is 0 only where one of them is; " + SUM,
                   loss),
        at_point("Where a coordinate has no gradient the sign step is still the only best "
                 "one (it is not: all steps are equally good there).",
                 g*inside, -lr*sp.Abs(g), {g: sp.Integer(0), lr: sp.Integer(1),
                                           share: sp.Integer(1)},
                 r"g d > -\eta |g| \quad\text{for}\; d \ne -\eta\,\mathrm{sign}(g)", ">")]
