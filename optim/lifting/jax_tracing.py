"""A function traced by JAX, and what Python asks of a number meanwhile."""
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax._src.interpreters.partial_eval import DynamicJaxprTracer

from optim.lifting.graph import COMPARISONS, Node, Number, evaluated, letters_of
from optim.lifting.jaxprs import read
from optim.lifting.numpy_code import asarray, of_entries

TRACED = (3,), (2, 1)                   # shapes of two parameters that are traced
LATEST = 10_000                         # step until which a counter is looked at


def followed(function: Callable, values: tuple, entries: tuple) -> Any:
    """What a function gives, with entries that remember.

    values: its arguments as JAX's; entries: in the same structure, arrays or numbers that
    remember.
    """
    closed, shape = jax.make_jaxpr(function, return_shape=True)(*values)
    given = [asarray(x, dtype=object) for x in jax.tree.leaves(entries)]
    out = read(closed.jaxpr, closed.consts, given)
    return jax.tree.unflatten(jax.tree.structure(shape), [*map(of_entries, out)])


class Asking(DynamicJaxprTracer):
    """A tracer of a number that remembers, which answers what Python's `if` asks of it."""
    __slots__ = ()

    def __bool__(self) -> bool:
        return bool(NUMBERS[id(self)][0])

    __hash__ = DynamicJaxprTracer.__hash__


NUMBERS: dict[int, tuple[Number, Any]] = {}     # of tracers, which are kept alive with them


def comparison(name: str) -> Callable:
    """A comparison with a plain number, remembered; JAX's own with anything else."""
    def run(self, other):
        if isinstance(other, (int, float)):
            return getattr(NUMBERS[id(self)][0], name)(other)
        return getattr(DynamicJaxprTracer, name)(self, other)
    return run


for _name in COMPARISONS:
    setattr(Asking, f"__{_name}__", comparison(f"__{_name}__"))


def asking(tracer: Any, number: Any) -> Any:
    """The tracer of a number as one that answers; what is no such thing as it is."""
    if not isinstance(number, Number) or type(tracer) is not DynamicJaxprTracer:
        return tracer
    NUMBERS[id(tracer)] = number, tracer
    tracer.__class__ = Asking
    return tracer


@contextlib.contextmanager
def in_words(who: str) -> Iterator[None]:
    """A block in which what JAX cannot trace is refused in a line; no number that answers
    outlives it."""
    try:
        yield
    except jax.errors.JAXTypeError as error:
        raise NotImplementedError(f"{who}: {str(error).splitlines()[0]} A number that is "
                                  "traced is asked for; write jnp.where") from error
    except TypeError as error:
        raise NotImplementedError(f"{who}: {error} (while JAX traces)") from error
    finally:
        NUMBERS.clear()


def check_count(who: str, name: str, start: int, node: Any) -> None:
    """Raise NotImplementedError unless a whole number of a state counts the steps."""
    t = np.arange(1, LATEST)
    of_t = isinstance(node, Node) and letters_of(node) <= {"t"}
    if not of_t or not np.array_equal(evaluated(node, {"t": t}), t + start):
        raise NotImplementedError(f"{who}: its state {name} is a whole number that does "
                                  f"not count the steps: {node} after one")
