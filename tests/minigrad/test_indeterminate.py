"""0/0 and 0*inf on the way back: the right value, or a report through np.errstate.

Each row that a public thread reports names it. Warnings are errors in these tests, so a
gradient that is not said to be reported is silent.
"""
import io
import threading
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad import indeterminate
from minigrad.primitives import VJPS
from minigrad.primitives.stable import logsumexp

G, INF, ZEROS = mg.grad, np.inf, np.zeros(2)
REPORT = "a cotangent of 0 met an infinite slope"


def reports(f, *args):
    """The value of f(*args), and the reports that came, as (file name, line, text)."""
    with warnings.catch_warnings(record=True) as seen, np.errstate(divide="ignore"):
        warnings.simplefilter("always")
        value = f(*args)
    assert all(w.category is RuntimeWarning and REPORT in str(w.message) for w in seen)
    return value, [(w.filename, w.lineno, str(w.message)) for w in seen]


# --- reported -----------------------------------------------------------------------------
@pytest.mark.parametrize("name, f", [
    ("sqrt", lambda: G(lambda x: np.sqrt(x)**2)(0.)),                    # tensorflow#5562
    ("divide in the derivative of sqrt", lambda: G(G(lambda x: np.sqrt(x)**2))(0.)),
    # ForwardDiff.jl#303
    ("quotient", lambda: mg.hessian(lambda x: np.linalg.norm(x)**2)(ZEROS)),
    ("quotient", lambda: mg.hessian(lambda x: np.hypot(x[0], x[1])**2)(ZEROS)),
    ("quotient", lambda: mg.hessian(lambda x: np.std(x)**2)(np.ones(3))),
    ("quotient", lambda: mg.hessian(
        lambda x: np.sum(np.linalg.norm(x, axis=1)**2))(np.eye(2)*[0, 1])),
    ("quotient", lambda: mg.hvp(lambda x: np.linalg.norm(x)**2, ZEROS, np.ones(2))),
    ("power", lambda: G(lambda x: (x**0.5)**2)(0.)),
    ("power", lambda: G(lambda x, p: (x**p)**2)(0., np.array(0.25))),
    ("float_power", lambda: mg.value_and_grad(lambda x: np.float_power(x, 0.5)**4)(0.)),
    ("cbrt", lambda: G(lambda x: np.cbrt(x)**3)(0.)),
    ("log", lambda: G(lambda x: np.exp(np.log(x)))(0.)),
    ("log2", lambda: G(lambda x: np.exp2(np.log2(x)))(0.)),
    ("log10", lambda: G(lambda x: 10**np.log10(x))(0.)),
    ("log1p", lambda: G(lambda x: np.exp(np.log1p(x)))(-1.)),
    ("reciprocal", lambda: G(lambda x: 1/np.reciprocal(x))(0.)),
    ("divide", lambda: G(lambda x: 1/(1/x))(0.)),
    ("arcsin", lambda: G(lambda x: np.cos(np.arcsin(x) - np.pi/2))(1.)),
    ("arccos", lambda: G(lambda x: np.cos(np.arccos(x)))(1.)),
    ("arccosh", lambda: G(lambda x: np.cosh(np.arccosh(x)))(1.)),
    ("arctan2", lambda: G(lambda x: np.cos(np.arctan2(x, x)))(0.)),
    ("sqrt", lambda: mg.vjp(lambda x: np.sqrt(x)**2, 0.)[1](np.array(1.))),
    ("sqrt", lambda: mg.jacobian(lambda x: np.sqrt(x)**2)(ZEROS)),
    # an overflow inside, and then a limit that is finite
    ("exp", lambda: G(lambda x: x/(1 + np.exp(-x)))(-1000.)),
    ("exp", lambda: G(lambda x: np.exp(-np.exp(-x)))(-800.)),
    ("exp", lambda: G(lambda x: 1/(1 + np.exp(-x)))(np.float32(-100))),
])
def test_a_cotangent_of_0_against_an_infinite_slope_is_reported_with_its_place(name, f):
    with np.errstate(over="ignore"):
        value, seen = reports(f)
    assert seen and np.all(np.isfinite(np.ravel(value)))
    for path, line, text in seen:
        assert path == __file__ and f"test_indeterminate.py:{line}" in text
    assert any(text.startswith(f"{name} ") for *_, text in seen)


