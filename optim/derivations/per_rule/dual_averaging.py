"""Adagrad's twin by dual averaging: the other update of the paper's Figure 1.

It steps from 0 by the sum of all gradients. Both share their first step and no more.
"""
import sympy as sp

from optim.derivations.steps import Step, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.domains import declare

x, total, first, second = (declare(name, "real") for name in ("x", "Z", "g_1", "g_2"))


def dual_averaging(f: Formula) -> list[Step]:
    lr, eps, v, g, theta = (f.symbols[name] for name in ("lr", "eps", "v", "g", "theta"))
    model = lr*total*x + (eps + sp.sqrt(v))*x**2/2
    best = -lr*total/(eps + sp.sqrt(v))

    def twin(*gradients):
        return best.subs({total: sum(gradients), v: sum(each**2 for each in gradients)})

    one = {name: e.subs({theta: 0, g: first}) for name, e in f.first_step.items()}
    two = f.update["theta"].subs({theta: one["theta"], v: one["v"], g: second},
                                 simultaneous=True)
    slope = checked("Its twin by dual averaging holds all tangents so far by the distance "
                    "from 0. Where it steps, the slope of that model is 0.",
                    sp.diff(model, x).subs(x, best), sp.Integer(0),
                    formula=r"\partial_x \left(\eta \sum_{i=1}^{t} g_i x + (\varepsilon +"
                            r" \sqrt{v_t})\frac{x^2}{2}\right) = 0 \quad\text{at}\; x ="
                            r" -\frac{\eta \sum_{i=1}^{t} g_i}{\varepsilon + \sqrt{v_t}}")
    bends = checked("Its second derivative is positive.", sp.diff(model, x, 2),
                    sp.Integer(0), ">", formula=r"\varepsilon + \sqrt{v_t} > 0")
    return [
        slope, bends,
        by_theorem("So the twin steps to the only least point of its model.",
                   r"x_{t+1} = \arg\min_x\; \eta \sum_{i=1}^{t} g_i x"
                   r" + (\varepsilon + \sqrt{v_t})\frac{x^2}{2}",
                   "a function that bends upwards is least where its slope is 0, and only "
                   "there", slope, bends),
        checked("From 0 both take the same first step.", one["theta"], twin(first),
                formula=r"\theta_2 = x_2 = -\frac{\eta g_1}{\varepsilon + |g_1|}"),
        checked("After the second they differ by this: the twin divides g_1, too, by the "
                "root of the new v.", two - twin(first, second),
                lr*first*(1/(eps + sp.sqrt(first**2 + second**2))
                          - 1/(eps + sp.Abs(first))),
                formula=r"\theta_3 - x_3 = \eta g_1 \left("
                        r"\frac{1}{\varepsilon + \sqrt{v_2}}"
                        r" - \frac{1}{\varepsilon + \sqrt{v_1}}\right),\quad"
                        r" v_1 = g_1^2,\; v_2 = g_1^2 + g_2^2"),
        checked("Not so: their second step is the same too.", two,
                twin(first, second),
                formula=r"\theta_3 = x_3 = -\frac{\eta (g_1 + g_2)}"
                        r"{\varepsilon + \sqrt{v_2}}")
        .refuted()]
