"""Weight decay taken off past the moments, against lambda theta added to the gradient.

For gradient descent the two are one rule, after lambda' = lambda/lr. For Adam no lambda'
makes them one: at two states it would have to be two numbers.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.domains import declare

other, decay = declare("lambda_prime", "real"), declare("weight_decay", "> 0")
above, gap = declare("k", "> 0"), declare("gap", ">= 0")
ZERO = sp.Integer(0)


def decoupled(f: Formula) -> list[Step]:
    s, adam = f.symbols, formula("adam")
    off = adam.update["theta"] - s["weight_decay"]*s["theta"]
    apart = all_of("AdamW keeps Adam's moments, takes Adam's step, and lambda theta off "
                   "beside it.",
                   [(f.update["theta"], off),
                    *((f.update[name], adam.update[name]) for name in adam.init),
                    *((f.init[name], adam.init[name]) for name in adam.init)],
                   formula=r"m_t,\, v_t \;\text{as in Adam},\quad \theta_{t+1} = \theta_t"
                           r" - \frac{\eta\,\hat{m}_t}{\sqrt{\hat{v}_t} + \varepsilon}"
                           r" - \lambda\theta_t")
    return [apart, *gradient_descent(), *no_lambda(f)]


def gradient_descent() -> list[Step]:
    plain = formula("gradient_descent")
    theta, g, lr = (plain.symbols[name] for name in ("theta", "g", "lr"))
    joined = plain.update["theta"].subs(g, g + other*theta)
    same = checked("In gradient descent, decay taken off theta is decay in the gradient, "
                   "with lambda' = lambda/lr.", joined.subs(other, decay/lr),
                   plain.update["theta"] - decay*theta,
                   formula=r"\theta - \eta\left(g + \frac{\lambda}{\eta}\theta\right)"
                           r" = (\theta - \eta g) - \lambda\theta")
    apart = checked("With any lambda' the two differ by this.",
                    joined - (plain.update["theta"] - decay*theta),
                    lr*(decay/lr - other)*theta,
                    formula=r"\theta - \eta\,(g + \lambda'\theta) - (\theta - \eta g -"
                            r" \lambda\theta) = \eta\left(\frac{\lambda}{\eta} - \lambda'"
                            r"\right)\theta")
    return [same, apart, by_theorem(
        "So no other lambda' will do.",
        r"\lambda' \ne \frac{\lambda}{\eta},\; \theta \ne 0 \;\Rightarrow\;"
        r" \eta\left(\frac{\lambda}{\eta} - \lambda'\right)\theta \ne 0",
        "a product is 0 only where a factor is", apart)]


def no_lambda(f: Formula) -> list[Step]:
    """The first step at gradient 0: how far theta = 1 and theta = 2 are taken down."""
    s, adam = f.symbols, formula("adam")

    def beside(place):
        step = (s["theta"] - f.first_step["theta"]).subs({s["weight_decay"]: decay})
        return step.subs({s["g"]: 0, s["theta"]: place}, simultaneous=True)

    def joined(place, factor):
        step = adam.symbols["theta"] - adam.first_step["theta"]
        return step.subs({adam.symbols["g"]: factor*place, adam.symbols["theta"]: place},
                         simultaneous=True)

    double = all_of("Let d(theta) be how far the first step, at gradient 0, takes theta "
                    "down. In AdamW d(2) is twice d(1), and d(1) is more than 0.",
                    [(beside(sp.Integer(1)), decay), (beside(sp.Integer(2)), 2*decay),
                     (beside(sp.Integer(1)), ZERO, ">")],
                    formula=r"d(1) = \lambda,\quad d(2) = 2\lambda,\quad \lambda > 0")
    less = checked("In Adam with lambda' theta in the gradient and lambda' > 0, d(2) is "
                   "less than twice d(1).", joined(2, above), 2*joined(1, above), "<",
                   formula=r"\lambda' > 0:\quad d(2) = \frac{2\eta\lambda'}{2\lambda' +"
                           r" \varepsilon} < \frac{2\eta\lambda'}{\lambda' + \varepsilon}"
                           r" = 2 d(1)")
    never = checked("With lambda' <= 0, d(1) is not above 0.", joined(1, -gap), ZERO, "<=",
                    formula=r"\lambda' \le 0:\quad d(1) \le 0")
    return [double, less, never, by_theorem(
        "So for Adam there is no lambda' at all: none suits both states, 1 and 2.",
        r"\text{for no}\; \lambda'\text{:}\quad d_{\mathrm{Adam}}(1) ="
        r" d_{\mathrm{AdamW}}(1) \;\text{and}\; d_{\mathrm{Adam}}(2) ="
        r" d_{\mathrm{AdamW}}(2)",
        "equal rules make equal steps from every state", double, less, never)]
