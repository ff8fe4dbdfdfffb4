"""Which of what homework remembers is which letter."""
import keyword
import re
from typing import Any

import numpy as np

from optim.lifting.names import HOMEWORK, HOMEWORK_STATES, HYPERPARAMETERS, PAIRS, STATES
from optim.lifting.sessions import Session, Target
from optim.lifting.storage import Path, is_number, text_of

EACH = "*"                              # in a path, for the key of a parameter


class Letters:
    """Letters of arguments, and of what is remembered, by its path.

    hyper {letter: default}; inner {path: letter} of hyperparameters that are no arguments;
    states {path: letter}; counters {path: the number before the first step}. In paths of
    states and counters EACH stands for the key of a parameter.
    """

    def __init__(self, target: Target):
        self.target = target
        self.hyper = target.hyper
        self.taken = {"theta", "g", "t", "np", *self.hyper}
        self.inner: dict[Path, str] = {}
        self.states: dict[Path, str] = {}
        self.counters: dict[Path, int] = {}

    # ---------------------------------------------------------------- from plain runs
    def sort_in(self, path: Path, values: list[Any], shapes: list[tuple],
                derived: bool) -> None:
        """A letter for what had these values before and after each step, or None.

        One that is derived from hyperparameters and stays needs none of its own."""
        group = self.group_of(path)
        numbers = [x for x in values if x is not None]
        if not self.target.letters_inside and path[0] == "self":
            if any(not np.array_equal(x, numbers[0]) for x in numbers):
                raise NotImplementedError(f"{self.target.name}: {text_of(path)} changes; a "
                                          "function of JAX has to be pure")
            return
        if self.target.own_argument(path):
            if any(is_number(x) and x != numbers[0] for x in numbers):
                raise NotImplementedError(f"{self.target.name}: it changes the default "
                                          + text_of(path))
            return
        if group in self.states or group in self.counters or not numbers:
            return
        if any(isinstance(x, np.ndarray) and x.shape in shapes for x in numbers):
            self.make_state(group)
        elif all(is_number(x) for x in numbers):
            steps = np.diff([float(x) for x in numbers])
            first = numbers[0] if values[0] is not None else numbers[0] - 1
            if not steps.any():
                settable = self.target.letters_inside and values[0] is not None or (
                    self.target.in_memory(path))
                if numbers[0] and settable and not derived:
                    self.inner[path] = self.new(path, HOMEWORK | HYPERPARAMETERS)
                    self.hyper[self.inner[path]] = float(numbers[0])
            elif (steps == 1).all() and first == int(first):
                self.counters[group] = int(first)
            else:
                self.make_state(group)
        elif any(is_number(x) or isinstance(x, np.ndarray) for x in numbers) and any(
                not np.array_equal(x, numbers[-1]) for x in numbers[1:]):
            self.make_state(group)

    def make_state(self, path: Path) -> None:
        """A letter for a state, also if it was held to be something else."""
        self.counters.pop(path, None)
        if path in self.inner:
            del self.hyper[self.inner.pop(path)]
        if path not in self.states:
            self.states[path] = self.new(path, STATES | HOMEWORK_STATES)

    def new(self, path: Path, table: dict[str, str]) -> str:
        """A letter that is not taken, after the path's last word."""
        words = [p for p in path if isinstance(p, str) and p != EACH]
        word = re.sub(r"\W", "_", words[-1]).strip("_") if words else "state"
        word = word.lower() if word.isupper() else word
        word = word if word[:1].isalpha() else "n" + word
        if isinstance(path[-1], int):
            pair = PAIRS.get(word, [])
            place = path[-1]
            word = pair[place] if len(pair) > place else word + str(place + 1)
        wanted = [table.get(word.lower(), word), word, *(
            word + "_" + str(i) for i in range(99))]
        found = next(n for n in wanted if n not in self.taken and not keyword.iskeyword(n))
        self.taken.add(found)
        return found

    # ---------------------------------------------------------------------- in a session
    def group_of(self, path: Path) -> Path:
        """A path with EACH for the key of a parameter."""
        keys = self.target.layout.keys
        if keys == (None,):
            return path
        return tuple(EACH if self.target.is_key(p) else p for p in path)

    def group(self, session: Session, path: Path, value: Any) -> Path:
        return self.group_of(path)

    def parameter(self, session: Session, path: Path, value: Any) -> int:
        """Which parameter a leaf belongs to."""
        for part in path:
            if self.target.is_key(part):
                return self.target.layout.keys.index(part)
        return 0

    def groups(self, session: Session) -> dict[str, dict[int, Any]]:
        """{state: {parameter: its value}}."""
        out: dict[str, dict[int, Any]] = {name: {} for name in self.states.values()}
        for leaf in session.leaves():
            group = self.group_of(leaf.path)
            if group in self.states:
                out[self.states[group]][self.parameter(session, leaf.path, leaf.value)
                                        ] = leaf.value
        return out
