"""A rule run from its source on plain mpmath numbers, and whether two rules differ there.

A second opinion on the prover's verdicts: no SymPy, no NumPy, no prover. Every constant is
the decimal that stands in the source. What is not real (1/0, the root of a negative number)
is no value; it matters if it reaches the new parameter or a new state. Rules that agree
here agree at the points that were tried, and may differ at others.
"""
import ast
import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import mpmath

from optim.rules import LEGEND
from optim.signatures import Rule, anatomy

DIGITS, TOLERANCE = 60, mpmath.mpf("1e-40")     # rounding is far below, a difference above
POINTS, RUNS, STEPS = 200, 4, 5
NO_VALUE = mpmath.nan

Point = dict[str, Any]
Outcome = tuple | None
INTERVALS = {"real": (-5, 5), ">= 0": (0, 5), "> 0": (0, 5), "[0, 1)": (0, 1),
             "[0, 1]": (0, 1)}
EDGES = {"real": ("0", "1", "-1"), ">= 0": ("0", "1"), "> 0": ("1", "1e-3"),
         "[0, 1)": ("0", "0.5"), "[0, 1]": ("0", "0.5", "1"), "1, 2, ...": ("1", "2")}
INSIDE: dict[str, Callable[[Any], bool]] = {
    "real": lambda x: True, ">= 0": lambda x: x >= 0, "> 0": lambda x: x > 0,
    "[0, 1)": lambda x: 0 <= x < 1, "[0, 1]": lambda x: 0 <= x <= 1,
    "1, 2, ...": lambda x: x >= 1 and x == int(x)}


# ---------------------------------------------------------------------- what a source means
def real(x: Any) -> Any:
    return x if isinstance(x, mpmath.mpf) and mpmath.isfinite(x) else NO_VALUE


def power(a: Any, b: Any) -> Any:
    if mpmath.isnan(a) or mpmath.isnan(b) or (a == 0 and b < 0):
        return NO_VALUE
    return real(a**b)


def largest(a: Any, b: Any) -> Any:
    return NO_VALUE if mpmath.isnan(a) or mpmath.isnan(b) else max(a, b)


def at_least(a: Any, b: Any) -> Any:
    return NO_VALUE if mpmath.isnan(a) or mpmath.isnan(b) else mpmath.mpf(a >= b)


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """a or b, as the condition says; what is not chosen need not have a value."""
    return NO_VALUE if mpmath.isnan(condition) else a if condition else b


MEANING = {
    "number": mpmath.mpf, "power": power, "at_least": at_least,
    "divided": lambda a, b: NO_VALUE if b == 0 else a/b,
    "np": SimpleNamespace(
        sqrt=lambda x: real(mpmath.sqrt(x)), abs=abs, sign=mpmath.sign, where=chosen,
        maximum=largest, minimum=lambda a, b: -largest(-a, -b))}
OPERATORS = {ast.Pow: "power", ast.Div: "divided"}


class Calls(ast.NodeTransformer):
    """Constants, powers, quotients and a >= b become calls of what MEANING says."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) not in (int, float):
            return node
        return call("number", ast.Constant(str(node.value)))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        word = OPERATORS.get(type(node.op))
        return call(word, node.left, node.right) if word else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if [*map(type, node.ops)] != [ast.GtE]:
            raise ValueError(f"came {ast.unparse(node)}; of comparisons only a >= b has a "
                             "meaning on plain numbers")
        self.generic_visit(node)
        return call("at_least", node.left, *node.comparators)


def call(word: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(word, ast.Load()), [*arguments], [])


def on_plain_numbers(source: str) -> Rule:
    """The last function of the source, as one of mpmath numbers."""
    tree = Calls().visit(ast.parse(source))
    scope: dict[str, Any] = {**MEANING}
    exec(compile(ast.fix_missing_locations(tree), "a rule", "exec"), scope)
    return scope[tree.body[-1].name]


# -------------------------------------------------------------------- whether rules differ
def step(rule: Rule, point: Point) -> Outcome:
    """theta and the states after one step from a point; None if one has no value."""
    states, hyperparameters = anatomy(rule)
    with mpmath.workdps(DIGITS):
        after = rule(point["theta"], point["g"], *(point[s] for s in states),
                     t=point["t"], **{h: point[h] for h in hyperparameters})
    after = after if isinstance(after, tuple) else (after,)
    return None if any(map(mpmath.isnan, after)) else after


def apart(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes differ: in a value, or in that only one of them is there."""
    if one is None or other is None:
        return one is not other
    with mpmath.workdps(DIGITS):
        return any(abs(a - b) > TOLERANCE*max(1, abs(a), abs(b))
                   for a, b in zip(one, other, strict=True))


def differing_point(one: Rule, other: Rule, seed: int = 0) -> Point | None:
    """A point where one step of the two differs, or from where runs part; else None.

    Each pair of rules is tried at many points of the domain, whatever the prover said, and
    on runs of some steps from the rules' own first states.
    """
    rng, letters = random.Random(seed), [*inspect.signature(one).parameters]
    for _ in range(POINTS):
        point = some_point(rng, letters)
        if apart(step(one, point), step(other, point)):
            return point
    for _ in range(RUNS):
        point = some_point(rng, letters)
        gradients = [some_point(rng, ["g"])["g"] for _ in range(STEPS)]
        runs = (run(rule, point, gradients) for rule in (one, other))
        if any(apart(*outcomes) for outcomes in zip(*runs, strict=True)):
            return point
    return None


def some_point(rng: random.Random, letters: Sequence[str]) -> Point:
    """A point of the domain; often at an edge of it, and often with two letters equal."""
    point: Point = {}
    for letter in letters:
        domain = LEGEND[letter].domain
        known = [x for x in point.values() if INSIDE[domain](x)]
        lot = rng.random()
        if lot < 0.3:
            point[letter] = mpmath.mpf(rng.choice(EDGES[domain]))
        elif lot < 0.45 and known:
            point[letter] = rng.choice(known)
        elif domain == "1, 2, ...":
            point[letter] = mpmath.mpf(rng.randint(1, 30))
        else:
            point[letter] = mpmath.mpf(rng.uniform(*INTERVALS[domain]))
    return point


def run(rule: Rule, point: Point, gradients: Sequence) -> Iterator[Outcome]:
    """theta and the states at a rule's start and after each gradient."""
    states = first_states(rule, point["theta"])
    here: Outcome = (point["theta"], *states.values())
    yield here
    for t, g in enumerate(gradients, 1):
        if here is not None:
            now = dict(zip(("theta", *states), here)) | {"g": g, "t": mpmath.mpf(t)}
            here = step(rule, point | now)
        yield here


def first_states(rule: Rule, theta: Any) -> Point:
    return {name: start(theta) if callable(start) else mpmath.mpf(start)
            for name, start in anatomy(rule)[0].items()}
