"""NumPy code run on formulas means what NumPy means, or raises; never silently less."""
import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import primitives
from minigrad.primitives import linalg, special, stable
from minigrad.primitives.elementwise import LOG_2
from minigrad.symbolic import meanings
from minigrad.symbolic.constants import exact

from ..cases import each

x, y = sp.symbols("x y", real=True)
X, Y = mg.symbols("x"), mg.symbols("y")


# --- constants ----------------------------------------------------------------------------
def test_a_float_counts_as_the_decimal_that_was_written():
    assert (0.96*X).expr == sp.Rational(24, 25)*x
    assert (X + 1e-8).expr == x + sp.Rational(1, 10**8)
    assert (X*np.float64(0.1)).expr == (X*0.1).expr == x/10


def test_pi_and_its_like_count_as_themselves():
    assert (np.pi*X).expr == sp.pi*x and (X + math.e).expr == x + sp.E
    assert np.deg2rad(X).expr == sp.pi*x/180
    assert (X*LOG_2).expr == x*sp.log(2)


def test_a_float_that_only_equals_pi_is_the_decimal_that_was_written():
    for value in (math.pi, math.e, math.log(2), math.sqrt(2)):
        written = float(repr(value))
        assert (X*written).expr == sp.Rational(repr(value))*x


@given(st.integers(-10**20, 10**20), st.floats(allow_nan=False, allow_infinity=False))
def test_constants_are_exact(whole, real):
    assert exact(whole) == whole
    assert float(exact(real)) == real


def test_truth_values_stay_truth_values_but_add_up_as_numbers():
    assert exact(np.True_) is sp.true
    assert (X + np.array([True, False])).array.tolist() == [x + 1, x]
    assert np.sum(mg.Symbolic([True, True, False])).expr == 2


OF_TRUTHS = [getattr(np, name) for name in (
    "add multiply maximum minimum fmax fmin power equal not_equal less less_equal greater "
    "greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor "
    "hypot copysign float_power heaviside").split()]


ROUNDED = 1e-3          # relative: NumPy takes roots of truth values in float16


def numbers(entries):
    return [float(bool(x)) if x in (sp.true, sp.false) else float(x) for x in entries]


@each("function", OF_TRUTHS, ids=lambda f: f.__name__)
def test_of_two_truth_values_comes_what_numpy_makes_of_them(function):
    """True + True is True: NumPy's + on booleans is or."""
    p, q = np.array([False, False, True, True]), np.array([False, True, False, True])
    with np.errstate(all="ignore"):
        want = function(p, q)
    got = function(mg.Symbolic(p), mg.Symbolic(q)).array
    assert [x in (sp.true, sp.false) for x in got] == [want.dtype == bool]*4
    assert numbers(got) == pytest.approx([*map(float, want)], rel=ROUNDED)


@pytest.mark.parametrize("function", [
    np.absolute, np.logical_not, np.invert, np.sqrt, np.square, np.exp, np.signbit],
    ids=lambda f: f.__name__)
def test_of_one_truth_value_comes_what_numpy_makes_of_it(function):
    want = function(np.array([False, True]))
    got = function(mg.Symbolic([False, True])).array
    assert numbers(got) == pytest.approx([*map(float, want)], rel=ROUNDED)


@pytest.mark.parametrize("wrong", [
    lambda p: p - p, lambda p: -p, lambda p: +p, lambda p: np.sign(p), lambda p: X & p,
    lambda p: X | Y, lambda p: ~X, lambda p: np.floor(p)])
def test_what_numpy_refuses_of_truth_values_is_refused(wrong):
    with pytest.raises(TypeError, match="has no meaning on formulas"):
        wrong(X > 0)


def test_a_number_as_a_condition_is_whether_it_is_not_0():
    assert np.where(X, 1, 2).expr == sp.Piecewise((1, sp.Ne(x, 0)), (2, True))
    assert np.logical_and(X, Y > 0).expr == sp.Ne(x, 0) & (y > 0)
    assert np.where(X > 0, Y > 0, False).expr == sp.ITE(x > 0, y > 0, False)
    assert (2*np.where(X > 0, Y > 0, 3)).expr.subs({x: 1, y: 1}) == 2


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match="came str, needs numbers or SymPy expressions"):
        mg.Symbolic("x")
    with pytest.raises(TypeError, match="came complex"):
        X*1j


