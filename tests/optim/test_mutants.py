"""The prover tells every rule from its mutants, and who says so is checked as well.

SAMPLE: every 15th mutant of the first rules and every 105th of the later ones, in their
order, is judged here, several of each kind; all in tests/full/test_every_mutant.py.
"""
import ast
import inspect
import random
import textwrap
from collections import Counter
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy as sp

from optim.formulas.rule_formulas import formula
from optim.mutants import (
    KINDS, Mutant, Score, edits, judged, mutants, patterns, score, sources)
from optim.mutants.patterns import matched, parsed, replaced, text
from optim.mutants.differences import differing_point, some_point, step
from optim.mutants.plain_numbers import Number, apart, number, on_plain_numbers
from optim.mutants.sources import stripped
from optim.proving import cases, decision
from optim.domains import DOMAINS, declare
from optim.proving.verdicts import Verdict
from optim.rules import FIRST, LEGEND, RULES
from optim.optimizers.signatures import anatomy

SAMPLE = 15
CLOSE = 1e-9        # relative: floats lose digits where a rule subtracts or divides
every_rule = pytest.mark.parametrize("name", FIRST)


def every(name):
    """Which mutants of a rule are judged: all of the shortest one, which has few."""
    return 1 if name == "gradient_descent" else SAMPLE if name in FIRST else 7*SAMPLE


def mutant(name, words):
    """The mutant whose description holds these words."""
    return next(m for m in mutants(name) if words in str(m))


