"""LaTeX as MathML: the one way in which formulas come onto a page.

It reads the part of LaTeX that formulas here are written in, by hand or by SymPy. What it
does not know it shows as it stands, in an <merror>. (latex2mathml would be one more package
to install; of 428 formulas here it leaves 9 with a raw \\argmin, and says nothing of it.
SymPy's MathML needs an expression, which captions are not.)
"""
import re

from sympy.printing.pretty.pretty_symbology import greek_unicode

from optim.notation.markup import Html, tag

LETTERS = {**greek_unicode, "epsilon": "ϵ", "varepsilon": "ε", "phi": "ϕ", "varphi": "φ",
           "infty": "∞", "ell": "ℓ"}
SIGNS = {"le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "cdot": "⋅",
         "times": "×", "to": "→", "Rightarrow": "⇒", "Leftrightarrow": "⇔", "in": "∈",
         "approx": "≈", "sim": "∼", "pm": "±", "wedge": "∧", "vee": "∨", "neg": "¬",
         "forall": "∀", "exists": "∃", "nexists": "∄", "partial": "∂", "nabla": "∇",
         "ldots": "…", "dots": "…", "cdots": "⋯", "colon": ":", "mid": "∣", "|": "‖",
         "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "langle": "⟨",
         "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
         "{": "{", "}": "}", "%": "%", "_": "_"}
FENCES = ("|", "lvert", "rvert", "lVert", "rVert", "langle", "rangle", "{", "}")
LARGE = {"sum": "∑", "prod": "∏", "max": "max", "min": "min", "lim": "lim", "sup": "sup",
         "inf": "inf"}
FUNCTIONS = ("arg", "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "det")
SPACES = {",": ".17em", ":": ".22em", ";": ".28em", " ": ".28em", "quad": "1em",
          "qquad": "2em", "!": "0em"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "overline": "¯"}
TABLES = ("aligned", "cases")
TOKEN = re.compile(r"\\(?:text|mathrm|operatorname|begin|end|class)\s*\{(?:\\_|[^{}])*\}"
                   r"|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S")


def display(tex: str) -> Html:
    r"""A formula on a line of its own; nothing for no formula.

    >>> display(r"\frac{g}{2}")
    '<math display="block"><mfrac><mi>g</mi><mn>2</mn></mfrac></math>'
    """
    return tag("math", Latex(tex).mathml(), display="block") if tex.strip() else Html()


def inline(tex: str) -> Html:
    """A formula within a line, or a cell of a table."""
    return tag("math", Latex(tex).mathml(), displaystyle="true")


def fence(sign: str) -> Html:
    """A bracket, or a bar of a norm, as tall as a letter and with no space around it."""
    space = "0em" if sign in "|‖" else None
    return tag("mo", sign, stretchy="false", lspace=space, rspace=space)


class Latex:
    """A formula as tokens, which .mathml() uses up."""

    def __init__(self, tex: str):
        self.tokens = TOKEN.findall(tex)[::-1]

    def take(self) -> str:
        """The next token, which is used up; "" at the end."""
        return self.tokens.pop() if self.tokens else ""

    def mathml(self, *ends: str) -> Html:
        """The tokens up to one of these, which is left, or all."""
        parts = []
        while self.tokens and self.tokens[-1] not in ends:
            parts.append(self.scripted())
        return parts[0] if len(parts) == 1 else tag("mrow", parts)

    def group(self, end: str) -> Html:
        """The tokens up to this one, which is taken as well."""
        inner = self.mathml(end)
        self.take()
        return inner

    def scripted(self) -> Html:
        """An atom with what stands below and above it."""
        large = self.tokens[-1].lstrip("\\") in LARGE
        base = self.atom()
        below: list[Html] = []
        above: list[Html] = []
        while self.tokens and self.tokens[-1] in ("_", "^", "'"):
            sign = self.take()
            part = tag("mo", "′") if sign == "'" else self.atom()
            (below if sign == "_" else above).append(part)
        names = ("under", "over") if large else ("sub", "sup")
        used = [(name, part) for name, part in zip(names, (below, above)) if part]
        return tag("m" + "".join(name for name, _ in used), base, *(
            part[0] if len(part) == 1 else tag("mrow", part) for _, part in used)
            ) if used else base

    def atom(self) -> Html:
        """The next token, group or command, without what stands below and above it."""
        token = self.take()
        if token == "{":
            return self.group("}")
        if not token.startswith("\\"):
            if token in "|()[]":
                return fence(token)
            kind = "mn" if token[:1].isdigit() else "mi" if token.isalpha() else "mo"
            return tag(kind, {"-": "−"}.get(token, token))
        return self.command(token[1:])

    def command(self, name: str) -> Html:
        """What a command says, with its arguments; <merror> if it is unknown."""
        if name in ("frac", "tfrac", "dfrac"):
            return tag("mfrac", self.atom(), self.atom())
        if name == "sqrt":
            return self.root()
        if name == "left":
            sides = [self.delimiter(), self.group(r"\right"), self.delimiter()]
            return tag("mrow", sides)
        if name in ACCENTS:
            return tag("mover", self.atom(), tag("mo", ACCENTS[name]), accent="true")
        if "{" in name[1:]:
            return self.words(*name[:-1].replace(r"\_", "_").split("{", 1))
        if name in SPACES:
            return tag("mspace", width=SPACES[name])
        if name in LETTERS or name in FUNCTIONS:
            return tag("mi", LETTERS.get(name, name))
        if name in FENCES:
            return fence(SIGNS[name])
        if name in LARGE or name in SIGNS:
            return tag("mo", LARGE.get(name) or SIGNS[name])
        return tag("merror", tag("mtext", f"\\{name}"))

    def words(self, kind: str, text: str) -> Html:
        """What has letters in braces: a text, an upright name, a table."""
        if kind.strip() == "text":
            return tag("mtext", text)
        if kind.strip() == "class":                     # MathJax's: a group that has a name
            return tag("mrow", self.atom(), class_=text)
        if kind.strip() == "begin" and text in TABLES:
            return self.rows(text)
        if kind.strip() in ("begin", "end"):
            return tag("merror", tag("mtext", f"\\{kind}{{{text}}}"))
        return tag("mi", text, mathvariant="normal")

    def rows(self, name: str) -> Html:
        r"""A table up to its \end; cases have a brace before it."""
        ends = ("&", r"\\", rf"\end{{{name}}}")
        rows: list[list[Html]] = [[]]
        while self.tokens:
            rows[-1].append(tag("mtd", self.mathml(*ends)))
            end = self.take()
            if end == ends[1]:
                rows.append([])
            elif end != ends[0]:
                break
        cells = tag("mtable", [tag("mtr", row) for row in rows])
        return tag("mrow", tag("mo", "{"), cells) if name == "cases" else cells

    def root(self) -> Html:
        r"""A square root, or another as in \sqrt[3]{x}."""
        if self.tokens[-1:] != ["["]:
            return tag("msqrt", self.atom())
        self.take()
        order = self.group("]")
        return tag("mroot", self.atom(), order)

    def delimiter(self) -> Html:
        r"""The bracket after \left or \right, which grows with what is inside."""
        token = self.take() or "."
        sign = SIGNS.get(token[1:], token) if token.startswith("\\") else token
        return tag("mo", sign.replace(".", ""), stretchy="true")
