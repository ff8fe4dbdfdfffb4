"""A class of torch.optim, or of anybody's on it, run at many points: its rule."""
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.nn.utils import clip_grad

from optim.lifting.arguments import Arguments
from optim.lifting.assembly import Observed
from optim.lifting.graph import (
    Leak, Node, Number, Question, below, key, letter, letters_of, rebuilt, remembering,
    value_of)
from optim.lifting.kept_outside import compare_memory, kept_outside
from optim.lifting.names import state_letter
from optim.lifting.named_norms import (
    MARK, NORMS, Apart, Place, at, of_all, of_parameter, recognized)
from optim.lifting.unrelated_points import Point, shaped
from optim.lifting.pytorch_code import Remembering
from optim.lifting.joined_runs import Run

COUNTERS = "step", "t", "count"


class TorchClass:
    """A class of optimizers, called with arguments: see assembly.Implementation."""

    def __init__(self, cls: type, given: dict[str, Any]):
        self.arguments = Arguments(cls, given, {})
        self.name, self.hyper = f"torch_{cls.__name__}", self.arguments.hyper

    # Two parameters, until a run has shown no norm: then one tells as much.
    count = 2

    def observed(self, point: Point) -> Observed | None:
        try:
            return self.look(point)
        except Apart:
            return None

    def look(self, point: Point) -> Observed:
        with in_float64(), remembering() as questions:
            step = Step(self, point)
            del questions[:]
            step.take({"theta": "theta before", "g": "g before"})
            early = renamed(step.run(questions, 1),
                            {"theta before": "theta", "g before": "g"})
            starts = step.starts()
            del questions[:]
            step.give_letters()
            step.take()
            later = step.run(questions, point["t"])
            step.nothing_else_is_remembered(later)
            if not has_norm(early, later):
                self.count = 1
            return Observed(early, later, starts, step.values())

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        return shaped(vector)

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with in_float64():
            parts = [torch.nn.Parameter(torch.tensor(x)) for x in shaped(theta)]
            opt = self.arguments.made(settings, parts)
            outside: list[dict] = []
            for t, g in enumerate(gradients):
                for p, x in zip(parts, shaped(g)):
                    p.grad = torch.tensor(x)
                opt.step()
                outside = outside[-1:] + [outside_of_state(opt)] if t < 6 else outside
                if len(outside) == 2:
                    compare_memory(self.name, *outside)
                yield np.concatenate([p.detach().numpy().ravel() for p in parts])


def renamed(run: Run, names: dict[str, str]) -> Run:
    """The run with other letters."""
    nodes = {f"?{i}": q.node for i, q in enumerate(run.questions)}
    new = rebuilt(run.results | nodes, lambda function, args: Node(
        function, *args) if function else letter(names.get(args[0], args[0])))
    return Run([Question(new[f"?{i}"], q.answer) for i, q in enumerate(run.questions)],
               {name: new[name] for name in run.results})


def outside_of_state(opt: torch.optim.Optimizer) -> dict[str, Any]:
    """What an optimizer keeps elsewhere than as numbers of its state or as a counter."""
    parts = {name: x for name, x in vars(opt).items() if name != "state"}
    for i, memory in enumerate(opt.state.values()):
        parts |= {f"state.{i}.{name}": x for name, x in memory.items() if isinstance(
            x, bool) or not isinstance(x, (torch.Tensor, int, float))}
    return kept_outside(type(opt), parts, "torch", lambda name: name.startswith(
        "param_groups") and name.split(".")[-1] in COUNTERS)


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """A block in which PyTorch makes numbers of its own in float64: a step's counter, the
    products of NAdam and the rates of ASGD are in float32 otherwise; and in which its
    clipping of gradients does not make a bound a plain float."""
    before, clipping = torch.get_default_dtype(), vars(clip_grad)
    torch.set_default_dtype(torch.float64)
    clipping["float"] = lambda x: x if isinstance(x, Number) else float(x)
    try:
        yield
    finally:
        del clipping["float"]
        torch.set_default_dtype(before)


def has_norm(*runs: Run) -> bool:
    """Whether one of the runs has asked for a norm."""
    return any(x.function in NORMS for run in runs for node in (
        *run.results.values(), *(q.node for q in run.questions)) for x in below(node))


