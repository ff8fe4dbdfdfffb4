"""Formulas and rules as lists of operations: what is recorded is what was written and run.

Values are exact fractions, or known to 60 digits; the latter may differ by the share NEAR
of sixty_digits.py, which is what rounding makes of the floats in a rule.
"""
import copy
import random
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import optim
import optim.transforms as tf
from optim.certificates import readings, write
from optim.certificates.companion import alike, disagreement, drawn
from optim.certificates.evaluation import evaluate
from optim.certificates.operation_lists import Operations, Unwritable, of_formula
from optim.certificates.recorded_rules import recorded
from optim.certificates.rule_readings import reading_fault
from optim.certificates.sixty_digits import Sixty, Unsure
from optim.commands import cli
from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.domains import declare
from optim.formulas import formula
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined
from optim.proving.needs import START, Defined, Nonnegative, Nonzero, Power

RULES = {f"{module.__name__.split('.')[-1]}:{name}": rule
         for module in (optim.rules, pytorch_rules, keras_rules, optax_rules, survey)
         for name, rule in module.RULES.items()} | {
    f"{t.body.__name__}:momentum": t("momentum") for t in (
        tf.maximize(), tf.coupled_weight_decay(0.01), tf.clip_by_value(0.5),
        tf.clip_by_norm(0.5), tf.gradient_noise(0.01), tf.sam(0.01), tf.accumulate(2),
        tf.weight_decay(0.01), tf.lookahead(2, 0.5), tf.ema(0.9), tf.polyak())}
MUTANTS = 2                     # of each rule
x, y, k = declare("x", "real"), declare("y", "real"), declare("k", "1, 2, ...")
half = sp.Rational(1, 2)


def letters(name):
    """The domains of a rule's letters, and points in them."""
    domains = {s.name: d for s, d in formula(RULES[name]).domains.items()}
    rng = random.Random(name)
    return domains, [{n: drawn(d, rng, edges) for n, d in domains.items()}
                     for edges in (False, False, True)*2]


def written(e, known=None):
    operations = Operations()
    return operations.used(of_formula(e, operations, known))[0]


def value(e, known=None, **point):
    operations = Operations()
    found = evaluate(operations.listed, of_formula(e, operations, known), point)
    return found if found is None else found.value


# ------------------------------------------------------------------------ rules, recorded
@pytest.mark.parametrize("name", RULES)
def test_what_is_recorded_of_a_rule_is_its_formula(name):
    f, operations, (_, points) = formula(RULES[name]), Operations(), letters(name)
    places = recorded(RULES[name], operations)
    compared = 0
    for side, expressions, mark in (("update", f.update, ""), ("init", f.init, START)):
        assert places[side].keys() == expressions.keys()
        for n, e in expressions.items():
            whole = e + sp.Add(*f.needs.get(n + mark, ()))
            read = of_formula(whole, operations)
            for point in points:
                try:
                    a, b = (evaluate(operations.listed, i, point)
                            for i in (places[side][n], read))
                except Unsure:
                    continue
                assert alike(a, b), (n, point, a, b)
                compared += 1
                if b is None or b.exact:                # as the prover reads the formula
                    at = {f.symbols[m]: p for m, p in point.items()}
                    try:
                        c = Evaluator(at)(whole)
                    except Undefined:
                        c = None
                    assert not isinstance(c, Fraction | None) or c == (b and b.value)
    assert compared > 3


@pytest.mark.parametrize("name", RULES)
def test_the_rule_itself_in_fractions_computes_what_is_recorded(name):
    operations = Operations()
    places = recorded(RULES[name], operations)
    assert not disagreement(RULES[name], operations, places, letters(name)[0])


OTHER = {"add": "subtract", "subtract": "add", "multiply": "divide", "divide": "multiply",
         "maximum": "minimum", "minimum": "maximum", "less": "less_equal",
         "less_equal": "greater", "greater": "greater_equal", "greater_equal": "less",
         "equal": "not_equal", "not_equal": "equal", "sqrt": "absolute", "and": "or",
         "absolute": "negative", "sign": "absolute", "power": "multiply", "or": "and"}


