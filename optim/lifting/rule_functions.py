"""A function of the shape of our rules in somebody's file: as it is written, or lifted."""
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from optim.formulas import formula
from optim.lifting.assembly import Observed, source_of
from optim.lifting.graph import Number, letter, remembering
from optim.lifting.joined_runs import Run
from optim.lifting.numpy_code import entries, making_entries, on_all_entries
from optim.lifting.python_files import is_plain
from optim.lifting.unrelated_points import Point
from optim.optimizers.signatures import anatomy, first_states, name_of, start_of, step_of


def is_rule_shaped(f: Any) -> bool:
    """Whether it is (parameter, gradient, *states, *, t, **hyperparameters)."""
    if not isinstance(f, types.FunctionType):
        return False
    t = inspect.signature(f).parameters.get("t")
    return t is not None and t.kind is t.KEYWORD_ONLY


def as_text(f: Callable) -> tuple[dict[str, Any], list[str]]:
    """A rule as text: its own source if that is one function of NumPy's alone; its path.

    Raises what formula() raises of it.
    """
    formula(f)
    source = textwrap.dedent(inspect.getsource(f))
    if is_plain(source) and f.__globals__.get("np") is np and not f.__closure__:
        return {"name": name_of(f), "source": source,
                "line": f.__code__.co_firstlineno}, []
    return made_text(*source_of(RuleFunction(f)))


def made_text(name: str, source: str, path: list[str]) -> tuple[dict[str, Any], list[str]]:
    """A rule that was made, as text: it stands in no line of its file."""
    return {"name": name, "source": source, "line": 0}, path


class RuleFunction:
    """A rule of somebody's as an assembly.Implementation: its letters stay."""

    def __init__(self, f: Callable):
        self.f, self.name = f, name_of(f)
        self.states, self.hyper = anatomy(f)

    def observed(self, point: Point) -> Observed:
        """The rule on three entries that remember."""
        with (remembering() as questions, making_entries([self.f.__globals__]),
              np.errstate(all="ignore")):
            def letters(name):
                return entries(point.array(name, size=3), (3,), name)
            theta = letters("theta")
            settings = {n: Number(point.number(n, x), letter(n))
                        for n, x in self.hyper.items()}
            out = step_of(self.f, theta, letters("g"), *map(letters, self.states),
                          t=Number(point["t"], letter("t")), **settings)
            starts = {n: start_of(x, theta, settings) for n, x in self.states.items()}

            def node(name, x):
                return on_all_entries(self.name, name, {0: x})
            return Observed(None, Run(list(questions), {
                n: node(n, x) for n, x in zip(["theta", *self.states], out)}),
                {n: node(n, x) for n, x in starts.items()})

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        return [vector]

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        states = [*first_states(self.f, theta, dict(settings)).values()]
        for t, g in enumerate(gradients, 1):
            with np.errstate(all="ignore"):
                theta, *states = step_of(self.f, theta, g, *states, t=t, **settings)
            yield theta
