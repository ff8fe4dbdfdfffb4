"""The letters of the rules, and what a rule makes of them, for claims about the rules.

gap, share and part make any number of a range: a + gap is any from a up, share*a any from
0 to a.
"""
from functools import cache

import sympy as sp

from optim.domains import declare
from optim.formulas.rule_formulas import Formula, formula
from optim.optimizers.signatures import named_rule
from optim.rules import LEGEND

theta, g, m, v, v_max, v_delta, t, lr, mu, rho, beta1, beta2, eps, weight_decay = (
    declare(name, LEGEND[name].domain) for name in (
        "theta", "g", "m", "v", "v_max", "v_delta", "t", "lr", "mu", "rho", "beta1",
        "beta2", "eps", "weight_decay"))
gap, share, part = (declare("gap", ">= 0"), declare("share", "[0, 1]"),
                    declare("part", "[0, 1]"))
ZERO, ONE, half = sp.Integer(0), sp.Integer(1), sp.Rational(1, 2)


def rule(name: str) -> Formula:
    """The formula of a rule of ours, read once."""
    return read(named_rule(name))


read = cache(formula)                   # of the rule that a name has now


def new(name: str, part: str = "theta", **values) -> sp.Expr:
    """What a rule makes of one of its letters, with some letters replaced."""
    return substitute(rule(name), rule(name).update[part], **values)


def substitute(f: Formula, e: sp.Expr, **values) -> sp.Expr:
    """An expression of the rule's with some of its letters replaced, by name, at once."""
    return e.subs({f.symbols[name]: x for name, x in values.items()}, simultaneous=True)
