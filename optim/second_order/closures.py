"""Optimizers whose step looks along a line: they call the closure as often as they need.

The parameters are one flat vector here, in the arena of optim.Optimizer, which also has
the groups (one only: the inner products are over all parameters), zero_grad and the copies.
"""
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from minigrad.guards import here
from minigrad.tensors import Tensor
from optim.optimizers.arena import Part
from optim.optimizers.groups import Choice
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.saved_state import agree
from optim.second_order.objectives import Point


def along_a_line(theta: Any, g: Any, *, t: int) -> Any:
    """Not one step's rule: where it goes depends on f at other points."""
    raise TypeError("a step along a line has no rule of one gradient; call "
                    "opt.step(closure), or optim.second_order.lbfgs(f, x0)")


class ClosureOptimizer(Optimizer):
    """Moves parameters with opt.step(closure); the closure does zero_grad, computes the
    loss, calls backward() and returns the loss."""
    remembers: ClassVar[tuple[str, ...]] = ()   # attributes: flat arrays, lists, numbers

    def _start(self, params: Iterable[Any], settings: dict[str, Any],
               allow_missing: bool = False) -> None:
        self._begin(params, along_a_line, settings, {"allow_missing": allow_missing})
        if len(self._parts) != 1 or len(self.param_groups) != 1:
            kinds = {str(part.arena.dtype) for part in self._parts}
            raise ValueError(f"{type(self).__name__}: came {len(self.param_groups)} groups "
                             f"of {', '.join(sorted(kinds))}; needs one group and one "
                             "dtype: the parameters are one vector")

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Refused: the parameters are one vector."""
        raise ValueError(f"{type(self).__name__}: needs one group, as the parameters are "
                         "one vector; make a new optimizer of all of them")

    def checked(self, **settings: Any) -> dict[str, Any]:
        """The settings, if they make sense: each class has its own."""
        raise NotImplementedError

    def _validated(self, given: dict[str, Any]) -> dict[str, Any]:
        return self.checked(**given)

    def _choice(self, arguments: dict[str, Any], t: int) -> Choice:
        return Choice(self.rule, arguments)

    @property
    def _part(self) -> Part:
        return self._parts[0]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move the parameters, calling the closure as often as is needed.

        Returns what the closure returned first. Where it raises, the parameters are again
        what they were.
        """
        self._check_groups()
        loss = Closure(self, closure)
        before = self._theta()
        try:
            self._put(self._moved(loss, loss.here(before)))
        except BaseException:
            self._put(before)
            raise
        self.t += 1
        self._part.t += 1
        return loss.first

    def _moved(self, loss: "Closure", start: Point) -> np.ndarray:
        """Where the parameters go from the start: each class has its own."""
        raise NotImplementedError

    def _put(self, theta: np.ndarray) -> None:
        """Write the parameters, in a step that is not done yet."""
        t = self._part.t
        self._part.write(np.reshape(theta, self._part.arena.shape), [], here(2))
        self._part.t = t

    def _theta(self) -> np.ndarray:
        return np.ravel(self._part.theta()).copy()

    def _gradient(self) -> np.ndarray:
        """All gradients end to end; zeros where one is missing and may be."""
        found = []
        for place in self._part.places:
            self._refuse_moved(place)
            self._refuse_missing(place, place.tensor.grad)
            found.append(place.tensor.grad if place.tensor.grad is not None
                         else np.zeros_like(place.home))
        return self._part.joined([np.asarray(g) for g in found])

    # --- saving ------------------------------------------------------------------------

    def remembered(self) -> dict[str, Any]:
        """What the next step depends on besides the parameters: copies."""
        return {name: copied(getattr(self, name)) for name in self.remembers}

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the next step depends on, but for the parameters' values."""
        return super().state_dict() | {"remembered": self.remembered()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken; ValueError if it does not fit."""
        rest = dict(state_dict)
        kept, own = rest.pop("remembered", None), self.remembered()
        agree("what is remembered", set(kept or ()), set(own))
        size = self._part.theta().size
        for name, x in (kept or {}).items():
            for array in x if isinstance(x, list) else [x]:
                if np.ndim(array):
                    agree(f"the size of {name}", np.shape(array), (size,))
        super().load_state_dict(rest)
        vars(self).update(copied(kept or {}))


def copied(x: Any) -> Any:
    """Arrays in dicts and lists, as copies."""
    if isinstance(x, dict):
        return {name: copied(part) for name, part in x.items()}
    if isinstance(x, list):
        return [copied(part) for part in x]
    return x.copy() if isinstance(x, np.ndarray) else x


class Closure:
    """The loss at parameters that are written first, its calls counted."""

    def __init__(self, opt: ClosureOptimizer, closure: Callable[[], Any] | None):
        if not callable(closure):
            raise TypeError(f"{type(opt).__name__}.step: came {type(closure).__name__}; "
                            "needs a closure that does opt.zero_grad(), loss.backward() "
                            "and returns the loss")
        self.opt, self.closure, self.who = opt, closure, type(opt).__name__
        self.evaluations, self.first = 0, None

    def at(self, theta: np.ndarray) -> Point:
        """The loss and its gradient at theta."""
        self.opt._put(theta)
        return self.here(theta)

    def here(self, theta: np.ndarray) -> Point:
        """The loss and its gradient where the parameters are, which is theta."""
        self.evaluations += 1
        loss = self.closure()
        self.first = loss if self.evaluations == 1 else self.first
        if loss is None:
            raise TypeError(f"{self.who}.step: the closure returned nothing; it has to "
                            "return the loss")
        value = loss.numpy() if isinstance(loss, Tensor) else loss
        return Point(theta, float(np.reshape(value, ())), self.opt._gradient())
