"""An optimizer of Optax, or any GradientTransformation: its update traced by JAX."""
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from optim.lifting.arguments import Arguments
from optim.lifting.assembly import Observed
from optim.lifting.graph import Node, letter
from optim.lifting.jaxprs import graph
from optim.lifting.names import state_letter
from optim.lifting.unrelated_points import Point, shaped
from optim.lifting.joined_runs import Run

DEFAULT_RATE = 1e-3                     # of an optimizer that has none, to show as default


class OptaxFunction:
    """A function that makes a GradientTransformation, see assembly.Implementation."""

    def __init__(self, make: Callable, given: dict[str, Any]):
        self.arguments = Arguments(make, given, {"learning_rate": DEFAULT_RATE})
        self.name, self.hyper = f"optax_{self.arguments.name}", self.arguments.hyper

    def observed(self, point: Point) -> Observed:
        with jax.enable_x64(True):
            return self.traced(point)

    def traced(self, point: Point) -> Observed:
        settings = {n: jnp.float64(point.number(n, x)) for n, x in self.hyper.items()}
        theta = jnp.array(point.array("theta"))
        state = self.arguments.made(settings).init(theta)
        names = self.names_of(state)
        starts = dict(zip(names, graph(
            lambda settings, theta: jax.tree.leaves(
                self.arguments.made(settings).init(theta)),
            (settings, theta), ({n: letter(n) for n in settings}, letter("theta")))))
        counters = [n for n, x in zip(names, jax.tree.leaves(state))
                    if jnp.issubdtype(jnp.asarray(x).dtype, jnp.integer)]
        nodes = [Node(np.subtract, letter("t"), 1) if n in counters else letter(n)
                 for n in names]
        kept = [n for n in names if n not in counters]

        def step(settings, theta, g, state):
            updates, after = self.arguments.made(settings).update(g, state, theta)
            found = dict(zip(names, jax.tree.leaves(after)))
            return optax.apply_updates(theta, updates), [found[n] for n in kept]
        out = graph(step, (settings, theta, theta, state),
                         ({n: letter(n) for n in settings}, letter("theta"), letter("g"),
                          jax.tree.unflatten(jax.tree.structure(state), nodes)))
        later = dict(zip(["theta", *kept], out))
        given = [jnp.full_like(x, point["t"] - 1) if n in counters else jnp.asarray(
            point.state(n), jnp.asarray(x).dtype)[:jnp.size(x)].reshape(jnp.shape(x))
            if isinstance(later[n], Node) else jnp.full_like(x, later[n])
            for n, x in zip(names, jax.tree.leaves(state))]
        theta_after, states_after = step(
            settings, theta, jnp.array(point.array("g")),
            jax.tree.unflatten(jax.tree.structure(state), given))
        values = {"theta": np.asarray(theta_after), **dict(zip(kept, map(
            np.asarray, states_after)))}
        return Observed(None, Run([], later), {n: starts[n] for n in kept}, values)

    def names_of(self, state: Any) -> list[str]:
        """Our letters for the leaves of a state."""
        names: list[str] = []
        for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]:
            keys = [getattr(k, "name", getattr(k, "key", None)) for k in path]
            own = next((k for k in reversed(keys) if isinstance(k, str)), "state")
            own = state_letter(self.arguments.name, own)
            while own in (*names, "theta", "g", "t", *self.hyper):
                own += "_prev" if own == "g" else "_more"
            names.append(own)
        return names

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with jax.enable_x64(True):
            transform = self.arguments.made(settings)
            at = [*map(jnp.asarray, shaped(theta))]
            state = transform.init(at)

            def step(at, state, g):
                updates, state = transform.update(g, state, at)
                return optax.apply_updates(at, updates), state
            for g in gradients:
                at, state = jax.jit(step)(at, state, [*map(jnp.asarray, shaped(g))])
                yield np.concatenate([np.ravel(x) for x in at])
