"""L-BFGS: the inverse Hessian from the last few steps, never formed.

Nocedal & Wright 2006, Algorithms 7.4 (the product with it) and 7.5.
"""
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.spellings import explaining
from optim.second_order.descents import (
    Descent, LineSearch, accepted, descended, whole)
from optim.second_order.line_searches import strong_wolfe
from optim.second_order.objectives import Point, largest, started
from optim.second_order.wolfe import Wolfe


def two_loops(pairs: Any, gamma: Any, q: Any) -> Any:
    """H q, for the H that BFGS updates from gamma times the identity by these pairs.

    pairs: (s, y, 1/<s, y>) of each step, oldest first, s being the step and y the change of
    the gradient. It is Algorithm 7.4 on flat vectors of any numbers.

    >>> from fractions import Fraction
    >>> s, y = np.array([Fraction(1), Fraction(2)]), np.array([Fraction(3), Fraction(1)])
    >>> two_loops([(s, y, 1/(s @ y))], Fraction(1), y)          # H y = s, the secant
    array([Fraction(1, 1), Fraction(2, 1)], dtype=object)
    """
    alphas = []
    for s, y, rho in reversed(pairs):
        alphas.append(rho*(s @ q))
        q = q - alphas[-1]*y
    r = gamma*q
    for s, y, rho in pairs:
        r = r + (alphas.pop() - rho*(y @ r))*s
    return r


class Pairs:
    """What L-BFGS remembers: of the last steps s, the changes y of the gradient by them."""

    def __init__(self, memory: int):
        self.pairs: deque[Any] = deque(maxlen=memory)
        self.gamma = 1.0

    def direction(self, point: Point) -> tuple[np.ndarray, float]:
        """-H grad and length 1; at first, the steepest descent by a length of at most 1."""
        direction = -two_loops(self.pairs, self.gamma, np.ravel(point.grad))
        direction = direction.reshape(point.grad.shape)
        if self.pairs and point.along(direction) < 0:
            return direction, 1.0
        self.pairs.clear()
        self.gamma = 1.0
        top = largest(point.grad)
        return -point.grad, min(1.0, 1/(top*float(np.linalg.norm(point.grad/top))))

    def learn(self, before: Point, after: Point) -> None:
        """A pair from a step. One without curvature, as rounding may leave it, is not kept.
        """
        s, y = np.ravel(after.theta - before.theta), np.ravel(after.grad - before.grad)
        curvature, length = float(s @ y), float(y @ y)
        if curvature > float(np.finfo(s.dtype).eps)*length > 0:
            self.pairs.append((s, y, 1/curvature))
            self.gamma = curvature/length                       # (7.20)

    def noted(self) -> dict[str, Any]:
        """Nothing."""
        return {}


@explaining
def lbfgs(f: Callable[[Any], Any], x0: Any, steps: int = 1000, *,
          tolerance: float | None = None, memory: int = 10, c1: float = 1e-4,
          c2: float = 0.9, line_search: LineSearch = strong_wolfe) -> Descent:
    """Minimize f from x0 by L-BFGS, each step with the strong Wolfe conditions.

    f: a scalar function of one array, as for optim.minimize. tolerance: it ends where no
    entry of the gradient is larger; the cube root of the eps of x0's dtype if left out.
    memory: how many of the last steps the inverse Hessian is made of. c1, c2, line_search:
    see wolfe.py and line_searches.py; another search is held to the same conditions.

    Columns: theta, value, grad; step_length; evaluations of f with its gradient so far;
    wolfe: "strong", or "approximate" where f's differences are rounding. A small gradient
    is all that it looks for: it may be at a saddle.
    Raises FloatingPointError where f is not finite at x0, RuntimeError for a line search
    whose step lacks the conditions.

    >>> path = lbfgs(lambda x: (1 - x[0])**2 + 100*(x[1] - x[0]**2)**2, [-1.2, 1.0])
    >>> path.converged, path.theta[-1].round(6)
    (True, array([1., 1.]))
    """
    objective, start = started("lbfgs", f, x0)
    wolfe = Wolfe(c1, c2).checked("lbfgs")
    settings = accepted("lbfgs", start.theta, steps, tolerance) | (
        wolfe._asdict() | {"memory": whole("lbfgs", "memory", memory, 1)})
    return descended(lbfgs, objective, start, Pairs(settings["memory"]), settings, wolfe,
                     line_search)
