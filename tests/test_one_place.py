"""A formula of a rule stands in one place: any spelling of it elsewhere is found.

Each formula of optim/rules.py is compared with every expression of both packages by what
the two compute, whatever their letters are called and however they are written: both are
evaluated at the same numbers, put for the letters in every order. So `m - (1 - b)*(m - g)`
is found as well as `g*(1 - b) + b*m`, and so is a formula written in several lines. What is
no arithmetic (another function's call, an attribute) counts as one letter. A formula too
small to be anybody's own, such as `1 - beta1**t`, is looked for in the rules' letters only.
"""
import ast
import itertools
import math
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

import optim
from optim import rules

ROOT = Path(optim.__file__).parents[1]
# What states or changes formulas on purpose, apart from the rules: papers as sums, proofs.
# The later rules and the dialects are rules too: test_dialects.py sees that none is
# another's second spelling.
INDEPENDENT = ("optim/rules.py", "optim/papers", "optim/derivations/", "optim/claims/",
               "optim/dialects/pytorch_rules.py", "optim/dialects/optax_rules.py",
               "optim/dialects/keras_rules.py", "optim/dialects/whole_parameters.py",
               "optim/dialects/survey.py", "optim/more_rules/")
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
    "minigrad/composites/samples.py": (
        "beta1 * m + (1 - beta1) * g", "a quantile between two entries"),
    "minigrad/proving/adjoints.py": (
        "theta - (mu * m + lr * g)", "linear in x: f(p x + q y) - p f(x) - q f(y)"),
    "optim/equivalence/ranges.py": (
        "beta1 * m + (1 - beta1) * g", "a letter between the ends of its interval")}


class NoArithmetic(Exception):
    """An expression that has no value at these numbers."""


def function_of(node):
    """The arithmetic function that a call calls, or None."""
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return None if node.keywords else FUNCTIONS.get(name)


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
        return [ast.unparse(node)]
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
            return numbers[ast.unparse(node)]
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
            right = Inline().visit(ast.parse(ast.unparse(right), mode="eval").body)
            yield from (node for node in ast.walk(right) if isinstance(node, TERMS))
            targets = getattr(line, "targets", [])
            if len(targets) == 1 and isinstance(targets[0], ast.Name) and size(right) < 40:
                known[targets[0].id] = right


def telling(node):
    """Whether it is enough to be looked for: sqrt(v + eps) is not, 1 - beta1**t is."""
    return len(letters(node)) > 1 and size(node) >= SMALL + isinstance(node, ast.Call)


def marks(node):
    """By what a formula is known: pairs (kind, values), the quick one before the sure."""
    count = len(letters(node))
    if telling(node):
        with suppress(NoArithmetic):
            yield "own letters", in_own_letters(node)
    if size(node) >= OWN - 1 and 1 < count <= len(NUMBERS):
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
                found["own letters", in_own_letters(node)] = ast.unparse(node)
            if size(node) >= OWN and len(letters(node)) <= len(NUMBERS):
                found["alike", alike(node)] = ast.unparse(node)
                found["any letters", fingerprint(node)] = ast.unparse(node)
    return found


def spelled_again(source):
    """[(line, expression, the formula of rules.py that it is)] in a source."""
    return [(node.lineno, ast.unparse(node), formulas()[mark])
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


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_formula_of_a_rule_is_spelled_a_second_time(path):
    innocent, _ = INNOCENT.get(path.relative_to(ROOT).as_posix(), ("", ""))
    found = spelled_again(path.read_text(encoding="utf-8"))
    assert not [each for each in found if each[2] != innocent]
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
