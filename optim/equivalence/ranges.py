"""Where letters lie: one domain for both optimizers, and "0 < beta2 < 1" in a where."""
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from optim.domains import DOMAINS, Domain, declare, domain_of
from optim.formulas.rule_formulas import Formula, formula
from optim.proving.points import points
from optim.proving.verdicts import Verdict

SIGN = re.compile(r"(<=|>=|<|>)")
Ranges = dict[str, Domain]


def interval(text: str) -> tuple[str, Domain]:
    """The letter and the numbers of "0 < beta2 < 1", "eps >= 0", "1/2 <= mu < 1".

    ValueError if it says none.
    """
    parts = [part.strip() for part in SIGN.split(text)]
    try:
        place, = (i for i, part in enumerate(parts[:4]) if part.isidentifier())
        ends: dict[str, Any] = {}
        for i, sign in [*enumerate(parts)][1::2]:
            other, = {i - 1, i + 1} - {place}           # the sign stands beside the letter
            end = "high" if (sign[0] == "<") == (other > place) else "low"
            if end in ends:
                raise ValueError("two ends of one kind")
            ends |= {end: Fraction(parts[other]), f"open_{end}": len(sign) == 1}
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"where: {text!r} came; needed an interval of one letter, such as "
                         "'0 < beta2 < 1' or 'eps >= 0'") from None
    return parts[place], checked(Domain(**ends), text)


def checked(domain: Domain, text: str) -> Domain:
    low, high = domain.low, domain.high
    if low is None or high is None or low < high or low == high and domain.holds(low):
        return domain
    raise ValueError(f"where: no number is left for {text}")


def expression(letter: str, domain: Domain) -> sp.Expr:
    """A letter that lies there as a formula of one that lies in one of optim.domains."""
    low, high = (None if x is None else sp.Rational(x) for x in (domain.low, domain.high))
    ends = domain.open_low, domain.open_high

    def inner(high: int | None, open_low: bool, open_high: bool) -> sp.Symbol:
        return declare(f"{letter} rescaled", str(Domain(0, high, open_low, open_high)))
    if high is None:
        return low + inner(None, ends[0], False)
    if low is None:
        return high - inner(None, ends[1], False)
    if ends == (True, False):                           # measured from above
        return high - (high - low)*inner(1, False, True)
    return low + (high - low)*inner(1, *ends)


def intervals(where: Mapping | None) -> tuple[dict, Ranges]:
    """The values in where, and the intervals: what says "<" or ">"."""
    if where is not None and not isinstance(where, Mapping):
        raise TypeError(f"where: came {where!r}; needed {{letter: value}}, such as "
                        "{'mu': 0} or {'beta2': '0 < beta2 < 1'}")
    values, ranges = {}, {}
    for key, value in (where or {}).items():
        name = getattr(key, "name", key)
        if isinstance(value, str) and SIGN.search(value):
            letter, ranges[name] = interval(value)
            if letter != name:
                raise ValueError(f"where: {value!r} came for {name}; needed one of {name}")
        else:
            values[key] = value
    return values, ranges


def completed(ranges: Ranges, domains: Mapping[sp.Symbol, str]) -> Ranges:
    """The intervals with the ends of their letters' domains where they tell none."""
    lying, found = {s.name: DOMAINS[domain] for s, domain in domains.items()}, {}
    for name, given in ranges.items():
        whole = lying.get(name, Domain())
        if whole.integer:
            raise ValueError(f"where: {name} is a whole number, which an interval does not "
                             "narrow; put a number or a formula for it")
        if given.low is None:
            given = replace(given, low=whole.low, open_low=whole.open_low)
        if given.high is None:
            given = replace(given, high=whole.high, open_high=whole.open_high)
        found[name] = checked(given, f"{name} in {whole}")
    return found


def within(inner: Domain, outer: Domain) -> bool:
    """Whether all of an interval with the outer one's ends, or its own, lies in that."""
    ends = (inner.low, outer.low, inner.open_low), (inner.high, outer.high, inner.open_high)
    return all(limit is None or end is not None and (outer.holds(end) or (
        end == limit and is_open)) for end, limit, is_open in ends)


def together(f: Formula, g: Formula, ranges: Ranges) -> tuple[Formula, Formula]:
    """Both formulas with one domain for each hyperparameter, wide enough for the ranges.

    A rule is read anew for that; a Formula that has no rule stays as it is.
    """
    domains = [{s.name: domain for s, domain in x.domains.items()
                if s.name not in (*f.update, *g.update)} for x in (f, g)]
    wanted: dict[str, str] = {}
    for name in domains[0].keys() | domains[1].keys():
        both = {x[name] for x in domains if name in x}
        wide = name in ranges and not all(within(ranges[name], DOMAINS[d]) for d in both)
        if len(both) > 1 or wide:
            wanted[name] = ">= 0" if both == {"> 0", ">= 0"} and not wide else "real"
    return read_anew(f, domains[0], wanted), read_anew(g, domains[1], wanted)


def read_anew(f: Formula, domains: dict[str, str], wanted: dict[str, str]) -> Formula:
    changed = {n: d for n, d in wanted.items() if domains.get(n, d) != d}
    rule = getattr(f, "rule", None)
    return formula(rule, domains | changed) if changed and rule else f


def points_where(domains: Mapping[sp.Symbol, str], given: Mapping[str, sp.Expr]
                 ) -> Iterator[dict[sp.Symbol, Fraction]]:
    """Points of the domains at which some letters are what is given."""
    inner = {s: domain_of(s) for e in given.values() for s in e.free_symbols}
    for point in points({**domains, **inner}, []):
        known = {s: given[s.name] for s in domains if s.name in given}
        values = {s: sp.Rational(e.subs(point)) for s, e in known.items()}
        yield point | {s: Fraction(int(x.p), int(x.q)) for s, x in values.items()}


def restored(verdict: Verdict, ranges: Ranges) -> Verdict:
    """The verdict, with its witness in the letters themselves."""
    if not (verdict.witness and ranges):
        return verdict
    found = dict(verdict.witness)
    for name, domain in ranges.items():
        e = expression(name, domain)
        inner = next(iter(e.free_symbols), None)
        if inner in found:
            found[sp.Symbol(name, real=True)] = e.subs(inner, found.pop(inner))
    return replace(verdict, witness=dict(sorted(found.items(), key=lambda x: str(x[0]))),
                   goal=verdict.goal and replace(verdict.goal, point=verdict.witness))
