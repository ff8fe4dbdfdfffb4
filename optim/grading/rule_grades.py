"""Whether a homework is the rule that was asked, and if not, what was done."""
from dataclasses import replace
from itertools import chain

from optim.comparing.comparison import Comparison
from optim.grading.diagnosing import diagnosis, pairs, rule_of
from optim.grading.first_difference import first_shown
from optim.grading.grades import NOT_GRADED, Grade
from optim.grading.matching import Matched, changed_defaults, compared, matched
from optim.grading.plain_runs import path, same
from optim.grading.slipped_rules import singles
from optim.grading.submissions import Submission, not_own
from optim.optimizers.signatures import Rule, name_of
from optim.proving.verdicts import Verdict

LONGEST = 300
MOST, TWICE = 16, 2                     # ways to read numbers: for one slip, for two


def graded(handed_in: Submission, rule: Rule) -> Grade:
    """The grade of what was handed in."""
    label, asked = handed_in.label, name_of(rule)
    if handed_in.borrowed:
        return Grade(label, asked, NOT_GRADED, not_own(handed_in.borrowed))
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
                    proof=Verdict("PROVED", method=found.headline, seconds=found.seconds),
                    notes=(*[found.exceptions]*bool(found.exceptions),
                           *notes(found, given, rule), *conditions(handed_in)))
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
    slips, proof = ((), None) if cause is None else (cause.slips, cause.proof)
    return Grade(label, asked, status, "", verdicts(found), first, slips,
                 unknown(found, status) if cause is None else str(cause), proof, None,
                 (*notes(found, given, rule), *conditions(handed_in)), comparison=found)


def verdicts(found: Comparison) -> dict[str, Verdict]:
    return {n: q.verdict for n, q in found.quantities.items()}


def differing(found: Comparison) -> set[str]:
    """The states that are not PROVED to be as asked."""
    names = {n for n, q in found.quantities.items() if q.verdict.status != "PROVED"}
    return names & found.pair.left.formula.init.keys()


def unknown(found: Comparison, status: str) -> str:
    """What is said of a mistake that is not in the catalogue, if it is one."""
    bad = [q for q in found.quantities.values() if q.verdict.status != "PROVED"]
    return ("not in the catalogue" if status == "REFUTED" else
            "no run that was tried shows a difference, and no proof was found") + "".join(
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
