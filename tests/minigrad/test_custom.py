"""Functions whose derivative their user gives: used, checked, proved and refuted like ours.

Tolerance: closed forms are evaluated in float64, a few roundings away: 1e-12 relative.
"""
import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import GradientError
from minigrad.prove import prove_function

sine = mg.custom_vjp(np.sin, lambda g, y, x: g*np.cos(x))
matrix_product = mg.custom_vjp(
    lambda a, b: a @ b, lambda g, y, a, b: g @ b.T, lambda g, y, a, b: a.T @ g)


# --- stop_gradient ------------------------------------------------------------------------
def test_stopped_values_are_constants_in_every_order():
    stop = mg.stop_gradient
    assert mg.grad(lambda x: x*stop(x))(3.0) == 3.0
    assert mg.grad(stop)(3.0) == 0.0
    assert mg.grad(mg.grad(lambda x: stop(x)*x*x))(3.0) == 6.0
    assert mg.grad(mg.grad(lambda x: stop(x*x)))(3.0) == 0.0
    assert mg.grad(lambda x: mg.grad(lambda y: stop(x)*x*y)(1.0))(3.0) == 3.0
    assert mg.jvp(lambda x: x*stop(x), (3.0,), (1.0,)) == (9.0, 3.0)
    assert mg.hessian(lambda x: stop(x)*x**2)(3.0) == 6.0
    w = mg.tensor([1., 2.], requires_grad=True)
    np.sum(w*stop(w)).backward()
    assert w.grad.tolist() == [1., 2.]


def test_stop_gradient_goes_through_structures_and_leaves_plain_values():
    x, array = {"a": [1.0, np.ones(2)], "n": 3, "s": "text"}, np.ones(2)
    assert mg.stop_gradient(array) is array
    assert mg.stop_gradient(x)["a"][1] is x["a"][1] and mg.stop_gradient(x)["s"] == "text"
    p = {"a": np.array([1., 2.])}
    g = mg.grad(lambda p: np.sum(p["a"]*mg.stop_gradient(p)["a"]))(p)
    assert g["a"].tolist() == [1., 2.]


def test_check_grads_sees_that_a_stopped_gradient_is_not_the_derivative():
    with pytest.raises(GradientError, match="the tape gives 3, the differences 6"):
        mg.check_grads(lambda x: x*mg.stop_gradient(x), (3.0,))


# --- a derivative of one's own ------------------------------------------------------------
def test_it_is_used_like_a_primitive_on_numbers_tensors_and_formulas():
    assert sine(0.5) == math.sin(0.5) and sine(np.ones((2, 3))).shape == (2, 3)
    assert str(sine(mg.symbols("x")).expr) == "sin(x)"
    x = mg.tensor([0.5, 1.0], requires_grad=True)
    np.sum(sine(x)*x).backward()
    assert np.allclose(x.grad, np.cos(x.numpy())*x.numpy() + np.sin(x.numpy()), rtol=1e-12)
    assert sine.__name__ == "sin" and "made by sin" in repr(sine(x))


def test_it_is_its_own_derivative_that_is_used():
    doubled = mg.custom_vjp(np.sin, lambda g, y, x: 2*g*np.cos(x))
    assert math.isclose(mg.grad(doubled)(0.5), 2*math.cos(0.5), rel_tol=1e-12)
    straight = mg.custom_vjp(np.rint, lambda g, y, x: g)
    assert mg.grad(lambda x: straight(x)**2)(2.7) == 6.0


def test_it_is_differentiable_further():
    f = sine
    for expected in (math.cos, lambda x: -math.sin(x), lambda x: -math.cos(x)):
        f = mg.grad(f)
        assert math.isclose(f(0.7), expected(0.7), rel_tol=1e-12)
    assert math.isclose(mg.hvp(sine, 0.7, 2.0), -2*math.sin(0.7), rel_tol=1e-12)
    assert math.isclose(mg.jvp(sine, (0.7,), (2.0,))[1], 2*math.cos(0.7), rel_tol=1e-12)


