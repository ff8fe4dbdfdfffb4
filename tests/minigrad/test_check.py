"""check_grads accepts right gradients and only those."""
import numpy as np
import pytest

import minigrad as mg
from minigrad.check import GradientError
from minigrad.primitives import VJPS


def test_it_accepts_smooth_functions_of_several_arguments():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    assert mg.check_grads(lambda a, b: np.tanh(a @ b), (a, b)).entries == 12


def test_sympy_is_a_witness_where_the_size_allows():
    few = mg.check_grads(lambda x: np.exp(x)*np.sin(x), (np.array([.3, .4]),))
    many = mg.check_grads(lambda x: np.exp(x)*np.sin(x), (np.linspace(0, 1, 9),))
    assert few.witnesses == ("differences", "SymPy") and many.witnesses == ("differences",)


def test_it_accepts_a_right_float32_gradient():
    assert mg.check_grads(lambda x: x**3, (np.ones(3, np.float32),)).worst < 1


def test_at_a_kink_it_reports_the_interval_and_accepts_its_members_only(monkeypatch):
    kinks = mg.check_grads(np.abs, (0.0,), order=1).kinks
    assert len(kinks) == 1 and np.allclose(kinks[0][2], (-1, 1))
    monkeypatch.setitem(VJPS, np.absolute, (lambda g, y, x: g*0.5 + x*0,))
    assert mg.check_grads(np.abs, (0.0,), order=1).kinks
    monkeypatch.setitem(VJPS, np.absolute, (lambda g, y, x: g*1.5 + x*0,))
    with pytest.raises(GradientError, match=r"\[-1, 1\].*kink"):
        mg.check_grads(np.abs, (0.0,), order=1)


@pytest.mark.parametrize("wrong", [
    lambda g, y, x: g*np.cos(x)*(1 + 1e-5), lambda g, y, x: -g*np.cos(x),
    lambda g, y, x: g*np.cos(x) + 1e-4])
def test_a_planted_error_is_caught_by_differences_and_by_sympy_alone(monkeypatch, wrong):
    monkeypatch.setitem(VJPS, np.sin, (wrong,))
    with pytest.raises(GradientError, match="entry"):
        mg.check_grads(np.sin, (np.linspace(0.1, 1, 9),), order=1)      # differences
    with monkeypatch.context() as blind:
        blind.setattr("minigrad.check.one_sided", lambda f, h: (0.0, 1e9))
        with pytest.raises(GradientError, match="entry"):
            mg.check_grads(np.sin, (np.array([.3, .4]),), order=1)      # SymPy


def test_an_error_of_the_second_derivative_alone_is_caught(monkeypatch):
    """Right value, but a cosine that the tape cannot see."""
    monkeypatch.setitem(VJPS, np.sin, (lambda g, y, x: g*np.cos(np.array(
        x.numpy() if isinstance(x, mg.Tensor) else x)),))
    mg.check_grads(np.sin, (np.array([.3, .4]),), order=1)
    with pytest.raises(GradientError, match="derivative of the gradient"):
        mg.check_grads(np.sin, (np.array([.3, .4]),), order=2)


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match="int"):
        mg.check_grads(np.sin, (3,))
    with pytest.raises(ValueError, match="finite"):
        mg.check_grads(np.sin, (float("nan"),))


# --- whatever SymPy does, the differences decide ------------------------------------------
@pytest.mark.parametrize("step", [np.floor, np.ceil, np.rint, np.trunc, np.sign, np.fix])
def test_step_functions_pass_off_their_jumps(step):
    """sympy#23814: the derivative of floor ended in a RecursionError."""
    for x in (1.3, -1.3):
        assert mg.check_grads(step, (x,)).worst < 1


@pytest.mark.parametrize("error", [RecursionError, ValueError, KeyError])
def test_an_error_of_sympy_takes_its_say_only(monkeypatch, error):
    def fails(total, leaves):
        raise error("no")
    monkeypatch.setattr("minigrad.check.derivatives", fails)
    assert mg.check_grads(np.sin, (0.3,)).witnesses == ("differences",)


def test_sympy_is_not_waited_for(monkeypatch):
    def hangs(total, leaves):
        while True:
            pass
    monkeypatch.setattr("minigrad.check.derivatives", hangs)
    monkeypatch.setattr("minigrad.check.SECONDS", 0.2)
    assert mg.check_grads(np.sin, (0.3,)).witnesses == ("differences",)
    wrong = mg.custom_vjp(np.sin, lambda g, y, x: g*np.sin(x))
    with pytest.raises(GradientError):
        mg.check_grads(wrong, (0.3,))


def test_two_kinks_that_meet_are_judged_by_the_differences():
    def relu(x):
        return np.where(x > 0, x, 0)
    with pytest.raises(GradientError, match="tape gives 0, the differences 1, SymPy 0"):
        mg.check_grads(lambda x: relu(x) - relu(-x), (0.0,))


# --- structures, and what is left alone ---------------------------------------------------
def symmetric(f):
    return lambda a: f(a + np.swapaxes(a, -1, -2))


MATRIX = np.random.default_rng(3).normal(size=(3, 3))


