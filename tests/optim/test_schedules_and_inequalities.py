"""What schedules and rules need: waves, exponentials, floors, means; and their neighbours.

Each proved claim stands beside one that is like it and false, or stricter than true.
"""
from fractions import Fraction

import pytest
import sympy as sp
from sympy import (
    Abs, Max, Min, Piecewise, Rational, atan, ceiling, cos, erf, exp, floor, log, oo, pi,
    sign, sin, sqrt, tan, tanh)

from optim.domains import DOMAINS, declare, domain_of
from optim.proving.branches import Branch
from optim.proving.evaluator import Evaluator
from optim.proving.expressions import prove_expressions
from optim.proving.functions import angles_of
from optim.proving.generators import Generators, Split
from optim.proving.intervals import Unsure, sign_of
from optim.proving.lemmas import lemmas

from ..cases import each

x, y, z, w = (declare(n, "real") for n in "xyzw")
v, n, a, b, c, d = (declare(s, ">= 0") for s in ("v", "n", "a", "b", "c", "d"))
p, e, lr, T, low, height = (declare(s, "> 0") for s in "p e lr T low height".split())
beta, u = declare("beta", "[0, 1)"), declare("u", "[0, 1]")
t = declare("t", "1, 2, ...")
THIRD = Rational(1, 3)


def sigmoid(s):
    return 1/(1 + exp(-s))


def cbrt(s):
    return sign(s)*Abs(s)**THIRD


