"""What is known of each landscape holds; a function that was typed runs nothing else."""
import numpy as np
import pytest
import sympy as sp

import minigrad as mg
from optim.races.typed_functions import DEEPEST, LONGEST, parsed
from optim.landscapes import LANDSCAPES, Landscape, beale, landscape

from ..cases import each

X, Y = sp.symbols("x y", real=True)
PLANE = [name for name, one in LANDSCAPES.items() if len(one.start) == 2]
# The formulas as the literature prints them, typed a second time.
PRINTED = {
    "d2l_quadratic": "x**2/10 + 2*y**2",
    "long_valley": "x**2/2 + 50*y**2",
    "booth": "5*x**2 + 5*y**2 + 8*x*y - 34*x - 38*y + 74",
    "noisy_quadratic": "x**2/2 + 5*y**2",
    "beale": "(3/2 - x*(1-y))**2 + (9/4 - x*(1-y**2))**2 + (21/8 - x*(1-y**3))**2",
    "rosenbrock": "(1 - x)**2 + 100*(y - x**2)**2",
    "soft_rosenbrock": "(x - 1)**2 + 2*(x**2 - y)**2",
    "rastrigin": "20 + x**2 + y**2 - 10*(cos(2*pi*x) + cos(2*pi*y))",
    "himmelblau": "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    "mccormick": "sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1",
    "styblinski_tang": "(x**4 - 16*x**2 + 5*x)/2 + (y**4 - 16*y**2 + 5*y)/2",
    "two_pits":
        "x**2 + y**2 - 2*exp(-((x-1)**2 + y**2)/0.2) - 6*exp(-((x+1)**2 + y**2)/0.2)",
    "golf_hole": "-exp(-(x**2 + y**2)/2)",
    "saddle": "5*x**2 - y**2",
    "sine_saddle": "sin(x) + y**2",
    "monkey_saddle": "x*(x**2 - 3*y**2)",
    "reddi": "x/3",
}
ZERO = 1e-9             # the listed points have 16 digits and the curvatures are below 2000


@pytest.mark.parametrize("name", PRINTED)
def test_the_formula_is_the_one_in_print(name):
    printed = sp.nsimplify(sp.sympify(PRINTED[name], locals={"x": X, "y": Y}))
    assert sp.expand(landscape(name).formula - printed) == 0


def test_the_plateau_is_a_bowl_less_sin_r_over_r_with_r_ten_times_the_distance():
    one, r = landscape("plateau"), np.hypot(3, 4)
    assert one(0.3, 0.4) == pytest.approx(r**2/100 - np.sin(r)/r, abs=1e-5)
    assert one.gradient((0, 0)).tolist() == [0, 0]


def test_every_landscape_has_its_formula_held_by_a_test():
    assert {*PRINTED, "plateau"} == set(LANDSCAPES)


@pytest.mark.parametrize("name", PLANE)
def test_the_gradient_is_the_derivative_of_the_formula(name):
    one, rng = landscape(name), np.random.default_rng(0)
    slope = sp.lambdify((X, Y), [sp.diff(one.formula, v) for v in (X, Y)])
    low, high = np.array(one.domain).T
    for point in rng.uniform(low, high, (5, 2)):
        np.testing.assert_allclose(one.gradient(point), slope(*point), rtol=1e-9, atol=ZERO)


def lowest(one: Landscape, point) -> bool:
    """No slope there, no way down, and nothing lower on a grid over the domain."""
    point = np.array(point, dtype=float)
    grid = np.meshgrid(*(np.linspace(a, b, 301) for a, b in one.domain))
    return bool(np.abs(one.gradient(point)).max() < ZERO
                and np.linalg.eigvalsh(mg.hessian(one.at)(point)).min() > 0
                and one(*grid).min() >= one(*point) - ZERO)


@pytest.mark.parametrize("name", [name for name in PLANE if LANDSCAPES[name].minima])
def test_the_minima_are_the_lowest_points(name):
    one = landscape(name)
    assert all(lowest(one, point) for point in one.minima)
    assert np.ptp([one(*point) for point in one.minima]) < ZERO


def test_a_point_that_is_not_the_minimum_is_told_from_it():
    assert not lowest(landscape("beale"), (3, 0.5001))
    assert not lowest(landscape("mccormick"), (0.5 + 2*np.pi/3, -0.5 + 2*np.pi/3))
    assert not lowest(landscape("saddle"), (0, 0))


def test_mccormick_has_a_second_higher_minimum_where_the_sine_comes_round():
    one, second = landscape("mccormick"), np.array([0.5, -0.5]) + 2*np.pi/3
    assert np.abs(one.gradient(second)).max() < ZERO
    assert one(*second) > one(*one.minima[0]) + 1


@pytest.mark.parametrize("name", [name for name in PLANE if LANDSCAPES[name].saddles])
def test_at_a_saddle_the_slope_is_zero_and_a_way_leads_down(name):
    one = landscape(name)
    for point in one.saddles:
        assert np.abs(one.gradient(point)).max() < ZERO
        angles = np.linspace(0, 2*np.pi, 720, endpoint=False)
        ring = one(point[0] + 0.05*np.cos(angles), point[1] + 0.05*np.sin(angles))
        here = one(*map(float, point))
        downs = np.count_nonzero((ring < here) & (np.roll(ring, 1) >= here))
        assert downs == (3 if name == "monkey_saddle" else 2)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_start_lies_in_the_domain_and_slopes(name):
    one = landscape(name)
    assert all(a <= x <= b for x, (a, b) in zip(one.start, one.domain, strict=True))
    assert np.abs(one.gradient(one.start)).max() > 0


def test_the_long_valley_has_condition_number_100():
    values = np.linalg.eigvalsh(mg.hessian(landscape("long_valley").at)(np.zeros(2)))
    assert values.tolist() == [1, 100]


