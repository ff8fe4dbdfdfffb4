"""Every backward pass of a program, watched: minigrad.explanation.watching.

    with watching() as watch:
        train()
    print(watch.diagnosis())

While the block runs, the engine's walk back, the making of tensors and what takes their
values out are replaced by functions that write down what passes by, and then do the same;
afterwards nothing is left of it. Steps of mg.compile are watched for three calls.
"""
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad
from minigrad import stand_ins, tape, traces
from minigrad.explanation.doctor import diagnose
from minigrad.explanation.explaining import watched_walk
from minigrad.explanation.explanations import Explanation
from minigrad.explanation.findings import Diagnosis
from minigrad.explanation.names_of_tensors import names_in
from minigrad.explanation.user_source import is_ours, users_place
from minigrad.guards import HOME
from minigrad.nn.modules import Module
from minigrad.primitives.shapes import copy
from minigrad.recording import recording
from minigrad.tensors import Tensor
from minigrad.values import Values

ALWAYS = 3                      # passes that are explained however long it takes
LOSSES = {np.subtract, np.square, np.add, np.where}
COMPILED = 3                    # calls of a compiled step that are run as written


@dataclass
class Pass:
    """One backward pass: its number, the user's line, the loss, and what was found."""
    number: int
    place: Any
    loss: float
    reached: set[int] = field(default_factory=set)      # ids of the leaves
    explanation: Any = None
    diagnosis: Any = None
    unreached: list[tuple[str, Any]] = field(default_factory=list)
    accumulated: str = ""           # a leaf whose gradient was added to an old one
    constant: bool = False


