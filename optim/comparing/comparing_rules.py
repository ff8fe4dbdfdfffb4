"""compare: are these two one rule, and if not, what makes them one?"""
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from optim.dialects.adapted_rules import adapted
from optim.comparing.comparison import Change, Comparison, Quantity
from optim.comparing.partners import (
    Pair, in_letters, known_numbers, paired, with_partners, without)
from optim.comparing.reached import reached
from optim.comparing.meant_rules import Meant, meant_rule
from optim.equivalence.catalogue import hyperparameters
from optim.equivalence.conditions import condition
from optim.equivalence.every_run import walks_alike
from optim.domains import DOMAINS
from optim.equivalence.ranges import (
    Ranges, completed, interval, intervals, restored, together)
from optim.equivalence.simulations import Claim, claim, simulates
from optim.equivalence.views import each_proved
from optim.equivalence.witnesses import checked_by_running
from optim.formulas import Formula, formula
from optim.formulas.equations import given
from optim.formulas.trials import exact_value, middle
from optim.proving.expressions import check_seconds
from optim.proving.intervals import Unsure
from optim.proving.needs import START
from optim.proving.verdicts import Condition, Verdict, stated

SEARCH = 20.0                   # seconds that are spent on what would make them one
SMALL = ("eps", "eps_root"), ("weight_decay",), ("psi",)        # letters that may be 0
NEAR_0 = "> 0", ">= 0", "[0, 1)"
FORGETFUL = ("beta2",), ("beta1", "mu"), ("beta1", "mu", "beta2")


def compare(a: Any, b: Any, rename: Mapping[str, str] | None = None,
            seconds: float = 60.0, equal_if: bool = True,
            where: Mapping[str, Any] | None = None,
            search: float | None = None) -> Comparison:
    """How two rules compare, whatever they are called and wherever they are from.

    a, b: a rule's name ("adam"), a library's rule as we have it ("torch:RMSprop",
    "torch:SGD(momentum=0.9)") or as it is installed ("torch.optim.RMSprop", which is
    lifted), a file's function ("hw.py:adam"); or an object: a rule, a Formula, one of our
    optimizers or of the dialects', a class of torch.optim, a function of optax, a class of
    keras.optimizers. rename {old letter: new}: where one letter has two names that are not
    found by themselves. equal_if=False does not look for what makes them one. where
    {hyperparameter: number or interval} holds for both sides, in all that is said:
    {"eps": 0, "beta2": "0 < beta2 < 1"}. search: the seconds, of all, after which no more
    is looked for, 20 if None.

    What is 0 among a library's arguments counts as 0; all other numbers are letters, so
    the claim is made for all their values, and defaults stand beside it. optim.certify
    writes why the verdicts hold.

    >>> print(compare("torch:RMSprop", "rmsprop").headline)
    PROVED: one rule; other defaults
    """
    check_seconds(seconds)
    began = time.monotonic()
    end = began + seconds

    def rest() -> float:
        return max(end - time.monotonic(), 0.01)

    def looking() -> float:
        return min(rest(), max(
            began + (SEARCH if search is None else search) - time.monotonic(), 0.01))
    pair = paired(meant_rule(a), meant_rule(b), dict(rename or {}))
    pair = narrowed(in_one_domain(one_gradient(pair)), where)
    made = claim(pair.left.formula, pair.right.formula,
                 {n: m for n, m in pair.states.items() if n != m}, pair.closed | pair.given)
    found = Comparison(pair, judged(pair, made, rest()), where=stated(where or {}))
    if found.status == "REFUTED" and trusted(pair):
        if equal_if:
            found = replace(found, walk=next(walks(pair, looking), None))
        if found.walk is None:
            found = replace(found, apart=reached(pair), equal_if=next(
                changes(pair, looking), None) if equal_if else None)
    return replace(found, seconds=time.monotonic() - began, notes=notes(found, made))


def trusted(pair: Pair) -> bool:
    """Whether no run on numbers has shown a rule to be another than its formula."""
    return not any(x.formula.disagreement for x in (pair.left, pair.right))


def one_gradient(pair: Pair) -> Pair:
    """The two with one name for theta and one for the gradient."""
    left, right = ([*x.formula.symbols][:2] for x in (pair.left, pair.right))
    names = {theirs: ours for theirs, ours in zip(right, left) if theirs != ours}
    if not names:
        return pair
    b = in_letters(pair.right, names)
    return with_partners(pair.left, b, pair.matched)


