"""grade: is this homework the rule that was asked, and if not, what was done?"""
import time
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from optim.comparing.comparison import Comparison
from optim.grading.slipped_rules import singles
from optim.grading.diagnosing import Diagnosis, diagnosis, pairs, rule_of
from optim.grading.first_difference import Shown, first_shown
from optim.grading.matching import Matched, changed_defaults, compared, matched
from optim.grading.plain_runs import path, same
from optim.grading.submissions import CPU, Submission, submitted
from optim.optimizers.signatures import Rule, name_of, named_rule
from optim.proving.verdicts import Verdict

NOT_GRADED = "NOT GRADED"
LONGEST = 300
MOST, TWICE = 16, 2                     # ways to read numbers: for one slip, for two


@dataclass(frozen=True)
class Grade:
    """What is known of a submission. `.right`, `.status`, `.quantities`, `.diagnosis`.

    status           PROVED: it walks as the rule asked in every run, whatever its form;
                     REFUTED: it does not, and .first shows where; UNDECIDED; NOT GRADED:
                     it could not be read, or took the answer from a library, .reason says
    quantities       {quantity: its Verdict}, for theta and each state; .comparison has more
    first            the first step at which a small run shows it
    diagnosis        what was done, in words
    diagnosis_proof  PROVED: the submission is the rule asked with that slip; else None
    mistakes         the slips one by one
    notes            what is no mistake and yet to be said, such as another default
    """
    label: str
    against: str
    status: str
    reason: str = ""
    quantities: dict[str, Verdict] = field(default_factory=dict)
    first: Shown | None = None
    found: Diagnosis | None = None
    diagnosis: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    comparison: Comparison | None = field(default=None, compare=False)

    @property
    def right(self) -> bool:
        return self.status == "PROVED"

    @property
    def blamed(self) -> list[str]:
        """The quantities that are wrong, though all that they are made of is right."""
        bad = [n for n, v in self.quantities.items() if v.status != "PROVED"]
        states = [n for n in bad if not n.startswith("theta")]
        return [] if self.right else states or bad

    @property
    def mistakes(self) -> tuple[Any, ...]:
        return () if self.found is None else self.found.slips

    @property
    def diagnosis_proof(self) -> Verdict | None:
        return None if self.found is None else self.found.proof

    def lines(self) -> list[str]:
        out = [f"{self.label} against {self.against}: {self.status}"
               + f" ({self.reason})"*bool(self.reason)]
        if not self.right:
            out += [f"  {n}  {v.status}" for n, v in self.quantities.items()]
        if self.first is not None:
            out.append(f"  {self.first}")
        if self.found is not None:
            out.append(f"  what was done, {self.found.proof.status}: {self.diagnosis}")
        elif self.diagnosis:
            out.append(f"  {self.diagnosis}")
        return out + [f"  {note}" for note in self.notes]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The grade in words that JSON can hold."""
        return {"submission": self.label, "against": self.against, "status": self.status,
                "right": self.right, "reason": self.reason, "blamed": self.blamed,
                "quantities": {n: v.as_dict() for n, v in self.quantities.items()},
                "first": None if self.first is None else self.first.as_dict(),
                "diagnosis": self.diagnosis,
                "mistakes": [s.as_dict() for s in self.mistakes],
                "diagnosis_proof": None if self.diagnosis_proof is None else
                self.diagnosis_proof.as_dict(), "notes": [*self.notes],
                "seconds": round(self.seconds, 3)}


def grade(target: Any, against: Any = "adam", seconds: float = CPU, alone: bool = False
          ) -> Grade:
    """Whether a homework is the rule that was asked, and if not, what was done.

    target: a function or a class, typed in a notebook or in a file, or "FILE.py:NAME". Its
    code never runs here: it runs in a process of its own, which gets its source, has
    `seconds` of processor time and 2 GB, no network where the system can forbid it, no
    secrets of the environment, and a copy of its folder to work in (confinement.py says
    what that does not protect against). against: the rule asked, by its name or a rule.

    Correct in any form is PROVED: with states of other names and sizes, in place, as a
    class. What is wrong is REFUTED, quantity by quantity, with the first step at which a
    run shows it and the mistake in words, PROVED to be what was done.

    Raises ValueError if there is no such file or rule, TypeError for what is no homework.
    """
    began = time.monotonic()
    rule = named_rule(against)
    handed_in = submitted(target, name_of(rule), seconds, alone)
    return replace(graded(handed_in, rule), seconds=time.monotonic() - began)


def graded(handed_in: Submission, rule: Rule) -> Grade:
    """The grade of what was handed in."""
    label, asked = handed_in.label, name_of(rule)
    if handed_in.borrowed:
        return Grade(label, asked, NOT_GRADED, "takes the answer from "
                     f"{', '.join(handed_in.borrowed)}: not the student's own work")
    if handed_in.formula is None:
        return Grade(label, asked, NOT_GRADED, handed_in.error)
    ways = [*matched(handed_in.formula, rule)]
    if not ways:
        return Grade(label, asked, NOT_GRADED, "its letters match none of the rule's")
    for given in ways:
        if same(path(given.rule, {}), path(rule_of(rule, given.held), {})):
            found = compared(given.submission, rule, given.held)
            if found is not None and found.same:
                return Grade(
                    label, asked, "PROVED", quantities=verdicts(found), comparison=found,
                    notes=(*notes(found, given, rule), *conditions(handed_in)))
    return wrong(handed_in, rule, ways)


def wrong(handed_in: Submission, rule: Rule, ways: list[Matched]) -> Grade:
    """The grade of what is not PROVED to be the rule that was asked.

    A hyperparameter that it does not have may be a number in it, or be what was forgotten.
    """
    label, asked = handed_in.label, name_of(rule)
    if ways[0].held:
        ways = [replace(ways[0], held={}), *ways]
    tried = [(given, compared(given.submission, rule, given.held, walk=False))
             for given in ways[:MOST]]
    known = [(given, found) for given, found in tried if found is not None]
    if not known:
        return Grade(label, asked, NOT_GRADED, "it cannot be compared with the rule")
    causes = chain(((x, diagnosis(x[0], singles(rule))) for x in known),
                   ((x, diagnosis(x[0], pairs(x[0], rule, differing(x[1]))))
                    for x in known[:TWICE]))
    (given, found), cause = next((x for x in causes if x[1] is not None), (
        max(known, key=lambda x: sum(q.verdict.status == "PROVED"
                                     for q in x[1].quantities.values())), None))
    first = first_shown(found.pair)
    status = found.status if first or found.apart else "UNDECIDED"
    return Grade(label, asked, status, "", verdicts(found), first, cause,
                 unknown(found) if cause is None else str(cause),
                 (*notes(found, given, rule), *conditions(handed_in)), comparison=found)


def verdicts(found: Comparison) -> dict[str, Verdict]:
    return {n: q.verdict for n, q in found.quantities.items()}


def differing(found: Comparison) -> set[str]:
    """The states that are not PROVED to be as asked."""
    names = {n for n, q in found.quantities.items() if q.verdict.status != "PROVED"}
    return names & found.pair.left.formula.init.keys()


def unknown(found: Comparison) -> str:
    """What is said of a mistake that is not in the catalogue."""
    bad = [q for q in found.quantities.values() if q.verdict.status != "PROVED"]
    return "not in the catalogue" + "".join(
        f"; {q.name} is {str(q.left.right)[:LONGEST]}, asked was "
        f"{str(q.right.right)[:LONGEST]}" for q in bad[-1:])


def notes(found: Comparison, given: Matched, rule: Rule) -> list[str]:
    """What is no mistake in the formula."""
    changed = changed_defaults(found, given.held, rule)
    return [*(f"{n} is {x}, asked was {y}" for n, (x, y) in changed.items()),
            *(f"{n}, which the rule does not have, is taken as {x}"
              for n, x in given.extra.items())]


def conditions(handed_in: Submission) -> list[str]:
    """What was so in every run of the homework."""
    path = handed_in.formula.path if handed_in.formula is not None else ()
    return [f"read where {', '.join(path)}"] if path else []
