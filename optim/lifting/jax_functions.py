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

    making_entries: Any = staticmethod(contextlib.nullcontext)  # NumPy's are as ever
    letters_inside = False              # what a function of JAX closes over is a constant

    def __init__(self, f: Callable, given: dict[str, Any]):
        super().__init__(on_numpy(f), given)


def on_numpy(f: Callable) -> Callable:
    """The same function of NumPy's arrays and of such as remember.

    Arrays, and numbers that remember, are traced; plain numbers choose and are constants.
    """
    f = inspect.unwrap(f)                               # of jit

    def called(key, arrays):
        tree, fixed = key
        args, kwargs = tree.unflatten((dict(fixed) | arrays)[i] for i in range(
            tree.num_leaves))
        return f(*args, **kwargs)
    compiled = [jax.jit(called, static_argnums=0)]      # none if Python asks of numbers

    def plainly(key, arrays):
        while compiled:
            try:
                return compiled[0](key, arrays)
            except jax.errors.JAXTypeError:
                compiled.clear()
        return called(key, {i: jnp.asarray(x) for i, x in arrays.items()})

    @functools.wraps(f)
    def step(*args, **kwargs):
        leaves, tree = jax.tree.flatten((args, kwargs))
        past = any(getattr(x, "dtype", None) == object or isinstance(x, Number)
                   for x in leaves)
        kinds = (np.ndarray, Number) if past else (np.ndarray, int, float)
        found = {i: x for i, x in enumerate(leaves) if isinstance(x, kinds)
                 and not isinstance(x, bool)}
        key = tree, tuple((i, x) for i, x in enumerate(leaves) if i not in found)
        if not past:
            return jax.tree.map(of_numpy, plainly(key, found))
        with in_words(name_of(f)):
            return followed(lambda arrays: called(key, {
                i: asking(x, found[i]) for i, x in arrays.items()}), (
                    {i: jnp.asarray(plain(x)) for i, x in found.items()},), (found,))
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
