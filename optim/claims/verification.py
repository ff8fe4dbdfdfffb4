"""Every claim about a rule, with its verdict: verify("adam") -> Report.

Of each rule: its moments and its step are the paper's, its defaults are the paper's, it
commutes with a change of units, its special cases, and how it stands to the common frame
theta - m/sqrt(v + eps). Some claims are expected to be REFUTED: they are often made, or
they show a difference, and the witness is what one should see.
"""
import html
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from optim.derivations import TOPICS, derive
from optim.derivations.induction import the_step
from optim.derivations.relations import RELATIONS, Relation
from optim.derivations.steps import verdict
from optim.derivations.per_rule.two_eps import split
from optim.formulas.rule_formulas import Formula, formula
from optim.optimizers.classes import rule_named
from optim.optimizers.signatures import Rule, name_of
from optim.papers import eps, statement
from optim.domains import declare
from optim.proving.verdicts import Verdict
from optim.rules import LEGEND, RULES, UNITS


@dataclass(frozen=True)
class Claim:
    """A sentence about a rule, the verdict on it, and the verdict that was promised."""
    text: str
    verdict: Verdict
    expected: str = "PROVED"
    source: str = ""

    @property
    def ok(self) -> bool:
        return self.verdict.status == self.expected

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "source": self.source, "expected": self.expected,
                "ok": self.ok, "verdict": self.verdict.as_dict()}


@dataclass(frozen=True)
class Report:
    """All claims about one rule."""
    name: str
    claims: tuple[Claim, ...]

    @property
    def ok(self) -> bool:
        return all(claim.ok for claim in self.claims)

    @property
    def seconds(self) -> float:
        return sum(claim.verdict.seconds for claim in self.claims)

    def __str__(self) -> str:
        good = sum(claim.ok for claim in self.claims)
        lines = [f"{self.name}: {good} of {len(self.claims)} claims as expected, "
                 + f"{self.seconds:.1f} s"]
        for claim in self.claims:
            status = claim.verdict.status + ("" if claim.ok else
                                             f" (expected {claim.expected})")
            lines.append(f"  {status:9}  {claim.text}  [{claim.source}]")
            if claim.verdict.witness:
                lines.append(" "*13 + "at " + witnessed(claim.verdict))
        return "\n".join(lines)

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The report in words that JSON can hold."""
        return {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 6),
                "claims": [claim.as_dict() for claim in self.claims]}

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr class='{'ok' if c.ok else 'wrong'}'><td>{c.verdict.status}</td>"
            f"<td>{html.escape(c.text)}</td><td>{html.escape(c.source)}</td>"
            f"<td>{html.escape(witnessed(c.verdict))}</td></tr>" for c in self.claims)
        return (f"<table class='claims'><caption>{html.escape(self.name)}</caption>"
                "<tr><th>verdict</th><th>claim</th><th>source</th><th>witness</th></tr>"
                f"{rows}</table>")


def witnessed(verdict: Verdict) -> str:
    return ", ".join(f"{s} = {x}" for s, x in (verdict.witness or {}).items())


def verify(rule: str | Rule, against: str | Rule | None = None) -> Report:
    """Decide every claim about a rule, or every step of a topic of optim.derive.

    A rule of one's own is held against the paper of the rule named by `against`: only that
    its moments and its step are the paper's, and its units if its letters are ours. One
    that has the name of ours is held against that paper.

    >>> verify("momentum").ok
    True
    """
    if against is None and not isinstance(rule, str):
        own, named = rule_named(rule), name_of(rule_named(rule))
        against = named if RULES.get(named, own) is not own else None
    derivation = derive(rule, against)
    claims = [Claim(step.sentence, step.check, step.expected, step.source)
              for step in derivation.steps]
    if isinstance(rule, str) and rule in TOPICS:
        return Report(rule, tuple(claims))
    f = formula(rule)
    found = [*units_hold(f, against)]
    if against is None:
        found += [*as_printed(f), *defaults(f), *RELATIONS[f.name](), *frame(f)]
    return Report(f.name, tuple(claims + [decided(r) for r in found]))


def verify_all(progress: Callable[[Report, int, int], object] | None = None
               ) -> dict[str, Report]:
    """The reports of all rules; after each comes progress(report, count, of how many)."""
    reports = {}
    for n, name in enumerate(RULES, 1):
        reports[name] = verify(name)
        if progress is not None:
            progress(reports[name], n, len(RULES))
    return reports


def decided(r: Relation) -> Claim:
    """The claim with its verdict; at the relation's own point if it has one."""
    found = verdict(r.left, r.right, r.relation)
    if r.point and found.status == "REFUTED":
        found = replace(found, witness=r.point)
    return Claim(r.text, found, r.expected, r.source)


