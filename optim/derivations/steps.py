"""Step and Derivation: sentences, each with its formula and its verdict."""
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from optim.notation.marks import latex
from optim.papers import in_letters
from optim.proving.expressions import prove_expressions
from optim.proving.verdicts import Verdict

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

    def refuted(self) -> "Step":
        """The same step where it is the refutation that is claimed."""
        return replace(self, expected="REFUTED")

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
    see_also: tuple[str, ...] = ()                      # other names that derive() knows

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
        if self.see_also:
            parts.append("See also: " + ", ".join(f"derive({x!r})" for x in self.see_also))
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_markdown_(self) -> str:
        items = [f"{n}. {s.sentence}" + (f" ${s.formula}$" if s.formula else "")
                 + f" **{s.check.status}**" for n, s in enumerate(self.steps, 1)]
        links = "".join(f"\n\nSee also `derive({x!r})`." for x in self.see_also)
        return f"**{self.name}**: {self.reference}\n\n" + "\n".join(items) + links

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "reference": self.reference, "ok": self.ok,
                "steps": [step.as_dict() for step in self.steps],
                "see_also": list(self.see_also)}


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


def all_of(sentence: str, goals: Iterable[tuple], formula: str = "",
           expected: str = "PROVED") -> Step:
    """The step that says several things: goals are (left, right) or (left, right, sign).

    Its verdict is the worst one.
    """
    verdicts = [verdict(*goal) for goal in goals]
    if not verdicts:
        raise ValueError(f"all_of: no goals came for {sentence!r}; at least one is needed")
    worst = next((v for status in ("REFUTED", "UNDECIDED") for v in verdicts
                  if v.status == status), None)
    seconds = sum(v.seconds for v in verdicts)
    if worst is not None:
        return Step(sentence, formula, replace(worst, seconds=seconds), expected)
    count, same = len(verdicts), sum(v.method == "identical" for v in verdicts)
    told = f"{count} goal{'s'*(count > 1)}, each proved"
    return Step(sentence, formula, Verdict(
        "PROVED", except_on=tuple(x for v in verdicts for x in v.except_on),
        method=told + (f"; {same} identical" if same else ""), seconds=seconds), expected)


def by_theorem(sentence: str, formula: str, theorem: str, *premises: Step) -> Step:
    """The step that follows from proved ones by a theorem of calculus, named in words.

    The prover has decided the premises; that the theorem gives this from them is for the
    reader to judge. Without a proof of each premise it stays undecided.
    """
    if not premises:
        raise ValueError(f"by_theorem: {sentence!r} needs the steps that it rests on")
    open_ = [p for p in premises if p.check.status != "PROVED" or p.expected != "PROVED"]
    if open_:
        return Step(sentence, formula, Verdict(
            "UNDECIDED", method=f"a premise is not proved: {open_[0].sentence}"))
    return Step(sentence, formula, Verdict("PROVED", method=f"by theorem: {theorem}"))


def at_point(sentence: str, left: sp.Expr, right: sp.Expr, point: dict, formula: str,
             relation: str = "==") -> Step:
    """The step that refutes a claim at the point given."""
    found = checked(sentence, left.subs(point), right.subs(point), relation, formula,
                    expected="REFUTED")
    if found.check.status != "REFUTED":
        return found
    return replace(found, check=replace(found.check, witness=point))


DECIDED: dict[tuple, Verdict] = {}


def verdict(left: sp.Expr, right: sp.Expr, relation: str = "==") -> Verdict:
    """The prover's verdict, asked for once: many rules share their moments."""
    goal = sp.sympify(left), sp.sympify(right), relation
    if goal not in DECIDED or DECIDED[goal].status == "UNDECIDED":
        DECIDED[goal] = prove_expressions(*goal)
    return DECIDED[goal]
