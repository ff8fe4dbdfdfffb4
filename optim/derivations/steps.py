"""Step and Derivation: sentences, each with its formula and its verdict."""
import html
from dataclasses import dataclass
from typing import Any

import sympy as sp

from optim.formulas import latex
from optim.papers import in_letters
from optim.prover import Verdict, prove_expressions

SIGNS = {"==": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">"}


@dataclass(frozen=True)
class Step:
    """One sentence of a derivation, its formula, and the verdict on it."""
    sentence: str
    formula: str                                                                # LaTeX
    check: Verdict
    expected: str = "PROVED"
    source: str = ""

    @property
    def ok(self) -> bool:
        return self.check.status == self.expected

    def latex(self) -> str:
        return self.formula

    def __str__(self) -> str:
        note = "" if self.ok else f", but {self.expected} is claimed"
        lines = [f"{self.sentence}", f"    {self.formula}", f"    {self.check}{note}"]
        return "\n".join(line for line in lines if line.strip())

    def as_dict(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "latex": self.formula, "source": self.source,
                "expected": self.expected, "ok": self.ok, "check": self.check.as_dict()}


@dataclass(frozen=True)
class Derivation:
    """Where a rule comes from, step by checked step."""
    name: str
    reference: str
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def latex(self) -> str:
        rows = [rf"{step.formula} && \text{{{step.check.status.lower()}}}"
                for step in self.steps if step.formula]
        return "\\begin{aligned}\n" + " \\\\\n".join(f"& {row}" for row in rows) + \
            "\n\\end{aligned}"

    def __str__(self) -> str:
        parts = [f"{self.name}: {self.reference}"]
        parts += [f"{n}. {step}" for n, step in enumerate(self.steps, 1)]
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li>{html.escape(s.sentence)}<br>\\({html.escape(s.formula)}\\)<br>"
            f"{s.check._repr_html_()}</li>" for s in self.steps)
        return (f"<div class='derivation'><b>{html.escape(self.name)}</b>: "
                f"{html.escape(self.reference)}<ol>{items}</ol></div>")

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "reference": self.reference, "ok": self.ok,
                "steps": [step.as_dict() for step in self.steps]}


def shown(left: sp.Expr, right: sp.Expr, relation: str = "==", marks: dict | None = None):
    """left relation right in LaTeX; marks as of a formula's equations, else the papers'."""
    left, right = sp.sympify(left), sp.sympify(right)
    sides = [in_letters(e) if marks is None else latex(e, marks) for e in (left, right)]
    return f" {SIGNS[relation]} ".join(sides)


def checked(sentence: str, left: sp.Expr, right: sp.Expr, relation: str = "==",
            formula: str | None = None, expected: str = "PROVED") -> Step:
    """The step that says left relation right; formula is its LaTeX if not these sides."""
    return Step(sentence, shown(left, right, relation) if formula is None else formula,
                verdict(left, right, relation), expected)


DECIDED: dict[tuple, Verdict] = {}


def verdict(left: sp.Expr, right: sp.Expr, relation: str = "==") -> Verdict:
    """The prover's verdict, asked for once: many rules share their moments."""
    goal = sp.sympify(left), sp.sympify(right), relation
    if goal not in DECIDED or DECIDED[goal].status == "UNDECIDED":
        DECIDED[goal] = prove_expressions(*goal)
    return DECIDED[goal]
