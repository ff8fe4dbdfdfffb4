"""A formula of a rule stands in one place: any spelling of it elsewhere is found.

Each formula of optim/rules.py is compared with every expression of both packages by what
the two compute, whatever their letters are called and however they are written: both are
evaluated at the same numbers, put for the letters in every order. So `m - (1 - b)*(m - g)`
is found as well as `g*(1 - b) + b*m`, and so is a formula written in several lines. What is
no arithmetic (another function's call, an attribute) counts as one letter. A formula too
small to be anybody's own, such as `1 - beta1**t`, is looked for in the rules' letters only.

Rules share lines with one another, as `m = beta1*m + (1 - beta1)*g`. So of those of the
papers and of the dialects each is compared as a whole with every other, whatever its
letters are called: of rules that compute the same, all but one are a call of another.
"""
import ast
import inspect
import itertools
import math
import random
import re
import textwrap
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import optim
from optim import rules
from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.optimizers.signatures import anatomy, step_of

from .cases import each

ROOT = Path(optim.__file__).parents[1]
# What states or changes formulas on purpose, apart from the rules: papers as sums, proofs,
# and what the museum shows as it stood in print.
# The later rules and the dialects are rules too, which are compared as wholes.
INDEPENDENT = ("optim/rules.py", "optim/papers", "optim/derivations/", "optim/claims/",
               "optim/dialects/pytorch_rules.py", "optim/dialects/optax_rules.py",
               "optim/dialects/keras_rules.py", "optim/dialects/whole_parameters.py",
               "optim/dialects/survey.py", "optim/more_rules/", "optim/museum/",
               "optim/distributed/revisions.py")
TERMS = (ast.BinOp, ast.Call)
OPERATIONS = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a*b,
    ast.Div: lambda a, b: a/b, ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a, ast.UAdd: lambda a: a}
FUNCTIONS = {"sqrt": math.sqrt, "abs": abs, "exp": math.exp, "log": math.log,
             "sign": lambda x: math.copysign(1, x), "maximum": max, "max": max,
             "minimum": min, "min": min}
NUMBERS = (0.31, 0.83, 0.47, 0.59, 0.71, 0.23)      # for letters; more letters: no formula
ALIKE = (0.37, 0.61)                                # one number for all letters
OWN, SMALL = 4, 2               # operations: of a formula in any letters; in the rules' own

# {file: (formula, what it is there)}: the same arithmetic for another reason.
INNOCENT = {
    "minigrad/nn/averaging.py": (
        "beta1 * m + (1 - beta1) * g", "an average of parameters, not of gradients"),
    "minigrad/nn/classification.py": (
        "beta1 * m + (1 - beta1) * g", "two losses, weighted by a target in [0, 1]"),
    "minigrad/nn/recurrence.py": (
        "beta1 * m + (1 - beta1) * g", "a gate between the old state and the new"),
    "minigrad/composites/samples.py": (
        "beta1 * m + (1 - beta1) * g", "a quantile between two entries"),
    "minigrad/nn/batch_normalization.py": (
        "beta1 * m + (1 - beta1) * g", "running moments, by PyTorch's momentum"),
    "minigrad/proving/adjoints.py": (
        "theta - (mu * m + lr * g)", "linear in x: f(p x + q y) - p f(x) - q f(y)"),
    "optim/distributed/exchanges.py": (
        "beta1 * m + (1 - beta1) * g", "a replica and a center, pulled to each other"),
    "optim/equivalence/ranges.py": (
        "beta1 * m + (1 - beta1) * g", "a letter between the ends of its interval"),
    "optim/transforms/of_points.py": (
        "beta1 * m + (1 - beta1) * g", "averages of points, not of gradients")}


class NoArithmetic(Exception):
    """An expression that has no value at these numbers."""


