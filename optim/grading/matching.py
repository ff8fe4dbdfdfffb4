"""Whose letter is whose: a submission in the letters of the rule that was asked.

A hyperparameter that a submission does not have may be written in it as a number; a letter
may have any name. What the right rule is held at, and what is called what, is tried in the
order of plausibility, on plain numbers first.
"""
import ast
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optim.comparing import compare
from optim.comparing.comparing_rules import walks
from optim.comparing.comparison import Comparison
from optim.comparing.meant_rules import numbers_of
from optim.comparing.partners import meanings, settings_of
from optim.dialects.adapted_rules import adapted
from optim.domains import DOMAINS
from optim.formulas import Formula, formula
from optim.grading.plain_runs import same, step
from optim.optimizers.signatures import Rule, anatomy
from optim.rules import LEGEND

SECONDS = 8.0                           # for a proof, and for a map of the states
MOST_STATES = 4                         # of which all orders are tried
MOST = 64                               # ways to read numbers as hyperparameters


@dataclass(frozen=True)
class Matched:
    """A submission in the right rule's letters.

    held {hyperparameter of ours: the number that it is written as}; numbers that it has;
    extra {hyperparameter that ours does not have: its number, which is put for it}
    """
    submission: Formula
    held: dict[str, float]
    numbers: tuple[float, ...] = ()
    extra: dict[str, float] = field(default_factory=dict)

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
    extra = {n: x for n, x in numbers_of(own).items()
             if n not in settings_of(right) and isinstance(x, (int, float))}
    own = by_states(adapted(own, held=whole(extra)), rule)
    renamed = replace(formula(own), name=submission.name, path=submission.path)
    missing = [n for n in settings_of(right) if n not in settings_of(renamed)]
    default = numbers_of(rule)
    numbers = [*extra.values(), *constants(submission.source or "")]
    choices = [[default[n], *(x for x in numbers if x != default[n] and fits(x, n))]
               if n in default else [x for x in numbers if fits(x, n)] or [1.0]
               for n in missing]
    for values in itertools.islice(itertools.product(*choices), MOST):
        yield Matched(renamed, dict(zip(missing, values)), (*numbers,), extra)


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
    """Names for states, where there are as many as of ours, called otherwise."""
    if len(own) != len(ours) or {*own} == {*ours}:
        return {}
    kept = [n for n in own if n in ours]
    left, free = ([n for n in x if n not in kept] for x in (own, ours))
    return dict(zip(left, free))


def by_states(own: Rule, rule: Rule) -> Rule:
    """The submission with its states called as ours are, so that most of what one step
    does is the same on plain numbers."""
    names, ours = [*anatomy(own)[0]], anatomy(rule)[0]
    if {*names} != {*ours} or len(names) > MOST_STATES:
        return own
    right = step(rule, {})

    def alike(x: Rule) -> int:
        return sum(same(after, right[n]) for n, after in step(x, {}).items())
    orders = [adapted(own, {a: b for a, b in zip(names, order) if a != b})
              for order in itertools.permutations(names)]
    return max(orders, key=alike)                           # as it was, if none is better


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
        found = compare(submission, adapted(rule, held=whole(held)), seconds=SECONDS,
                        equal_if=False)
    except (ValueError, TypeError, NotImplementedError):
        return None
    if walk and found.status != "PROVED":
        found = replace(found, walk=next(walks(found.pair, lambda: SECONDS), None))
    return found


def whole(held: Mapping[str, float]) -> dict[str, float]:
    """The same numbers, the whole ones as such."""
    return {n: int(x) if float(x).is_integer() else x for n, x in held.items()}


def changed_defaults(found: Comparison, held: Mapping[str, float], rule: Rule
                     ) -> dict[str, tuple[Any, Any]]:
    """{hyperparameter: (its number in the submission, as asked)}, where they differ."""
    asked = numbers_of(rule)
    own = {n: x for n, x in found.pair.left.defaults.items() if n in asked} | dict(held)
    return {n: (x, asked[n]) for n, x in own.items() if n in asked and asked[n] != x
            and isinstance(x, (int, float))}