# --- control flow -------------------------------------------------------------------------
def test_where_becomes_piecewise():
    assert np.where(X > 0, X, 0).expr == sp.Piecewise((x, x > 0), (0, True))
    assert np.where(np.array([True, False]), X, Y).array.tolist() == [x, y]
    assert np.where((X > 0) & ~(Y > 0), 1, X).expr == sp.Piecewise(
        (1, (x > 0) & (y <= 0)), (x, True))


def test_comparisons_become_relations():
    assert [(X < Y).expr, (X <= Y).expr, (X > Y).expr, (X >= Y).expr] == [
        x < y, x <= y, x > y, x >= y]
    assert (X == Y).expr == sp.Eq(x, y) and (X != Y).expr == sp.Ne(x, y)


def test_if_on_a_formula_raises_and_names_where():
    with pytest.raises(TypeError, match="no truth value; write np.where"):
        bool(X > 0)
    with pytest.raises(TypeError, match="np.where"):
        max(X, Y)


def test_what_sympy_can_decide_may_be_asked():
    p = mg.symbols("p", positive=True)
    assert bool(p + 1 > 0) and not bool(p < 0)
    assert not bool(np.any(p + 1 < 1)) and bool(np.all(np.stack([p, p + 1]) > 0))


@pytest.mark.parametrize("function", [float, int, math.sqrt, range])
def test_a_formula_is_no_number(function):
    with pytest.raises(TypeError, match="np.sqrt.* for math.sqrt.* substitute values"):
        function(X)


@pytest.mark.parametrize("function", [np.array, np.asarray, lambda a: np.array([a, a])])
def test_numpy_may_not_take_a_formula_for_an_array(function):
    with pytest.raises(TypeError, match=r"use np.stack\(\[...\]\) to join"):
        function(X)


# --- shapes -------------------------------------------------------------------------------
def test_symbols_have_names_shapes_and_assumptions():
    a = mg.symbols("a", (2, 3), positive=True)
    assert a.shape == (2, 3) and a.size == 6 and len(a) == 2 and a.ndim == 2
    assert str(a[1, 2].expr) == "a_1_2" and a[1, 2].expr.is_positive
    assert X.expr == x and X.expr.is_real and X.shape == ()
    with pytest.raises(ValueError, match=r"expr: the shape is \(2, 3\); needs one entry"):
        a.expr


def test_formulas_broadcast_as_arrays_do():
    a, b = mg.symbols("a", (2, 1)), mg.symbols("b", (3,))
    out = a*b + 1
    assert out.shape == (2, 3)
    assert out.array[1, 2] == a.array[1, 0]*b.array[2] + 1
    assert (np.arange(3)*a).shape == (2, 3)             # an array on the left, too


def test_reductions_run_along_axes():
    a = mg.symbols("a", (2, 3))
    e = a.array
    assert np.sum(a).expr == e.sum() == a.sum().expr
    assert np.sum(a, axis=0).array.tolist() == e.sum(0).tolist()
    assert np.mean(a, axis=1, keepdims=True).shape == (2, 1)
    assert np.max(a, axis=(0, 1), keepdims=True).expr == sp.Max(*e.flat)
    for whole, reduce in (np.sum, np.add.reduce), (np.max, np.maximum.reduce):
        for axis in {}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}:
            came, right = reduce(a, **axis), whole(a, **({"axis": 0} | axis))
            assert np.array_equal(came.array, right.array) and came.shape == right.shape
    assert np.min(a, axis=-1).array.tolist() == [sp.Min(*row) for row in e]
    assert np.var(a[0]).expr.equals(sum((v - sum(e[0])/3)**2 for v in e[0])/3)
    assert np.std(a[0]).expr**2 == np.var(a[0]).expr
    assert np.prod(a[0]).expr == e[0, 0]*e[0, 1]*e[0, 2]


