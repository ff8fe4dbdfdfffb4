"""The problem that a step solves, for the rules whose papers pose one."""
import sympy as sp

from optim.derivations.steps import Step, checked
from optim.formulas import Formula
from optim.prover import declare

x = declare("x", "real")


def origin(f: Formula) -> list[Step]:
    """The steps that show theta_{t+1} as the best point of a model of the loss."""
    if f.name not in MODELS:
        return []
    words, model, tex = MODELS[f.name]
    place, gradient = list(f.symbols)[:2]
    e = model(f, f.symbols[place], f.symbols[gradient])
    return [checked(f"The step ends where {words} is least: its slope there is 0.",
                    sp.diff(e, x).subs(x, f.update[place]), sp.Integer(0),
                    formula=rf"\theta_{{t+1}} = \arg\min_x\; {tex}"),
            checked("Its second derivative is positive, so that is the only minimum.",
                    sp.diff(e, x, 2), sp.Integer(0), ">", formula=r"\partial_x^2 > 0")]


MODELS = {
    "gradient_descent": (
        "the tangent of the loss, held by the squared distance,",
        lambda f, theta, g: g*x + (x - theta)**2/(2*f.symbols["lr"]),
        r"g_t x + \frac{(x - \theta_t)^2}{2\eta}"),
    "adagrad": (
        "the tangent of the loss, held by a distance that the gradients so far measure,",
        lambda f, theta, g: f.symbols["lr"]*g*x + (
            sp.sqrt(f.update["v"]) + f.symbols["eps"])*(x - theta)**2/2,
        r"\eta g_t x + (\sqrt{v_t} + \varepsilon)\frac{(x - \theta_t)^2}{2}"),
}
