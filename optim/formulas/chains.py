"""The formula of a transformed rule, as one would write it: what the rule inside is given,
that rule, and what is made of its result.

The rule inside is replaced by letters; what comes out is put together again and compared
with what the whole rule was read to be. Where it is not the same, nothing is rearranged.
"""
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from minigrad.symbolic import Symbolic
from optim.formulas.equations import given, same, written
from optim.formulas.outside import Outside
from optim.notation.marks import Equation, Mark, text
from optim.optimizers.signatures import anatomy, step_of, supplied_to
from optim.optimizers.supplies import GradientAt

GIVEN, STEP, RESULT = "g_inner", "t_inner", "theta_inner"


def written_around(f: Any, inner: Any) -> list[Equation]:
    """The equations of f, whose rule is one around the rule of the formula `inner`; [] if
    they would not be what f is."""
    theta, gradient, *_ = f.symbols
    goes = {n: sp.Symbol(f"new {n}", real=True) for n in inner.update}
    calls: list[Any] = []

    def letters(theta, g, *states, t, **settings):
        calls.append([expression(x) for x in (theta, g, t)])
        return *map(Symbolic, goes.values()),
    setattr(letters, "__signature__", inspect.signature(inner.rule))
    known = {n: Symbolic(s) for n, s in f.symbols.items()}
    positional = [theta, gradient, *f.init]
    after = step_of(f.rule.over(letters), *(known[n] for n in positional),
                    **{n: x for n, x in known.items() if n not in positional})
    result = dict(zip((theta, *f.init), map(expression, after)))
    if len(calls) != 1:                     # which of them would be g_inner?
        return []
    (place, g, t), = calls
    own = {inner.symbols[n]: f.symbols[n] for n in inner.symbols if n in f.symbols}
    update = {n: e.xreplace(own) for n, e in inner.update.items()}
    t_given = f.symbols["t"]
    table = {f.symbols[gradient]: g, t_given: t}
    whole = {goes[n]: e.xreplace(table) for n, e in update.items()}
    if place != f.symbols[theta] or not all(
            same(e.xreplace(whole), f.update[n]) for n, e in result.items()) or not (
            kept_as_they_are(result, goes, f.symbols)):
        return []
    marks, used = marks_of(f), {s: s for s in table}
    equations: list[Equation] = []
    mine = [n for n in f.init if n not in inner.init]
    early = [n for n in mine if not result[n].free_symbols & {*goes.values()}]
    new = {}                                # what is known by a letter before the rule
    for n in early:
        equations.append(Equation(Mark(n, "t"), result[n], marks))
        if not result[n].is_Atom:
            mark = Mark(n, "t", "new")
            marks[mark.symbol()], new[result[n]] = mark, mark.symbol()
    for old, e, mark in ((f.symbols[gradient], g, Mark(GIVEN, "t", "gradient")),
                         (t_given, t, Mark(STEP))):
        if e != old:
            used[old] = sp.Symbol(mark.text(), **old.assumptions0)
            marks[used[old]] = mark
            equations.append(Equation(mark, e.xreplace(new), marks))
    changes = {old: new for old, new in used.items() if new != old}
    body = replace(inner, rule=None, symbols={
        **{n: used.get(own[s], own[s]) for n, s in inner.symbols.items()}},
        update={n: e.xreplace(changes) for n, e in update.items()},
        init=inner.init)
    names = {s: marks[s] for s in changes.values()}
    stays = result[theta] == goes[theta]
    goal = Mark(theta, "t+1", "new") if stays else Mark(RESULT, "t", "new")
    for e in written(body):
        left, right = e.left, e.right
        if e.kind == "step":
            left = goal
        elif e.kind == "state" and isinstance(left, Mark):
            right = result[left.name].xreplace({goes[left.name]: right})
        equations.append(Equation(left, right, marks | e.marks | names, e.kind))
    marks |= {goes[n]: Mark(n, "t", "new") for n in inner.init} | {goes[theta]: goal}
    later = [n for n in mine if n not in early]
    for n in later:
        equations.append(Equation(Mark(n, "t"), result[n], marks))
        marks[mine_now(n)], new[result[n]] = Mark(n, "t", "new"), mine_now(n)
    if not stays:
        equations.append(Equation(Mark(theta, "t+1"), result[theta].xreplace(new), marks,
                                  "step"))
    return equations


def kept_as_they_are(result: dict[str, sp.Expr], goes: dict[str, sp.Symbol],
                     symbols: Mapping[str, sp.Symbol]) -> bool:
    """Whether a transform gives back each state as the rule inside made it, or does not
    move at all: so that one letter is that state in what the rule prints, too."""
    rests = {result[n]: new for n, new in goes.items() if n in result and n != [*goes][0]
             and result[n] != new}
    conditions = [e.args[0].cond for n, e in result.items() if e in rests
                  and isinstance(e, sp.Piecewise)
                  and [x.expr for x in e.args] == [goes[n], symbols[n]]]
    return len(conditions) == len(rests) and not any(
        e.xreplace({c: sp.false}).free_symbols & {*goes.values()}
        for c in conditions for e in result.values())


def marks_of(f: Any) -> dict[sp.Symbol, Mark]:
    """How the letters of a formula are printed; what each entry is given has an index."""
    return given(f) | {f.symbols[n]: Mark(n, "t", "gradient")
                       for n, kind in supplied_to(f.rule).items() if kind.entrywise}


def mine_now(name: str) -> sp.Symbol:
    return Mark(name, "t", "new").symbol()


def expression(x: Any) -> sp.Expr:
    """The expression behind a result, with decimals as fractions."""
    return sp.nsimplify(sp.sympify(getattr(x, "expr", x)), rational=True)


def measured_in(rule: Any, symbols: Mapping[str, sp.Symbol]
                ) -> dict[sp.Symbol, tuple[Any, ...]]:
    """What a rule is given besides: ("Draw",), ("Norm", of what), or ("GradientAt", point,
    theta, g), in the symbols of its formula."""
    found: dict[sp.Symbol, tuple[Any, ...]] = {}
    if not supplied_to(rule):
        return found
    letters = {n: Symbolic(s) for n, s in symbols.items()}
    theta, g, *_ = symbols
    states = (*(letters[n] for n in anatomy(rule)[0]),)
    for name, kind in supplied_to(rule).items():
        of: tuple[sp.Expr, ...] = ()
        if kind.of is not None:
            outside = Outside(kind.of)
            of = expression(kind.of(letters[theta], letters[g], states, letters)),
            outside.check_unchanged()
        there = (symbols[theta], symbols[g])*isinstance(kind, GradientAt)
        found[symbols[name]] = (type(kind).__name__, *of, *there)
    return found


def supplied_words(f: Any) -> Iterator[str]:
    """What the rule of a formula is given besides, each in words."""
    marks = marks_of(f)
    for symbol, (kind, *of) in f.measured.items():
        letter = marks[symbol].text()
        if kind == "Draw":
            yield f"{letter} is drawn for each entry, normal with mean 0 and variance 1"
            continue
        e = text(of[0], marks)
        yield (f"{letter} is the norm of {e}, over all parameters"
               if kind == "Norm" else f"{letter} is the gradient at {e}")
