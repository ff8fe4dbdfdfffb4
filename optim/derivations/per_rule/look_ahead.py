"""Nesterov: the gradient a step ahead, with constant momentum and with a schedule.

The gradient is an unknown function throughout: nothing is assumed of the loss. The paper's
iterate is x_t, its velocity after step t is v_t; the rule walks the points y_t at which the
paper takes its gradients.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.domains import declare

x, y, velocity = (declare(name, "real") for name in ("x", "y", "velocity"))
gradient = sp.Function("gradient", real=True)
now, following = declare("mu_t", "[0, 1)"), declare("mu_next", "[0, 1)")


def nesterov(f: Formula) -> list[Step]:
    return [*one_gradient(f), beside_momentum(f), *scheduled(f)]


def at(f: Formula, part: str, place: sp.Expr, m: sp.Expr, **values) -> sp.Expr:
    """What the rule makes of a letter, from this place and m."""
    s = f.symbols
    return f.update[part].subs({s["theta"]: place, s["m"]: m, s["g"]: gradient(place)}
                               | {s[name]: e for name, e in values.items()},
                               simultaneous=True)


def one_gradient(f: Formula) -> list[Step]:
    """Look-ahead form <=> one-gradient form, with y = x + mu velocity, both ways."""
    theta, m, mu, lr = (f.symbols[name] for name in ("theta", "m", "mu", "lr"))
    ahead = x + mu*velocity
    velocity_new = mu*velocity - lr*gradient(ahead)
    x_new = x + velocity_new
    to_rule = {x: theta + mu*m, velocity: -m}
    start = checked("The look-ahead form takes its gradient at y = x + mu velocity. Its "
                    "velocity starts at 0, as m does: there y is x.",
                    ahead.subs(velocity, -f.init["m"]), x,
                    formula=r"v_0 = -m_0 = 0:\quad y_1 = x_1")
    there = all_of("One step of the look-ahead form, seen at y with m = -velocity, is one "
                   "step of the rule: for any gradient at all.",
                   [(at(f, "theta", ahead, -velocity), x_new + mu*velocity_new),
                    (at(f, "m", ahead, -velocity), -velocity_new)],
                   formula=r"v_t = \mu\, v_{t-1} - \eta\nabla J(y_t),\;"
                           r" x_{t+1} = x_t + v_t:\quad"
                           r" \theta_{t+1} = x_{t+1} + \mu\, v_t = y_{t+1},\; m_t = -v_t")
    back = all_of("And back: one step of the rule, seen at x = theta + mu m with velocity "
                  "= -m, is one step of the look-ahead form.",
                  [(x_new.subs(to_rule, simultaneous=True),
                    at(f, "theta", theta, m) + mu*at(f, "m", theta, m)),
                   (velocity_new.subs(to_rule, simultaneous=True), -at(f, "m", theta, m))],
                  formula=r"x_t = \theta_t + \mu\, m_{t-1},\; v_{t-1} = -m_{t-1}:\quad"
                          r" x_{t+1} = \theta_{t+1} + \mu\, m_t,\; v_t = -m_t")
    return [start, there, back, by_theorem(
        "So from one start the two forms walk together, for every t and any loss. lr may "
        "change from step to step: a step has only its own.",
        r"\theta_t = x_t + \mu\, v_{t-1},\quad m_t = -v_t",
        "induction on t from v_0 = 0", start, there, back)]


def beside_momentum(f: Formula) -> Step:
    s, plain = f.symbols, formula("momentum")
    return all_of(
        "Beside momentum the rule steps by mu m_t + lr g, with the new m, where momentum "
        "has mu m_{t-1} + lr g: it takes the next step's momentum now. Its m is that of "
        "momentum.",
        [(s["theta"] - f.update["theta"],
          (s["theta"] - plain.update["theta"]).subs(s["m"], f.update["m"])),
         (f.update["m"], plain.update["m"])],
        formula=r"m_t = \mu\, m_{t-1} + \eta g_t,\quad"
                r" \theta_{t+1} = \theta_t - (\mu\, m_t + \eta g_t)")


def scheduled(f: Formula) -> list[Step]:
    """Where the two forms part when momentum changes with time."""
    lr = f.symbols["lr"]
    velocity_new = now*velocity - lr*gradient(y)
    step = (y - now*velocity) + velocity_new + following*velocity_new
    ours, m_new = (at(f, part, y, -velocity, mu=now) for part in ("theta", "m"))
    return [
        checked("With a schedule the look-ahead form keeps mu_t of the velocity and looks "
                "ahead by mu_{t+1}: a product of two different mu (Bengio et al.).",
                step, y + following*now*velocity - (1 + following)*lr*gradient(y),
                formula=r"v_t = \mu_t v_{t-1} - \eta\nabla J(y_t):\quad y_{t+1} = y_t"
                        r" - \mu_t v_{t-1} + v_t + \mu_{t+1} v_t = y_t + \mu_{t+1}\mu_t\,"
                        r" v_{t-1} - (1 + \mu_{t+1})\,\eta\nabla J(y_t)"),
        checked("The rule with mu_t for mu has the square of mu_t there. So the two part "
                "by this.", step - ours, (following - now)*velocity_new,
                formula=r"y_{t+1} - \theta_{t+1} = (\mu_{t+1} - \mu_t)\, v_t"),
        checked("Not so: with a schedule one may go on writing the square of one mu.", ours,
                step, formula=r"y_t + \mu_t^2\, v_{t-1} - (1 + \mu_t)\,\eta\nabla J(y_t)"
                              r" = y_{t+1}").refuted(),
        all_of("The rule with mu_t in its m and mu_{t+1} in its step is the look-ahead "
               "form.", [(m_new, -velocity_new),
                         (y - (following*m_new + lr*gradient(y)), step)],
               formula=r"m_t = \mu_t m_{t-1} + \eta g_t = -v_t,\quad"
                       r" y_{t+1} = y_t - (\mu_{t+1} m_t + \eta g_t)")]
