"""Derivatives of every order and direction, through structures, without confusion.

Tolerance: closed forms are evaluated in float64, a few roundings away: 1e-12 relative.
"""
import collections
import functools
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


# --- which arguments ----------------------------------------------------------------------
def product(x, y, z=1.0):
    return x**2*y**3*z


def test_argnums_mean_the_same_everywhere():
    """HIPS#542: the jacobian by several arguments; hessians in blocks, as JAX has them."""
    at, first, second = (2.0, 3.0), 2*2.0*27.0, 4.0*27.0
    for by in (mg.grad, mg.jacobian, mg.elementwise_grad):
        assert by(product, argnums=0)(*at) == first == by(product, np.int64(-2))(*at)
        assert by(product, (0, 1))(*at) == (first, second) == by(product, [0, 1])(*at)
        assert by(product, (-1, 0))(*at) == (second, first) and by(product, ())(*at) == ()
    assert mg.value_and_grad(product, (1,))(*at) == (108.0, (second,))
    assert mg.hessian(product, (0, 1))(*at) == ((54.0, 108.0), (108.0, 72.0))
    assert mg.hessian(product, 1)(*at) == 72.0 == mg.hessian(product, -1)(*at)
    assert mg.hessian(product, (1,))(*at) == ((72.0,),)
    a, b = np.array([1., 2.]), np.array([3., 4., 5.])
    blocks = mg.hessian(lambda a, b: np.sum(a)**2*np.sum(b), (0, 1))(a, b)
    assert [[block.shape for block in row] for row in blocks] == [
        [(2, 2), (2, 3)], [(3, 2), (3, 3)]]
    assert blocks[0][1].tolist() == [[6.]*3]*2 and not np.any(blocks[1][1])


@pytest.mark.parametrize("by", [
    mg.grad, mg.value_and_grad, mg.elementwise_grad, mg.jacobian, mg.hessian])
def test_wrong_argnums_are_refused_at_once(by):
    for wrong in (2, -3, (0, 5), (0, 0), (0, -2), [1, 1]):
        with pytest.raises(ValueError, match="argnums is .*2 positional arguments"):
            by(product, wrong)(2.0, 3.0)
    with pytest.raises(ValueError, match="0 positional arguments"):
        by(product)(x=2.0, y=3.0)
    name = by.__name__
    for wrong in (True, 1.0, "x", None, ((0, 1),), np.ones(2), mg.tensor(1.0)):
        with pytest.raises(TypeError, match=rf"{name}: argnums .* mg.{name}\(f"):
            by(product, wrong)


@pytest.mark.parametrize("call", [
    lambda f: mg.grad(f, [1.0]), lambda f: mg.value_and_grad(f), lambda f: mg.jacobian(f),
    lambda f: mg.hessian(f), lambda f: mg.elementwise_grad(f), lambda f: mg.vjp(f, 1.0),
    lambda f: mg.jvp(f, (1.0,), (1.0,)), lambda f: mg.hvp(f, 1.0, 1.0)])
def test_a_tensor_in_place_of_the_function_is_answered_with_backward(call):
    """torch.autograd.grad(loss, parameters)."""
    loss = np.sum(mg.tensor([1., 2.], requires_grad=True))
    with pytest.raises(TypeError, match="came Tensor, needs a function.*loss.backward"):
        call(loss)


def test_whatever_can_be_called_is_differentiated():
    class Scale:
        factor = 2.0

        def __call__(self, x):
            return self.power(x)

        def power(self, x, p=2):
            return self.factor*x**p
    assert mg.grad(Scale())(3.0) == 12.0
    assert mg.grad(Scale().power)(3.0, p=3) == 54.0
    assert math.isclose(mg.grad(functools.partial(np.power, 2.0))(3.0), 8*math.log(2))
    assert mg.grad(np.sin).__name__ == "sin" and mg.grad(abs)(-2.0) == -1.0
    assert mg.grad(pow)(2.0, 3.0) == 12.0 and mg.grad(sum)([1.0, 2.0]) == [1.0, 1.0]


# --- results ------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
def test_a_result_of_one_entry_has_a_gradient_whatever_its_shape(shape):
    def f(x):
        return np.reshape(np.sum(x**3), shape)
    value, g = mg.value_and_grad(f)(np.array([1., 2.]))
    assert np.shape(value) == shape and np.sum(value) == 9.0 and g.tolist() == [3., 12.]
    assert type(value) is (np.ndarray if shape else float)
    assert mg.hessian(f)(np.array([1., 2.])).tolist() == [[6., 0.], [0., 12.]]
    assert mg.hvp(f, np.array([1., 2.]), np.ones(2)).tolist() == [6., 12.]
    assert mg.grad(mg.grad(lambda x: np.reshape(x**3, shape)))(2.0) == 12.0