def in_one_domain(pair: Pair, ranges: Ranges = {}) -> Pair:
    """The two with one domain for each hyperparameter, wide enough for the ranges."""
    f, g = together(pair.left.formula, pair.right.formula, ranges)
    if f is pair.left.formula and g is pair.right.formula:
        return pair
    return with_partners(replace(pair.left, formula=f), replace(pair.right, formula=g),
                         pair.matched)


def narrowed(pair: Pair, where: Mapping[str, Any] | None) -> Pair:
    """The two with these numbers for hyperparameters, or among these numbers."""
    values, ranges = ({pair.matched.get(n, n): x for n, x in part.items()}
                      for part in intervals(where))
    domains = {n: d for f in (pair.left.formula, pair.right.formula)
               for n, d in hyperparameters(f).items()}
    for name in (*values, *ranges):
        if name not in domains:
            raise ValueError(f"compare: where says something of {name}, which is no "
                             f"hyperparameter of either side; there are "
                             f"{', '.join(domains)}")
    numbers = {n: number(n, x, domains[n]) for n, x in values.items()}
    held = {n: x for n, x in numbers.items() if Fraction(str(float(x))) == x}
    ranges |= dict(interval(f"{x} <= {n} <= {x}") for n, x in numbers.items()
                   if n not in held)
    if held:
        left, right = (at_numbers(x, held) for x in (pair.left, pair.right))
        pair = in_one_domain(with_partners(left, right, pair.matched))
    symbols = pair.left.formula.domains | pair.right.formula.domains
    ranges = completed(ranges, symbols)
    return replace(in_one_domain(pair, ranges), ranges=ranges)


def number(name: str, x: Any, domain: str) -> Fraction:
    """A number that the letter may be, or 0 for one that is above 0."""
    try:
        value = Fraction(str(x))
    except ValueError:
        raise ValueError(f"compare: where has {x!r} for {name}; needed a number, or an "
                         f"interval such as '0 < {name} < 1'") from None
    lies = DOMAINS[domain]
    if not (lies.holds(value) or value == 0 and lies == DOMAINS["> 0"]):
        raise ValueError(f"compare: where has {name} = {x}; needed a number that {name} "
                         f"may be: {domain}")
    return value


# ------------------------------------------------------------------ quantity by quantity
def judged(pair: Pair, made: Claim, seconds: float) -> dict[str, Quantity]:
    """The quantities that both have, each with its verdict."""
    verdicts = each_proved(made.goals, made.domains, made.given, seconds, made.confirmed)
    equations = [{e.left.name: e for e in f.equations if e.kind in ("state", "step")}
                 for f in made.sides]
    theirs = {ours: n for n, ours in pair.states.items()} | dict(zip(
        [*pair.left.formula.update][:1], [*pair.right.formula.update][:1]))
    found: dict[str, Quantity] = {}
    for label, verdict in verdicts.items():
        verdict = checked_by_running(verdict, made.sides)
        name = label.removesuffix(START).removesuffix("'")
        if label.endswith(START):
            before = found[name]
            if before.verdict.status == "PROVED" != verdict.status:   # another start
                found[name] = replace(
                    before, values=values_at(made, label, verdict), verdict=replace(
                        restored(verdict, pair.ranges),
                        method=f"where it starts: {verdict.method}"))
            elif before.verdict.status == verdict.status == "PROVED":
                found[name] = replace(before, verdict=replace(before.verdict, parts={
                    "after a step": before.verdict, "at the start": verdict}))
            continue
        values = values_at(made, label, verdict)
        verdict = restored(verdict, pair.ranges)
        ours, other = equations[0][name], equations[1][theirs[name]]
        if str(ours) == str(other) and verdict.status != "PROVED":  # a schedule hides it
            ours, other = (replace(e, right=f.update[n], marks=given(f)) for e, f, n in (
                (ours, made.sides[0], name), (other, made.sides[1], theirs[name])))
        found[name] = Quantity(str(ours.left.text()), ours, other, verdict, values)
    return found


def values_at(made: Claim, label: str, verdict: Verdict) -> Any:
    """Both values of a quantity at the witness of its verdict."""
    if verdict.witness is None:
        return None
    try:
        point = made.points(label).complete(verdict.witness)
        both = [exact_value(e, point) for e in made.goals[label]]
    except (Unsure, TypeError):
        return None
    return tuple(None if x is None else middle(x) for x in both)


