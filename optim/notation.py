"""How formulas are printed: letters with an index, terms in the order one writes them.

A Mark says how a symbol is printed, an Equation holds two sides and their marks. latex(),
text() and mathml() print an expression; nothing here changes what it says.
"""
import re
from dataclasses import dataclass

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter

from optim.rules import LEGEND

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