class Step:
    """An optimizer with parameters of two entries; steps from letters."""

    def __init__(self, target: TorchClass, point: Point):
        self.name, self.point, self.mode = target.name, point, Remembering()
        self.places = [Place(j, target.count) for j in range(target.count)]
        self.parameters = [torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
                           for _ in self.places]
        for p, place in zip(self.parameters, self.places):
            self.fill(p.data, point.array(f"theta{of(place)}"), letter(f"theta{place}"))
        with self.mode:
            self.opt = target.arguments.made({
                name: Number(point.number(name, default), letter(name))
                for name, default in target.hyper.items()}, self.parameters)

    def fill(self, x: torch.Tensor, values: Any, node: Any) -> None:
        with torch.no_grad():
            x.copy_(torch.as_tensor(values, dtype=x.dtype).expand(x.shape))
        self.mode.put(x, node)

    def take(self, names: Mapping[str, str] = {}) -> None:
        """A step from letters for theta and g, or from those of other names."""
        for p, place in zip(self.parameters, self.places):
            p.grad = torch.zeros(2, dtype=torch.float64)
            for x, name in ((p, "theta"), (p.grad, "g")):
                self.fill(x.data, self.point.array(name + of(place)),
                          letter(f"{names.get(name, name)}{place}"))
        with self.mode:
            self.opt.step()

    def memory(self, p: torch.Tensor) -> dict[str, tuple[dict, Any]]:
        """The numbers and tensors that are remembered, by the library's names, and where
        each is; a counter may stand in the group."""
        group, own = self.opt.param_groups[0], self.opt.state[p]
        return {name: (place, x) for place in (group, own) for name, x in place.items()
                if isinstance(x, (torch.Tensor, float, int)) and not isinstance(x, bool)
                and (place is own or name in COUNTERS)}

    def run(self, questions: list[Question], t: int) -> Run:
        """The nodes of theta and of the states, but for what counts steps."""
        found = recognized({
            (name, j): node for j, p in enumerate(self.parameters)
            for name, node in self.results(p, t).items()
            } | {i: q.node for i, q in enumerate(questions)})
        asked = of_all(questions, found)
        known: dict = {}
        results: dict[str, Any] = {}
        for (name, j), node in [(k, x) for k, x in found.items() if isinstance(k, tuple)]:
            node = of_parameter(self.name, name, node, j)
            if key(results.setdefault(name, node), known) != key(node, known):
                raise Leak(f"{self.name}: two parameters go two ways: {name}' is "
                           f"{results[name]} of one and {node} of the other")
        return Run(asked, results)

    def results(self, p: torch.Tensor, t: int) -> dict[str, Any]:
        """Of one parameter."""
        for name, (_, x) in self.memory(p).items():
            if name in COUNTERS:
                node = self.mode.get(x)
                if value_of(x) != t or isinstance(node, Node) and (
                        letters_of(node) - {"t"}):
                    raise Leak(f"{name} is {x} after step {t}: it does not count steps")
        return {"theta": self.mode.get(p)} | {
            self.own(name): self.mode.get(x) for name, (_, x) in self.memory(p).items()
            if name not in COUNTERS}

    def values(self) -> dict[str, Any]:
        """The numbers of theta and of the states."""
        p = self.parameters[0]
        found = {self.own(name): x for name, (_, x) in self.memory(p).items()
                 if name not in COUNTERS} | {"theta": p}
        return {name: x.detach().numpy() if isinstance(x, torch.Tensor) else value_of(x)
                for name, x in found.items()}

    def nothing_else_is_remembered(self, run: Run) -> None:
        """Raise Leak if letters of the step before are in this one."""
        for node in [*run.results.values(), *(q.node for q in run.questions)]:
            for name in letters_of(node) & {"theta before", "g before"}:
                raise Leak(f"{type(self.opt).__name__}: a step uses {name} that is kept "
                           "elsewhere than in the optimizer's state, or in a list there")

    def own(self, name: str) -> str:
        """Our letter for a state."""
        return state_letter(type(self.opt).__name__, name)

    def starts(self) -> dict[str, Any]:
        """What each state was made with, None where that was not seen."""
        made = {self.own(name): self.mode.made.get(x.untyped_storage()._cdata)
                for name, (_, x) in self.memory(self.parameters[0]).items()
                if isinstance(x, torch.Tensor)}
        return {name: at(node, "") for name, node in made.items()}

    def give_letters(self) -> None:
        """Make every number that is remembered a letter, and of a counter t - 1."""
        for p, parameter in zip(self.parameters, self.places):
            for name, (place, x) in self.memory(p).items():
                own = self.own(name)
                if name in COUNTERS:
                    values, node = [float(self.point["t"] - 1)], Node(
                        np.subtract, letter("t"), 1)
                else:
                    values = self.point.state(own + of(parameter))
                    node = letter(f"{own}{parameter}")
                if isinstance(x, torch.Tensor):
                    self.fill(x, values if x.ndim else values[0], node)
                else:
                    place[name] = Number(values[0], node)


def of(place: Place) -> str:
    """What a point has after the name of another parameter's letters than the first's."""
    return f"{MARK}{place.parameter}"*(place.parameter > 0)