class watching:
    """A block in which every backward pass is explained; `optimizers`: classes with step()
    and param_groups that are watched too.

    Passes after the third are explained while explaining has taken no more time than the
    program itself; .passes has all of them.
    """

    def __init__(self, optimizers: tuple = ()) -> None:
        self.classes, self.passes = optimizers, []      # type: tuple, list[Pass]
        self.made: dict[int, Any] = {}          # id of a leaf: the user's place
        self.cut: dict[int, Any] = {}           # id of a leaf: where its values were taken
        self.cuts: deque = deque(maxlen=1000)   # places, the last one last
        self.known: dict[int, tuple] = {}       # id: (tensor, name, module or None)
        self.optimizers: list[dict] = []
        self.values: dict[int, np.ndarray] = {}     # of a leaf, at the latest pass
        self.started: dict[int, np.ndarray] = {}    # and at the first
        self.stale: dict[int, Pass] = {}        # leaf: a pass that added to an old gradient
        self.taken: deque = deque(maxlen=30)    # (place, values, leaves) of such
        self.entered: dict[int, Any] = {}       # id of a leaf whose cut values go on
        self.kept: dict[int, Any] = {}          # so that no id is used again
        self.latest: Any = None                 # the last pass that was explained
        self.ill = False
        self.spent, self.begun, self.nested = 0.0, 0.0, False
        self.written: Any = None                # where a value was written, and its node
        self.compiled = self.busy = False

    # --- the doors ----------------------------------------------------------------------
    def __enter__(self) -> "watching":
        self.begun = time.process_time()
        data: Any = vars(Values)["data"]
        self.doors: list[tuple] = [
            (tape, "walk_back", self.walk_back), (traces, "walk_back", self.walk_back),
            (Values, "__init__", self.making(Values.__init__)),
            (Values, "numpy", self.cutting(Values.numpy)),
            (Values, "detach", self.cutting(Values.detach)),
            (Values, "data", property(self.cutting(data.fget), data.fset)),
            (recording, "__enter__", self.entering(recording.__enter__)),
            (minigrad, "compile", self.compile)]
        for cls in self.classes:
            self.doors += [(cls, "_begin", self.beginning(cls._begin)),
                           (cls, "step", self.stepping(cls.step))]
        self.real = minigrad.compile
        self.before = [(owner, name, vars(owner).get(name))
                       for owner, name, _ in self.doors]
        for owner, name, door in self.doors:
            setattr(owner, name, door)
        return self

    def __exit__(self, *error: Any) -> None:
        for owner, name, was in self.before:
            if was is None:
                delattr(owner, name)
            else:
                setattr(owner, name, was)

    def making(self, original: Any) -> Any:
        def init(tensor: Any, data: Any, requires_grad: bool = False) -> None:
            original(tensor, data, requires_grad)
            if requires_grad and not self.busy and not stand_ins.sessions:
                self.made[id(tensor)] = users_place(2)
        return init

    def cutting(self, original: Any) -> Any:
        def taken(tensor: Any) -> Any:
            if tensor.requires_grad and not self.busy and not stand_ins.sessions:
                place = users_place(2)
                self.cuts.append((place, tensor._node is not None))
                self.taken.append((place, tensor._data.copy(), leaves_behind(tensor)))
                for leaf in leaves_behind(tensor):
                    self.cut.setdefault(id(leaf), place)
                    self.kept[id(leaf)] = leaf
            return original(tensor)
        return taken

    def entering(self, original: Any) -> Any:
        def enter(block: Any) -> Any:
            if not block.on:
                self.cuts.append((users_place(2), None))
            return original(block)
        return enter

    def beginning(self, original: Any) -> Any:
        def begin(opt: Any, *args: Any, **kwargs: Any) -> None:
            original(opt, *args, **kwargs)
            self.optimizers.append({"place": users_place(2), "optimizer": opt, "steps": 0,
                                    "stepped": None})
        return begin

    def stepping(self, original: Any) -> Any:
        def step(opt: Any, *args: Any, **kwargs: Any) -> Any:
            for record in self.optimizers:
                if record["optimizer"] is opt:
                    record["steps"] += 1
                    record["stepped"] = users_place(2)
                    for group in opt.param_groups if self.stale else ():
                        for leaf in group["params"]:
                            self.used(leaf)
            return original(opt, *args, **kwargs)
        return step

    def compile(self, function: Any = None, **options: Any) -> Any:
        """mg.compile, whose first calls are run as they are written."""
        if function is None:
            return lambda f: self.compile(f, **options)
        self.compiled = True
        return FirstCallsEager(function, self.real(function, **options))

    # --- a pass -------------------------------------------------------------------------
    def walk_back(self, seeds: Any, wanted: Any = None, since: int = 0,
                  differentiable: bool = False, retain: bool = False) -> Any:
        """tape.walk_back, and what it did written down."""
        if stand_ins.sessions or self.busy or differentiable:
            self.nested = self.nested or differentiable
            return self.real_walk(seeds, wanted, since, differentiable, retain)
        loss = float(np.sum(seeds[0][0]._data)) if seeds else np.nan
        here = Pass(len(self.passes) + 1, users_place(2), loss)
        self.passes.append(here)
        elapsed = time.process_time() - self.begun - self.spent
        look = not self.ill and (here.number <= ALWAYS or self.spent < elapsed
                                 or not np.isfinite(loss))
        if look and seeds:
            self.explained(here, seeds, wanted)
        here.constant = not seeds and not self.nested
        try:
            pairs = self.real_walk(seeds, wanted, since, differentiable, retain)
        except (FloatingPointError, RuntimeError):
            if here.explanation is None and seeds:
                self.explained(here, seeds, wanted)
            self.written = self.written or written_in(seeds)
            raise
        self.noted(here, pairs, wanted)
        self.nested = False
        return pairs

    def real_walk(self, *args: Any) -> Any:
        return self.before[0][2](*args)

    def explained(self, here: Pass, seeds: Any, wanted: Any) -> None:
        """Explain and diagnose a pass, outside of what is watched."""
        start, self.busy = time.process_time(), True
        called = self.names(wanted)
        try:
            steps = watched_walk(seeds[0][0], np.asarray(seeds[0][1]), called)
            for step in steps.values():
                if step.function is copy and not step.arguments:
                    step.function = None        # an argument of a function under mg.grad
                elif step.raw_place and is_ours(step.raw_place[0].co_filename):
                    step.raw_place = here.place
            here.explanation = Explanation([*steps.values()], steps[id(seeds[0][0])])
            here.diagnosis = diagnose(here.explanation, f"backward pass {here.number}")
            if self.latest not in (None, self.passes[0]) and self.latest.diagnosis.healthy:
                self.latest.explanation = self.latest.diagnosis = None      # much memory
            self.latest, self.ill = here, not here.diagnosis.healthy
        except RuntimeError:
            here.explanation = None             # a used or written graph: the walk says it
        finally:
            self.busy = False
            self.spent += time.process_time() - start

    def noted(self, here: Pass, pairs: Any, wanted: Any) -> None:
        """Which leaves were reached, and whether their gradients were old ones."""
        here.reached = {id(leaf) for leaf, _ in pairs}
        if wanted is None:
            self.kept |= {id(leaf): leaf for leaf, _ in pairs}
        for step in here.explanation.nodes if here.explanation and self.taken else ():
            for x in step.plain_arguments() if step.function not in LOSSES else ():
                for place, values, leaves in self.taken:
                    if np.size(x) > 1 and np.array_equal(x, values):
                        self.entered |= {id(leaf): place for leaf in leaves}
        if wanted is not None and not self.nested:
            names = self.names(wanted)
            here.unreached = [(names.get(id(x), "an argument"), x) for x in wanted
                              if id(x) not in here.reached]
        for leaf, _ in pairs if wanted is None else ():
            old, grad = self.values.get(id(leaf)), leaf._grad
            if (old is not None and isinstance(grad, np.ndarray) and np.any(grad)
                    and not np.array_equal(old, leaf._data, equal_nan=True)):
                if id(leaf) in self.stale:              # it moved once more with it
                    self.used(leaf)
                self.stale.setdefault(id(leaf), here)
            else:
                self.stale.pop(id(leaf), None)
            self.started.setdefault(id(leaf), np.array(leaf._data))
            self.values[id(leaf)] = np.array(leaf._data)

    def used(self, leaf: Any) -> None:
        """A step was made along a gradient to which an old one had been added."""
        if id(leaf) in self.stale and isinstance(leaf._grad, np.ndarray) and np.any(
                leaf._grad):
            name = self.known.get(id(leaf), ("", "a parameter"))[1]
            self.stale[id(leaf)].accumulated = name

    def names(self, wanted: Any) -> dict[int, str]:
        """What tensors are called where the pass is, and which parameters there are."""
        called: dict[int, str] = {}
        for trace in (x for x in [sys._getframe(2).f_locals.get("self"),
                                  sys._getframe(3).f_locals.get("self")]
                      if isinstance(x, traces.Trace)):
            for name, x in named_leaves(trace.inputs, ""):
                called[id(x)] = name or "x"
        frame: Any = sys._getframe(2)
        while frame:
            path = frame.f_code.co_filename
            if not path.startswith(HOME):
                found = {**frame.f_locals}
                called = {**names_in({}, found), **called}
                for name, x in () if is_ours(path) else found.items():
                    self.remember(name, x)
            frame = frame.f_back
        return called

    def remember(self, name: str, x: Any) -> None:
        """A variable of the user's: the parameters in it."""
        if isinstance(x, Module):
            for inside, p in x.named_parameters():
                if p.requires_grad:
                    self.known[id(p)] = (p, f"{name}.{inside}", x)
            return
        for inside, p in named_leaves(x, name):
            if isinstance(p, Tensor) and p.requires_grad and p._node is None:
                self.known.setdefault(id(p), (p, inside, None))
            elif isinstance(p, Module):
                self.remember(inside, p)

    def diagnosis(self, error: BaseException | None = None) -> Diagnosis:
        """What is wrong, over all passes, and with the error that ended the program."""
        from minigrad.explanation.over_steps import over_all
        return over_all(self, error)