def function_of(node):
    """The arithmetic function that a call calls, or None."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return None if node.keywords else FUNCTIONS.get(name)


def spelled(node):
    """The text of an expression, or what it consists of where Python has no text for it."""
    try:
        return ast.unparse(node)
    except ValueError:                      # a backslash in an f-string: Python 3.12 can
        return ast.dump(node)


def letters(node):
    """The letters of an expression, in order; what is no arithmetic is one letter.

    `beta1`, `self.beta1` and `at["beta1"]` are the letters of these texts.
    """
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return []
    if isinstance(node, (ast.BinOp, ast.UnaryOp)) and type(node.op) in OPERATIONS:
        parts = ([node.left, node.right] if isinstance(node, ast.BinOp)
                 else [node.operand])
    elif isinstance(node, ast.Call) and function_of(node):
        parts = node.args
    else:
        return [spelled(node)]
    return list(dict.fromkeys(x for part in parts for x in letters(part)))


def size(node):
    """How many operations an expression has."""
    if isinstance(node, ast.Call) and not function_of(node):
        return 0
    return isinstance(node, (ast.BinOp, ast.Call)) + sum(
        map(size, ast.iter_child_nodes(node)))


def value(node, numbers):
    """The value of an expression at {letter: number}."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    try:
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
            found = OPERATIONS[type(node.op)](value(node.left, numbers),
                                              value(node.right, numbers))
        elif isinstance(node, ast.UnaryOp) and type(node.op) in OPERATIONS:
            found = OPERATIONS[type(node.op)](value(node.operand, numbers))
        elif isinstance(node, ast.Call) and function_of(node):
            found = function_of(node)(*(value(part, numbers) for part in node.args))
        else:
            return numbers[spelled(node)]
    except (ZeroDivisionError, OverflowError, ValueError, TypeError) as error:
        raise NoArithmetic from error
    if isinstance(found, complex) or not math.isfinite(found):
        raise NoArithmetic
    return found


def alike(node):
    """(number of letters, values where all letters are one number): quick, and telling."""
    names = letters(node)
    return len(names), *(f"{value(node, dict.fromkeys(names, x)):.9g}" for x in ALIKE)


def fingerprint(node):
    """The values at all orders of the numbers: the same for each spelling of a formula."""
    names = letters(node)
    return tuple(sorted(f"{value(node, dict(zip(names, order))):.9g}"
                        for order in itertools.permutations(NUMBERS[:len(names)])))


def in_own_letters(node):
    """The value where each letter has a number of its own, made of its name."""
    names = {x: (re.findall(r"\w+", x) or [""])[-1] for x in letters(node)}
    if len(names) != len(set(names.values())) or not set(names.values()) <= set(LETTERS):
        raise NoArithmetic
    return f"{value(node, {x: LETTERS[name] for x, name in names.items()}):.12g}"


LETTERS = {name: 0.1 + 0.8*math.modf((k + 1)*math.sqrt(2))[0]
           for k, name in enumerate(sorted(rules.LEGEND))}


def expressions(tree):
    """Every expression, as it is written and with what its names were assigned before."""
    for node in ast.walk(tree):
        if isinstance(node, TERMS):
            yield node
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            yield from inlined(node)


def inlined(function):
    """The expressions of a function, each name replaced by what was assigned to it."""
    known = {}

    class Inline(ast.NodeTransformer):
        def visit_Name(self, node):
            return known.get(node.id, node)

    for line in function.body if isinstance(function.body, list) else []:
        right = getattr(line, "value", None)
        if isinstance(line, (ast.Assign, ast.Return)) and right is not None:
            if any(getattr(node, "id", None) in known for node in ast.walk(right)):
                right = Inline().visit(ast.parse(ast.unparse(right), mode="eval").body)
                yield from (node for node in ast.walk(right) if isinstance(node, TERMS))
            targets = getattr(line, "targets", [])
            if len(targets) == 1 and isinstance(targets[0], ast.Name) and size(right) < 40:
                known[targets[0].id] = right


def telling(node):
    """Whether it is enough to be looked for: sqrt(v + eps) is not, 1 - beta1**t is."""
    return size(node) >= SMALL + isinstance(node, ast.Call) and len(letters(node)) > 1


def marks(node):
    """By what a formula is known: pairs (kind, values), the quick one before the sure."""
    if telling(node):
        with suppress(NoArithmetic):
            yield "own letters", in_own_letters(node)
    if size(node) >= OWN - 1 and 1 < len(letters(node)) <= len(NUMBERS):
        with suppress(NoArithmetic):
            if ("alike", alike(node)) in formulas():
                yield "any letters", fingerprint(node)


