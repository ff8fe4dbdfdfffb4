"""Steps that know the curvature: where they end, what they cost, and what they promise."""
import numpy as np
import pytest
from scipy.optimize import minimize

import minigrad as mg
from optim.second_order import lbfgs

GTOL = 1e-5                     # SciPy's, for both sides


def rosenbrock(x):
    return np.sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


class Counted:
    """A function's value and gradient as SciPy takes them, each call counted."""

    def __init__(self, f):
        self.both, self.calls = mg.value_and_grad(f), 0

    def __call__(self, x):
        self.calls += 1
        return self.both(x)


@pytest.mark.parametrize("size", [2, 100])
def test_lbfgs_reaches_scipys_minimum_of_rosenbrock_as_cheaply(size):
    x0 = np.tile([-1.2, 1.0], size//2)
    peer = Counted(rosenbrock)
    there = minimize(peer, x0, jac=True, method="L-BFGS-B",
                     options={"ftol": 0, "gtol": GTOL, "maxiter": 1000})
    path = lbfgs(rosenbrock, x0, tolerance=GTOL)
    assert there.success and path.converged
    np.testing.assert_allclose(path.theta[-1], there.x, atol=1e-4)
    assert path.evaluations[-1] <= 1.5*peer.calls
    assert {*path.wolfe[1:]} == {"strong"}