def test_products_of_arrays_are_those_of_matrices():
    a, b, v = mg.symbols("a", (2, 3)), mg.symbols("b", (3, 2)), mg.symbols("v", (3,))
    assert sp.Matrix((a @ b).array) == sp.Matrix(a.array)*sp.Matrix(b.array)
    assert (a @ v).shape == (2,) and (v @ v).shape == ()
    assert np.einsum("ij,ji->", a, b).expr == np.trace(a @ b).expr
    assert np.dot(a, v).array.tolist() == (a @ v).array.tolist()


def test_matrix_functions_are_exact():
    a = mg.symbols("a", (2, 2))
    one = np.linalg.inv(a) @ a
    assert sp.Matrix(one.array).applyfunc(sp.simplify) == sp.eye(2)
    assert np.linalg.det(a).expr == sp.Matrix(a.array).det()
    b = mg.symbols("b", (2,))
    back = a @ np.linalg.solve(a, b)
    assert [sp.simplify(e) for e in back.array] == list(b.array)


def test_moves_keep_every_entry():
    a = mg.symbols("a", (2, 3))
    assert a.T.shape == (3, 2) and a.reshape(3, 2).array[0, 1] == a.array[0, 1]
    assert np.concatenate([a, a], axis=1).shape == (2, 6)
    assert np.stack([X, Y]).array.tolist() == [x, y]
    assert [row.shape for row in a] == [(3,), (3,)]
    assert a.astype(np.float32) is a


# --- functions ----------------------------------------------------------------------------
MEANT = [
    (np.sqrt, sp.sqrt(x)), (np.exp, sp.exp(x)), (np.log, sp.log(x)), (np.abs, sp.Abs(x)),
    (np.sign, sp.sign(x)), (np.tanh, sp.tanh(x)), (np.expm1, sp.exp(x) - 1),
    (np.log1p, sp.log(1 + x)), (np.square, x**2), (np.reciprocal, 1/x), (np.floor,
    sp.floor(x)), (special.erf, sp.erf(x)), (np.sinc, sp.sin(sp.pi*x)/(sp.pi*x)),
]


@pytest.mark.parametrize("function, meaning", MEANT,
                         ids=lambda f: getattr(f, "__name__", str(f)))
def test_a_function_of_a_formula_is_its_formula(function, meaning):
    assert function(X).expr == meaning


def test_functions_of_two_formulas():
    assert np.maximum(X, Y).expr == sp.Max(x, y) and np.minimum(X, 0).expr == sp.Min(x, 0)
    assert np.hypot(X, Y).expr == sp.sqrt(x**2 + y**2)
    assert np.arctan2(X, Y).expr == sp.atan2(x, y)
    assert np.clip(X, -1, 1).expr == sp.Min(1, sp.Max(-1, x))
    assert np.clip(X, None, Y).expr == sp.Min(x, y)


VALUES = [-2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.25, 3.0]
ONE = [f for f in meanings.MEANING if isinstance(f, np.ufunc) and f.nin == 1 and f not in (
    np.logical_not, np.invert)]
TWO = [np.remainder, np.fmod, np.floor_divide, np.copysign, np.heaviside, np.hypot,
       np.arctan2, np.logaddexp, np.logaddexp2, np.maximum, np.fmin]


