"""Where a symbol lies: declared with the symbol, never guessed from its name."""
from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp


DOMAINS: Mapping[str, dict[str, bool]] = MappingProxyType({
    "real": {"real": True},
    ">= 0": {"nonnegative": True},
    "> 0": {"positive": True},
    "[0, 1)": {"nonnegative": True, "below_one": True},
    "(0, 1)": {"positive": True, "below_one": True},
    "[0, 1]": {"nonnegative": True, "at_most_one": True},
    "1, 2, ...": {"integer": True, "positive": True},
})
TELLING = ("integer", "positive", "negative", "nonnegative")      # of SymPy's assumptions


def declare(name: str, domain: str) -> sp.Symbol:
    """A symbol that ranges over the domain, one of DOMAINS.

    SymPy knows no "less than 1": the symbol carries it as a mark that only the prover
    reads. Symbols of one name and different domains are different symbols.
    """
    if domain not in DOMAINS:
        raise ValueError(f"declare: no domain {domain!r} for {name}; "
                         f"one of {', '.join(map(repr, DOMAINS))} is needed")
    return sp.Symbol(name, **DOMAINS[domain])


def domain_of(symbol: sp.Symbol) -> str:
    """The domain that a symbol's own assumptions state; an error if they state none."""
    marks = symbol.assumptions0
    if marks.get("below_one") and symbol.is_nonnegative:
        return "(0, 1)" if symbol.is_positive else "[0, 1)"
    if marks.get("at_most_one") and symbol.is_nonnegative:
        return "[0, 1]"
    if symbol.is_integer:
        if symbol.is_positive:
            return "1, 2, ..."
        raise ValueError(f"{symbol} is an integer that need not be positive: of the "
                         "integers only '1, 2, ...' is a domain; write k - 1 or j - k")
    for domain, stated in (("> 0", symbol.is_positive), (">= 0", symbol.is_nonnegative),
                           ("real", symbol.is_real)):
        if stated:
            return domain
    raise ValueError(f"{symbol} has no domain: its assumptions do not even say that it is "
                     f"real; make it with optim.domains.declare({symbol.name!r}, "
                     "'real') or list it in domains")


def checked(symbol: sp.Symbol, domain: str) -> str:
    """The domain, if the symbol's assumptions say no more than it does."""
    if domain not in DOMAINS:
        raise ValueError(f"prove: no domain {domain!r} for {symbol}; "
                         f"one of {', '.join(map(repr, DOMAINS))} is needed")
    implied, stated = sp.Dummy(**DOMAINS[domain]).assumptions0, symbol.assumptions0
    for name in sorted(stated, key=lambda name: (name not in TELLING, name)):
        if implied.get(name) != stated[name] and name != "commutative":
            raise ValueError(f"prove: {symbol} was made {name}={stated[name]}, which SymPy "
                             f"has used, and the domain {domain!r} does not say so; make "
                             f"it with declare({symbol.name!r}, {domain!r})")
    return domain
