"""Steps that know the curvature: where they end, what they cost, and what they promise.

Tolerance: paths of another library are compared to 1e-10 of an entry, or of 1; both compute
in float64, in another order of operations, and each step magnifies the difference.
"""
import copy
import itertools
import pickle
from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares, minimize

import minigrad as mg
import optim
from minigrad import nn
from optim.dialects import optax as our_optax, torch as our_torch
from optim.second_order import gauss_newton, lbfgs, line_searches, newton
from optim.second_order.conjugate_gradients import truncated
from optim.second_order.objectives import Objective, Point
from optim.second_order.quasi_newton import two_loops
from optim.second_order.wolfe import Wolfe, conditions, trial_of

GTOL = 1e-5                     # SciPy's, for both sides
SAME = 1e-10
METHODS = {"lbfgs": lbfgs, "newton": newton,
           "newton by products": lambda f, x0, **k: newton(f, x0, dense=False, **k)}


def rosenbrock(x):
    return np.sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def beale(v):
    x, y = v[0], v[1]
    return (1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2


def himmelblau(v):
    return (v[0]**2 + v[1] - 11)**2 + (v[0] + v[1]**2 - 7)**2


def booth(v):
    return (v[0] + 2*v[1] - 7)**2 + (2*v[0] + v[1] - 5)**2


def powell_residuals(v):
    return np.stack([v[0] + 10*v[1], np.sqrt(5.0)*(v[2] - v[3]), (v[1] - 2*v[2])**2,
                     np.sqrt(10.0)*(v[0] - v[3])**2])


def powell(v):
    r = powell_residuals(v)
    return r @ r


def logistic():
    """The digits by logistic regression, with L2 1e-2 of weights and bias, and a start."""
    x, y, *_ = mg.data.digits()
    x = np.column_stack([x.astype(float), np.ones(len(x))])

    def f(w):
        return nn.cross_entropy(x @ w.reshape(65, 10), y) + 1e-2/2*np.sum(w*w)
    return f, np.zeros(650)


BOWL = np.logspace(0, 8, 20)
PROBLEMS = {
    "rosenbrock": (rosenbrock, np.array([-1.2, 1.0])),
    "rosenbrock of 100": (rosenbrock, np.tile([-1.2, 1.0], 50)),
    "digits": logistic(),
    "beale": (beale, np.array([1.0, 1.6])),
    "himmelblau": (himmelblau, np.array([-0.5, -0.5])),
    "powell": (powell, np.array([3.0, -1.0, 0.0, 1.0])),
    "booth": (booth, np.array([-8.0, 8.0])),
    "condition 1e8": (lambda x: np.sum(BOWL*x*x)/2, np.ones(20))}


class Reached(Exception):
    """SciPy's Newton-CG does not end by the gradient: it is stopped where ours is."""


class Counted:
    """A function's value, gradient and Hessian products for SciPy, each call counted."""

    def __init__(self, f, tolerance):
        self.f, self.both, self.tolerance = f, mg.value_and_grad(f), tolerance
        self.calls = self.products = 0

    def __call__(self, x):
        self.calls += 1
        value, grad = self.both(x)
        if np.max(np.abs(grad)) <= self.tolerance:
            self.x = x.copy()
            raise Reached
        return value, grad

    def hessp(self, x, v):
        self.products += 1
        return mg.hvp(self.f, x, v)

    def run(self, x0, method):
        options = {"L-BFGS-B": {"ftol": 0, "gtol": 0, "maxiter": 10**4, "maxfun": 10**5},
                   "Newton-CG": {"xtol": 1e-15}}.get(method, {"gtol": self.tolerance/9})
        more = {"hessp": self.hessp} if "B" not in method else {}
        with pytest.raises(Reached):
            minimize(self, x0, jac=True, method=method, options=options, **more)
        return self


@pytest.mark.parametrize("method, peers", [
    ("lbfgs", ("L-BFGS-B", "BFGS")), ("newton", ("Newton-CG", "trust-ncg"))])
@pytest.mark.parametrize("problem", [n for n in PROBLEMS if n != "condition 1e8"])
def test_scipys_minima_are_reached_for_no_more_than_half_as_much_again(
        problem, method, peers):
    f, x0 = PROBLEMS[problem]
    path = METHODS[method](f, x0, tolerance=GTOL)
    runs = [Counted(f, GTOL).run(x0, peer) for peer in peers]
    assert path.converged and np.max(np.abs(path.grad[-1])) <= GTOL
    assert path.evaluations[-1] <= 1.5*min(run.calls for run in runs)
    near = [np.allclose(path.theta[-1], run.x, atol=5e-3 if problem == "digits" else 1e-2)
            for run in runs]
    assert any(near) and abs(path.value[-1] - f(runs[0].x)) < 1e-6
    if method == "newton" and x0.size > 50:
        assert path.products[-1] <= 1.5*min(run.products for run in runs)


def ratio(path, k):
    """Decrease and curvature of step k, by the definitions: (3.7) as two ratios."""
    s = path.theta[k] - path.theta[k - 1]
    before, after = np.vdot(path.grad[k - 1], s), np.vdot(path.grad[k], s)
    return (path.value[k] - path.value[k - 1])/before, abs(after)/abs(before)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_step_has_the_strong_wolfe_conditions(problem, method):
    f, x0 = PROBLEMS[problem]
    path = METHODS[method](f, x0, tolerance=1e-7, steps=60)
    assert len(path) > 1 and path.wolfe[0] == ""
    for k in range(1, len(path)):
        decrease, curvature = ratio(path, k)
        assert path.wolfe[k] in ("strong", "approximate") and curvature <= 0.9 + 1e-9
        if path.wolfe[k] == "strong":
            assert decrease >= 1e-4 - 1e-9
        else:
            assert abs(path.value[k] - path.value[k - 1]) < 1e-9*abs(path.value[k])


def shortened(phi, length, wolfe, trials=60):
    return phi(1e-9*length)                         # falls, but hardly


def lengthened(phi, length, wolfe, trials=60):
    return phi(1e3*length)


def mistaken(phi, length, wolfe, trials=60):
    """Says of a good point that it lies elsewhere."""
    found = line_searches.strong_wolfe(phi, length, wolfe, trials)
    return found._replace(length=2*found.length)


@pytest.mark.parametrize("broken", [shortened, lengthened, mistaken])
@pytest.mark.parametrize("method", [lbfgs, newton])
def test_a_broken_line_search_is_caught_at_its_first_step(method, broken):
    with pytest.raises(RuntimeError, match=f"{method.__name__}: the line search returned "
                       "length .* where the Wolfe conditions .* do not hold"):
        method(rosenbrock, [-1.2, 1.0], line_search=broken)


def test_another_line_search_may_be_given_if_it_keeps_the_conditions():
    def doubling(phi, length, wolfe):
        first = phi(0.0)
        for power in range(20):
            trial = phi(length*2.0**-power)
            if wolfe.decrease(first, trial) and wolfe.curvature(first, trial):
                return trial
        return "nothing found"
    assert newton(beale, [2.5, 0.4], line_search=doubling).converged


def test_approximate_decrease_is_only_for_where_values_are_rounding():
    wolfe, d = Wolfe(), np.array([1.0])
    start = Point(np.zeros(1), 1.0, np.array([-1.0]))
    end = Point(np.ones(1), 1 + 1e-12, np.array([0.1]))
    assert conditions(wolfe, start, d, 1.0, end) == "approximate"
    assert conditions(wolfe, start, d, 1.0, end._replace(value=0.5)) == "strong"
    assert conditions(wolfe, start, d, 1.0, end._replace(value=1 + 1e-9)) == ""
    assert conditions(wolfe, start, d, 1.0, end._replace(grad=np.array([0.95]))) == ""
    assert conditions(wolfe, start, d, 1.0, end._replace(value=np.nan)) == ""


def test_the_last_digits_of_a_large_value_do_not_stop_it():
    path = lbfgs(lambda x: 1e8 + booth(x), [5.0, 5.0], tolerance=1e-8)
    assert path.converged
    np.testing.assert_allclose(path.theta[-1], [1, 3], atol=1e-8)


# --- the inverse Hessian, exactly ---------------------------------------------------------

def exact(rng, *shape):
    return np.array([Fraction(int(n)) for n in rng.integers(-9, 10, np.prod(shape))]
                    ).reshape(shape)


def bfgs_inverse(H, s, y):
    """Nocedal & Wright 2006, (6.17), as it is printed: the independent statement."""
    rho, one = 1/(y @ s), np.eye(len(s), dtype=int)
    return (one - rho*np.outer(s, y)) @ H @ (one - rho*np.outer(y, s)) + rho*np.outer(s, s)


@pytest.mark.parametrize("seed", range(5))
def test_two_loops_are_the_dense_bfgs_formula_in_exact_fractions(seed):
    rng = np.random.default_rng(seed)
    n, gamma = 4, Fraction(3, 7)
    H, pairs = gamma*np.eye(n, dtype=int), []
    while len(pairs) < 3:
        s, y = exact(rng, n), exact(rng, n)
        if s @ y > 0:
            H = bfgs_inverse(H, s, y)
            pairs.append((s, y, 1/(s @ y)))
    q = exact(rng, n)
    assert (two_loops(pairs, gamma, q) == H @ q).all()
    s, y, _ = pairs[-1]
    assert (two_loops(pairs, gamma, y) == s).all()              # the secant equation
    wrong = [(s, y, 2*rho) for s, y, rho in pairs]
    assert (two_loops(wrong, gamma, q) != H @ q).any()


def test_two_loops_of_letters_are_the_dense_formula():
    import sympy
    s, y, q = (np.array(sympy.symbols(f"{letter}1:3")) for letter in "syq")
    gamma = sympy.Symbol("gamma")
    H = bfgs_inverse(gamma*np.eye(2, dtype=int), s, y)
    came = two_loops([(s, y, 1/(s @ y))], gamma, q)
    assert all(sympy.cancel(a - b) == 0 for a, b in zip(came, H @ q))
    assert all(sympy.cancel(a - b) == 0
               for a, b in zip(two_loops([(s, y, 1/(s @ y))], gamma, y), s))


def quadratic(n, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, n))
    A = A @ A.T + np.eye(n)
    return A, lambda x: x @ A @ x/2 - np.sum(x)


