"""The papers' sums over the history give what the rules compute, step after step."""
import re
import xml.etree.ElementTree as xml
from functools import cache

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

from minigrad.symbolic import Symbolic
from optim import papers
from optim.derivations.induction import unfolded
from optim.formulas.rule_formulas import formula
from optim.papers import STATEMENTS, History, Largest, g, i, statement, t
from optim.rules import RULES

from ..cases import each

GRADIENTS = [sp.Rational(x) for x in ("3/4", "-2", "1/3", "5/7", "1/2")]
VALUES = {"lr": "1/10", "mu": "9/10", "rho": "4/5", "beta1": "7/10", "beta2": "19/20",
          "eps": "1/100", "weight_decay": "1/50", "psi": "1/2", "nu": "3/5", "nu1": "2/3",
          "nu2": "1/3", "mu1": "1/5", "mu2": "4/5", "mu3": "9/10", "beta3": "3/4",
          "eta_minus": "1/2", "eta_plus": "6/5", "size_min": "1/12", "size_max": "11/100",
          "offset": "1/3", "l1": "1/2", "l2": "1/7"}
DIGITS, TINY = 40, sp.Float("1e-30")          # evaluated to 40 digits: equal means equal
read = cache(formula)
every_rule = each("name", RULES)


def run(name):
    """(theta before, states after, theta after) of each step, in exact numbers."""
    f = read(name)
    fixed = {n: Symbolic(sp.Rational(x)) for n, x in VALUES.items() if n in f.symbols}
    theta = Symbolic(sp.Rational(1, 2))
    states = [Symbolic(start) for start in starts(f).values()]
    for k, gradient in enumerate(GRADIENTS, 1):
        out = RULES[name](theta, Symbolic(gradient), *states, t=k, **fixed)
        after, *states = out if isinstance(out, tuple) else (out,)
        yield theta.expr, dict(zip(f.init, (s.expr for s in states))), after.expr
        theta = after


def starts(f):
    """Where the states start, in exact numbers."""
    known = {f.symbols[n]: sp.Rational(x) for n, x in VALUES.items() if n in f.symbols}
    known[f.symbols["theta"]] = sp.Rational(1, 2)
    return {n: sp.sympify(start).subs(known) for n, start in f.init.items()}


@cache
def histories(name):
    """g(1), theta(1), m(0), m(1), ... and the steps, as numbers."""
    table = {g(k): x for k, x in enumerate(GRADIENTS, 1)}
    for n, start in starts(read(name)).items():
        table[sp.Function(n, real=True)(0)] = start
    for k, (theta, states, after) in enumerate(run(name), 1):
        table |= {papers.theta(k): theta, papers.theta(k + 1): after,
                  papers.step(k): after - theta}
        table |= {sp.Function(n, real=True)(k): x for n, x in states.items()}
    return table


def number(e, table, name):
    """A statement at given times, with the values and the run's numbers put in."""
    e = unfolded(e, statement(name))
    e = e.subs({s: sp.Rational(VALUES[s.name]) for s in e.atoms(sp.Symbol)
                if s.name in VALUES}).doit()
    return sp.N(e.xreplace({f: table[f] for f in e.atoms(AppliedUndef)}), DIGITS)


@every_rule
def test_the_closed_forms_are_what_the_rule_remembers(name):
    table = histories(name)
    for state, h in statement(name).moments.items():
        for k in range(len(GRADIENTS) + 1):
            stated = h.closed() if k or h.how != "latest" else h.empty
            closed = number(stated.subs(t, k), table, name)
            assert abs(closed - table[sp.Function(state, real=True)(k)]) < TINY, (state, k)


@every_rule
def test_the_papers_step_is_where_the_rule_goes(name):
    table = histories(name)
    for k in range(1, len(GRADIENTS) + 1):
        stated = number(statement(name).step.subs(t, k), table, name)
        assert abs(stated - table[papers.theta(k + 1)]) < TINY, k


@pytest.mark.parametrize("name", [n for n, s in STATEMENTS.items()
                                  if s.printed is not None])
def test_where_the_paper_prints_another_step_it_does_differ(name):
    table = histories(name)
    last = len(GRADIENTS)                               # RAdam divides by a root by then
    printed = number(statement(name).printed.subs(t, last), table, name)
    assert abs(printed - table[papers.theta(last + 1)]) > sp.Float("1e-6")
    assert statement(name).remark


def test_a_wrong_closed_form_gives_other_numbers():
    wrong = History("sum", (1 - papers.beta1)*papers.beta1**(t - i + 1)*g(i))
    table = histories("adam")
    assert abs(number(wrong.closed().subs(t, 3), table, "adam")
               - table[papers.m(3)]) > sp.Float("1e-3")


def test_every_rule_has_a_paper_and_keeps_the_papers_moments():
    assert list(STATEMENTS) == list(RULES)
    for name, paper in STATEMENTS.items():
        assert set(paper.moments) == set(read(name).init)
        assert paper.reference


def test_an_unknown_rule_is_in_no_paper():
    with pytest.raises(ValueError, match="no paper is transcribed for 'own'.*adam"):
        statement(own)
    with pytest.raises(ValueError, match="did you mean nadam"):
        statement("nadm")


def own(theta, g, *, t):
    return theta - g


def test_the_largest_of_none_is_0_and_its_index_is_bound():
    e = Largest(papers.beta2**(t - i)*abs(g(i)), (i, 1, t))
    assert e.subs(t, 0).doit() == 0
    assert e.subs(i, 5) == e
    assert e.subs(t, 2).doit() == sp.Max(papers.beta2*abs(g(1)), abs(g(2)))
    assert e.doit() == e


@every_rule
def test_statements_print_in_the_papers_letters(name):
    paper = statement(name)
    assert r"\theta_{t+1} &= " in paper.latex() and "theta[t+1] = " in str(paper)
    assert not any(n in paper.latex() for n in ("beta1", "eps}", "lr", "v_max", "velocity"))
    for line in paper.mathml().splitlines():
        assert xml.fromstring(line).tag == "math"
    assert paper._repr_latex_().startswith("$")


def test_the_table_of_the_frame_has_the_closed_forms():
    rows = {name: read(name).row for name in RULES}
    assert rows["gradient_descent"].psi is None and rows["gradient_descent"].phi == g(t)
    assert rows["adam"].latex().startswith(
        r"\text{adam} & \left(1 - \beta_{1}\right) "
        r"\sum_{i=1}^{t} \beta_{1}^{t - i} g_{i} & ")
    assert r"\max_{1 \le j \le t}" in rows["amsgrad"].latex()
    assert r"\max_{1 \le i \le t}" in rows["adamax"].latex()
    innermost = re.compile(r"\\begin\{cases\}((?!\\begin).)*?\\end\{cases\}")
    for row in rows.values():
        line = innermost.sub("", innermost.sub("", row.latex()))
        assert line.count(" & ") == 3


def test_the_schedule_of_nadam_is_the_reports():
    mu_t = unfolded(papers.momentum(t), statement("nadam"))
    at = mu_t.subs({papers.mu: sp.Rational(99, 100), papers.psi: sp.Rational(1, 250),
                    t: 250})
    assert float(at) == pytest.approx(0.99*(1 - 0.5*0.96), rel=1e-15)