@pytest.mark.parametrize("value, says", [
    (None, "NoneType"), (3, "int64"), (True, "bool"), (1j, "complex"), ("s", "str"),
    (np.arange(3), "int64"), ((2.0, 3.0), r"\(\(\), \(\)\).*has_aux"), ([1.0], "needs one"),
    ({"loss": 1.0}, "'loss'"), (np.ones(2), r"\(2,\)"), (np.ones(0), r"\(0,\)")])
def test_what_has_no_gradient_says_what_it_was(value, says):
    with pytest.raises((TypeError, ValueError), match=f"the function returned.*{says}"):
        mg.grad(lambda x: value)(1.0)


def test_auxiliary_results_come_back_plain():
    def f(x, y=1.0):
        return np.sum(x**2)*y, {"twice": 2*x, "n": [np.sum(x), "text", None, mg.tensor(3)]}

    def plain(aux):
        assert type(aux["twice"]) is np.ndarray and aux["twice"].tolist() == [2., 4.]
        assert aux["n"] == [3.0, "text", None, 3]
        assert type(aux["n"][0]) is float and type(aux["n"][3]) is int
    x = np.array([1., 2.])
    (value, aux), g = mg.value_and_grad(f, has_aux=True)(x)
    plain(aux)
    assert value == 5.0 and g.tolist() == [2., 4.]
    for by, expected in (mg.grad, [2., 4.]), (mg.jacobian, [2., 4.]), (
            mg.hessian, [[2., 0.], [0., 2.]]):
        derivative, aux = by(f, has_aux=True)(x)
        plain(aux)
        assert derivative.tolist() == expected
    value, pullback, aux = mg.vjp(f, x, has_aux=True)
    plain(aux)
    assert value == 5.0 and pullback(2.0)[0].tolist() == [4., 8.]
    value, push, aux = mg.jvp(f, (x,), (x,), has_aux=True)
    plain(aux)
    assert (value, push) == (5.0, 10.0)
    # inside another derivative aux takes part in it
    inner = mg.grad(lambda x: mg.grad(lambda y: (y*x, y*x*x), has_aux=True)(x)[1])
    assert inner(2.0) == 12.0
    for wrong in (lambda x: x, lambda x: (x, x, x), lambda x: np.stack([x, x])):
        with pytest.raises(TypeError, match="has_aux=True it returns a pair"):
            mg.grad(wrong, has_aux=True)(2.0)


# --- tangents and cotangents are never broadcast ----------------------------------------
def cube(x):
    return np.sum(x**3)


@pytest.mark.parametrize("vector, error, says", [
    (np.ones((3, 1)), ValueError, r"\(3, 1\).*\(3,\)"),                     # jax#5226
    (np.ones((1, 3)), ValueError, r"\(1, 3\).*\(3,\)"),
    (1.0, ValueError, r"\(\).*\(3,\)"), (np.ones(1), ValueError, r"\(1,\).*\(3,\)"),
    (np.ones(3)*1j, TypeError, "complex128"), (None, TypeError, "NoneType"),
    (np.ones(3, bool), TypeError, "bool"), ("abc", TypeError, "str"),
    ({"a": np.ones(3)}, (TypeError, ValueError), "dict"),
    (np.ma.masked_array(np.ones(3)), TypeError, "MaskedArray")])
def test_vectors_have_the_shape_of_what_they_belong_to(vector, error, says):
    x = np.ones(3)
    for name, call in {
            "hvp": lambda: mg.hvp(cube, x, vector),
            "jvp": lambda: mg.jvp(np.sin, (x,), (vector,)),
            "pullback": lambda: mg.vjp(np.sin, x)[1](vector),
            "inside": lambda: mg.grad(lambda y: np.sum(mg.hvp(cube, y, vector)))(x),
            }.items():
        with pytest.raises(error, match=says) as caught:
            call()
        assert str(caught.value).startswith("hvp" if name == "inside" else name)
    if vector is not None:
        w = mg.tensor(x, requires_grad=True)
        with pytest.raises(error, match=f"backward: .*{says}"):
            np.sin(w).backward(vector)
        assert w.grad is None


def test_whole_numbers_are_vectors_in_the_dtype_of_what_they_belong_to():
    x = np.ones(3, np.float32)
    assert mg.hvp(cube, x, np.arange(3)).tolist() == [0., 6., 12.]
    assert mg.jvp(cube, (x,), ([1, 2, 3],))[1] == 18.0
    found = mg.vjp(np.square, x)[1](np.arange(3)), mg.jvp(np.square, (x,), (np.ones(3),))
    assert found[0][0].dtype == found[1][1].dtype == np.float32
    through = mg.grad(lambda t: np.sum(mg.jvp(np.square, (x,), (t,))[1]))(np.ones(3))
    assert through.dtype == np.float64 and through.tolist() == [2., 2., 2.]


