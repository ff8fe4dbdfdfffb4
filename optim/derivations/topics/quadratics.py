"""Linear rules on a quadratic: where they are stable, and when they begin to swing.

s is lr times the curvature. The best parameters are in best_rates.py.
"""
import sympy as sp

from optim.derivations.topics.best_rates import best_rates
from optim.derivations.topics.jury import in_code, jury_steps
from optim.derivations.steps import Step, all_of, by_theorem
from optim.papers import in_letters
from optim.domains import declare
from optim.stability import dynamics, s, z

mu, gap = declare("mu", "[0, 1)"), declare("gap", ">= 0")
share = declare("share", "(0, 1)")
zero = sp.Integer(0)
EDGES = {                                    # rule: its name, and the end of its region
    "gradient_descent": ("gradient descent", sp.Integer(2), "2"),
    "momentum": ("momentum", 2*(1 + mu), r"2(1+\mu)"),
    "nag": ("Nesterov's rule", 2*(1 + mu)/(1 + 2*mu), r"\frac{2(1+\mu)}{1+2\mu}")}


def proofs() -> list[Step]:
    steps, weak, strict = jury_steps()
    code = in_code()
    return [*steps, code, *regions(strict, code), *damping(), *best_rates(weak)]


def regions(*jury: Step) -> list[Step]:
    steps = []
    for name, (words, edge, tex) in EDGES.items():
        rule, x = dynamics(name), declare("x", "real")
        last = next((e for e in rule.conditions if sp.cancel(e.subs(s, edge)) == 0),
                    rule.conditions[0])
        decided = all_of(
            f"On a quadratic a step of {words} is a matrix with this characteristic "
            "polynomial, s = lr*curvature. All conditions hold for s from 0 to an edge. At "
            "s <= 0 they do not, for p(1) = s; nor at the edge or beyond it.",
            [*((e.subs(s, share*edge), zero, ">") for e in rule.conditions),
             (rule.edge, edge), (last.subs(s, edge + gap), zero, "<="),
             (rule.polynomial.subs({z: 1, s: x}), x)],
            formula="p(z) = " + powers_of_z(rule.polynomial))
        steps += [decided, by_theorem(
            f"So {words} is stable there and nowhere else.",
            rf"0 < \eta\lambda < {tex}", "powers of a matrix tend to 0 if and only if its "
            "roots are shorter than 1; Jury's conditions", decided, *jury)]
    return steps


def powers_of_z(polynomial: sp.Expr) -> str:
    """A polynomial with leading coefficient 1 in LaTeX, its highest power first."""
    p = sp.Poly(polynomial, z)
    terms = [f"z^{p.degree()}" if p.degree() > 1 else "z"]
    for (power,), c in p.terms()[1:]:
        tex = f"({in_letters(c)})" if c.is_Add else in_letters(c)
        terms.append(tex + (" z" if power else ""))
    return " + ".join(terms)


def damping() -> list[Step]:
    root = declare("q", "(0, 1)")                            # q^2 = s
    steps = []
    for name, best, other, factor, tex in (
            ("momentum", (1 - root)**2, (1 + root)**2, 1, r"\mu = (1 - \sqrt{s})^2"),
            ("nag", (1 - root)/(1 + root), (1 + root)/(1 - root), (1 - root**2)**2,
             r"\mu = \frac{1 - \sqrt{s}}{1 + \sqrt{s}}")):
        e = dynamics(name).discriminant.subs(s, root**2)
        steps.append(all_of(
            f"For 0 < s < 1 the discriminant of {EDGES[name][0]} is 0 at one momentum: its "
            "other zero is above 1. There the two roots meet: critical damping. With more "
            "momentum they are conjugate and the rule swings, with less they are real.",
            [(e, factor*(mu - best)*(mu - other)), (other, sp.Integer(1), ">"),
             (e.subs(mu, best + (1 - best)*share), zero, "<"),
             (e.subs(mu, best*share), zero, ">")], formula=tex))
    return steps
