"""optax.lbfgs 0.2.8, with its zoom line search: a step for each call of step(closure).

Where it differs from optim.LBFGS: every pair is remembered, also one of negative curvature;
a step doubles until an interval is found; the cubic goes through three values and a slope;
what still fails after so many trials is taken if it lowers f. Sums are NumPy's, so runs
differ from Optax's by rounding, which a long run may magnify; and on a quadratic the
leading coefficient of the cubic is nothing but rounding, which then decides between the
cubic and the parabola: there a run may differ from Optax's at all.
"""
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from optim.optimizers.hyperparameters import number
from optim.second_order.closures import Closure, ClosureOptimizer
from optim.second_order.descents import whole
from optim.second_order.objectives import Point
from optim.second_order.quasi_newton import two_loops
from optim.second_order.wolfe import Trial

NEAR_CUBIC, NEAR_SQUARE = 0.2, 0.1      # of an interval, at its ends: no trial there


class scale_by_zoom_linesearch(NamedTuple):
    """The line search of that name, with Optax's arguments; see its help."""
    max_linesearch_steps: int
    max_learning_rate: float | None = None
    tol: float = 0.0
    increase_factor: float = 2.0
    slope_rtol: float = 1e-4
    curv_rtol: float = 0.9
    approx_dec_rtol: float | None = 1e-6
    stepsize_precision: float = 1e-5
    initial_guess_strategy: str = "keep"

    def errors(self, first: Trial, trial: Trial) -> tuple[float, float]:
        """By how much a trial misses the decrease and the curvature, inf for NaN."""
        fall = trial.value - first.value
        decrease = fall - self.slope_rtol*trial.length*first.slope
        if self.approx_dec_rtol is not None:
            flat = trial.slope - (2*self.slope_rtol - 1)*first.slope
            decrease = np.minimum(decrease, np.maximum(
                flat, fall - self.approx_dec_rtol*abs(first.value)))
        curvature = abs(trial.slope) - self.curv_rtol*abs(first.slope)
        return tuple(np.inf if np.isnan(x) else max(float(x), 0.0)      # type: ignore
                     for x in (decrease, curvature))

    def length(self, phi: Callable[[float], Trial], before: float) -> float:
        """How far to go; `before` is the length of the step before."""
        first = last = safe = trial = phi(0.0)
        ends: list[Trial] = []                          # low, high, third
        decrease = np.inf
        for k in range(self.max_linesearch_steps):
            widest = False
            if ends:
                length = middle(*ends)
            elif k:
                length = self.increase_factor*last.length
            else:
                length = before if self.initial_guess_strategy == "keep" else 1.0
            if not ends and self.max_learning_rate is not None:
                widest = length >= self.max_learning_rate
                length = min(length, self.max_learning_rate)
            trial = phi(length)
            decrease, curvature = self.errors(first, trial)
            if decrease <= self.tol and (not ends or trial.value < safe.value):
                safe = trial
            if max(decrease, curvature) <= self.tol:
                return trial.length
            if ends:
                short = abs(ends[1].length - ends[0].length) <= self.stepsize_precision
                ends = narrowed(ends, trial, decrease)
                if short and safe.length > 0:
                    break
            elif decrease > 0 or k and trial.value >= last.value:
                ends = [last, trial, last]
            elif trial.slope >= 0:
                ends = [trial, last, trial]
            elif widest:
                return trial.length
            last = trial
        return safe.length if safe.length > 0 or np.isinf(decrease) else trial.length


def narrowed(ends: list[Trial], trial: Trial, decrease: float) -> list[Trial]:
    """The new low and high end, and the end that is no longer one."""
    low, high, _ = ends
    if decrease > 0 or trial.value >= low.value:
        return [low, trial, high]
    if trial.slope*(high.length - low.length) >= 0:
        return [trial, low, high]
    return [trial, high, low]


