r"""Formulas in LaTeX read back as SymPy, for tests that hold a caption to its goals.

It reads what captions are written in: fractions, roots, powers, absolute values, sums,
products and largest values over an index, and letters with indices. What a letter is says a
table from its name: `\beta_{1}` is called beta_1, `\hat{v}_{t-1}` is called hat(v)_t-1. An
index that the table gives a number is that number: m_{t} is m_3 where t is 3.

>>> read(r"\frac{x_1^{2}}{2} \le -1", {"x_1": sp.Symbol("x")})
[(x**2/2, '<=', -1)]
"""
import sympy as sp

from optim.notation.mathml import LETTERS, TOKEN

SIGNS = {"=": "==", r"\le": "<=", r"\ge": ">=", "<": "<", ">": ">"}
SPACE = {r"\,", r"\;", r"\:", r"\ ", r"\!", r"\quad", r"\qquad"}


class Unreadable(ValueError):
    """A formula holds what this reader does not know."""


class Definition(Exception):
    """A clause names a letter that the table does not have, and says what it is."""


def clauses(tex):
    """The relations that stand side by side in a caption."""
    return [part.strip(" ,") for part in tex.split(r"\quad") if part.strip(" ,")]


def read(tex, table):
    """The relations of one clause: [(left, sign, right), ...]."""
    reader = Reader(tex, table)
    sides, signs = [reader.sum()], []
    while reader.tokens[reader.at:]:
        token = reader.take()
        if token not in SIGNS:
            raise Unreadable(f"{token} in {tex}")
        signs.append(SIGNS[token])
        sides.append(reader.sum())
    return list(zip(sides, signs, sides[1:]))


def name_of(tex):
    """What a letter in LaTeX is called in the table."""
    return Reader(tex, {}).letter()[0]


class Reader:
    def __init__(self, tex, table):
        self.tokens = [token for token in TOKEN.findall(tex) if token not in SPACE]
        self.at, self.table = 0, dict(table)

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        token = self.peek()
        if not token or wanted and token not in wanted:
            raise Unreadable(f"{token or 'the end'} for {wanted} in {''.join(self.tokens)}")
        self.at += 1
        return token

    # ------------------------------------------------------------------ sums and products
    def sum(self):
        sign = -1 if self.peek() == "-" and self.take() else 1
        total = sign*self.product()
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            total += sign*self.product()
        return total

    def product(self):
        total = self.power()
        while self.peek() and self.peek() not in {
                "+", "-", ")", "}", "|", "]", ",", r"\right", *SIGNS}:
            if self.peek() == r"\cdot":
                self.take()
            total = total/self.power() if self.peek() == "/" and self.take() else (
                total*self.power())
        return total

    def power(self):
        base = self.atom()
        while self.peek() == "^":
            self.take()
            base = base**self.group()
        return base

    # ------------------------------------------------------------------ atoms
    def group(self):
        if self.peek() != "{":
            return self.atom()
        self.take()
        inner = self.sum()
        self.take("}")
        return inner

    def atom(self):
        token = self.peek()
        if token.replace(".", "").isdigit():
            return sp.Rational(self.take())
        if token == "{":
            return self.group()
        if token in ("(", "|", r"\left"):
            return self.fenced()
        if token in (r"\frac", r"\tfrac"):
            self.take()
            return self.group()/self.group()
        if token == r"\sqrt":
            self.take()
            return sp.sqrt(self.group())
        if token in (r"\sum", r"\prod", r"\max"):
            return self.ranged(self.take())
        name, value = self.letter()
        if value is None:
            raise Definition(name)
        return value

    def fenced(self):
        self.take() if self.peek() == r"\left" else None
        fence = self.take("(", "|")
        inner = self.sum()
        self.take() if self.peek() == r"\right" else None
        self.take({"(": ")", "|": "|"}[fence])
        return sp.Abs(inner) if fence == "|" else inner

    def ranged(self, kind):
        """A sum, product or largest value: its body is read once for each index."""
        self.take("_")
        self.take("{")
        if kind == r"\max":                                       # 1 \le i \le t
            low = self.sum()
            self.take(r"\le")
            index = self.take()
            self.take(r"\le")
            high = self.sum()
            self.take("}")
        else:                                                     # i=1}^{t
            index = self.take()
            self.take("=")
            low = self.sum()
            self.take("}")
            self.take("^")
            high = self.group()
        if not (low.is_Integer and high.is_Integer):
            raise Unreadable(f"a range from {low} to {high}")
        body, outer, values = self.at, self.table.get(index), []
        for k in range(int(low), max(int(high), int(low)) + 1):
            self.at, self.table[index] = body, sp.Integer(k)
            values.append(self.product())
        self.table[index] = outer
        values = values[:int(high - low) + 1]         # none of them if it runs over none
        return {r"\sum": sp.Add, r"\prod": sp.Mul, r"\max": sp.Max}[kind](*values)

    def letter(self):
        """(its name, what it is in the table or None)."""
        core = self.core()
        if self.peek() == "^" and self.tokens[self.at + 1:self.at + 2] == [r"\Delta"]:
            self.at += 2
            core += "^Delta"
        if self.peek() != "_":
            return core, self.table.get(core)
        self.take()
        begin = self.at
        words = self.words()
        name = f"{core}_{words}"
        if name not in self.table:
            end, self.at = self.at, begin
            try:
                name = f"{core}_{self.group()}"
            except (Definition, Unreadable):
                pass
            self.at = end
        return name, self.table.get(name)

    def core(self):
        token = self.take()
        if token == r"\hat":
            self.take("{")
            inner = self.core()
            self.take("}")
            return f"hat({inner})"
        if token == r"\Delta" and self.peek() == r"\theta":
            return "Delta" + self.core()
        if token.isalpha() or token[1:] in LETTERS:
            return token.lstrip("\\")
        raise Unreadable(f"{token} in {''.join(self.tokens)}")

    def words(self):
        """An index as it is written, without spaces and braces."""
        if self.peek() != "{":
            return self.take().lstrip("\\")
        self.take()
        inner = []
        while self.peek() != "}":
            inner.append(self.take().lstrip("\\"))
        self.take("}")
        return "".join(inner)