PAIRS = [    # proved; and refuted
    # roots
    ((sqrt(x**2 + e**2), x, ">"), (sqrt(x**2 + v**2), x, ">")),
    ((x/sqrt(x**2 + e), 1, "<"), (x/sqrt(x**2 + e), Rational(9, 10), "<")),
    ((sqrt(x**2 + e), Abs(x), ">"), (sqrt(x**2 - e), Abs(x), "<=")),
    # powers of t
    ((t**(-p), 1, "<="), (t**(-p), 1, "<")),
    ((t**p, t**(2*p), "<="), (u**p, u**(2*p), "<=")),
    ((t**Rational(-4, 5), 1, "<="), (t**Rational(4, 5), t, "<")),
    ((t**p, (t + 1)**p, "<"), (t**n, (t + 1)**n, "<")), ((1/t, 1/sqrt(t), "<="),
                                                         (1/t, 1/sqrt(t), "<")),
    # exponentials and logarithms
    ((exp(x), 1 + x, ">="), (exp(x), 1 + x, ">")), ((exp(-v), 1/(1 + v), "<="),
                                                    (exp(-v), 1/(1 + 2*v), "<=")),
    ((exp(v), 1 + v + v**2/2, ">="), (exp(x), 1 + x + x**2/2, ">=")),
    ((log(1 + v), v, "<="), (log(1 + v), v/2, "<=")), ((log(p), p - 1, "<="),
                                                       (log(p), p - 1, "<")),
    ((log(1 + v), v/(1 + v), ">="), (log(1 + v), v/(1 + v), ">")),
    ((log(1 + exp(x)), Max(x, 0), ">="), (log(1 + exp(x)), Max(x, 1), ">=")),
    ((lr*exp(-p*t), lr, "<"), (lr*exp(-n*t), lr, "<")),
    ((p**x, exp(x*log(p)), "=="), (p**x, exp(-x*log(p)), "==")),
    # sigmoid and tanh
    ((tanh(x), 1, "<="), (tanh(x), Rational(9, 10), "<=")),
    ((tanh(x), 2*sigmoid(2*x) - 1, "=="), (tanh(x), 2*sigmoid(x) - 1, "==")),
    ((sigmoid(x)*(1 - sigmoid(x)), Rational(1, 4), "<="),
     (sigmoid(x)*(1 - sigmoid(x)), Rational(1, 5), "<=")),
    ((x*tanh(x), 0, ">="), (x*tanh(x), 0, ">")), ((erf(x), 1, "<"), (erf(v), 0, ">")),
    ((atan(x), pi/2, "<"), (atan(x), Rational(3, 2), "<")),
    # waves
    ((lr*(1 + cos(pi*t/T))/2, lr*cos(pi*t/(2*T))**2, "=="),
     (lr*(1 + cos(pi*t/T))/2, lr*cos(pi*t/T)**2, "==")),
    ((low + height*(1 + cos(pi*t/T))/2, low + height - height*sin(pi*t/(2*T))**2, "=="),
     (low + height*(1 + cos(pi*t/T))/2, low + height*sin(pi*t/(2*T))**2, "==")),
    ((low + height*(1 + cos(pi*t/T))/2, low, ">="),
     (low + height*(1 + cos(pi*t/T))/2, low, ">")),
    ((sin(x)**2 + cos(x)**2, 1, "=="), (sin(x)**2 - cos(x)**2, 1, "==")),
    ((cos(x + y), cos(x)*cos(y) - sin(x)*sin(y), "=="),
     (cos(x + y), cos(x)*cos(y) + sin(x)*sin(y), "==")),
    ((cos(3*x), 4*cos(x)**3 - 3*cos(x), "=="), (cos(3*x), 4*cos(x)**3, "==")),
    ((tan(x)**2 + 1, 1/cos(x)**2, "=="), (tan(x)**2 + 2, 1/cos(x)**2, "==")),
    ((Abs(sin(x)), 1, "<="), (Abs(sin(x)), 1/sqrt(2), "<=")), ((sin(v), v, "<="),
                                                               (sin(x), x, "<=")),
    # floors
    ((floor(t/2), t/2, "<="), (floor(t/2), t/2, "<")), ((floor(x) + 1, x, ">"),
                                                        (floor(x), x, "<")),
    ((lr*Rational(1, 2)**floor(t/10), lr, "<="), (lr*Rational(1, 2)**floor(t/10), lr, "<")),
    ((beta**floor((t + 10)/10), beta*beta**floor(t/10), "=="),
     (beta**floor((t + 5)/10), beta*beta**floor(t/10), "==")),
    ((ceiling(x), -floor(-x), "=="), (ceiling(x), floor(x) + 1, "==")),
    # means
    (((a + b + c + d)**4, 256*a*b*c*d, ">="), ((a + b + c + d)**4, 257*a*b*c*d, ">=")),
    (((a + b + c + d)/4, (a*b*c*d)**Rational(1, 4), ">="),
     ((a + b + c + d)/4, 2*(a*b*c*d)**Rational(1, 4), ">=")),
    ((x**4 + y**4 + z**4 + w**4, 4*x*y*z*w, ">="),
     (x**4 + y**4 + z**4 + w**4, 5*x*y*z*w, ">=")),
    ((a**3 + b**3 + c**3, 3*a*b*c, ">="), (x**3 + y**3 + z**3, 3*x*y*z, ">=")),
    # signs, clips, infinities, powers of a number that may be negative
    ((sign(x)**3, sign(x), "=="), (sign(x)**2, sign(x), "==")),
    ((cbrt(x)**3, x, "=="), (cbrt(x)**2, x, "==")),
    ((cbrt(x)*cbrt(y), cbrt(x*y), "=="), (cbrt(x) + cbrt(y), cbrt(x + y), "==")),
    ((Min(Max(x*y, -lr), lr),
      Piecewise((lr, x*y > lr), (-lr, x*y < -lr), (x*y, True)), "=="),
     (Min(Max(x*y, -lr), lr), Piecewise((lr, x*y > lr), (x*y, True)), "==")),
    ((y*Min(Max(x, -lr), lr), Min(Max(y*x, -Abs(y)*lr), Abs(y)*lr), "=="),
     (y*Min(Max(x, -lr), lr), Min(Max(y*x, -y*lr), y*lr), "==")),
    ((Max(Piecewise((-oo, sp.Eq(t, 1)), (x, True)), y),
      Piecewise((y, sp.Eq(t, 1)), (Max(x, y), True)), "=="),
     (Max(Piecewise((-oo, sp.Eq(t, 1)), (x, True)), y), Max(x, y), "==")),
    ((x**p*(y**2 + 1)/(1 + y**2), x**p, "=="), (x**p, Abs(x)**p, "==")),
    ((x**p/2 + x**p/2, x**p, "=="), (x**p + 0*sqrt(-x), 2*x**p, "=="))]


