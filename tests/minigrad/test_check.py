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