@pytest.mark.parametrize("f, args", [
    (lambda x: np.split(x, 2), (np.arange(4.),)),
    (np.gradient, (MATRIX,)), (symmetric(np.linalg.eigh), (MATRIX,)),
    (np.linalg.svd, (MATRIX,)), (np.linalg.slogdet, (MATRIX,)),
    (lambda p: {"a": p["w"]*p["b"], "c": [p["b"]**2]}, ({"w": np.ones(2), "b": 3.0},)),
    (lambda pair, n: (pair[0]**n, [pair[1]]), ((2.0, np.ones(2)), 3)),
    (lambda x, index, how: x[index]*len(how), (np.arange(3.), np.array([0, 0, 2]), "ab")),
    (np.sin, (np.zeros((0, 3)),)), (np.sin, (mg.tensor([1., 2.]),)),
    (mg.grad(lambda x: np.sum(x**3)), (np.ones(2),)),
    (lambda x: x**3, (np.ones(2, np.float16),)),
    (lambda x: np.log(x), (1e-3,)), (lambda x: 3.0, (1.0,))])
def test_it_accepts_functions_of_and_into_structures(f, args):
    assert mg.check_grads(f, args).worst < 1


def test_an_error_names_the_place_in_the_structure():
    wrong = mg.custom_vjp(np.sin, lambda g, y, x: 2*g*np.cos(x))
    with pytest.raises(GradientError, match=r"argument 1\['b'\]\[1\], entry \(1,\)"):
        mg.check_grads(lambda n, p: [p["a"]**n, wrong(p["b"][1])],
                       (2, {"a": 3.0, "b": (1.0, np.array([np.pi/2, 0.1]))}))


def test_an_end_of_the_domain_is_judged_from_within():
    assert mg.check_grads(lambda x: x**1.5, (0.0,), order=1).worst < 1
    wrong = mg.custom_vjp(lambda x: x**1.5, lambda g, y, x: g*(1.5*np.sqrt(x) + 1e-3))
    with pytest.raises(GradientError):
        mg.check_grads(wrong, (0.0,), order=1)


def test_it_works_inside_an_outer_derivative():
    checks = []

    def f(x):
        checks.append(mg.check_grads(lambda y: np.sin(y*x), (x,)))
        return x**2
    assert mg.grad(f)(3.0) == 6.0 and checks[0].worst < 1
    with pytest.raises(GradientError):
        mg.grad(lambda x: mg.check_grads(mg.custom_vjp(
            np.sin, lambda g, y, x: g*y), (x,)) and x)(3.0)
    w = mg.tensor(2.0, requires_grad=True)
    assert mg.check_grads(lambda x: w*x*x, (3.0,)).worst < 1


# --- planted errors -----------------------------------------------------------------------
PLANTED = {
    "factor": (np.sin, lambda g, y, x: 1.001*g*np.cos(x)),
    "sign": (np.sin, lambda g, y, x: -g*np.cos(x)),
    "offset": (np.sin, lambda g, y, x: g*(np.cos(x) + 1e-6)),
    "transposed": (lambda x: x @ MATRIX, lambda g, y, x: g @ MATRIX),
    "flipped": (lambda x: np.flip(x), lambda g, y, x: g),
    "not summed": (lambda x: np.sum(x)*x, lambda g, y, x: g*np.sum(x)),
    "missing unbroadcast": (lambda x: x - np.mean(x, 0), lambda g, y, x: g),
    "one entry": (np.cumsum, lambda g, y, x: np.cumsum(g)),
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_planted_errors_are_caught_at_every_scale(planted, scale):
    f, vjp = PLANTED[planted]
    x = np.random.default_rng(1).normal(size=3)
    wrong = mg.custom_vjp(f, vjp)
    with pytest.raises(GradientError):
        mg.check_grads(lambda x: {"y": [scale*wrong(x)]}, (x,))


def test_a_planted_error_of_second_order_only_is_caught_in_structures():
    wrong = mg.custom_vjp(np.sin, lambda g, y, x: g*np.cos(mg.stop_gradient(x)))
    mg.check_grads(lambda p: [wrong(p["x"])], ({"x": 0.3},), order=1)
    with pytest.raises(GradientError, match=r"of the gradient: argument 0\['x'\]"):
        mg.check_grads(lambda p: [wrong(p["x"])], ({"x": 0.3},))


def test_a_vjp_that_is_wrong_in_its_own_cotangent_is_caught():
    slightly = mg.custom_vjp(lambda g: g*1.0, lambda g, y, x: 1.001*g)
    wrong = mg.custom_vjp(lambda x: 2.0*x, lambda g, y, x: 2*slightly(g))
    mg.check_grads(wrong, (1.0,), order=1)
    with pytest.raises(GradientError, match="in the derivative of the gradient"):
        mg.check_grads(wrong, (1.0,))


def test_what_cannot_be_checked_is_refused_in_one_line():
    generator = np.random.default_rng(0)
    for error, match, f, args in [
            (ValueError, "two values for the same", lambda x: x*generator.normal(), (1.,)),
            (ValueError, "value is not finite", lambda x: x*np.nan, (1.0,)),
            (ValueError, "argument is not finite", np.sin, (np.inf,)),
            (TypeError, "returned NoneType", lambda x: None, (1.0,)),
            (TypeError, "returned int", lambda x: 3, (1.0,)),
            (TypeError, "returned str", lambda x: "s", (1.0,)),
            (TypeError, "empty structure", lambda x: (), (1.0,)),
            (TypeError, r"args came float.*\(x,\)", np.sin, 1.0),
            (TypeError, r"args came ndarray.*\(x,\)", np.sin, np.ones(2)),
            (TypeError, "no argument is of floats .came complex", np.sin, (1j,)),
            (TypeError, "needs a function", (1.0,), np.sin)]:
        with pytest.raises(error, match="check_grads: .*" + match):
            mg.check_grads(f, args)
