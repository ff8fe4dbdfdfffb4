"""How homework is called: which argument is the parameter, which the gradient, and so on.

Names tell; where they leave a choice, each way is tried on numbers, and the first that runs
and moves the parameter is taken.
"""
import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from optim.lifting.names import HOMEWORK, HYPERPARAMETERS, PAIRS

GRADIENTS = set("g dw grad grads gradient gradients dx dtheta d dparams derivative "
                "derivatives dws dwdb delta_w dj df".split())
COUNTERS = set("t step steps iteration iterations iter it i n k epoch timestep count "
               "n_iter time_step num_steps".split())
MEMORIES = set("config state states cache memory opt_state optim_config s buffers store "
               "optimizer_state opt optimizer params_state".split())
MANY = set("params parameters weights ws model_params thetas variables".split())
METHODS = ("step", "update", "__call__", "update_params", "update_parameters", "apply",
           "apply_gradients", "optimize", "update_weights")
SETTINGS = {*HYPERPARAMETERS, *HYPERPARAMETERS.values(), *PAIRS, *HOMEWORK, "lr", "mu",
            "rho", "eps", "weight_decay", "nesterov", "amsgrad"}


def is_gradient(name: str) -> bool:
    return name.lower() in GRADIENTS or "grad" in name.lower()


def is_hyperparameter(name: str) -> bool:
    """Whether a name is that of a hyperparameter, ours or of other libraries."""
    return name.lower() in SETTINGS


class Roles:
    """What each parameter of a function or method is.

    theta and g are names, None where there is none; t is the counter's, memory that of a
    dict, states and hyper the other names in their order.
    """

    def __init__(self, f: Callable, name: str):
        parameters = inspect.signature(f).parameters
        self.who, self.f = name, f
        self.theta: str | None = None
        self.g: str | None = None
        self.t: str | None = None
        self.memory: str | None = None
        self.states: dict[str, Any] = {}
        self.hyper: list[str] = []
        named = [n for n, p in parameters.items() if p.kind not in (
            p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        required = [n for n in named if parameters[n].default is inspect.Parameter.empty]
        gradients = [n for n in required if is_gradient(n)] or [
            n for n in required if any(n == f"d{m}" for m in required)]
        if len(gradients) > 1:
            raise TypeError(f"{name}{inspect.signature(f)} takes several gradients "
                            f"({', '.join(gradients)}); needed one parameter and one "
                            "gradient")
        self.g = gradients[0] if gradients else None
        for n in named:
            default = parameters[n].default
            needed = default is inspect.Parameter.empty
            if n == self.g:
                continue
            if self.theta is None and needed and not (
                    n.lower() in COUNTERS or is_hyperparameter(n)):
                self.theta = n
            elif self.g is None and needed and self.theta is not None and not (
                    n.lower() in COUNTERS or is_hyperparameter(n)) and not self.states:
                self.g = n
            elif n.lower() in COUNTERS and (needed or isinstance(default, int)):
                self.t = n
            elif n.lower() in MEMORIES and (needed or default is None
                                            or isinstance(default, (dict, tuple))):
                self.memory = n
            elif is_hyperparameter(n) or not needed and default not in (0, None):
                self.hyper.append(n)
            else:
                self.states[n] = None if needed else default
        self.needed = set(required)
        for n in self.returned or []:
            if n in self.hyper:                         # what is given back is a state
                self.hyper.remove(n)
                self.states[n] = parameters[n].default if n not in required else None
        self.order = named

    @property
    def returned(self) -> list[str] | None:
        """The names that are returned where it says so, None for anything else."""
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(self.f)))
        except (OSError, TypeError, SyntaxError):
            return None
        found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)]
        if len(found) != 1 or not isinstance(found[0], ast.Tuple):
            return None
        return [e.id if isinstance(e, ast.Name) else "" for e in found[0].elts]

    def results(self, out: tuple) -> dict[str, Any]:
        """Which parameter each of several results is for, theta's first.

        A result that bears a parameter's name is that parameter's; the others are for
        theta, the states and t in their order.
        """
        places = [*([self.theta] if self.theta else []), *[
            n for n in self.order if n in self.states or n in (self.memory, self.t)]]
        names = self.returned or []
        named = {i: n for i, n in enumerate(names) if n in places} if len(names) == len(
            out) else {}
        rest = [n for n in places if n not in named.values()]
        if len(out) - len(named) < len(rest) and self.t in rest:
            rest.remove(self.t)
        if len(out) - len(named) != len(rest):
            raise TypeError(f"{self.who}: came {len(out)} results; needed the parameter "
                            f"and {', '.join(places[1:]) or 'nothing else'}")
        free = iter(rest)
        return {named.get(i) or next(free): x for i, x in enumerate(out)}


# ------------------------------------------------------------ parameters and their layouts
class Tensor:
    """A parameter as an object that has .data and .grad."""

    def __init__(self, data: Any):
        self.data, self.grad = data, None

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.data)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None


class Layout:
    """How parameters are passed: one array, one number, or several in a dict or a list."""
    KEYS: dict[str, tuple] = {"array": (None,), "number": (None,), "dict": ("W", "b_"),
                              "list": (0, 1), "objects": (0, 1), "object": (None,)}

    def __init__(self, kind: str):
        self.kind, self.keys = kind, self.KEYS[kind]

    def put(self, values: list[Any]) -> Any:
        """The container of these values, one for each parameter."""
        if self.kind == "dict":
            return dict(zip(self.keys, values))
        if self.kind == "objects":
            return [Tensor(x) for x in values]
        if self.kind == "object":
            return Tensor(values[0])
        return list(values) if self.kind == "list" else values[0]

    def get(self, container: Any) -> list[Any]:
        """The values in a container."""
        if self.kind == "dict":
            return [container[k] for k in self.keys]
        if self.kind == "objects":
            return [x.data for x in container]
        if self.kind == "object":
            return [container.data]
        return list(container) if self.kind == "list" else [container]


def layouts(roles: list[Roles]) -> Iterator[str]:
    """The layouts to be tried, the most likely first."""
    names = {n.lower() for r in roles for n in (r.theta, r.g) if n}
    many = names & MANY or any(n.endswith("s") and is_gradient(n) for n in names)
    takes_gradient = any(r.g for r in roles)
    arrays = ["array", "number"] if takes_gradient else []
    several = ["dict", "list"] if takes_gradient else ["objects", "object"]
    yield from [*several, *arrays] if many else [*arrays, *several]
    if takes_gradient:
        yield from ("objects", "object")
