"""What a rule without a paper remembers, read off its recursions as sums over the history.

A state that a step multiplies by a constant before it adds to it is a sum; one that keeps
the larger of that and something new a largest value. Of any other it is only said how it
follows from the one before. That the sum is the recursion is proved as it is for papers.
"""
import sympy as sp

from optim.formulas.rule_formulas import Formula
from optim.optimizers.signatures import is_of_whole_parameters
from optim.papers import STATEMENTS, History, Statement, g, i, t, theta


def stated(f: Formula) -> Statement:
    """What the paper of this name states, else what can be read off the rule."""
    if f.rule is not None and is_of_whole_parameters(f.rule):
        raise ValueError(f"{f.name} looks at a whole parameter (a norm, a mean of its "
                         "rows): it has a formula, and nothing is derived of it")
    return STATEMENTS[f.name] if f.name in STATEMENTS else read_off(f)


def read_off(f: Formula) -> Statement:
    """The moments of a rule as its recursions have them."""
    place = next(iter(f.update))
    return Statement(f"read off {f.name}", indexed(f, f.update[place]).subs(i, t), "",
                     {name: moment(f, name) for name in f.init})


def moment(f: Formula, name: str) -> History:
    """One state over the history."""
    state, e = f.symbols[name], f.update[name]
    start = sp.sympify(f.init[name]).xreplace({f.symbols[next(iter(f.update))]: theta(1)})
    changing = {s for n, s in f.symbols.items() if n in (*f.update, gradient_of(f), "t")}
    parts = e.args if isinstance(e, sp.Max) and len(e.args) == 2 else (e,)
    how = "largest" if len(parts) == 2 else "sum"
    old = next((x for x in parts if x.has(state)), sp.S.Zero)
    kept = sp.expand(sp.diff(old, state))
    new = sp.expand(old - kept*state) if how == "sum" else next(
        x for x in parts if x is not old)
    if how == "largest" and (start != 0 or sp.expand(old - kept*state) != 0) or (
            kept == 0 or new.has(state) or kept.atoms(sp.Symbol) & changing):
        return History("latest", indexed(f, e), start)
    return History(how, kept**(t - i)*indexed(f, sp.factor_terms(new)), start*kept**t)


def gradient_of(f: Formula) -> str:
    """What a rule calls its gradient: the second letter."""
    return [*f.symbols][1]


def indexed(f: Formula, e: sp.Expr) -> sp.Expr:
    """An expression in the rule's letters as one in those of step i."""
    table = {f.symbols[next(iter(f.update))]: theta(i), f.symbols[gradient_of(f)]: g(i)}
    table |= {f.symbols["t"]: i} if "t" in f.symbols else {}      # else the same in all
    table |= {f.symbols[n]: sp.Function(n, real=True)(i - 1) for n in f.init}
    return e.xreplace(table)
