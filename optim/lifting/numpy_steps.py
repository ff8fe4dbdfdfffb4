"""Homework in plain NumPy, a function or a class, run at many points: its rule.

Plain runs tell what it remembers: a number that stays is a hyperparameter's letter, one
that grows by 1 a counter, what else changes is a state. 0, None, True and False choose what
is done and stay as they are; a number that changes after all is a state, anything else is
refused.
"""
import contextlib
import copy
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from optim.lifting.assembly import Again, Observed
from optim.lifting.calling import Layout
from optim.lifting.graph import (
    Forgotten, Node, Number, key, letter, node_of, remembering)
from optim.lifting.graph import path as run_path
from optim.lifting.letters import Letters
from optim.lifting.numpy_code import (
    BEFORE, entries, made, making_entries, on_all_entries)
from optim.lifting.named_norms import (
    MARK, Apart, of_all, outside, parted, recognized, stepped)
from optim.lifting.unrelated_points import Point
from optim.lifting.joined_runs import Leak, Run
from optim.lifting.sessions import Session, Target
from optim.lifting.storage import Path, is_number, numbers_in, text_of
from optim.optimizers.signatures import anatomy

PLAIN_STEPS, LONG_RUN = 5, 1100
SHAPES = (3,), (2, 2), (2,)