class FirstCallsEager:
    """A compiled function whose first calls run as they are written."""

    def __init__(self, function: Any, compiled: Any) -> None:
        self._function, self._compiled, self._calls = function, compiled, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._calls += 1
        which = self._function if self._calls <= COMPILED else self._compiled
        return which(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._compiled, name)


def leaves_behind(tensor: Any, most: int = 2000) -> list[Any]:
    """The leaves that a tensor depends on, of a graph that is not too long."""
    found: list[Any] = []
    waiting: list[Any] = [tensor]
    seen: set[int] = set()
    while waiting and len(seen) < most:
        x = waiting.pop()
        if id(x) in seen or not x.requires_grad:
            continue
        seen.add(id(x))
        if x._node is None:
            found.append(x)
        else:
            waiting += [a for a in x._node.args or () if isinstance(a, Tensor)]
    return found


def named_leaves(tree: Any, name: str, depth: int = 3) -> list[tuple[str, Any]]:
    """(name, leaf) of the tensors and modules in dicts, lists and tuples; of long lists of
    other things nothing."""
    if isinstance(tree, (Tensor, Module)):
        return [(name, tree)]
    if not isinstance(tree, (dict, list, tuple)) or not depth or len(tree) > 200:
        return []
    if isinstance(tree, dict):
        return [pair for key, x in tree.items() for pair in named_leaves(
            x, f"{name}[{key!r}]" if name else str(key), depth - 1)]
    return [pair for i, x in enumerate(tree) for pair in named_leaves(
        x, f"{name}[{i}]", depth - 1)]


def written_in(seeds: Any) -> Any:
    """(where it was written, the node that needs it) for a value written after its use."""
    waiting: list[Any] = [t for t, _ in seeds]
    seen: set[int] = set()
    while waiting:
        x = waiting.pop()
        node = x._node
        if id(x) in seen or node is None:
            continue
        seen.add(id(x))
        for a in [x, *(a for a in node.args or () if isinstance(a, Tensor))]:
            m = a._memory
            if m is not None and (m.written > node.time or m.lent is not None and not
                                  np.array_equal(m.array, m.lent, equal_nan=True)):
                return m.place, node
        waiting += [a for a in node.args or () if isinstance(a, Tensor)]
    return None
