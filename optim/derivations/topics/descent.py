"""Steps that are the best ones for some way to measure how long a step is.

The loss near theta is its tangent <g, d>; the price of a step d is a squared norm, or d
must stay in a ball. What the norm is decides the rule: the Euclidean one gives gradient
descent, a diagonal one divides each coordinate by its weight, the maximum norm gives signs.

All of it holds for any number of coordinates: it is proved for one of them, and summed.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas.rule_formulas import formula
from optim.domains import declare

lr, weight, c = (declare(name, "> 0") for name in ("lr", "h", "c"))
g, d = declare("g", "real"), declare("d", "real")
radius, share = declare("r", ">= 0"), declare("share", "[0, 1]")
inside = radius*(2*share - 1)                                      # any d with |d| <= r
norm1 = declare("G", ">= 0")                                       # the sum of all |g_i|
SUM = "a sum is least where each of its terms is, and only there"
ZERO = "a product is 0 only where a factor is"


def steepest_descent() -> list[Step]:
    """The steps of all four cases."""
    loss = checked("If |d_i| <= r, what coordinate i loses to -r sign(g_i) is |g_i| times "
                   "its distance from there.", g*inside + radius*sp.Abs(g),
                   sp.Abs(g)*sp.Abs(inside + radius*sp.sign(g)),
                   formula=r"|d_i| \le r:\quad g_i d_i + r |g_i|"
                           r" = |g_i|\,|d_i + r\,\mathrm{sign}(g_i)|")
    return [*euclidean(), *diagonal(), loss, *squared_maximum(loss), *ball(loss)]


def euclidean() -> list[Step]:
    model, rule = g*d + d**2/(2*lr), formula("gradient_descent")
    square = checked(
        "In one coordinate, let f(d) be the tangent plus the squared distance. It is a "
        "square plus the value that it takes at the step -lr g.",
        model, (d + lr*g)**2/(2*lr) + model.subs(d, -lr*g),
        formula=r"f(d) = g d + \frac{d^2}{2\eta} = \frac{(d + \eta g)^2}{2\eta}"
                r" - \frac{\eta g^2}{2}")
    only = higher("At a distance c > 0 to either side of -lr g it is larger.",
                  model, -lr*g, r"-\eta g")
    return [
        square, only,
        by_theorem("So in all coordinates together -lr g is the only best step.",
                   r"\arg\min_d\; \langle g, d \rangle + \frac{\|d\|_2^2}{2\eta}"
                   r" = -\eta g", SUM, square, only),
        checked("That is the step of gradient descent.",
                rule.update["theta"] - rule.symbols["theta"], -lr*rule.symbols["g"],
                formula=r"\theta_{t+1} - \theta_t = -\eta g_t")]


def higher(sentence: str, model: sp.Expr, best: sp.Expr, tex: str) -> Step:
    """The step that says that the model is larger at any other place than the best."""
    return all_of(sentence, [(model.subs(d, best + x), model.subs(d, best), ">")
                             for x in (c, -c)], formula=rf"f({tex} \pm c) > f({tex})")


def diagonal() -> list[Step]:
    model, adagrad = g*d + weight*d**2/(2*lr), formula("adagrad")
    best, s = -lr*g/weight, adagrad.symbols
    square = checked(
        "With a weight h > 0 of its own for each coordinate, the square in f moves.",
        model, weight*(d + lr*g/weight)**2/(2*lr) + model.subs(d, best),
        formula=r"f(d) = g d + \frac{h d^2}{2\eta} = \frac{h}{2\eta}\left(d +"
                r" \frac{\eta g}{h}\right)^2 - \frac{\eta g^2}{2h}")
    only = higher("At a distance c > 0 to either side of -lr g/h it is larger.",
                  model, best, r"-\eta g/h")
    return [
        square, only,
        by_theorem("So a diagonal norm divides each coordinate of the gradient by its "
                   "weight: diagonal preconditioning.",
                   r"\arg\min_d\; \langle g, d \rangle + \frac{1}{2\eta}\sum_i h_i d_i^2"
                   r" = -\eta \frac{g}{h}", SUM, square, only),
        checked("Adagrad steps so, with the weights sqrt(v_t) + eps.",
                adagrad.update["theta"] - s["theta"],
                best.subs(weight, sp.sqrt(adagrad.update["v"]) + s["eps"]),
                formula=r"\theta_{t+1} - \theta_t = -\eta\,\frac{g_t}{h_t},\quad"
                        r" h_t = \sqrt{v_t} + \varepsilon")]


def squared_maximum(loss: Step) -> list[Step]:
    best = -lr*norm1*sp.sign(g)
    square = checked("Let G be the sum of the |g_i|, r the largest |d_i|. As no loss is "
                     "negative, the model is at least this: a square less lr G^2/2.",
                     -radius*norm1 + radius**2/(2*lr),
                     (radius - lr*norm1)**2/(2*lr) - lr*norm1**2/2,
                     formula=r"-r G + \frac{r^2}{2\eta} = \frac{(r - \eta G)^2}{2\eta}"
                             r" - \frac{\eta G^2}{2}")
    reached = all_of("The step -lr G sign(g) gains lr G |g_i| in each coordinate, and no "
                     "|d_i| in it is above lr G.",
                     [(g*best, -lr*norm1*sp.Abs(g)), (sp.Abs(best), lr*norm1, "<=")],
                     formula=r"d_i = -\eta G\,\mathrm{sign}(g_i):\quad"
                             r" g_i d_i = -\eta G |g_i|,\quad |d_i| \le \eta G")
    model = r"\langle g, d \rangle + \frac{\|d\|_{\infty}^2}{2\eta}"
    least = by_theorem(
        "So that step is a best one with the squared maximum norm: all coordinates that "
        "have a gradient move equally far, by lr times the sum of all |g_i|.",
        r"-\eta \|g\|_1 \,\mathrm{sign}(g) \in \arg\min_d\; " + model,
        "summed over i the gains are lr G^2; a value that bounds from below and is taken "
        "is the least", loss, square, reached)
    return [square, reached, least, by_theorem(
        "If no g_i is 0, it is the only best one.",
        r"g_i \ne 0 \;\text{for all}\; i:\quad \arg\min_d\; " + model
        + r" = -\eta \|g\|_1 \,\mathrm{sign}(g)",
        "a square is 0 only at 0, so r = lr G and no coordinate has a loss; " + ZERO,
        loss, square, least)]


def ball(loss: Step) -> list[Step]:
    least = r"\arg\min_{\|d\|_{\infty} \le \eta} \langle g, d \rangle"
    best = r"-\eta\,\mathrm{sign}(g)"
    return [
        by_theorem("So in the ball |d_i| <= lr the sign step is a best one.",
                   rf"{best} \in {least}",
                   "with r = lr; no product of absolute values is negative; " + SUM, loss),
        by_theorem("If no g_i is 0, it is the only best one in the ball.",
                   rf"g_i \ne 0 \;\text{{for all}}\; i:\quad {least} = {best}",
                   "with r = lr; " + ZERO + "; " + SUM, loss),
        at_point("Not so: where a g_i is 0, it is the only best one too.",
                 (g*inside).subs(radius, lr), -lr*sp.Abs(g),
                 {g: sp.Integer(0), lr: sp.Integer(1), share: sp.Integer(1)},
                 r"g_i d_i > -\eta |g_i| \quad\text{for}\;"
                 r" d_i \ne -\eta\,\mathrm{sign}(g_i)", ">")]
