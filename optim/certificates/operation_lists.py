"""Operations: formulas and programs as one list of NumPy's operations on real numbers.

An entry is [name, arguments...]; whole numbers among the arguments are the places of
earlier entries, text is a letter, a function's name or an exact fraction. What has a value
where is not decided here: the list says what was written, of_formula without rewriting it.
"""
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from optim.proving.needs import Defined, Nonnegative, Nonzero, Power

CONDITIONS = {"less", "less_equal", "equal", "not_equal", "greater", "greater_equal", "and",
              "or", "not", "true", "false"}
NAMED: dict[type, str] = {
    sp.exp: "exp", sp.log: "log", sp.tanh: "tanh", sp.sinh: "sinh", sp.cosh: "cosh",
    sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.asin: "arcsin", sp.acos: "arccos",
    sp.atan: "arctan", sp.asinh: "arcsinh", sp.acosh: "arccosh", sp.atanh: "arctanh",
    sp.atan2: "arctan2", sp.floor: "floor", sp.ceiling: "ceil", sp.erf: "erf",
    sp.erfc: "erfc", sp.Abs: "absolute", sp.sign: "sign", Nonzero: "nonzero",
    Nonnegative: "nonnegative", Defined: "defined",
    sp.Lt: "less", sp.Le: "less_equal", sp.Eq: "equal", sp.Ne: "not_equal",
    sp.Gt: "greater", sp.Ge: "greater_equal", sp.Not: "not"}
FOLDED: dict[type, str] = {sp.Add: "add", sp.Mul: "multiply", sp.Max: "maximum",
                           sp.Min: "minimum", sp.And: "and", sp.Or: "or"}
FACTS = ("is_integer", "is_rational", "is_nonzero", "is_negative", "is_nonpositive",
         "is_nonnegative", "is_positive")


class Unwritable(ValueError):
    """There is no operation for it; the message says for what, and why."""


class Operations:
    """A list of operations in which none stands twice.

    >>> known = Operations()
    >>> g = known.letter("g")
    >>> known.add("multiply", g, g), known.add("multiply", known.letter("g"), g)
    (1, 1)
    >>> known.listed
    [['letter', 'g'], ['multiply', 0, 0]]
    """

    def __init__(self) -> None:
        self.listed: list[list[Any]] = []
        self.symbols: dict[str, sp.Symbol] = {}         # of formulas, by their letters
        self._places: dict[tuple, int] = {}

    def add(self, name: str, *arguments: int | str) -> int:
        """The place of this operation, which is added if it is new."""
        entry = name, *arguments
        if entry not in self._places:
            self._places[entry] = len(self.listed)
            self.listed.append([*entry])
        return self._places[entry]

    def letter(self, name: str) -> int:
        return self.add("letter", name)

    def number(self, x: Any) -> int:
        """An exact number: an int, a Fraction, or text of one."""
        return self.add("number", str(Fraction(x)))

    def fold(self, name: str, places: Iterable[int]) -> int:
        """The operation of two applied from left to right."""
        first, *rest = places
        for place in rest:
            first = self.add(name, first, place)
        return first

    def is_condition(self, place: int) -> bool:
        return self.listed[place][0] in CONDITIONS

    def as_number(self, place: int) -> int:
        """A condition as 1 or 0; a number stays."""
        return self.add("where", place, self.number(1), self.number(0)) if (
            self.is_condition(place)) else place

    def as_condition(self, place: int) -> int:
        """A number as whether it is not 0; a condition stays."""
        return place if self.is_condition(place) else self.add(
            "not_equal", place, self.number(0))

    def needed(self, *places: int) -> set[int]:
        """The places of all that these need, and their own."""
        needed, left = set(places), list(places)
        while left:
            inner = {x for x in self.listed[left.pop()][1:] if type(x) is int} - needed
            needed |= inner
            left += inner
        return needed

    def used(self, *places: int) -> tuple[list[list[Any]], list[int]]:
        """What these need, in the same order, and where they stand in it.

        >>> known = Operations()
        >>> g, m = known.letter("g"), known.letter("m")
        >>> known.used(known.add("negative", m))
        ([['letter', 'm'], ['negative', 0]], [1])
        """
        new = {old: i for i, old in enumerate(sorted(self.needed(*places)))}
        return [[new[x] if type(x) is int else x for x in self.listed[old]]
                for old in new], [new[x] for x in places]


def of_formula(e: sp.Basic, operations: Operations,
               known: Mapping[sp.Symbol, sp.Expr] | None = None) -> int:
    """The place of a formula, written as it stands; Unwritable if something in it is no
    operation.

    known {symbol: formula}: letters that stand for formulas, which are written for them.

    >>> x, known = sp.Symbol("x", real=True), Operations()
    >>> known.listed[of_formula(1/sp.sqrt(x) - x, known)]
    ['add', 2, 4]
    """
    return Writer(operations, known or {})(e)


