"""Derivatives within derivatives: every mixture gives plain numbers, and nothing stays.

The oracle differentiates polynomials in two variables as tables {(i, j): coefficient}.
Tolerance: a few thousand float64 roundings away from exact whole numbers, 1e-11 relative.
"""
import gc
import itertools
import math
import operator

import numpy as np
import pytest

import minigrad as mg
import optim

pytestmark = pytest.mark.usefixtures("nothing_older_is_looked_at")
START = {(4, 5): 1.0, (3, 1): -2.0, (0, 7): 0.5, (6, 0): 1.5}
POINT = (1.25, 0.75)


def evaluated(p, x, y):
    return sum(c*x**i*y**j for (i, j), c in p.items())


def slope(p, n):
    """The derivative of a polynomial by variable n."""
    return {tuple(np.subtract(key, (n == 0, n == 1))): c*key[n]
            for key, c in p.items() if key[n]}


def combined(*terms):
    """The sum of c*p for pairs (c, p)."""
    out: dict = {}
    for factor, p in terms:
        for key, c in p.items():
            out[key] = out.get(key, 0.0) + factor*c
    return out


def second(p, coefficients):
    return combined(*[(c, slope(slope(p, i), j)) for (i, j), c in coefficients.items()])


def by_hessian(f):
    def run(x, y):
        (xx, xy), (yx, yy) = mg.hessian(f, (0, 1))(x, y)
        return xx + 2*xy + 3*yx + 4*yy
    return run


def by_minimize(f):
    """f scaled by what one step of descent on f itself finds; the step does not depend on
    the outer variables."""
    def run(x, y):
        found = optim.minimize(lambda z: f(z, 0.5), 0.25, "gradient_descent", 1, lr=1e-3)
        return f(x, y)*float(found.theta[-1])
    return run


def after_minimize(p):
    return combined((0.25 - 1e-3*evaluated(slope(p, 0), 0.25, 0.5), p))


def vector_form(f):
    """f(x, y) as a function of one array of two entries."""
    return lambda z: f(z[0], z[1])


# name: f -> another function of (x, y), by minigrad; p -> the same for polynomials
MIXED = {
    "grad 0": (lambda f: mg.grad(f), lambda p: slope(p, 0)),
    "grad 1": (lambda f: mg.grad(f, 1), lambda p: slope(p, 1)),
    "grad -1": (lambda f: mg.grad(f, -1), lambda p: slope(p, 1)),
    "grad both": (lambda f: lambda x, y: np.dot(np.array([1., 2.]), np.stack(
        mg.grad(f, (1, 0))(x, y))), lambda p: combined((1, slope(p, 1)), (2, slope(p, 0)))),
    "grad aux": (lambda f: lambda x, y: operator.add(
        *mg.grad(lambda x, y: (f(x, y), 3*f(x, y)), has_aux=True)(x, y)),
        lambda p: combined((1, slope(p, 0)), (3, p))),
    "value_and_grad": (lambda f: lambda x, y: operator.sub(*mg.value_and_grad(f, 1)(x, y)),
                       lambda p: combined((1, p), (-1, slope(p, 1)))),
    "elementwise_grad": (lambda f: mg.elementwise_grad(f, 0), lambda p: slope(p, 0)),
    "vjp": (lambda f: lambda x, y: operator.sub(*mg.vjp(f, x, y)[1](2.0)),
            lambda p: combined((2, slope(p, 0)), (-2, slope(p, 1)))),
    "jvp": (lambda f: lambda x, y: operator.add(*mg.jvp(f, (x, y), (3.0, -1.0))),
            lambda p: combined((1, p), (3, slope(p, 0)), (-1, slope(p, 1)))),
    "jvp along y": (lambda f: lambda x, y: mg.jvp(f, (x, y), (y, 0.0))[1],
                    lambda p: {(i, j + 1): c for (i, j), c in slope(p, 0).items()}),
    "jacobian": (lambda f: lambda x, y: mg.jacobian(
        lambda z: np.stack([f(z[0], z[1]), z[0]]))(np.stack([x, y]))[0, 1],
        lambda p: slope(p, 1)),
    "jacobian both": (lambda f: lambda x, y: operator.sub(*mg.jacobian(f, (0, 1))(x, y)),
                      lambda p: combined((1, slope(p, 0)), (-1, slope(p, 1)))),
    "hessian": (by_hessian, lambda p: second(
        p, {(0, 0): 1, (0, 1): 2, (1, 0): 3, (1, 1): 4})),
    "hvp": (lambda f: lambda x, y: mg.hvp(
        vector_form(f), np.stack([x, y]), np.array([1., 2.]))[0],
        lambda p: second(p, {(0, 0): 1, (0, 1): 2})),
    "minimize": (by_minimize, after_minimize),
}


