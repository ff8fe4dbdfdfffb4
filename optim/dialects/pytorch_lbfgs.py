"""torch.optim.LBFGS 2.13.0: its class, its line search, when it ends.

Where it differs from optim.LBFGS: without a line search a step is lr long; with one, two
trials must pass before a rise ends the growth of a step, which is up to tenfold; a trial
near the end of an interval is moved inwards at the second time; what is found at the limit
of evaluations is taken, whether the Wolfe conditions hold or not. Sums are NumPy's, so runs
differ from PyTorch's by rounding, which a long run may magnify.
"""
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.tensors import Tensor
from optim.dialects.library import zero_grad
from optim.second_order.closures import Closure, ClosureOptimizer, copied
from optim.second_order.descents import positive, whole
from optim.second_order.line_searches import between, cubic_minimizer
from optim.second_order.objectives import Point, largest
from optim.second_order.quasi_newton import two_loops
from optim.second_order.wolfe import Trial, Wolfe

CURVED = 1e-10          # the least <s, y> that is remembered


def interpolated(a: Trial, b: Trial, low: float, high: float) -> float:
    """The minimizer of the cubic, kept between the ends; else the middle of them."""
    least = cubic_minimizer(a, b)
    return (low + high)/2 if least is None else between(least, low, high)


def strong_wolfe(phi: Callable[[float], Trial], length: float, wolfe: Wolfe, most: int,
                 short: float) -> Trial:
    """What PyTorch's search takes after at most so many trials more than one.

    short: an interval of less than this length is not looked into.
    """
    first = last = phi(0.0)
    trial, count = phi(length), 0

    def high(x: Trial) -> bool:
        return x.value > first.value + wolfe.c1*x.length*first.slope
    while count < most:
        if high(trial) or count > 1 and trial.value >= last.value or (
                not wolfe.curvature(first, trial) and trial.slope >= 0):
            return narrowed(phi, first, [last, trial], high, wolfe, most - count, short)
        if wolfe.curvature(first, trial):
            return trial
        length = interpolated(last, trial, trial.length + 0.01*(trial.length - last.length),
                              10*trial.length)
        last, trial, count = trial, phi(length), count + 1
    return min(first, trial, key=lambda x: x.value)