def test_broadcast_arguments_keywords_constants_and_structures_of_calls():
    plus = mg.custom_vjp(lambda a, b: a + b, lambda g, y, a, b: g, lambda g, y, a, b: g)
    assert mg.grad(lambda b: np.sum(plus(np.ones((2, 3)), b)))(np.ones(3)).tolist() == [2]*3
    power = mg.custom_vjp(lambda x, n=2: x**n, lambda g, y, x, n=2: g*n*x**(n - 1))
    assert mg.grad(power)(3.0, n=3) == 27.0 and mg.grad(power)(3.0) == 6.0
    scaled = mg.custom_vjp(lambda x, k: x*k, lambda g, y, x, k: g*k, None)
    assert mg.grad(scaled)(3.0, 5.0) == 5.0
    with pytest.raises(TypeError, match="no derivative in argument 1"):
        mg.grad(scaled, 1)(3.0, 5.0)


def test_float32_stays_float32():
    g = mg.grad(lambda x: np.sum(sine(x)))(np.ones(3, np.float32))
    assert g.dtype == np.float32


def test_a_result_shares_no_memory_with_an_argument():
    same = mg.custom_vjp(lambda x: x, lambda g, y, x: g)
    x = mg.tensor([1., 2.], requires_grad=True)
    y = same(x)
    with mg.no_grad():
        x[0] = 100.0
    assert y.numpy().tolist() == [1., 2.]
    with pytest.raises(RuntimeError, match="was written"):
        np.sum(y).backward()


def test_what_is_wrong_is_said_in_one_line():
    def made(*vjps, f=np.hypot):
        return mg.custom_vjp(f, *vjps)

    def good(g, y, *args):
        return g
    with pytest.raises(TypeError, match="hypot: came 2 positional arguments, has 1 VJPs"):
        mg.grad(made(good))(1.0, 2.0)
    with pytest.raises(TypeError, match="came 2 positional arguments, has 1 VJPs"):
        made(good)(1.0, 2.0)
    for vjps in ((), (3,)):
        with pytest.raises(TypeError, match="custom_vjp: needs a function and a VJP"):
            made(*vjps)
    with pytest.raises(TypeError, match="custom_vjp: needs a function"):
        mg.custom_vjp(None, good)
    with pytest.raises(ValueError, match=r"sum: VJP 0 returned shape \(\), .* has \(3,\)"):
        mg.grad(made(good, f=np.sum))(np.ones(3))
    with pytest.raises(ValueError, match=r"VJP 0 returned shape \(2, 3\), .* has \(3,\)"):
        mg.grad(made(lambda g, y, x: g*np.ones((2, 3)), f=np.sum))(np.ones(3))
    with pytest.raises(TypeError, match="VJP 0 is NoneType"):
        mg.grad(made(lambda g, y, x: None, f=np.sin))(1.0)
    with pytest.raises(TypeError, match="the result is tuple"):
        mg.grad(made(good, f=lambda x: (x, x)))(1.0)
    with pytest.raises(TypeError, match="the result is int"):
        made(good, f=lambda x: 3)(1.0)
    w = mg.tensor(2.0, requires_grad=True)
    for call in (lambda: made(good, f=lambda x: x*w)(1.0),
                 lambda: mg.grad(made(good, f=lambda x: x*w))(1.0),
                 lambda: made(good, f=lambda pair: pair[0]*pair[1])([1.0, w])):
        with pytest.raises(TypeError, match="not one of its arguments; pass it as one"):
            call()
    with pytest.raises(TypeError, match="by position"):
        mg.grad(lambda n: made(good, f=lambda x, n: x*n)(1.0, n=n)*n)(2.0)


# --- checked and proved like ours ---------------------------------------------------------
def test_check_grads_applies():
    mg.check_grads(sine, (np.array([0.3, 0.4]),))
    mg.check_grads(matrix_product, (np.ones((2, 3)), np.ones((3, 2))))
    with pytest.raises(GradientError):
        mg.check_grads(mg.custom_vjp(np.sin, lambda g, y, x: g*np.cos(x)*1.0001), (0.3,))
    second = mg.custom_vjp(np.sin, lambda g, y, x: g*np.cos(mg.stop_gradient(x)))
    with pytest.raises(GradientError, match="derivative of the gradient"):
        mg.check_grads(second, (0.3,))