@pytest.fixture
def alive(monkeypatch):
    """The Tensors that are alive, counted with the collector of cycles off."""
    count = [0]

    def created(self, *args, **kwargs):
        count[0] += 1
        initialise(self, *args, **kwargs)

    def deleted(self):
        count[0] -= 1
    initialise = mg.Tensor.__init__
    gc.collect()                                # what earlier tests left is not counted
    gc.disable()
    monkeypatch.setattr(mg.Tensor, "__init__", created)
    monkeypatch.setattr(mg.Tensor, "__del__", deleted, raising=False)
    yield lambda: count[0]
    gc.enable()


@pytest.mark.parametrize("outer", MIXED)
def test_every_mixture_to_depth_three_gives_plain_numbers_and_keeps_nothing(outer, alive):
    for names in itertools.chain(
            [(outer,)], itertools.product([outer], MIXED),
            itertools.product([outer], MIXED, MIXED)):
        f, p = lambda x, y: evaluated(START, x, y), START
        for name in reversed(names):
            f, p = MIXED[name][0](f), MIXED[name][1](p)
        found = f(*POINT)
        assert isinstance(found, (float, np.ndarray)), (names, type(found))
        assert math.isclose(found, evaluated(p, *POINT), rel_tol=1e-11, abs_tol=1e-9), names
        assert not alive(), names


def test_inner_leaves_are_not_beyond():
    """jax#4146: the derivative by one variable of that by another."""
    def f(x, y):
        return x**2*y**3
    found = mg.grad(mg.grad(f, 0), 1)(2., 3.)
    assert type(found) is float and found == 108.0
    mixed = mg.grad(mg.grad(lambda a, b: np.sum(a**2*b**3), 0, has_aux=False), 1)
    with pytest.raises(ValueError, match="needs one number"):
        mixed(np.ones(2), np.ones(2))


CLASSICS = {
    "d/dx x d/dy(x + y)": (lambda x: x*mg.grad(lambda y: x + y)(1.0), 1.0),
    "d/dx x d/dy(x y) at y = x": (lambda x: x*mg.grad(lambda y: x*y)(x), 6.0),
    "d/dx d/dy(x y^2) at y = x": (lambda x: mg.grad(lambda y: x*y*y)(x), 12.0),
    "inner constant": (lambda x: x*mg.grad(lambda y: 2.0)(x) + x, 1.0),
    "inner independent of its argument": (lambda x: mg.grad(lambda y: x*x)(1.0) + x, 1.0),
    "inner returns its argument": (lambda x: mg.grad(lambda y: y)(x)*x, 1.0),
    "inner returns the outer argument": (lambda x: mg.grad(lambda y: x)(x) + x*x, 6.0),
    "outer returns its argument": (lambda x: x, 1.0),
    "outer constant": (lambda x: 5.0, 0.0),
    "outer independent": (lambda x: mg.grad(lambda y: y**3)(2.0), 0.0),
    "compared": (lambda x: x*x if mg.grad(lambda y: y*x)(x) > 2 else x, 6.0),
    "chosen by": (lambda x: np.where(mg.grad(lambda y: y*y)(x) > x, x**3, x), 27.0),
    "three deep": (lambda x: mg.grad(lambda y: mg.grad(lambda z: x*y*z)(y)*x)(x), 6.0),
    "jvp along itself": (lambda x: mg.jvp(lambda y: x*y*y, (x,), (x,))[1], 54.0),
    "pullback of itself": (lambda x: mg.vjp(lambda y: x*y*y, x)[1](x)[0], 54.0),
    "pullback from outside": (lambda x: PULLBACK(x*x)[0], 24.0),
    "hvp along itself": (lambda x: mg.hvp(lambda y: y**3, x, x), 36.0),
    "jacobian": (lambda x: np.sum(mg.jacobian(lambda y: x*y*np.ones(2))(x)), 2.0),
}
PULLBACK = mg.vjp(lambda y: y*y, 2.0)[1]                # J^T u = 4 u


