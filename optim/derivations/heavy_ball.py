"""Momentum: a geometric sum, its limit, and the damped oscillator that it discretises."""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas import Formula
from optim.prover import declare

mu, t = declare("mu", "[0, 1)"), declare("t", "1, 2, ...")
mass, friction, h = (declare(name, "> 0") for name in ("M", "friction", "h"))
before = declare("theta_before", "real")


def heavy_ball(f: Formula) -> list[Step]:
    return [*constant_gradient(f), *oscillator(f)]


def constant_gradient(f: Formula) -> list[Step]:
    lr, g, m = (f.symbols[name] for name in ("lr", "g", "m"))

    def after(n):
        return lr*g*(1 - mu**n)/(1 - mu)

    start = checked("Under a constant gradient m starts at 0, and",
                    f.init["m"], after(sp.Integer(0)), formula=r"m_0 = 0")
    goes_on = checked("a step takes this sum from t - 1 to t: so it holds for every t.",
                      f.update["m"].subs(m, after(t - 1)), after(t),
                      formula=r"m_t = \eta g \left(1 + \mu + \cdots + \mu^{t-1}\right)"
                              r" = \eta g\, \frac{1 - \mu^t}{1 - \mu}")
    rest = checked("What is missing to lr g/(1 - mu) shrinks like mu^t.",
                   lr*g/(1 - mu) - after(t), lr*g/(1 - mu)*mu**t,
                   formula=r"\frac{\eta g}{1-\mu} - m_t = \frac{\eta g}{1-\mu}\,\mu^t")
    return [start, goes_on, rest, by_theorem(
        "So the step tends to that of gradient descent with the rate lr/(1 - mu).",
        r"m_t \to \frac{\eta}{1-\mu}\, g",
        "mu^t tends to 0 for 0 <= mu < 1", start, goes_on, rest)]


def oscillator(f: Formula) -> list[Step]:
    theta, g, m, lr = (f.symbols[name] for name in ("theta", "g", "m", "lr"))
    after = f.update["theta"].subs({m: before - theta}, simultaneous=True)
    as_physics = {f.symbols["mu"]: 1 - friction*h/mass, lr: h**2/mass}
    scheme = (mass*(after - 2*theta + before)/h**2 + friction*(theta - before)/h)
    a, b, c, d, s = (declare(name, "real") for name in ("a", "b", "c", "d", "s"))
    path = a + b*s + c*s**2 + d*s**3
    now = path.subs(s, 0)
    second = (path.subs(s, h) - 2*now + path.subs(s, -h))/h**2
    first = (now - path.subs(s, -h))/h
    return [
        checked("With mu = 1 - friction h/M and lr = h^2/M it is a body of mass M with "
                "friction, its time cut into steps h.", scheme.subs(as_physics), -g,
                formula=r"M\,\frac{\theta_{t+1} - 2\theta_t + \theta_{t-1}}{h^2}"
                        r" + \gamma\,\frac{\theta_t - \theta_{t-1}}{h} = -\nabla J"),
        all_of("On any cubic path these quotients are the second and the first derivative, "
               "the latter but for terms with h: the scheme is one of first order for the "
               "damped oscillator.",
               [(second, sp.diff(path, s, 2).subs(s, 0)),
                (first, sp.diff(path, s).subs(s, 0) - h*(c - h*d))],
               formula=r"M \theta'' + \gamma\, \theta' = -\nabla J(\theta)")]
