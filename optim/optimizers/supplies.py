"""What a rule is given besides by whoever applies it: a norm, noise, a gradient elsewhere.

A rule may name, among its keywords, what no rule can compute from one parameter. Its
attribute `supplied` {name: Norm, Draw or GradientAt} says what is meant; Optimizer and
minimize measure or draw it before every step, in that order, and give it to the rule.
"""
import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from minigrad.randomness import draw, generator
from minigrad.stand_ins import numeric
from optim.optimizers.arena import Part
from optim.optimizers.saved_state import agree
from optim.optimizers.signatures import Rule, name_of, supplied_to
from optim.optimizers.stepping import refuse_infinite


class Given(NamedTuple):
    """What the rule takes for a part, as far as it is known: numbers has t, the
    hyperparameters, and what was supplied so far."""
    theta: Any
    g: Any
    states: tuple[Any, ...]
    numbers: dict[str, Any]


@dataclass(frozen=True)
class Norm:
    """A number: the norm of an array over all parameters together, which of(theta, g,
    states, numbers) gives."""
    of: Callable[..., Any]
    entrywise = False


@dataclass(frozen=True)
class Draw:
    """Of each entry a number that is normally distributed, with mean 0 and variance 1."""
    of: Callable[..., Any] | None = None
    seed: int = 0
    entrywise = True


@dataclass(frozen=True)
class GradientAt:
    """Of each entry the gradient of the loss at another point, of(theta, g, states,
    numbers), where all parameters are at once."""
    of: Callable[..., Any]
    entrywise = True


def supply(rule: Rule, parts: Sequence[Given], generators: dict[str, Any],
           gradients_at: Callable[[list[Any]], list[Any]]) -> list[dict[str, Any]]:
    """What the rule is given besides, of each of its parts: {name: number or array}.

    generators {name of a Draw: what it draws from}; gradients_at(points) gives the gradient
    of the loss where each part is at its point.
    """
    found: list[dict[str, Any]] = [{} for _ in parts]
    for name, kind in supplied_to(rule).items():
        if isinstance(kind, Draw):
            values = [noise(generators[name], x.theta) for x in parts]
        else:
            values = [kind.of(x.theta, x.g, x.states, x.numbers | known)
                      for x, known in zip(parts, found)]
            values = (gradients_at(values) if isinstance(kind, GradientAt)
                      else [norm(values)]*len(values))
        for known, value in zip(found, values, strict=True):
            known[name] = value
    return found


def supplied_to_parts(optimizer: Any, taken: list[tuple[Part, Given]],
                      closure: Callable[[], Any] | None, line: Any
                      ) -> list[dict[str, Any]]:
    """What the rule of an optimizer is given besides, of each part that moves; nothing if
    no part is taken.

    closure computes the gradients anew, wherever the parameters are. Raises RuntimeError
    where it is needed and missing, FloatingPointError for what is not finite.
    """
    def gradients_at(points: list[Any]) -> list[Any]:
        again, found = needed(closure, optimizer), []
        with elsewhere(optimizer, taken, points, line):
            again()
            for part, _ in taken:
                for place in part.places:
                    if place.tensor.grad is None:
                        raise RuntimeError(f"{place} had a gradient in the first run of "
                                           "closure() and has none in the second")
                g = part.joined([x.grad for x in part.tensors])
                climbs = optimizer._groups[part.places[0].group].choice.maximize
                found.append(-g if climbs else g)
        for (part, _), g in zip(taken, found):
            if optimizer.check_finite and type(g) is np.ndarray:
                refuse_infinite("gradient at the point climbed to", g, part, {})
        return found
    found = supply(optimizer.rule, [given for _, given in taken], optimizer.generators,
                   gradients_at)
    for name, x in found[0].items() if found and optimizer.check_finite else ():
        if type(x) is float and not math.isfinite(x):
            raise FloatingPointError(f"step {optimizer.t + 1}: {name} is {x!r}, beyond all "
                                     "floats; nothing was written")
    return found


def needed(closure: Callable[[], Any] | None, optimizer: Any) -> Callable[[], Any]:
    """The closure; RuntimeError if there is none."""
    if closure is None:
        raise RuntimeError(
            f"{name_of(optimizer.rule)} takes the gradient at another point, too: write "
            "opt.step(closure), with closure() computing the loss, calling its backward() "
            "and returning it")
    return closure


@contextmanager
def elsewhere(optimizer: Any, taken: list[tuple[Part, Given]], points: list[Any], line: Any
              ) -> Iterator[None]:
    """Parameters are at these points, without gradients, while the block runs."""
    before = [given.theta.copy() for _, given in taken]
    try:
        for (part, _), point in zip(taken, points):
            part.put(point, line)
        optimizer.zero_grad()
        yield
    finally:
        for (part, _), theta in zip(taken, before):
            part.put(theta, line)


def noise(generator: Any, like: Any) -> Any:
    """Numbers of mean 0 and variance 1 in the shape and dtype of an array."""
    drawn = np.float64 if like.dtype == np.float64 else np.float32
    values = draw(generator, "standard_normal", like.shape, dtype=drawn)
    return numeric(values).astype(like.dtype, copy=False)


def norm(arrays: Sequence[Any]) -> Any:
    """The root of the sum of all squares, as a number of Python's.

    Squares are of shares of the largest entry, so that none is lost or too large.
    """
    if not arrays:
        return 0.
    sizes = [np.max(np.abs(x)).item() for x in arrays if x.size]
    largest = reduce(lambda a, b: np.maximum(a, b).item(), sizes, 0.)
    unit = largest + (largest == 0)
    squares = [np.sum(np.square(x/unit), dtype=np.float64).item() for x in arrays]
    return largest*sum(squares)**0.5


def set_states(generators: dict[str, Any], states: Any) -> None:
    """Let generators go on from saved states; ValueError, and then nothing is changed, if
    these are of others."""
    agree("generators", set(states), set(generators))
    for name, own in generators.items():
        try:
            copy.deepcopy(own).bit_generator.state = states[name]
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(f"load_state_dict: the state of generator {name} does not fit"
                             f" {own.bit_generator}: {error}") from None
    for name, own in generators.items():
        own.bit_generator.state = states[name]


def generators_of(rule: Rule) -> dict[str, np.random.Generator]:
    """A generator for each thing that a rule is given by chance, at its seed."""
    return {name: generator(kind.seed)
            for name, kind in supplied_to(rule).items() if isinstance(kind, Draw)}
