"""The problem that a step solves, for the rules whose papers pose one."""
from collections.abc import Callable
from typing import NamedTuple

import sympy as sp

from optim.derivations.steps import Step, all_of, by_theorem, checked
from optim.formulas.rule_formulas import Formula
from optim.domains import declare

x = declare("x", "real")


class Model(NamedTuple):
    """What a step minimises, and its second derivative; both again in LaTeX."""
    words: str
    value: Callable[[Formula], sp.Expr]
    bend: Callable[[Formula], sp.Expr]
    tex: str
    bend_tex: str


def origin(f: Formula) -> list[Step]:
    """The steps that show theta_{t+1} as the best point of a model of the loss."""
    if f.name not in MODELS:
        return []
    model, zero = MODELS[f.name], sp.Integer(0)
    value, bend = model.value(f), model.bend(f)
    slope = checked(f"In each coordinate the step ends where {model.words} has slope 0.",
                    sp.diff(value, x).subs(x, f.update["theta"]), zero,
                    formula=rf"\partial_x \left({model.tex}\right) = 0"
                            r" \quad\text{at}\; x = \theta_{t+1}")
    bends = all_of("The second derivative of that model is positive everywhere.",
                   [(sp.diff(value, x, 2), bend), (bend, zero, ">")],
                   formula=rf"\partial_x^2 \left({model.tex}\right) = {model.bend_tex} > 0")
    return [slope, bends, by_theorem(
        "So the step ends at the only minimum of the model.",
        rf"\theta_{{t+1}} = \arg\min_x\; {model.tex}",
        "a function that bends upwards is least where its slope is 0, and only there",
        slope, bends)]


def held_by_distance(f: Formula) -> sp.Expr:
    theta, g, lr = (f.symbols[name] for name in ("theta", "g", "lr"))
    return g*x + (x - theta)**2/(2*lr)


def held_by_gradients(f: Formula) -> sp.Expr:
    theta, g, lr = (f.symbols[name] for name in ("theta", "g", "lr"))
    return lr*g*x + bend_of_gradients(f)*(x - theta)**2/2


def bend_of_gradients(f: Formula) -> sp.Expr:
    return sp.sqrt(f.update["v"]) + f.symbols["eps"]


MODELS = {
    "gradient_descent": Model(
        "the tangent of the loss, held by the squared distance,",
        held_by_distance, lambda f: 1/f.symbols["lr"],
        r"g_t x + \frac{(x - \theta_t)^2}{2\eta}", r"\frac{1}{\eta}"),
    "adagrad": Model(
        "the tangent of the loss, held by a distance that the gradients so far measure,",
        held_by_gradients, bend_of_gradients,
        r"\eta g_t x + (\sqrt{v_t} + \varepsilon)\frac{(x - \theta_t)^2}{2}",
        r"\sqrt{v_t} + \varepsilon"),
}
