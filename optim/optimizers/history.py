"""History, and minimize: follow a rule from a point, and keep all that happens.

For looking at rules: plots, lessons, proofs by example. To train a network use an
Optimizer, which does the same steps and remembers only the last.
"""
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.html_tables import html_table, some_of
from minigrad.recording import is_differentiating
from optim.optimizers.compiling import LONG, replayed
from optim.optimizers.hyperparameters import at_step, set_aside, validated
from optim.optimizers.signatures import (
    Rule, first_states, name_of, named_rule, step_of)
from optim.optimizers.stepping import check_kind
from optim.optimizers.supplies import Given, generators_of, supply

RULE_TOO = ", then a rule: minimize(f, x0, 'adam')"


class History:
    """A path: entry k of every array is how things stood when it was looked at.

    t: how many steps had been taken. Of minimize: 0, 1, ..., steps, and theta: the point;
    value, grad: the function and its gradient there; each state of the rule has its own
    name, as m and v for adam. Step k went from theta[k-1], with grad[k-1], to theta[k];
    for nag theta is the look-ahead point, the one where the gradient is taken.
    Of optim.fit: what was measured, after each epoch unless asked otherwise, see there.
    stopped: why it ended, where that is not the last step asked for; best: the entry whose
    weights were kept; measure: what is minimized, value or the name of a loss.
    """

    def __init__(self, rule: Rule, hyperparameters: dict[str, Any],
                 columns: dict[str, list[Any]], stopped: str | None = None,
                 best: int | None = None, measure: str = "value"):
        self.rule, self.hyperparameters, self.measure = rule, hyperparameters, measure
        self.stopped, self.best = stopped, best
        self.columns = {name: np.stack(column) for name, column in columns.items()}
        steps = np.arange(len(next(iter(self.columns.values()))))
        self.t = self.columns.pop("t", steps)

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        raise AttributeError(f"this History has {', '.join(['t', *columns])}, no {name!r}")

    def __getitem__(self, name: str) -> np.ndarray:
        """A column by its name: history["loss"] is history.loss."""
        if name in ("t", *self.columns):
            return getattr(self, name)
        raise KeyError(f"this History has {', '.join(['t', *self.columns])}, no {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns]

    def __len__(self) -> int:
        return len(self.t)

    def __repr__(self) -> str:
        settings = ", ".join(
            f"{k}={f'{v:g}' if isinstance(v, (int, float)) else getattr(v, '__name__', v)}"
            for k, v in self.hyperparameters.items())
        curve = self.columns["value" if "value" in self.columns else "loss"]
        ends = "" if self.best is None else f"; best after {self.t[self.best]} steps"
        ends += "" if self.stopped is None else f"; stopped by {self.stopped}"
        return (f"History of {self.t[-1]} steps of {name_of(self.rule)}({settings}): "
                f"{self.measure} {curve[0]:.6g} -> {curve[-1]:.6g}{ends}; "
                f"arrays t, {', '.join(self.columns)}")

    def __str__(self) -> str:
        """The table in letters, of all entries or of twenty."""
        table = self._table()
        chosen = np.unique(np.linspace(0, len(self) - 1, 20).astype(int))
        rows = [[*table], *([*row] for row in zip(*(
            [column[k] for k in chosen] for column in table.values()), strict=True))]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths))
                 for row in rows)
        return "\n".join([repr(self), *lines])

    def _repr_html_(self) -> str:
        table = self._table()
        rows = zip(*([column[k] for k in some_of(len(self))] for column in table.values()),
                   strict=True)
        return html_table([*table], rows, repr(self))

    def _table(self) -> dict[str, list[str]]:
        """What its tables show, as text: of a path value and slope, else every column."""
        shown: dict[str, Any] = self.columns
        if "grad" in shown:
            norms = [np.linalg.norm(g) for g in self.grad]
            shown = {"value": self.value, "norm of grad": norms}
        return {"t": [*map(str, self.t)]} | {
            name: [f"{x:.6g}" for x in column] for name, column in shown.items()}

    def plot(self, **options: Any) -> Any:
        """A Figure of its curves over the steps; the options are those of
        optim.plots.history_curves. Save it with history.plot().savefig("curves.png"):
        pyplot, and so plt.savefig, does not know of it."""
        return import_module("optim.plots").history_curves(self, **options)


