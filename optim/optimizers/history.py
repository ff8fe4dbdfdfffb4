"""minimize: follow a rule from a point, and keep all that happens.

For looking at rules: plots, lessons, proofs by example. To train a network use an
Optimizer, which does the same steps and remembers only the last.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from optim.optimizers.hyperparameters import validated
from optim.optimizers.signatures import (
    Rule, first_states, name_of, named_rule, step_of)
from optim.optimizers.stepping import check_kind


class History:
    """A path: entry k of every array is how things stood after k steps.

    t: 0, 1, ..., steps. theta: the point. value, grad: the function and its gradient
    there. Each state of the rule has its own name, as m and v for adam. Step k went from
    theta[k-1], with grad[k-1], to theta[k].
    For nag theta is the look-ahead point, the one where the gradient is taken.
    """

    def __init__(self, rule: Rule, hyperparameters: dict[str, float],
                 columns: dict[str, list[Any]]):
        self.rule, self.hyperparameters = rule, hyperparameters
        self.t = np.arange(len(columns["theta"]))
        self.columns = {name: np.stack(column) for name, column in columns.items()}

    def __getattr__(self, name: str) -> np.ndarray:
        columns = self.__dict__.get("columns", {})
        if name in columns:
            return columns[name]
        raise AttributeError(f"this History has {', '.join(['t', *columns])}, no {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns]

    def __len__(self) -> int:
        return len(self.t)

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v:g}" for k, v in self.hyperparameters.items())
        return (f"History of {len(self) - 1} steps of {name_of(self.rule)}({settings}): "
                f"value {self.value[0]:.6g} -> {self.value[-1]:.6g}; "
                f"arrays t, {', '.join(self.columns)}")

    def _repr_html_(self) -> str:
        import html                     # only notebooks need it
        steps = sorted({0, 1, 2, (len(self) - 1)//2, len(self) - 1} & set(range(len(self))))
        rows = "".join(
            f"<tr><td>{k}</td><td>{self.value[k]:.6g}</td>"
            f"<td>{np.linalg.norm(self.grad[k]):.6g}</td></tr>" for k in steps)
        return (f"<p>{html.escape(repr(self))}</p><table><tr><th>t</th><th>value</th>"
                f"<th>norm of grad</th></tr>{rows}</table>")


def minimize(f: Callable[[Any], Any], x0: Any, rule: Rule | str, steps: int = 200, *,
             check_finite: bool = True, **hyperparameters: Any) -> History:
    """Apply a rule `steps` times to f, a scalar function of one array, from x0.

    rule is a function or its name in optim.rules; hyperparameters left out are its own
    defaults. Integers in x0 become float64, floats keep their dtype. Raises
    FloatingPointError at the first value, gradient or point that is not finite.

    >>> minimize(lambda x: x**2, 1.0, "gradient_descent", steps=3, lr=0.25).theta
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    rule = named_rule(rule)
    settings = validated(rule, hyperparameters)
    if not isinstance(steps, (int, np.integer)) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"minimize: steps = {steps!r}; needs a whole number, 0 or more")
    if isinstance(x0, mg.Tensor):
        if x0.requires_grad and not x0.is_leaf:
            raise TypeError("minimize: x0 is inside a graph, and a path keeps plain numbers"
                            "; pass x0.numpy(), or loop over steps of optim.rules to "
                            "differentiate through them")
        x0 = x0.numpy()
    theta = np.array(x0)
    if theta.dtype.kind in "iub":
        theta = theta.astype(float)
    if theta.dtype.kind != "f":
        raise TypeError(f"minimize: x0 came with dtype {theta.dtype}; needs real numbers")
    states = first_states(rule, theta, settings)
    for start in (theta, *states.values()):
        kept(rule, start, start, "start")
    if taken := states.keys() & {"value", "grad"}:
        raise ValueError(f"{name_of(rule)} has a state called {', '.join(taken)}, the name "
                         "of another column of a History; rename it")
    slope = mg.value_and_grad(f)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("theta", "value", "grad", *states)}
    for t in range(steps + 1):
        if t:
            moved, *remembered = step_of(rule, theta, columns["grad"][-1],
                                         *states.values(), t=t, **settings)
            theta = kept(rule, theta, moved, "theta")
            states = {name: kept(rule, states[name], new, name)
                      for name, new in zip(states, remembered, strict=True)}
        value, gradient = slope(theta)
        entry = {"theta": theta, "value": np.reshape(value, ()), "grad": np.array(gradient)}
        for name, now in (entry | states).items():
            if check_finite and not np.isfinite(now).all():
                raise FloatingPointError(
                    f"minimize: after step {t} of {steps}, {name} is not finite; lower lr "
                    "or choose another x0, or pass check_finite=False to go on")
            columns[name].append(now)
    return History(rule, settings, columns)


def kept(rule: Rule, old: Any, new: Any, name: str) -> Any:
    """A result of the rule as an array like the old one, not to be written; or a float."""
    if type(old) is float:
        return float(new)
    new = np.asarray(new)
    check_kind(rule, name, old, new)
    new.flags.writeable = False
    return new
