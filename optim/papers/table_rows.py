"""The rows of the table: what each rule remembers, over the whole history; its step."""
from dataclasses import dataclass
from typing import Any

import sympy as sp

from optim.papers.histories import Largest, g, in_letters, j, t
from optim.papers.statements import STATEMENTS


@dataclass(frozen=True)
class Row:
    """name, phi(g_1..g_t), psi(g_1..g_t), theta_{t+1}: one line of the table."""
    name: str
    phi: sp.Expr | None
    psi: sp.Expr | None
    theta: str                                           # LaTeX, in the letters of the rule

    def latex(self) -> str:
        name = self.name.replace("_", " ")
        cells = ["-" if x is None else in_letters(x) for x in (self.phi, self.psi)]
        return " & ".join([rf"\text{{{name}}}", *cells, self.theta])


def row(f: Any) -> Row:
    """The rule's row: its moments over the whole history, where a paper states them."""
    stated = STATEMENTS.get(f.name)
    moments = {} if stated is None else stated.moments
    phi = moments["m"].closed() if "m" in moments else g(t)
    psi = moments["v"].closed() if "v" in moments else None
    if "v_max" in moments:
        psi = Largest(moments["v"].closed(j), (j, 1, t))
    return Row(f.name, phi if stated else None, psi, f.equations[-1].sides()[1])
