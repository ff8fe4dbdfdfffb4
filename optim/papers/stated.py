"""Statement: what one paper states of one rule; and the moments that many papers share."""
from dataclasses import dataclass, field

import sympy as sp

from optim.notation.marks import text
from optim.notation.mathml import display
from optim.papers.histories import (
    History, beta1, beta2, g, i, in_letters, m, m_hat, t, theta, v, v_hat)


@dataclass(frozen=True)
class Statement:
    """What one paper states of one rule.

    .step is theta(t + 1); .letters says what a letter of the paper's own is at time t, such
    as the velocity or a scheduled momentum. Where our rule departs from what is printed, by
    a decision that .remark gives, .printed is what the paper prints.
    """
    reference: str
    step: sp.Expr
    numbered: str = ""
    moments: dict[str, History] = field(default_factory=dict)
    letters: dict[sp.Expr, sp.Expr] = field(default_factory=dict)
    printed: sp.Expr | None = None
    defaults: dict[str, str] = field(default_factory=dict)
    remark: str = ""

    def equations(self) -> list[tuple[sp.Expr, sp.Expr]]:
        """(left, right): the moments in closed form, the paper's own letters, the step."""
        return ([(sp.Function(name, real=True)(t), h.closed())
                 for name, h in self.moments.items()]
                + list(self.letters.items()) + [(theta(t + 1), self.step)])

    def latex(self) -> str:
        """All equations in LaTeX, aligned."""
        rows = [f"{in_letters(left)} &= {in_letters(right)}"
                for left, right in self.equations()]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def mathml(self) -> str:
        """All equations in MathML, a line each."""
        return "\n".join(display(f"{in_letters(left)} = {in_letters(right)}")
                         for left, right in self.equations())

    def __str__(self) -> str:
        lines = [", ".join(x for x in (self.reference, self.numbered) if x)]
        lines += [f"    {in_letters(left, text)} = {in_letters(right, text)}"
                  for left, right in self.equations()]
        return "\n".join(lines + ([f"    {self.remark}"] if self.remark else []))

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def decaying(keep: sp.Expr, term: sp.Expr) -> History:
    """The sum of keep**(t - i)*term: the newest counts fully."""
    return History("sum", keep**(t - i)*term)


CORRECTED_MEAN = {m_hat(t): m(t)/(1 - beta1**t)}
CORRECTED_SQUARE = {v_hat(t): v(t)/(1 - beta2**t)}
MEAN = decaying(beta1, (1 - beta1)*g(i))
MEAN_SQUARE = decaying(beta2, (1 - beta2)*g(i)**2)
