"""Adadelta's one eps stands for a squared gradient and for a squared step at once.

With two eps the rule commutes with every change of units; with the printed one only where
both units scale alike.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.relations import g, theta, v, v_delta
from optim.derivations.per_rule.scaling import G, K, c, k, rescaled, step
from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.papers import eps, rho
from optim.domains import declare

factor = declare("s", "> 0")
eps_1, eps_2 = declare("eps_1", "> 0"), declare("eps_2", "> 0")


def of_units(f: Formula) -> list[Step]:
    return [means(f), two_eps(f), *one_eps(f), *only_if(f), first_step(f)]


def split(f: Formula) -> Formula:
    """The rule with two eps: eps_2 beside v_delta, eps_1 everywhere else."""
    update = {n: e.replace(lambda x: x.is_Add and set(x.args) == {v_delta, eps},
                           lambda x: v_delta + eps_2).xreplace({eps: eps_1})
              for n, e in f.update.items()}
    symbols = {n: x for n, x in f.symbols.items() if n != "eps"}
    return replace(f, update=update, symbols=symbols | {"eps_1": eps_1, "eps_2": eps_2})


def means(f: Formula) -> Step:
    mean = f.update["v"].subs({v: v_delta, g: step(f)}, simultaneous=True)
    return checked("The mean square of the steps is taken as that of the gradients is, "
                   "with the same rho.", f.update["v_delta"], mean,
                   formula=r"v_t = \rho\, v_{t-1} + (1-\rho)\, g_t^2,\quad"
                           r" v^\Delta_t = \rho\, v^\Delta_{t-1}"
                           r" + (1-\rho)\, \Delta\theta_t^2")


def two_eps(f: Formula) -> Step:
    two, factors = split(f), {"theta": k, "v": G, "v_delta": K}
    units = {"eps_1": G*eps_1, "eps_2": K*eps_2}
    return all_of("With two eps, each in the unit of what it is added to, theta, v and "
                  "v_delta commute with every change of units.",
                  [(step(two), sp.sqrt(v_delta + eps_2)/sp.sqrt(two.update["v"] + eps_1)*g),
                   *((rescaled(e, **units), factors[n]*e) for n, e in two.update.items())],
                  formula=r"\Delta\theta_t = -\frac{\sqrt{v^\Delta_{t-1} + \varepsilon_2}}"
                          r"{\sqrt{v_t + \varepsilon_1}}\, g_t,\quad"
                          r" \varepsilon_1 \to \frac{c^2}{k^2}\varepsilon_1,\;"
                          r" \varepsilon_2 \to k^2 \varepsilon_2")


def one_eps(f: Formula) -> list[Step]:
    units = (("step", K, "k^2"), ("gradient", G, r"\frac{c^2}{k^2}"))
    return [
        *(checked(f"Not so: with the one eps, scaled as a squared {what}, the step "
                  "commutes with every change of units.", rescaled(step(f), eps=times*eps),
                  k*step(f), formula=rf"\varepsilon \to {tex}\,\varepsilon:\quad"
                  r" \Delta\theta_t \to k\,\Delta\theta_t").refuted()
          for what, times, tex in units),
        checked("With the one eps it does if c = k^2, where both scale alike.",
                rescaled(step(f), eps=K*eps).subs(c, k**2), k*step(f),
                formula=r"c = k^2,\; \varepsilon \to k^2\varepsilon:\quad"
                        r" \Delta\theta_t \to k\,\Delta\theta_t")]


def apart(v_delta, v_new):
    """D: how far the step is from commuting if eps becomes s eps."""
    return (G*(K*v_delta + factor*eps)*(v_new + eps)
            - K*(v_delta + eps)*(G*v_new + factor*eps))


def only_if(f: Formula) -> list[Step]:
    """Whatever the one eps becomes, c = k^2 is needed."""
    new = f.update["v"]
    distance = checked(
        "Let the one eps become s eps. Then the step becomes k times itself where D is 0, "
        "and only there.", rescaled(step(f), eps=factor*eps)**2 - (k*step(f))**2,
        g**2*apart(v_delta, new)/((new + eps)*(G*new + factor*eps)),
        formula=r"D(v^\Delta, v_t) = G (K v^\Delta + s\varepsilon)(v_t + \varepsilon)"
                r" - K (v^\Delta + \varepsilon)(G v_t + s\varepsilon),\;"
                r" K = k^2,\; G = \frac{c^2}{k^2}:\quad \Delta\theta_{\text{new}}^2"
                r" - (k\,\Delta\theta_t)^2 = \frac{g_t^2\, D(v^\Delta_{t-1}, v_t)}"
                r"{(v_t + \varepsilon)(G v_t + s\varepsilon)}")
    raised = all_of("These differences of D are products; and G = K only where c = k^2.",
                    [(apart(v_delta + eps, v) - apart(v_delta, v), eps**2*K*(G - factor)),
                     (apart(v_delta, v + eps) - apart(v_delta, v), eps**2*G*(factor - K)),
                     (G - K, (c - k**2)*(c + k**2)/k**2)],
                    formula=r"D(v^\Delta + \varepsilon, v) - D(v^\Delta, v)"
                            r" = \varepsilon^2 K (G - s),\; D(v^\Delta, v + \varepsilon)"
                            r" - D(v^\Delta, v) = \varepsilon^2 G (s - K),\;"
                            r" G - K = \frac{(c - k^2)(c + k^2)}{k^2}")
    return [distance, raised, by_theorem(
        "So the one eps, whatever it becomes, does it only if c = k^2: one difference asks "
        "for s = G, the other for s = K.",
        r"D = 0 \;\text{everywhere}\;\Rightarrow\; s = G = K \;\Rightarrow\; c = k^2",
        "both steps have the sign of g; D would be 0 at every v_delta >= 0 and every v_t > "
        "0, and so would its differences; a product is 0 only where a factor is",
        distance, raised)]


def first_step(f: Formula) -> Step:
    first = theta - f.first_step["theta"]
    return all_of("In the first step eps stands in for the past steps: it never is longer "
                  "than sqrt(eps/(1 - rho)), whatever the gradient is.",
                  [(first, sp.sqrt(eps)*g/sp.sqrt((1 - rho)*g**2 + eps)),
                   (sp.Abs(first), sp.sqrt(eps)/sp.sqrt(1 - rho), "<=")],
                  formula=r"\theta_1 - \theta_2 = \frac{\sqrt{\varepsilon}\, g_1}"
                          r"{\sqrt{(1-\rho) g_1^2 + \varepsilon}},\quad"
                          r" |\theta_1 - \theta_2| \le \sqrt{\frac{\varepsilon}{1-\rho}}")