# ------------------------------------------------------------------ what makes them one
def ways(pair: Pair) -> Iterator[tuple[Formula, Formula, str]]:
    """Both directions, without the states that are known or do not matter."""
    a, b = (without(x.formula, pair.closed, pair.resting) for x in (pair.left, pair.right))
    yield a, b, pair.right.label
    yield b, a, pair.left.label


def walks(pair: Pair, rest: Any) -> Iterator[Change]:
    """Maps of the states alone through which one does what the other does."""
    for relation in (simulates, walks_alike):
        yield from found_by(pair, rest, relation, {"changes": False})


def changes(pair: Pair, rest: Any) -> Iterator[Change]:
    """Changes of hyperparameters that make them one, each PROVED."""
    options = {"numbers": known_numbers(pair)}
    yield from found_by(pair, rest, simulates, options)
    for names in there(pair, SMALL):
        yield from at_zero(pair, names, rest)
    yield from found_by(pair, rest, walks_alike, options)
    for names in there(pair, FORGETFUL):
        yield from at_zero(pair, names, rest)


def found_by(pair: Pair, rest: Any, relation: Any, options: Mapping[str, Any]
             ) -> Iterator[Change]:
    """What the catalogue has that makes one side simulate the other."""
    left, right = pair.left, pair.right
    for a, b, side in ways(pair):
        found = condition(a, b, rest(), relation=relation, given=pair.given, **options)
        if found is not None:
            names = {str(s) for s in found}
            for x, other in ((left, right), (right, left)):
                own = x.formula.symbols.keys() - other.formula.symbols.keys()
                side = x.label if names and names <= own else side
            yield Change(found, side, relation is walks_alike or bool(pair.closed))


def there(pair: Pair, sets: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Of each set the letters that either side has and that may be 0 or nearly so."""
    known = hyperparameters(pair.left.formula) | hyperparameters(pair.right.formula)
    found = (tuple(n for n in names if known.get(n) in NEAR_0) for names in sets)
    yield from dict.fromkeys(x for x in found if x and not pair.ranges.keys() & {*x})


def at_zero(pair: Pair, names: tuple[str, ...], rest: Any) -> Iterator[Change]:
    """The change that these letters are 0, where the two are PROVED to be one then."""
    if None in (pair.left.formula.rule, pair.right.formula.rule):
        return
    left, right = (at_numbers(x, dict.fromkeys(names, Fraction(0)))
                   for x in (pair.left, pair.right))
    held = replace(in_one_domain(with_partners(left, right, pair.matched)),
                   ranges=pair.ranges)
    if not trusted(held):
        return
    zero = {s: sp.Integer(0) for x in (pair.right, pair.left) for s in x.formula.domains
            if s.name in names}
    found = next(walks(held, rest), None) or next(found_by(
        held, rest, simulates, {"numbers": known_numbers(held)}), None)
    if found is not None:
        yield replace(found, zero=tuple(map(str, zero)), condition=Condition(
            zero | found.condition, found.condition.constant, found.condition.check))


def at_numbers(x: Meant, numbers: Mapping[str, Fraction]) -> Meant:
    """The rule with these numbers for some of its letters."""
    held = {n: int(k) if k.denominator == 1 else float(k) for n, k in numbers.items()
            if n in hyperparameters(x.formula)}
    if not held:
        return x
    if x.formula.rule is None:
        raise ValueError(f"compare: {x.label} is a Formula without a rule, so that no "
                         f"number can be put for {', '.join(held)}")
    return replace(x, formula=formula(adapted(x.formula.rule, held=held)), defaults={
        n: k for n, k in x.defaults.items() if n not in held})


def notes(found: Comparison, made: Claim) -> tuple[str, ...]:
    """How the rules were read, where not as usual, and what was so in every lifted run."""
    told = [n for f in made.sides for n in f.notes]
    for x in (found.pair.left, found.pair.right):
        if x.formula.path:
            told.append(f"{x.label} was lifted where {', '.join(x.formula.path)}")
    if found.status == "REFUTED" and not found.same and found.apart is None:
        told.append("no run was found that reaches the difference")
    return tuple(dict.fromkeys(told))
