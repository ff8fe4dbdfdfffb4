"""An optimizer of Keras, on its JAX backend: stateless_apply traced by JAX."""
import contextlib
import math
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
from optim.lifting.graph import (  # noqa: E402
    Node, Number, letter, node_of, remembering)
from optim.lifting.jax_tracing import (  # noqa: E402
    TRACED, asking, check_count, followed, in_words)
from optim.lifting.kept_outside import compare_memory, kept_outside  # noqa: E402
from optim.lifting.names import state_letter  # noqa: E402
from optim.lifting.numpy_code import entries, on_all_entries, plain  # noqa: E402
from optim.lifting.unrelated_points import Point, shaped  # noqa: E402
from optim.lifting.joined_runs import Run  # noqa: E402

NOT_OF_THE_RULE = {"name", "clipnorm", "clipvalue", "global_clipnorm", "ema_momentum",
                   "ema_overwrite_frequency", "loss_scale_factor", "kwargs",
                   "gradient_accumulation_steps"}
COUNTER, RATE = "iteration", "learning_rate"


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

    def built(self, settings: Mapping[str, float], parts: list[Any]
              ) -> tuple[Any, list[Any]]:
        variables = [keras.Variable(np.asarray(x), dtype="float64", name=f"theta{j}")
                     for j, x in enumerate(parts)]
        optimizer = self.arguments.made(settings)
        optimizer.build(variables)
        return optimizer, variables

    def built_plainly(self) -> Any:
        """An optimizer that has nothing but what all have."""
        plainest = keras.optimizers.SGD()
        plainest.build([keras.Variable(np.zeros(1), name="theta0")])
        return plainest

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        return shaped(vector)

    def observed(self, point: Point) -> Observed:
        settings = {n: point.number(n, x) for n, x in self.hyper.items()}
        with in_float64(), in_words(self.name):
            return self.traced(settings, point)

    def traced(self, settings: dict[str, float], point: Point) -> Observed:
        count = len(TRACED)

        def letters(name, j, state=False):
            values = (point.state if state else point.array)(f"{name}@{j}",
                                                             size=math.prod(TRACED[j]))
            return entries(values, TRACED[j], name, j, count)
        theta, g = ([letters(n, j) for j in range(count)] for n in ("theta", "g"))
        arrays = [[jnp.asarray(plain(x)) for x in xs] for xs in (theta, g)]
        optimizer, _ = self.built(settings, arrays[0])
        names = self.names_of(optimizer)
        values = [v.value for v in optimizer.variables]
        before: list[Any] = []
        for (n, j), x in zip(names, values):
            before.append(Number(point["t"] - 1.0, Node(np.subtract, letter("t"), 1))
                          if n == COUNTER else Number(settings[n], letter(n))
                          if n in self.hyper else letters(n, j, True) if x.shape else
                          Number(point.state(n, 1)[0], letter(n)))
        attributes = {n: self.arguments.letters_of(n)[0] for n in self.arguments.values}
        attributes = {n: own for n, own in attributes.items()
                      if own in self.hyper and n != RATE}

        def step(held, theta, g, variables):
            for n, own in attributes.items():
                setattr(optimizer, n, asking(held[own], letters_held[own]))
            try:
                return optimizer.stateless_apply(variables, g, theta)
            finally:
                for n, own in attributes.items():
                    setattr(optimizer, n, settings[own])
        letters_held = {own: Number(settings[own], letter(own))
                        for own in attributes.values()}
        given = {own: jnp.float64(settings[own]) for own in letters_held}
        with remembering() as questions:
            after, left = followed(step, (given, *arrays, values),
                                   (letters_held, theta, g, before))
        found: dict[str, dict[int, Any]] = {"theta": dict(enumerate(after))}
        starts: dict[str, Any] = {}
        for (n, j), x, start in zip(names, left, values):
            if n == COUNTER:
                check_count(self.name, n, 0, node_of(x))
            elif n not in self.hyper:
                found.setdefault(n, {})[j] = x
                starts.setdefault(n, self.start_of(start, settings, arrays[0][j]))
        return Observed(None, Run(list(questions), {n: on_all_entries(self.name, n, x)
                                       for n, x in found.items()}), starts)

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

    def names_of(self, optimizer: Any) -> list[tuple[str, int]]:
        """Our letters for the variables of an optimizer, and which parameter's each is."""
        known: dict[str, str] = {}
        names = []
        for variable in optimizer.variables:
            found = re.match(r"theta(\d+)_", variable.name)
            word = re.sub(r"^theta\d+_|(?<=^variable)_\d+$", "", variable.name)
            j = int(found[1]) if found else 0
            if word not in known:
                own = "lr" if word == RATE else state_letter(self.arguments.name, word)
                while own in (*known.values(), "theta", "g", "t"):
                    own += "_more"
                known[word] = own
            names.append((known[word], j))
        return names

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with in_float64():
            optimizer, variables = self.built(settings, shaped(theta))
            usual = {*vars(self.built_plainly())}
            outside: list[dict] = []
            for t, g in enumerate(gradients):
                optimizer.apply([*map(jnp.asarray, shaped(g))], variables)
                if t < 6:
                    own = {n: x for n, x in vars(optimizer).items() if n not in usual
                           and not is_variable(x)}
                    outside = outside[-1:] + [kept_outside(type(optimizer), own, "keras")]
                if len(outside) == 2:
                    compare_memory(self.name, *outside)
                yield np.concatenate([np.ravel(v.value) for v in variables])


def is_variable(x: Any) -> bool:
    """Whether it is a variable of Keras, or a list of some."""
    return isinstance(x, keras.Variable) or isinstance(x, (list, tuple)) and all(
        map(is_variable, x))