def test_the_slope_of_a_float32_sigmoid_at_minus_100_is_its_limit():
    with np.errstate(over="ignore", invalid="ignore"):
        slope = G(lambda x: 1/(1 + np.exp(-x)))(np.float32(-100))
    assert slope.dtype == np.float32 and abs(slope) < 1e-37


def test_two_places_are_both_reported_and_one_place_only_once():
    indeterminate.WARNED.clear()

    def here(x):
        return np.sqrt(x)**2

    def there(x):
        return np.sqrt(x)**2
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("default")
        for f in (here, there, here, there):
            G(f)(0.)
    assert len({w.lineno for w in seen}) == len(seen) == 2


# --- as NumPy's errstate says -------------------------------------------------------------
def root_squared():
    return G(lambda x: np.sqrt(x)**2)(0.)


def test_the_report_follows_errstate(capfd):
    with np.errstate(invalid="ignore"):
        assert root_squared() == 0
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match="sqrt at "):
        root_squared()
    called, log = [], io.StringIO()
    with np.errstate(invalid="call", call=lambda *a: called.append(a)):
        root_squared()
    with np.errstate(invalid="log", call=log):
        root_squared()
    assert called[0][0] == "invalid value" and "invalid value" in log.getvalue()
    with np.errstate(invalid="print"):
        root_squared()
    assert "invalid value" in "".join(capfd.readouterr())


def test_raise_leaves_grad_as_it_was():
    x = mg.tensor([0.], requires_grad=True)
    y = np.sum(np.sqrt(x)**2)
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError):
        y.backward()
    assert x.grad is None


def test_each_thread_reports_by_its_own_errstate():
    found = {}

    def run(how):
        with np.errstate(invalid=how):
            for _ in range(20):
                try:
                    root_squared()
                    found.setdefault(how, []).append("silent")
                except FloatingPointError:
                    found.setdefault(how, []).append("raised")
    threads = [threading.Thread(target=run, args=(how,)) for how in ("ignore", "raise")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(found["ignore"]) == {"silent"} and set(found["raise"]) == {"raised"}


# --- silent: kinks, and entries that do not count -----------------------------------------
@pytest.mark.parametrize("f, x, slope", [
    (np.abs, 0., 0), (lambda x: np.maximum(x, 0), 0., 0.5),
    (np.linalg.norm, ZEROS, ZEROS), (lambda x: np.linalg.norm(x)**2, ZEROS, ZEROS),
    (lambda x: np.hypot(x, x), 0., 0), (np.std, np.ones(2), ZEROS),
    (lambda x: np.sum(np.sqrt(x)*np.array([0., 1.])), np.array([0., 4.]), [0, .25]),
    (lambda x: np.sum(np.sqrt(x)[1:]), np.array([0., 4.]), [0, .25]),
    (lambda x: np.max(np.sqrt(x)), np.array([0., 4.]), [0, .25]),
    (lambda x: np.mean(np.where(x > 0, x**0.5, 0)), np.array([0., 4.]), [0, .125]),
    (lambda x: np.maximum(np.sqrt(x), 1), 0., 0),
    (lambda x: np.sum(np.sort(np.sqrt(x))[1:]), np.array([4., 0.]), [.25, 0]),
    (lambda x: np.sum(np.concatenate([np.sqrt(x)[1:], x])), np.array([0., 4.]), [1, 1.25]),
])
def test_kinks_and_entries_that_do_not_count_are_silent(f, x, slope):
    assert np.array_equal(G(f)(x), slope)


def test_a_dead_pixel_is_told_from_a_root_that_counts():
    """An input of the data that is always 0 leaves its weights without any gradient, and
    Adam's root of v at 0: nothing that counts comes there, also at the next order."""
    x, y = np.array([[1., 0., 2.], [3., 0., -1.]]), np.array([1., -1.])
    start = np.array([0.1, 0.5, -0.2])

    def loss(w):
        return np.sum((np.tanh(x @ w) - y)**2)

    def trained(lr, eps):
        w, v = start, 0
        for _ in range(3):
            g = mg.grad(loss)(w)
            v = 0.9*v + g**2
            w = w - lr*g/(np.sqrt(v) + eps)
        return loss(w)
    slopes = G(trained, (0, 1))(0.1, 1e-8)
    assert np.all(np.isfinite(slopes)) and slopes[0] != 0
    x[0, 1] = 1e-300                                # now it counts: its v is 0 by underflow
    assert reports(G(trained), 0.1, 1e-8)[1]


def test_a_jacobian_is_silent_about_entries_that_were_not_asked_for():
    with np.errstate(divide="ignore"):
        assert mg.jacobian(np.sqrt)(np.array([0., 4.])).tolist() == [[INF, 0], [0, .25]]


def test_an_entry_that_counts_is_reported_beside_one_that_does_not():
    _, seen = reports(G(lambda x: np.sum(np.where([True, False], np.sqrt(x), 1)**2)), ZEROS)
    assert len(seen) == 1
    _, seen = reports(G(lambda x: np.where(x > 1, np.sqrt(x), np.sqrt(x)**2)), 0.)
    assert len(seen) == 1


def test_a_slope_that_is_infinite_stays_so():
    with np.errstate(divide="ignore"):
        for f in (np.sqrt, np.cbrt, np.log, lambda x: x**0.5, lambda x: x**np.array(0.5)):
            assert G(f)(0.) == INF
        assert G(lambda x: x**x)(0.) == -INF                # x^x (log(x) + 1)


# --- where nothing can be resolved --------------------------------------------------------
@pytest.mark.parametrize("f, x", [
    (lambda x: np.log(1 + np.exp(x)), 800.),        # 1 by its limit, but the result is inf
    (lambda x: np.sqrt(x**2), 0.), (lambda x: np.arctan2(x, x), 0.)])
def test_a_slope_that_is_not_to_be_had_is_refused_without_a_where_that_is_not_there(f, x):
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError) as seen:
        G(f)(x)
    text = str(seen.value)
    assert "test_indeterminate.py" in text and "np.where" not in text


