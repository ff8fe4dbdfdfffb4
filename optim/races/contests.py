"""Races: several rules from one point of one landscape, each step of each kept.

    result = race(["gradient_descent", "adam"], "rosenbrock", steps=200, lr="tuned")
    result["adam"].theta                    # a History for each runner
    print(result)                           # who stands where

A race is only as fair as its learning rates. lr=None takes each rule's default, a number
is the same for all, "tuned" gives every rule the same trials (see `tune`).
"""
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from typing import Any

import numpy as np

from minigrad.html_tables import html_table
from optim.dialects.named_optimizers import any_rule
from optim.landscapes import Function, Landscape
from optim.landscapes import landscape as landscape_called
from optim.optimizers.history import History, minimize
from optim.optimizers.signatures import Rule, anatomy, name_of
from optim.races.tuning import projected, tune
from optim.workers import results

Runners = str | Rule | Iterable[str | Rule] | Mapping[str, Any]


class Race(dict[str, History]):
    """{name: History} of a race, and the landscape on which it was run."""
    HEADS = "rule", "lr", "last value", "last point"

    def __init__(self, landscape: Landscape, runs: Mapping[str, History]):
        super().__init__(runs)
        self.landscape = landscape

    @property
    def paths(self) -> dict[str, np.ndarray]:
        """{name: points}, arrays of shape (steps + 1, variables)."""
        return {name: run.theta for name, run in self.items()}

    @property
    def losses(self) -> dict[str, np.ndarray]:
        """{name: value of the landscape along the way}, without noise."""
        with np.errstate(all="ignore"):
            return {name: np.asarray(self.landscape(*run.theta.T))
                    for name, run in self.items()}

    @property
    def left(self) -> dict[str, int | None]:
        """{name: the first step after which it stands outside the landscape's domain}."""
        if self.landscape.domain is None:
            return dict.fromkeys(self)
        low, high = np.array(self.landscape.domain).T
        inside = {name: ((low <= p) & (p <= high)).all(axis=1)
                  for name, p in self.paths.items()}
        return {name: None if k.all() else int(np.argmin(k)) for name, k in inside.items()}

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Name, learning rate, last value and last point of each runner, best first."""
        last = {name: loss[-1] for name, loss in self.losses.items()}
        order = sorted(self, key=lambda n: (not np.isfinite(last[n]), last[n]))
        rates = {name: self[name].hyperparameters.get("lr") for name in order}
        return [(name, f"{rates[name]:g}" if isinstance(rates[name], float) else
                 "none" if rates[name] is None else "f(t)", f"{last[name]:.4g}",
                 "(" + ", ".join(f"{x:.4g}" for x in self[name].theta[-1]) + ")")
                for name in order]

    def __repr__(self) -> str:
        rows = [self.HEADS, *self.rows()]
        steps = max((len(run) - 1 for run in self.values()), default=0)
        head = f"{steps} steps on {self.landscape.name} from {self.landscape.start}"
        wide = max(18, *(len(a) + 1 for a, *_ in rows))
        return "\n".join([head, *(f"  {a:<{wide}}{b:>8}{c:>14}   {d}"
                                  for a, b, c, d in rows)])

    def _repr_html_(self) -> str:
        return html_table(self.HEADS, self.rows())


def race(rules: Runners, landscape: str | Landscape | Function, start: Any = None,
         steps: int = 200, *, lr: Any = None,
         hyperparameters: Mapping[str, Mapping[str, float]] | None = None,
         seed: int = 0, progress: bool = False, executor: Executor | None = None,
         workers: int | None = None) -> Race:
    """Run each rule for so many steps and keep every step.

    rules      names in optim.rules, "torch:Adam" or functions; or {label: one of these},
               or {label: (one of these, {hyperparameter: value})}
    landscape  a name in optim.landscapes, a Landscape, or a function f(x, y)
    lr         a number or a schedule for all, "tuned", or None for each rule's own default
    hyperparameters  {label: {name: value}}, which go before lr
    executor, workers  where each runs, if not here; see optim.workers

    A run that diverges goes on, to infinity: a race is there to be looked at.
    All runners meet the same noise, drawn from the seed.

    >>> race(["gradient_descent", "adam"], "booth", steps=3)["adam"].theta.shape
    (4, 2)
    """
    if isinstance(lr, str) and lr != "tuned":
        raise ValueError(f"race: lr is {lr!r}; needed a number for all, 'tuned' or None")
    ground = landscape_called(landscape, start)
    check_start(ground)
    runners, given = entered(rules), hyperparameters or {}
    if unknown := given.keys() - runners.keys():
        raise ValueError(f"race: hyperparameters for {', '.join(sorted(unknown))}, but the "
                         f"runners are {', '.join(runners)}")
    todo = [(rule, ground, steps, seed, own | dict(given.get(label, {})), lr)
            for label, (rule, own) in runners.items()]
    return Race(ground, dict(zip(runners, results(
        entry, todo, executor, workers, progress="race" if progress else "",
        together=True))))


def entry(rule: Rule, ground: Landscape, steps: int, seed: int, own: dict[str, Any],
          lr: float | str | None) -> History:
    """The run of one rule, its learning rate chosen as the race says."""
    if lr is not None and "lr" in anatomy(rule)[1] and "lr" not in own:
        own = own | {"lr": lr if not isinstance(lr, str) else
                     tune(rule, ground, None, steps, seed=seed, **own)}
    return run(rule, ground, steps, seed, own)


def run(rule: Rule, ground: Landscape, steps: int, seed: int,
        own: dict[str, float]) -> History:
    """One run, to its last step whatever happens.

    Where the engine refuses to go on, since the slope is undefined there, the rest is NaN.
    """
    calls, seen = 0, ground.seen(seed)

    def counted(p):
        nonlocal calls
        calls += 1
        return seen(p)
    start, allowed = np.array(ground.start, dtype=float), projected(rule, ground.project)
    with np.errstate(all="ignore"):
        try:
            whole = minimize(counted, start, allowed, steps, check_finite=False, **own)
        except FloatingPointError:
            whole = minimize(ground.seen(seed), start, allowed, calls - 2,
                             check_finite=False, **own)
    missing = steps + 1 - len(whole)
    return History(rule, whole.hyperparameters, {
        name: [*column, *[np.full_like(column[0], np.nan)]*missing]
        for name, column in whole.columns.items()})


def check_start(ground: Landscape) -> None:
    """ValueError where the landscape has no value or no slope at its start."""
    with np.errstate(all="ignore"):
        value = ground(*np.array(ground.start, dtype=float))
        try:
            slope = ground.gradient(ground.start)
        except FloatingPointError:
            slope = np.array(np.nan)
    if not (np.isfinite(value) and np.isfinite(slope).all()):
        raise ValueError(f"race: at {ground.start} the value of {ground.name} is {value} "
                         f"and its gradient {slope.tolist()}; choose another start")


def entered(rules: Runners) -> dict[str, tuple[Rule, dict[str, float]]]:
    """{label: (rule, hyperparameters)} of whatever names the runners."""
    if isinstance(rules, str) or not isinstance(rules, Iterable):
        rules = [rules]
    if not isinstance(rules, Mapping):
        listed = list(rules)
        rules = {r if isinstance(r, str) else name_of(r): r for r in listed}
        if len(rules) < len(listed):
            raise ValueError("race: two runners have one name; give {label: rule}")
    if not rules:
        raise ValueError("race: no runner; needed at least one rule")
    found = {}
    for label, entry in rules.items():
        rule, own = entry if isinstance(entry, tuple) else (entry, {})
        found[str(label)] = any_rule(rule), dict(own)
    return found
