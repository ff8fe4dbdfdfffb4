"""From runs to a rule, and from it to a formula that the runs' own numbers have checked."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from minigrad.randomness import generator
from optim.formulas import Formula, formula
from optim.lifting.graph import Node, Question, folded, key, letter, letters_of, rebuilt
from optim.lifting.joined_runs import Joined, Leak, Run, joined
from optim.lifting.named_norms import named, norms_of, stepped
from optim.lifting.other_sides import implied, other_side
from optim.lifting.rule_source import compiled, rule_source, simplified, written
from optim.lifting.unrelated_points import ENTRIES, Point, points
from optim.optimizers.signatures import first_states, step_of

TRIAL_STEPS = 120, 12, 12       # of a run at the defaults, and of runs at other numbers
MOST_SIDES = 12
PRECISION = 1e-9                # of a run in float64 whose operations are in another order


@dataclass
class Observed:
    """The first step of an implementation, and a later one from letters for its memory.

    early is None where the first step is the later one from where the states start.
    starts {state: the node or number that it was made with, None if that was not seen}.
    """
    early: Run | None
    later: Run
    starts: dict[str, Any]
    values: dict[str, Any] | None = None        # of the later step's results


class Again(Exception):
    """What was remembered is another than it seemed: to be run again from the beginning."""


class Implementation(Protocol):
    """What a source of implementations has to tell."""
    name: str
    hyper: dict[str, float]             # the letters of its arguments, with their defaults

    def observed(self, point: Point) -> Observed | None:
        """What it does at a point; None if its parameters go different ways there."""

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        """What of a vector of a trajectory is which parameter."""

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        """theta after each step of a plain run, in which nothing is remembered."""


def assembled(target: Implementation) -> Formula:
    """The formula of an implementation; raises what source_of raises."""
    return read(*source_of(target))


def read(name: str, source: str, path: Iterable[str]) -> Formula:
    """The formula of a rule's source, under the conditions of its path."""
    return replace(formula(compiled(name, source)), path=tuple(path))


def source_of(target: Implementation) -> tuple[str, str, list[str]]:
    """The name of an implementation, its rule's source, and what was so in all runs.

    Raises Leak where a number was lost on the way, so that the formula would not be its
    own; NotImplementedError where it does what is not understood.
    """
    at, seen, later = explored(target)
    runs = [later]
    if seen[0].early is not None:
        runs.append(joined(target.name, [s.early for s in seen if s.early]))
    kept = live(target, runs) if hasattr(target, "inside") else {*later.results}
    results = {n: x for n, x in later.results.items() if n in kept}
    states = {name: start_of(seen[0].starts.get(name), target.hyper)
              for name in results if name != "theta"}
    for early in runs[1:]:
        for name in [n for n in states if seen[0].starts.get(n) is None]:
            states |= {name: nearest_start(name, states, early, results, target.hyper)}
        results = with_first_step(early.results, early.alike, results, states)
    states, results = without_flags(states, results)
    asked = {f"?{i}": q.node for i, q in enumerate(later.alike)}
    results, norms, more = named(results | asked, {"theta", "g", "t", *states,
                                                   *target.hyper})
    states |= dict.fromkeys(more, 0)
    source = rule_source(target.name, states, norms, target.hyper, results)
    rule = compiled(target.name, source)
    formula(rule)                           # what has none is refused before it is tried
    if not norms:
        try_on_points(target, rule, [(point, s.values) for point, s in zip(at, seen)
                                     if s.values is not None])
    try_on_numbers(target, rule)
    getattr(target, "try_long", lambda rule: None)(rule)
    return target.name, source, [*norms.values(), *(
        condition(results[f"?{i}"], q.answer) for i, q in enumerate(later.alike)
        if not implied(q))]


def explored(target: Implementation) -> tuple[list[Point], list[Observed], Joined]:
    """Where it was run, what was seen there, and the runs as one; once more where what is
    remembered turns out to be another than it seemed.
    """
    while True:
        try:
            return at_all_points(target)
        except Again:
            continue


def at_all_points(target: Implementation) -> tuple[list[Point], list[Observed], Joined]:
    """The same: at unrelated points, then where a question has the answer it had nowhere.
    """
    at: list[Point] = []
    seen: list[Observed] = []
    todo = [*points()]
    for _ in range(MOST_SIDES):
        for point in todo:
            found = target.observed(point)
            if found is not None:
                at.append(point)
                seen.append(found)
        later = joined(target.name, [s.later for s in seen])
        more = other_side(target.name, later.alike, target.hyper, at[0],
                          getattr(target, "asks_hyper", False))
        if more is None:
            break
        todo = [more]
    return at, seen, later


def live(target: Implementation, runs: list[Joined]) -> set[str]:
    """theta and the states that it comes to depend on. The hyperparameters that were found
    inside, and of which nothing depends, are left out."""
    found = {"theta"}
    while True:
        used = {n for run in runs for name in found for n in letters_of(run.results[name])
                } | {n for run in runs for q in run.alike for n in letters_of(q.node)}
        more = used & runs[0].results.keys() - found
        if not more:
            break
        found |= more
    if "theta" not in used:
        raise ValueError(f"{target.name}: the new parameter does not depend on the old; "
                         "is what it gives the step alone? Needed w after the step")
    target.hyper = {n: x for n, x in target.hyper.items()
                    if n in used or n not in target.inside}     # type: ignore
    return found


