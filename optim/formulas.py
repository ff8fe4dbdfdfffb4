"""Formula: what a rule says, read off the rule by running it on symbols.

`formula("adam")` runs `optim.rules.adam` on letters and keeps the expressions that come
out. The same goes for a rule of one's own. Printing only rearranges: a new state that the
step uses is written as that state, m/(1 - beta1**t) as m with a hat, and each such
rewriting is undone again and compared before it is shown.
"""
import difflib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter

from minigrad.symbolic import Symbolic
from optim.prover import declare
from optim.rules import LEGEND, RULES

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

    def _repr_html_(self) -> str:
        return f"<div class='formula'><b>{escape(self.name)}</b>\n{self.mathml()}</div>"


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


# ------------------------------------------------------------------ letters with an index
LETTER = r"(\\hat\{\w\}|(?:\\[A-Za-z]+|[A-Za-z])+)_?(\d*)(?:\^(\\?\w+))?"
OTHERS = {"velocity": "v", "Delta_theta": r"\Delta\theta"}    # letters that papers add


@dataclass(frozen=True)
class Mark:
    """How one symbol is printed: a letter, an index, a hat; and what it is in the rule."""
    name: str
    index: str = ""
    role: str = "fixed"                   # theta, gradient, old or new state, fixed, eps
    hat: bool = False

    @property
    def parts(self) -> tuple[str, str, str]:
        """Core, subscript and superscript of the letter, in LaTeX."""
        known = LEGEND[self.name].latex if self.name in LEGEND else OTHERS.get(
            self.name, self.name)
        found = re.fullmatch(LETTER, known)
        core, sub, sup = found.groups("") if found else (known, "", "")
        if core in greek_unicode:
            core = "\\" + core
        elif not core.startswith("\\") and len(core) > 1:
            core = rf"\mathrm{{{core}}}".replace("_", r"\_")
        return core, sub, sup

    def latex(self) -> str:
        core, sub, sup = self.parts
        core = rf"\hat{{{core}}}" if self.hat else core
        low = ",".join(x for x in (sub, self.index) if x)
        return core + (f"^{sup}" if sup else "") + (f"_{{{low}}}" if low else "")

    def text(self) -> str:
        return self.name + "_hat"*self.hat + (f"[{self.index}]" if self.index else "")

    def symbol(self) -> sp.Symbol:
        return sp.Symbol(self.text(), real=True)


@dataclass(frozen=True)
class Equation:
    """left = right, with how its symbols are printed; .kind says what it tells."""
    left: Mark | str
    right: sp.Expr
    marks: dict[sp.Symbol, Mark]
    kind: str = "state"

    def sides(self) -> tuple[str, str]:
        """Both sides in LaTeX."""
        left = self.left.latex() if isinstance(self.left, Mark) else self.left
        return left, latex(self.right, self.marks)

    def latex(self) -> str:
        return " = ".join(self.sides())

    def __str__(self) -> str:
        left = self.left.text() if isinstance(self.left, Mark) else self.left
        return f"{left} = {text(self.right, self.marks)}"

    def mathml(self) -> str:
        left = self.left.symbol() if isinstance(self.left, Mark) else sp.Symbol(self.left)
        marks = self.marks | ({left: self.left} if isinstance(self.left, Mark) else {})
        return mathml([left, self.right], marks)


def aligned(equations: list[Equation]) -> str:
    rows = " \\\\\n".join(" &= ".join(e.sides()) for e in equations)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


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


# ------------------------------------------------------------------ printing in good order
RANK = {"theta": 0, "old": 1, "new": 2, "gradient": 3, "fixed": 4, "eps": 5}


def rank(e, marks):
    """Where a term or factor stands: parameter, old states, new states, gradient, rest."""
    if e.is_Symbol and e.is_integer:
        return -1                                                    # t + 1, but 1 - beta
    letters = sp.fraction(e)[0].free_symbols
    return min((RANK[marks[s].role] for s in letters if s in marks), default=0)


def arrange(e, marks):
    """The same expression with terms and factors in the order in which one writes them."""
    if isinstance(e, (sp.Sum, sp.Product)):
        return e.func(arrange(e.function, marks), *(
            tuple(arrange(x, marks) for x in limit) for limit in e.limits))
    if not e.args or isinstance(e, sp.core.function.AppliedUndef):
        return e
    if e.is_Pow and e.base.is_Rational and e.base > 0 and not e.base.is_Integer:
        return sp.Pow(decimal(e.base), arrange(e.exp, marks), evaluate=False)
    if e.is_Add:
        terms = sorted(e.args, key=lambda x: (x.could_extract_minus_sign(), rank(x, marks),
                                              sp.count_ops(x), str(x)))
        return sp.Add(*(arrange(x, marks) for x in terms), evaluate=False)
    if e.is_Mul:
        factors = sorted(e.args, key=lambda x: factor_key(x, marks))
        return sp.Mul(*(arrange(x, marks) for x in factors), evaluate=False)
    return e.func(*(arrange(x, marks) for x in e.args), **(
        {"evaluate": False} if e.is_Pow else {}))


def factor_key(x, marks):
    fixed = all(marks[s].role == "fixed" for s in x.free_symbols if s in marks)
    t_first = marks.get(x) == Mark("t")
    return (not x.is_Number, not t_first, not fixed, not x.is_Symbol, rank(x, marks),
            str(x))


