"""A formula as one would write it: schedules, states, corrected moments, the step.

Printing only rearranges: a new state that the step uses is written as that state,
m/(1 - beta1**t) as m with a hat, and each such rewriting is undone again and compared
before it is shown.
"""
from collections.abc import Iterator
from typing import Any

import sympy as sp

from optim.notation.marks import Equation, Mark


def written(f: Any) -> Iterator[Equation]:
    """The equations of a formula: schedules, states, corrected moments, the step."""
    theta, marks = next(iter(f.symbols)), given(f)
    known: dict[sp.Symbol, sp.Expr] = {}                     # a letter, what it stands for
    right = {}
    for name in [*f.init, theta]:
        e = f.update[name]
        for letter, value in reversed(known.items()):
            e = in_terms_of(e, letter, value, f.symbols[marks[letter].name])
        right[name] = e
        if name != theta and not e.is_Atom:
            new = Mark(name, "t", "new")
            marks[new.symbol()], known[new.symbol()] = new, f.update[name]
    schedules = find_schedules(f, right.values(), marks)
    right = {n: name_products(e, schedules) for n, e in right.items()}
    hats = find_corrected(f, right[theta], marks)
    right[theta] = name_products(right[theta], hats)
    for name, e in right.items():
        if not same(restore(e, hats | schedules, known), f.update[name]):
            right[name] = f.update[name]                     # never print what is not equal
    for letter, value in schedules.items():
        if marks[letter].index == "t":
            yield Equation(marks[letter], value, marks, "schedule")
    for name in f.init:
        yield Equation(Mark(name, "t"), right[name], marks)
    for letter, value in hats.items():
        if right[theta].has(letter):
            yield Equation(marks[letter], value, marks, "corrected")
    yield Equation(Mark(theta, "t+1"), right[theta], marks, "step")


def given(f: Any) -> dict[sp.Symbol, Mark]:
    """How the letters that a rule is given are printed: theta, gradient, old states ..."""
    theta, gradient = list(f.symbols)[:2]
    marks = {s: Mark(n, role="eps" if n == "eps" else "fixed")
             for n, s in f.symbols.items()}
    return marks | {f.symbols[theta]: Mark(theta, "t", "theta"),
                    f.symbols[gradient]: Mark(gradient, "t", "gradient"),
                    **{f.symbols[n]: Mark(n, "t-1", "old") for n in f.init}}


def same(a, b):
    """Whether the two are one expression, as written or multiplied out."""
    return a == b or sp.expand(sp.together(a - b)) == 0


def restore(e, products, known):
    """Put back what the letters stand for."""
    e = e.xreplace(products)
    for letter, value in reversed(known.items()):
        e = e.xreplace({letter: value})
    return e


def in_terms_of(e, letter, value, old):
    """The expression with the letter for its value: as it stands, or solved for the old."""
    e = e.xreplace({value: letter})
    if not e.has(old) or not value.is_polynomial(old) or sp.degree(value, old) != 1:
        return e
    slope = sp.diff(value, old)
    solved = e.xreplace({old: (letter - value.subs(old, 0))/slope})
    solved = min(solved, sp.expand(solved), key=sp.count_ops)
    if solved.has(old) or sp.count_ops(solved) >= sp.count_ops(e):
        return e
    return solved if same(solved.xreplace({letter: value}), e) else e


def find_schedules(f, expressions, marks):
    """Products such as mu*(1 - 0.96**(t*psi)/2): a hyperparameter that depends on t."""
    t, found = f.symbols.get("t"), {}
    fixed = {s for s, mark in marks.items() if mark.role == "fixed"}
    for product in [p for e in expressions for p in sorted(e.atoms(sp.Mul), key=str)]:
        for h in product.args if t else ():
            for s in product.args:
                if (h in fixed and h != t and s.is_Add and not s.has(h)
                        and s.free_symbols <= fixed
                        and any(p.exp.has(t) for p in s.atoms(sp.Pow))):
                    found.setdefault(h, set()).add(s)
    out = {}
    for h, factors in found.items():
        now = [s for s in factors if s.subs(t, t - 1) not in factors]
        if len(now) == 1:
            for k, s in (("t", now[0]), ("t+1", now[0].subs(t, t + 1))):
                mark = Mark(marks[h].name, k)
                marks[mark.symbol()] = mark
                out[mark.symbol()] = h*s
    return out


def find_corrected(f, e, marks):
    """Quotients m/(1 - beta**t) of a new state: the moment with its bias taken out."""
    t, out = f.symbols.get("t"), {}
    for product in sorted(e.atoms(sp.Mul), key=str):
        for m in product.args if t else ():
            for d in product.args:
                base = next((b for b in d.free_symbols - {t} if 1/d == 1 - b**t), None)
                if base and m in marks and marks[m].role == "new":
                    mark = Mark(marks[m].name, "t", "new", hat=True)
                    marks[mark.symbol()] = mark
                    out[mark.symbol()] = m*d
    return dict(sorted(out.items(), key=str))


def name_products(e, products):
    """The expression with each product replaced by its letter, within larger products."""
    def visit(e):
        if not e.args:
            return e
        if e.is_Mul:
            factors = list(e.args)
            for letter, product in products.items():
                if all(x in factors for x in product.args):
                    factors = [x for x in factors if x not in product.args] + [letter]
            return sp.Mul(*map(visit, factors))
        return e.func(*map(visit, e.args))
    return visit(e)


def framed(f: Any) -> tuple[Equation, Equation]:
    """The step with sqrt(v + eps) for sqrt(v) + eps, and the rule's step minus that."""
    step, eps = f.equations[-1], f.symbols.get("eps")
    under = {p.base for p in step.right.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2}

    def beside_a_root(e):
        return e.is_Add and eps in e.args and len(e.args) == 2 and e not in under

    frame = step.right.replace(beside_a_root, lambda e: sp.sqrt((e - eps)**2 + eps))
    return (Equation(step.left, frame, step.marks, "frame"),
            Equation(r"\Delta", step.right - frame, step.marks, "difference"))
