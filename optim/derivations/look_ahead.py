"""Nesterov: the gradient a step ahead, also with schedules; Nadam is Adam that does so.

The gradient is an unknown function throughout: nothing is assumed of the loss.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, checked
from optim.formulas import Formula, formula
from optim.prover import declare

x, velocity = declare("x", "real"), declare("velocity", "real")
gradient = sp.Function("gradient", real=True)
now, following = declare("mu_t", "[0, 1)"), declare("mu_next", "[0, 1)")
lr = declare("lr", "> 0")


def nesterov(f: Formula) -> list[Step]:
    return [*one_gradient(f), *scheduled()]


def one_gradient(f: Formula) -> list[Step]:
    """Look-ahead form <=> one-gradient form, with y = x + mu velocity, both ways."""
    mu = f.symbols["mu"]
    ahead = x + mu*velocity
    velocity_new = mu*velocity - f.symbols["lr"]*gradient(ahead)
    x_new = x + velocity_new
    seen = {f.symbols["theta"]: ahead, f.symbols["m"]: -velocity,
            f.symbols["g"]: gradient(ahead)}
    theta, m = f.symbols["theta"], f.symbols["m"]
    return [
        all_of("One step of the look-ahead form, seen at y = x + mu velocity with m = "
               "-velocity, is one step of the rule: for any gradient at all.",
               [(f.update["theta"].subs(seen, simultaneous=True), x_new + mu*velocity_new),
                (f.update["m"].subs(seen, simultaneous=True), -velocity_new)],
               formula=r"y_t = x_t + \mu\, v_t:\quad y_{t+1} = y_t + \mu^2 v_t"
                       r" - (1 + \mu)\,\eta \nabla J(y_t)"),
        all_of("And back: x = theta + mu m and velocity = -m undo that change of letters.",
               [((theta + mu*m).subs({theta: ahead, m: -velocity}, simultaneous=True), x),
                (ahead.subs({x: theta + mu*m, velocity: -m}, simultaneous=True), theta)],
               formula=r"x_t = \theta_t + \mu\, m_t"),
        checked("Beside momentum the rule steps by mu m_t + lr g, with the new m, where "
                "momentum has mu m_{t-1} + lr g: it takes the next step's momentum now.",
                theta - f.update["theta"],
                (theta - formula("momentum").update["theta"]).subs(m, f.update["m"]),
                formula=r"\theta_{t+1} = \theta_t - (\mu\, m_t + \eta g_t)")]


def scheduled() -> list[Step]:
    """Where the two forms part when momentum changes with time."""
    y = declare("y", "real")
    velocity_new = now*velocity - lr*gradient(y)
    step = (y - now*velocity) + velocity_new + following*velocity_new
    bengio = y + following*now*velocity - (1 + following)*lr*gradient(y)
    return [
        checked("With a schedule, y = x + mu_t velocity: what decays is the old momentum, "
                "what looks ahead is the next one. The product is of two different mu.",
                step, bengio,
                formula=r"y_{t+1} = y_t + \mu_{t+1}\mu_t\, v_t"
                        r" - (1 + \mu_{t+1})\,\eta \nabla J(y_t)"),
        checked("With a schedule one may go on writing the square of one mu.", step,
                bengio.subs(following, now),
                formula=r"y_{t+1} = y_t + \mu_t^2\, v_t - (1 + \mu_t)\,\eta \nabla J(y_t)")
        .refuted()]


def nadam_from_adam(f: Formula) -> list[Step]:
    """Adam's mean with a schedule, and the same with the next momentum put in its place."""
    s = f.symbols
    product, m, g = s["mu_product"], s["m"], s["g"]
    schedule = next(e.right for e in f.equations if e.kind == "schedule")
    later = schedule.subs(s["t"], s["t"] + 1)
    root = sp.sqrt(f.update["v"]/(1 - s["beta2"]**s["t"])) + s["eps"]
    share, own = product*schedule, (1 - schedule)*g/(1 - product*schedule)
    adam_mean = schedule*m/(1 - share) + own
    return [
        checked("Adam's corrected mean, with a momentum that follows a schedule, is the "
                "old m times momentum plus a share of this gradient.",
                f.update["m"]/(1 - share), adam_mean,
                formula=r"\hat{m}_t = \frac{\mu_t m_{t-1}}{1-\Pi_t}"
                        r" + \frac{(1-\mu_t)\, g_t}{1-\Pi_t}"),
        checked("As Nesterov does, Nadam takes the next step's momentum now: the new m, "
                "the next mu, the next correction. Each summand is corrected on its own.",
                s["theta"] - s["lr"]*(later*f.update["m"]/(1 - share*later) + own)/root,
                f.update["theta"],
                formula=r"\bar{m}_t = \frac{\mu_{t+1} m_t}{1-\Pi_{t+1}}"
                        r" + \frac{(1-\mu_t)\, g_t}{1-\Pi_t}")]
