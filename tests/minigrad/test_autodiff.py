"""Derivatives of every order and direction, through structures, without confusion.

Tolerance: closed forms are evaluated in float64, a few roundings away: 1e-12 relative.
"""
import math

import numpy as np
import pytest

import minigrad as mg

close = dict(rtol=1e-12, atol=1e-14)


def test_grad_and_value_and_grad_of_numbers_are_numbers():
    assert mg.grad(lambda x: x**3)(2.0) == 12.0
    value, slope = mg.value_and_grad(lambda x: x**3)(2.0)
    assert (value, slope) == (8.0, 12.0) and type(value) is float and type(slope) is float


def test_arrays_keep_shape_and_dtype():
    for dtype in (np.float16, np.float32, np.float64):
        g = mg.grad(lambda x: np.sum(x*x))(np.ones((2, 3), dtype))
        assert type(g) is np.ndarray and g.shape == (2, 3) and g.dtype == dtype
    assert mg.grad(lambda x: x*x)(np.array(3.0)).shape == ()
    assert mg.grad(np.sum)(np.zeros((0, 3))).shape == (0, 3)


def test_derivatives_nest_to_third_order_and_more():
    f, x = np.sin, 0.7
    for expected in (math.cos(x), -math.sin(x), -math.cos(x), math.sin(x), math.cos(x)):
        f = mg.grad(f)
        assert math.isclose(f(x), expected, rel_tol=1e-12)


