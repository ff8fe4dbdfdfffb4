"""What was written in NumPy, as JavaScript: each operation by SymPy's printer, in order.

    printed({"y": node}).text           # statements, after which y is a name or a number

Each operation is printed from what it means in SymPy (minigrad.symbolic.meanings), once, on
letters; nodes stand where the letters are. Where a meaning would be rounded otherwise, as
log(1 + x) for log1p, SymPy's own function of that name is printed; x**p is `pow` of
runtime.js, since Math.pow is up to five units in the last place off.
"""
import functools
import re
from typing import Any

import numpy as np
import sympy as sp
from sympy.codegen import cfunctions
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.precedence import precedence

from minigrad.primitives.selection import relu
from minigrad.symbolic.meanings import entry
from minigrad.symbolic.truths import BITWISE, LOGICAL
from optim.playground.written import COUNT, SIZE, Node

# A name of JavaScript's, or of the printed text's own, is no name for a letter.
RESERVED = {*(
    "arguments await break case catch class const continue debugger default delete do "
    "else enum eval export extends false finally for function if implements import in "
    "instanceof interface let new null package private protected public return static "
    "super switch this throw true try typeof undefined var void while with yield NaN "
    "Infinity Math Number Float64Array pow sign sum mean max full zip product "
    "transpose eigen eigenvalues eigenvectors last zip shaped identity reshape vector "
    "drawn floats keptInSingle h i n s"
).split()}
PRECISE = {np.log1p: cfunctions.log1p, np.expm1: cfunctions.expm1,
           np.cbrt: cfunctions.Cbrt, np.isfinite: sp.Function("Number.isFinite"),
           np.reciprocal: lambda x: sp.Integer(1)/x, relu: lambda x: sp.Max(0, x)}
OPERATOR = re.compile(r" (\?|\|\||&&|[=!]==|[<>]=?|[+-]) |([*/])|^([-!])")
RANK = {"?": 0, "||": 1, "&&": 2, "===": 3, "!==": 3, "<": 4, ">": 4, "<=": 4, ">=": 4,
        "+": 5, "-": 5, "*": 6, "/": 6, None: 9}
UNARY = 7
# Functions of runtime.js that take whole arrays.
WHOLE = {"sum", "mean", "max", "full", "identity", "product", "transpose", "reshape",
         "last", "eigenvalues", "eigenvectors"}


class Printer(JavascriptCodePrinter):
    """SymPy's printer, with NumPy's conventions where those of Math are others."""

    def __init__(self) -> None:
        super().__init__({"user_functions": {
            "log1p": "Math.log1p", "expm1": "Math.expm1", "Cbrt": "Math.cbrt",
            "sign": "sign", "Number.isFinite": "Number.isFinite",
            "kept_in_single": "keptInSingle"}})

    def _print_Pow(self, e: Any) -> str:
        if e.exp == 2:
            return "{0}*{0}".format(self.parenthesize(e.base, precedence(e), strict=True))
        if e.exp in (-1, sp.Rational(1, 2)):
            return super()._print_Pow(e)
        return f"pow({self._print(e.base)}, {self._print(e.exp)})"

    def _print_Relational(self, e: Any) -> str:
        sign = {"==": "===", "!=": "!=="}.get(e.rel_op, e.rel_op)
        return f"{self._print(e.lhs)} {sign} {self._print(e.rhs)}"

    def _print_Piecewise(self, e: Any) -> str:
        (yes, condition), (no, _) = e.args
        return " ".join([self._print(condition), "?", self._print(yes), ":",
                         self._print(no)])


