"""Every claim about a rule, with its verdict: verify("adam") -> Report.

Of each rule: its moments and its step are the paper's, its defaults are the paper's, it
commutes with a change of units, its special cases, how it stands to the common frame
theta - m/sqrt(v + eps), and that what its optimizer runs is the rule. Some claims are
expected to be REFUTED: they are often made, or they show a difference, and the witness is
what one should see.
"""
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from optim.claims.between_rules import RELATIONS
from optim.claims.kernel_claims import of_kernel
from optim.claims.rule_claims import (
    as_printed, defaults, fitting_units, frame, units_hold)
from optim.derivations import Claim, derive, tally
from optim.derivations.derivation import of_formula
from optim.derivations.rule_letters import read
from optim.derivations.read_off import stated
from optim.derivations.special_cases import special_cases
from optim.formulas.rule_formulas import Formula, formula
from optim.hints import OTHER_NAMES, meant
from optim.notation.markup import tag
from optim.optimizers.beside import units_beside
from optim.optimizers.signatures import Rule, is_of_whole_parameters, name_of, named_rule
from optim.papers import STATEMENTS, statement
from optim.proving.verdicts import Verdict, except_where
from optim.rules import RULES, WHOLE_RULES
from optim.workers import results


@dataclass(frozen=True)
class Report:
    """All claims about one rule: .claims, .ok if each came out as claimed, .seconds.

    It prints as a list, in a notebook as a table; .as_dict() is what JSON can hold.
    """
    name: str
    claims: tuple[Claim, ...]

    @property
    def ok(self) -> bool:
        """Whether every claim came out as claimed."""
        return all(claim.ok for claim in self.claims)

    @property
    def seconds(self) -> float:
        """How long the proofs took; what was decided before counts too."""
        return sum(claim.verdict.seconds for claim in self.claims)

    def __str__(self) -> str:
        good = sum(claim.ok for claim in self.claims)
        lines = [f"{self.name}: {good} of {len(self.claims)} claims as expected, "
                 + f"{self.seconds:.1f} s", f"  {tally(self.claims)}"]
        for claim in self.claims:
            status = claim.verdict.status + ("" if claim.ok else
                                             f" (expected {claim.expected})")
            lines.append(f"  {status:10}  {claim.sentence}  [{claim.source}]")
            lines += [" "*14 + str(goal) for goal in claim.goals]
            lines += [" "*14 + where for where in [witnessed(claim.verdict)] if where]
        return "\n".join(lines)

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The report in words that JSON can hold."""
        return {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 6),
                "counts": tally(self.claims),
                "claims": [claim.as_dict() for claim in self.claims]}

    def _repr_html_(self) -> str:
        heads = tag("tr", [tag("th", word) for word in (
            "verdict", "claim", "goals", "source", "witness")])
        return tag("table", tag("caption", f"{self.name}: {tally(self.claims)}"), heads, [
            tag("tr", [tag("td", cell) for cell in (
                claim.verdict.status, claim.sentence,
                [tag("div", str(goal)) for goal in claim.goals], claim.source,
                witnessed(claim.verdict))], class_="ok" if claim.ok else "wrong")
            for claim in self.claims], class_="claims")


def witnessed(verdict: Verdict) -> str:
    """The witness, or what the proof leaves out, in words; "" if there is neither."""
    at = ", ".join(f"{s} = {x}" for s, x in (verdict.witness or {}).items())
    return f"at {at}" if at else except_where(verdict.except_on)


def verify(rule: str | Rule, against: str | Rule | None = None) -> Report:
    """Decide every claim about a rule, or every claim of a topic of optim.derive.

    A rule of one's own is held against the paper of the rule named by `against`: only that
    its moments and its step are the paper's, and its units if its letters are ours. One
    that has the name of ours is held against that paper. Of any other the claims are what
    it remembers, its units, and the special cases that are claimed beside it. An unknown
    name is a ValueError. optim.certify writes why the verdicts hold.

    >>> verify("momentum").ok
    True
    """
    if isinstance(rule, str) and meant(rule, RULES | WHOLE_RULES, OTHER_NAMES) is None:
        topic = derive(rule, against)                       # or it says what there is
        return Report(topic.name, topic.steps)
    own = named_rule(rule)
    if is_of_whole_parameters(own):
        stated(formula(own))                                # which says why not
    if against is None and name_of(own) not in STATEMENTS:
        f = formula(own)
        units = fitting_units(f, units_beside(own))
        return Report(f.name, (*derive(own).steps, *units_hold(f, f.name, units),
                               *cases(f), *frame(f), *of_kernel(f, own)))
    ours = against is None and RULES.get(name_of(own), own) is own
    model = name_of(own if against is None else named_rule(against))
    f, paper = (read if ours else formula)(own), statement(against or own)
    claims = [*of_formula(f, paper, ours).steps, *units_hold(f, model)]
    if ours:
        claims += [*as_printed(f, paper), *defaults(own, paper),
                   *RELATIONS.get(f.name, list)(), *cases(f), *frame(f),
                   *of_kernel(f, own)]
    return Report(f.name, tuple(claims))


def cases(f: Formula) -> list[Claim]:
    """What is claimed beside a rule."""
    return [case.claim for case in special_cases(f)]


def decided(rule: str | Rule, against: str | Rule | None = None) -> Report:
    """The report, its verdicts reached, which go along from process to process."""
    report = verify(rule, against)
    assert all(claim.verdict.status for claim in report.claims)
    return report


def verify_all(progress: Callable[[Report, int, int], object] | None = None,
               executor: Executor | None = None, workers: int | None = None
               ) -> dict[str, Report]:
    """The reports of all rules; after each comes progress(report, count, of how many).

    executor, workers: where each is decided, if not here; see optim.workers.
    """
    reports: dict[str, Report] = {}
    for report in results(decided, [(name,) for name in RULES], executor, workers):
        reports[report.name] = report
        if progress is not None:
            progress(report, len(reports), len(RULES))
    return reports
