"""Which mistake was made: the right rule with one slip or two that a submission is PROVED
to be.

Plain numbers say which of some hundred wrong rules may be meant; the prover has the last
word on each of those, and what it does not prove is no diagnosis.
"""
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.dialects.adapted_rules import adapted
from optim.grading.slipped_rules import LETTERS, Slip, Slipped, as_words, double, singles
from optim.grading.matching import Matched, compared
from optim.grading.plain_runs import path, same, step
from optim.optimizers.signatures import Rule, anatomy
from optim.proving.verdicts import Verdict

TRIED = 4                               # of those that plain numbers leave, for a proof
CPU = 1.5                               # seconds that go into mistakes by two


@dataclass(frozen=True)
class Diagnosis:
    """The slips, and the proof that the submission is the right rule with them."""
    slips: tuple[Slip, ...]
    proof: Verdict

    def __str__(self) -> str:
        return as_words(self.slips)


def diagnosis(given: Matched, candidates: Iterable[Slipped]) -> Diagnosis | None:
    """One of these wrong rules that the submission is PROVED to be, the first whose states
    are its own as well; else the first that walks as it does; None if none is.
    """
    seen, kept = path(given.rule, {}), None
    first = 1 if np.isfinite(seen).any() else 2         # at step 1 it may have no value
    seen = path(given.rule, {}, first)
    fitting = ((x, held) for x in candidates
               if (held := fitted(x, given, seen, first)) is not None)
    for found, held in itertools.islice(fitting, TRIED):
        result = compared(given.submission, found.readable(), held)
        if result is None or not result.same:
            continue
        made = [*dict.fromkeys(s.mistake for s in found.slips)]
        proof = Verdict("PROVED", method=f"{found.name} with just "
                        f"{'this mistake' if len(made) == 1 else 'these mistakes'} ("
                        f"{' and '.join(made)}) is what was handed in: "
                        + result.headline.removeprefix("PROVED: "), seconds=result.seconds)
        kept = kept or Diagnosis(found.slips, proof)
        if result.status == "PROVED":
            return Diagnosis(found.slips, proof)
    return kept


def fitted(found: Slipped, given: Matched, seen: np.ndarray, first: int = 1
           ) -> dict[str, float] | None:
    """What its letters are held at where a run of it, from this step on, is the one seen;
    None where none is."""
    known = {**anatomy(given.rule)[1], **given.held}
    new = [n for n in anatomy(found.rule)[1] if n in LETTERS and n not in known]
    for x in given.numbers if new else [0.0]:
        held = given.held | {
            n: x for n in new if (0.0 if n == "weight_decay" else 0.01) < x < 1}
        if all(n in held for n in new) and same(
                path(found.rule, held, first, 1, 3), seen[:1, :3]) and same(
                path(found.rule, held, first), seen):
            return held
    return None


def pairs(given: Matched, rule: Rule, wrong: set[str]) -> Iterator[Slipped]:
    """The rule with two slips, until time is up: one that explains a state that differs,
    and any other; then two that have names. wrong: the states that differ."""
    mine, right = step(given.rule, {}), step(rule_of(rule, given.held), {})
    steps = [(x, step(x.rule, given.held)) for x in singles(rule)]
    first = [x for x, after in steps if any(
        same(after[n], mine[n]) for n in wrong & mine.keys() & after.keys())]
    named = [x for x, after in steps if x.specific and all(
        same(after[n], right[n]) for n in right.keys() - wrong - {"theta"})]
    one = [x for x, _ in steps]
    end = time.process_time() + CPU
    for x, y in itertools.chain(itertools.product(first, one),
                                itertools.combinations(named, 2)):
        if time.process_time() > end:
            return
        if (both := double(x, y, rule)) is not None:
            yield both


def rule_of(rule: Rule, held: Mapping[str, Any]) -> Rule:
    """The rule held at the numbers that stand for some of its letters."""
    return adapted(rule, held=held)
