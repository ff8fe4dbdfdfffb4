"""Where a side has a value is known exactly, also where that is a single point.

Each pair agrees wherever both sides have a value but at a few points, where SymPy's own
rewriting, or a proof that takes "neither has a value" for granted, would not look.
"""
import threading
import time

import pytest
import sympy as sp
from sympy import Piecewise, Rational, sqrt

from optim.domains import declare
from optim.equivalence.proofs import prove
from optim.proving.decimals import decimal, is_rounded
from optim.proving.expressions import prove_expressions
from optim.proving.needs import Nonnegative, Nonzero

from ..cases import each
from .evaluation import value


x, y, g, theta = (declare(n, "real") for n in "x y g theta".split())
v, n, d = (declare(s, ">= 0") for s in "vnd")
lr, p = declare("lr", "> 0"), declare("p", "> 0")
b, u = declare("b", "[0, 1)"), declare("u", "[0, 1]")
t = declare("t", "1, 2, ...")
HALF, THIRD = Rational(1, 2), Rational(1, 3)


def kept(base, exponent=HALF):
    """A power that SymPy leaves as it was written."""
    return sp.Pow(base, exponent, evaluate=False)


# ------------------------------------------------- sides that have a value on thin sets
THIN = [sqrt(-v), kept(-v), kept(-v, THIRD), (-v)**Rational(3, 2),
        kept(-v, Rational(2, 3)), sqrt(-x**2), kept(-x**2), sqrt(-(x - y)**2), sqrt(-4*v),
        kept(2*x*y - x**2 - y**2), kept(-v - n), kept(-abs(x)), kept(-(x*y)**2),
        kept(u - 1), kept(1 - t), kept(b**t*(b - 1)), kept(-sp.Max(v, n)),
        kept(kept(v)*(-1)), kept(v*sp.log(Rational(1, 2))), kept(-v*n),
        kept(sp.Min(0, v - abs(v))), 1/kept(1 - t + Piecewise((3, sp.Eq(t, 2)), (0, True))),
        sp.log(Piecewise((1, sp.Eq(x, y)), (-1, True)))]


@each("e", THIN, ids=str)
def test_a_side_that_has_a_value_on_a_thin_set_only_is_told_apart_there(e):
    for make in (lambda k: e + k, lambda k: sp.exp(e + k), lambda k: 1/(2 + k + e)):
        verdict = prove_expressions(make(0), make(7))
        assert verdict.status == "REFUTED" and "undefined" not in verdict.method, verdict
        assert prove_expressions(make(0), make(0) + y - y).status == "PROVED"


@each("e", [*THIN, (-v)**THIRD, (-x**2)**THIRD], ids=str)
def test_a_factor_beside_a_root_of_a_negative_number_proves_nothing(e):
    """At x = 0 it matters whether x stood under the root; SymPy does not say."""
    product = sp.Mul(x, e, evaluate=False)
    for a, c in ((e, e + 7), (theta + sp.Mul(lr, e, evaluate=False), theta + lr*(e + 7)),
                 (product, product + 7)):
        assert prove_expressions(a, c).status != "PROVED", (a, c)


@pytest.mark.parametrize("e", [
    sp.log(-v), sp.log(-x**2), 1/kept(-v), kept(-1 - v), kept(b - 1), 1/kept(-x**2, THIRD),
    kept(-p), sp.Mul(kept(v), kept(-1, -HALF), evaluate=False), kept(-v)/kept(v),
    sp.log(kept(-v)), 1/sp.Add(v, -v, evaluate=False)], ids=str)
def test_what_has_no_value_anywhere_is_equal_to_its_like(e):
    assert prove_expressions(e, e + 7).status == "PROVED"
    assert prove_expressions(e, 7).status == "REFUTED"


# ------------------------------------------------- roots, powers, quotients as written
DIFFERENT = [
    (kept(v*g), kept(v)*kept(g)), (kept(v/p*g), kept(v/p)*kept(g)),
    (kept(kept(v)*(1 - g)), kept(v, Rational(1, 4))*kept(1 - g)),
    (kept(b*x), kept(b)*kept(x)), (kept(x*y), kept(x)*kept(y)), (kept(x**2), x),
    (kept(kept(x, 2), THIRD), kept(x, Rational(2, 3))), (kept(kept(x), 2), x),
    (sp.exp(sp.log(x), evaluate=False), x), (sp.exp(sp.log(x)/2, evaluate=False), kept(x)),
    (kept(x*y, -1)*y, 1/x), (sp.Mul(x, kept(x, -1), evaluate=False), 1),
    (kept(kept(x, -1), -1), x), (sp.log(x*y), sp.log(x) + sp.log(y)),
    (sp.log(x**2), 2*sp.log(x))]
EQUAL = [
    (kept(v*p), kept(v)*kept(p)), (kept(1 - g)*kept(1 + g), kept(1 - g**2)),
    (kept(v, 0 - p), kept(kept(v, p), -1)),
    (kept(kept(x, 2), THIRD), kept(abs(x), 2*THIRD)),
    (sp.exp(sp.log(p)/2, evaluate=False), kept(p)), (kept(kept(p, -1), -1), p),
    (kept(x*y, -1)*y, sp.Mul(kept(x, -1), kept(y, -1), y, evaluate=False))]


@each("a, c, status", [(*pair, "REFUTED") for pair in DIFFERENT]
      + [(*pair, "PROVED") for pair in EQUAL], ids=str)
