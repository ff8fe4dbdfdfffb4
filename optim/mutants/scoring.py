"""How well the prover tells rules from their mutants: each verdict, confirmed or not.

The prover says of each mutant whether it is the rule. Plain numbers, which know nothing of
the prover, bear the verdict out or do not: a refuted mutant has to differ at the witness, a
proved one must differ nowhere. UNDECIDED is a failure, and so is what is not confirmed.
"""
import inspect
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from optim.formulas.rule_formulas import Formula, formula
from optim.mutants.differences import differ_at, differing_point, some_point
from optim.mutants.plain_numbers import number, on_plain_numbers
from optim.mutants.sources import Mutant, mutants
from optim.equivalence.proofs import prove
from optim.proving.verdicts import Verdict
from optim.optimizers.signatures import Rule
from optim.workers import results

Decide = Callable[..., Verdict]
LIMIT = 120.0                           # seconds for one proof; most take hundredths
COMPLETIONS = 8                         # of a witness that does not name every letter
STATUSES = ("REFUTED", "PROVED", "UNDECIDED")
WORDS = {"differs from the rule": True, "agrees with the rule": False}


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
        """Whether plain numbers found a point where the mutant is not the rule."""
        return self.sampled or self.separated

    @property
    def confirmed(self) -> bool:
        """Whether plain numbers bear the verdict out; never, where it is UNDECIDED."""
        expected = {"REFUTED": self.separated, "PROVED": not self.differs}
        return expected.get(self.verdict.status, False)

    def __str__(self) -> str:
        words = next(words for words, differs in WORDS.items() if differs == self.differs)
        return (f"{self.mutant}: {self.verdict.status},"
                f" {'' if self.confirmed else 'NOT '}confirmed; it {words}"
                f" ({self.verdict.method})")

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold of it."""
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
    """Whether the two differ at a witness, whatever the letters are that it leaves out."""
    if witness is None:
        return False
    given = {str(s): number(str(x)) for s, x in witness.items()}
    rng, letters = random.Random(0), [*inspect.signature(rule).parameters]
    return all(differ_at({**some_point(rng, letters), **given}, rule, other)
               for _ in range(COMPLETIONS))


@dataclass(frozen=True)
class Score:
    """What became of some mutants."""
    found: tuple[Judged, ...]

    @property
    def failures(self) -> list[Judged]:
        """What is UNDECIDED, or not confirmed."""
        return [judgement for judgement in self.found if not judgement.confirmed]

    @property
    def ok(self) -> bool:
        """Whether every mutant was decided and confirmed."""
        return not self.failures

    @property
    def seconds(self) -> float:
        """Of the processor, for all proofs together."""
        return sum(judgement.seconds for judgement in self.found)

    @property
    def matrix(self) -> dict[bool, Counter[str]]:
        """{whether it differs from the rule: {status: how many}}."""
        return {differs: Counter(judgement.verdict.status for judgement in self.found
                                 if judgement.differs == differs)
                for differs in (True, False)}

    def row(self, name: str) -> str:
        """The line of a table of rules."""
        count = self.matrix[True] + self.matrix[False]
        return (f"{name:17}{len(self.found):4} mutants: {count['REFUTED']} refuted,"
                f" {count['PROVED']} proved equal, {count['UNDECIDED']} undecided,"
                f" {len(self.failures)} not confirmed; {self.seconds:.1f} CPU s")

    def __str__(self) -> str:
        rows = [("", STATUSES)] + [(words, [self.matrix[differs][s] for s in STATUSES])
                                   for words, differs in WORDS.items()]
        lines = [f"{words:21}" + "".join(f"{x:>11}" for x in row) for words, row in rows]
        good = len(self.found) - len(self.failures)
        return "\n".join([*lines, f"score: {good} of {len(self.found)} mutants decided and"
                                  f" confirmed, {self.seconds:.1f} CPU s of proofs"])

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold of it."""
        matrix = {name: {status: self.matrix[differs][status] for status in STATUSES}
                  for name, differs in (("differs", True), ("agrees", False))}
        return {"ok": self.ok, "seconds": round(self.seconds, 3), "matrix": matrix,
                "mutants": [judgement.as_dict() for judgement in self.found]}


def score(name: str | Rule, every: int = 1, decide: Decide = prove,
          executor: Executor | None = None, workers: int | None = None) -> Score:
    """The score of a rule's mutants, of every so many of them in their order.

    decide   what gives the verdicts: the prover, or another with its arguments
    executor, workers   where each is judged, if not here; see optim.workers

    >>> score("gradient_descent").ok
    True
    """
    right = formula(name)
    return Score(tuple(results(judged, [(m, right, decide) for m in mutants(name)[::every]],
                               executor, workers)))
