"""A recursion equals a closed form over the history: by induction on t.

Start: before any gradient the closed form is the state's first value. Step: from t - 1 to t
every term changes by one and the same factor (none does if t is not in it) and one new term
joins, so the closed form at t is factor*(closed form at t - 1) combined with the last term;
and that is what the rule makes of its state. Nothing is unrolled: it holds for every t.
"""
from functools import cache

import sympy as sp
from sympy.core.function import AppliedUndef

from optim.derivations.claim import Claim, Relation, claim
from optim.formulas.rule_formulas import Formula
from optim.papers import History, Statement, g, i, step, t, theta
from optim.domains import declare

later = declare("k", "1, 2, ...")                     # t = i + k: a later step than i
EMPTY = {"sum": "the empty sum", "product": "the empty product", "latest": "this",
         "largest": "the largest of none, taken as 0"}


def unfolded(e: sp.Expr, statement: Statement) -> sp.Expr:
    """The expression with the paper's own letters replaced by ours."""
    letters = {left.func: right for left, right in statement.letters.items()}
    return e.replace(lambda x: isinstance(x, AppliedUndef) and x.func in letters,
                     lambda x: letters[x.func].subs(t, x.args[0]))


def in_ours(h: History, statement: Statement) -> History:
    """A closed form of the paper in our letters."""
    return History(h.how, unfolded(h.term, statement), unfolded(h.start, statement))


def peeled(e: sp.Expr, last: sp.Expr) -> sp.Expr:
    """Every product that runs up to `last` with its last factor taken out."""
    def visit(p):
        index, low, _ = p.limits[0]
        return p.function.subs(index, last)*sp.Product(p.function, (index, low, last - 1))

    return e.replace(lambda x: isinstance(x, sp.Product) and x.limits[0][2] == last, visit)


@cache
def factor(h: History) -> sp.Expr:
    """How the term of an old gradient changes from t - 1 to t: their quotient."""
    changing = History(h.how, h.term.as_independent(t, as_Add=False)[1])
    quotient = sp.powsimp(peeled(changing.at(i, t), t)/changing.at(i, t - 1))
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


def by_induction(f: Formula, statement: Statement, name: str) -> list[Claim]:
    """The claims that prove the closed form of one state of the rule."""
    printed = statement.moments[name]                       # in the paper's letters
    h = in_ours(printed, statement)
    closed = Relation(sp.Function(name, real=True)(t), "==", printed.closed()).latex()
    begins = EMPTY[h.how] if h.start == 0 else "this"
    place = f.symbols[next(iter(f.update))]
    start = claim(f"{name}-start", f"{name} starts at {begins}.",
                  (f.init[name], h.empty.xreplace({theta(1): place})))
    if h.how == "latest":
        return [start, claim(
            f"{name}-next", f"What the rule makes of {name} is what the paper says of each "
            "step.", (f.update[name], in_rule(newest(h), f)))]
    if h.how == "product":
        return [start, claim(
            f"{name}-closed", f"{name} takes one more factor a step, so by induction it is "
            "the product of them all.",
            (f.update[name], f.symbols[name]*in_rule(newest(h), f)), caption=closed)]
    changes = h.term.has(t)
    claims = [start, *([same_factor(name, h)] if changes else [])]
    if h.start != 0:
        claims.append(claim(
            f"{name}-kept", f"Where {name} started counts as one more term: it changes by "
            "that factor, too.", (h.start, factor(h)*h.start.subs(t, t - 1))))
    if h.how == "largest":
        claims += no_sign(name, h, f)[0 if changes else 1:]
    old, last = factor(h)*f.symbols[name], in_rule(newest(h), f)
    joins = "plus" if h.how == "sum" else "or, if larger,"
    words = f"that factor times the old {name}" if changes else f"the old {name}"
    kept = "" if changes else "No old term changes. "
    return claims + [claim(
        f"{name}-closed", f"{kept}What the rule makes of {name} is {words}, {joins} the "
        "newest term: by induction the closed form holds for every t.",
        (f.update[name], old + last if h.how == "sum" else sp.Max(old, last)),
        caption=closed)]


@cache
def same_factor(name, h):
    """The claim that says how the old terms change; t is i + k, so that they are old."""
    now = i + later
    return claim(
        f"{name}-factor", f"From step t - 1 to t every old term of {name} is multiplied by "
        "one factor that does not depend on i.",
        (peeled(h.at(i, now), now), factor(h).subs(t, now)*h.at(i, now - 1)))


def no_sign(name, h, f):
    """The claims that a largest value needs besides: factor and terms are not negative."""
    return [claim(f"{name}-factor-sign", "The factor is not negative, so it keeps the "
                  f"order of the terms of {name}.", (factor(h), ">=", 0)),
            claim(f"{name}-term-sign", f"No term of {name} is negative, so 0 may stand for "
                  "the largest of none.", (in_rule(newest(h), f), ">=", 0))]


def invariant(f: Formula, forms: dict[str, sp.Expr], inputs: dict | None = None,
              first: int = 0) -> list[tuple]:
    """The goals of an induction on t: these states hold at the start, and go on to hold.

    forms  {state: what it is after step t}
    inputs what other letters of the rule are at step t, such as the gradient
    first  0: the forms start at the rule's first states; 1: at those after its first step
    """
    before = {f.symbols[n]: e.subs(t, t - 1) for n, e in forms.items()}
    given = {f.symbols[n]: e for n, e in (inputs or {}).items()}
    begin = f.init if first == 0 else {
        n: e.subs({s: x.subs(t, 1) for s, x in given.items()} | {t: 1}, simultaneous=True)
        for n, e in f.first_step.items()}
    return [goal for n, e in forms.items() for goal in (
        (begin[n], e.subs(t, first)),
        (f.update[n].subs(before | given, simultaneous=True), e))]


def the_step(f: Formula, statement: Statement, e: sp.Expr) -> sp.Expr:
    """A paper's expression for theta(t + 1), in the rule's old states."""
    e = peeled(unfolded(e, statement), t + 1)
    for name, h in statement.moments.items():
        e = e.xreplace({unfolded(h.closed(), statement): sp.Function(name, real=True)(t)})
    return in_rule(e, f)
