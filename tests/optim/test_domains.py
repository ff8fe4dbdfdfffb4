"""Claims about domains: one table, and every reader of it means the same numbers."""
import ast
import inspect
import operator
from fractions import Fraction

import pytest
import sympy as sp

from optim import domains
from optim.domains import DOMAINS, Domain, declare, domain_of
from optim.mutants import differences
from optim.optimizers.hyperparameters import ZERO_IS_ALLOWED, number
from optim.proving.points import EDGES, ORDINARY
from optim.rules import LEGEND

from ..cases import each

# What each name means, said once more: (numbers inside, numbers outside).
MEANT = {
    "real": ("-5 0 1/2 7", ""), ">= 0": ("0 1/9 8", "-1/9 -3"), "> 0": ("1/9 8", "0 -2"),
    "[0, 1)": ("0 1/2 999/1000", "1 -1/9 2"), "(0, 1)": ("1/9 1/2", "0 1 -1 2"),
    "> 1": ("9/8 2 100", "1 0 -1 1/2"),
    "(0, 1]": ("1/9 1", "0 -1 9/8"), "[0, 1]": ("0 1/2 1", "-1/9 9/8"),
    "1, 2, ...": ("1 2 50", "0 -1 1/2 3/2")}
RELATIONS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
every_domain = each("name", DOMAINS)


def numbers(text):
    return [Fraction(x) for x in text.split()]


@every_domain
def test_a_domain_holds_its_numbers_and_no_others(name):
    inside, outside = map(numbers, MEANT[name])
    for kind in (Fraction, float, lambda x: sp.Rational(x.numerator, x.denominator)):
        assert all(DOMAINS[name].holds(kind(x)) for x in inside)
        assert not any(DOMAINS[name].holds(kind(x)) for x in outside)
    assert not DOMAINS["1, 2, ..."].holds(float("inf"))


@every_domain
def test_every_reader_of_a_domain_means_the_same(name):
    domain, symbol = DOMAINS[name], declare("x", name)
    assert str(domain) == name and domain_of(symbol) == name
    assert all(map(domain.holds, numbers(ORDINARY[name]) + numbers(EDGES[name])))
    for x in numbers(" ".join(MEANT[name])):
        fulfilled = [RELATIONS[relation](x, end) for relation, end in domain.ends]
        assert all(fulfilled) == domain.holds(x) or domain.integer
        if domain.holds(x):                        # SymPy assumes nothing that is false
            assert x > 0 or not symbol.is_positive
            assert x >= 0 or not symbol.is_nonnegative
    if not domain.integer:
        low = domain.low or 0
        assert DOMAINS[name].open_low == (domain.low == low and not domain.holds(low))
        assert DOMAINS[name].open_high == (domain.high == 1 and not domain.holds(1))


def test_the_mutants_copy_is_written_apart_and_agrees():
    tree = ast.parse(inspect.getsource(differences))
    assert not any(isinstance(node, ast.ImportFrom) and node.module == "optim.domains"
                   for node in ast.walk(tree))
    for name, holds in differences.INSIDE.items():
        for x in numbers(" ".join(MEANT[name])):
            assert holds(x) == DOMAINS[name].holds(x), (name, x)
    assert {letter.domain for letter in LEGEND.values()} <= differences.INSIDE.keys()


@each("letter", [n for n in LEGEND if n not in ("theta", "g", "t")])
def test_a_hyperparameter_is_accepted_where_the_legend_has_its_letter(letter):
    domain = DOMAINS[LEGEND[letter].domain]
    for x in numbers("-2 -1/9 0 1/2 1 3"):
        if domain.holds(x) or (x == 0 and letter in ZERO_IS_ALLOWED):
            assert number("rule", letter, float(x)) == float(x)
        else:
            with pytest.raises(ValueError, match="must be"):
                number("rule", letter, float(x))


def test_a_planted_wrong_domain_is_seen():
    wrong = Domain(0, 1)
    assert wrong.holds(1) and not DOMAINS["[0, 1)"].holds(1)
    assert str(wrong) != "[0, 1)" and domain_of(
        sp.Symbol("x", **wrong.assumptions)) != "[0, 1)"


def test_what_is_no_domain_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"declare a: no domain 'unit'; one of .*\(0, 1\)"):
        declare("a", "unit")
    with pytest.raises(ValueError, match="prove with a: no domain 'unit'"):
        domains.checked(sp.Symbol("a"), "unit")
