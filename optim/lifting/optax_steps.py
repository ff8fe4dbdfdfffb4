"""An optimizer of Optax, or any GradientTransformation: its update traced by JAX."""
import inspect
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from optim.lifting.arguments import Arguments
from optim.lifting.assembly import Again, Observed
from optim.lifting.graph import (
    Node, Number, Question, evaluated, letter, letters_of, node_of, remembering)
from optim.lifting.joined_runs import Run
from optim.lifting.jax_tracing import TRACED, asking, check_count, followed, in_words
from optim.lifting.names import HYPERPARAMETERS, state_letter
from optim.lifting.named_norms import MARK
from optim.lifting.numpy_code import entries, on_all_entries, plain
from optim.lifting.unrelated_points import Point, shaped

DEFAULT_RATE = 1e-3                     # of an optimizer that has none, to show as default
KEYS = [f"parameter {j}" for j in range(4)]     # by which states are known


class OptaxFunction:
    """What makes a GradientTransformation, or one itself: see assembly.Implementation."""

    def __init__(self, make: Any, given: dict[str, Any]):
        ready = isinstance(make, tuple) or hasattr(make, "init")
        if ready and given:
            raise TypeError(f"lift: {sorted(given)} of a transformation that is made "
                            "already; its numbers are in it")
        rates = [] if ready else [n for n in inspect.signature(make).parameters
                                  if HYPERPARAMETERS.get(n, n) == "lr"]
        self.arguments = Arguments((lambda: make) if ready else make, given,
                                   dict.fromkeys(rates, DEFAULT_RATE))
        own = "transformation" if ready else self.arguments.name
        self.name, self.hyper = f"optax_{own}", dict(self.arguments.hyper)
        self.fixed: dict[str, Any] = {}         # what states are that stay as they are
        self.injected: set[str] = set()         # states that are arguments of its maker's
        self.keys = KEYS                        # none if it takes an array alone

    def made(self, settings: Mapping[str, Any]) -> optax.GradientTransformationExtraArgs:
        """The transformation with these numbers for its letters."""
        made = self.arguments.made(settings)
        init, update = (made.init, made.update) if hasattr(made, "init") else made
        return optax.with_extra_args_support(optax.GradientTransformation(init, update))

    def put(self, parts: Any) -> Any:
        """Arrays as the parameters of the transformation."""
        return dict(zip(self.keys, parts)) if self.keys else parts[0]

    @property
    def places(self) -> range:
        """The parameters that are traced."""
        return range(len(TRACED) if self.keys else 1)

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        return shaped(vector) if self.keys else [vector]

    def observed(self, point: Point) -> Observed:
        with jax.enable_x64(True):
            try:
                with in_words(self.name), remembering() as questions:
                    return self.traced(point, questions)
            except (NotImplementedError, AttributeError) as error:
                takes_array = isinstance(error, AttributeError) or isinstance(
                    error.__cause__, TypeError)
                if not self.keys or not takes_array:
                    raise
                self.keys = []                  # it takes no structures
                raise Again from error

    def traced(self, point: Point, questions: list[Question]) -> Observed:
        own = {n: Number(point.number(n, x), letter(n)) for n, x in self.hyper.items()}
        settings = {n: jnp.float64(x.real) for n, x in own.items()}
        theta, g = ([self.letters(name, j, point) for j in self.places]
                    for name in ("theta", "g"))
        numbers: Any = [self.put([jnp.asarray(plain(x)) for x in xs]) for xs in (theta, g)]
        state = widened(self.made(settings).init(numbers[0]))
        leaves, tree = flattened(state)
        names = self.names_of(state)
        for (name, _), leaf in zip(names, leaves):
            self.check_kind(name, jnp.asarray(leaf))
        starts = followed(lambda settings, theta: jax.tree.leaves(self.made(
            {n: asking(x, own[n]) for n, x in settings.items()}).init(theta)),
            (settings, numbers[0]), (own, self.put(theta)))
        before = [self.before(name, leaf, start, point)
                  for name, leaf, start in zip(names, leaves, starts)]
        values = tree.unflatten([jnp.asarray(plain(x), jnp.asarray(leaf).dtype)
                                 for leaf, x in zip(leaves, before)])

        def step(settings: Any, theta: Any, g: Any, state: Any) -> Any:
            settings = {n: asking(x, own[n]) for n, x in settings.items()}
            updates, after = self.made(settings).update(g, state, theta)
            return optax.apply_updates(theta, updates), jax.tree.leaves(after)
        out, after = followed(step, (settings, *numbers, values),
                              (own, self.put(theta), self.put(g), tree.unflatten(before)))
        asked = list(questions)
        ran, ran_states = step(settings, numbers[0], numbers[1], values)
        found: dict[str, dict[int, Any]] = {"theta": dict(enumerate(
            jax.tree.leaves(out)))}
        began: dict[str, dict[int, Any]] = {}
        real = {"theta": np.asarray(jax.tree.leaves(ran)[0])}
        for (name, j), leaf, start, x, number in zip(names, leaves, starts, after,
                                                     ran_states):
            if is_counter(leaf):
                check_count(self.name, name, start, node_of(x))
            elif name not in self.fixed:
                found.setdefault(name, {})[j] = x
                began.setdefault(name, {})[j] = start
                real.setdefault(name, np.asarray(number))
        later = {n: on_all_entries(self.name, n, x) for n, x in found.items()}
        first = {n: on_all_entries(self.name, n, x) for n, x in began.items()}
        for name, start in first.items():
            if isinstance(start, bool) and isinstance(later[name], Node):
                raise NotImplementedError(f"{self.name}: its state {name} is a truth that "
                                          "changes")
        for name in self.injected & later.keys():       # a rate is made anew each time
            if not any(name in letters_of(x) for x in later.values()):
                del later[name], first[name], real[name]
        self.fix({n: x for n, x in first.items() if isinstance(later[n], Node)
                  and later[n].function is None and later[n].args == (n,)})
        return Observed(None, Run(asked, later), first, real)

    def fix(self, constant: dict[str, Any]) -> None:
        """Note what stays as it started: a number that is not 0 is a hyperparameter."""
        for name, start in constant.items():
            if isinstance(start, Node) and letters_of(start) - {*self.hyper}:
                continue
            if not isinstance(start, Node) and start:
                letters = {*self.hyper, "theta", "g", "t"}
                wanted = HYPERPARAMETERS.get(name, name)
                own = next(n for n in (wanted, name, f"{name}_more") if n not in letters)
                self.hyper[own], start = start, letter(own)
            self.fixed[name] = start
        if self.fixed.keys() & constant.keys():
            raise Again

    def letters(self, name: str, j: int, point: Point) -> Any:
        """Entries that are letters, of parameter j or of something of its shape."""
        make = point.array if name in ("theta", "g") else point.state
        values = make(f"{name}{MARK}{j}" if j else name, size=math.prod(TRACED[j]))
        return entries(values, TRACED[j], name, j, len(self.places))

    def check_kind(self, name: str, leaf: Any) -> None:
        """Raise NotImplementedError for a leaf that neither is in floats nor may count."""
        if not jnp.issubdtype(leaf.dtype, jnp.floating) and not (
                is_counter(leaf) or leaf.dtype == bool and leaf.shape == ()):
            raise NotImplementedError(f"{self.name}: its state {name} of {leaf.dtype} is "
                                      "no number that counts the steps (a key of random "
                                      "numbers, say)")

    def before(self, which: tuple[str, int], leaf: Any, start: Any, point: Point) -> Any:
        """What a leaf of the state is before the step: letters, a count, a number."""
        name, j = which
        shape = np.shape(leaf)
        if is_counter(leaf):
            return Number(float(point["t"] - 1 + start), Node(
                np.add, Node(np.subtract, letter("t"), 1), start) if start else Node(
                    np.subtract, letter("t"), 1))
        if name in self.fixed:
            known = self.fixed[name]
            x = Number(float(evaluated(known, point)), known) if isinstance(
                known, Node) else known
            return np.full(shape, x, dtype=object) if shape else x
        if jnp.asarray(leaf).dtype == bool:             # a flag is another from then on
            return Number(float(not leaf), letter(name))
        if shape == ():
            return Number(point.state(name)[0], letter(name))
        if shape != TRACED[j]:
            raise NotImplementedError(f"{self.name}: its state {name} has shape {shape}, "
                                      f"not that of the parameter, {TRACED[j]}")
        return self.letters(name, j, point)

    def names_of(self, state: Any) -> list[tuple[str, int]]:
        """Our letters for the leaves of a state, and the parameter that each is of."""
        known: dict[Any, str] = {}
        names = []
        for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]:
            keys = [getattr(k, "name", getattr(k, "key", None)) for k in path]
            j = next((self.keys.index(k) for k in keys if k in self.keys), 0)
            group = tuple(str(p) for k, p in zip(keys, path) if k not in self.keys)
            words = [k for k in keys if isinstance(k, str) and k not in self.keys]
            own = state_letter(self.arguments.name, words[-1] if words else "state")
            if group not in known:
                taken = (*known.values(), "theta", "g", "t", *self.arguments.hyper)
                more = "_prev" if own == "g" else "_more"
                known[group] = next(n for i in itertools.count() if (
                    n := own + more*i) not in taken)
            names.append((known[group], j))
            if "hyperparams" in keys:
                self.injected.add(known[group])
        return names

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with jax.enable_x64(True):
            transform = self.made(settings)

            def put(x):
                return self.put([*map(jnp.asarray, self.parameters(x))])
            at = put(theta)
            state = widened(transform.init(at))
            leaves, tree = flattened(state)
            state = tree.unflatten([
                jnp.full_like(x, evaluated(self.fixed[name], settings))
                if name in self.fixed else x
                for (name, _), x in zip(self.names_of(state), leaves)])

            def step(at, state, g):
                updates, state = transform.update(g, state, at)
                return optax.apply_updates(at, updates), state
            for g in gradients:
                at, state = jax.jit(step)(at, state, put(g))
                yield np.concatenate([np.ravel(x) for x in jax.tree.leaves(at)])


def flattened(x: Any) -> tuple[list[Any], Any]:
    """The leaves of a structure, and the structure."""
    return jax.tree.flatten(x)


def is_counter(leaf: Any) -> bool:
    """Whether it is one whole number."""
    return np.shape(leaf) == () and jnp.issubdtype(jnp.asarray(leaf).dtype, jnp.integer)


def widened(state: Any) -> Any:
    """The state with its counters in 64 bits: of 32, JAX makes rates in float32."""
    return jax.tree.map(lambda x: jnp.asarray(x, int) if is_counter(x) else x, state)