def test_vectors_of_structures_are_paired_by_name():
    def f(p):
        return p["a"]**3*p["b"]**2
    p, v = {"a": 2.0, "b": 3.0}, {"b": 0.0, "a": 1.0}           # in another order
    assert mg.hvp(f, p, v) == {"a": 6*2.0*9.0, "b": 3*4.0*2*3.0}
    assert mg.jvp(f, (p,), (v,))[1] == 3*4.0*9.0
    value, pullback = mg.vjp(lambda x: {"u": x, "v": [x*x]}, 3.0)
    assert value == {"u": 3.0, "v": [9.0]} and pullback({"v": [1.0], "u": 10.0}) == (16.0,)
    for wrong in (1.0, {"u": 1.0}, {"u": 1.0, "v": 1.0}, {"u": 1.0, "v": []}, (1.0, [1.0]),
                  {"u": 1.0, "v": [1.0], "w": 1.0}):
        with pytest.raises(ValueError, match="pullback: the vectors have shapes"):
            pullback(wrong)
    for call in (lambda: mg.jvp(np.sin, 1.0, 1.0), lambda: mg.jvp(np.sin, np.ones(2), 1.0)):
        with pytest.raises(TypeError, match=r"primals.*\(x,\), \(t,\)"):
            call()


# --- structures ---------------------------------------------------------------------------
def test_results_that_are_structures():
    x = np.array([1., 2., 3., 4.])
    found = mg.jacobian(lambda x: {"halves": np.split(x**2, 2), "sum": np.sum(x)})(x)
    assert found["halves"][1].tolist() == [[0, 0, 6, 0], [0, 0, 0, 8]]
    assert found["sum"].tolist() == [1.]*4
    assert mg.jacobian(lambda x: (x, x, 3.0))(2.0) == (1.0, 1.0, 0.0)
    assert mg.vjp(lambda x: (x, x, 2*x), 2.0)[1]((1., 10., 100.)) == (211.0,)
    matrix = np.array([[2., 1.], [1., 3.]])
    value, push = mg.jvp(np.linalg.eigh, (matrix,), (np.eye(2),))
    assert type(push) is type(value) and np.allclose(push.eigenvalues, [1, 1], rtol=1e-12)
    rows = mg.jacobian(np.linalg.slogdet)(matrix)
    assert np.allclose(rows.logabsdet, np.linalg.inv(matrix).T, rtol=1e-12)
    two = mg.elementwise_grad(lambda x: (x**2, x**3))(np.array([1., 2.]))
    assert two.tolist() == [5., 16.]


def test_arguments_that_are_structures():
    p = {"w": np.array([1., 2.]), "b": 3.0}

    def f(p):
        return np.sum(p["w"]**2)*p["b"]
    blocks = mg.hessian(f)(p)
    assert blocks["w"]["w"].tolist() == [[6., 0.], [0., 6.]] and blocks["b"]["b"] == 0.0
    assert blocks["w"]["b"].tolist() == [2., 4.] == blocks["b"]["w"].tolist()
    j = mg.jacobian(lambda p, q: [p["w"]*p["b"], q[0]], (0, 1))(p, (5.0,))
    assert j[0][0]["b"].tolist() == [1., 2.] and j[0][1][0].tolist() == [0., 0.]
    assert j[1][1] == (1.0,) and j[1][0]["w"].tolist() == [0., 0.]
    Pair = collections.namedtuple("Pair", "x y")
    assert mg.grad(lambda p: p.x*p.y)(Pair(2.0, 3.0)) == Pair(3.0, 2.0)
    assert mg.hvp(lambda p: p.x**2*p.y, Pair(2.0, 3.0), Pair(1.0, 0.0)) == Pair(6.0, 4.0)


def test_a_pullback_is_a_function_that_has_derivatives():
    pullback = mg.vjp(np.sin, np.array([0.3, 0.4]))[1]
    found = mg.jacobian(lambda u: pullback(u)[0])(np.ones(2))
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, np.diag(np.cos([0.3, 0.4])), **close)
    assert mg.grad(lambda v: mg.jvp(np.exp, (0.0,), (v,))[1]**2)(3.0) == 6.0
    by_vector = mg.grad(lambda v: np.sum(mg.hvp(cube, np.ones(2), v)))(np.ones(2))
    assert type(by_vector) is np.ndarray and by_vector.tolist() == [6., 6.]


def test_infinite_slopes_are_pushed_as_they_are_pulled():
    with np.errstate(divide="ignore"):
        assert mg.jvp(np.sqrt, (0.0,), (1.0,)) == (0.0, math.inf) == (
            0.0, mg.grad(np.sqrt)(0.0))
