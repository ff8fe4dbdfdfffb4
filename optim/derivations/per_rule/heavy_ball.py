"""Momentum: a geometric sum, its limit, and the damped oscillator that it discretises."""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.domains import declare

t, h = declare("t", "1, 2, ..."), declare("h", "> 0")
before = declare("theta_before", "real")


def heavy_ball(f: Formula) -> list[Step]:
    moved = checked("m_t is the step just made.", f.symbols["theta"] - f.update["theta"],
                    f.update["m"], formula=r"\theta_t - \theta_{t+1} = m_t")
    return [moved, *constant_gradient(f, moved), *oscillator(f, moved)]


def constant_gradient(f: Formula, moved: Step) -> list[Step]:
    lr, mu, g, m = (f.symbols[name] for name in ("lr", "mu", "g", "m"))

    def after(n):
        return lr*g*(1 - mu**n)/(1 - mu)

    start = checked("Let the gradient be constant. m_0 is the sum of no terms.",
                    f.init["m"], after(sp.Integer(0)), formula=r"m_0 = 0")
    goes_on = checked("If m_{t-1} is this sum of t - 1 terms, then m_t is that of t terms: "
                      "so it holds for every t.",
                      f.update["m"].subs(m, after(t - 1)), after(t),
                      formula=r"m_t = \eta g \left(1 + \mu + \cdots + \mu^{t-1}\right)"
                              r" = \eta g\, \frac{1 - \mu^t}{1 - \mu}")
    rest = checked("What is missing to lr g/(1 - mu) shrinks like mu^t.",
                   lr*g/(1 - mu) - after(t), lr*g/(1 - mu)*mu**t,
                   formula=r"\frac{\eta g}{1-\mu} - m_t = \frac{\eta g}{1-\mu}\,\mu^t")
    return [start, goes_on, rest, by_theorem(
        "So under a constant gradient the step tends to that of gradient descent with the "
        "rate lr/(1 - mu).", r"\theta_t - \theta_{t+1} \to \frac{\eta}{1-\mu}\, g",
        "induction on t from m_0; mu^t tends to 0 for 0 <= mu < 1",
        moved, start, goes_on, rest)]


def oscillator(f: Formula, moved: Step) -> list[Step]:
    """Newton's law with friction, its derivatives replaced by quotients of differences."""
    theta, g, m, lr, mu = (f.symbols[name] for name in ("theta", "g", "m", "lr", "mu"))
    after = f.update["theta"].subs({m: before - theta}, simultaneous=True)
    mass, friction = h**2/lr, (1 - mu)*h/lr
    force = mass*(after - 2*theta + before)/h**2 + friction*(theta - before)/h
    scheme = checked(
        "Let M = h^2/lr and gamma = (1 - mu) h/lr, for any h > 0. With the last step for m "
        "it is Newton's law for a body of mass M with friction gamma, in time steps h. (At "
        "t = 1 there is no last step: the body starts at rest.)",
        force, -g,
        formula=r"M\,\frac{\theta_{t+1} - 2\theta_t + \theta_{t-1}}{h^2}"
                r" + \gamma\,\frac{\theta_t - \theta_{t-1}}{h} = -g_t")
    real = all_of("M and gamma are positive for every lr > 0 and every mu below 1.",
                  [(mass, sp.Integer(0), ">"), (friction, sp.Integer(0), ">")],
                  formula=r"M > 0,\quad \gamma > 0")
    return [scheme, real, *quotients(moved, scheme, real)]


def quotients(*premises: Step) -> list[Step]:
    """How far the quotients are from the derivatives of a smooth path x(s), at s = 0."""
    x, slope, bend, r_before, r_after = (
        declare(name, "real") for name in ("x", "x_1", "x_2", "r_before", "r_after"))
    ahead = x + h*slope + h**2*bend/2 + h**3*r_after
    behind = x - h*slope + h**2*bend/2 - h**3*r_before
    second, first = r"\frac{x(h) - 2x + x(-h)}{h^2}", r"\frac{x - x(-h)}{h}"
    near = all_of(
        "Take a smooth path x(s); by Taylor's theorem it has these values at distance h, "
        "with bounded r. So the two quotients are its derivatives but for terms with h.",
        [((ahead - 2*x + behind)/h**2 - bend, h*(r_after - r_before)),
         ((x - behind)/h - slope, h*(h*r_before - bend/2))],
        formula=r"x(\pm h) = x \pm h x' + \frac{h^2}{2} x'' \pm h^3 r_{\pm}:\quad "
                + second + r" = x'' + h\,(r_+ - r_-),\quad "
                + first + r" = x' + h\left(h r_- - \frac{x''}{2}\right)")
    return [near, by_theorem(
        "So a path of the damped oscillator follows this scheme but for terms with h: with "
        "M and gamma held (lr = h^2/M, mu = 1 - gamma h/M) momentum is of first order.",
        r"M x'' + \gamma x' = -\nabla J(x) \;\Rightarrow\; M\," + second + r" + \gamma\,"
        + first + r" = -\nabla J(x) + O(h)",
        "Taylor's theorem, for paths with a bounded third derivative", *premises, near)]
