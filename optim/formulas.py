"""Formula: what a rule says, read off the rule by running it on symbols.

`formula("adam")` runs `optim.rules.adam` on letters and keeps the expressions that come
out. The same goes for a rule of one's own. Printing only rearranges: a new state that the
step uses is written as that state, m/(1 - beta1**t) as m with a hat, and each such
rewriting is undone again and compared before it is shown.
"""
import difflib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import sympy as sp

from minigrad.symbolic import Symbolic
from optim.notation import Equation, Mark, aligned, latex, text
from optim.prover import declare
from optim.rules import LEGEND, RULES

__all__ = ["Equation", "Formula", "Mark", "Rule", "aligned", "formula", "latex", "text"]
Rule = Callable[..., Any]


def rule_named(rule: str | Rule) -> Rule:
    """The rule of this name; a function is a rule already."""
    if callable(rule):
        return rule
    if rule in RULES:
        return RULES[rule]
    near = difflib.get_close_matches(str(rule).lower(), RULES, 1, 0)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"no rule is called {rule!r}.{hint} There are: {', '.join(RULES)}; "
                     "a rule of your own is given as the function itself")


@dataclass(frozen=True)
class Formula:
    """One step of a rule as expressions in the old parameter, gradient and states.

    .update maps theta and each state to its new value, .init each state to its first one;
    .symbols has the parameter first, then the gradient.

    >>> formula("momentum").update["m"]
    g*lr + m*mu
    """
    name: str
    update: dict[str, sp.Expr]
    init: dict[str, sp.Expr]
    symbols: dict[str, sp.Symbol]
    domains: dict[sp.Symbol, str]
    source: str = ""
    path: tuple = ()                        # conditions under which it was read off
    assumed: tuple[str, ...] = field(default=())          # letters not in the legend: real

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.init)

    @property
    def first_step(self) -> dict[str, sp.Expr]:
        """The update at t = 1 from the initial states."""
        start = {self.symbols[name]: value for name, value in self.init.items()}
        start |= {self.symbols["t"]: sp.Integer(1)} if "t" in self.symbols else {}
        return {name: e.subs(start, simultaneous=True) for name, e in self.update.items()}

    @cached_property
    def equations(self) -> "list[Equation]":
        """The update as one would write it, in the order in which it is computed."""
        return list(written(self))

    @property
    def frame(self) -> "tuple[Equation, Equation]":
        """The step as theta - m/sqrt(v + eps), and what the rule adds to that."""
        return framed(self)

    @property
    def row(self):
        """The row of the table name, phi(g_1..g_t), psi(g_1..g_t), theta_{t+1}."""
        from optim.papers import row
        return row(self)

    def latex(self) -> str:
        r"""The equations as LaTeX, aligned at their equal signs.

        >>> print(formula("momentum").latex())
        \begin{aligned}
        m_{t} &= \mu m_{t-1} + \eta g_{t} \\
        \theta_{t+1} &= \theta_{t} - m_{t}
        \end{aligned}
        """
        return aligned(self.equations)

    def mathml(self) -> str:
        """The equations as presentation MathML, one <math> element each."""
        return "\n".join(e.mathml() for e in self.equations)

    def __str__(self) -> str:
        lines = [f"{self.name}", *(f"    {e}" for e in self.equations)]
        start = ", ".join(f"{name}[0] = {value}" for name, value in self.init.items())
        lines += [f"    from {start}"] if start else []
        if self.assumed:
            lines.append("    taken to be any real number: " + ", ".join(self.assumed))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_markdown_(self) -> str:
        """For notebooks, which remove MathML from what they did not run themselves."""
        return f"**{escape(self.name)}**\n\n$${self.latex()}$$"


def formula(rule: str | Rule) -> Formula:
    """The formula of a rule, given by name or as a function.

    Raises ValueError for an unknown name, naming the nearest. Letters that the legend does
    not have may be any real number; Formula.assumed lists them.

    >>> print(formula("adam"))
    adam
        m[t] = beta1*m[t-1] + (1 - beta1)*g[t]
        v[t] = beta2*v[t-1] + (1 - beta2)*g[t]**2
        m_hat[t] = m[t]/(1 - beta1**t)
        v_hat[t] = v[t]/(1 - beta2**t)
        theta[t+1] = theta[t] - lr*m_hat[t]/(sqrt(v_hat[t]) + eps)
        from m[0] = 0, v[0] = 0
    """
    rule = rule_named(rule)
    parameters = inspect.signature(rule).parameters
    domains = {n: LEGEND[n].domain if n in LEGEND else "real" for n in parameters}
    symbols = {name: declare(name, domain) for name, domain in domains.items()}
    value = {name: Symbolic(symbol) for name, symbol in symbols.items()}
    positional = [p for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    named = {p.name: value[p.name] for p in parameters.values() if p.kind is p.KEYWORD_ONLY}
    result = rule(*(value[p.name] for p in positional), **named)
    result = result if isinstance(result, tuple) else (result,)
    states = [p.name for p in positional[2:]]
    if len(result) != 1 + len(states):
        raise ValueError(f"{name_of(rule)}: came {len(result)} results, needs theta and "
                         f"the states {states}: return them all, in that order")
    update = dict(zip([positional[0].name, *states], (Symbolic(e).expr for e in result)))
    init = {p.name: first_value(p, value[positional[0].name]) for p in positional[2:]}
    return Formula(name_of(rule), update, init, symbols,
                   {symbols[name]: domain for name, domain in domains.items()},
                   source_of(rule), assumed=tuple(n for n in parameters if n not in LEGEND))


def name_of(rule) -> str:
    """The name of a function; what functools.partial makes has only that of its type."""
    return getattr(rule, "__name__", type(rule).__name__)


def first_value(parameter, theta):
    """Where a state starts: its default, applied to theta if it is a function, or 0."""
    start = 0 if parameter.default is parameter.empty else parameter.default
    return Symbolic(start(theta) if callable(start) else start).expr


def source_of(rule) -> str:
    try:
        return inspect.getsource(rule)
    except (OSError, TypeError):                # typed at a prompt, or built in
        return ""


# --------------------------------------------------------------- from one step to letters
def written(f: Formula) -> Iterator[Equation]:
    """The equations of a formula: schedules, states, corrected moments, the step."""
    theta, gradient = list(f.symbols)[:2]
    marks = {s: Mark(n, role="eps" if n == "eps" else "fixed")
             for n, s in f.symbols.items()}
    marks[f.symbols[theta]] = Mark(theta, "t", "theta")
    marks[f.symbols[gradient]] = Mark(gradient, "t", "gradient")
    marks |= {f.symbols[n]: Mark(n, "t-1", "old") for n in f.init}
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
    for product in [p for e in expressions for p in e.atoms(sp.Mul)]:
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


def framed(f: Formula):
    """The step with sqrt(v + eps) for sqrt(v) + eps, and the rule's step minus that."""
    step, eps = f.equations[-1], f.symbols.get("eps")
    under = {p.base for p in step.right.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2}

    def beside_a_root(e):
        return e.is_Add and eps in e.args and len(e.args) == 2 and e not in under

    frame = step.right.replace(beside_a_root, lambda e: sp.sqrt((e - eps)**2 + eps))
    return (Equation(step.left, frame, step.marks, "frame"),
            Equation(r"\Delta", step.right - frame, step.marks, "difference"))
