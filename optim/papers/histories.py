"""Moments over the history of gradients: sums, largest values, products; how they print.

The letters of papers are functions of the step: g(i) is the gradient of step i, m(t) what
is remembered after step t. Hyperparameters are symbols, as in the rules.
"""
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from optim.domains import declare
from optim.notation.marks import Mark, latex
from optim.rules import LEGEND

LETTERS = {name: declare(name, letter.domain) for name, letter in LEGEND.items()}
lr, mu, rho, beta1, beta2, eps, weight_decay, psi, t = (LETTERS[name] for name in (
    "lr", "mu", "rho", "beta1", "beta2", "eps", "weight_decay", "psi", "t"))
i, j = declare("i", "1, 2, ..."), declare("j", "1, 2, ...")
theta, g, m, v, v_max, v_delta, velocity, step, momentum, m_hat, v_hat = (
    sp.Function(name, real=True) for name in (
        "theta", "g", "m", "v", "v_max", "v_delta", "velocity", "Delta_theta",
        "mu", "m_hat", "v_hat"))


class Largest(sp.Expr):
    """The largest of the values of an expression for i = 1..t, and 0 if there are none.

    >>> str(Largest(abs(g(i)), (i, 1, t)).subs(t, 2).doit())
    'Max(Abs(g(1)), Abs(g(2)))'
    """

    def __new__(cls, function, limits):
        return super().__new__(cls, sp.sympify(function), sp.Tuple(*limits))

    function = property(lambda self: self.args[0])
    limits = property(lambda self: (self.args[1],))

    def doit(self, **hints):
        """The largest of the values, where the index runs over numbers."""
        index, low, high = self.args[1]
        if not (low.is_Integer and high.is_Integer):
            return self
        return sp.Max(*(self.function.subs(index, k).doit(**hints)
                        for k in range(low, high + 1)), 0 if high < low else -sp.oo)

    def _eval_subs(self, old, new):
        index, low, high = self.args[1]
        if old == index:
            return self
        return Largest(self.function.subs(old, new),
                       (index, low.subs(old, new), high.subs(old, new)))

    def _latex(self, printer):
        index, low, high = map(printer.doprint, self.args[1])
        return rf"\max_{{{low} \le {index} \le {high}}} {printer.doprint(self.function)}"

    def _sympystr(self, printer):
        return f"max({', '.join(map(printer.doprint, (self.function, self.args[1])))})"


@dataclass(frozen=True)
class History:
    """A moment over the history: the sum, largest or product of the terms i = 1..t.

    Or the latest of them, of which the paper says how it follows from the one before. A sum
    may start at .start, in t, which counts as one more term; the latest starts there.
    """
    how: str                                # "sum", "largest", "product" or "latest"
    term: sp.Expr                                       # in i and t
    start: sp.Expr = sp.S.Zero

    def at(self, index: sp.Expr, now: sp.Expr) -> sp.Expr:
        """The term of this index in the moment at time now."""
        return self.term.subs({i: index, t: now}, simultaneous=True)

    def closed(self, now: sp.Expr = t) -> sp.Expr:
        """The moment at time now."""
        if self.how == "latest":
            return self.at(now, now)
        kind = {"sum": sp.Sum, "largest": Largest, "product": sp.Product}[self.how]
        outside, inside = self.term.as_independent(i, as_Add=False)
        if self.how == "product":
            return kind(self.term, (i, 1, now)).subs(t, now)
        if not sp.sympify(outside.subs(t, 0)).is_finite:      # 1/t: no sum has it at 0
            outside, inside = sp.S.One, self.term
        return (self.start.subs(t, now)
                + outside.subs(t, now)*kind(inside.subs(t, now), (i, 1, now)))

    @property
    def empty(self) -> sp.Expr:
        """The moment before any gradient."""
        return sp.S.One if self.how == "product" else self.start.subs(t, 0)


ROLES = {"theta": "theta", "g": "gradient", "mu": "fixed"}


def in_letters(e, printer: Callable = latex):
    """An expression printed with g(i) as g_i and the hyperparameters as their letters."""
    marks = {s: Mark(s.name, role="eps" if s == eps else "fixed")
             for s in e.atoms(sp.Symbol)}
    names = {}
    for f in e.atoms(sp.core.function.AppliedUndef):
        if not all(s.is_integer for s in f.args[0].free_symbols):
            continue                                        # a function, no sequence
        index = str(f.args[0]).replace(" ", "")
        name, hat = f.func.__name__.removesuffix("_hat"), f.func.__name__.endswith("_hat")
        mark = Mark(name, index, ROLES.get(name, "new"), hat)
        names[f], marks[mark.symbol()] = mark.symbol(), mark
    return printer(e.xreplace(names), marks)
