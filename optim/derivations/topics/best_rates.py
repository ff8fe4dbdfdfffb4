"""The best parameters of linear rules for all curvatures from m to L, kappa = L/m.

A rate r means that no root is longer than r for any of these curvatures. What is proved to
have the best rate are the very parameters that optim.stability.best_parameters gives.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem
from optim.domains import declare
from optim.stability import best_parameters, dynamics, s, z

mu, r, m = declare("mu", "[0, 1)"), declare("r", "(0, 1)"), declare("m", "> 0")
share, gap = declare("share", "[0, 1]"), declare("gap", ">= 0")
x, zero = declare("z", "real"), sp.Integer(0)
ORDER = ("kappa = (lr L)/(lr m); a product with a positive factor has the sign of the "
         "other one")
ROOTS = "; squares keep the order of positive numbers"


def best_rates(jury: Step) -> list[Step]:
    """jury is the step that no root is longer than r if and only if three signs hold."""
    return [*descent(), *heavy_ball(jury), *nesterov(jury)]


def polynomial(name: str, momentum, s_value, at) -> sp.Expr:
    """The characteristic polynomial of the rule at a point."""
    return dynamics(name).polynomial.subs({mu: momentum, s: s_value},
                                          simultaneous=True).subs(z, at)


def product(name: str, momentum, s_value) -> sp.Expr:
    """The product of the two roots."""
    return polynomial(name, momentum, s_value, zero)


def three_signs(name: str, momentum, s_value, radius) -> list[tuple]:
    """Jury's conditions as goals: no root of the rule is longer than the radius."""
    return [(polynomial(name, momentum, s_value, radius), zero, ">="),
            (polynomial(name, momentum, s_value, -radius), zero, ">="),
            (product(name, momentum, s_value), radius**2, "<=")]


def spectrum(name: str, kappa) -> tuple[dict, sp.Expr, sp.Expr, sp.Expr]:
    """The best parameters; and lr times m, times L, times all curvatures from m to L."""
    best = best_parameters(name, m, m*kappa)
    return best, best["lr"]*m, best["lr"]*m*kappa, best["lr"]*m*(1 + (kappa - 1)*share)


# ------------------------------------------------------------------ gradient descent
def descent() -> list[Step]:
    def root(s_value):
        return -polynomial("gradient_descent", zero, s_value, zero)

    kappa = 1 + gap
    best, low, high, between = spectrum("gradient_descent", kappa)
    rate = best["rate"]
    have = all_of("With this lr the root of gradient descent is the rate at m and minus "
                  "the rate at L; for the curvatures between it lies between these.",
                  [(root(low), rate), (root(high), -rate),
                   (root(between), rate, "<="), (root(between), -rate, ">=")],
                  formula=r"\eta = \frac{2}{L+m}:\quad r = \frac{\kappa-1}{\kappa+1}")
    least = all_of("Conversely a rate r needs lr m >= 1 - r and lr L <= 1 + r. So kappa is "
                   "at most (1 + r)/(1 - r), and this says that r is at least that rate.",
                   [(root(s), 1 - s), ((1 + r)*share/(1 - r + gap), (1 + r)/(1 - r), "<="),
                    inverted(kappa)],
                   formula=r"\kappa \le \frac{1+r}{1-r} \;\Leftrightarrow\;"
                           r" r \ge \frac{\kappa-1}{\kappa+1}")
    return [have, least, by_theorem(
        "So this is the best rate of gradient descent.",
        r"r^{*} = \frac{\kappa-1}{\kappa+1}", ORDER, have, least)]


def inverted(q) -> tuple:
    """The goal that q <= (1 + r)/(1 - r) if and only if r >= (q - 1)/(q + 1)."""
    return (1 + r) - q*(1 - r), (q + 1)*(r - (q - 1)/(q + 1))