def mutants(operations, places):
    """The same operations with one of them changed: another, another number or letter."""
    for i in sorted(operations.needed(*places)):
        name, *arguments = operations.listed[i]
        others = [[OTHER[name], *arguments]] if name in OTHER else []
        if name == "number":
            n = Fraction(*arguments)
            others = [[name, str(m)] for m in (n + 1, n*Fraction(1001, 1000), -n)]
        if name == "letter":
            others = [e for e in operations.listed if e[0] == "letter"]
        if len(arguments) == 2:
            others.append([name, *arguments[::-1]])
        if name == "where":
            others.append([name, arguments[0], *arguments[:0:-1]])
        for other in others:
            changed = copy.copy(operations)
            changed.listed = [*operations.listed]
            changed.listed[i] = other
            if other != operations.listed[i]:
                yield changed


def differs(a, b, places, points):
    """Whether two lists of operations are seen to be different at one of the points."""
    for point in points:
        try:
            if not all(alike(evaluate(a, i, point), evaluate(b, i, point)) for i in places):
                return True
        except (Unsure, TypeError):                     # a condition is no number
            continue
    return False


def test_every_change_of_an_operation_that_alters_a_value_is_noticed():
    rng, noticed = random.Random(18), 0
    for name, rule in RULES.items():
        operations, (domains, _) = Operations(), letters(name)
        named = recorded(rule, operations)
        places = [i for side in named.values() for i in side.values()]
        points = [{n: drawn(d, rng, i % 4 == 0) for n, d in domains.items()}
                  for i in range(40)]
        for changed in rng.sample([*mutants(operations, places)], MUTANTS):
            if differs(operations.listed, changed.listed, places, points):
                assert disagreement(rule, changed, named, domains), name
                noticed += 1
    assert noticed > 3*len(RULES)/2


def test_a_rule_that_counts_its_entries_is_noticed_on_two():
    def centred(theta, g, *, t, lr=1):
        return theta - lr*(g - np.mean(g))
    operations = Operations()
    places = recorded(centred, operations)
    domains = {"theta": "real", "g": "real", "t": "1, 2, ...", "lr": "> 0"}
    assert "of 2 entries" in disagreement(centred, operations, places, domains)


# --------------------------------------------------------------------- what rules may do
REAL = {"theta": "real", "g": "real", "t": "1, 2, ..."}


