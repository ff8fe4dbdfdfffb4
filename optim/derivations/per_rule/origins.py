"""The problem that a step solves, for the rules whose papers pose one."""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import ONE, eps, g, lr, theta
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x, c, d = declare("x", "real"), declare("c", "> 0"), declare("d", "> 0")
HELD = {                                     # rule: by what its model holds the tangent
    "gradient_descent": "the squared distance",
    "adagrad": "a distance that the gradients so far measure"}


def origin(f: Formula) -> list[Claim]:
    """The claim that theta_{t+1} is the best point of a model of the loss."""
    if f.name not in HELD:
        return []
    bend = ONE if f.name == "gradient_descent" else sp.sqrt(f.update["v"]) + eps
    return [claim(
        "origin", "In each coordinate the step ends at the only minimum of the tangent of "
        f"the loss, held by {HELD[f.name]}: at any distance c > 0 from there that model is "
        "larger.", *only_least(lr*g*x + bend*(x - theta)**2/2, x, f.update["theta"]))]


def only_least(model: sp.Expr, x: sp.Symbol, best: sp.Expr) -> list[tuple]:
    """The goals that the model is larger at any other x than the best one."""
    return [(model.subs(x, best + away), ">", model.subs(x, best)) for away in (c, -c)]


def only_zero(left: sp.Expr, unknown: sp.Symbol, value: sp.Expr) -> list[tuple]:
    """The goals that left, which rises, is 0 where the unknown has this value only."""
    return [(left.subs(unknown, value + by), sign, 0)
            for by, sign in ((0, "=="), (d, ">"), (-d, "<"))]
