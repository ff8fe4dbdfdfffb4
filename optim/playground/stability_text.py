"""The stability map: of each linear rule on a quadratic the size of its largest root,
printed from the polynomial that optim.stability derives."""
from typing import Any

import sympy as sp

from optim.landscapes import Landscape
from optim.notation.mathml import display
from optim.optimizers.signatures import Rule
from optim.playground.printer import of_formula, safe
from optim.stability import dynamics, s, z

A1, A0 = sp.symbols("a1 a0", real=True)
DISCRIMINANT = A1**2 - 4*A0


def largest_root() -> sp.Expr:
    """max |z| of the roots of z**2 + a1 z + a0."""
    return sp.Piecewise((sp.sqrt(A0), DISCRIMINANT < 0),
                        ((sp.Abs(A1) + sp.sqrt(DISCRIMINANT))/2, True))


def entry(rule: Rule) -> str | None:
    """{radius(s, h), polynomial} of a rule, None if it is not linear or remembers more than
    one thing."""
    try:
        found = dynamics(rule)
    except ValueError:
        return None
    p = sp.Poly(found.polynomial, z)
    if p.degree() > 2:
        return None
    rest = [sp.Integer(0)]*(p.degree() < 2) + p.all_coeffs()[1:]
    a1, a0 = rest if p.degree() == 2 else (rest[1], sp.Integer(0))
    letters = sorted(x.name for x in found.polynomial.free_symbols - {s, z})
    names = ", ".join(n if safe(n) == n else f"{n}: {safe(n)}" for n in letters)
    mathml = display(sp.latex(sp.Eq(found.polynomial, 0, evaluate=False)))
    return (f"{{hyper: {letters!r}, mathml: {mathml!r}, radius: (s, h) => {{ "
            f"const {{{names}}} = h; const a1 = {of_formula(a1)}, a0 = {of_formula(a0)}; "
            f"return {of_formula(largest_root())}; }}}}")


def curvatures(landscape: Landscape) -> list[float] | None:
    """The curvatures of a quadratic, None of any other landscape."""
    e = landscape.formula
    letters = sorted(e.free_symbols, key=str)
    if not e.is_polynomial(*letters) or sp.Poly(e, *letters).total_degree() != 2:
        return None
    values: Any = sp.hessian(e, letters).eigenvals(multiple=True)
    return sorted(float(x) for x in values)
