"""Whose letter is whose: a submission in the letters of the rule that was asked.

A hyperparameter that a submission does not have may be written in it as a number; a letter
may have any name. What the right rule is held at, and what is called what, is tried in the
order of plausibility, on plain numbers first.
"""
import ast
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from optim.comparing import compare
from optim.comparing.comparing_rules import walks
from optim.comparing.comparison import Comparison
from optim.comparing.meant_rules import numbers_of
from optim.comparing.partners import meanings, settings_of
from optim.dialects.adapted_rules import adapted
from optim.domains import DOMAINS
from optim.formulas import Formula, formula
from optim.optimizers.signatures import Rule, anatomy
from optim.rules import LEGEND

SECONDS = 8.0                           # for a proof, and for a map of the states
MOST = 64                               # ways to read numbers as hyperparameters


@dataclass(frozen=True)
class Matched:
    """A submission in the right rule's letters.

    held {hyperparameter of ours: the number that it is written as}; numbers that it has
    """
    submission: Formula
    held: dict[str, float]
    numbers: tuple[float, ...] = ()

    @property
    def rule(self) -> Rule:
        assert self.submission.rule is not None
        return self.submission.rule


def matched(submission: Formula, rule: Rule) -> Iterator[Matched]:
    """The submission in the letters of the rule, with each way to read its numbers."""
    right = formula(rule)
    names = letters(submission, right)
    assert submission.rule is not None
    own = adapted(submission.rule, names)
    renamed = replace(formula(own), name=submission.name, path=submission.path)
    missing = [n for n in settings_of(right) if n not in settings_of(renamed)]
    default = numbers_of(rule)
    numbers = constants(submission.source or "")
    choices = [[default[n], *(x for x in numbers if x != default[n] and fits(x, n))]
               if n in default else [x for x in numbers if fits(x, n)] or [1.0]
               for n in missing]
    for values in itertools.islice(itertools.product(*choices), MOST):
        yield Matched(renamed, dict(zip(missing, values)), (*numbers,))


def letters(submission: Formula, right: Formula) -> dict[str, str]:
    """{letter of the submission: ours}, where they differ."""
    ours, theirs = settings_of(right), settings_of(submission)
    names = {a: b for a, b in ((a, b) for b, a in meanings(submission, right).items())}
    names = {a: b for a, b in names.items() if a in theirs and b in ours}
    left = [n for n in theirs if n not in ours and n not in names]
    open_ = [n for n in ours if n not in theirs and n not in names.values()]
    values = [numbers_of(f.rule) for f in (submission, right) if f.rule is not None]
    if len(values) == 2:
        for n in [*left]:
            same = [m for m in open_ if values[1].get(m) == values[0].get(n) is not None]
            if len(same) == 1:
                names[n] = same[0]
                left.remove(n)
                open_.remove(same[0])
    if len(left) == len(open_) == 1:
        names[left[0]] = open_[0]
    taken = {*ours, *names.values()}
    states = [*submission.init]
    for n in states:                            # a state that is called as a number of ours
        if n in taken:
            names[n] = next(x for x in (f"{n}_state", f"{n}_state2") if x not in taken)
    return names | states_by_order(states, [*right.init], names)


def states_by_order(own: list[str], ours: list[str], names: Mapping[str, str]
                    ) -> dict[str, str]:
    """Names for states, where there are as many as of ours and they are called otherwise."""
    if len(own) != len(ours) or {*own} == {*ours}:
        return {}
    kept = [n for n in own if n in ours]
    left, free = ([n for n in x if n not in kept] for x in (own, ours))
    return dict(zip(left, free))


def fits(x: float, name: str) -> bool:
    """Whether a hyperparameter may be this number."""
    domain = LEGEND[name].domain if name in LEGEND else "real"
    return DOMAINS[domain].holds(x)


def constants(source: str) -> list[float]:
    """The numbers in a source, but for small whole ones."""
    found = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)
             and isinstance(n.value, (int, float))]
    return [*dict.fromkeys(float(x) for x in found if x not in (0, 2))]


def compared(submission: Formula, rule: Rule, held: Mapping[str, float],
             walk: bool = True) -> Comparison | None:
    """How the submission compares with a rule held at some numbers; with walk, also as
    walking alike; None if they cannot be compared."""
    held = {n: x for n, x in held.items() if n in anatomy(rule)[1]}
    try:
        found = compare(submission, adapted(rule, held={
            n: int(x) if float(x).is_integer() else x for n, x in held.items()}),
            seconds=SECONDS, equal_if=False)
    except (ValueError, TypeError, NotImplementedError):
        return None
    if walk and found.status != "PROVED":
        found = replace(found, walk=next(walks(found.pair, lambda: SECONDS), None))
    return found


def changed_defaults(found: Comparison, held: Mapping[str, float], rule: Rule
                     ) -> dict[str, tuple[Any, Any]]:
    """{hyperparameter: (its number in the submission, as asked)}, where they differ."""
    asked = numbers_of(rule)
    own = {n: x for n, x in found.pair.left.defaults.items() if n in asked} | dict(held)
    return {n: (x, asked[n]) for n, x in own.items() if n in asked and asked[n] != x
            and isinstance(x, (int, float))}
