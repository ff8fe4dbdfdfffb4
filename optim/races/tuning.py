"""The best learning rate of a grid: what makes a race of different rules fair.

Each rule gets the same trials. Which of them ends lowest depends on the landscape, the
start and the number of steps: a tuned rate is good for that race, not in general.
"""
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import numpy as np

import minigrad as mg
from optim.landscapes import Function, Landscape
from optim.landscapes import landscape as landscape_called
from optim.optimizers.hyperparameters import at_step, validated
from optim.optimizers.signatures import Rule, first_states, name_of, named_rule, step_of

GRID = (*(c*10.0**k for k in range(-4, 1) for c in (1, 3)), 10.0)


def tune(rule: Rule | str, landscape: str | Landscape | Function, start: Any = None,
         steps: int = 200, *, grid: Iterable[float] = GRID, seed: int = 0,
         **hyperparameters: float) -> float:
    """The learning rate of the grid that ends lowest.

    What counts is the highest value in the last tenth of the run, so that passing by the
    minimum is not arriving. All rates run at once: rules are elementwise. Raises ValueError
    where there is no lowest point to arrive at.

    >>> tune("gradient_descent", "long_valley", steps=100)
    0.01
    """
    ground = landscape_called(landscape, start)
    rule = projected(named_rule(rule), ground.project)
    if ground.minima == ():
        raise ValueError(f"tune: {ground.name} has no lowest point, so the best rate is "
                         "the largest; choose lr yourself")
    rates = np.array(sorted(grid))
    settings = validated(rule, hyperparameters | {"lr": 1.0})
    theta = np.repeat(np.array(ground.start, float)[:, None], len(rates), axis=1)
    numbers: dict[str, Any] = at_step(name_of(rule), settings, 1)
    states: Iterable[Any] = first_states(rule, theta, numbers).values()
    slope, highest = slopes(ground.seen(seed)), np.full(len(rates), -np.inf)
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            numbers = at_step(name_of(rule), settings, t) | {"lr": rates}   # of each column
            theta, *states = step_of(rule, theta, slope(theta), *states, t=t, **numbers)
            if t >= 0.9*steps:
                highest = np.maximum(highest, ground(*theta))       # NaN stays NaN
    if not np.isfinite(highest).any():
        raise ValueError(f"tune: {name_of(rule)} diverges on {ground.name} at every rate "
                         f"from {rates[0]:g} to {rates[-1]:g}; give a grid of lower ones")
    return float(rates[np.nanargmin(np.where(np.isfinite(highest), highest, np.nan))])


def slopes(seen: Function) -> Function:
    """The gradient in each column of an array; NaN in those where it is undefined."""
    together = mg.grad(lambda p: np.sum(seen(p)))

    def slope(theta):
        try:
            return together(theta)
        except FloatingPointError:                              # the engine says where
            if theta.shape[1] == 1:
                return np.full_like(theta, np.nan)
            return np.hstack([slope(column[:, None]) for column in theta.T])
    return slope


def projected(rule: Rule, project: Callable[[Any], Any] | None) -> Rule:
    """The rule, each of whose steps is brought back to where it is allowed."""
    if project is None:
        return rule

    @wraps(rule)
    def back(theta, g, *states, **keywords):
        theta, *states = step_of(rule, theta, g, *states, **keywords)
        return project(theta), *states
    return back
