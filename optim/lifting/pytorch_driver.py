"""A class of torch.optim, or of anybody's on it, run at many points: its rule."""
import inspect
from typing import Any

import numpy as np
import torch

from optim.lifting.graph import Node, Number, letter, remembering
from optim.lifting.names import HYPERPARAMETERS, STATES
from optim.lifting.points import Point
from optim.lifting.pytorch_code import Remembering
from optim.lifting.runs import Run

COUNTERS = "step", "t", "count"


def letters_for(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the constructor that are letters: {letter: number}, by argument.

    A number that is not 0 is a letter, and so is each of a tuple; 0, None, True and False
    choose what is done and stay as they are.
    """
    parameters = inspect.signature(cls).parameters
    arguments = {n: p.default for n, p in parameters.items()
                 if p.default is not p.empty} | given
    unknown = given.keys() - parameters.keys()
    if unknown:
        raise TypeError(f"{cls.__name__} does not take {sorted(unknown)[0]!r}; it takes "
                        f"{', '.join([*parameters][1:])}")
    return arguments


def with_letters(arguments: dict[str, Any], point: Point) -> dict[str, Any]:
    """The arguments with letters' Numbers for numbers."""
    def number(name, default):
        if isinstance(default, bool) or not isinstance(default, (int, float)) or not default:
            return default
        return Number(point.number(name, default), letter(name))
    out = {}
    for name, default in arguments.items():
        if isinstance(default, tuple):
            out[name] = tuple(number(own, x) for own, x in zip(
                names_of(name, len(default)), default))
        else:
            out[name] = number(names_of(name, 1)[0], default)
    return out


def names_of(argument: str, count: int) -> list[str]:
    """The letters for an argument: one, or one for each number of a tuple."""
    own = HYPERPARAMETERS.get(argument, argument)
    if count == 1:
        return [own if isinstance(own, str) else argument]
    return list(own) if isinstance(own, tuple) else [f"{argument}{i + 1}"
                                                     for i in range(count)]


class Step:
    """One optimizer with one parameter of two entries, whose memory is letters."""

    def __init__(self, cls: type, arguments: dict[str, Any], point: Point):
        self.point, self.mode = point, Remembering()
        self.p = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        self.opt = cls([self.p], **with_letters(arguments, point))

    def tensor(self, x: torch.Tensor, values: Any, node: Any) -> None:
        with torch.no_grad():
            x.copy_(torch.as_tensor(values, dtype=x.dtype).expand(x.shape))
        self.mode.put(x, node)

    def take(self) -> None:
        """A step from letters for theta and g."""
        self.p.grad = torch.zeros(2, dtype=torch.float64)
        for x, name in ((self.p, "theta"), (self.p.grad, "g")):
            self.tensor(x.data, self.point.array(name), letter(name))
        with self.mode:
            self.opt.step()

    def memory(self) -> dict[str, Any]:
        """The states: tensors and numbers, by the library's names."""
        return {k: v for k, v in self.opt.state[self.p].items()
                if isinstance(v, (torch.Tensor, float, int)) and not isinstance(v, bool)}


def runs_of(cls: type, arguments: dict[str, Any], point: Point) -> tuple[Run, Run, dict]:
    """The first step of a new optimizer, and a later one from letters for its memory."""
    with remembering() as questions:
        step = Step(cls, arguments, point)
        del questions[:]
        step.take()
        first = {"theta": step.mode.get(step.p)}
        starts, counters = {}, set()
        for name, x in step.memory().items():
            node = step.mode.get(x)
            own = STATES.get(name, name)
            if name in COUNTERS:
                counters.add(name)
                continue
            first[own] = node
            starts[own] = step.mode.made.get(x.untyped_storage()._cdata) if isinstance(
                x, torch.Tensor) else None
        early = Run(list(questions), first)
        del questions[:]
        for name, x in step.memory().items():
            own = STATES.get(name, name)
            if name in counters:
                node = Node(np.subtract, letter("t"), 1)
                if isinstance(x, torch.Tensor):
                    step.tensor(x, float(point["t"] - 1), node)
                else:
                    step.opt.state[step.p][name] = Number(point["t"] - 1, node)
            elif isinstance(x, torch.Tensor):
                step.tensor(x, point.state(own, x) if x.ndim else point.state(own, x)[0],
                            letter(own))
            else:
                step.opt.state[step.p][name] = Number(point.state(own, x)[0], letter(own))
        step.take()
        later = {"theta": step.mode.get(step.p)} | {
            STATES.get(n, n): step.mode.get(x) for n, x in step.memory().items()
            if n not in counters}
        return early, Run(list(questions), later), starts
