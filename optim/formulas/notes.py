"""What a rule did that is not entry by entry, and in which of its lines."""
import sys
from dataclasses import dataclass, field

import sympy as sp

OURS = "numpy", "minigrad", "optim"            # packages in which no line of a rule stands


@dataclass
class Note:
    """An operation that is not entry by entry: its name, its line, and what it gave."""
    name: str
    line: int
    entries: list = field(default_factory=list)           # a set of letters for each


class Notes(list):
    """The operations of one reading that are not entry by entry, the outermost of each."""
    within = False

    def add(self, name, result=None) -> None:
        if not self.within:
            entries = [] if result is None else [*map(
                letters_in, result.array.ravel(), result.needs.ravel())]
            self.append(Note(name, line_of_the_rule(), entries))


def line_of_the_rule() -> int:
    """The line outside of our packages that is being run."""
    frame = sys._getframe(1)
    while frame.f_back is not None and is_ours(frame):
        frame = frame.f_back
    return frame.f_lineno


def is_ours(frame, *packages: str) -> bool:
    """Whether a frame runs code of these packages, by default NumPy's and ours, no rule."""
    name = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in (packages or OURS) and name != "optim.rules"


def letters_in(e, needs) -> set[sp.Symbol]:
    """The letters of a formula and of what it needs."""
    return e.free_symbols.union(*(n.free_symbols for n in needs))