RIGHT = [
    (sine, {}),
    (mg.custom_vjp(np.mean, lambda g, y, x: g*np.ones_like(x)/np.size(x)), {}),
    (matrix_product, {"shapes": ((2, 3), (3, 2))}),
    (mg.custom_vjp(np.log, lambda g, y, x: g/x), {"domain": ("> 0",)}),
    (mg.custom_vjp(lambda x: np.maximum(x, 0), lambda g, y, x: g*(x > 0)),
     {"domain": ("< 0",)}),
    (mg.custom_vjp(lambda x: np.log(1 + np.exp(x)),
                   lambda g, y, x: g/(1 + np.exp(-x))), {}),
    (mg.custom_vjp(lambda x, n: x**n, lambda g, y, x, n: n*g*x**(n - 1)), {"n": 3}),
]
WRONG = [
    (mg.custom_vjp(np.sin, lambda g, y, x: -g*np.cos(x)), {}),
    (mg.custom_vjp(np.sin, lambda g, y, x: 1.0001*g*np.cos(x)), {}),
    (mg.custom_vjp(np.flip, lambda g, y, x: g), {}),
    (mg.custom_vjp(np.mean, lambda g, y, x: g*np.ones_like(x)), {}),
    (mg.custom_vjp(lambda a, b: a @ b, lambda g, y, a, b: b @ g,
                   lambda g, y, a, b: g @ a), {"shapes": ((2, 2), (2, 2))}),
    (mg.custom_vjp(np.log, lambda g, y, x: g*x), {"domain": ("> 0",)}),
]


@pytest.mark.parametrize("number", range(len(RIGHT)))
def test_a_right_derivative_is_proved(number):
    f, how = RIGHT[number]
    proofs = prove_function(f, **how)
    assert [p.status for p in proofs] == ["PROVED"]*len(f.vjps), proofs
    assert all(p.cases for p in proofs)


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_a_wrong_derivative_is_refuted_with_a_point(number):
    f, how = WRONG[number]
    for proof in prove_function(f, **how):
        assert proof.status == "REFUTED"
        assert proof.detail.startswith("at ") and "the VJP gives" in proof.detail


def test_what_is_not_decided_is_neither_proved_nor_refuted():
    def status(f, *vjps, **how):
        return {p.status for p in prove_function(mg.custom_vjp(f, *vjps), **how)}
    assert status(lambda x: np.maximum(x, 0), lambda g, y, x: g*(x > 0)) == {"FAILED"}
    assert status(lambda x: float(x)**2, lambda g, y, x: 2*g*x) == {"FAILED"}
    with pytest.raises(ValueError, match="needs a shape and a piece"):
        prove_function(sine, domain=("> 0", "> 0"))
    with pytest.raises(ValueError, match="needs a shape and a piece"):
        prove_function(sine, domain=("anywhere",))


@pytest.mark.parametrize("vjp", [
    lambda g, y, x: 2*g*x*x/x, lambda g, y, x: 2*g*x*(x - 3)/(x - 3),
    lambda g, y, x: 2*g*np.exp(np.log(x)), lambda g, y, x: 2*g*x*x**-1*x,
    lambda g, y, x: 2*g*x*np.sqrt(x)/np.sqrt(x)])
def test_a_gap_that_cancels_in_the_formula_is_seen(vjp):
    """Each is 2gx as a formula, and nan somewhere as NumPy runs it."""
    square = mg.custom_vjp(np.square, vjp)
    proof, = prove_function(square)
    assert proof.status == "FAILED" and "not known to be defined" in proof.detail
    assert prove_function(square, domain=("> 0",))[0].status == (
        "FAILED" if "x - 3" in proof.detail else "PROVED")


def test_a_refutation_needs_the_differences_to_agree(monkeypatch):
    """A witness on formulas alone is not enough: the function itself is run."""
    monkeypatch.setattr("minigrad.proving.user_vjps.check_grads", lambda *a, **k: None)
    assert prove_function(WRONG[0][0])[0].status == "FAILED"