def test_no_perturbation_confusion():
    assert mg.grad(lambda x: x*mg.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert mg.grad(lambda y: mg.grad(lambda x: x*y)(3.))(2.) == 1.0
    assert mg.grad(lambda x: mg.grad(lambda y: x*y*y)(x))(3.0) == 4*3.0
    assert mg.grad(lambda x: mg.grad(lambda x: x**2)(x)*x)(3.0) == 4*3.0


def test_a_result_that_depends_on_an_outer_tensor_stays_differentiable():
    w = mg.tensor([1., 2.], requires_grad=True)
    slope = mg.grad(lambda x: np.sum(w*x**2))(np.array([3., 4.]))
    assert type(slope) is mg.Tensor
    slope.sum().backward()
    assert w.grad.tolist() == [6, 8]


def test_the_inner_walk_leaves_the_outer_graph_whole():
    w = mg.tensor(2.0, requires_grad=True)
    u = w*w                                         # recorded outside
    inner = mg.grad(lambda x: u*x)(1.0)             # = u
    (u + inner).backward()
    assert w.grad == 8.0


def test_a_constant_function_has_gradient_zero():
    assert mg.grad(lambda x: 3.0)(1.0) == 0.0
    assert mg.grad(lambda x, y: y*2.0)(1.0, 5.0) == 0.0
    assert mg.grad(np.floor)(1.5) == 0.0


def test_structures_go_through():
    def f(p):
        return np.sum(p["w"][0]*p["w"][1]) + p["b"]**2
    g = mg.grad(f)({"w": [np.array([1., 2.]), np.array([3., 4.])], "b": 5.0})
    assert g["w"][0].tolist() == [3, 4] and g["w"][1].tolist() == [1, 2] and g["b"] == 10.0
    gx, gy = mg.grad(lambda x, y: x*y, argnums=(0, 1))(2.0, 3.0)
    assert (gx, gy) == (3.0, 2.0)
    assert mg.grad(lambda x, y: x*y, argnums=-1)(2.0, 3.0) == 2.0


def test_grad_works_within_no_grad():
    with mg.no_grad():
        assert mg.grad(lambda x: x*x)(3.0) == 6.0


def test_vjp_and_jvp_agree_with_the_jacobian():
    rng = np.random.default_rng(0)
    a, x, u, v = (rng.normal(size=s) for s in ((3, 4), 4, 3, 4))

    def f(x):
        return np.tanh(a @ x)
    jacobian = mg.jacobian(f)(x)
    exact = (1 - np.tanh(a @ x)**2)[:, None]*a
    np.testing.assert_allclose(jacobian, exact, **close)
    value, pullback = mg.vjp(f, x)
    np.testing.assert_allclose(value, np.tanh(a @ x), **close)
    for _ in range(2):                              # a pullback serves more than once
        np.testing.assert_allclose(pullback(u)[0], u @ exact, **close)
    value, push = mg.jvp(f, (x,), (v,))
    np.testing.assert_allclose(push, exact @ v, **close)
    assert type(value) is np.ndarray and type(push) is np.ndarray


def test_jvp_takes_several_primals_and_nests():
    assert mg.jvp(lambda x, y: x*y, (2.0, 3.0), (1.0, 10.0)) == (6.0, 23.0)
    second = mg.jvp(lambda x: mg.jvp(np.sin, (x,), (1.0,))[1], (0.7,), (1.0,))[1]
    assert math.isclose(second, -math.sin(0.7), rel_tol=1e-12)
    mixed = mg.grad(lambda x: mg.jvp(np.sin, (x,), (1.0,))[1])(0.7)
    assert math.isclose(mixed, -math.sin(0.7), rel_tol=1e-12)


def test_hessian_and_hvp():
    def f(x):
        return x[0]**2*x[1] + np.sin(x[1])
    x, v = np.array([1.5, 0.5]), np.array([2., -1.])
    exact = np.array([[2*x[1], 2*x[0]], [2*x[0], -math.sin(x[1])]])
    np.testing.assert_allclose(mg.hessian(f)(x), exact, **close)
    np.testing.assert_allclose(mg.hvp(f, x, v), exact @ v, **close)


def test_elementwise_grad():
    x = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(mg.elementwise_grad(np.tanh)(x), 1 - np.tanh(x)**2, **close)


def test_jacobian_of_shapes():
    assert mg.jacobian(lambda x: x.reshape(2, 2))(np.ones(4)).shape == (2, 2, 4)
    assert mg.jacobian(np.sum)(np.ones((2, 3))).shape == (2, 3)
    assert mg.jacobian(lambda x: x)(np.ones(0)).shape == (0, 0)
    assert mg.jacobian(lambda pair: pair[0]*pair[1])((1.0, 2.0)) == (2.0, 1.0)


def test_bad_calls_say_what_was_needed():
    with pytest.raises(ValueError, match=r"shape \(2,\).*np.sum"):
        mg.grad(lambda x: x)(np.ones(2))
    with pytest.raises(ValueError, match="argnums"):
        mg.grad(lambda x: x, argnums=3)(1.0)
    with pytest.raises(TypeError, match="int64"):
        mg.grad(np.sum)(np.arange(3))
    with pytest.raises(TypeError, match="str"):
        mg.grad(lambda x: "no")(1.0)
    with pytest.raises(ValueError, match=r"\(\(\), \(\)\), what they belong to \(\(\),\)"):
        mg.jvp(np.sin, (1.0,), (1.0, 2.0))
    with pytest.raises(ValueError, match=r"\(3,\)"):
        mg.vjp(np.sin, np.ones(2))[1](np.ones(3))
    with pytest.raises(ValueError, match=r"jvp: .*\(\).*\(2,\)"):      # not broadcast
        mg.jvp(np.sin, (np.ones(2),), (1.0,))
    with pytest.raises(ValueError, match=r"hvp: .*\(2,\).*\(3,\)"):
        mg.hvp(lambda x: np.sum(x**3), np.ones(3), np.ones(2))


def test_hvp_goes_through_structures():
    def f(p):
        return np.sum(p["w"]**2)*p["b"]
    p, v = {"w": np.array([1., 2.]), "b": 3.0}, {"w": np.array([1., 0.]), "b": 2.0}
    product = mg.hvp(f, p, v)               # [2b v_w + 2w v_b, 2w . v_w]
    assert np.allclose(product["w"], [2*3.0 + 2*2.0, 4*2.0], **close)
    assert math.isclose(product["b"], 2.0, rel_tol=1e-12)


def test_differentiating_through_training():
    """theta_T = (1 - lr*a)^T theta_0 for gradient descent on a*theta^2/2."""
    from optim import rules

    def final(lr, theta):
        for t in range(1, 11):
            g = mg.grad(lambda x: 3.0*x**2/2)(theta)
            theta = rules.gradient_descent(theta, g, t=t, lr=lr)
        return theta
    lr, theta = 0.1, 2.0
    d_lr, d_theta = mg.grad(final, (0, 1))(lr, theta)
    assert math.isclose(d_theta, 0.7**10, rel_tol=1e-12)
    assert math.isclose(d_lr, -3*10*0.7**9*theta, rel_tol=1e-12)
