"""erf, erfc and the derivatives of sinc: right to the last digits, and differentiable.

Accuracy is measured against mpmath with 40 digits, in units in the last place (ulp).
"""
import mpmath
import numpy as np
import pytest

import minigrad as mg
from minigrad.primitives import special
from minigrad.primitives.special import erf, erfc, sinc_derivative

from .test_surface import A, check_case, check_derivatives

RNG = np.random.default_rng(0)
EVERYWHERE = np.concatenate([
    RNG.uniform(-7, 7, 2500), RNG.uniform(0.9, 1.1, 1000), 10**RNG.uniform(-300, 1, 500),
    -10**RNG.uniform(-8, 0, 200), [0.5, 1, np.nextafter(1, 0), 6, 30, 1e300, 5e-324]])


@pytest.fixture
def rng():
    """Numbers that do not depend on which other tests ran before."""
    return np.random.default_rng(1)


def worst_ulp(found, exact, x):
    """The largest error of found, in units of its last place."""
    with mpmath.workdps(40):
        return max(float(abs(mpmath.mpf(float(a)) - exact(mpmath.mpf(float(b))))
                         / mpmath.mpf(float(np.spacing(abs(a))))) for a, b in zip(found, x))


def test_erf_is_right_to_two_units_in_the_last_place_on_the_whole_line():
    assert worst_ulp(erf(EVERYWHERE), mpmath.erf, EVERYWHERE) <= 2


def test_erfc_is_right_to_six_units_where_it_is_a_normal_number(rng):
    x = rng.uniform(-6, 26.5, 2500)
    assert worst_ulp(erfc(x), mpmath.erfc, x) <= 6


def test_an_error_of_a_few_units_is_caught():
    x = EVERYWHERE[:500]
    assert worst_ulp(erf(x)*(1 + 1e-15), mpmath.erf, x) > 2


def test_the_coefficients_are_the_cosine_sums_that_the_module_says():
    n = 48
    with mpmath.workdps(50):
        nodes = [mpmath.cos(mpmath.pi*(j + mpmath.mpf(1)/2)/n) for j in range(n)]

        def scaled(u):
            x = (3*u + 4)/(1 - u)
            return (x + 3)*mpmath.exp(x*x)*mpmath.erfc(x)
        values = [scaled(u) for u in nodes]
        for k, coefficient in enumerate(special.CHEBYSHEV):
            total = sum(v*mpmath.cos(k*mpmath.acos(u)) for u, v in zip(nodes, values))
            assert abs(total*(2 if k else 1)/n - coefficient) < 1e-16*max(
                1, abs(coefficient))


def test_values_at_the_ends_and_at_nan():
    with np.errstate(all="raise", under="ignore"):
        ends = np.array([0., -0., np.inf, -np.inf, 40.])
        assert np.array_equal(erf(ends), [0, 0, 1, -1, 1])
        assert np.array_equal(erfc(ends), [1, 1, 0, 2, 0])
        assert np.isnan(erf(np.nan)) and np.isnan(erfc(np.nan))
    assert np.signbit(erf(-0.))


@pytest.mark.parametrize("f", [erf, erfc, lambda x: sinc_derivative(x, 1)],
                         ids=["erf", "erfc", "sinc'"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_results_have_the_dtype_that_came(f, dtype):
    x = np.array([-2., 0.25, 1.5])
    assert f(x.astype(dtype)).dtype == dtype and f(dtype(0.5)).dtype == dtype
    assert np.allclose(f(x.astype(dtype)), f(x), rtol=2*np.finfo(dtype).eps, atol=0)
    assert f(np.array([1, 2])).dtype == np.float64


@pytest.mark.parametrize("n", range(5))
def test_sinc_derivatives_are_those_of_the_integral_that_defines_them(n, rng):
    """sinc(x) is the integral of cos(pi x s) over s from 0 to 1."""
    x = np.concatenate([rng.uniform(-3, 3, 12), [0, 1e-9, 1e-3, (n + 1)/np.pi]])
    with mpmath.workdps(30):
        for found, b in zip(sinc_derivative(x, n), x):
            t = mpmath.pi*mpmath.mpf(float(b))
            exact = mpmath.pi**n*mpmath.quad(
                lambda s, t=t: s**n*mpmath.cos(t*s + n*mpmath.pi/2), [0, 0.5, 1])
            assert abs(found - exact) < 1e-15*np.pi**n


CASES = {
    erf: [(A(*s, low=-2, high=2),) for s in ((), (3,), (2, 3), (0,))],
    erfc: [(A(*s, low=-2, high=2),) for s in ((), (3,), (2, 3))],
    np.sinc: [(A(*s, low=-2, high=2),) for s in ((), (3,), (2, 3))],
    sinc_derivative: [(A(3, low=-2, high=2), n) for n in (0, 1, 2)],
}
PARAMETERS = [pytest.param(f, args, id=f"{f.__name__}-{i}")
              for f, calls in CASES.items() for i, args in enumerate(calls)]


@pytest.mark.parametrize("function, args", PARAMETERS)
def test_values_and_derivatives_are_right_in_every_precision(function, args):
    check_case(function, args, {}, function.__name__)


def test_every_function_of_the_table_has_a_case():
    assert set(special.VJPS) == set(CASES)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_a_vjp_that_is_wrong_by_a_thousandth_is_caught(function, monkeypatch):
    from minigrad.primitives import VJPS
    right, args = VJPS[function][0], CASES[function][1]
    monkeypatch.setitem(VJPS, function, (lambda *a: 1.001*right(*a),))
    with pytest.raises(AssertionError):
        check_derivatives(lambda x: function(x, *args[1:]), [np.array([0.3, -1.2])])


def test_sinc_has_all_derivatives_at_zero():
    f = np.sinc
    found = []
    for _ in range(5):
        found.append(f(0.0))
        f = mg.grad(f)
    assert np.allclose(found, [1, 0, -np.pi**2/3, 0, np.pi**4/5], atol=1e-14, rtol=1e-14)