def test_a_formula_is_read_as_it_was_written(a, c, status):
    assert prove_expressions(a, c).status == status


def split(x, root):
    """The root of x where SymPy has split it: 0 at 0."""
    return Piecewise((0, sp.Eq(x, 0)), (root, True))


def test_a_need_counts_in_the_branch_that_is_chosen():
    root = split(v*g, sqrt(v*g))
    signed = Piecewise((sqrt(g), g >= 0), (-sqrt(-g), True))
    assert prove_expressions(root, kept(v*g)).status == "PROVED"
    guarded = Piecewise((kept(v*g), g > 0), (v, True))
    other = Piecewise((root, g > 0), (v, True))
    assert prove_expressions(other, guarded).status == "PROVED"
    assert prove_expressions(signed, sp.sign(g)*sqrt(abs(g))).status == "PROVED"
    clipped, product = sp.Max(-1, sp.Min(1, x*b)), sp.Mul(x, b)
    by_cases = Piecewise((1, product > 1), (-1, product < -1), (product, True))
    assert prove_expressions(kept(clipped), kept(by_cases)).status == "PROVED"
    assert prove_expressions(
        Piecewise((kept(product), abs(product) <= 1), (kept(by_cases), True)),
        kept(clipped)).status == "PROVED"


# ------------------------------------------------- decimals
@pytest.mark.parametrize("a, c", [
    (0.1*x + 0.2*x, 0.3*x), ((1 - 0.9)*x, 0.1*x), ((1 - 0.999)*x, 0.001*x),
    (sum(0.1*x for _ in range(10)), x), (0.1*x + 0.2*x, Rational(3, 10)*x),
    (v**(0.1 + 0.2), v**0.3), (3*0.1*x, 0.3*x)])
def test_a_sum_of_decimals_is_the_decimal_that_it_prints_as(a, c):
    verdict = prove_expressions(a, c)
    assert verdict.status == "PROVED", verdict
    assert a == c or "computed in binary" in verdict.method


def test_a_difference_that_rounding_may_have_made_refutes_nothing():
    assert prove_expressions(x*(1 - 0.9999), 0.0001*x).status == "UNDECIDED"
    assert prove_expressions(x*(2/3), Rational(2, 3)*x).status == "UNDECIDED"
    assert prove_expressions(x*(2/3), x/3).status == "REFUTED"
    assert prove_expressions(0.1*x + 0.2*x, 0.3001*x).status == "REFUTED"
    assert prove_expressions((0.1 + 0.2)*p, 0.3*p, "<").status != "PROVED"
    assert prove_expressions(0.30000001*x, 0.3*x).status == "REFUTED"


def test_a_decimal_of_fifteen_digits_is_itself():
    for text in ("0.123456789012345", "1e-8", "0.999", "3e-300", "123456789012345.0"):
        assert not is_rounded(sp.Float(float(text))), text
        assert decimal(sp.Float(float(text))) == Rational(text)
    assert is_rounded(sp.Float(0.1 + 0.2)) and is_rounded(sp.Float(2/3))


# ------------------------------------------------- one clock
class Slow:
    """A formula that takes long to become one."""

    def _sympy_(self):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                sp.expand((x + y + g + theta)**8)
            except Exception:            # what SymPy does to exceptions meant for others
                pass
        return x


def test_reading_and_deciding_have_one_clock_in_every_thread():
    found = []

    def work():
        began = time.monotonic()
        verdict = prove_expressions(Slow(), y, seconds=0.5)
        found.append((verdict, time.monotonic() - began))
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    for verdict, spent in found:
        assert verdict.status == "UNDECIDED" and "time limit of 0.5 s" in verdict.method
        assert 0.45 < verdict.seconds <= spent < 4, (verdict, spent)
    assert len(found) == 3


def test_an_alarm_that_was_not_needed_never_rings():
    for _ in range(200):
        assert prove_expressions(x*lr, lr*x + y - y, seconds=0.002).seconds < 1
    time.sleep(0.05)
    assert value(sp.sqrt(v), {v: 4}) == 2


def test_two_rules_have_one_clock_for_reading_and_deciding():
    def slow(theta, g, *, t, lr=0.1):
        for k in range(10**6):
            sp.expand((x + y + v + n)**6 + k)
        return theta - lr*g
    found = []
    thread = threading.Thread(target=lambda: found.append(
        prove(slow, "gradient_descent", seconds=0.5)))
    thread.start()
    thread.join()
    found.append(prove(slow, "gradient_descent", seconds=0.5))
    for verdict in found:
        assert verdict.status == "UNDECIDED" and 0.45 < verdict.seconds < 4, verdict


# ------------------------------------------------------------------ it says where
@pytest.mark.parametrize("left, right, where", [
    (Nonnegative(x) + y, y + 2*Nonnegative(x), "where x < 0"),
    (Nonzero(x)*2 + y, Nonzero(x) + y, "where x = 0"),
    (Nonnegative(-v - 1), 2*Nonnegative(-v - 2), "anywhere"),
    (2*Nonnegative(x*y), Nonnegative(x*y), "where "),
    (x*(y + 1), x*y + x, "")])
def test_a_proof_tells_where_neither_side_has_a_value(left, right, where):
    found = prove_expressions(left, right, domains={"x": "real", "y": "real", "v": ">= 0"})
    assert found.status == "PROVED"
    assert found.method.partition("; neither side has a value ")[2].startswith(where)
    assert ("neither" in found.method) == bool(where)