@pytest.mark.parametrize("case", CLASSICS)
def test_perturbations_are_not_confused(case, alive):
    f, expected = CLASSICS[case]
    for found in (mg.grad(f)(3.0), mg.jvp(f, (3.0,), (1.0,))[1], mg.jacobian(f)(3.0),
                  mg.vjp(f, 3.0)[1](1.0)[0]):
        assert type(found) is float and math.isclose(found, expected), found
    del found
    assert not alive()


def test_a_tensor_that_was_stashed_does_not_make_results_live():
    stash = []

    def f(x):
        stash.append(x)
        stash.append(mg.grad(lambda y: y*x*x)(x))
        return stash[-1]*x
    assert mg.value_and_grad(f)(3.0) == (27.0, 27.0)
    assert type(mg.grad(f)(3.0)) is float and all(type(x) is mg.Tensor for x in stash)


def test_a_loss_that_was_kept_is_a_constant_afterwards():
    """As in a loop that logs inside the function, and weighs by what it has logged."""
    history = [1.0]

    def loss(x):
        history.append(np.sum(x**2)/history[-1])
        return history[-1]
    x = np.array([1., 2.])
    for _ in range(3):
        g = mg.grad(loss)(x)
        assert type(g) is np.ndarray and np.allclose(g, 2*x/float(history[-2]), rtol=1e-12)
    assert [float(value) for value in history] == [1.0, 5.0, 1.0, 5.0]
    w = mg.tensor(3.0, requires_grad=True)              # of a tensor from outside it is not
    kept = []
    mg.grad(lambda x: kept.append(w*x) or kept[-1])(2.0)
    kept[0].backward()
    assert w.grad == 2.0
    with mg.no_grad():
        assert mg.grad(lambda x: w)(2.0) == 0.0
    assert w.requires_grad


def test_nothing_is_live_where_nothing_is_recorded():
    w = mg.tensor([1., 2.], requires_grad=True)
    with mg.no_grad():
        found = [mg.grad(lambda x: np.sum(w*x*x))(np.ones(2)),
                 mg.grad(lambda w: np.sum(w*w))(w),
                 mg.hvp(lambda x: np.sum(w*x*x), np.ones(2), np.ones(2)),
                 mg.jvp(lambda x: w*x*x, (np.ones(2),), (np.ones(2),))[1],
                 mg.vjp(lambda x: w*x*x, np.ones(2))[1](np.ones(2))[0]]
    for g in found:
        assert type(g) is np.ndarray and g.tolist() == [2., 4.]


def test_a_pullback_keeps_its_trace_and_nothing_outlives_it(alive):
    value, pullback = mg.vjp(lambda x: np.sin(x)*x, np.ones(3))
    assert alive()
    pullback(np.ones(3))
    del pullback
    assert not alive() and type(value) is np.ndarray


