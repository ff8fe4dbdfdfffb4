"""Newton's method, with a line search, and with what makes each direction one of descent.

A Newton step goes to where the gradient of the quadratic model is 0: down only where the
Hessian H is positive definite. For few variables its eigenvalues are computed and taken by
their absolute value (Nocedal & Wright 2006, section 3.4): it goes down also along negative
curvature, away from a saddle, where an added multiple of the identity (Algorithm 3.3)
shortens every direction alike. For many variables there is no room for H and no time for
eigenvalues: products H v and truncated conjugate gradients (Algorithm 7.1).
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.spellings import explaining
from optim.second_order.conjugate_gradients import truncated
from optim.second_order.descents import Descent, LineSearch, accepted, descended
from optim.second_order.line_searches import strong_wolfe
from optim.second_order.objectives import Objective, Point, started
from optim.second_order.wolfe import Wolfe

FEW = 50                # variables, up to which H is formed
FORCING = 1/4           # the largest residual of a direction, as a share of the gradient
FLOOR = 3/4             # the power of eps: the least eigenvalue, as a share of the largest


def solvable(dtype: Any) -> Any:
    """The nearest dtype that NumPy's linear algebra computes in."""
    return np.float32 if np.dtype(dtype).itemsize <= 4 else np.float64


class Eigenvalues:
    """Directions -|H|^-1 grad, by the eigenvalues of H."""

    def __init__(self, objective: Objective):
        self.objective = objective

    def decomposed(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The eigenvalues of the Hessian, ascending, and its eigenvectors, as columns."""
        product = self.objective.products_at(theta)
        units = np.eye(theta.size, dtype=theta.dtype).reshape(-1, *theta.shape)
        H = np.reshape([product(unit) for unit in units], (theta.size, -1)).astype(
            solvable(theta.dtype))
        if not np.isfinite(H).all():
            raise FloatingPointError(f"newton: the Hessian of f is not finite at {theta}; "
                                     "lbfgs needs gradients only")
        return np.linalg.eigh((H + H.T)/2)

    def direction(self, point: Point) -> tuple[np.ndarray, float]:
        """The direction, and length 1."""
        values, vectors = self.decomposed(point.theta)
        curvatures = np.abs(values)
        top = float(np.max(curvatures))
        floor = top*float(np.finfo(values.dtype).eps)**FLOOR or 1.0
        g = vectors.T @ np.ravel(point.grad)
        d = -vectors @ (g/np.maximum(curvatures, floor))
        return d.reshape(point.grad.shape).astype(point.grad.dtype), 1.0

    def learn(self, before: Point, after: Point) -> None:
        """Nothing: each Hessian is computed anew."""

    def noted(self) -> dict[str, Any]:
        """The products so far."""
        return {"products": self.objective.products}


class Products(Eigenvalues):
    """Directions by conjugate gradients, the more exact the smaller the gradient is."""

    def direction(self, point: Point) -> tuple[np.ndarray, float]:
        """The direction, and length 1."""
        norm = float(np.linalg.norm(point.grad))
        return truncated(self.objective.products_at(point.theta), point.grad,
                         min(FORCING, norm**0.5)*norm, 20*point.grad.size), 1.0


@explaining
def newton(f: Callable[[Any], Any], x0: Any, steps: int = 200, *,
           tolerance: float | None = None, dense: bool | None = None, c1: float = 1e-4,
           c2: float = 0.9, line_search: LineSearch = strong_wolfe) -> Descent:
    """Minimize f from x0 by Newton's method, each step with the strong Wolfe conditions.

    dense: compute all eigenvalues of the Hessian, else only products with it; by the number
    of variables (50) if left out. The other arguments, the columns and what it raises are
    those of lbfgs; a further column, products, counts those with the Hessian. Where it is
    dense, a gradient that is small at a saddle or a maximum is no convergence.

    >>> newton(lambda x: (x[0] - 1)**2 + 50*(x[1] - x[0])**2, [5.0, -3.0]).theta
    array([[ 5., -3.],
           [ 1.,  1.]])
    """
    objective, start = started("newton", f, x0)
    wolfe = Wolfe(c1, c2).checked("newton")
    settings = accepted("newton", start.theta, steps, tolerance)
    dense = start.theta.size <= FEW if dense is None else bool(dense)
    eigenvalues = Eigenvalues(objective)
    directions = eigenvalues if dense else Products(objective)
    path = descended(newton, objective, start, directions,
                     settings | wolfe._asdict() | {"dense": dense}, wolfe, line_search)
    if path.converged and dense and start.theta.size:
        values, _ = eigenvalues.decomposed(path.theta[-1])
        least, noise = values[0], np.finfo(values.dtype).eps**0.5*np.max(np.abs(values))
        if least < -noise:
            path.converged = False
            path.stopped = ("the gradient is small, but the least curvature is "
                            f"{least:.3g}: this is a saddle or a maximum; start beside it")
    return path
