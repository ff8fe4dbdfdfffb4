"""Weight decay taken off past the moments, against lambda theta added to the gradient.

For gradient descent the two are one rule, after lambda' = lambda/lr. For Adam no lambda'
makes them one: at two states it would have to be two numbers.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import (
    g, gap, lr, rule, substitute, theta, weight_decay)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

other, decay = declare("lambda_prime", "real"), declare("weight_decay", "> 0")
above, place, by = declare("k", "> 0"), declare("theta", "> 0"), declare("d", "> 0")


def decoupled(f: Formula) -> list[Claim]:
    """What is particular to AdamW."""
    adam = rule("adam")
    apart = claim("apart", "AdamW keeps Adam's moments, takes Adam's step, and lambda "
                  "theta off beside it.",
                  (f.update["theta"], adam.update["theta"] - weight_decay*theta),
                  *((f.update[name], adam.update[name]) for name in adam.init),
                  *((f.init[name], adam.init[name]) for name in adam.init))
    return [apart, *gradient_descent(), no_lambda(f)]


def gradient_descent() -> list[Claim]:
    """Where decay beside the step is decay in the gradient."""
    plain = rule("gradient_descent")
    joined = plain.update["theta"].subs(g, g + other*theta)
    beside = plain.update["theta"] - decay*theta

    def difference(factor, at):
        return (joined - beside).subs({other: factor, theta: at}, simultaneous=True)

    return [
        claim("of-descent", "In gradient descent, decay taken off theta is decay in the "
              "gradient, with lambda' = lambda/lr.",
              (joined.subs(other, decay/lr), beside)),
        claim("of-descent-only", "And no other lambda' will do: with one that is d more or "
              "less than lambda/lr the two differ at every theta but 0.",
              *((difference(decay/lr + x, at)**2, ">", 0)
                for x in (by, -by) for at in (place, -place)))]


def no_lambda(f: Formula) -> Claim:
    """The first step at gradient 0: how far theta = 1 and theta = 2 are taken down."""
    adam = rule("adam")

    def beside(place):
        return substitute(f, theta - f.first_step["theta"], weight_decay=decay, g=0,
                          theta=sp.Integer(place))

    def joined(place, factor):
        return substitute(adam, theta - adam.first_step["theta"], g=factor*place,
                          theta=place)

    return claim(
        "no-lambda", "For Adam there is no lambda' at all. Let d(theta) be how far the "
        "first step, at gradient 0, takes theta down. In AdamW d(1) is lambda > 0 and d(2) "
        "twice that. In Adam with lambda' theta in the gradient, if lambda' > 0, d(2) is "
        "less than twice d(1); if lambda' <= 0, d(1) is not above 0.",
        (beside(1), decay), (beside(2), 2*decay), (beside(1), ">", 0),
        (joined(2, above), "<", 2*joined(1, above)), (joined(1, -gap), "<=", 0))