def is_unreal(e: sp.Basic) -> bool:
    """Whether this is a number that is not real, such as i."""
    return bool(e.is_number) and e.is_extended_real is False


class Writer:
    """Formulas as operations; each part of them is written once."""

    def __init__(self, operations: Operations, known: Mapping[sp.Symbol, sp.Expr]):
        self.operations, self.known = operations, known
        self.add = operations.add
        self.memo: dict[sp.Basic, int] = {}

    def __call__(self, e: sp.Basic) -> int:
        if e not in self.memo:
            self.memo[e] = self.written(e)
        return self.memo[e]

    def written(self, e: Any) -> int:
        if e in self.known:
            return self(self.known[e])
        if e.is_Symbol:
            return self.letter(e)
        if e.is_Float or e.is_Rational:
            return self.operations.number(Fraction(str(e)))     # a float: as it prints
        if e is sp.E:
            return self.add("exp", self.operations.number(1))
        if e is sp.true or e is sp.false:
            return self.add(str(e).lower())
        if e is sp.nan or e is sp.zoo or e is sp.I:             # as the prover reads them
            return self.add("none")
        if e.is_Mul and any(map(is_unreal, e.args)):
            return self.root(e)
        if e.func in NAMED:
            return self.add(NAMED[e.func], *map(self, e.args))
        if e.func in FOLDED:
            return self.operations.fold(FOLDED[e.func], map(self, e.args))
        for kind, method in METHODS:
            if isinstance(e, kind):
                return method(self, e)
        raise Unwritable(f"{e}: {type(e).__name__} is no operation on real numbers")

    def letter(self, s: sp.Symbol) -> int:
        if self.operations.symbols.setdefault(s.name, s) != s:
            raise Unwritable(f"two letters are called {s.name}, and have other domains")
        return self.operations.letter(s.name)

    def root(self, e: sp.Mul) -> int:
        """A product with i: the root of -v, which has a value only where v is 0."""
        rest = [x for x in e.args if not (is_unreal(x) or x.is_Rational)]
        if not rest:
            return self.add("none")
        if len(rest) > 1 or any(is_unreal(x) and x is not sp.I for x in e.args):
            raise Unwritable(f"{e}: of which root i was taken out is not known")
        zero = self.operations.number(0)
        return self.add("where", self.add("equal", self(rest[0]), zero), zero,
                        self.add("none"))

    def power(self, e: sp.Pow | Power) -> int:
        base, exponent = e.args
        if exponent == sp.Rational(1, 2):
            return self.add("sqrt", self(base))
        if exponent == -1:
            return self.add("divide", self.operations.number(1), self(base))
        return self.add("power", self(base), self(exponent))

    def piecewise(self, e: sp.Piecewise) -> int:
        pieces = [*e.args]
        last = self(pieces.pop().expr) if pieces[-1].cond == sp.true else self.add("none")
        for value, condition in reversed(pieces):
            last = self.add("where", self(condition), self(value), last)
        return last

    def either(self, e: sp.ITE) -> int:
        condition, *parts = map(self, e.args)
        a, b = map(self.operations.as_number, parts)
        return self.operations.as_condition(self.add("where", condition, a, b))

    def called(self, e: Any) -> int:
        """An unknown function, of which nothing may be known but that it is real."""
        facts = [fact for fact in FACTS if getattr(e, fact) is not None]
        if facts or e.is_real is False:
            raise Unwritable(f"{e}: an unknown function with {facts or 'complex values'}")
        indexed = isinstance(e, sp.Indexed)
        head, arguments = (e.base, e.indices) if indexed else (e.func, e.args)
        return self.add("call", str(head), *map(self, arguments))

    def sum(self, e: Any) -> int:
        """A sum or product; the first index is that of the innermost one."""
        body, name = self(e.function), type(e).__name__.lower()
        inside = {s: x.free_symbols for s, x in self.known.items() if e.function.has(s)}
        for index, low, high in e.limits:
            if any(index in (s, *free) for s, free in inside.items()):
                raise Unwritable(f"{e}: {index} is a letter of a known formula, too")
            self.letter(index)
            body = self.add(name, index.name, self(low), self(high), body)
        return body


METHODS: tuple[tuple[Any, Callable], ...] = (
    ((sp.Pow, Power), Writer.power), (sp.Piecewise, Writer.piecewise),
    (sp.ITE, Writer.either), ((AppliedUndef, sp.Indexed), Writer.called),
    ((sp.Sum, sp.Product), Writer.sum))
