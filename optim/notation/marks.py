"""How formulas are printed: letters with an index, terms in the order one writes them.

A Mark says how a symbol is printed, an Equation holds two sides and their marks. latex()
and text() print an expression; nothing here changes what it says. MathML is made of LaTeX.
"""
import re
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter

from optim.rules import LEGEND
from optim.notation.mathml import display

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
        """The letter in LaTeX: hat, superscript, subscript."""
        core, sub, sup = self.parts
        core = rf"\hat{{{core}}}" if self.hat else core
        low = ",".join(x for x in (sub, self.index) if x)
        return core + (f"^{sup}" if sup else "") + (f"_{{{low}}}" if low else "")

    def text(self) -> str:
        """The letter as code: m_hat[t]."""
        return self.name + "_hat"*self.hat + (f"[{self.index}]" if self.index else "")

    def symbol(self) -> sp.Symbol:
        """A real symbol that is named as the mark is in text."""
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
        """Both sides in LaTeX."""
        return " = ".join(self.sides())

    def __str__(self) -> str:
        left = self.left.text() if isinstance(self.left, Mark) else self.left
        return f"{left} = {text(self.right, self.marks)}"

    def mathml(self) -> str:
        """A <math> element for a line of its own."""
        return display(self.latex())


def aligned(equations: list[Equation]) -> str:
    """Equations as LaTeX, one below the other, aligned at their equal signs."""
    rows = " \\\\\n".join(" &= ".join(e.sides()) for e in equations)
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


# ------------------------------------------------------------------ printing in good order
RANK = {"theta": 0, "old": 1, "new": 2, "gradient": 3, "fixed": 4, "eps": 5}


class Words:
    """An expression among others by its text, which is made only where all else ties."""

    def __init__(self, e):
        self.e = e

    def __eq__(self, other):
        return self.e == other.e

    def __lt__(self, other):
        return words(self.e) < words(other.e)


words = lru_cache(10_000)(str)


def rank(e, marks):
    """Where a term or factor stands: parameter, old states, new states, gradient, rest."""
    if e.is_Symbol and e.is_integer:
        return -1                                                    # t + 1, but 1 - beta
    return min((RANK[marks[s].role] for s in above(e) if s in marks), default=0)


@lru_cache(10_000)
def above(e):
    """The letters that do not stand in a denominator."""
    return sp.fraction(e)[0].free_symbols


@lru_cache(10_000)
def weight(e):
    """Whether a minus sign stands before a term, and how long it is."""
    return e.could_extract_minus_sign(), sp.count_ops(e)


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
        terms = sorted(e.args, key=lambda x: (
            weight(x)[0], rank(x, marks), weight(x)[1], Words(x)))
        return sp.Add(*(arrange(x, marks) for x in terms), evaluate=False)
    if e.is_Mul:
        factors = sorted(e.args, key=lambda x: factor_key(x, marks))
        return sp.Mul(*(arrange(x, marks) for x in factors), evaluate=False)
    return e.func(*(arrange(x, marks) for x in e.args), **(
        {"evaluate": False} if e.is_Pow else {}))


def factor_key(x, marks):
    """Where a factor stands in a product: numbers, t, hyperparameters, then by rank."""
    fixed = all(marks[s].role == "fixed" for s in x.free_symbols if s in marks)
    t_first = marks.get(x) == Mark("t")
    return (not x.is_Number, not t_first, not fixed, not x.is_Symbol, rank(x, marks),
            Words(x))


def decimal(r):
    """A rational base printed as the decimal that was written, if it is a finite one."""
    digits = str(sp.Float(r, 12)).rstrip("0")
    return sp.Symbol(digits, positive=True) if sp.Rational(digits) == r else r


def latex(e: sp.Expr, marks: dict[sp.Symbol, Mark]) -> str:
    """The expression in LaTeX, its symbols printed as the marks say."""
    printer = LatexPrinter({"order": "none", "symbol_names": {
        s: m.latex() for s, m in marks.items()}})
    return printer.doprint(arrange(e, marks))


def text(e: sp.Expr, marks: dict[sp.Symbol, Mark]) -> str:
    """The expression as text, its symbols printed as the marks say."""
    return Plain(marks, {"order": "none"}).doprint(arrange(e, marks))


class Plain(StrPrinter):
    """Text with an index in brackets: m[t-1]."""

    def __init__(self, marks, settings):
        super().__init__(settings)
        self.marks = marks

    def _print_Symbol(self, symbol):
        return self.marks[symbol].text() if symbol in self.marks else symbol.name