def start_of(start: Any, hyper: Mapping[str, float]) -> Any:
    """Where a state starts, if made of theta, hyperparameters and numbers; else 0."""
    return 0 if start is None or letters_of(start) - {"theta", *hyper} else start


def nearest_start(name: str, states: Mapping[str, Any], early: Joined,
                  later: dict[str, Any], hyper: Mapping[str, float]) -> Any:
    """Where a state may start that was not seen to: 0, 1, theta or a hyperparameter.

    With it the first step differs least from any other. No choice changes what is computed.
    """
    def differing(start):
        after = with_first_step(early.results, early.alike, later, {**states, name: start})
        return sum(after[n] is not later[n] for n in later)
    return min((0, 1, letter("theta"), *map(letter, hyper)), key=differing)


def with_first_step(early: dict[str, Any], asked: list[Question],
                    later: dict[str, Any], states: Mapping[str, Any]) -> dict[str, Any]:
    """The later step, and at t = 1 the first one where that is another."""
    known: dict = {}
    begin = {**states, "t": 1}

    def plain(function, args):
        return Node(None, *args) if function is None else folded(function, args)

    def begun(function, args):
        if function is None:
            return begin.get(args[0], Node(None, *args))
        if function is np.where and key(args[0], known) in answers:
            return args[1 if answers[key(args[0], known)] else 2]
        return folded(function, args)
    questions = rebuilt({str(i): q.node for i, q in enumerate(asked)}, plain)
    answers = {key(node, known): asked[int(i)].answer for i, node in questions.items()}
    first, at_start = rebuilt(early, plain), rebuilt(later, begun)
    now = Node(np.equal, letter("t"), 1)
    return {name: node if key(at_start[name], known) == key(first[name], known)
            else Node(np.where, now, early[name], node) for name, node in later.items()}


def without_flags(states: dict[str, Any], results: dict[str, Any]
                  ) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same without states that are one number at first and one from then on."""
    flags = {name: start if start == results[name] else Node(
        np.where, Node(np.equal, letter("t"), 1), start, results[name])
        for name, start in states.items()
        if not isinstance(start, Node) and not isinstance(results[name], Node)}

    def change(function, args):
        return flags.get(args[0], Node(None, *args)) if function is None else Node(
            function, *args)
    return ({n: x for n, x in states.items() if n not in flags},
            rebuilt({n: x for n, x in results.items() if n not in flags}, change))


def condition(node: Any, answer: bool) -> str:
    """What has been so in all runs, as text."""
    text, _ = written(simplified({"": node})[""], {})
    return text if answer else f"not {text}"


def try_on_points(target: Implementation, rule: Any, seen: list[tuple[Point, Any]]
                  ) -> None:
    """Raise Leak unless the rule gives at each point what the implementation gave there."""
    names = [*first_states(rule, np.ones(2), target.hyper)]
    for point, values in seen:
        states = [np.array(point[n]) if np.ndim(values[n]) else point[n][0] for n in names]
        with np.errstate(all="ignore"):
            out = step_of(rule, np.array(point["theta"]), np.array(point["g"]), *states,
                          t=point["t"], **{n: point[n] for n in target.hyper})
        for name, x in zip(["theta", *names], out):
            if not np.allclose(values[name], x, rtol=PRECISION, atol=PRECISION,
                               equal_nan=True):
                raise Leak(f"{target.name}: its formula gives {name} = {x} at {point}, "
                           f"where it gives {values[name]} itself")


def try_on_numbers(target: Implementation, rule: Any) -> None:
    """Raise Leak unless the rule does what the implementation does, step by step: at
    unrelated numbers, and for longer at the defaults."""
    for seed, steps in enumerate(TRIAL_STEPS):
        point = Point(1000 + seed, 1)
        settings = {n: point.number(n, default) if seed else default
                    for n, default in target.hyper.items()}
        rng = generator(seed)
        theta, gradients = rng.normal(size=ENTRIES), rng.normal(size=(steps, ENTRIES))
        parts = target.parameters if norms_of(rule) else lambda x: [x]
        given = settings | dict.fromkeys(norms_of(rule), 1.0)
        now = [(x, *first_states(rule, x, given).values()) for x in parts(theta)]
        ran = target.trajectory(settings, theta.copy(), gradients)
        for t, (g, came) in enumerate(zip(gradients, ran), 1):
            now = stepped(rule, [(x, g, *states) for (x, *states), g in zip(
                now, parts(g))], t, settings)
            for own, x in zip(parts(came), now):
                if not np.allclose(own, x[0], PRECISION, PRECISION, equal_nan=True):
                    raise Leak(f"{target.name}: its formula gives {x[0]} at step {t} of a "
                               f"run where it gives {own} itself; something was lost on "
                               "the way")
