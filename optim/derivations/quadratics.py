"""Linear rules on a quadratic: stable regions, critical damping, the best parameters.

Curvatures lie from m to L; kappa = L/m. A rate r means that no root is longer than r for
any of them. By Jury's conditions for a circle of radius r, p(z) = z^2 + a1 z + a0 has no
longer root if and only if a0 <= r^2, p(r) >= 0 and p(-r) >= 0. For momentum and Nesterov's
rule each of these is linear in the curvature, so the ends m and L decide.
"""
import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.prover import declare
from optim.stability import dynamics, s, z

mu, r = declare("mu", "[0, 1)"), declare("r", "(0, 1)")
share = declare("share", "(0, 1)")
gap = declare("gap", ">= 0")
zero = sp.Integer(0)
JURY = "Jury's conditions for two roots in a circle"


def proofs() -> list[Step]:
    return [*jury_conditions(), *regions(), *damping(), *descent(), *heavy_ball(),
            *nesterov()]


def jury_conditions() -> list[Step]:
    w, a0, a1 = (declare(n, "real") for n in ("w", "a_0", "a_1"))
    p = z**2 + a1*z + a0
    moved = sp.expand(sp.cancel(p.subs(z, (1 + w)/(1 - w))*(1 - w)**2))
    return [checked("The map z = (1 + w)/(1 - w) turns the unit circle into a half plane, "
                    "and two roots in z into a quadratic in w, whose roots lie in the left "
                    "half if its three coefficients have one sign (Routh, Hurwitz).",
                    moved, (1 - a1 + a0)*w**2 + 2*(1 - a0)*w + (1 + a1 + a0),
                    formula=r"(1 - a_1 + a_0) w^2 + 2(1 - a_0) w + (1 + a_1 + a_0)")]


def regions() -> list[Step]:
    steps = []
    for name, edge, tex in (
            ("gradient_descent", sp.Integer(2), r"0 < \eta\lambda < 2"),
            ("momentum", 2*(1 + mu), r"0 < \eta\lambda < 2(1+\mu)"),
            ("nag", 2*(1 + mu)/(1 + 2*mu),
             r"0 < \eta\lambda < \frac{2(1+\mu)}{1+2\mu}")):
        rule = dynamics(name)
        inside = [(e.subs(s, share*edge), zero, ">") for e in rule.conditions]
        beyond = next(e for e in rule.conditions if sp.cancel(e.subs(s, edge)) == 0)
        words = name.replace("_", " ")
        steps.append(all_of(
            f"On a quadratic {words} is stable for lr*curvature from 0 to this edge: "
            "there all of Jury's conditions hold, and at the edge and past it one fails.",
            [*inside, (rule.edge, edge), (beyond.subs(s, edge + gap), zero, "<=")],
            formula=tex))
    return steps


def damping() -> list[Step]:
    root = declare("q", "(0, 1)")                            # q^2 = s
    steps = []
    for name, best, tex in (("momentum", (1 - root)**2, r"\mu = (1 - \sqrt{s})^2"),
                            ("nag", (1 - root)/(1 + root),
                             r"\mu = \frac{1 - \sqrt{s}}{1 + \sqrt{s}}")):
        e = dynamics(name).discriminant.subs(s, root**2).subs(mu, best)
        steps.append(checked(f"The two roots of {name} meet, critical damping, at this "
                             "momentum (s = lr*curvature, below 1).", e, zero, formula=tex))
    return steps


def polynomial(name, momentum, s_value, at):
    """The characteristic polynomial of the rule at a point."""
    return dynamics(name).polynomial.subs({mu: momentum, s: s_value},
                                          simultaneous=True).subs(z, at)


def product(name, momentum, s_value):
    """The product of the two roots."""
    return polynomial(name, momentum, s_value, 0)


# ------------------------------------------------------------------ gradient descent
def descent() -> list[Step]:
    kappa = 1 + gap
    rate = (kappa - 1)/(kappa + 1)
    low, high = 2/(kappa + 1), 2*kappa/(kappa + 1)           # lr m, lr L at lr = 2/(L + m)
    have = all_of("With lr = 2/(L + m) the root 1 - lr*curvature is the rate at m and "
                  "minus the rate at L.", [(1 - low, rate), (1 - high, -rate)],
                  formula=r"\eta = \frac{2}{L+m}:\quad \rho = \frac{\kappa-1}{\kappa+1}")
    best = all_of("No lr has a smaller one: lr m >= 1 - r and lr L <= 1 + r ask for kappa "
                  "<= (1 + r)/(1 - r).",
                  [((1 + r)*share/(1 - r + gap), (1 + r)/(1 - r), "<="),
                   (rate_of((1 + r)/(1 - r)), r)],
                  formula=r"\kappa \le \frac{1+r}{1-r} \;\Leftrightarrow\;"
                          r" r \ge \frac{\kappa-1}{\kappa+1}")
    return [have, best, by_theorem(
        "So this is the best rate of gradient descent.",
        r"\rho^{*} = \frac{\kappa-1}{\kappa+1}", "|1 - s| is convex: its largest value "
        "lies at an end", have, best)]


def rate_of(kappa):
    return (kappa - 1)/(kappa + 1)


