"""Momentum: a geometric sum, its limit, and the damped oscillator that it discretises."""

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import invariant
from optim.derivations.rule_letters import g, lr, m, mu, t, theta
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

h, before = declare("h", "> 0"), declare("theta_before", "real")


def heavy_ball(f: Formula) -> list[Claim]:
    """What is particular to momentum."""
    moved = claim("m-is-the-step", "m_t is the step just made.",
                  (theta - f.update["theta"], f.update["m"]))
    return [moved, *constant_gradient(f, moved), *oscillator(f, moved)]


def constant_gradient(f: Formula, moved: Claim) -> list[Claim]:
    """The sum under a constant gradient, and its limit."""
    after = lr*g*(1 - mu**t)/(1 - mu)
    total = claim("geometric-sum", "Let the gradient be constant. By induction m_t is the "
                  "geometric sum lr g (1 - mu^t)/(1 - mu).", *invariant(f, {"m": after}))
    rest = claim("geometric-rest", "What is missing to lr g/(1 - mu) shrinks like mu^t.",
                 (lr*g/(1 - mu) - after, lr*g/(1 - mu)*mu**t))
    return [total, rest, by_theorem(
        "geometric-limit", "So under a constant gradient the step tends to that of "
        "gradient descent with the rate lr/(1 - mu).", "mu^t tends to 0 for 0 <= mu < "
        "1", moved, total, rest,
        caption=r"\theta_t - \theta_{t+1} \to \frac{\eta}{1-\mu}\, g")]


def oscillator(f: Formula, moved: Claim) -> list[Claim]:
    """Newton's law with friction, its derivatives replaced by quotients of differences."""
    after = f.update["theta"].subs({m: before - theta}, simultaneous=True)
    mass, friction = h**2/lr, (1 - mu)*h/lr
    force = mass*(after - 2*theta + before)/h**2 + friction*(theta - before)/h
    scheme = claim(
        "newtons-law", "Let M = h^2/lr and gamma = (1 - mu) h/lr, for any h > 0. With the "
        "last step for m it is Newton's law for a body of mass M with friction gamma, in "
        "time steps h. (At t = 1 there is no last step: the body starts at rest.)",
        (force, -g), caption=r"M = \frac{h^2}{\eta},\quad \gamma = \frac{(1-\mu) h}{\eta},"
                             r"\quad M\,\frac{\theta_{t+1} - 2\theta_t + \theta_{t-1}}{h^2}"
                             r" + \gamma\,\frac{\theta_t - \theta_{t-1}}{h} = -g_t")
    real = claim("real-body", "M and gamma are positive for every lr > 0 and every mu "
                 "below 1.", (mass, ">", 0), (friction, ">", 0))
    return [scheme, real, *quotients(moved, scheme, real)]


def quotients(*premises: Claim) -> list[Claim]:
    """How far the quotients are from the derivatives of a smooth path x(s), at s = 0."""
    x, slope, bend, r_before, r_after = (
        declare(name, "real") for name in ("x", "x_1", "x_2", "r_before", "r_after"))
    ahead = x + h*slope + h**2*bend/2 + h**3*r_after
    behind = x - h*slope + h**2*bend/2 - h**3*r_before
    near = claim(
        "quotients", "Take a smooth path x(s); by Taylor's theorem it has these values at "
        "distance h, with bounded r. So the two quotients are its derivatives x_1 and x_2 "
        "but for terms with h.",
        ((ahead - 2*x + behind)/h**2 - bend, h*(r_after - r_before)),
        ((x - behind)/h - slope, h*(h*r_before - bend/2)))
    return [near, by_theorem(
        "oscillator", "So a path of the damped oscillator follows this scheme but for "
        "terms with h: with M and gamma held (lr = h^2/M, mu = 1 - gamma h/M) momentum is "
        "of first order.", "Taylor's theorem, for paths with a bounded third derivative",
        *premises, near)]