@pytest.mark.parametrize("step, g, expected", [
    (lambda g: (1 - 0.9)*g, 3, "3/10"),
    (lambda g: g/3 + 0.1 + 0.2, 1, "19/30"),
    (lambda g: np.clip(g, -1, 0.5), 3, "1/2"),
    (lambda g: np.where((g > 1) & ~(g > 2), g, 0), "3/2", "3/2"),
    (lambda g: (g > 1) + (g > 0), 3, 1),                # of truths it is or
    (lambda g: 1*(g > 1) + (g > 0), 3, 2),
    (lambda g: (g > 1)*g - (g > 2), 3, 2),
    (lambda g: np.where(g, 5, 6), 0, 6),
    (lambda g: np.round(g), "5/2", 2),
    (lambda g: np.hypot(3*g, 4), 1, 5),
    (lambda g: np.square(g) % 4, 3, 1),
    (lambda g: np.stack([g, 0*g + 7]).max(axis=0), 9, 9),
    (lambda g: np.concatenate([g, g])[:len(g)].reshape(-1), 9, 9),
    (lambda g: np.zeros_like(g) + np.abs(-g)**0.5, 9, 3),
    (lambda g: np.maximum(g, np.array([2.5])), 1, "5/2"),
    (lambda g: np.cbrt(g), -8, -2),
    (lambda g: g.astype(int), "-5/2", -2),
    (lambda g: np.where((g > 0) ^ (g > 5), 1, 2), 3, 1),
    (lambda g: np.exp(0.5*np.log(g**2 + 1/16)), 0, "1/4"),
    (lambda g: by_entry(g), 3, 6),
    (lambda g: (g > 0).astype(float) + (g > 1).astype(np.float32), 3, 2),
    (lambda g: 7 % (g**2 + 1) + 7 // (g**2 + 1), 2, 3),
])
def test_what_a_step_does_is_recorded(step, g, expected):
    def rule(theta, g, *, t):
        return theta + step(g)
    operations = Operations()
    places = recorded(rule, operations)
    assert not disagreement(rule, operations, places, REAL)
    point = {"theta": 0, "t": 1, "g": Fraction(g)}
    found = evaluate(operations.listed, places["update"]["theta"], point)
    assert alike(found, Sixty(Fraction(expected)))


draws = np.random.default_rng(0)


def by_entry(g):
    new = np.zeros_like(g)
    for i in range(len(g)):
        new[i] = 2*g[i]
    return new


@pytest.mark.parametrize("step", [
    lambda g: g if g > 0 else -g, lambda g: float(g), lambda g: np.fmax(np.sqrt(g), 1),
    lambda g: np.nan_to_num(g), lambda g: g + np.inf, lambda g: np.linalg.norm(g),
    lambda g: g + draws.normal(), lambda g: np.sort(g)],
    ids="if float fmax nan inf norm random sort".split())
def test_what_is_no_operation_is_refused(step):
    def rule(theta, g, *, t):
        return theta + step(g)
    try:
        operations = Operations()
        places = recorded(rule, operations)
    except Unwritable as error:
        assert "rule is not recorded" in str(error)
    else:                                               # a number that changes: noticed
        assert disagreement(rule, operations, places, REAL)


def test_a_rule_of_whole_parameters_is_refused():
    with pytest.raises(Unwritable, match="looks at a whole parameter"):
        recorded(optim.rules.lamb, Operations())


def test_what_stands_for_a_letter_is_recorded_in_its_place():
    def rule(theta, g, m=lambda theta, eps: theta + eps, *, t, eps=1e-8):
        return theta - g/eps, m
    operations = Operations()
    meant = {"eps": of_formula(declare("eps", "> 0")**2, operations)}
    places = recorded(rule, operations, meant)
    point = {"theta": 1, "g": 8, "m": 0, "eps": 2}
    assert evaluate(operations.listed, places["update"]["theta"], point) == -1
    assert evaluate(operations.listed, places["init"]["m"], point) == 5
    domains = {"theta": "real", "g": "real", "m": "real", "t": "1, 2, ...", "eps": "> 0"}
    assert not disagreement(rule, operations, places, domains, meant)
    assert disagreement(rule, operations, places, domains)


# ----------------------------------------------------------------------------- formulas
@pytest.mark.parametrize("e, expected", [
    (x**-1, [["number", "1"], ["letter", "x"], ["divide", 0, 1]]),
    (x**half, [["letter", "x"], ["sqrt", 0]]),
    (Power(x*y, half), [["letter", "x"], ["letter", "y"], ["multiply", 0, 1], ["sqrt", 2]]),
    (sp.Float("0.3")*x, [["number", "3/10"], ["letter", "x"], ["multiply", 0, 1]]),
    (sp.exp(x), [["letter", "x"], ["exp", 0]]),
    (sp.E + x, [["number", "1"], ["exp", 0], ["letter", "x"], ["add", 1, 2]]),
    (sp.Function("G", real=True)(x), [["letter", "x"], ["call", "G", 0]]),
    (sp.IndexedBase("g", real=True)[k], [["letter", "k"], ["call", "g", 0]]),
    (Nonnegative(x), [["letter", "x"], ["nonnegative", 0]]),
    (sp.Sum(x**k, (k, 1, 3)), [["letter", "x"], ["letter", "k"], ["power", 0, 1],
                               ["number", "1"], ["number", "3"], ["sum", "k", 3, 4, 2]]),
    (sp.Piecewise((x, x > y)), [["none"], ["letter", "x"], ["letter", "y"],
                                ["greater", 1, 2], ["where", 3, 1, 0]]),
    (sp.I*sp.sqrt(declare("v", ">= 0")), [["number", "0"], ["letter", "v"], ["sqrt", 1],
                                          ["equal", 2, 0], ["none"], ["where", 3, 0, 4]]),
], ids=str)
def test_a_formula_is_written_as_it_stands(e, expected):
    assert written(e) == expected


@pytest.mark.parametrize("e, why", [
    (x + sp.oo*sp.Dummy(real=True), "no operation"), (sp.pi*x, "no operation"),
    (declare("x", "> 0") + x, "two letters"),
    (sp.Function("G", positive=True)(x), "is_positive"), (sp.Function("G")(x).diff(x),
     "no operation"), (sp.I*x*y, "of which root"),
], ids="infinity pi domains positive derivative imaginary".split())
def test_what_has_no_operation_says_why(e, why):
    with pytest.raises(Unwritable, match=why):
        written(e)


def test_letters_that_stand_for_formulas_are_written_and_never_reckoned_with():
    inner = declare("u", "real")
    known = {inner: 1 + 1/x}
    assert value(1/inner, known, x=Fraction(1)) == half
    assert value(1/inner, known, x=Fraction(0)) is None
    with pytest.raises(Unwritable, match="letter of a known formula"):
        written(sp.Sum(inner*x, (x, 1, 3)), known)


def test_a_value_is_where_its_needs_are_met_and_its_branch_is_taken():
    assert value(x + Nonzero(1/x), x=2) == 2 and value(x + Nonzero(1/x), x=0) is None
    assert value(Defined(sp.log(x)), x=-1) is None
    e = sp.Piecewise((0, sp.Eq(x, 0)), (1/x, True))
    assert value(e, x=0) == 0 and value(e, x=4) == Fraction(1, 4)
    e = sp.Piecewise((1, sp.ITE(x > 0, 1/x > y, y > 0)), (2, True))
    assert value(e, x=0, y=1) == 1 and value(e, x=1, y=2) == 2
    assert value(sp.Product(k, (k, 1, 4))) == 24
    assert value(sp.Sum(sp.Function("G", real=True)(k), (k, 1, 0))) == 0


@pytest.mark.parametrize("name", (
    "exp expm1 log log1p log2 log10 exp2 cbrt sqrt sin cos tan sinh cosh tanh arcsin "
    "arccos arctan arcsinh arccosh arctanh rint floor ceil trunc").split())
def test_functions_of_sixty_digits_are_those_of_floats(name):
    function = getattr(np, name)
    for number in (-3.5, -1.0, -0.25, 0.0, 0.25, 0.5, 1.0, 2.5, 3.5):
        with np.errstate(all="ignore"):
            expected = float(function(number))
        found = function(np.array(Sixty(number), object))
        assert (found.value is None) == (not np.isfinite(expected)), number
        if found.value is not None:
            assert float(found.value) == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_numbers_know_whether_they_were_rounded():
    nothing, two = Sixty(None), Sixty(2)
    assert (Sixty(0)**0).value == 1 and (Sixty(0)**-1).value is None
    assert (Sixty(-8)**Fraction(1, 3)).value is None and (Sixty(-2)**-3).value == -1/8
    assert (Sixty(Fraction(8, 27))**Fraction(2, 3)).value == Fraction(4, 9)
    assert nothing.sqrt().value is None and (nothing + 1).value is None
    assert not two.sqrt().exact and alike(two.sqrt()*two.sqrt(), two)
    assert Sixty(1).log().exact and (Sixty(-1).log()).value is None
    assert Sixty(1).arctanh().value is None and not Sixty(0.1).exact and Sixty(0.25).exact
    with pytest.raises(Unsure):
        two.sqrt()**2 > 2


def test_a_reading_is_recorded_again_where_it_is_checked(tmp_path):
    """A side that is not what the rule does, a goal that is missing, another rule's."""
    file = readings(["rmsprop", "momentum"])
    (first, second) = file["claims"]
    assert reading_fault(first) == reading_fault(second) == ""
    goals = first["goals"]
    widened = [*goals[0]["operations"], ["add", goals[0]["left"], goals[0]["left"]]]
    other = [goals[0] | {"operations": widened, "left": len(widened) - 1}, *goals[1:]]
    for wrong in goals[1:], second["goals"], [], other:
        assert reading_fault(first | {"goals": wrong})
    for name in "adam", "no rule":
        assert reading_fault(first | {"id": name})
    write(tmp_path, [file | {"claims": [first | {"goals": second["goals"]}, second]}])
    assert cli.main(["check", str(tmp_path)]) == 1
