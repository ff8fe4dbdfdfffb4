"""Local derivatives as formulas: the VJPs of the tables, run on formulas.

With the cotangent 1 a VJP of an elementwise function is its derivative. Others are written
as text in the cotangent g (written.py).
"""
from typing import Any

import numpy as np
import sympy as sp

from minigrad.explanation.written import vjp_text
from minigrad.primitives import ELEMENTWISE, VJPS
from minigrad.symbolic import Symbolic

NUMBER = int, float, np.generic


def local_formula(edge: Any) -> sp.Expr | None:
    """d(result)/d(argument) in symbols named as the steps, None if it has no formula."""
    step = edge.target
    if step.function not in ELEMENTWISE or step.kwargs:
        return None
    names = {e.position: e.source.name for e in step.edges}
    symbols: dict[str, sp.Symbol] = {}

    def symbol(name: str) -> sp.Symbol:
        return symbols.setdefault(name, sp.Dummy(name, real=True, nonzero=True))
    args: list[Any] = []
    for i, x in enumerate(step.arguments):
        if i in names:
            args.append(Symbolic(symbol(names[i])))
        elif isinstance(x, NUMBER) or np.ndim(x) == 0 and isinstance(x, np.ndarray):
            args.append(x if isinstance(x, (int, float)) else x.item())
        else:
            return None
    y = symbol(step.name)
    try:
        out = Symbolic(VJPS[step.function][edge.position](Symbolic(1), Symbolic(y), *args))
    except (TypeError, ValueError):
        return None
    if out.expr.has(sp.Piecewise, sp.nan, sp.zoo):
        return None
    return out.expr.xreplace({s: sp.Symbol(name) for name, s in symbols.items()})


def local_text(edge: Any) -> str:
    """The local derivative, or else the cotangent rule, as text."""
    formula = local_formula(edge)
    return vjp_text(edge) if formula is None else sp.sstr(formula)


def local_latex(edge: Any) -> str | None:
    """The local derivative in LaTeX."""
    formula = local_formula(edge)
    if formula is None:
        return None
    texts = {s: r"\mathrm{" + "".join(
        f"\\{c}" if c in "_#$%&{}" else c for c in s.name if c not in "\\^~") + "}"
        for s in formula.free_symbols if len(s.name) > 1}
    return sp.latex(formula, ln_notation=True, symbol_names=texts)
