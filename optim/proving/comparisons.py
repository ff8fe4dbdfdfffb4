"""Whether a condition holds, if it is known of each relation in it."""
from collections.abc import Callable

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or

from optim.proving.intervals import Unsure

SIGNS = {sp.Gt: {1}, sp.Lt: {-1}, sp.Ge: {0, 1}, sp.Le: {-1, 0}, sp.Eq: {0}, sp.Ne: {-1, 1}}


def truth_of(c: sp.Basic, holds: Callable[[Relational], bool]) -> bool:
    """Whether the condition holds, where holds(a relation) tells it of a relation.

    Of an ITE the part that is not taken is not looked at.
    """
    if isinstance(c, (BooleanTrue, BooleanFalse)):
        return bool(c)
    if isinstance(c, ITE):
        return truth_of(c.args[1] if truth_of(c.args[0], holds) else c.args[2], holds)
    if isinstance(c, (And, Or, Not)):
        parts = [truth_of(x, holds) for x in c.args]
        return not parts[0] if isinstance(c, Not) else (
            all(parts) if isinstance(c, And) else any(parts))
    if not isinstance(c, Relational) or isinstance(c.lhs, BooleanTrue | BooleanFalse):
        raise Unsure(f"no truth value for {type(c).__name__}")
    return holds(c)