def test_the_advice_of_that_error_is_right():
    assert G(lambda x: np.logaddexp(0, x))(800.) == 1


def test_the_nan_of_a_product_behind_a_where_names_the_where():
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="np.where"):
        G(lambda x: np.where(x > 0, x*np.log(x), 0))(0.)


def test_a_zero_is_found_also_where_numpy_does_not_notice_it(monkeypatch):
    """A processor that sets no flag: the second walk looks at every entry."""
    monkeypatch.setattr(indeterminate.Indeterminate, "__call__", lambda *a: None)
    assert len(reports(root_squared)[1]) == 1


# --- planted errors -----------------------------------------------------------------------
def test_a_report_that_never_comes_would_be_caught(monkeypatch):
    monkeypatch.setattr(indeterminate, "report", lambda node: None)
    assert not reports(root_squared)[1]


def test_a_mask_that_hides_all_entries_would_be_caught(monkeypatch):
    monkeypatch.setattr(indeterminate, "MASKING", {np.power})
    monkeypatch.setitem(VJPS, np.power, (lambda g, y, x, p: np.zeros_like(g), None))
    assert not reports(root_squared)[1]


# --- stable forms at infinite entries -----------------------------------------------------
@pytest.mark.parametrize("x, value, slopes", [
    ([-INF, -INF], -INF, [0, 0]),                                   # jax#6811
    ([-INF, 1.], 1, [0, 1]), ([INF, 0.], INF, [1, 0]), ([INF, INF, 0.], INF, [.5, .5, 0]),
    ([INF, -INF], INF, [1, 0]), ([1e4, 1e4], 1e4 + np.log(2), [.5, .5])])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logsumexp_has_its_limit_at_infinite_entries(x, value, slopes, dtype):
    x = np.array(x, dtype)
    assert logsumexp(x) == dtype(value) and logsumexp(x).dtype == dtype
    assert np.array_equal(G(logsumexp)(x), slopes)
    assert np.array_equal(G(lambda a: np.sum(logsumexp(a)))(np.stack([x, x])), [slopes]*2)


@pytest.mark.parametrize("a, b, slopes", [
    (-INF, -INF, (0, 0)), (-INF, 1., (0, 1)), (INF, 0., (1, 0)), (INF, INF, (.5, .5)),
    (-1e300, 1e300, (0, 1))])
def test_logaddexp_has_the_slopes_of_logsumexp_there(a, b, slopes):
    with np.errstate(over="ignore"):
        assert G(np.logaddexp, (0, 1))(a, b) == slopes
        assert G(np.logaddexp2, (0, 1))(a, b) == slopes