def middle(low: Trial, high: Trial, third: Trial) -> float:
    """A length between the ends: by a cubic, else by a parabola, else the middle.

    The cubic goes through the values of all three, with the slope of low (Nocedal & Wright
    2006, section 3.5); the parabola through two.
    """
    left, right = sorted((low.length, high.length))
    a, b = np.float64(high.length - low.length), np.float64(third.length - low.length)
    up, over = (end.value - low.value - low.slope*x for end, x in ((high, a), (third, b)))
    scale = (a*b)**2*(a - b)
    cube, square = (b**2*up - a**2*over)/scale, (a**3*over - b**3*up)/scale
    least = low.length + (np.sqrt(square**2 - 3*cube*low.slope) - square)/(3*cube)
    margin = NEAR_CUBIC*(right - left)
    if left + margin < least < right - margin:
        return float(least)
    least = low.length - low.slope/(2*(up/a**2))
    margin = NEAR_SQUARE*(right - left)
    if left + margin < least < right - margin:
        return float(least)
    return (low.length + high.length)/2


class lbfgs(ClosureOptimizer):
    """L-BFGS with a line search: opt.step(closure) takes one step.

    The closure stands for value_fn, value and grad. linesearch: another
    scale_by_zoom_linesearch, or None for steps as long as learning_rate.
    As optax.lbfgs; see its help.
    """
    _as_libraries = True
    remembers = "count", "theta", "gradient", "diff_params", "diff_updates", "step_length"

    def __init__(self, params: Iterable[Any], learning_rate: float | None = None,
                 memory_size: int = 10, scale_init_precond: bool = True,
                 linesearch: scale_by_zoom_linesearch | None = scale_by_zoom_linesearch(
                     20, initial_guess_strategy="one")):
        self.count, self.step_length = 0, 1.0
        self.theta: Any = None
        self.gradient: Any = None
        self.diff_params: list[Any] = []
        self.diff_updates: list[Any] = []
        self._start(params, dict(
            learning_rate=learning_rate, memory_size=memory_size,
            scale_init_precond=scale_init_precond, linesearch=linesearch),
            allow_missing=True)

    def checked(self, **settings: Any) -> dict[str, Any]:
        """The settings, if they make sense."""
        names = "learning_rate", "memory_size", "scale_init_precond", "linesearch"
        for name in settings.keys() - {*names}:
            raise TypeError(f"lbfgs does not take {name!r}; it takes {', '.join(names)}")
        search, rate = settings["linesearch"], settings["learning_rate"]
        if not isinstance(search, scale_by_zoom_linesearch | None):
            raise TypeError(f"lbfgs: linesearch came as {type(search).__name__}; needs "
                            "optim.dialects.optax.scale_by_zoom_linesearch(steps) or None")
        if search and search.initial_guess_strategy not in ("one", "keep"):
            raise ValueError("lbfgs: initial_guess_strategy = "
                             f"{search.initial_guess_strategy!r}; needs 'one' or 'keep'")
        return settings | {
            "learning_rate": rate if rate is None else number("lbfgs", "lr", rate),
            "memory_size": whole("lbfgs", "memory_size", settings["memory_size"], 1)}

    def _moved(self, loss: Closure, start: Point) -> np.ndarray:
        group = self.param_groups[0]
        rate, search = group["learning_rate"], group["linesearch"]
        with np.errstate(all="ignore"):
            u = -(1.0 if rate is None else rate)*self._preconditioned(start, group)

            def phi(a: float) -> Trial:
                end = loss.at(start.theta + a*u) if a else start
                return Trial(a, end.value, end.along(u), end)
            self.step_length = search.length(phi, self.step_length) if search else 1.0
            self.count += 1
            return start.theta + self.step_length*u

    def _preconditioned(self, point: Point, group: dict[str, Any]) -> np.ndarray:
        """H grad, after the last step has been remembered."""
        gamma, grad = 1.0, point.grad
        if self.count:
            s, y = point.theta - self.theta, grad - self.gradient
            size = group["memory_size"]
            self.diff_params = [*self.diff_params, s][-size:]
            self.diff_updates = [*self.diff_updates, y][-size:]
            gamma = float(y @ s)/float(y @ y) if y @ y > 0 else 1.0
        else:
            norm = float(np.linalg.norm(grad))
            gamma = min(1.0, 1/norm) if norm else 1.0
        self.theta, self.gradient = point.theta, grad
        pairs = [(s, y, 1/float(y @ s) if y @ s else 0.0)
                 for s, y in zip(self.diff_params, self.diff_updates)]
        return two_loops(pairs, gamma if group["scale_init_precond"] else 1.0, grad)
