"""A recursion equals a closed form over the history: by induction on t.

Start: before any gradient the closed form is the state's first value. Step: from t - 1 to t
every term changes by one and the same factor (none does if t is not in it) and one new term
joins, so the closed form at t is factor*(closed form at t - 1) combined with the last term;
and that is what the rule makes of its state. Nothing is unrolled: it holds for every t.
"""
from functools import cache

import sympy as sp
from sympy.core.function import AppliedUndef

from optim.derivations.steps import Step, checked, shown
from optim.formulas.rule_formulas import Formula
from optim.papers import History, Statement, g, i, step, t, theta
from optim.domains import declare

later = declare("k", "1, 2, ...")                     # t = i + k: a later step than i
EMPTY = {"sum": "the empty sum", "product": "the empty product",
         "largest": "the largest of none, taken as 0"}


def unfolded(e: sp.Expr, statement: Statement) -> sp.Expr:
    """The expression with the paper's own letters replaced by ours."""
    letters = {left.func: right for left, right in statement.letters.items()}
    return e.replace(lambda x: isinstance(x, AppliedUndef) and x.func in letters,
                     lambda x: letters[x.func].subs(t, x.args[0]))


def in_ours(h: History, statement: Statement) -> History:
    """A closed form of the paper in our letters."""
    return History(h.how, unfolded(h.term, statement))


def peeled(e: sp.Expr, last: sp.Expr) -> sp.Expr:
    """Every product that runs up to `last` with its last factor taken out."""
    def visit(p):
        index, low, _ = p.limits[0]
        return p.function.subs(index, last)*sp.Product(p.function, (index, low, last - 1))

    return e.replace(lambda x: isinstance(x, sp.Product) and x.limits[0][2] == last, visit)


@cache
def factor(h: History) -> sp.Expr:
    """How the term of an old gradient changes from t - 1 to t: their quotient."""
    quotient = sp.powsimp(peeled(h.at(i, t), t)/h.at(i, t - 1))
    return quotient.subs(i, t) if quotient.has(i) else quotient


@cache
def newest(h: History) -> sp.Expr:
    """The term that joins at time t; a product over no factors in it is 1."""
    return h.at(t, t).replace(sp.Product, lambda f, limit: sp.Integer(1)
                              if limit[1] == limit[2] + 1 else sp.Product(f, limit))


def in_rule(e: sp.Expr, f: Formula) -> sp.Expr:
    """History letters at time t as the rule's own: g(t), theta(t), m(t), m(t - 1)."""
    place, gradient = list(f.symbols)[:2]
    table = {g(t): f.symbols[gradient], theta(t): f.symbols[place],
             step(t): f.update[place] - f.symbols[place]}
    for name in f.init:
        state = sp.Function(name, real=True)
        table |= {state(t): f.update[name], state(t - 1): f.symbols[name]}
    return e.xreplace(table)


def same_states(f: Formula, statement: Statement) -> None:
    """A ValueError unless the rule keeps the moments that the paper states."""
    missing = set(statement.moments) ^ set(f.init)
    if missing:
        raise ValueError(f"{f.name} keeps the states {list(f.init)}, the paper "
                         f"{list(statement.moments)}; rename or add {sorted(missing)}")


def by_induction(f: Formula, statement: Statement, name: str) -> list[Step]:
    """The steps that prove the closed form of one state of the rule."""
    printed = statement.moments[name]                       # in the paper's letters
    h = in_ours(printed, statement)
    letter = sp.Function(name, real=True)
    closed = shown(letter(t), printed.closed())
    start = checked(f"{name} starts at {EMPTY[h.how]}.", f.init[name], h.empty,
                    formula=shown(letter(sp.Integer(0)), h.empty))
    if h.how == "product":
        return [start, checked(
            f"{name} takes one more factor a step, so by induction it is the product of "
            "them all.", f.update[name], f.symbols[name]*in_rule(newest(h), f),
            formula=shown(letter(t), letter(t - 1)*newest(printed))
            + r" \;\Rightarrow\; " + closed)]
    changes = h.term.has(t)
    steps = [start, *([same_factor(name, h, printed)] if changes else [])]
    if h.how == "largest":
        steps += no_sign(name, h, f)[0 if changes else 1:]
    c, last = factor(h), in_rule(newest(h), f)
    parts = (c*f.symbols[name], last)
    words = (factor(printed)*letter(t - 1), newest(printed))
    joins = "plus" if h.how == "sum" else "or, if larger,"
    old = f"that factor times the old {name}" if changes else f"the old {name}"
    kept = "" if changes else "No old term changes. "
    return steps + [checked(
        f"{kept}What the rule makes of {name} is {old}, {joins} the newest term: by "
        "induction the closed form holds for every t.",
        f.update[name], sp.Add(*parts) if h.how == "sum" else sp.Max(*parts),
        formula=shown(letter(t), sp.Add(*words) if h.how == "sum" else
                      sp.Max(*words, evaluate=False)) + r" \;\Rightarrow\; " + closed)]


@cache
def same_factor(name, h, printed):
    """The step that says how the old terms change; t is i + k, so that they are old."""
    now = i + later
    return checked(
        f"From step t - 1 to t every old term of {name} is multiplied by one factor that "
        "does not depend on i.",
        peeled(h.at(i, now), now), factor(h).subs(t, now)*h.at(i, now - 1),
        formula=shown(printed.term, sp.Mul(factor(printed), printed.at(i, t - 1),
                                           evaluate=False)))


def no_sign(name, h, f):
    """The steps that a largest value needs besides: factor and terms are not negative."""
    return [checked(f"The factor is not negative, so it keeps the order of the terms of "
                    f"{name}.", factor(h), sp.Integer(0), ">="),
            checked(f"No term of {name} is negative, so 0 may stand for the largest of "
                    "none.", in_rule(newest(h), f), sp.Integer(0), ">=",
                    formula=shown(newest(h), 0, ">="))]


def the_step(f: Formula, statement: Statement, e: sp.Expr) -> sp.Expr:
    """A paper's expression for theta(t + 1), in the rule's old states."""
    e = peeled(unfolded(e, statement), t + 1)
    for name, h in statement.moments.items():
        e = e.xreplace({unfolded(h.closed(), statement): sp.Function(name, real=True)(t)})
    return in_rule(e, f)