@each("function", ONE, ids=lambda f: f.__name__)
def test_the_meaning_of_a_function_has_its_values(function):
    for value in VALUES:
        with np.errstate(all="ignore"):
            there = function(value)
        if np.isfinite(there):
            exact = function(X).expr.subs(x, sp.Rational(value))
            exact = float(meanings.as_number(exact))
            assert exact == pytest.approx(float(there), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("function", TWO, ids=lambda f: f.__name__)
def test_the_meaning_of_a_function_of_two_has_its_values(function):
    for a in VALUES:
        for b in (-1.5, 0.75, 2.0):
            exact = function(X, Y).expr.subs({x: sp.Rational(a), y: sp.Rational(b)})
            there = float(function(a, b))
            assert float(exact) == pytest.approx(there, rel=1e-12, abs=1e-12)


def test_round_goes_to_even_as_numpys():
    for value in (0.5, 1.5, 2.5, -0.5, -1.5, 0.25, 1.75):
        assert float(np.round(mg.Symbolic(value)).expr) == np.round(value)
    assert np.round(mg.Symbolic(0.35), 1).expr == sp.Rational(4, 10)


def test_stable_functions_mean_their_textbook_form():
    a = mg.symbols("a", (2,))
    total = sum(sp.exp(e) for e in a.array)
    assert stable.logsumexp(a).expr == sp.log(total)
    assert stable.log_softmax(a).array[0] == a.array[0] - sp.log(total)
    assert linalg.p_norm(a, 2).expr == sp.sqrt(sum(e**2 for e in a.array))


def test_sorting_needs_a_known_order():
    p = mg.symbols("p", positive=True)
    a = np.stack([p + 2, p, p + 1])
    assert np.sort(a).array.tolist() == [p.expr, p.expr + 1, p.expr + 2]
    assert np.argsort(a).tolist() == [1, 2, 0]
    with pytest.raises(TypeError, match="sort: the order of these formulas is not known"):
        np.sort(np.stack([X, Y]))


def test_every_primitive_has_a_meaning():
    """One of its own; NumPy moves, adds and multiplies objects by itself."""
    for table in ("elementwise", "special"):
        for function in primitives.TABLES[table]:
            assert function in meanings.MEANING or function in meanings.OWN, function


@pytest.mark.parametrize("call", [
    lambda: np.i0(X), lambda: np.histogram(X), lambda: np.spacing(X),
    lambda: np.gcd(X, Y),
    lambda: np.fft.fft(mg.symbols("a", (2,)))])
def test_a_function_without_meaning_raises(call):
    with pytest.raises(TypeError, match="has no meaning on formulas"):
        call()


def test_a_formula_is_not_changed_in_place():
    with pytest.raises(TypeError, match=r"np.add: .* out= has no meaning"):
        np.add(X, 1, out=np.zeros(()))
    z = X
    with pytest.raises(TypeError, match="not changed in place.* x = x \\+ y for x \\+= y"):
        z *= 2


def test_a_ufuncs_other_methods_have_no_meaning():
    with pytest.raises(TypeError, match="np.maximum.accumulate"):
        np.maximum.accumulate(mg.symbols("a", (2,)))


# --- bare SymPy ---------------------------------------------------------------------------
def test_a_bare_sympy_symbol_is_wrapped_where_it_meets_a_formula():
    assert isinstance(X + y, mg.Symbolic) and (X + y).expr == x + y
    assert isinstance(mg.Symbolic(y)*2, mg.Symbolic)
    assert np.maximum(X, y).expr == sp.Max(x, y)


def test_numpy_alone_gets_a_bare_symbol_wrong_and_the_wrapped_one_right():
    p = sp.Symbol("p", positive=True)
    q = sp.Symbol("q", real=True)
    assert np.maximum(mg.Symbolic(p), 0).expr == p
    assert np.maximum(mg.Symbolic(q), 0).expr == sp.Max(0, q)
    with pytest.raises(TypeError):
        np.exp(q)                                       # NumPy asks the symbol for .exp


# --- display ------------------------------------------------------------------------------
def test_formulas_show_themselves():
    assert repr(np.exp(X)) == "Symbolic(exp(x))"
    assert np.sqrt(X)._repr_latex_() == r"$\displaystyle \sqrt{x}$"
    assert repr(np.stack([X, Y])) == "Symbolic([x, y])"
    assert "x" in np.stack([X, Y])._repr_latex_()


def test_options_of_reductions_have_their_meaning_on_formulas():
    x, chosen = mg.symbols("x", (3,)), np.array([True, False, True])
    a, b, c = x.array
    assert np.sum(x, where=chosen, initial=x[1]).expr == a + b + c
    assert np.prod(x, where=chosen).expr == a*c
    assert np.mean(x, where=chosen).expr == (a + c)/2
    assert np.max(x[:2], initial=0).expr == sp.Max(a, b, 0)
    assert np.clip(x[0], min=0, max=1).expr == sp.Min(1, sp.Max(0, a))
    assert np.nansum(x).expr == a + b + c
    assert sp.expand(np.nanmean(x).expr - (a + b + c)/3) == 0
    assert sp.expand(np.nanvar(x).expr - np.var(x).expr) == 0