@cache
def formulas():
    """{mark: source} of the formulas in rules.py."""
    found = {}
    for node in ast.walk(ast.parse(Path(rules.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, TERMS) and telling(node):
            with suppress(NoArithmetic):
                found["own letters", in_own_letters(node)] = spelled(node)
            if size(node) >= OWN and len(letters(node)) <= len(NUMBERS):
                found["alike", alike(node)] = spelled(node)
                found["any letters", fingerprint(node)] = spelled(node)
    return found


def spelled_again(source):
    """[(line, expression, the formula of rules.py that it is)] in a source."""
    return [(node.lineno, spelled(node), formulas()[mark])
            for node in expressions(ast.parse(source)) for mark in marks(node)
            if mark in formulas()]


SOURCES = [path for folder in ("minigrad", "optim")
           for path in sorted((ROOT/folder).rglob("*.py"))
           if not path.relative_to(ROOT).as_posix().startswith(INDEPENDENT)]


def test_the_formulas_are_those_of_the_rules():
    for needed in ("rho*v + (1 - rho)*g**2", "beta1*m + (1 - beta1)*g", "1 - beta1**t",
                   "theta - lr*m_hat/(np.sqrt(v_hat) + eps)", "theta - lr*g",
                   "np.maximum(beta2*v, np.abs(g))", "mu*m + lr*g"):
        assert spelled_again(needed), needed
    assert len(set(formulas().values())) > 20


@each("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_formula_of_a_rule_is_spelled_a_second_time(path):
    innocent, _ = INNOCENT.get(path.relative_to(ROOT).as_posix(), ("", ""))
    found = spelled_again(path.read_text(encoding="utf-8"))
    assert not [place for place in found if place[2] != innocent]
    assert found or not innocent, f"{path.name} spells it no more: take it off the list"


def test_the_list_of_innocent_files_names_files():
    assert all((ROOT/name).exists() for name in INNOCENT)


RESPELLED = [
    "def f(m, g, beta1):\n    return g*(1 - beta1) + m*beta1",
    "def f(a, b, c):\n    return a - (1 - c)*(a - b)",
    "def f(v, g, rho):\n    return (1 - rho)*(g*g) + rho*v",
    "def f(v, g, rho):\n    kept = rho*v\n    new = (1 - rho)*g**2\n    return kept + new",
    "def f(self, g):\n    return self.v + (1 - self.rho)*(g[0]**2 - self.v)",
    "def f(theta, g, m, v):\n    return theta - (m*lr)/(eps + np.sqrt(v))",
    "def f(theta, g, m, v):\n    return -m*lr/(v**0.5 + eps) + theta",
    "corrected = m/(1 - self.beta1**t)", "share = 1 - 1/at['beta2']**(-at['t'])",
    "step = -(lr*g) + theta", "largest = max(abs(g), v*beta2)",
    "def f(v_delta, v, g, eps):\n    return g*(v_delta + eps)**0.5/np.sqrt(eps + v)"]


@pytest.mark.parametrize("source", RESPELLED)
def test_a_planted_respelling_is_found(source):
    assert spelled_again(source)


def test_what_is_another_formula_is_not_taken_for_one():
    for source in ("a + (1 - c)*b", "a*b + c*d", "x**2 + 10*y**2", "c*a + (1 + c)*b",
                   "theta - lr*g/np.sqrt(v + eps)", "a*v + (1 - b)*g**2"):
        assert not spelled_again(source), source


# ------------------------------------------------------------- rules of papers and dialects
WHOLE = {name: rule for rule, name in {
    rule: f"{module.__name__.rpartition('.')[2]} {name}"
    for module in (survey, optax_rules, keras_rules, pytorch_rules, rules)
    for name, rule in module.RULES.items()}.items()}
HERE = ({"theta": 0.53, "g": -0.79, "t": 1}, {"theta": -0.36, "g": 0.67, "t": 3})
POINTS = 6


def stepped(rule, at):
    """The step of a rule at {letter: number}: of theta, then of each state, by its name."""
    states, hyperparameters = anatomy(rule)
    at = {letter: np.float64(x) for letter, x in at.items()}
    with np.errstate(all="ignore"):
        after = step_of(rule, at["theta"], at["g"], *(at[s] for s in states),
                        t=int(at["t"]), **{h: at.get(h, 1) for h in hyperparameters})
    return {name: f"{x + 0:.9g}" for name, x in zip(("theta", *states), after)}


def definition(rule):
    """The syntax tree of a rule."""
    return ast.parse(textwrap.dedent(inspect.getsource(rule))).body[0]


def letters_of(rule):
    """Its states, and the hyperparameters that are not for the start of a state alone."""
    states, hyperparameters = anatomy(rule)
    used = {node.id for line in definition(rule).body for node in ast.walk(line)
            if isinstance(node, ast.Name)}
    unused = {*rule.__code__.co_varnames} - used
    return [*states, *(h for h in hyperparameters if h not in unused)]


def parts(rule):
    """{letter: what is seen of it in a step in which all others are one number}."""
    states, names = anatomy(rule)[0], letters_of(rule)

    def part(name):
        for here, alike in itertools.product(HERE, ALIKE):
            after = stepped(rule, dict.fromkeys(names, alike) | {name: 0.29} | here)
            yield after["theta"], after.get(name), *sorted(after.values())
    return {name: (name in states, *part(name)) for name in names}


def same(rule, other):
    """Whether two rules with the same parts are one, in some order of their letters.

    A guard against 0/0, which acts where all is 0, makes another rule.
    """
    ours, theirs = ({part: [n for n in found if found[n] == part]
                     for part in sorted(set(found.values()), key=str)}
                    for found in map(parts, (rule, other)))
    rng, names = random.Random(0), [n for group in ours.values() for n in group]
    points = [{n: rng.uniform(0.1, 0.9) for n in names} | {
        "theta": rng.uniform(-1, 1), "g": rng.uniform(-1, 1), "t": rng.randint(1, 4)}
        for _ in range(POINTS)] + [dict.fromkeys(names, 0) | {"theta": 1, "g": 0, "t": 1}]

    def is_it(order):
        called = dict(zip((n for group in order for n in group), names))
        called |= {n: n for n in HERE[0]}
        return all(stepped(rule, at) == {called[n]: x for n, x in stepped(
            other, {n: at[ours] for n, ours in called.items()}).items()} for at in points)
    return any(map(is_it, itertools.product(*map(itertools.permutations, theirs.values()))))


def calls(rule, others):
    """Whether a rule only returns what one of the others does."""
    last = definition(rule).body[-1]
    if not isinstance(last.value, ast.Call):
        return False
    *module, name = ast.unparse(last.value.func).split(".")
    scope = vars(rule.__globals__[module[0]]) if module else rule.__globals__
    return scope.get(name) in others


def spelled_twice(named):
    """[names of rules that compute the same, and are not written as one of the others]."""
    alike = {}
    for name, rule in named.items():
        groups = alike.setdefault(tuple(sorted(map(str, parts(rule).values()))), [])
        group = next((g for g in groups if same(named[g[0]], rule)), None)
        groups.append([name]) if group is None else group.append(name)
    own = [[n for n in g if not calls(named[n], [named[m] for m in g if m != n])]
           for groups in alike.values() for g in groups]
    return [g for g in own if len(g) > 1]


def test_no_rule_of_a_paper_or_a_dialect_is_spelled_a_second_time():
    assert len(WHOLE) > 80
    assert not spelled_twice(WHOLE)


def adam_of_other_letters(theta, g, a, b, *, t, c=0, d=1, e=1, f=1):
    grown = np.square(g)*(1 - d) + a*d
    kept = b - (1 - c)*(b - g)
    return -f*kept/(1 - c**t)/(e + (grown/(1 - d**t))**0.5) + theta, grown, kept


def rprop_of_other_letters(theta, g, old, h, *, t, u, w, low, high):
    factor = np.where(g*old < 0, w, np.where(old*g > 0, u, 1))
    h = np.minimum(np.maximum(low, factor*h), high)
    g = np.where(old*g >= 0, g, 0)
    return theta - h*np.sign(g), g, h


def decayed(theta, g, *, t, rate, share):
    return rules.gradient_descent(theta*(1 - share*rate), g, t=t, lr=rate)


@pytest.mark.parametrize("rule, name", [
    (adam_of_other_letters, "rules adam"), (rprop_of_other_letters, "pytorch_rules rprop"),
    (decayed, "pytorch_rules sgd")])
def test_a_planted_second_rule_is_found_whatever_its_letters_are(rule, name):
    found = spelled_twice(WHOLE | {"planted": rule})
    assert [sorted(g) for g in found] == [sorted(["planted", name])]


def test_a_rule_that_calls_the_other_is_no_second_one_and_neither_is_one_that_differs():
    def called(theta, g, v, *, t, lr, rho, eps):
        return rules.rmsprop(theta, g, v, t=t, lr=lr, rho=rho, eps=eps)

    def shifted(theta, g, v, *, t, lr, rho, eps):
        v = rho*v + (1 - rho)*g**2
        return theta - lr*g/np.sqrt(v + eps**2), v
    assert not spelled_twice(WHOLE | {"called": called, "shifted": shifted})
