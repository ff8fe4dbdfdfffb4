"""How well the prover tells rules from their mutants: each verdict, confirmed or not.

The prover says of each mutant whether it is the rule. Plain numbers, which know nothing of
the prover, bear the verdict out or do not: a refuted mutant has to differ at the witness, a
proved one must differ nowhere. UNDECIDED is a failure, and so is what is not confirmed.
"""
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optim.formulas.rule_formulas import Formula, formula
from optim.mutants.differences import differ_at, differing_point, first_states
from optim.mutants.plain_numbers import apart, number, on_plain_numbers
from optim.mutants.sources import Mutant, mutants
from optim.equivalence.proofs import prove
from optim.proving.verdicts import Verdict
from optim.rules import LEGEND
from optim.optimizers.signatures import Rule

Decide = Callable[..., Verdict]
LIMIT = 120.0                           # seconds for one proof; most take hundredths
STATUSES = ("REFUTED", "PROVED", "UNDECIDED")


@dataclass(frozen=True)
class Judged:
    """A mutant, the prover's verdict, and what plain numbers say.

    sampled    whether it differs from the rule at a point that was tried unasked
    separated  whether it differs from the rule at the verdict's witness
    seconds    of the processor, for reading the mutant and deciding
    """
    mutant: Mutant
    verdict: Verdict
    sampled: bool
    separated: bool
    seconds: float

    @property
    def differs(self) -> bool:
        return self.sampled or self.separated

    @property
    def confirmed(self) -> bool:
        expected = {"REFUTED": self.separated, "PROVED": not self.differs}
        return expected.get(self.verdict.status, False)

    def __str__(self) -> str:
        seen = "differs from the rule" if self.differs else "agrees with the rule"
        return (f"{self.mutant}: {self.verdict.status},"
                f" {'' if self.confirmed else 'NOT '}confirmed; it {seen}"
                f" ({self.verdict.method})")

    def as_dict(self) -> dict[str, Any]:
        return {"rule": self.mutant.name, "kind": self.mutant.kind,
                "edit": self.mutant.text, "differs": self.differs,
                "confirmed": self.confirmed, "verdict": self.verdict.as_dict()}


def judged(mutant: Mutant, right: Formula, decide: Decide = prove) -> Judged:
    """The verdict on one mutant of the rule that has this formula, and its confirmation."""
    began = time.process_time()
    verdict = verdict_on(mutant, right, decide)
    spent = time.process_time() - began
    rule, other = map(on_plain_numbers, (mutant.original, mutant.source))
    return Judged(mutant, verdict, differing_point(rule, other) is not None,
                  separated(verdict.witness, rule, other), spent)


def verdict_on(mutant: Mutant, right: Formula, decide: Decide) -> Verdict:
    """What the prover says; of what is no rule it can say nothing."""
    try:
        wrong = formula(mutant.rule())
    except (TypeError, ValueError, ArithmeticError) as error:
        return Verdict("UNDECIDED", method=f"no rule: {error}")
    return decide(wrong, right, seconds=LIMIT, equal_if=False)


def separated(witness: dict | None, rule: Rule, other: Rule) -> bool:
    """Whether the two differ at a witness; one that names no letter is about the start."""
    if witness is None:
        return False
    half = number("1/2")
    if not witness:
        starts = (first_states(each, half).values() for each in (rule, other))
        return any(map(apart, *starts))
    given = {str(s): number(str(x)) for s, x in witness.items()}
    return differ_at(dict.fromkeys(LEGEND, half) | {"t": number("1")} | given, rule, other)


@dataclass(frozen=True)
class Score:
    """What became of some mutants."""
    found: tuple[Judged, ...]

    @property
    def failures(self) -> list[Judged]:
        """What is UNDECIDED, or not confirmed."""
        return [each for each in self.found if not each.confirmed]

    @property
    def ok(self) -> bool:
        return not self.failures

    @property
    def seconds(self) -> float:
        return sum(each.seconds for each in self.found)

    @property
    def matrix(self) -> dict[bool, Counter[str]]:
        """{whether it differs from the rule: {status: how many}}."""
        return {differs: Counter(each.verdict.status for each in self.found
                                 if each.differs == differs) for differs in (True, False)}

    def row(self, name: str) -> str:
        """The line of a table of rules."""
        count = Counter(each.verdict.status for each in self.found)
        return (f"{name:17}{len(self.found):4} mutants: {count['REFUTED']} refuted,"
                f" {count['PROVED']} proved equal, {count['UNDECIDED']} undecided,"
                f" {len(self.failures)} not confirmed; {self.seconds:.1f} CPU s")

    def __str__(self) -> str:
        lines = [" "*21 + "".join(f"{status:>11}" for status in STATUSES)]
        for truth, words in {True: "differs from the rule",
                             False: "agrees with the rule"}.items():
            lines.append(f"{words:21}" + "".join(
                f"{self.matrix[truth][status]:11}" for status in STATUSES))
        good = len(self.found) - len(self.failures)
        return "\n".join([*lines, f"score: {good} of {len(self.found)} mutants decided and"
                                  f" confirmed, {self.seconds:.1f} CPU s of proofs"])

    def as_dict(self) -> dict[str, Any]:
        differs, agrees = ({status: self.matrix[truth][status] for status in STATUSES}
                           for truth in (True, False))
        return {"ok": self.ok, "seconds": round(self.seconds, 3),
                "matrix": {"differs": differs, "agrees": agrees},
                "mutants": [each.as_dict() for each in self.found]}


def score(name: str, every: int = 1, decide: Decide = prove) -> Score:
    """The score of a rule's mutants, of every so many of them in their order."""
    right = formula(name)
    return Score(tuple(judged(m, right, decide) for m in mutants(name)[::every]))