def minimize(f: Callable[[Any], Any], x0: Any, rule: Rule | str, steps: int = 200, *,
             check_finite: bool = True, **hyperparameters: Any) -> History:
    """Apply a rule `steps` times to f, a scalar function of one array, from x0.

    f: a function of one array, or a landscape. Tensors that it uses besides are constants.
    rule is a function or its name in optim.rules; hyperparameters left out are its own
    defaults, and one that is a function of t has its value at t in step t. Integers in x0
    become float64, floats keep their dtype. Raises FloatingPointError at the first value,
    gradient or point that is not finite.

    >>> minimize(lambda x: x**2, 1.0, "gradient_descent", steps=3, lr=0.25).theta
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    rule = named_rule(rule)
    settings, = set_aside([validated(rule, hyperparameters)])
    numbers = at_step(name_of(rule), settings, 1)
    if not isinstance(steps, (int, np.integer)) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"minimize: steps = {steps!r}; needs a whole number, 0 or more")
    theta = first_point(x0)
    f = of_one_array(f, theta)
    states = first_states(rule, theta, numbers)
    for start in (theta, *states.values()):
        kept(rule, start, start, "start")
    if taken := states.keys() & {"value", "grad"}:
        raise ValueError(f"{name_of(rule)} has a state called {', '.join(taken)}, the name "
                         "of another column of a History; rename it")
    slope = mg.value_and_grad(f)
    if steps >= LONG:
        slope = replayed(slope)
    generators = generators_of(rule)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("theta", "value", "grad", *states)}
    for t in range(steps + 1):
        if t:
            numbers = at_step(name_of(rule), settings, t)
            g = columns["grad"][-1]
            given = Given(theta, g, (*states.values(),), {"t": t, **numbers})
            (known,) = supply(rule, [given], generators,
                              lambda points: [detached(slope(x)[1]) for x in points])
            moved, *remembered = step_of(rule, theta, g, *given.states, **given.numbers,
                                         **known)
            theta = kept(rule, theta, moved, "theta")
            states = {name: kept(rule, states[name], new, name)
                      for name, new in zip(states, remembered, strict=True)}
        value, gradient = slope(theta)
        if is_differentiating() and mg.Tensor in map(type, (value, gradient)):
            raise TypeError("minimize: f depends on what is being differentiated by, and a "
                            "path keeps plain numbers; loop over steps of optim.rules to "
                            "differentiate through them, or call it under mg.no_grad()")
        value, gradient = detached(value), detached(gradient)
        for schedule in {id(x): x for x in settings.values()}.values():
            if getattr(schedule, "observes", False):
                schedule.observe(value)
        entry = {"theta": theta, "value": value.reshape(()), "grad": gradient}
        for name, now in (entry | states).items():
            if check_finite and not np.isfinite(now).all():
                raise FloatingPointError(
                    f"minimize: after step {t} of {steps}, {name} is not finite; "
                    f"{'lower lr or ' if t else ''}choose another x0, or pass "
                    "check_finite=False to go on")
            columns[name].append(now)
    return History(rule, settings, columns)


def detached(x: Any) -> np.ndarray:
    """A copy as an array; of a Tensor that further tensors have a part in, its values."""
    return np.array(x.numpy() if isinstance(x, mg.Tensor) else x)


def first_point(x0: Any, who: str = "minimize") -> np.ndarray:
    """x0 as an array of floats; TypeError for anything but real numbers."""
    if isinstance(x0, np.ma.MaskedArray):
        raise TypeError(f"{who}: x0 came with a mask, which would be lost; needs "
                        "x0.compressed() or x0.filled(0.0)")
    if isinstance(x0, mg.Tensor) and x0.requires_grad and not x0.is_leaf:
        raise TypeError(f"{who}: x0 is inside a graph, and a path keeps plain numbers; "
                        "pass x0.numpy(), or loop over steps of optim.rules to "
                        "differentiate through them")
    try:
        theta = detached(x0)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{who}: x0 came as {type(x0).__name__} that is no array "
                        f"({error}); needs one array of numbers") from None
    if theta.dtype.kind in "iub":
        theta = theta.astype(float)
    if theta.dtype.kind != "f":
        what = (f"as {type(x0).__name__}" if theta.dtype == object else
                f"with dtype {theta.dtype}")
        raise TypeError(f"{who}: x0 came {what}; needs real numbers in one array, such "
                        "as [1.0, 2.0], whose parts f may name: a, b = x")
    return theta


def of_one_array(f: Any, theta: np.ndarray, who: str = "minimize"
                 ) -> Callable[[Any], Any]:
    """The function that is minimized; TypeError unless it can be called with one array."""
    if not isinstance(f, np.ufunc):             # whose `at` is another thing
        f = getattr(f, "at", f)                                 # of a landscape
    if not callable(f):
        raise TypeError(f"{who}: f came as {type(f).__name__}; needs a function of one "
                        f"array, then x0{RULE_TOO if who == 'minimize' else ''}")
    try:
        inspect.signature(f).bind(theta)
    except ValueError:                                          # it has no signature
        return f
    except TypeError as error:
        raise TypeError(f"{who}: f takes other arguments than one array ({error}); "
                        "needs lambda x: f(*x) for a function of several numbers") from None
    return f


def kept(rule: Rule, old: Any, new: Any, name: str) -> Any:
    """A result of the rule as an array like the old one, not to be written; or a float."""
    if type(old) is float:
        return float(new)
    new = np.asarray(new)
    check_kind(rule, name, old, new)
    new.flags.writeable = False
    return new
