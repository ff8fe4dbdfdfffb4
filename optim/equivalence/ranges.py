"""Where letters lie: one domain for both optimizers, and "0 < beta2 < 1" in a where."""
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from optim.domains import DOMAINS, Domain, declare
from optim.formulas.rule_formulas import Formula, formula

SIGN = re.compile(r"(<=|>=|<|>)")
UNIT = {(True, True): "(0, 1)", (False, True): "[0, 1)", (False, False): "[0, 1]"}


@dataclass(frozen=True)
class Interval:
    """The numbers that a letter may be, from low to high; None is no end."""
    letter: str
    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = False
    open_high: bool = False

    @property
    def expression(self) -> sp.Expr:
        """The letter as a formula of one that lies in a domain of optim.domains."""
        low, high = (None if x is None else sp.Rational(x) for x in (self.low, self.high))
        name = f"{self.letter} rescaled"
        if low is None or high is None:
            strict = self.open_low if high is None else self.open_high
            u = declare(name, "> 0" if strict else ">= 0")
            return high - u if low is None else low + u
        if self.open_low and not self.open_high:
            return high - (high - low)*declare(name, "[0, 1)")
        return low + (high - low)*declare(name, UNIT[self.open_low, self.open_high])

    def completed(self, domain: Domain) -> "Interval":
        """The same with the domain's ends where none were told."""
        if domain.integer:
            raise ValueError(f"where: {self.letter} is a whole number, which an interval "
                             "does not narrow; put a number or a formula for it")
        ends: dict[str, Any] = {}
        if self.low is None:
            ends |= {"low": domain.low, "open_low": domain.open_low}
        if self.high is None:
            ends |= {"high": domain.high, "open_high": domain.open_high}
        return replace(self, **ends).checked(f"{self.letter} in {domain}")

    def checked(self, text: str) -> "Interval":
        if self.low is None or self.high is None or self.low < self.high or (
                self.low == self.high and not self.open_low and not self.open_high):
            return self
        raise ValueError(f"where: no number is left for {text}")

    def within(self, domain: Domain) -> bool:
        """Whether all of it lies in a domain."""
        ends = ((self.low, self.open_low, domain.low, domain.open_low, 1),
                (self.high, self.open_high, domain.high, domain.open_high, -1))
        return not domain.integer and all(
            limit is None or end is not None and (
                sign*end > sign*limit or end == limit and (is_open or not limit_is_open))
            for end, is_open, limit, limit_is_open, sign in ends)


def interval(text: str) -> Interval:
    """The interval that a text says: "0 < beta2 < 1", "eps >= 0", "1/2 <= mu < 1".

    ValueError if it says none.
    """
    parts = [part.strip() for part in SIGN.split(text)]
    letters = [i for i, part in enumerate(parts) if part.isidentifier()]
    ends: dict[str, Any] = {}
    try:
        if len(letters) != 1 or len(parts) not in (3, 5):
            raise ValueError
        place = letters[0]
        for i in range(1, len(parts), 2):
            number = Fraction(parts[i - 1 if i - 1 != place else i + 1])
            above = (parts[i][0] == "<") == (i > place)
            if i not in (place - 1, place + 1) or ("high" if above else "low") in ends:
                raise ValueError
            ends["high" if above else "low"] = number
            ends["open_high" if above else "open_low"] = len(parts[i]) == 1
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"where: {text!r} came; needed an interval of one letter, such as "
                         "'0 < beta2 < 1' or 'eps >= 0'") from None
    return Interval(parts[place], **ends).checked(text)


def intervals(where: Mapping | None) -> tuple[dict, dict[str, Interval]]:
    """The values in where, and the intervals: what says "<" or ">"."""
    values, found = {}, {}
    for key, value in (where or {}).items():
        name = getattr(key, "name", key)
        if isinstance(value, str) and SIGN.search(value):
            found[name] = interval(value)
            if found[name].letter != name:
                raise ValueError(f"where: {value!r} came for {name}; needed one of {name}")
        else:
            values[key] = value
    return values, found


def completed(where: Mapping[str, Interval], domains: Mapping[sp.Symbol, str]
              ) -> dict[str, Interval]:
    """The intervals with the ends of their letters' domains where they tell none."""
    lying = {s.name: DOMAINS[domain] for s, domain in domains.items()}
    return {n: x.completed(lying.get(n, Domain())) for n, x in where.items()}


def together(f: Formula, g: Formula, where: Mapping[str, Interval]
             ) -> tuple[Formula, Formula]:
    """Both formulas with one domain for each hyperparameter, wide enough for where.

    A rule is read anew for that; a Formula that has no rule stays as it is.
    """
    domains = [{s.name: domain for s, domain in x.domains.items()
                if s.name not in (*f.update, *g.update)} for x in (f, g)]
    wanted: dict[str, str] = {}
    for name in domains[0].keys() | domains[1].keys():
        both = {x[name] for x in domains if name in x}
        wide = name in where and not all(where[name].within(DOMAINS[d]) for d in both)
        if len(both) > 1 or wide:
            wanted[name] = ">= 0" if both == {"> 0", ">= 0"} and not wide else "real"
    return read_anew(f, domains[0], wanted), read_anew(g, domains[1], wanted)


def read_anew(f: Formula, domains: dict[str, str], wanted: dict[str, str]) -> Formula:
    changed = {n: d for n, d in wanted.items() if domains.get(n, d) != d}
    rule = getattr(f, "rule", None)
    return formula(rule, domains | changed) if changed and rule else f


def restored(witness: Mapping | None, where: Mapping[str, Interval]) -> dict | None:
    """A witness in the letters themselves."""
    if witness is None:
        return None
    found = dict(witness)
    for name, one in where.items():
        e = one.expression
        inner = e.free_symbols.pop()
        if inner in found:
            value = e.subs(inner, found.pop(inner))
            found[sp.Symbol(name, real=True)] = value
    return dict(sorted(found.items(), key=lambda pair: str(pair[0])))
