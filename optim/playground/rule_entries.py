"""What the page knows of a rule besides its step: words, sliders, equations."""
import inspect
from dataclasses import dataclass, replace
from typing import Any

from optim.dialects.named_optimizers import RATE
from optim.domains import DOMAINS
from optim.formulas import Equation, Formula
from optim.notation.marks import Mark
from optim.optimizers import more_classes
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import REQUIRED, RULE_OF_CLASS, Rule, anatomy
from optim.rules import LEGEND

ARROWS = ("m", "m1"), ("v", "v_row", "v_max")       # states drawn as the inner arrows
Optimizer, more_classes             # whose classes are the titles


@dataclass(frozen=True)
class Lit(Mark):
    """A mark whose letter has a name on the page, by which it lights up."""

    def latex(self) -> str:
        return rf"\class{{letter-{self.name}}}{{{super().latex()}}}"


def slider(name: str, value: float) -> list[Any]:
    """Value, least and greatest of a hyperparameter, and whether they lie on a log scale.

    By its domain in the legend: what is > 0 three powers of ten to both sides, a share up
    to 0.9999, what may be 0 or any number far enough to be seen.
    """
    domain = LEGEND[name].domain if name in LEGEND else "real"
    if domain == "> 0" and value > 0:
        return [value, float(f"{value/1000:.3g}"), float(f"{value*1000:.3g}"), 1]
    if domain in ("[0, 1)", "[0, 1]", "(0, 1)"):
        return [value, 0.01*(domain[0] == "("), 1 if domain == "[0, 1]" else max(
            0.9999, value), 0]
    low = DOMAINS[domain].low
    return [value, min(-1, 2*value) if low is None else low + 0.01*(domain == "> 1"),
            max(1, 2*value), 0]


def equations(f: Formula) -> list[Equation]:
    """The equations of a formula, each hyperparameter's letter wrapped."""
    names = anatomy(f.rule)[1] if f.rule else ()
    lit = {s: Lit(m.name, m.index, m.role, m.hat) for e in f.equations
           for s, m in e.marks.items() if m.name in names}
    return [replace(e, marks=e.marks | lit) for e in f.equations]


def left_of(e: Equation) -> str:
    return e.left.text() if isinstance(e.left, Mark) else e.left


def words(key: str, rule: Rule, group: str) -> dict[str, Any]:
    """Title, what it is, group, states and sliders of a rule."""
    states, hyperparameters = anatomy(rule)
    titles = {made: cls.__name__ for cls, made in RULE_OF_CLASS.items()}
    first, second = (next((n for n in names if n in states), None) for names in ARROWS)
    return {"title": titles.get(rule, key) if group == "paper" else key,
            "about": (inspect.getdoc(rule) or "").partition("\n")[0],
            "group": group, "states": [*states], "first": first, "second": second,
            "hyper": {n: slider(n, RATE if x is REQUIRED else x)
                      for n, x in hyperparameters.items()}}


def differing(mine: list[Equation], other: list[Equation]) -> list[str]:
    """The left sides of equations that the other does not have in the same words."""
    known = {str(e) for e in other}
    return [left_of(e) for e in mine if str(e) not in known]