def test_beale_s_slope_at_the_start_of_the_animation_is_the_one_known():
    slope = landscape("beale").gradient((1, 1.6))
    np.testing.assert_allclose(slope, (49.8, 116.5), atol=0.1)


def test_numbers_arrays_tensors_and_formulas_go_through_the_same_function():
    one = landscape("beale")
    assert one.f is beale
    assert one(3, 0.5) == one(np.array([3.0, 3.0]), 0.5)[1] == one.at([3, 0.5]) == 0
    assert one.formula.subs({X: 0}) == sp.Rational(1, 64)*(12**2 + 18**2 + 21**2)
    assert "x" in one.latex() and one._repr_latex_().startswith("$")


# ---------------------------------------------------------------- what changes each step
def test_the_noisy_quadratic_s_mean_slope_is_that_of_the_bowl():
    one, point = landscape("noisy_quadratic"), np.array([1.0, 1.0])
    slope = mg.grad(one.seen(0))
    found = np.mean([slope(point) for _ in range(1000)], axis=0)
    sizes = np.array([1, 10])*0.5/np.sqrt(1000)               # standard errors of the mean
    assert (np.abs(found - one.gradient(point)) < 4*sizes).all()


def test_the_same_seed_is_the_same_noise():
    one, point = landscape("noisy_quadratic"), np.array([1.0, 1.0])
    first, same, other = ([f(point) for _ in range(5)] for f in map(one.seen, (1, 1, 2)))
    assert first == same != other
    assert len(set(first)) == 5


def test_three_steps_of_reddi_s_example_add_up_to_three_times_its_mean():
    one = landscape("reddi")
    seen = one.seen()
    values = [seen(np.array([0.5])) for _ in range(6)]
    assert values == [1.5, -0.5, -0.5]*2
    assert sum(values[:3]) == pytest.approx(3*one(0.5))


# ------------------------------------------------------------------------ one's own
def test_a_landscape_of_one_s_own_is_one_function():
    one = landscape(lambda x, y: x**2*np.exp(y), start=(1, 0))
    assert one.gradient(one.start).tolist() == [2, 1]
    assert str(one.formula) == "x**2*exp(y)"
    assert one.minima is None and one.domain is None


@pytest.mark.parametrize("what, start, said", [
    ("rosenbrok", None, "did you mean rosenbrock"),
    (lambda x, y: x, None, "needs a start"),
    (lambda x, y: x, (1, 2, 3), "one number for each")])
def test_a_landscape_that_does_not_exist_is_told_in_words(what, start, said):
    with pytest.raises((ValueError, TypeError), match=said):
        landscape(what, start)


# ------------------------------------------------------------------------------ typed
@pytest.mark.parametrize("text, value", [
    ("x**2 + 10*y**2", 94), ("-x + +y", 1), ("2*(x - y)/4", -0.5), ("5", 5), (" x ", 2),
    ("maximum(x, y) + minimum(x, y)", 5), ("exp(0)*x + log(e)", 3), ("cos(pi)", -1),
    ("abs(-x)*sqrt(y*3)", 6), ("x**y", 8), ("2**0.5*2**0.5", 2), ("(x\n+ y)", 5)])
def test_a_formula_means_what_it_says(text, value):
    assert parsed(text)(2.0, 3.0) == pytest.approx(value)


def test_a_typed_function_is_differentiated_as_any_other():
    one = landscape(parsed("sin(x)*y**3 + 1/3"), start=(0.5, 2))
    np.testing.assert_allclose(one.gradient(one.start), [8*np.cos(0.5), 12*np.sin(0.5)])
    assert str(one.formula).startswith("y**3*sin(x)")


HOSTILE = [
    "__import__('os').system('echo')", "x.__class__", "().__class__.__bases__[0]", "x[0]",
    "open('/etc/passwd')", "eval('1')", "exec('1')", "globals()", "lambda: 1",
    "x if y else 1", "[x for x in y]", "{x: y}", "f'{x}'", "'a'*10**9", "b'a'", "True",
    "None", "...", "1j*x",
    "x := 3", "x = 3", "import os", "x; y", "x == y", "x and y", "not x", "~x", "x @ y",
    "x // y", "x % y", "x << y", "x ^ 2", "sin(*x)", "sin(x=1)", "sin(**x)", "sin", "sin()",
    "sin(x, y)", "maximum(x)", "sin.at(x)", "z", "xy", "await x", "yield x", "2x", "x y",
    "", "   ", "x +", "(x", "\x00", "\ud800", "x\n+y", "#", "\\", "9**9**9", "9**9**9**9",
    "x**101", "x**-101", "10**13", "1e400", "1e400*x", "9"*400, "1/0", "0**-1", "(-1)**0.5",
    "log(-1)", "sqrt(-1)", "exp(1000)", "((1.1**100)**100)**100", "0x" + "f"*300,
    "x"*(LONGEST + 1), "-"*400 + "x", "("*240 + "x" + ")"*240, "sin("*90 + "x" + ")"*90,
    "x" + "+x"*240, "x" + "**x"*150]


@each("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_nothing_but_arithmetic_has_a_meaning(text):
    with pytest.raises(ValueError) as error:
        parsed(text)
    said = str(error.value)
    assert len(said) < 600 and ("needed" in said or "needs" in said or "write" in said)


def test_parentheses_alone_are_no_depth_and_the_deepest_formula_still_works():
    assert parsed("("*100 + "x" + ")"*100)(2.0, 3.0) == 2
    assert parsed("-"*DEEPEST + "x")(2.0, 3.0) == 2
    with pytest.raises(ValueError, match="deeply"):
        parsed("-"*(DEEPEST + 1) + "x")