# ------------------------------------------------------------------------------- the score
@pytest.mark.parametrize("name", RULES)
def test_every_mutant_of_the_sample_is_decided_and_confirmed(name):
    result = score(name, every=every(name))
    assert len(result.found) == -(-len(mutants(name))//every(name))
    assert result.ok, "\n".join(map(str, result.failures))
    assert sum(result.matrix[True].values()) == result.matrix[True]["REFUTED"] > 0
    same = result.matrix[False]
    assert sum(same.values()) == same["PROVED"] > (0 if name in FIRST else -1)
    assert all(one.sampled for one in result.found
               if one.separated and one.mutant.kind != "but for a point")
    assert not any(one.verdict.except_on for one in result.found)


def test_the_sample_has_mutants_of_each_kind():
    found = Counter(each.kind for name in RULES
                    for each in mutants(name)[::every(name)])
    assert found.keys() == {*KINDS} and min(found.values()) > 1


@pytest.fixture
def no_sample_points(monkeypatch):
    """The prover refutes nothing at points tried in advance: its proof has to know."""
    monkeypatch.setattr(decision, "by_points", lambda *_: None)


@pytest.mark.parametrize("name", ["adagrad", "adam", "adamax"])
def test_the_proof_alone_proves_all_that_is_true_and_no_more(name, no_sample_points):
    for one in score(name, every=15).found:
        assert (one.verdict.status == "PROVED") == (not one.sampled), str(one)


# ------------------------------------------------------- wrong verdicts that must be caught
def test_who_proves_everything_is_caught_by_each_mutant_that_differs():
    found = score("rmsprop", SAMPLE, lambda *_, **__: Verdict("PROVED")).found
    assert {one.confirmed for one in found} == {True, False}
    assert all(one.confirmed != one.differs for one in found)


def test_who_refutes_everything_is_caught_by_each_mutant_that_agrees():
    point = {s: sp.Rational(1, 3) for s in formula("rmsprop").symbols.values()}
    found = score("rmsprop", SAMPLE, lambda *_, **__: Verdict("REFUTED", point)).found
    assert all(not one.confirmed for one in found if not one.sampled)
    assert {one.sampled for one in found} == {True, False}


def test_a_witness_at_which_nothing_differs_is_caught():
    planted, symbols = mutant("momentum", "lr*g became lr/g"), formula("momentum").symbols

    def confirmed(**point):
        at = {symbols[letter]: sp.Rational(x) for letter, x in point.items()}
        return judged(planted, formula("momentum"),
                      lambda *_, **__: Verdict("REFUTED", at)).confirmed
    assert confirmed(g="1/3") and confirmed(g="-2")
    assert confirmed(g="0")                                     # lr/g has no value there
    assert not confirmed(g="1") and not confirmed(g="-1")       # lr*g and lr/g agree there
    assert not confirmed()                                      # the starts agree


def test_a_refutation_without_a_witness_is_not_confirmed():
    planted = mutant("momentum", "lr*g became lr/g")
    assert not judged(planted, formula("momentum"),
                      lambda *_, **__: Verdict("REFUTED")).confirmed


def test_a_prover_that_takes_reals_for_not_negative_is_caught(no_sample_points,
                                                              monkeypatch):
    wrong = dict(cases.DOMAINS, real=DOMAINS[">= 0"])
    monkeypatch.setattr(cases, "DOMAINS", wrong)
    one = judged(mutant("adamax", "np.abs(g) became g ("), formula("adamax"))
    assert one.verdict.status == "PROVED" and one.sampled and not one.confirmed


def test_undecided_is_a_failure_whatever_the_mutant_is():
    result = score("momentum", SAMPLE, lambda *_, **__: Verdict("UNDECIDED"))
    assert result.failures == [*result.found] and not result.ok


def test_a_wrong_first_state_is_refuted_and_confirmed_by_the_starts():
    one = judged(mutant("nadam", "line 1: 1 became 2"), formula("nadam"))
    assert one.confirmed and one.verdict.witness == {} and one.sampled
    assert "at the start" in one.verdict.method


def test_what_is_no_rule_is_undecided_and_says_why():
    right = mutants("momentum")[0]
    source = right.original.replace("m = mu*m", "m = mu*m if m >= 0 else mu*m")
    one = judged(replace(right, source=source), formula("momentum"))
    assert one.verdict.status == "UNDECIDED" and not one.confirmed
    assert one.verdict.method.startswith("no rule: a formula has no truth value")


def test_a_score_is_a_table_that_tells_what_failed():
    good = score("gradient_descent")
    bad = score("gradient_descent", decide=lambda *_, **__: Verdict("PROVED"))
    both = Score((*good.found, *bad.found))
    count = len(good.found)
    assert f"score: {count} of {count} mutants" in str(good)
    wrong = both.matrix[True]["PROVED"]
    assert wrong == len(bad.failures) == len(both.failures) > 0
    assert f"{len(both.failures)} not confirmed" in both.row("x")
    assert "NOT confirmed; it differs from the rule" in str(both.failures[0])
    assert both.as_dict()["matrix"]["differs"]["PROVED"] == wrong


# ------------------------------------------------------------------------------- generator
def test_each_kind_of_edit_occurs():
    count = Counter(m.kind for name in RULES for m in mutants(name))
    assert set(count) == set(KINDS) and min(count.values()) >= 10, count


@pytest.mark.parametrize("entry", patterns.SLIPS.table, ids=lambda entry: " -> ".join(
    map(text, entry[1:])))
def test_this_edit_of_the_table_fits_some_rule(entry, monkeypatch):
    monkeypatch.setattr(edits, "SLIPS", patterns.SLIPS._replace(table=[entry]))
    assert any(edit.kind == entry[0] for rule in RULES.values()
               for edit in edits.edits(sources.sources(rule)[-1], rule))


@pytest.mark.parametrize("name, words", [
    ("adam", "1 - beta1**t became 1 + beta1**t"), ("adam", "beta1 became beta2"),
    ("adam", "lr became eps"), ("adam", "g**2 became g*2"), ("adam", "m became m_old"),
    ("adam", "v_hat became v"), ("adam", "v became v/(1 - beta2**t)"),
    ("adam", "m became beta1*m + (1 - beta1)*g (old state)"), ("adam", "t became t - 1"),
    ("adam", "np.sqrt(v_hat) + eps became np.sqrt(v_hat + eps)"),
    ("adam", "np.sqrt(v_hat) + eps became np.sqrt(v_hat) ("), ("adam", "m became v"),
    ("adam", "np.sqrt(v_hat) became np.sqrt(v)/np.sqrt(1 - beta2**t)"),
    ("adamax", "became np.where(beta2*v >= np.abs(g), beta2*v, np.abs(g))"),
    ("adamax", "np.abs(g) became g ("), ("nadam", "0.96 became 0.97"),
    ("nadam", "mu_now became mu_next"), ("nadam", "psi became mu"),
    ("amsgrad", "np.maximum(v_max, v) became np.minimum(v_max, v)"),
    ("amsgrad", "became np.maximum(np.sqrt(v_max_old), np.sqrt(v))"),
    ("adamw", "in adam, line 6: beta1*m + (1 - beta1)*g became beta1*m - (1 - beta1)*g"),
    ("adamw", "weight_decay became lr"), ("adadelta", "v_delta became v"),
    ("adam", "respelled, line 6: m + (1 - beta1)*(g - m) became m - (1 - beta1)*(g - m)")])
def test_this_slip_is_among_the_mutants(name, words):
    assert mutant(name, words)


@every_rule
def test_no_mutant_is_the_rule_to_the_letter_and_none_comes_twice(name):
    trees = [ast.dump(ast.parse(stripped(m.source))) for m in mutants(name)]
    original = ast.dump(ast.parse(stripped(mutants(name)[0].original)))
    assert original not in trees and len(set(trees)) == len(trees) >= 20


@every_rule
def test_a_mutant_of_what_is_written_changes_one_line_of_it(name):
    for one in mutants(name):
        if "respelled" not in one.text:
            lines = Counter(one.original.splitlines())
            changed = (Counter(one.source.splitlines()) - lines).total()
            assert changed == 1 + one.source.count("_old = "), one


@every_rule
def test_the_respelled_rule_is_another_text_and_the_same_rule(name):
    rule, written = RULES[name], sources.sources(RULES[name])[-1]
    again = sources.respelled(written, rule)
    assert stripped(again) != stripped(written)
    called = "".join(sources.sources(rule)[:-1])
    one = judged(Mutant(name, "respelled", "", called + written, called + again),
                 formula(name))
    assert one.verdict.status == "PROVED" and one.confirmed


def test_a_line_that_nothing_reads_is_not_edited():
    """Respelled, m_hat stands where it was used; a slip in the old line would be none."""
    from optim.dialects.survey import nadam
    texts = [*map(str, mutants(nadam))]
    assert [t for t in texts if t.startswith("nadam, line 8")]
    assert not [t for t in texts if "respelled, line 8" in t]
    assert [t for t in texts if "respelled, line 9" in t]


def test_a_rule_that_is_not_straight_is_refused_by_name():
    def branching(theta, g, *, t, lr=0.1):
        """A rule with a branch."""
        if t > 1:
            g = g/2
        return theta - lr*g
    with pytest.raises(ValueError, match="branching: came `if t > 1"):
        list(edits.edits(textwrap.dedent(inspect.getsource(branching)), branching))
    with pytest.raises(ValueError, match="needed one function with a docstring"):
        patterns.function_in("x = 1")


# -------------------------------------------------------------------------------- patterns
@pytest.mark.parametrize("pattern, expression, bound", [
    ("A*B", "(1 - rho)*g**2", {"A": "1 - rho", "B": "g**2"}), ("A*B", "a/b", None),
    ("A*B + (1 - A)*C", "rho*v + (1 - rho)*g", {"A": "rho", "B": "v", "C": "g"}),
    ("A*B + (1 - A)*C", "rho*v + (1 - mu)*g", None), ("t", "t", {}), ("t", "s", None),
    ("A + eps", "np.sqrt(v) + eps", {"A": "np.sqrt(v)"}), ("A + eps", "v + 1", None),
    ("np.maximum(A, B)", "np.maximum(v)", None), ("A**2", "x**3", None),
    ("np.maximum(A, B)", "np.minimum(a, b)", None)])
def test_a_pattern_fits_what_it_says(pattern, expression, bound):
    found = matched(parsed(pattern), parsed(expression))
    assert (found if found is None else {k: text(e) for k, e in found.items()}) == bound


def test_an_edit_leaves_the_rest_of_the_text_alone():
    source = "x = 'φ' + (a*b)     # ψ\ny = a*b\n"
    product = ast.parse(source).body[0].value.right
    assert replaced(source, product, "a/b") == "x = 'φ' + ((a/b))     # ψ\ny = a*b\n"


# --------------------------------------------------------------------------- plain numbers
@every_rule
def test_plain_numbers_give_what_numpy_gives(name):
    rule, rng = RULES[name], random.Random(1)
    plain = on_plain_numbers("".join(sources.sources(rule)))
    states, hyperparameters = anatomy(rule)
    letters = ["theta", "g", *states, "t", *hyperparameters]
    for _ in range(20):
        point = some_point(rng, letters)
        at = {k: np.float64(x.value) for k, x in point.items()}
        out = rule(at["theta"], at["g"], *(at[s] for s in states), t=at["t"],
                   **{h: at[h] for h in hyperparameters})
        exact = [float(x.value) for x in step(plain, point)]
        assert np.allclose(np.ravel(out), exact, rtol=CLOSE, atol=CLOSE)


def plain(expression, a="2", b="0"):
    rule = on_plain_numbers(f"def f(a, b):\n    unused = 1/(a - a)\n"
                            f"    return {expression}\n")
    return rule(number(a), number(b))


@pytest.mark.parametrize("expression, wanted", [
    ("0.1 + 0.2 - 0.3", "0"), ("1/3*3 - 1", "0"), ("a**2 + b**0", "5"), ("0**b", "1"),
    ("np.where(a >= b, a, a/b)", "2"), ("np.minimum(a, b)", "0"), ("np.sign(-a)", "-1"),
    ("np.sqrt(a**2*25/9)", "10/3"), ("np.maximum(-a, b)", "0"), ("a**-1", "1/2"),
    ("4**(1/2)", "2"), ("0.96**a", "576/625"), ("np.abs(-1e-3)", "1/1000")])
def test_plain_numbers_are_exact_and_need_only_what_is_used(expression, wanted):
    assert plain(expression).value == number(wanted).value


def test_plain_numbers_have_sixty_digits_where_they_are_not_exact():
    with mpmath.workdps(100):
        assert abs(plain("np.sqrt(a)").value**2 - 2) < mpmath.mpf("1e-58")
        assert abs(plain("8**(1/3)").value - 2) < mpmath.mpf("1e-58")
    assert not apart(plain("np.sqrt(a)*np.sqrt(a)"), number("2"))
    assert apart(plain("np.sqrt(a) + 1e-30"), plain("np.sqrt(a)"))
    assert apart(number("1"), plain("1 + 1e-300")) and apart(number("0"), Number(None))


@pytest.mark.parametrize("expression", [
    "a/b", "b**-1", "np.sqrt(-a)", "(-a)**(1/2)", "np.sqrt(-a)**2", "(a/b)**0", "b*(1/b)",
    "np.abs(a/b)", "np.maximum(a, 1/b)", "np.minimum(1/b, a)", "np.where(1/b >= 0, 1, 1)",
    "np.where(a >= b, 1/b, a)", "np.sign(1/b)", "1/(1/b)", "(-a)**0.3",
    "(np.sqrt(a) - np.sqrt(a))/(a - 2)", "b**(-1/3)"])
def test_what_is_not_real_is_no_value(expression):
    assert plain(expression).value is None


def test_rules_that_differ_at_one_value_only_are_seen_to_differ():
    right = on_plain_numbers("def f(theta, g, *, t, lr): return theta - lr*g")
    for wrong in ("theta - lr*g*t/t/(g/g)", "theta - lr*g + 0*(1/(g - theta))",
                  "np.where(t >= 2, theta - lr*g, theta)",
                  "theta - lr*np.maximum(g, -4.9)"):
        other = on_plain_numbers(f"def f(theta, g, *, t, lr): return {wrong}")
        assert differing_point(right, other) is not None, wrong
    assert differing_point(right, right) is None


def test_runs_that_part_only_from_their_starts_are_seen_to_part():
    source = "def f(theta, g, m{}, *, t, lr):\n    return theta - lr*m, m + g\n"
    right, other = (on_plain_numbers(source.format(start)) for start in ("=0", "=1"))
    assert differing_point(right, other) is not None


def test_points_lie_in_their_domains_and_meet_their_edges():
    rng, seen = random.Random(0), Counter()
    for _ in range(200):
        point = {letter: x.value for letter, x in some_point(rng, [*LEGEND]).items()}
        seen.update(point.items())
        for letter, x in point.items():
            symbol = declare(letter, LEGEND[letter].domain)
            assert x >= 0 or not symbol.is_nonnegative
            assert x > 0 or not symbol.is_positive
            assert x < 1 or LEGEND[letter].domain != "[0, 1)"
            assert x == int(x) or letter != "t"
    for edge in (("t", 1), ("g", 0), ("m", 0), ("v", 0), ("beta1", 0), ("mu_product", 1)):
        assert seen[edge] > 10