@functools.cache
def template(function: Any, count: int) -> tuple[str, int]:
    """A call as JavaScript, with A, B, C for its arguments, and how strongly it binds."""
    letters = [sp.Symbol(name, real=True) for name in "ABC"[:count]]
    if getattr(function, "__name__", "") == "kept_in_single":
        meaning = sp.Function("kept_in_single")(*letters)
    elif isinstance(function, str):
        return f"{function}({', '.join('ABC'[:count])})", RANK[None]
    elif function in PRECISE:
        meaning = PRECISE[function](*letters)
    elif function in LOGICAL or function in BITWISE:
        meaning = (LOGICAL | BITWISE)[function](*letters)
    elif function is np.where:
        meaning = sp.Piecewise((letters[1], letters[0]), (letters[2], True))
    else:
        meaning = entry(function, letters)
    text = Printer().doprint(meaning)
    if re.fullmatch(r"[\w.]+(\([^()]*\))?", text):
        return text, RANK[None]
    found = [UNARY if m[3] else RANK[m[1] or m[2]] for m in OPERATOR.finditer(text)]
    return text, min(found)


def is_square(node: Node) -> bool:
    """Whether x*x is what NumPy computes."""
    return node.function is np.square or node.function is np.power and (
        not isinstance(node.args[1], Node) and node.args[1] == 2)


def is_one(x: Any) -> bool:
    return not isinstance(x, Node) and x == 1


def of_formula(e: sp.Expr) -> str:
    """A formula of SymPy's, in the order in which SymPy has it."""
    return Printer().doprint(e)


def number(x: Any) -> str:
    """A number of Python's, which JavaScript reads as the same float."""
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, int) and abs(x) > 2**53:
        raise ValueError(f"the whole number {x} is no float")
    if x != x or x in (np.inf, -np.inf):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    text = repr(x)
    return text[:-2] if text.endswith(".0") else text


def safe(name: str) -> str:
    """A name that JavaScript allows for a letter."""
    return f"{name}_" if name in RESERVED else name


