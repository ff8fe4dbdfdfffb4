"""Which mistake was made: the right rule with one slip or two that a submission is PROVED
to be.

Plain numbers say which of some hundred wrong rules may be meant; the prover has the last
word on each of those, and what it does not prove is no diagnosis.
"""
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.comparing.comparison import Comparison
from optim.dialects.adapted_rules import adapted
from optim.grading.catalogue import Slip, Slipped, as_words, doubles, singles
from optim.grading.matching import Matched, compared
from optim.grading.plain_runs import path, same, step
from optim.optimizers.signatures import Rule
from optim.proving.verdicts import Verdict

TRIED = 6                               # of those that plain numbers leave, for a proof


@dataclass(frozen=True)
class Diagnosis:
    """The slips, and the proof that the submission is the right rule with them."""
    slips: tuple[Slip, ...]
    proof: Verdict
    comparison: Comparison

    def __str__(self) -> str:
        return as_words(self.slips)


def diagnosis(given: Matched, candidates: Iterable[Slipped]) -> Diagnosis | None:
    """The first of these wrong rules that the submission is PROVED to be; None if none is.
    """
    seen = path(given.rule, {})
    fitting = (x for x in candidates if fits(x, given, seen))
    for found in itertools.islice(fitting, TRIED):
        if proof := proved(given, found):
            return proof
    return None


def fits(found: Slipped, given: Matched, seen: np.ndarray) -> bool:
    """Whether a run of it is one of the submission, on plain numbers."""
    return same(path(found.rule, given.held), seen)


def proved(given: Matched, found: Slipped) -> Diagnosis | None:
    """The diagnosis, if the submission is PROVED to be the rule with these slips."""
    result = compared(given.submission, found.rule, given.held)
    if result is None or not result.same:
        return None
    words = " and ".join(s.mistake for s in found.slips)
    return Diagnosis(found.slips, Verdict(
        "PROVED", method=f"the submission is {found.name} with this slip: {words}; "
        f"{result.headline}", seconds=result.seconds), result)


def pairs(given: Matched, rule: Rule, wrong: set[str]) -> Iterator[Slipped]:
    """The rule with two slips: one that explains a state that differs, and any other; or,
    where no state differs, two that have names. wrong: the states that differ."""
    mine, right = step(given.rule, {}), step(rule_of(rule, given.held), {})
    steps = [(x, step(x.rule, given.held)) for x in singles(rule)]
    if wrong & mine.keys() & right.keys():
        first = [x for x, after in steps if any(
            n in after and same(after[n], mine[n]) for n in wrong & mine.keys())]
        for x in first:
            yield from doubles(x, rule)
        return
    kept = [n for n in right if n != "theta"]
    first = [x for x, after in steps if x.specific and all(
        same(after[n], right[n]) for n in kept)]
    for i, x in enumerate(first):
        later = {str(y.slips[0]) for y in first[i:]}
        yield from (y for y in doubles(x, rule) if y.specific and (
            str(y.slips[-1]) in later))


def rule_of(rule: Rule, held: Mapping[str, Any]) -> Rule:
    return adapted(rule, held=held)