def decimal(r):
    """A rational base printed as the decimal that was written, if it is a finite one."""
    digits = str(sp.Float(r, 12)).rstrip("0")
    return sp.Symbol(digits, positive=True) if sp.Rational(digits) == r else r


def latex(e: sp.Expr, marks: dict[sp.Symbol, Mark]) -> str:
    printer = LatexPrinter({"order": "none", "symbol_names": {
        s: m.latex() for s, m in marks.items()}})
    return printer.doprint(arrange(e, marks))


def text(e: sp.Expr, marks: dict[sp.Symbol, Mark]) -> str:
    return Plain(marks, {"order": "none"}).doprint(arrange(e, marks))


def mathml(equal: list[sp.Expr], marks: dict[sp.Symbol, Mark]) -> str:
    """Expressions joined by equal signs, as one MathML element."""
    printer = Markup(marks, {"order": "none"})
    parts = [printer._print(arrange(e, marks)).toxml().replace("<mo>-</mo>", "<mo>−</mo>")
             for e in equal]
    return '<math display="block"><mrow>' + "<mo>=</mo>".join(parts) + "</mrow></math>"


class Plain(StrPrinter):
    """Text with an index in brackets: m[t-1]."""

    def __init__(self, marks, settings):
        super().__init__(settings)
        self.marks = marks

    def _print_Symbol(self, symbol):
        return self.marks[symbol].text() if symbol in self.marks else symbol.name


class Markup(MathMLPresentationPrinter):
    """SymPy's MathML, with our letters and with terms and factors in our order."""

    def __init__(self, marks, settings):
        super().__init__(settings)
        self.marks = marks

    def element(self, tag, *children, **attributes):
        out = self.dom.createElement(tag)
        for key, value in attributes.items():
            out.setAttribute(key, value)
        for child in children:
            out.appendChild(self.dom.createTextNode(child) if isinstance(child, str)
                            else child)
        return out

    def letter(self, tex):
        """A LaTeX letter, name or small expression as one element."""
        if tex.startswith(r"\hat{"):
            return self.element("mover", self.letter(tex[5:-1]), self.element("mo", "^"),
                                accent="true")
        names = {"varepsilon": "ε"} | greek_unicode
        plain = re.sub(r"\\mathrm\{(.*)\}", r"\1", tex).replace(r"\_", "_")
        name = re.sub(r"\\([A-Za-z]+)", lambda x: names[x[1]], plain)
        tag = "mn" if name[:1].isdigit() else "mo" if name in "+-" else "mi"
        return self.element(tag, name)

    def _print_Pow(self, e):
        """A power of a letter with a subscript stands above that subscript."""
        if e.base.is_Symbol and (not e.exp.is_number or e.exp.is_Integer and e.exp > 0):
            base = self._print(e.base)
            if base.tagName == "msub":
                return self.element("msubsup", *base.childNodes[:], self._print(e.exp))
        return super()._print_Pow(e)

    def _print_Piecewise(self, e):
        rows = [self.element("mtr", self.element("mtd", self._print(value)),
                             self.element("mtd", "otherwise" if condition is sp.true
                                          else self._print(condition)))
                for value, condition in e.args]
        return self.element("mrow", self.element("mo", "{"),
                            self.element("mtable", *rows))

    def _print_Symbol(self, symbol, style="plain"):
        mark = self.marks.get(symbol)
        if mark is None:
            return self.letter(symbol.name)
        core, sub, sup = mark.parts
        base = self.letter(rf"\hat{{{core}}}" if mark.hat else core)
        low = [self.letter(x) for x in (sub, *re.findall(r"\w+|[+-]", mark.index)) if x]
        if low and sup:
            return self.element("msubsup", base, self.element("mrow", *low),
                                self.letter(sup))
        if sup:
            return self.element("msup", base, self.letter(sup))
        return self.element("msub", base, self.element("mrow", *low)) if low else base

    def _print_Mul(self, e):
        if sp.core.function._coeff_isneg(e):
            return self.element("mrow", self.element("mo", "-"), self._print(-e))
        numerator, denominator = sp.fraction(e, exact=True)
        if denominator != 1:
            return self.element("mfrac", self._print(numerator), self._print(denominator))
        *first, last = sp.Mul.make_args(e)
        factors = [self.parenthesize(x, PRECEDENCE["Mul"]) for x in first]
        plain = isinstance(last, (sp.Sum, sp.Product)) or not (last.is_Add or last.is_Mul)
        return self.element("mrow", *factors, self._print(last) if plain else
                            self.parenthesize(last, PRECEDENCE["Mul"]))

    def _print_Sum(self, e, sign="∑"):
        index, low, high = map(self._print, e.limits[0])
        return self.element("mrow", self.element(
            "munderover", self.element("mo", sign),
            self.element("mrow", index, self.element("mo", "="), low), high),
            self.parenthesize(e.function, PRECEDENCE["Add"]))

    def _print_Product(self, e):
        return self._print_Sum(e, "∏")

    def _print_Max(self, e):
        commas = [part for x in e.args
                  for part in (self.element("mo", ","), self._print(x))]
        return self.element("mrow", self.element("mi", "max"), self.element("mo", "("),
                            *commas[1:], self.element("mo", ")"))