class Program:
    """Statements that compute nodes.

    Arrays of n entries are computed in loops; what takes a whole array (a sum, a product of
    matrices) stands between them. letters {name: text}: how each letter is read. After it
    .names has the text of each result.
    """

    def __init__(self, results: dict[str, Any], letters: dict[str, str] | None = None):
        self.letters = {COUNT: "n"} | (letters or {})
        self.nodes: dict[int, Node] = {}
        self.uses: dict[int, int] = {}
        self.levels: dict[int, int] = {}
        self.names: dict[str, str] = {}
        self.texts: dict[int, tuple[str, int]] = {}
        self.stored: set[int] = set()
        self.counter = 0
        for x in results.values():
            self.meet(x)
        self.squared = {x.args[0].key for x in self.nodes.values() if is_square(x)}
        self.taken = {*RESERVED, *re.findall(r"\w+", " ".join(self.letters.values())), *(
            safe(x.function) for x in self.nodes.values() if not x.args)}
        for x in results.values():
            if isinstance(x, Node) and x.shape is not None:
                self.stored.add(x.key)
        self.lines: list[str] = []
        for level in range(max(self.levels.values(), default=0) + 1):
            self.write(level)
        self.names = {name: self.text(x, 0, False) for name, x in results.items()}

    # --- what there is -------------------------------------------------------------------
    def meet(self, node: Any) -> int:
        """Count the uses of what a node rests on, and find its level."""
        if not isinstance(node, Node):
            return 0
        self.uses[node.key] = self.uses.get(node.key, 0) + 1
        if node.key in self.nodes:
            return self.levels[node.key]
        level = max(map(self.meet, node.args), default=0) + self.is_whole(node)
        self.nodes[node.key], self.levels[node.key] = node, level
        for x in node.args:
            if isinstance(x, Node) and self.is_entrywise(x) and (
                    self.is_whole(node) or self.levels[x.key] < level):
                self.stored.add(x.key)
        return level

    def is_whole(self, node: Node) -> bool:
        """Whether it takes whole arrays, or has another shape than a parameter."""
        if node.function in WHOLE:
            return True
        shapes = {x.shape for x in (node, *node.args)
                  if isinstance(x, Node) and x.shape is not None}
        return not shapes <= {(SIZE,)}

    def is_entrywise(self, node: Node) -> bool:
        return node.shape == (SIZE,) and node.function not in WHOLE

    # --- statements ----------------------------------------------------------------------
    def write(self, level: int) -> None:
        """The statements of a level: numbers and whole arrays, then one loop."""
        mine = [x for key, x in self.nodes.items() if self.levels[key] == level and x.args]
        for node in mine:
            if self.is_entrywise(node):
                continue
            text, rank = self.expression(node, False)
            if self.is_named(node, rank):
                name = self.new()
                self.lines.append(f"const {name} = {text};")
                text, rank = name, RANK[None]
            self.texts[node.key] = text, rank
        inside = []
        entrywise = [x for x in mine if self.is_entrywise(x)]
        for node in entrywise:
            text, rank = self.expression(node, True)
            if node.key in self.stored:
                name = self.new()
                self.lines.append(f"const {name} = vector(n);")
                inside.append(f"{name}[i] = {text};")
                text, rank = f"{name}[i]", RANK[None]
            elif self.is_named(node, rank):
                name = self.new()
                inside.append(f"const {name} = {text};")
                text, rank = name, RANK[None]
            self.texts[node.key] = text, rank
        if inside:
            body = " ".join(inside)
            self.lines.append(f"for (let i = 0; i < n; i++) {{ {body} }}")

    def is_named(self, node: Node, rank: int) -> bool:
        """Whether it stands in a statement of its own: it is used twice, or squared."""
        return (self.uses[node.key] > 1 or node.key in self.squared
                or self.is_whole(node)
                or node.shape is None and node.function is np.power)    # is slow

    def new(self) -> str:
        """A short name that no letter has."""
        while True:
            k, self.counter = self.counter, self.counter + 1
            name = "abcdefjklmopqruwxyz"[k % 19] + (str(k//19) if k >= 19 else "")
            if name not in self.taken:
                return name

    # --- expressions ---------------------------------------------------------------------
    def expression(self, node: Node, in_loop: bool) -> tuple[str, int]:
        """A call with its arguments, and how strongly it binds."""
        if node.function in WHOLE:
            inner = ", ".join(self.text(x, 0, in_loop) for x in node.args)
            extra = [repr(list(node.shape or ())).replace(str(SIZE), "n")]*(
                node.function in ("full", "reshape"))
            return f"{node.function}({', '.join([inner, *extra])})", RANK[None]
        function, args = node.function, node.args
        if function is np.power and args[1] == 1:
            function, args = np.positive, args[:1]
        if is_square(node):
            function, args = np.square, args[:1]
        if function is np.multiply and is_one(args[0]):             # which is exact
            function, args = np.positive, args[1:]
        text, rank = template(function, len(args))
        if not in_loop and self.is_whole(node):
            letters = "ABC"[:len(args)]
            inner = ", ".join(self.text(x, 0, False) for x in args)
            return f"zip(({', '.join(letters)}) => {text}, {inner})", RANK[None]
        call = text.endswith(")") and rank == RANK[None]
        places = {}
        if text == "A":
            return self.bare(args[0], in_loop)
        for name, x in zip("ABC", args):
            first = text.startswith(name)
            least = 0 if call else rank if first and rank > 0 else rank + 1
            places[name] = self.text(x, least, in_loop)
        return re.sub(r"\b[ABC]\b", lambda m: places[m[0]], text), rank

    def bare(self, x: Any, in_loop: bool) -> tuple[str, int]:
        """An argument that stands alone."""
        rank = self.texts[x.key][1] if isinstance(x, Node) and x.args else RANK[None]
        return self.text(x, 0, in_loop), rank

    def text(self, x: Any, least: int, in_loop: bool) -> str:
        """An argument, in brackets if it binds less than is needed."""
        if not isinstance(x, Node):
            text = number(x)
            return f"({text})" if text.startswith("-") and least else text
        if not x.args:
            read = self.letters.get(x.function, safe(x.function))
            return f"{read}[i]" if in_loop and x.shape == (SIZE,) else read
        text, rank = self.texts[x.key]
        if not in_loop and self.is_entrywise(x):
            return text.removesuffix("[i]")
        if in_loop and x.shape == (SIZE,) and not self.is_entrywise(x):
            return f"{text}[i]"
        return f"({text})" if rank < least else text
