"""Where a number or a symbol lies: said with it, never guessed from its name.

The legend of the rules writes a domain as text, one of DOMAINS. SymPy is imported only by
the functions that make or read its symbols.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy as sp

TELLING = ("integer", "positive", "negative", "nonnegative")      # of SymPy's assumptions


@dataclass(frozen=True)
class Domain:
    """The numbers from low to high, each end in or out; where it is None there is no end.

    str() is the name that DOMAINS has for it.

    >>> unit = Domain(0, 1, open_high=True)
    >>> str(unit), unit.holds(0), unit.holds(1), unit.ends
    ('[0, 1)', True, False, (('>=', 0), ('<', 1)))
    """
    low: int | None = None
    high: int | None = None
    open_low: bool = False
    open_high: bool = False
    integer: bool = False

    def holds(self, number: Any) -> bool:
        """Whether a real number (int, float, Fraction, a SymPy number) lies in here."""
        return ((self.low is None or number > self.low
                 or number == self.low and not self.open_low)
                and (self.high is None or number < self.high
                     or number == self.high and not self.open_high)
                and (not self.integer or number % 1 == 0))

    @property
    def ends(self) -> tuple[tuple[str, int], ...]:
        """What a real number in here fulfils: pairs (relation, end), the lower one first.
        """
        low = () if self.low is None else ((">" if self.open_low else ">=", self.low),)
        high = () if self.high is None else (("<" if self.open_high else "<=", self.high),)
        return low + high

    @property
    def assumptions(self) -> dict[str, bool]:
        """What SymPy is to assume of a symbol in here.

        SymPy knows neither "less than 1" nor "more than 1": the symbol carries that as a
        mark that only the prover reads.
        """
        above_0 = self.low is not None and (self.low > 0 or self.open_low)
        sign = "real" if self.low is None else "positive" if above_0 else "nonnegative"
        upper = {} if self.high is None else {
            "below_one" if self.open_high else "at_most_one": True}
        lower = {"above_one": True} if self.low == 1 and self.open_low else {}
        return ({"integer": True} if self.integer else {}) | {sign: True} | upper | lower

    def __str__(self) -> str:
        if self.integer:
            return f"{self.low}, 2, ..."
        if self.high is None:
            return "real" if self.low is None else " ".join(map(str, self.ends[0]))
        return f"{'[('[self.open_low]}{self.low}, {self.high}{'])'[self.open_high]}"


# The narrower before the wider.
DOMAINS: Mapping[str, Domain] = MappingProxyType({str(domain): domain for domain in (
    Domain(1, integer=True), Domain(0, 1, True, True), Domain(0, 1, True),
    Domain(0, 1, False, True), Domain(0, 1), Domain(1, open_low=True),
    Domain(0, open_low=True), Domain(0),
    Domain())})


def named(text: str, who: str) -> Domain:
    """The domain of this name; `who` asks for it and begins the message of the error."""
    if text not in DOMAINS:
        raise ValueError(f"{who}: no domain {text!r}; "
                         f"one of {', '.join(map(repr, DOMAINS))} is needed")
    return DOMAINS[text]


def declare(name: str, domain: str) -> sp.Symbol:
    """A symbol that ranges over the domain, one of DOMAINS; ValueError for another.

    Symbols of one name and different domains are different symbols.

    >>> declare("beta1", "[0, 1)").is_nonnegative
    True
    """
    import sympy as sp
    return sp.Symbol(name, **named(domain, f"declare {name}").assumptions)


def domain_of(symbol: sp.Symbol) -> str:
    """The domain that a symbol's own assumptions state; ValueError if they state none.

    >>> domain_of(declare("beta1", "[0, 1)"))
    '[0, 1)'
    """
    marks = symbol.assumptions0
    if symbol.is_integer and not symbol.is_positive:
        raise ValueError(f"{symbol} is an integer that need not be positive: of the "
                         "integers only '1, 2, ...' is a domain; write k - 1 or j - k")
    for text, domain in DOMAINS.items():
        if domain.assumptions.items() <= marks.items():
            return text
    raise ValueError(f"{symbol} has no domain: its assumptions do not even say that it is "
                     f"real; make it with optim.domains.declare({symbol.name!r}, "
                     "'real') or list it in domains")


def checked(symbol: sp.Symbol, domain: str) -> str:
    """The domain; ValueError if the symbol's assumptions say more than it does."""
    import sympy as sp
    implied = sp.Dummy(**named(domain, f"prove with {symbol}").assumptions).assumptions0
    stated = symbol.assumptions0
    for name in sorted(stated, key=lambda name: (name not in TELLING, name)):
        if implied.get(name) != stated[name] and name != "commutative":
            raise ValueError(f"prove: {symbol} was made {name}={stated[name]}, which SymPy "
                             f"has used, and the domain {domain!r} does not say so; make "
                             f"it with declare({symbol.name!r}, {domain!r})")
    return domain