def test_newton_ends_on_a_quadratic_in_one_step_and_lbfgs_within_its_size():
    A, f = quadratic(5)
    for dense in (True, False):
        path = newton(f, np.ones(5), tolerance=1e-9, dense=dense)
        np.testing.assert_allclose(path.theta[-1], np.linalg.solve(A, np.ones(5)))
        assert not dense or len(path) == 2
    assert len(newton(f, np.ones(5), tolerance=1e-9)) == 2
    assert len(lbfgs(f, np.ones(5), tolerance=1e-6)) < 30


def test_conjugate_gradients_solve_and_stop_at_negative_curvature():
    A, _ = quadratic(6)
    g = np.arange(6.0)
    np.testing.assert_allclose(truncated(lambda v: A @ v, g, 1e-12, 50),
                               np.linalg.solve(A, -g))
    assert (truncated(lambda v: -v, g, 1e-12, 50) == -g).all()
    B = np.diag([2.0, 1.0, -1.0])
    d = truncated(lambda v: B @ v, np.array([1.0, 1.0, 0.1]), 1e-12, 50)
    assert d @ [1.0, 1.0, 0.1] < 0


def test_hessian_products_are_those_of_hvp():
    x, v = np.array([0.3, -1.0]), np.array([1.0, 2.0])
    objective = Objective("test", rosenbrock, x)
    product = objective.products_at(x)
    np.testing.assert_allclose(product(v), mg.hvp(rosenbrock, x, v))
    product(v)
    assert objective.products == 2