@each("claim", [pair[0] for pair in PAIRS], ids=str)
def test_what_schedules_and_rules_need_is_proved(claim):
    verdict = prove_expressions(*claim, seconds=20)
    assert verdict.status == "PROVED" and not verdict.except_on, verdict


@each("claim", [pair[1] for pair in PAIRS], ids=str)
def test_what_is_like_it_and_false_is_refuted(claim):
    assert prove_expressions(*claim, seconds=20).status == "REFUTED"


def test_a_power_that_has_a_value_at_some_exponents_counts_only_beside_its_like():
    """At x < 0 a power x**p has a value for whole p alone."""
    power = x**p
    for a, b in ((power, 1 - power), (power - power*(y - y) - power, sp.Integer(0)),
                 (sp.Add(power, -power, evaluate=False), sp.Integer(0)),
                 (sp.Mul(x**p, x**(-p), evaluate=False), sp.Integer(1)),
                 (sp.Pow(x**p, 2, evaluate=False), x**(2*p))):
        if a != b:
            assert prove_expressions(a, b).status != "PROVED", (a, b)


@pytest.mark.parametrize("seed", range(12))
def test_an_infinity_is_used_only_where_it_is_compared(seed):
    switch = Piecewise((oo if seed % 2 else -oo, x > seed - 6), (y, True))
    for e in (switch + 1 - switch, 0*switch, switch/switch, sp.exp(switch), Abs(switch)):
        assert prove_expressions(e, e.xreplace({x: x + y - y}) + y - y, "<").status \
            != "PROVED"
    assert prove_expressions(Min(Max(switch, -1), 1), 1, "<=").status == "PROVED"


def test_lemmas_hold_at_points():
    """Every lemma about generators is a true statement about what they stand for."""
    formulas = [exp(x), exp(v), log(1 + v), log(p), log(1 + exp(x)), floor(x), floor(p/2),
                sin(v), cos(x), atan(x), sp.asin(u), p**x, (1 + v)**p, (1 + v)**e,
                (1 + n)**p, u**p, beta**p, exp(x + y), log(2 + v)]
    numbers = {x: "-3 -1/2 0 1/3 2", y: "1 -1/4 2 0 -2", v: "0 1/2 3 1/9 7",
               p: "1/5 1 2 3 9",
               e: "2 1/3 1 1/9 4", n: "1/2 0 4 1 2", u: "0 1 1/2 1/3 3/4",
               beta: "0 1/2 9/10 1/3 1/4"}
    count = 0
    for i, first in enumerate(formulas):
        for second in formulas[i:]:
            generators = Generators()
            generators.angles = angles_of([first, second])
            ranges = {s: DOMAINS[domain_of(s)] for s in numbers}
            branch = Branch(generators, ranges, set(), {})
            try:
                polynomials = [sp.fraction(branch.value(f))[0] for f in (first, second)]
            except Split:                            # of u**p, at 0 and else
                continue
            for fact, signs in lemmas(branch, polynomials):
                for k in range(5):
                    point = {s: Fraction(text.split()[k]) for s, text in numbers.items()}
                    meant = Evaluator(point)(generators.back(fact))
                    try:
                        assert sign_of(meant) in signs, (first, second, fact, point)
                    except Unsure:                   # an interval around 0
                        assert 0 in signs
                    count += 1
    assert count > 500