class Homework:
    """A function or a class as an assembly.Implementation."""

    making_entries: Any = staticmethod(making_entries)  # the block in which it runs
    letters_inside = True               # whether numbers that it holds may be letters

    def __init__(self, target: Any, given: Mapping[str, Any]):
        self.target = Target(target, given)
        self.target.letters_inside = self.letters_inside
        self.name = self.target.name
        with self.quietly():
            before = numbers_in(self.target.libraries)
            self.target.choose(self.plain)
            if changed := numbers_in(self.target.libraries).items() ^ before.items():
                raise NotImplementedError(f"{self.name} changes {min(changed)[0]}, of a "
                                          "library")
            self.letters = Letters(self.target)
            self.classify()
        self.hyper, self.tries = self.letters.hyper, 100

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """A block in which homework runs: it prints and warns nowhere, and what outlives a
        call is as before at the end."""
        try:
            with (contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(),
                  np.errstate(all="ignore")):
                warnings.simplefilter("ignore")
                yield
        finally:
            self.target.snapshot.restore()

    # --------------------------------------------------------------------- plain runs
    def plain(self, layout: Layout, steps: int) -> list[dict[Path, Any]]:
        """What is remembered before and after each of some steps on numbers of its own.

        Raises ValueError if a parameter has not moved."""
        rng = np.random.default_rng(0)
        shapes = [() if layout.kind == "number" else s for s, _ in zip(SHAPES, layout.keys)]
        draw = (lambda s: float(rng.normal())) if layout.kind == "number" else (
            lambda s: rng.normal(size=s))
        theta = [draw(s) for s in shapes]
        begin = [np.copy(x) for x in theta]
        session = Session(self.target, layout, theta, lambda name, x: x, np.zeros)
        seen = [session.remembered()]
        for _ in range(steps):
            session.step([draw(s) for s in shapes])
            seen.append(session.remembered())
        for x, start, shape in zip(session.parameters(), begin, shapes):
            if np.shape(x) != shape:
                raise ValueError(f"a parameter of shape {shape} became one of "
                                 f"{np.shape(x)}")
            if np.any(x == start):
                raise ValueError("a step leaves the parameter, or a part of it, as it was")
        return seen

    def classify(self) -> None:
        """Which numbers are hyperparameters, counters and states."""
        layout = self.target.layout
        seen = self.plain(layout, PLAIN_STEPS)
        early = seen[0].keys() | seen[1].keys()
        for late in seen[-1].keys() - early:
            raise NotImplementedError(f"{self.name}: {text_of(late)} appears after the "
                                      "first step; what it remembers has to be as much "
                                      "each time")
        shapes = [s for s, _ in zip(SHAPES, layout.keys)]
        derived = self.derived()
        for path in sorted(early, key=str):
            values = [s.get(path) for s in seen]
            self.letters.sort_in(path, values, shapes, path in derived)

    def derived(self) -> set[Path]:
        """What is a hyperparameter, or made of some, before the first step."""
        point = Point(0, 2)
        with remembering(False), self.making_entries(self.target.spaces):
            theta = self.fresh("theta", point, "")
            session = Session(self.target, self.target.layout, theta,
                              lambda name, x: Number(point.number(name, x), letter(name)),
                              lambda shape: made(0, shape))
            return {leaf.path for leaf in session.leaves() if isinstance(
                node_of(leaf.value), Node)}

    # --------------------------------------------------------------- runs that remember
    def observed(self, point: Point) -> Observed | None:
        """The first step at a point, and a later one from letters."""
        try:
            with self.quietly():
                return self.look(point)
        except Apart:
            return None
        except Changes as changes:
            self.letters.make_state(changes.path)
            self.tries -= 1
            if not self.tries:
                raise Leak(f"{self.name}: what it remembers is another each time") from None
            raise Again from None

    def look(self, point: Point) -> Observed:
        with remembering(False) as questions, self.making_entries(self.target.spaces):
            session = self.session(point, "")
            start = self.letters.groups(session)
            del questions[:]
            self.advance(session, point, "")
            early = self.run(session, questions)
            session = self.session(point, BEFORE)
            session.now = Number(point["t"], letter("t"))
            self.advance(session, point, BEFORE)
            self.give_letters(session, point)
            before = session.remembered()
            del questions[:]
            self.advance(session, point, "")
            later = self.run(session, questions)
            self.check_unchanged(before, session.remembered(), point)
        starts = {}
        for name, values in start.items():
            known = {j: x for j, x in values.items() if is_number(x) or isinstance(
                x, np.ndarray)}
            starts[name] = on_all_entries(self.name, name, known) if known else None
        return Observed(early, later, starts)

    def session(self, point: Point, tag: str) -> Session:
        """A session on letters for the parameters and the hyperparameters."""
        layout = self.target.layout
        theta = self.fresh("theta", point, tag)
        return Session(self.target, layout, theta,
                       lambda name, x: Number(point.number(name, x), letter(name)),
                       lambda shape: made(0, shape), self.letters)

    def fresh(self, name: str, point: Point, tag: str) -> list[Any]:
        """A letter for each entry of each parameter."""
        return [self.of_letters(name, j, point, tag) for j, _ in enumerate(
            self.target.layout.keys)]

    def of_letters(self, name: str, j: int, point: Point, tag: str = "",
                   positive: bool = False) -> Any:
        """Letters for the entries of parameter j, or of a state like it."""
        shape = self.shape(point, j)
        size = int(np.prod(shape))
        values = point.array(f"{name}{MARK}{j}{tag}", positive, size)
        if shape == ():
            return Number(values[0], letter(name + tag))
        return entries(values, shape, name + tag, j, len(self.target.layout.keys))

    def shape(self, point: Point, j: int) -> tuple[int, ...]:
        return () if self.target.layout.kind == "number" else SHAPES[(point["t"] + j) % 3]

    def advance(self, session: Session, point: Point, tag: str) -> None:
        """A step; what goes wrong in it, and did not on plain numbers, is told."""
        gradients = self.fresh("g", point, tag)
        try:
            with strictly():
                session.step(gradients)
        except Forgotten as error:
            text = re.sub(MARK + r"[\d/]+\.(\d+)/\d+", r"[\1]", str(error))
            raise Leak(f"{self.name}: {text}") from error
        except (ValueError, NotImplementedError):
            raise
        except Exception as error:
            if "__array_ufunc__" in str(error):
                raise Leak(f"{self.name}: an array that remembers nothing meets numbers "
                           "that do: float(), tolist() or a function that is not known "
                           "here has made it") from error
            raise NotImplementedError(
                f"{self.name}: {type(error).__name__}: {error} (in a run on numbers that "
                "remember where they come from)") from error

    def give_letters(self, session: Session, point: Point) -> None:
        """Make parameters, states and counters letters."""
        theta = self.fresh("theta", point, "")
        session.replace_parameters(theta)
        filled: list[np.ndarray] = []
        for leaf in session.leaves():
            group = self.letters.group(session, leaf.path, leaf.value)
            if group in self.letters.counters:
                start = self.letters.counters[group]
                leaf.put(counter(point["t"], start))
            elif (name := self.letters.states.get(group)) and (
                    is_number(leaf.value) or isinstance(leaf.value, np.ndarray)):
                positive = name.startswith("v") or point["t"] % 2 == 0
                j = self.letters.parameter(session, leaf.path, leaf.value)
                if is_number(leaf.value) or self.target.layout.kind == "number":
                    value = point.array(f"{name}{MARK}{j}", positive, 1)[0]
                    leaf.put(Number(value, letter(name)))
                    continue
                new = self.of_letters(name, j, point, "", positive)
                if np.shape(leaf.value) != np.shape(new):
                    raise NotImplementedError(
                        f"{self.name}: {text_of(leaf.path)} has shape "
                        f"{np.shape(leaf.value)}; a state has the parameter's")
                if any(x is leaf.value for x in filled):
                    continue
                if leaf.value.dtype == object:
                    leaf.value[...] = new
                    filled.append(leaf.value)
                else:
                    leaf.put(new)

    def run(self, session: Session, questions: list) -> Run:
        """The nodes of a step's results."""
        about = recognized({i: q.node for i, q in enumerate(questions)})
        for node in about.values():
            if entry := next((n for n in outside(node) if MARK in n), ""):
                raise ValueError(f"{self.name}: it asks about one entry "
                                 f"({parted(entry)[0]}); write "
                                 "np.where(condition, a, b)")
        asked = of_all(questions, about)
        theta = dict(enumerate(session.parameters()))
        for j, x in theta.items():
            if np.shape(x) != session.shapes[j]:
                raise ValueError(f"{self.name}: theta' has another shape than theta")
        out = {"theta": on_all_entries(self.name, "theta", theta)}
        for name, values in self.letters.groups(session).items():
            if any(not is_number(x) and not isinstance(x, np.ndarray)
                   for x in values.values()) or not values:
                raise Leak(f"{self.name}: {name} is {[*values.values()][:1]} after a step; "
                           "needed a number")
            out[name] = on_all_entries(self.name, name, values)
        return Run(asked, out)

    def check_unchanged(self, before: Mapping[Path, Any], after: Mapping[Path, Any],
                        point: Point) -> None:
        """Raise Changes for a number that is no state and not what it was; Leak for what
        chooses."""
        known: dict = {}
        for path in before.keys() | after.keys():
            a, b = before.get(path), after.get(path)
            group = self.letters.group_of(path)
            if path in before and path in after and group in self.letters.states:
                continue
            if group in self.letters.counters and is_number(b):
                if not grows(a, b, known):
                    raise Changes(group)
                continue
            if path in before and path in after and (a is b or same(a, b, known)):
                continue
            if self.target.own_argument(path):
                raise Leak(f"{self.name}: {text_of(path)}, a default, changes from {a!r} "
                           f"to {b!r} in step {point['t']}")
            if is_number(a) and is_number(b) or isinstance(a, np.ndarray) and isinstance(
                    b, np.ndarray):
                raise Changes(group)
            raise Leak(f"{self.name}: {text_of(path)} changes from {a!r} to {b!r} in step "
                       f"{point['t']}; what chooses has to stay as it is")

    # --------------------------------------------------------- assembly.Implementation
    asks_hyper = True                   # whether what it asks of its hyperparameters is too

    @property
    def inside(self) -> set[str]:
        """The hyperparameters that are no arguments."""
        return {*self.letters.inner.values()}

    def parameters(self, vector: np.ndarray) -> list[np.ndarray]:
        layout = self.target.layout
        return [vector]*(1 if layout.kind == "number" else len(layout.keys))

    def trajectory(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> Iterator[np.ndarray]:
        with self.quietly():
            found = self.on_numbers(settings, theta, gradients)
        yield from found

    def on_numbers(self, settings: Mapping[str, float], theta: np.ndarray,
                   gradients: np.ndarray) -> list[np.ndarray]:
        """theta after each step of a plain run."""
        layout = self.target.layout
        if layout.kind == "number":
            columns = [self.alone(settings, [float(x)], [[float(g)] for g in gs])
                       for x, gs in zip(theta, gradients.T)]
            return [np.array([c[i][0] for c in columns]) for i in range(len(gradients))]
        count = len(layout.keys)
        runs = self.alone(settings, [theta.copy() for _ in range(count)],
                          [[g.copy() for _ in range(count)] for g in gradients])
        for values in runs:
            if any(not np.array_equal(x, values[0], equal_nan=True) for x in values):
                raise Leak(f"{self.name}: two parameters with the same gradients "
                           "go two ways")
        return [values[0] for values in runs]

    def try_long(self, rule: Any) -> None:
        """Raise Leak unless each step of a long run is the rule's, from what it remembers
        then: what counts where nobody looks is found by what it does."""
        rng, layout = np.random.default_rng(2), self.target.layout
        names = [n for n in anatomy(rule)[0] if n in self.letters.states.values()]
        extra = [0.0]*(len(anatomy(rule)[0]) - len(names))
        draw = (lambda: float(rng.normal())) if layout.kind == "number" else (
            lambda: rng.normal(size=2))
        with self.quietly():
            session = Session(self.target, layout, [draw() for _ in layout.keys],
                              lambda name, x: self.hyper.get(name, x), np.zeros,
                              self.letters)
            for t in range(1, LONG_RUN + 1):
                checked = t < 20 or t % 7 == 0          # what counts unseen stays changed
                theta = [np.copy(x) for x in session.parameters()]
                states = copy.deepcopy(self.letters.groups(session)) if checked else {}
                gs = [draw() for _ in layout.keys]
                session.step([np.copy(g) for g in gs] if layout.kind != "number" else gs)
                if t == 1 or not checked:   # at 1, states may not be there yet
                    continue
                before = [(x, g, *(states[n][j if j in states[n] else 0] for n in names),
                           *extra) for j, (x, g) in enumerate(zip(theta, gs))]
                after = stepped(rule, before, t, self.hyper)
                for (new, *_), came in zip(after, session.parameters()):
                    if not np.allclose(came, new, rtol=1e-9, atol=1e-9, equal_nan=True):
                        raise Leak(f"{self.name}: its formula gives {new} in step {t} "
                                   f"where it gives {came} itself; it counts, or "
                                   "remembers, where that cannot be seen")

    def alone(self, settings: Mapping[str, float], theta: list, gradients: list
              ) -> list[list[Any]]:
        session = Session(self.target, self.target.layout, theta,
                          lambda name, x: settings.get(name, x), np.zeros, self.letters)
        out = []
        for gs in gradients:
            session.step(gs)
            out.append([np.copy(x) for x in session.parameters()])
        return out


@contextlib.contextmanager
def strictly() -> Iterator[None]:
    """A block in which numbers may not lose their past."""
    run_path.strict = True
    try:
        yield
    finally:
        run_path.strict = False


class Changes(Exception):
    """A number that was taken to stay, or to count, does not; its path."""

    def __init__(self, path: Path):
        super().__init__(path)
        self.path = path


def counter(t: float, start: int) -> Number:
    """What a counter holds before step t if it held `start` before the first."""
    value = letter("t") if start == 1 else Node(
        np.subtract, letter("t"), 1 - start) if start < 1 else Node(
        np.add, letter("t"), start - 1)
    return Number(float(t - 1 + start), value)


def grows(a: Any, b: Any, known: dict) -> bool:
    """Whether b is a + 1."""
    node = node_of(b)
    return isinstance(node, Node) and node.function is np.add and {
        key(x, known) for x in node.args} in ({key(node_of(a), known), key(1, known)}, {
            key(node_of(a), known), key(1.0, known)})


def same(a: Any, b: Any, known: dict) -> bool:
    """Whether two leaves are the same: of one node or value."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and all(
            same(x, y, known) for x, y in zip(np.ravel(a), np.ravel(b)))
    if isinstance(node_of(a), Node) or isinstance(node_of(b), Node):
        return key(node_of(a), known) == key(node_of(b), known)
    return type(a) is type(b) and (a is b or bool(a == b) or a != a and b != b)