def test_ten_thousand_variables_need_no_hessian():
    path = newton(rosenbrock, np.full(10_000, 1.1), tolerance=1e-4)
    assert path.converged and path.products[-1] < 300
    np.testing.assert_allclose(path.theta[-1], 1, atol=1e-3)


# --- robustness ---------------------------------------------------------------------------

@pytest.mark.parametrize("method", METHODS)
def test_a_minimum_stays_and_a_saddle_is_named_where_the_hessian_is_known(method):
    run = METHODS[method]
    path = run(booth, [1, 3])
    assert len(path) == 1 and path.converged and path.theta.dtype == float
    saddle = run(lambda x: x[0]**2 - x[1]**2, [0.0, 0.0])
    assert len(saddle) == 1 and saddle.converged == (method != "newton")
    if method == "newton":
        assert "least curvature is -2" in saddle.stopped
    beside = run(lambda x: x[0]**2 - x[1]**2 + x[1]**4, [1.0, 1e-3])
    assert beside.converged
    np.testing.assert_allclose(np.abs(beside.theta[-1]), [0, 0.5**0.5], atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_where_f_is_nan_is_too_far(method):
    def barrier(x):
        return 3*x[0] + x[1] - np.sum(np.log(x))
    path = METHODS[method](barrier, [100.0, 1e-3])
    np.testing.assert_allclose(path.theta[-1], [1/3, 1], atol=1e-4)
    far = METHODS[method](lambda x: 50*x[0] - np.log(1 - x @ x), [0.0, 0.0])
    assert far.converged and (np.sum(far.theta**2, axis=1) < 1).all()
    with pytest.raises(FloatingPointError, match="at x0 the value of f is nan; needs"):
        METHODS[method](barrier, [-1.0, 1.0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("f", [
    lambda x: x[0] + x[1], lambda x: -x @ x, lambda x: -np.exp(x[0]), lambda x: -x[0]**3])
def test_an_end_without_bound_says_so(method, f):
    path = METHODS[method](f, [1.0, 0.5])
    assert not path.converged and "f seems unbounded below" in path.stopped
    assert "unbounded" in repr(path)


@pytest.mark.parametrize("method", METHODS)
def test_sizes_dtypes_and_no_steps(method):
    run = METHODS[method]
    assert run(lambda x: np.sum(x**2), np.zeros(0)).converged
    assert run(lambda x: (x - 3)**2, 1).theta[-1] == 3
    assert run(lambda x: np.sum((x - 3)**2), np.ones((2, 2), int)).theta.shape[1:] == (2, 2)
    assert run(booth, [5.0, 5.0], steps=0).stopped == "all 0 steps are done"
    assert run(lambda x: 5.0 + 0*x[0], [1.0, 2.0]).converged
    kink = run(lambda x: np.abs(x[0] - 1) + 3*np.abs(x[1] - x[0]**2), [-1.3, 1.0])
    assert not kink.converged and ("kink" in kink.stopped or "slope" in kink.stopped)
    tiny = run(lambda x: 1e-150*booth(x), [5.0, 5.0], tolerance=0)
    assert tiny.converged or "too flat" in tiny.stopped
    with pytest.raises(ValueError, match=r"returned shape \(2,\), needs one number"):
        run(lambda x: x, [1.0, 2.0])


def only_of(dtype, path):
    floats = [c.dtype for c in path.columns.values() if c.dtype.kind == "f"]
    return len(floats) > 3 and {*floats} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("problem", ["rosenbrock", "beale", "booth"])
def test_float32_stays_float32(problem, dtype):
    f, x0 = PROBLEMS[problem]
    seen = []

    def watched(x):
        seen.append(x.dtype)
        return f(x)
    for name, method in METHODS.items():
        if dtype == np.float32 or name == "newton":
            path = method(watched, x0.astype(dtype))
            assert path.converged and only_of(dtype, path)
    assert {*seen} == {np.dtype(dtype)}
    assert only_of(np.float32, gauss_newton(powell_residuals, np.ones(4, np.float32)))


@pytest.mark.parametrize("call, error, words", [
    (lambda: lbfgs(booth, [1.0, 2.0], steps=-1), ValueError, "steps = -1; needs a whole"),
    (lambda: lbfgs(booth, [1.0, 2.0], memory=0), ValueError, "memory = 0; needs a whole"),
    (lambda: newton(booth, [1.0, 2.0], tolerance=-1), ValueError, "tolerance = -1.0; need"),
    (lambda: lbfgs(booth, [1.0, 2.0], c1=0.9, c2=0.1), ValueError, "needs 0 < c1 < c2 < 1"),
    (lambda: newton(5, [1.0]), TypeError, "newton: f came as int; needs a function"),
    (lambda: newton(lambda x, y: x, [1.0]), TypeError, "newton: f takes other arguments"),
    (lambda: lbfgs(booth, "ab"), TypeError, "lbfgs: x0 came"),
    (lambda: gauss_newton(lambda x: (x, x), [1.0]), TypeError, "came as a tuple; needs"),
    (lambda: gauss_newton(np.log, [-1.0]), FloatingPointError, "gauss_newton: at x0"),
    (lambda: gauss_newton(np.square, [1.0], damping=0), ValueError, "needs a number abo"),
    (lambda: newton(lambda x: x[0]**1.5, [0.0]), FloatingPointError, "is not finite"),
])
def test_what_does_not_fit_is_refused_with_the_cure(call, error, words):
    with np.errstate(all="ignore"), pytest.raises(error, match=words):
        call()


def test_a_function_of_numpys_own_is_minimized():
    path = optim.minimize(np.square, 1.0, "gradient_descent", steps=1, lr=0.25)
    assert path.theta.tolist() == [1, 0.5] and newton(np.cos, 3.0).converged


def test_a_path_is_a_history_that_can_be_copied():
    path = lbfgs(beale, [1.0, 1.6])
    assert isinstance(path, optim.History)
    again = pickle.loads(pickle.dumps(copy.deepcopy(path)))
    assert again.stopped == path.stopped and again.converged
    assert repr(again) == repr(path) and "stopped by the largest entry" in repr(path)


# --- least squares ------------------------------------------------------------------------

def rosenbrock_residuals(x):
    return np.concatenate([10*(x[1:] - x[:-1]**2), 1 - x[:-1]])


TIMES = np.linspace(0, 3, 25)


def decay(p):
    return p[0]*np.exp(-p[1]*TIMES) - (3*np.exp(-0.7*TIMES) + 0.1*np.sin(9*TIMES))


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize("r, x0", [
    (rosenbrock_residuals, np.array([-1.2, 1.0])), (rosenbrock_residuals, np.zeros(10)),
    (powell_residuals, np.array([3.0, -1.0, 0.0, 1.0])), (decay, np.array([1.0, 0.1])),
    (lambda x: np.sum(x, keepdims=True) - 1, np.ones(3)),
    (lambda x: np.sqrt(BOWL)*x, np.ones(20))])
def test_gauss_newton_reaches_scipys_least_squares(r, x0, dense):
    path = gauss_newton(r, x0, dense=dense)
    there = least_squares(r, x0, jac=lambda x: mg.jacobian(r)(x), xtol=None, gtol=1e-8)
    assert path.converged and path.value[-1] <= there.cost + 1e-7
    np.testing.assert_allclose(path.grad[-1], mg.grad(lambda x: np.sum(r(x)**2)/2)(
        path.theta[-1]), atol=1e-9)
    assert (path.gain[1:] > 1e-4).all() and (np.diff(path.value) < 0).all()
    assert path.evaluations[-1] < 60


def test_gauss_newton_steps_back_from_where_residuals_are_nan():
    path = gauss_newton(lambda x: np.log(x) - 3, [1e-3])
    np.testing.assert_allclose(path.theta[-1], np.exp(3), rtol=1e-5)


# --- parameters of a model ----------------------------------------------------------------

def network(dtype=np.float64):
    mg.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4, dtype=dtype), nn.Tanh(),
                          nn.Linear(4, 2, dtype=dtype))
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((20, 3)).astype(dtype), rng.standard_normal((20, 2))
    return model, x, y.astype(dtype)


def closure_of(opt, loss):
    def closure():
        opt.zero_grad()
        value = loss()
        value.backward()
        return value
    return closure


def trained(dtype=np.float64, **settings):
    model, x, y = network(dtype)
    opt = optim.LBFGS(model.parameters(), **settings)
    return model, opt, closure_of(opt, lambda: nn.mse_loss(model(x), y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lbfgs_trains_a_network_in_pytorchs_manners(dtype):
    model, opt, closure = trained(dtype, steps=30)
    first = opt.step(closure).item()
    assert opt.step(closure).item() < first and opt.evaluations > 31 and opt.t == 2
    assert {p.dtype for p in model.parameters()} == {x.dtype for x in opt.s} == {
        np.dtype(dtype)}
    assert isinstance(opt, optim.Optimizer) and "stopped" not in repr(opt)


def test_steps_on_parameters_are_those_of_the_function():
    p = mg.tensor([-1.2, 1.0], requires_grad=True)
    opt = optim.LBFGS([p], steps=12)
    opt.step(closure_of(opt, lambda: rosenbrock(p)))
    path = lbfgs(rosenbrock, [-1.2, 1.0], steps=12)
    np.testing.assert_array_equal(p.numpy(), path.theta[-1])
    assert opt.evaluations == path.evaluations[-1]


@pytest.mark.parametrize("make", [
    optim.LBFGS, our_torch.LBFGS, our_optax.lbfgs,
    lambda p: our_torch.LBFGS(p, line_search_fn="strong_wolfe")])
def test_a_state_continues_to_the_bit(make):
    (model, x, y), (other, *_) = network(), network()
    opt, later = make(model.parameters()), make(other.parameters())
    closure = closure_of(opt, lambda: nn.mse_loss(model(x), y))
    opt.step(closure)
    other.load_state_dict(model.state_dict())
    later.load_state_dict(pickle.loads(pickle.dumps(opt.state_dict())))
    twin = copy.deepcopy(opt)
    opt.step(closure)
    later.step(closure_of(later, lambda: nn.mse_loss(other(x), y)))
    for a, b in zip(model.parameters(), other.parameters()):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert twin.t == 1 and opt.t == later.t == 2
    small = make([mg.tensor([1.0], requires_grad=True)])
    with pytest.raises(ValueError, match="load_state_dict: "):
        small.load_state_dict(opt.state_dict())


def test_a_closure_that_raises_leaves_the_parameters_as_they_were():
    model, opt, closure = trained()
    before, calls = [p.numpy().copy() for p in model.parameters()], itertools.count()

    def failing():
        if next(calls) == 2:
            raise KeyboardInterrupt
        return closure()
    with pytest.raises(KeyboardInterrupt):
        opt.step(failing)
    for p, old in zip(model.parameters(), before):
        np.testing.assert_array_equal(p.numpy(), old)
    assert opt.t == 0 and not opt.s


@pytest.mark.parametrize("use, error, words", [
    (lambda opt: opt.step(), TypeError, "needs a closure that does opt.zero_grad"),
    (lambda opt: opt.step(lambda: None), TypeError, "has to return the loss"),
    (lambda opt: opt.step(lambda: 5.0), RuntimeError, "wants a gradient and has none"),
    (lambda opt: opt.param_groups[0].update(memory=0) or opt.step(), ValueError,
     "memory = 0; needs a whole number, 1 or more"),
    (lambda opt: opt.add_param_group({"params": [mg.tensor([1.0], requires_grad=True)]}),
     ValueError, "one group"),
    (lambda opt: opt.rule(1, 2, t=1), TypeError, "no rule of one gradient")])
def test_a_misused_lbfgs_says_what_it_needs(use, error, words):
    opt = optim.LBFGS([mg.tensor([1.0], requires_grad=True)])
    with pytest.raises(error, match=words):
        use(opt)


def test_parameters_of_two_dtypes_are_no_vector():
    with pytest.raises(ValueError, match="2 groups|float32, float64; needs one group"):
        optim.LBFGS([mg.tensor(np.ones(2, t), requires_grad=True)
                     for t in (np.float32, np.float64)])


# --- as other libraries compute it --------------------------------------------------------

def off(came, needed):
    needed = np.asarray(needed)
    return np.max(np.abs(came - needed)/np.maximum(np.abs(needed), 1))


def squares(x):
    return ((x - 1)**2).sum()/2 + 3*(x[0]*x[1])**2 + (x[0] + x[-1])**2


def valley(x):
    return (100*(x[1:] - x[:-1]**2)**2).sum() + ((1 - x[:-1])**2).sum()


def twins(f, x0, **settings):
    """PyTorch's optimizer and ours, each with its parameter and its closure."""
    there = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    here = mg.tensor(x0, requires_grad=True)
    a, b = torch.optim.LBFGS([there], **settings), our_torch.LBFGS([here], **settings)
    return (there, a, closure_of(a, lambda: f(there))), (
        here, b, closure_of(b, lambda: f(here)))


@pytest.mark.parametrize("f, x0", [
    (valley, [-1.2, 1.0]), (valley, [-1.2, 1.0, 0.5, 2.0]), (squares, [1.0, 2.0, -3.0])])
@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@pytest.mark.parametrize("lr, history, iterations, evaluations", [
    (1, 100, 6, None), (0.1, 3, 6, None), (0.01, 100, 18, 7), (0.5, 2, 1, None)])
def test_paths_of_pytorchs_lbfgs(f, x0, search, lr, history, iterations, evaluations):
    if f is valley and not search:
        lr = min(lr, 0.01)                          # a longer step diverges, there and here
    (there, a, closure), (here, b, ours) = twins(
        f, x0, lr=lr, history_size=history, max_iter=iterations, max_eval=evaluations,
        line_search_fn=search)
    for _ in range(3):
        assert off(b.step(ours).item(), a.step(closure).item()) < SAME
        assert off(here.numpy(), there.detach()) < SAME
    kept, theirs = b.state[here], a.state[there]
    assert kept.keys() == theirs.keys() - {"al"}        # a buffer, which is overwritten
    for name in ("func_evals", "n_iter"):
        assert kept[name] == theirs[name]
    for name in ("d", "t", "H_diag", "prev_flat_grad", "prev_loss"):
        assert off(kept[name], theirs[name]) < 1e-6, name
    assert len(kept["old_dirs"]) == len(theirs["old_dirs"]) <= history


def test_a_whole_run_of_pytorchs_lbfgs_with_its_defaults():
    (there, a, closure), (here, b, ours) = twins(valley, [-1.2, 1.0],
                                                 line_search_fn="strong_wolfe")
    for _ in range(3):
        a.step(closure), b.step(ours)
        assert off(here.numpy(), there.detach()) < SAME
    assert here.numpy().round(3).tolist() == [1, 1]


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_a_network_under_pytorchs_lbfgs(search):
    model, x, y = network()
    peer = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(),
                               torch.nn.Linear(4, 2)).double()
    with torch.no_grad():
        for p, q in zip(peer.parameters(), model.parameters()):
            p.copy_(torch.tensor(q.numpy()))
    a = torch.optim.LBFGS(peer.parameters(), lr=0.5, max_iter=5, line_search_fn=search)
    b = our_torch.LBFGS(model.parameters(), lr=0.5, max_iter=5, line_search_fn=search)
    xt, yt = torch.tensor(x), torch.tensor(y)
    for _ in range(4):
        a.step(closure_of(a, lambda: torch.nn.functional.mse_loss(peer(xt), yt)))
        b.step(closure_of(b, lambda: nn.mse_loss(model(x), y)))
        for p, q in zip(peer.parameters(), model.parameters()):
            assert off(q.numpy(), p.detach()) < SAME


@pytest.mark.parametrize("wrong, words", [
    ({"line_search_fn": "armijo"}, "needs 'strong_wolfe' or None"),
    ({"lr": -1}, "lr"), ({"history_size": 0}, "history_size = 0")])
def test_what_pytorchs_lbfgs_does_not_take(wrong, words):
    with pytest.raises(ValueError, match=words):
        our_torch.LBFGS([mg.tensor([1.0], requires_grad=True)], **wrong)


OPTAX = [
    (valley, [-1.2, 1.0], {},
     {"max_linesearch_steps": 20, "initial_guess_strategy": "one"}),
    (squares, [1.0, 2.0, -3.0], {"memory_size": 2, "learning_rate": 0.5},
     {"max_linesearch_steps": 20, "initial_guess_strategy": "keep"}),
    (squares, [1.0, 2.0, -3.0], {"scale_init_precond": False},
     {"max_linesearch_steps": 3, "max_learning_rate": 1.5, "approx_dec_rtol": None}),
    (squares, [1.0, 2.0, -3.0], {"learning_rate": 0.2}, None)]


@pytest.mark.parametrize("f, x0, settings, search", OPTAX)
def test_paths_of_optaxs_lbfgs(f, x0, settings, search):
    import jax
    import optax
    with jax.enable_x64(True):
        there = jax.numpy.array(x0)
        a = optax.lbfgs(**settings, linesearch=search and optax.scale_by_zoom_linesearch(
            **search))
        here = mg.tensor(x0, requires_grad=True)
        b = our_optax.lbfgs([here], **settings, linesearch=search and (
            our_optax.scale_by_zoom_linesearch(**search)))
        ours, state = closure_of(b, lambda: f(here)), a.init(there)

        @jax.jit
        def update(p, state):
            value, grad = jax.value_and_grad(f)(p)
            u, state = a.update(grad, state, p, value=value, grad=grad, value_fn=f)
            return optax.apply_updates(p, u), state
        for _ in range(12):
            there, state = update(there, state)
            b.step(ours)
            assert off(here.numpy(), there) < SAME


@pytest.mark.parametrize("wrong, error, words", [
    ({"linesearch": "zoom"}, TypeError, "scale_by_zoom_linesearch"),
    ({"memory_size": 0}, ValueError, "memory_size = 0")])
def test_what_optaxs_lbfgs_does_not_take(wrong, error, words):
    with pytest.raises(error, match=words):
        our_optax.lbfgs([mg.tensor([1.0], requires_grad=True)], **wrong)


def test_trials_that_are_not_finite_count_as_high():
    point = Point(np.ones(1), np.nan, np.ones(1))
    assert trial_of(point, 1.0, np.ones(1)).value == np.inf
    assert trial_of(point._replace(value=-np.inf), 1.0, np.ones(1)).value == -np.inf
