"""What is particular to momenta of several kinds, and to means of where a rule has been.

Each is held against plain gradient descent or momentum, of which it is made.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.induction import invariant
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import (
    ONE, ZERO, beta1, g, lr, new, substitute, t, theta, weight_decay)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x = declare("x", "real")


def aggmo(f: Formula) -> list[Claim]:
    """The mean of three momenta."""
    three = [(f.symbols[f"m{k}"], f.symbols[f"mu{k}"]) for k in (1, 2, 3)]
    steps = [new("momentum", mu=mu, m=lr*m) for m, mu in three]
    sums = {f"m{k}": (1 - mu**t)/(1 - mu) for k, (_, mu) in enumerate(three, 1)}
    return [
        claim("mean", "It goes to the mean of the places to which momentum with each of "
              "the three mu would go, from m = lr m1, lr m2 and lr m3; their m are then lr "
              "times its own.",
              (f.update["theta"], sum(steps)/3),
              *((lr*f.update[f"m{k}"], new("momentum", "m", mu=mu, m=lr*m))
                for k, (m, mu) in enumerate(three, 1))),
        claim("speed", "Under gradients of 1 each velocity is a geometric sum, by "
              "induction; it tends to 1/(1 - mu), and only how fast differs.",
              *invariant(f, sums, {"g": ONE}))]


def sgdw(f: Formula) -> list[Claim]:
    """The decay passes by the velocity, and is a share of theta."""
    shrunk = (1 - weight_decay)**t*theta
    inside = new("momentum", "m", g=g + weight_decay*theta)
    return [
        claim("beside", "Its step is momentum's, and a share of theta beside it; no "
              "velocity knows of the decay.",
              (f.update["theta"], new("momentum") - weight_decay*theta),
              (f.update["m"], substitute(f, f.update["m"], theta=x))),
        claim("shrinks", "Without gradients theta shrinks by that share in each step, by "
              "induction to (1 - weight_decay)^t of its start.",
              (shrunk.subs(t, 0), theta),
              (substitute(f, f.update["theta"], g=ZERO, m=ZERO,
                          theta=shrunk.subs(t, t - 1)), shrunk)),
        claim("not-l2", "Not so: with the decay in the gradient the velocity is the same.",
              (f.update["m"], inside), expected="REFUTED")]


def asgd(f: Formula) -> list[Claim]:
    """Gradient descent that is looked at from aside."""
    mean, after = f.symbols["theta_mean"], f.update["theta_mean"]
    squares = (t - 1)*(mean - x)**2 + (theta - x)**2
    return [
        claim("aside", "theta walks as gradient descent does; the mean does not reach it.",
              (f.update["theta"], new("gradient_descent"))),
        claim("weights", "In t times the mean every point so far counts once, what the "
              "mean was at the start not at all.",
              (t*after, (t - 1)*mean + theta), (after.subs(t, 1), theta)),
        claim("nearest", "The new mean is the only point with the least sum of squared "
              "distances to the points so far, t - 1 of which lie about the old mean: at "
              "any distance c > 0 from it that sum is larger.",
              *only_least(squares, x, after))]


def ends(f: Formula) -> Claim:
    """theta lies between zt and its mean."""
    z, mean = f.update["zt"], f.update["theta_mean"]
    return claim("between", "Where the next gradient is taken lies that share of the way "
                 "from zt to the mean: at zt itself for beta1 = 0; the nearer the mean the "
                 "nearer beta1 is to 1.",
                 (f.update["theta"], z + beta1*(mean - z)),
                 (f.update["theta"].subs(beta1, 0), z))


def schedule_free_sgd(f: Formula) -> list[Claim]:
    """A mean that takes the place of a schedule."""
    zt, mean, after = f.symbols["zt"], f.symbols["theta_mean"], f.update["theta_mean"]
    return [
        claim("descends", "zt takes gradient descent's step, with a gradient from theta.",
              (f.update["zt"], new("gradient_descent").subs(theta, zt))),
        claim("weights", "In t + 1 times the mean every zt so far counts once, the start "
              "among them.", ((t + 1)*after, t*mean + f.update["zt"])),
        ends(f),
        claim("schedule", "So a gradient moves the mean by lr/(t + 1) at once: as a rate "
              "that falls, though lr does not.",
              (sp.diff(after, g), -lr/(t + 1)))]


def schedule_free_adamw(f: Formula) -> list[Claim]:
    """The same about a step over the root of squares."""
    zt, mean, after = f.symbols["zt"], f.symbols["theta_mean"], f.update["theta_mean"]
    adam = new("adam", beta1=ZERO, m=ZERO)
    return [
        claim("descends", "zt takes the step of Adam without momentum, with a gradient "
              "from theta, and the decay takes lr weight_decay of theta off zt.",
              (f.update["zt"], zt + adam - theta - lr*weight_decay*theta)),
        claim("weights", "In t times the mean every zt so far counts once.",
              (t*after, (t - 1)*mean + f.update["zt"]),
              (after.subs(t, 1), f.update["zt"].subs(t, 1))),
        ends(f),
        claim("first", "Without eps and decay the first step of zt has size lr, whatever "
              "the gradient is.",
              (substitute(f, f.first_step["zt"], g=-declare("c", "> 0"), eps=ZERO,
                          weight_decay=ZERO), theta + lr))]