# ------------------------------------------------------------------ what the paper prints
def as_printed(f: Formula) -> Iterator[Relation]:
    """Where the paper prints no eps: without eps our step is the printed one."""
    paper = statement(f.name)
    if paper.printed is not None and not paper.printed.has(eps):
        yield Relation("With eps = 0 the step is the one that the paper prints.",
                       f.update["theta"].subs(eps, 0), the_step(f, paper, paper.printed),
                       source=", ".join(x for x in (paper.reference, paper.numbered) if x))


def defaults(f: Formula) -> Iterator[Relation]:
    """The defaults of the rule where the paper gives values."""
    paper, parameters = statement(f.name), inspect.signature(rule_named(f.name)).parameters
    for name, value in paper.defaults.items():
        yield Relation(f"The default {name} = {value} is the paper's.",
                       sp.Rational(repr(parameters[name].default)), sp.Rational(value),
                       source=paper.reference)


# ------------------------------------------------------------------ units as a symmetry
LOSS, PARAMETER = declare("loss_scale", "> 0"), declare("parameter_scale", "> 0")


def scale(unit: str) -> sp.Expr:
    """The factor of a quantity of this unit when L becomes c L and P becomes k P."""
    return sp.sympify(unit, {"L": LOSS, "P": PARAMETER})


def units_hold(f: Formula, against=None, units: dict[str, str] | None = None
               ) -> Iterator[Relation]:
    """The rule commutes with a change of units; units replace the legend's."""
    name = f.name if against is None else name_of(rule_named(against))
    known = {n: letter.unit for n, letter in LEGEND.items()} | UNITS.get(name, {})
    known |= units or {}
    if all(n in known for n in f.symbols):
        if " and " in known.get("eps", ""):
            yield from two_units(f, known, known["eps"].split(" and "))
        else:
            yield from commuting(f, known)


def commuting(f, units, expected="PROVED", note=""):
    """Each update of scaled letters is the scaled update."""
    factors = {s: scale(units[n])*s for n, s in f.symbols.items()}
    for name, e in f.update.items():
        yield Relation(f"In other units of loss and parameters {name} is the same{note}.",
                       e.subs(factors, simultaneous=True), scale(units[name])*e,
                       expected=expected, source="units of the legend")


def two_units(f, units, both):
    """An eps that stands beside v and beside v_delta is split; unsplit it must fail."""
    yield from commuting(split(f), units | dict(zip(("eps_1", "eps_2"), both)),
                         note=" (with one eps beside v, another beside v_delta)")
    for unit in both:
        yield next(commuting(f, units | {"eps": unit}, "REFUTED",
                             f" (with the one eps in {unit})"))


# ------------------------------------------------------------------ the common frame
def frame(f: Formula) -> Iterator[Relation]:
    """theta - m/sqrt(v + eps): the rule's step, or what separates them."""
    frame, difference = f.frame
    same = difference.right == 0
    lying = {s: declare(s.name, LEGEND[mark.name].domain)
             for s, mark in frame.marks.items() if mark.name in LEGEND and mark.index}
    ours, theirs = (e.xreplace(lying) for e in (f.equations[-1].right, frame.right))
    yield Relation("Its step has the form theta - m/sqrt(v + eps) of the common frame.",
                   ours, theirs, expected="PROVED" if same else "REFUTED",
                   source="common frame")
    if same:
        return
    r = declare("v", ">= 0")
    yield Relation("Its denominator squared is v + eps**2 + 2 eps sqrt(v), where the frame "
                   "has v + eps.", (sp.sqrt(r) + eps)**2, r + eps**2 + 2*eps*sp.sqrt(r),
                   source="common frame")
    yield Relation("With eps**2 inside, the frame's root is never above sqrt(v) + eps.",
                   sp.sqrt(r + eps**2), sp.sqrt(r) + eps, "<=", source="common frame")