# ------------------------------------------------------------------ heavy ball
def heavy_ball() -> list[Step]:
    """With q = sqrt(kappa) >= 1; r0 = (q - 1)/(q + 1) is the rate, mu = r0^2."""
    q = 1 + gap
    rate, x = (q - 1)/(q + 1), declare("z", "real")
    low, high = 4/(q + 1)**2, 4*q**2/(q + 1)**2              # lr m, lr L
    have = all_of("With lr = 4/(sqrt(L) + sqrt(m))^2 and mu the square of the rate, the "
                  "two roots meet at the rate for m, at minus the rate for L,",
                  [(polynomial("momentum", rate**2, low, x), (x - rate)**2),
                   (polynomial("momentum", rate**2, high, x), (x + rate)**2)],
                  formula=r"\eta = \frac{4}{(\sqrt{L}+\sqrt{m})^2},\;"
                          r" \mu = \left(\frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}\right)^2")
    between = all_of("and all curvatures between have the product of their roots at the "
                     "square of the rate and no larger root: the conditions are linear "
                     "in s.",
                     [(product("momentum", r**2, s), r**2),
                      (sp.diff(polynomial("momentum", r**2, s, r), s, 2), zero),
                      (sp.diff(polynomial("momentum", r**2, s, -r), s, 2), zero)],
                     formula=r"\rho = \frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}")
    momentum = r**2*share                                    # below r^2: the roots' product
    ends = all_of("Conversely a rate r asks for mu <= r^2, and at the ends for these two.",
                  [(polynomial("momentum", mu, s, r), s*r - (1 - r)*(r - mu)),
                   (polynomial("momentum", mu, s, -r), (1 + r)*(r + mu) - s*r)],
                  formula=r"\eta m\, r \ge (1-r)(r-\mu),\quad"
                          r" \eta L\, r \le (1+r)(r+\mu)")
    best = all_of("So kappa is at most a quotient that grows with mu up to mu = r^2, where "
                  "it is ((1 + r)/(1 - r))^2.",
                  [((1 + r)*(r + momentum)/((1 - r)*(r - momentum)),
                    ((1 + r)/(1 - r))**2, "<="),
                   (((1 + r)*(r + r**2))/((1 - r)*(r - r**2)), ((1 + r)/(1 - r))**2),
                   (rate_of((1 + r)/(1 - r)), r)],
                  formula=r"\kappa \le \frac{(1+r)(r+\mu)}{(1-r)(r-\mu)}"
                          r" \le \left(\frac{1+r}{1-r}\right)^2")
    return [have, between, ends, best, by_theorem(
        "So this is the best rate of momentum, and these its best parameters.",
        r"\rho^{*} = \frac{\sqrt{\kappa}-1}{\sqrt{\kappa}+1}", JURY, have, between, ends,
        best)]


# ------------------------------------------------------------------ Nesterov
def nesterov() -> list[Step]:
    """With w = sqrt(3 kappa + 1) >= 2; the rate is 1 - 2/w."""
    w, x = 2 + gap, declare("z", "real")
    rate, momentum = (w - 2)/w, (w - 2)/(w + 2)
    low, high = 4/w**2, 4*(w**2 - 1)/(3*w**2)     # lr m, lr L; kappa = (w^2 - 1)/3
    have = all_of("With lr = 4/(3 L + m) and this mu the two roots meet at the rate for m; "
                  "for L they are minus the rate and a third of it,",
                  [(polynomial("nag", momentum, low, x), (x - rate)**2),
                   (polynomial("nag", momentum, high, x), (x + rate)*(x - rate/3))],
                  formula=r"\eta = \frac{4}{3L+m},\; \mu ="
                          r" \frac{\sqrt{3\kappa+1}-2}{\sqrt{3\kappa+1}+2}:\quad"
                          r" \rho = 1 - \frac{2}{\sqrt{3\kappa+1}}")
    linear = all_of("and no curvature between has a larger one: the conditions are linear "
                    "in s.", [(sp.diff(polynomial("nag", mu, s, y), s, 2), zero)
                           for y in (r, -r, zero)],
                    formula=r"p(r),\; p(-r),\; p(0) \;\text{linear in}\; s")
    ends = all_of("Conversely a rate r asks for these three, at L, at m and at m.",
                  [(polynomial("nag", mu, s, -r),
                    (r + mu)*(1 + r) - s*(r + mu + mu*r)),
                   (polynomial("nag", mu, s, r),
                    s*(r - mu*(1 - r)) - (1 - r)*(r - mu)),
                   (product("nag", mu, s), mu*(1 - s))],
                  formula=r"\eta L \le \frac{(1+r)(r+\mu)}{r+\mu+\mu r},\quad"
                          r" \eta m \ge \frac{(1-r)(r-\mu)}{r-\mu(1-r)},\quad"
                          r" \eta m \ge 1 - \frac{r^2}{\mu}")
    best = quotients()
    return [have, linear, ends, best, by_theorem(
        "So this is the best rate of Nesterov's rule with constant parameters, mu >= 0.",
        r"\rho^{*} = 1 - \frac{2}{\sqrt{3\kappa+1}}", JURY, have, linear, ends, best)]


def quotients() -> Step:
    """What the conditions at the ends leave for kappa, for mu below and above r/(2 - r)."""
    meet, unit = r/(2 - r), declare("part", "[0, 1]")
    below, above = meet*unit, meet + gap
    most = (3 - r)*(1 + r)/(3*(1 - r)**2)

    def upper(x):
        return (1 + r)*(r + x)/(r + x + x*r)

    w = 2/(1 - r)
    return all_of("The quotient of the bounds is largest at mu = r/(2 - r), where the two "
                  "bounds at m agree: kappa <= (w^2 - 1)/3 with r = 1 - 2/w.",
                  [(upper(below)*(r - below*(1 - r))/((1 - r)*(r - below)), most, "<="),
                   (upper(above)/(1 - r**2/above), most, "<="),
                   ((w**2 - 1)/3, most)],
                  formula=r"\kappa \le \frac{(3-r)(1+r)}{3(1-r)^2}")
