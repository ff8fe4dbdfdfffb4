"""Weight decay taken off past the moments, against lambda theta added to the gradient.

For gradient descent the two are one rule, after lambda' = lambda/lr. For Adam no lambda'
makes them one: at two states it would have to be two numbers.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas import Formula, formula
from optim.prover import declare

share, size = declare("weight_decay", "> 0"), declare("k", "> 0")


def decoupled(f: Formula) -> list[Step]:
    plain = formula("gradient_descent")
    theta, g, lr = (plain.symbols[name] for name in ("theta", "g", "lr"))
    other = declare("lambda_prime", "real")
    joined = plain.update["theta"].subs(g, g + other*theta)
    same = checked("For gradient descent, decay taken off theta is decay in the gradient, "
                   "with lambda' = lambda/lr:", joined.subs(other, share/lr),
                   plain.update["theta"] - share*theta,
                   formula=r"\theta - \eta\left(g + \frac{\lambda}{\eta}\theta\right)"
                           r" = \theta - \eta g - \lambda\theta")
    only = checked("with no other one: they differ by lr (lambda/lr - lambda') theta.",
                   joined - (plain.update["theta"] - share*theta),
                   lr*(share/lr - other)*theta,
                   formula=r"\eta\left(\frac{\lambda}{\eta} - \lambda'\right)\theta")
    return [same, only, *no_lambda(f)]


def no_lambda(f: Formula) -> list[Step]:
    """Adam's first step at gradient 0, with lambda' theta in the gradient, at 1 and 2."""
    s, adam = f.symbols, formula("adam")
    weight = s["weight_decay"]

    def joined(place, other):
        step = adam.symbols["theta"] - adam.first_step["theta"]
        return step.subs({adam.symbols["g"]: other*place, adam.symbols["theta"]: place},
                         simultaneous=True)

    def apart(place):
        step = (s["theta"] - f.first_step["theta"]).subs({weight: share})
        return step.subs({s["g"]: 0, s["theta"]: place}, simultaneous=True)

    double = all_of("In AdamW the decay at 2 is twice that at 1 (first step, gradient 0), "
                    "and more than 0.", [(apart(1), share), (apart(2), 2*share)],
                    formula=r"\Delta(2) = 2\Delta(1) = 2\lambda > 0")
    less = checked("In Adam with lambda' theta in the gradient, lambda' > 0, it is less "
                   "than twice;", joined(2, size), 2*joined(1, size), "<",
                   formula=r"\frac{2\eta\lambda'}{2\lambda' + \varepsilon}"
                           r" < \frac{2\eta\lambda'}{\lambda' + \varepsilon}")
    never = all_of("with lambda' <= 0 it is not above 0.",
                   [(joined(1, -size), sp.Integer(0), "<"),
                    (joined(1, sp.Integer(0)), sp.Integer(0), "<=")],
                   formula=r"\lambda' \le 0:\quad \Delta(1) \le 0")
    return [double, less, never, by_theorem(
        "So for Adam there is no lambda' at all: the two states 1 and 2 ask for different "
        "ones.", r"\text{no}\; \lambda'", "equal rules agree at every state",
        double, less, never)]
