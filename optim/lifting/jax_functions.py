"""A function on arrays of JAX as one on arrays of NumPy, so that it is read as homework."""
import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from optim.lifting.graph import Number
from optim.lifting.jax_tracing import asking, followed, in_words
from optim.lifting.numpy_code import plain
from optim.lifting.numpy_steps import Homework
from optim.optimizers.signatures import name_of


class JaxFunction(Homework):
    """A function of a parameter and a gradient, see assembly.Implementation."""

    making_entries = staticmethod(contextlib.nullcontext)   # NumPy's functions are JAX's own

    def __init__(self, f: Callable, given: dict[str, Any]):
        super().__init__(on_numpy(f), given)


def on_numpy(f: Callable) -> Callable:
    """The same function of NumPy's arrays and of such as remember.

    Arrays, and numbers that remember, are traced; plain numbers choose and are constants.
    """
    f = inspect.unwrap(f)                               # of jit

    @functools.wraps(f)
    def step(*args, **kwargs):
        leaves, tree = jax.tree.flatten((args, kwargs))
        places = [i for i, x in enumerate(leaves) if isinstance(x, (np.ndarray, Number))]

        def traced(*arrays):
            given = dict(enumerate(leaves)) | {i: asking(x, leaves[i]) for i, x in zip(
                places, arrays)}
            own_args, own_kwargs = tree.unflatten(given.values())
            return f(*own_args, **own_kwargs)
        found = [leaves[i] for i in places]
        values = [jnp.asarray(plain(x)) for x in found]
        if all(x.dtype != object for x in map(np.asarray, found)) and not any(
                isinstance(x, Number) for x in found):
            return jax.tree.map(of_numpy, traced(*values))
        with in_words(name_of(f)):
            return followed(traced, tuple(values), tuple(found))
    return in_float64(step)


def in_float64(f: Callable) -> Callable:
    """A function during which JAX makes its numbers in float64."""
    @functools.wraps(f)
    def run(*args, **kwargs):
        with jax.enable_x64(True):
            return f(*args, **kwargs)
    return run


def of_numpy(x: Any) -> Any:
    """An array of JAX's as one of NumPy's; one number as a plain one."""
    return np.array(x) if np.ndim(x) else np.asarray(x).item()
