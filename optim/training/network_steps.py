"""One step of a network on a batch, by any optimizer."""
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from minigrad import nn
from minigrad.primitives.elementwise import is_finite
from optim.optimizers.optimizer import Optimizer
from optim.training.measures import Measure


def training_step(model: nn.Module, optimizer: Optimizer,
                  loss: Measure) -> Callable[..., None]:
    """A function of a batch that takes one step on it.

    The loss must be finite where the parameters are; where an optimizer only tries them it
    may be what it is.
    """
    def step(x: NDArray, y: NDArray) -> None:
        tried: list[bool] = []

        def gradients() -> Any:
            value = loss(model(x), y)
            if not tried and not is_finite(value.numpy()):
                raise Diverged(infinite(value.item()))
            tried.append(True)
            optimizer.zero_grad()
            value.backward()
            return value
        try:
            optimizer.step(gradients)
        except Diverged:
            raise
        except FloatingPointError as error:
            raise Diverged(str(error)) from error
    return step


class Diverged(FloatingPointError):
    """A step that was refused, or a loss that is not finite."""


def infinite(loss: float) -> str:
    """What an error says of a loss."""
    return f"the loss is {loss}"
