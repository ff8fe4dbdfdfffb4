"""From runs to a rule, and from it to a formula that the runs' own numbers have checked."""
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from minigrad.randomness import generator
from optim.domains import DOMAINS
from optim.formulas import Formula, formula
from optim.formulas.rule_formulas import legend_domain
from optim.lifting.graph import Node, Question, folded, key, letter, letters_of, rebuilt
from optim.lifting.unrelated_points import Point, points
from optim.lifting.rule_source import compiled, rule_source, written
from optim.lifting.joined_runs import Leak, Run, joined
from optim.optimizers.signatures import first_states, step_of

TRIAL_STEPS = 12
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


class Implementation(Protocol):
    """What a source of implementations has to tell."""
    name: str
    hyper: dict[str, float]             # the letters of its arguments, with their defaults

    def observed(self, point: Point) -> Observed:
        """What it does at a point."""

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        """theta after each step of a plain run, in which nothing is remembered."""


def assembled(target: Implementation) -> Formula:
    """The formula of an implementation.

    Raises Leak where a number was lost on the way, so that the formula would not be its
    own; NotImplementedError where it does what is not understood.
    """
    seen = [target.observed(point) for point in points()]
    later = joined(target.name, [s.later for s in seen])
    states = {name: start_of(seen[0].starts.get(name), target.hyper)
              for name in later.results if name != "theta"}
    results = later.results
    if seen[0].early is not None:
        early = joined(target.name, [s.early for s in seen if s.early])
        results = with_first_step(early.results, early.alike, results, states)
    states, results = without_flags(states, results)
    source = rule_source(target.name, states, target.hyper, results)
    rule = compiled(target.name, source)
    try_on_numbers(target, rule)
    return replace(formula(rule), path=tuple(
        condition(q) for q in later.alike if not implied(q)))


def start_of(start: Any, hyper: Mapping[str, float]) -> Any:
    """Where a state starts, if made of theta, hyperparameters and numbers; else 0."""
    return 0 if start is None or letters_of(start) - {"theta", *hyper} else start


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


def implied(question: Question) -> bool:
    """Whether the answer holds wherever the letter of the question lies."""
    a, b = question.node.args
    if not isinstance(a, Node) or a.function is not None or isinstance(b, Node):
        return False
    domain = DOMAINS[legend_domain(a.args[0]) or "real"]
    holds: dict[Any, str] = {(np.greater, True): ">", (np.greater_equal, True): ">=",
             (np.less, False): ">=", (np.less_equal, False): ">",
             (np.less, True): "<", (np.less_equal, True): "<=",
             (np.greater, False): "<=", (np.greater_equal, False): "<"}
    relation = holds.get((question.node.function, question.answer))
    return any(relation is not None and (relation == r or relation == r + "=")
               and (end >= b if r[0] == ">" else end <= b) for r, end in domain.ends)


def condition(question: Question) -> str:
    """What has been so in all runs, as text."""
    text, _ = written(question.node, {})
    return text if question.answer else f"not {text}"


def try_on_numbers(target: Implementation, rule: Any) -> None:
    """Raise Leak unless the rule does what the implementation does, step by step."""
    for seed in range(2):
        point = Point(1000 + seed, 1)
        settings = {n: point.number(n, default) for n, default in target.hyper.items()}
        rng = generator(seed)
        theta, gradients = rng.normal(size=2), rng.normal(size=(TRIAL_STEPS, 2))
        states = [*first_states(rule, theta, settings).values()]
        ran = target.trajectory(settings, theta.copy(), gradients)
        for t, (g, came) in enumerate(zip(gradients, ran), 1):
            with np.errstate(all="ignore"):
                theta, *states = step_of(rule, theta, g, *states, t=t, **settings)
            if not np.allclose(came, theta, rtol=PRECISION, atol=PRECISION):
                raise Leak(f"{target.name}: its formula gives {theta} at step {t} of a run "
                           f"where it gives {came} itself; something was lost on the way")
