"""Descent: a direction, a step along it with the Wolfe conditions, and so on."""
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from optim.optimizers.history import History
from optim.optimizers.hyperparameters import number
from optim.second_order.line_searches import strong_wolfe
from optim.second_order.objectives import Objective, Point, largest
from optim.second_order.wolfe import Trial, Wolfe, conditions, trial_of

LineSearch = Callable[[Callable[[float], Trial], float, Wolfe], Trial | str]


class Descent(History):
    """A path that a method of second order took, and why it ended there.

    Besides t, theta, value and grad: step_length; evaluations, of f with its gradient, so
    far; what the method adds. stopped: why it ended, in words. converged: whether that is
    because the gradient is small enough.
    """
    converged = False


class Directions(Protocol):
    """Where a method goes from a point, and what it learns from a step."""

    def direction(self, point: Point) -> tuple[np.ndarray, float]:
        """A direction and the first length to try."""

    def learn(self, before: Point, after: Point) -> None:
        """Take note of a step."""

    def noted(self) -> dict[str, Any]:
        """What its path shows besides, by the names of columns."""


class Step(NamedTuple):
    """A step that was taken: its end, its length, which conditions hold."""
    point: Point
    length: float
    wolfe: str


def stepped(objective: Any, start: Point, direction: np.ndarray, length: float,
            wolfe: Wolfe, line_search: LineSearch = strong_wolfe) -> Step | str:
    """A step along a direction, or in words why there is none.

    Raises RuntimeError if the line search returns a step without the Wolfe conditions.
    """
    first = trial_of(start, 0.0, direction)
    if not -np.inf < first.slope < 0:
        return (f"the slope along the direction, {first.slope:.3g}, is none of descent in "
                f"{start.theta.dtype}")

    def phi(a: float) -> Trial:
        if a == 0:
            return first
        theta = np.asarray(start.theta + a*direction)
        try:
            return trial_of(objective.at(theta), a, direction)
        except FloatingPointError:              # NaN is born on the way back: too far
            return Trial(a, np.inf, np.nan, Point(theta, np.inf, theta))
    found = line_search(phi, length, wolfe)
    if isinstance(found, str):
        return found
    holds = conditions(wolfe, start, direction, found.length, found.point)
    if not holds:
        raise RuntimeError(
            f"{objective.who}: the line search returned length {found.length:g}, where the "
            f"Wolfe conditions with c1={wolfe.c1:g}, c2={wolfe.c2:g} do not hold: f from "
            f"{start.value:g} to {found.point.value:g}, slope from {first.slope:g} to "
            f"{found.point.along(direction):g}; it needs to keep to wolfe.py")
    return Step(found.point, found.length, holds)


def descended(method: Callable[..., Any], objective: Objective, start: Point,
              directions: Directions, settings: dict[str, Any], wolfe: Wolfe,
              line_search: LineSearch) -> Descent:
    """The path of a method from its start, until the gradient is small or no step is left.
    """
    rows = Rows()

    def note(step: Step) -> Point:
        rows.add(step.point, step_length=step.length, evaluations=objective.evaluations,
                 **directions.noted(), wolfe=step.wolfe)
        return step.point
    point = note(Step(start, 0.0, ""))
    while len(rows) <= settings["steps"] and largest(point.grad) > settings["tolerance"]:
        with np.errstate(all="ignore"):         # what overflows is no direction of descent
            direction, length = directions.direction(point)
            step = stepped(objective, point, direction, length, wolfe, line_search)
            if isinstance(step, str):
                return rows.history(method, settings, step)
            directions.learn(point, step.point)
        point = note(step)
    return rows.history(method, settings)


class Rows:
    """The entries of a Descent, one for each point."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {"theta": []}

    def __len__(self) -> int:
        return len(self.columns["theta"])

    def add(self, point: Point, **more: Any) -> None:
        """What there is to say of a point: floats come in its dtype."""
        dtype = point.theta.dtype
        for name, entry in (point._asdict() | more).items():
            entry = np.array(entry, dtype) if isinstance(entry, float) else entry
            self.columns.setdefault(name, []).append(entry)

    def history(self, method: Callable[..., Any], settings: dict[str, Any],
                why: str = "") -> Descent:
        """All of them, and in words why there are no more, if it is no matter of numbers.
        """
        end = largest(self.columns["grad"][-1])
        path = Descent(method, settings, self.columns)
        path.converged = end <= settings["tolerance"]
        path.stopped = (f"the largest entry of the gradient, {end:.3g}, is at most "
                        f"tolerance={settings['tolerance']:.3g}" if path.converged
                        else why or f"all {settings['steps']} steps are done")
        return path


def accepted(who: str, theta: np.ndarray, steps: Any, tolerance: Any) -> dict[str, Any]:
    """The settings that all methods have, if they make sense."""
    if tolerance is None:
        tolerance = float(np.finfo(theta.dtype).eps)**(1/3)
    return {"steps": whole(who, "steps", steps, 0),
            "tolerance": positive(who, "tolerance", tolerance, zero=True)}


def whole(who: str, name: str, value: Any, least: int) -> int:
    """value, if it is a whole number that is large enough."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{who}: {name} = {value!r}; needs a whole number, {least} or "
                         "more")
    return int(value)


def positive(who: str, name: str, value: Any, zero: bool = False) -> float:
    """value as a float, if it is positive, or 0 where that has a meaning."""
    value = number(who, name, value)
    if value < 0 or not (value or zero):
        raise ValueError(f"{who}: {name} = {value!r}; needs a number above 0"
                         f"{', or 0'*zero}")
    return value
