"""A class of torch.optim, or of anybody's on it, run at many points: its rule."""
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from optim.lifting.arguments import Arguments
from optim.lifting.assembly import Observed
from optim.lifting.graph import Node, Number, letter, remembering
from optim.lifting.names import state_letter
from optim.lifting.unrelated_points import Point
from optim.lifting.pytorch_code import Remembering
from optim.lifting.joined_runs import Run

COUNTERS = "step", "t", "count"


class TorchClass:
    """A class of optimizers, called with arguments: see assembly.Implementation."""

    def __init__(self, cls: type, given: dict[str, Any]):
        self.arguments = Arguments(cls, given, {})
        self.name, self.hyper = f"torch_{cls.__name__}", self.arguments.hyper

    def observed(self, point: Point) -> Observed:
        with in_float64(), remembering() as questions:
            step = Step(self, point)
            del questions[:]
            step.take()
            early = Run(list(questions), step.results())
            starts = step.starts()
            del questions[:]
            step.give_letters()
            step.take()
            return Observed(early, Run(list(questions), step.results()), starts)

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with in_float64():
            p = torch.nn.Parameter(torch.tensor(theta))
            opt = self.arguments.made(settings, [p])
            for g in gradients:
                p.grad = torch.tensor(g)
                opt.step()
                yield p.detach().numpy().copy()


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """A block in which PyTorch makes numbers of its own in float64: a step's counter, the
    products of NAdam and the rates of ASGD are in float32 otherwise."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


class Step:
    """An optimizer with one parameter of two entries; steps from letters."""

    def __init__(self, target: TorchClass, point: Point):
        self.point, self.mode = point, Remembering()
        self.p = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        self.fill(self.p.data, point.array("theta"), letter("theta"))
        with self.mode:
            self.opt = target.arguments.made({
                name: Number(point.number(name, default), letter(name))
                for name, default in target.hyper.items()}, [self.p])

    def fill(self, x: torch.Tensor, values: Any, node: Any) -> None:
        with torch.no_grad():
            x.copy_(torch.as_tensor(values, dtype=x.dtype).expand(x.shape))
        self.mode.put(x, node)

    def take(self) -> None:
        """A step from letters for theta and g."""
        self.p.grad = torch.zeros(2, dtype=torch.float64)
        for x, name in ((self.p, "theta"), (self.p.grad, "g")):
            self.fill(x.data, self.point.array(name), letter(name))
        with self.mode:
            self.opt.step()

    def memory(self) -> dict[str, Any]:
        """The numbers and tensors that are remembered, by the library's names."""
        return {name: x for name, x in self.opt.state[self.p].items()
                if isinstance(x, (torch.Tensor, float, int)) and not isinstance(x, bool)}

    def results(self) -> dict[str, Any]:
        """The nodes of theta and of the states, but for what counts steps."""
        return {"theta": self.mode.get(self.p)} | {
            self.own(name): self.mode.get(x) for name, x in self.memory().items()
            if name not in COUNTERS}

    def own(self, name: str) -> str:
        """Our letter for a state."""
        return state_letter(type(self.opt).__name__, name)

    def starts(self) -> dict[str, Any]:
        """What each state was made with, None where that was not seen."""
        return {self.own(name): self.mode.made.get(x.untyped_storage()._cdata)
                for name, x in self.memory().items() if isinstance(x, torch.Tensor)}

    def give_letters(self) -> None:
        """Make every number that is remembered a letter, and of a counter t - 1."""
        for name, x in self.memory().items():
            own = self.own(name)
            if name in COUNTERS:
                values, node = [float(self.point["t"] - 1)], Node(
                    np.subtract, letter("t"), 1)
            else:
                values, node = self.point.array(own, positive=True), letter(own)
            if isinstance(x, torch.Tensor):
                self.fill(x, values if x.ndim else values[0], node)
            else:
                self.opt.state[self.p][name] = Number(values[0], node)