def test_a_training_loop_on_a_derivative_keeps_the_number_of_tensors(alive):
    """A loss over the weights that holds derivatives by the input."""
    w = mg.tensor([0.5, -0.3], requires_grad=True)
    points = np.linspace(0, 1, 5)
    counts = set()
    for _ in range(50):
        slope = mg.elementwise_grad(lambda x: np.tanh(w[0]*x + w[1]))
        np.mean((slope(points) - 1)**2).backward()
        with mg.no_grad():
            w -= 0.1*w.grad
        w.grad = None
        counts.add(alive())
    assert len(counts) == 1


def test_minimize_does_not_hide_a_derivative():
    """It keeps plain numbers: a start that is being differentiated by would be lost."""
    def last(x):
        return x*optim.minimize(lambda z: z*z, x, "gradient_descent", 2, lr=0.1).theta[-1]
    with pytest.raises(TypeError, match="minimize: .*rules"):
        mg.grad(last)(1.0)

    def nearest(x):
        return optim.minimize(lambda z: (z - x)**2, 0.0, "gradient_descent", 3, lr=0.1)
    for derivative in (mg.grad, mg.jacobian, mg.hessian):
        with pytest.raises(TypeError, match="minimize: f depends on .*rules.*no_grad"):
            derivative(lambda x: x*nearest(x).theta[-1])(2.0)

    def to_constant(x):
        with mg.no_grad():
            return x*nearest(x).theta[-1]
    with mg.no_grad():
        assert nearest(mg.tensor(2.0, requires_grad=True)).theta[1] == 0.4
    assert mg.grad(to_constant)(2.0) == 0.0             # nothing is recorded there
    start = mg.tensor(1.0, requires_grad=True)          # a leaf is a place to start from
    path = optim.minimize(lambda z: z*z, start, "gradient_descent", 1, lr=0.25)
    assert path.theta[1] == 0.5


def test_mixtures_on_several_arrays():
    """f = |a|^2 |b|^2, whose derivatives along directions have closed forms."""
    a, b = np.array([1., 2.]), np.array([3., 4., 5.])
    A, B = a @ a, b @ b

    def f(p):
        return np.sum(p["a"]**2)*np.sum(p["b"][0]**2)

    def slope_along(p, v):
        return mg.jvp(f, (p,), (v,))[1]

    def along_itself(p):
        return slope_along(p, p)                        # 4 f, by homogeneity
    p = {"a": a, "b": [b]}
    expected = {"jvp": 4*A*B, "a": 8*B*a, "b": 8*A*b}
    assert math.isclose(along_itself(p), expected["jvp"], rel_tol=1e-12)
    for g in (mg.grad(along_itself)(p), mg.jacobian(along_itself)(p),
              mg.vjp(along_itself, p)[1](1.0)[0],
              mg.grad(lambda p: slope_along(p, mg.stop_gradient(p))
                      + slope_along(mg.stop_gradient(p), p))(p),
              mg.grad(lambda p: np.sum(p["a"]*mg.grad(f)(p)["a"])*2)(p)):
        assert {type(x) for x in (g["a"], g["b"][0])} == {np.ndarray}
        assert np.allclose(g["a"], expected["a"], rtol=1e-12)
        assert np.allclose(g["b"][0], expected["b"], rtol=1e-12)
    third = mg.jacobian(mg.hessian(lambda a, b: f({"a": a, "b": [b]}), (0, 1)), 1)(a, b)
    assert np.allclose(third[0][0], 4*np.multiply.outer(np.eye(2), b), rtol=1e-12)
    assert np.allclose(third[1][1], np.zeros((3, 3, 3)))
    # arrays that the outer derivative does not move
    for inner in (lambda s: mg.jvp(lambda a, b: np.sum(a)*np.sum(b)*s, (a, b), (a, b))[1],
                  lambda s: 2*np.sum(a*mg.grad(lambda a, b: s*np.sum(a)*np.sum(b), (0, 1))(
                      a, b)[0])):
        assert mg.grad(inner)(2.0) == 2*np.sum(a)*np.sum(b) == mg.jacobian(inner)(2.0)
