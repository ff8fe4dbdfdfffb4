"""Gauss-Newton, damped: the least sum of squares by the Jacobian of the residuals.

With r the residuals and J their Jacobian, f = |r|^2/2 has the gradient J'r and, but for
terms that are small where r is, the Hessian J'J. A step h solves (J'J + mu) h = -J'r. mu,
the damping (Levenberg 1944, Marquardt 1963), follows the gain: how much f fell, as a share
of what the model promised (Madsen, Nielsen & Tingleff 2004, Algorithm 3.16). It is no line
search: what is asked of a step is a gain above GAIN, and its Descent shows it.
"""
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.spellings import explaining
from optim.optimizers.history import detached, first_point, of_one_array
from optim.second_order.conjugate_gradients import truncated
from optim.second_order.damped_newton import FEW, solvable
from optim.second_order.descents import Descent, Rows, accepted, positive
from optim.second_order.objectives import Point, largest, refuse_start

GAIN = 1e-4             # the least that is accepted (Nocedal & Wright 2006, Algorithm 4.1)
EXACT = 1e-3            # the residual of a step by products, as a share of the gradient
NO_STEP = ("every step that is long enough to be seen in {} makes f larger: what is left "
           "is rounding, or a kink")


class Model:
    """Residuals near a point, r + J h, with f = |r|^2/2 and its gradient J'r there."""

    def __init__(self, residuals: Callable[[Any], Any], theta: np.ndarray):
        with np.errstate(all="ignore"):
            r, self.pull = mg.vjp(residuals, theta)
            if isinstance(r, (tuple, list, dict)):
                raise TypeError("gauss_newton: the residuals came as a "
                                f"{type(r).__name__}; needs one array of them, as np.stack "
                                "or np.concatenate make of several")
            self.r = detached(r)
            f = float(np.vdot(self.r, self.r))/2
            theta.flags.writeable = False
            self.point = Point(theta, f, detached(*self.pull(self.r)))

    @cached_property
    def push(self) -> Callable[[np.ndarray], np.ndarray]:
        """v -> J v: u -> J'u is linear, and its pullback is J."""
        _, back = mg.vjp(lambda u: self.pull(u)[0], np.ones_like(self.r))
        return lambda v: np.asarray(*back(v))

    @cached_property
    def jacobian(self) -> np.ndarray:
        """J, a column for each variable."""
        theta = self.point.theta
        unit = np.eye(theta.size, dtype=theta.dtype).reshape(-1, *theta.shape)
        return np.reshape([self.push(v) for v in unit], (theta.size, self.r.size)).T

    def step(self, mu: float, dense: bool) -> np.ndarray:
        """h with (J'J + mu) h = -J'r: by least squares of J over sqrt(mu), or by products.
        """
        theta, g = self.point.theta, self.point.grad
        if not dense:
            return truncated(lambda v: np.asarray(*self.pull(self.push(v))) + mu*v, g,
                             EXACT*float(np.linalg.norm(g)), 2*theta.size)
        within = solvable(theta.dtype)
        above = np.vstack([self.jacobian, mu**0.5*np.eye(theta.size)]).astype(within)
        right = np.concatenate([-np.ravel(self.r), np.zeros(theta.size)]).astype(within)
        h = np.linalg.lstsq(above, right)[0]
        return h.reshape(theta.shape).astype(theta.dtype)

    def promised(self, h: np.ndarray) -> float:
        """How much lower than f the model is at h."""
        Jh = self.push(h)
        return -self.point.along(h) - float(np.vdot(Jh, Jh))/2


@explaining
def gauss_newton(residuals: Callable[[Any], Any], x0: Any, steps: int = 200, *,
                 tolerance: float | None = None, damping: float = 1e-3,
                 dense: bool | None = None) -> Descent:
    """Minimize f = |residuals(x)|^2/2 from x0 by damped Gauss-Newton (Levenberg-Marquardt).

    residuals: a function of one array that returns an array of any shape. tolerance: it
    ends where no entry of the gradient is larger; the cube root of the dtype's eps if
    left out. damping: mu of the first step, as a share of the largest diagonal entry of
    J'J. dense: form J, else conjugate gradients with J v and J'u; by the number of
    variables (50) if left out.

    Columns: theta, value, grad; gain, damping of the step; evaluations (residuals with
    J'r) so far. Raises FloatingPointError where f is not finite at x0.

    >>> path = gauss_newton(lambda x: np.stack([10*(x[1] - x[0]**2), 1 - x[0]]), [-1.2, 1])
    >>> path.converged, path.theta[-1].round(4)
    (True, array([1., 1.]))
    """
    theta = first_point(x0, "gauss_newton")
    residuals = of_one_array(residuals, theta, "gauss_newton")
    now = Model(residuals, theta)
    refuse_start("gauss_newton", now.point)
    settings = accepted("gauss_newton", theta, steps, tolerance) | {
        "damping": positive("gauss_newton", "damping", damping),
        "dense": theta.size <= FEW if dense is None else bool(dense)}
    with np.errstate(all="ignore"):             # what overflows is no step
        return damped(now, residuals, settings)


def damped(now: Model, residuals: Callable[[Any], Any], settings: dict[str, Any]
           ) -> Descent:
    """The path from a model on."""
    rows, evaluations = Rows(), 1
    rows.add(now.point, gain=0.0, damping=0.0, evaluations=1)
    mu, growth = settings["damping"]*scale(now, settings["dense"]), 2.0
    dtype = now.point.theta.dtype
    while len(rows) <= settings["steps"] and (
            largest(now.point.grad) > settings["tolerance"]):
        h = now.step(mu, settings["dense"])
        seen = largest(h) > float(np.finfo(dtype).eps)*largest(now.point.theta)
        if not (seen and np.isfinite(mu)):
            return rows.history(gauss_newton, settings, NO_STEP.format(dtype))
        trial, gain = tried(now, residuals, h)
        evaluations += 1
        if trial and gain > GAIN:
            now = trial
            rows.add(now.point, gain=gain, damping=mu, evaluations=evaluations)
            mu, growth = mu*max(1/3, 1 - (2*gain - 1)**3), 2.0
        else:
            mu, growth = mu*growth, 2*growth
    return rows.history(gauss_newton, settings)


def tried(now: Model, residuals: Callable[[Any], Any], h: np.ndarray
          ) -> tuple[Model | None, float]:
    """The model after a step and the gain; None where f or its gradient is not finite."""
    try:
        trial = Model(residuals, np.asarray(now.point.theta + h))
    except FloatingPointError:                  # NaN is born on the way back: too far
        return None, 0.0
    promised = now.promised(h)
    gain = (now.point.value - trial.point.value)/promised if promised > 0 else 0.0
    return trial if trial.point.finite else None, gain


def scale(model: Model, dense: bool) -> float:
    """How large J'J is: its largest diagonal entry, or its curvature along the gradient."""
    if dense:
        return float(np.max(np.sum(model.jacobian**2, axis=0), initial=0))
    g = model.point.grad
    Jg = model.push(g/(largest(g) or 1))
    return float(np.vdot(Jg, Jg))/(float(np.vdot(g, g))/(largest(g) or 1)**2 or 1)
