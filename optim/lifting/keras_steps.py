"""An optimizer of Keras, on its JAX backend: stateless_apply traced by JAX."""
import contextlib
import operator
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")           # if Keras is not imported yet

import jax                                              # noqa: E402
import jax.numpy as jnp                                 # noqa: E402
import keras                                            # noqa: E402
import numpy as np                                      # noqa: E402

from optim.lifting.arguments import Arguments  # noqa: E402
from optim.lifting.assembly import Observed  # noqa: E402
from optim.lifting.graph import Node, letter  # noqa: E402
from optim.lifting.jaxprs import graph  # noqa: E402
from optim.lifting.names import state_letter  # noqa: E402
from optim.lifting.unrelated_points import Point  # noqa: E402
from optim.lifting.joined_runs import Run  # noqa: E402

NOT_OF_THE_RULE = {"name", "clipnorm", "clipvalue", "global_clipnorm", "ema_momentum",
                   "ema_overwrite_frequency", "loss_scale_factor", "kwargs",
                   "gradient_accumulation_steps"}
COUNTER, RATE = "iteration", "learning_rate"


class Held:
    """A tracer that still knows its number, so that Python's `if momentum != 0` can ask."""

    def __init__(self, tracer: Any, value: float):
        self.tracer, self.value = tracer, value

    dtype = property(lambda self: self.tracer.dtype)
    shape = property(lambda self: self.tracer.shape)

    def __jax_array__(self) -> Any:
        return self.tracer

    def __neg__(self) -> Any:
        return -self.tracer

    def __bool__(self) -> bool:
        return bool(self.value)

    __hash__ = object.__hash__


def bare(x: Any) -> Any:
    return x.tracer if isinstance(x, Held) else x


for _name in "add sub mul truediv pow".split():
    _function = getattr(operator, _name)
    setattr(Held, f"__{_name}__", lambda a, b, f=_function: f(a.tracer, bare(b)))
    setattr(Held, f"__r{_name}__", lambda a, b, f=_function: f(bare(b), a.tracer))
for _name in "lt le gt ge eq ne".split():
    setattr(Held, f"__{_name}__", lambda a, b, f=getattr(operator, _name): f(
        a.value, b.value if isinstance(b, Held) else b))


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """A block in which Keras and JAX make their numbers in float64."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        with jax.enable_x64(True):
            yield
    finally:
        keras.config.set_floatx(before)


class KerasClass:
    """A class of optimizers, called with arguments: see assembly.Implementation."""

    def __init__(self, cls: type, given: dict[str, Any]):
        if keras.backend.backend() != "jax":
            raise RuntimeError("Keras optimizers are lifted on its JAX backend: set "
                               "KERAS_BACKEND=jax before Keras is imported (here it is "
                               f"{keras.backend.backend()})")
        self.arguments = Arguments(cls, given, {}, NOT_OF_THE_RULE)
        self.name, self.hyper = f"keras_{cls.__name__}", self.arguments.hyper

    def built(self, settings: Mapping[str, float], theta: Any) -> tuple[Any, Any]:
        variable = keras.Variable(np.asarray(theta), dtype="float64", name="theta")
        optimizer = self.arguments.made(settings)
        optimizer.build([variable])
        return optimizer, variable

    def observed(self, point: Point) -> Observed:
        with in_float64():
            settings = {n: point.number(n, x) for n, x in self.hyper.items()}
            return self.traced(settings, jnp.array(point.array("theta")))

    def traced(self, settings: dict[str, float], theta: Any) -> Observed:
        optimizer, _ = self.built(settings, theta)
        names = self.names_of(optimizer)
        nodes = [Node(np.subtract, letter("t"), 1) if n == COUNTER else letter(n)
                 for n in names]
        states = [n for n in names if n not in (COUNTER, *self.hyper)]
        attributes = {n: self.arguments.letters_of(n)[0] for n in self.arguments.values}
        attributes = {n: own for n, own in attributes.items()
                      if own in self.hyper and n != RATE}

        def step(held, theta, g, variables):
            for n, own in attributes.items():
                setattr(optimizer, n, Held(held[own], settings[own]))
            try:
                (after,), left = optimizer.stateless_apply(variables, [g], [theta])
            finally:
                for n, own in attributes.items():
                    setattr(optimizer, n, settings[own])
            found = dict(zip(names, left))
            return [after, *(found[n] for n in states)]
        given = {own: jnp.float64(settings[own]) for own in attributes.values()}
        values = [v.value for v in optimizer.variables]
        out = graph(step, (given, theta, theta, values),
                    ({n: letter(n) for n in given}, letter("theta"), letter("g"), nodes))
        starts = {n: self.start_of(v, settings, theta) for n, v in zip(names, values)}
        return Observed(None, Run([], dict(zip(["theta", *states], out))), starts)

    def start_of(self, value: Any, settings: dict[str, float], theta: Any) -> Any:
        """What a variable starts with: theta, a hyperparameter, or a number."""
        array = np.asarray(value)
        if array.shape == theta.shape and (array == theta).all():
            return letter("theta")
        numbers = np.unique(array)
        if numbers.size != 1:
            return None
        return next((letter(n) for n, x in settings.items() if x == numbers[0]),
                    numbers.item())

    def names_of(self, optimizer: Any) -> list[str]:
        """Our letters for the variables of an optimizer."""
        names: list[str] = []
        for variable in optimizer.variables:
            own = re.sub(r"^theta_|(?<=^variable)_\d+$", "", variable.name)
            own = "lr" if own == RATE else state_letter(self.arguments.name, own)
            while own in (*names, "theta", "g", "t"):
                own += "_more"
            names.append(own)
        return names

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with in_float64():
            optimizer, variable = self.built(settings, theta)
            for g in gradients:
                optimizer.apply([jnp.asarray(g)], [variable])
                yield np.asarray(variable.value)