def narrowed(phi: Callable[[float], Trial], first: Trial, ends: list[Trial],
             high: Callable[[Trial], bool], wolfe: Wolfe, most: int,
             short: float) -> Trial:
    """The lower end of an interval, after at most so many trials within it."""
    low, near_before = lower(ends), False
    for _ in range(most):
        left, right = sorted(end.length for end in ends)
        if right - left < short:
            break
        t = interpolated(ends[0], ends[1], left, right)
        margin = 0.1*(right - left)
        near = min(right - t, t - left) < margin
        if near and (near_before or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            near = False
        near_before = near
        trial = phi(t)
        if high(trial) or trial.value >= ends[low].value:
            ends[1 - low] = trial
            low = lower(ends)
            continue
        if wolfe.curvature(first, trial):
            return trial
        if trial.slope*(ends[1 - low].length - ends[low].length) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = trial
    return ends[low]


def lower(ends: list[Trial]) -> int:
    """Which of two ends is the lower one, the first if they are level."""
    return 0 if ends[0].value <= ends[1].value else 1


class LBFGS(ClosureOptimizer):
    """L-BFGS: opt.step(closure) takes up to max_iter steps.

    As torch.optim.LBFGS; see its help.
    """
    _as_libraries = True
    remembers = ("func_evals", "n_iter", "d", "length", "old_dirs", "old_stps", "H_diag",
                 "prev_flat_grad", "prev_loss")
    zero_grad = zero_grad

    def __init__(self, params: Iterable[Any], lr: float = 1, max_iter: int = 20,
                 max_eval: int | None = None, tolerance_grad: float = 1e-7,
                 tolerance_change: float = 1e-9, history_size: int = 100,
                 line_search_fn: str | None = None):
        self.func_evals = self.n_iter = 0
        self.d: Any = None
        self.length = self.H_diag = 1.0
        self.old_dirs: list[Any] = []                   # y, and below s
        self.old_stps: list[Any] = []
        self.prev_flat_grad: Any = None
        self.prev_loss = 0.0
        self._start(params, dict(
            lr=lr, max_iter=max_iter, max_eval=max_eval, tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change, history_size=history_size,
            line_search_fn=line_search_fn), allow_missing=True)

    def checked(self, **settings: Any) -> dict[str, Any]:
        """The settings, if they make sense; max_eval is 5/4 max_iter if left out."""
        for name in settings.keys() - CHECKS.keys() - {"line_search_fn"}:
            raise TypeError(f"LBFGS does not take {name!r}; it takes {', '.join(CHECKS)}, "
                            "line_search_fn")
        if settings["line_search_fn"] not in (None, "strong_wolfe"):
            raise ValueError(f"LBFGS: line_search_fn = {settings['line_search_fn']!r}; "
                             "needs 'strong_wolfe' or None")
        if settings["max_eval"] is None:
            settings["max_eval"] = whole("LBFGS", "max_iter", settings["max_iter"], 0)*5//4
        return settings | {name: check(settings[name]) for name, check in CHECKS.items()}

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered, by PyTorch's names, with the first parameter: copies."""
        kept = self.remembered()
        if not self.func_evals:
            return {}
        kept["t"] = kept.pop("length")
        kept["ro"] = [1/float(s @ y) for s, y in zip(self.old_stps, self.old_dirs)]
        return {self._part.tensors[0]: copied(kept)}

    def _moved(self, loss: Closure, start: Point) -> np.ndarray:
        group, point = self.param_groups[0], start
        if not largest(start.grad) <= group["tolerance_grad"]:
            with np.errstate(all="ignore"):
                point = self._followed(loss, start, group)
        self.func_evals += loss.evaluations
        return point.theta

    def _followed(self, loss: Closure, point: Point, group: dict[str, Any]) -> Point:
        """Where up to max_iter steps lead."""
        lr, change = group["lr"], group["tolerance_change"]
        for k in range(1, group["max_iter"] + 1):
            self.n_iter += 1
            d = self.d = self._direction(point, group["history_size"])
            self.prev_flat_grad, self.prev_loss = point.grad, point.value
            self.length = lr if self.n_iter > 1 else lr*min(
                1.0, 1/float(np.sum(np.abs(point.grad))))
            if point.along(d) > -change:
                break
            before = point
            if group["line_search_fn"]:
                def phi(t: float, before: Point = before, d: Any = d) -> Trial:
                    end = loss.at(before.theta + t*d) if t else before
                    return Trial(t, end.value, end.along(d), end)
                found = strong_wolfe(phi, self.length, Wolfe(),
                                     group["max_eval"] - loss.evaluations,
                                     change/(largest(d) or 1))
                self.length, point = found.length, found.point
            else:
                theta = before.theta + self.length*d
                if k == group["max_iter"]:              # as nobody asks for f there
                    return before._replace(theta=theta)
                point = loss.at(theta)
            if (loss.evaluations >= group["max_eval"]
                    or largest(point.grad) <= group["tolerance_grad"]
                    or largest(self.length*d) <= change
                    or abs(point.value - before.value) < change):
                break
        return point

    def _direction(self, point: Point, memory: int) -> np.ndarray:
        """-H grad, after the last step has been remembered."""
        if self.n_iter == 1:
            return -point.grad
        y, s = point.grad - self.prev_flat_grad, self.length*self.d
        curvature = float(y @ s)
        if curvature > CURVED:
            self.old_dirs = [*self.old_dirs, y][-memory:]
            self.old_stps = [*self.old_stps, s][-memory:]
            self.H_diag = curvature/float(y @ y)
        pairs = [(s, y, 1/float(y @ s)) for s, y in zip(self.old_stps, self.old_dirs)]
        return -two_loops(pairs, self.H_diag, point.grad)


CHECKS: dict[str, Callable[[Any], Any]] = {
    "lr": lambda x: positive("LBFGS", "lr", x, zero=True),
    "max_iter": lambda x: whole("LBFGS", "max_iter", x, 0),
    "max_eval": lambda x: whole("LBFGS", "max_eval", x, 0),
    "tolerance_grad": float, "tolerance_change": float,     # a negative one is never met
    "history_size": lambda x: whole("LBFGS", "history_size", x, 1)}
