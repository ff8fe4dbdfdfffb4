"""An objective: f with its gradient and Hessian products, each call of them counted."""
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from optim.optimizers.history import detached, first_point, of_one_array


class Point(NamedTuple):
    """Where f was evaluated, and what came."""
    theta: np.ndarray
    value: float
    grad: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether the value and every entry of the gradient are finite."""
        return bool(np.isfinite(self.value) and np.isfinite(self.grad).all())

    def along(self, direction: np.ndarray) -> float:
        """The slope of f in this direction: <grad, direction>."""
        return float(np.vdot(self.grad, direction))


def largest(x: np.ndarray) -> float:
    """The largest absolute entry, 0 if there is none."""
    return float(np.max(np.abs(x), initial=0))


class Objective:
    """f at one array: its value and gradient, and products with its Hessian.

    evaluations and products count calls of `at`, and products with the Hessian. What is
    not finite is returned as it is: the searches take it for "too far".
    """

    def __init__(self, who: str, f: Callable[[Any], Any], theta: np.ndarray):
        self.f = of_one_array(f, theta, who)
        self.who, self.evaluations, self.products = who, 0, 0
        self._both = mg.value_and_grad(self.f)

    def at(self, theta: np.ndarray) -> Point:
        """The value and the gradient at theta, which is not to be written any more."""
        self.evaluations += 1
        with np.errstate(all="ignore"):
            value, grad = self._both(theta)
        if mg.Tensor in map(type, (value, grad)):
            raise TypeError(f"{self.who}: f depends on what is being differentiated by, "
                            "and a path keeps plain numbers; call it under mg.no_grad()")
        theta.flags.writeable = False
        return Point(theta, float(np.reshape(value, ())), detached(grad))

    def products_at(self, theta: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """v -> H v, H being the Hessian at theta: what mg.hvp gives, but the gradient is
        recorded once for all of them."""
        with np.errstate(all="ignore"):
            _, pullback = mg.vjp(mg.grad(self.f), theta)

        def product(v: np.ndarray) -> np.ndarray:
            self.products += 1
            with np.errstate(all="ignore"):
                return np.asarray(*pullback(v))
        return product


def started(who: str, f: Callable[[Any], Any], x0: Any) -> tuple[Objective, Point]:
    """The objective and its first point; FloatingPointError if it is not finite there."""
    theta = first_point(x0, who)
    objective = Objective(who, f, theta)
    start = objective.at(theta)
    refuse_start(who, start)
    return objective, start


def refuse_start(who: str, start: Point) -> None:
    """Raise FloatingPointError for a start where f or its gradient is not finite."""
    if not start.finite:
        what = ("gradient of f has inf or NaN in it" if np.isfinite(start.value)
                else f"value of f is {start.value}")
        raise FloatingPointError(f"{who}: at x0 the {what}; needs a start where both are "
                                 "finite")