# ------------------------------------------------------------------ heavy ball
def heavy_ball(jury: Step) -> list[Step]:
    q = 1 + gap                                              # sqrt(kappa)
    best, low, high, between = spectrum("momentum", q**2)
    rate, best_mu = best["rate"], best["mu"]
    have = all_of("With these parameters the two roots of momentum meet at the rate for m, "
                  "at minus the rate for L (at 0 if kappa = 1),",
                  [(polynomial("momentum", best_mu, low, x), (x - rate)**2),
                   (polynomial("momentum", best_mu, high, x), (x + rate)**2)],
                  formula=r"\eta = \frac{4}{(\sqrt{L}+\sqrt{m})^2},\;"
                          r" \mu = \left(\frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}\right)^2")
    fits = all_of("and for every curvature from m to L all three signs hold, with the rate "
                  "for r.",
                  three_signs("momentum", best_mu, between, rate),
                  formula=r"r = \frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}")
    ends = all_of("Conversely, no root is longer than r at m and at L only if mu <= r^2 "
                  "and both of these hold.",
                  [(product("momentum", mu, s), mu),
                   (polynomial("momentum", mu, s, r), s*r - (1 - r)*(r - mu)),
                   (polynomial("momentum", mu, s, -r), (1 + r)*(r + mu) - s*r)],
                  formula=r"\eta m\, r \ge (1-r)(r-\mu),\quad"
                          r" \eta L\, r \le (1+r)(r+\mu)")
    momentum = r**2*declare("part", "[0, 1]")                # from 0 to r^2
    least = all_of("So kappa is at most a quotient that is largest at mu = r^2, and this "
                   "says that r is at least the rate.",
                   [(r - momentum, zero, ">"),
                    ((1 + r)*(r + momentum)*share/((1 - r)*(r - momentum) + gap),
                     ((1 + r)/(1 - r))**2, "<="), inverted(q)],
                   formula=r"\kappa \le \frac{(1+r)(r+\mu)}{(1-r)(r-\mu)}"
                           r" \le \left(\frac{1+r}{1-r}\right)^2 \;\Leftrightarrow\;"
                           r" r \ge \frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}")
    return [have, fits, ends, least, by_theorem(
        "So this is the best rate of momentum, mu >= 0, and these its best parameters.",
        r"r^{*} = \frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}",
        "Jury's conditions; " + ORDER + ROOTS, jury, have, fits, ends, least)]


# ------------------------------------------------------------------ Nesterov
def nesterov(jury: Step) -> list[Step]:
    w = 2 + gap                                              # sqrt(3 kappa + 1)
    best, low, high, between = spectrum("nag", (w**2 - 1)/3)
    rate, best_mu = best["rate"], best["mu"]
    have = all_of("With these parameters the two roots of Nesterov's rule meet at the rate "
                  "for m; for L they are minus the rate and a third of it (0 if kappa = "
                  "1),",
                  [(polynomial("nag", best_mu, low, x), (x - rate)**2),
                   (polynomial("nag", best_mu, high, x), (x + rate)*(x - rate/3))],
                  formula=r"\eta = \frac{4}{3L+m},\; \mu ="
                          r" \frac{\sqrt{3\kappa+1}-2}{\sqrt{3\kappa+1}+2}")
    fits = all_of("and for every curvature from m to L all three signs hold, with the rate "
                  "for r.",
                  three_signs("nag", best_mu, between, rate),
                  formula=r"r = 1 - \frac{2}{\sqrt{3\kappa+1}}")
    ends = all_of("Conversely, no root is longer than r at m and at L only if the first of "
                  "these holds at L and the other two at m.",
                  [(polynomial("nag", mu, s, -r),
                    (r + mu)*(1 + r) - s*(r + mu + mu*r)),
                   (polynomial("nag", mu, s, r),
                    s*(r - mu*(1 - r)) - (1 - r)*(r - mu)),
                   (product("nag", mu, s), mu*(1 - s))],
                  formula=r"\eta L \le \frac{(1+r)(r+\mu)}{r+\mu+\mu r},\quad"
                          r" \eta m \ge \frac{(1-r)(r-\mu)}{r-\mu(1-r)},\quad"
                          r" \eta m \ge 1 - \frac{r^2}{\mu}")
    least = quotients(w)
    return [have, fits, ends, least, by_theorem(
        "So this is the best rate of Nesterov's rule with constant parameters, mu >= 0.",
        r"r^{*} = 1 - \frac{2}{\sqrt{3\kappa+1}}",
        "Jury's conditions; " + ORDER + ROOTS, jury, have, fits, ends, least)]


def quotients(w) -> Step:
    """What the conditions at the ends leave for kappa, for mu below and above r/(2 - r)."""
    meet = r/(2 - r)
    below, above = meet*declare("part", "[0, 1]"), meet + gap
    most, ours = (3 - r)*(1 + r)/(3*(1 - r)**2), 2/(1 - r)

    def upper(mu_value):
        return (1 + r)*(r + mu_value)/(r + mu_value + mu_value*r)

    return all_of("The quotient of the bounds is largest at mu = r/(2 - r), where the two "
                  "bounds at m agree; and this says that r is at least the rate.",
                  [(r - below, zero, ">"), (r - below*(1 - r), zero, ">"),
                   (upper(below)*(r - below*(1 - r))/((1 - r)*(r - below)), most, "<="),
                   (1 - r**2/above, zero, ">"), (upper(above)/(1 - r**2/above), most, "<="),
                   ((ours**2 - 1)/3, most), (ours - w, w/(1 - r)*(r - (1 - 2/w)))],
                  formula=r"\kappa \le \frac{(3-r)(1+r)}{3(1-r)^2} \;\Leftrightarrow\;"
                          r" \sqrt{3\kappa+1} \le \frac{2}{1-r} \;\Leftrightarrow\;"
                          r" r \ge 1 - \frac{2}{\sqrt{3\kappa+1}}")
