"""Nesterov: the gradient a step ahead, with constant momentum and with a schedule.

The gradient is an unknown function throughout: nothing is assumed of the loss. The paper's
iterate is x_t, its velocity after step t is v_t; the rule walks the points y_t at which the
paper takes its gradients.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import lr, m, mu, rule, substitute, theta
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x, y, velocity = (declare(name, "real") for name in ("x", "y", "velocity"))
gradient = sp.Function("gradient", real=True)
now, following = declare("mu_t", "[0, 1)"), declare("mu_next", "[0, 1)")
ahead = x + mu*velocity                               # where the paper takes its gradient
velocity_new = mu*velocity - lr*gradient(ahead)
x_new = x + velocity_new


def nesterov(f: Formula) -> list[Claim]:
    """What is particular to Nesterov's rule."""
    return [*one_gradient(f), beside_momentum(f), *scheduled(f)]


def at(f: Formula, part: str, place: sp.Expr, m: sp.Expr, **values) -> sp.Expr:
    """What the rule makes of a letter, from this place and m."""
    return substitute(f, f.update[part], theta=place, m=m, g=gradient(place), **values)


def one_gradient(f: Formula) -> list[Claim]:
    """Look-ahead form <=> one-gradient form, with y = x + mu velocity, both ways."""
    to_rule = {x: theta + mu*m, velocity: -m}
    return [
        claim("together", "The look-ahead form takes its gradient at y = x + mu velocity. "
              "By induction the two forms walk together from one start, for every t and "
              "any gradient at all: m and velocity start at 0, so y is x; and one step of "
              "the look-ahead form, seen at y with m = -velocity, is one step of the rule. "
              "lr may change from step to step: a step has only its own.",
              (ahead.subs(velocity, -f.init["m"]), x),
              (at(f, "theta", ahead, -velocity), x_new + mu*velocity_new),
              (at(f, "m", ahead, -velocity), -velocity_new)),
        claim("back", "And back: one step of the rule, seen at x = theta + mu m with "
              "velocity = -m, is one step of the look-ahead form.",
              (x_new.subs(to_rule, simultaneous=True),
               at(f, "theta", theta, m) + mu*at(f, "m", theta, m)),
              (velocity_new.subs(to_rule, simultaneous=True), -at(f, "m", theta, m)))]


def beside_momentum(f: Formula) -> Claim:
    """How its step differs from that of momentum."""
    plain = rule("momentum")
    return claim(
        "beside-momentum", "Beside momentum the rule steps by mu m_t + lr g, with the new "
        "m, where momentum has mu m_{t-1} + lr g: it takes the next step's momentum now. "
        "Its m is that of momentum.",
        (theta - f.update["theta"],
         (theta - plain.update["theta"]).subs(m, f.update["m"])),
        (f.update["m"], plain.update["m"]))


def scheduled(f: Formula) -> list[Claim]:
    """Where the two forms part when momentum changes with time."""
    velocity_new = now*velocity - lr*gradient(y)
    step = (y - now*velocity) + velocity_new + following*velocity_new
    ours, m_new = (at(f, part, y, -velocity, mu=now) for part in ("theta", "m"))
    return [
        claim("two-mus", "With a schedule the look-ahead form keeps mu_t of the velocity "
              "and looks ahead by mu_{t+1}: a product of two different mu (Bengio et al.).",
              (step, y + following*now*velocity - (1 + following)*lr*gradient(y))),
        claim("parted", "The rule with mu_t for mu has the square of mu_t there. So the "
              "two part by this.", (step - ours, (following - now)*velocity_new)),
        claim("squared-mu", "Not so: with a schedule one may go on writing the square of "
              "one mu.", (ours, step), expected="REFUTED"),
        claim("scheduled", "The rule with mu_t in its m and mu_{t+1} in its step is the "
              "look-ahead form.", (m_new, -velocity_new),
              (y - (following*m_new + lr*gradient(y)), step))]
