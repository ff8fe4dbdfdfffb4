"""Names in the source: those of the recorded function where they can be had."""
import builtins
import contextlib
import keyword
import re
import sys
from typing import Any

import numpy as np

from minigrad.compiler.calls import Constant, Node
from minigrad.compiler.places import BETWEEN, HOME
from minigrad.compiler.recorded_calls import STAND_INS
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.compiler.sliding import WORDS

RESERVED = {*keyword.kwlist, *dir(builtins), *WORDS, *"""
    np bind step i rows copyto dot putmask errstate subtract bitwise_and
    isfinite isinf isnan Context partial context problems""".split()}

WRITTEN = {int, float, bool, complex, str, bytes, type(None), type(...), slice, range}


class Names:
    """What each node, or whatever else, is called; no name stands for two things."""

    def __init__(self, taken: set[str]):
        self.taken = RESERVED | taken
        self.of: dict[int, str] = {}
        self.last: dict[str, int] = {}          # of a wish, the number that it got last

    def give(self, key: Any, wish: str) -> str:
        """A name for what has none yet: the wish, or the wish and a number."""
        if id(key) not in self.of:
            self.of[id(key)] = self.free(wish)
        return self.of[id(key)]

    def free(self, wish: str) -> str:
        """A name that nothing has."""
        wish = re.sub(r"\W", "_", wish).strip("_") or "x"
        wish = f"_{wish}" if wish[0].isdigit() else wish
        name, n = wish, self.last.get(wish, 1)
        while name in self.taken:
            n += 1
            name = f"{wish}_{n}" if wish[-1].isdigit() else f"{wish}{n}"
        self.taken.add(name)
        self.last[wish] = n
        return name

    def text(self, x: Any) -> str:
        """How a node, a number or an option is written."""
        if isinstance(x, Node) and id(x) in self.of:
            return self.of[id(x)]
        if isinstance(x, Constant):
            return self.text(x.value)
        if isinstance(x, (tuple, list)):
            inside = ", ".join(map(self.text, x))
            if type(x) is list:
                return f"[{inside}]"
            return f"({inside}{',' if len(x) == 1 else ''})"
        if isinstance(x, np.dtype):
            return f"np.{x.name}" if hasattr(np, x.name) else f"np.dtype({x.str!r})"
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        if isinstance(x, np.generic):
            return f"np.{type(x).__name__}({self.text(x.item())})"
        if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
            return f'float("{x}")'
        if isinstance(x, np.ufunc):
            return x.__name__
        if isinstance(x, type):
            return x.__name__
        own = getattr(x, "__name__", "")
        if own and getattr(np, own, None) is x:
            return f"np.{own}"
        if type(x) not in WRITTEN and not isinstance(x, Node):
            raise CannotFollow(f"a {type(x).__name__} among the arguments of a function of "
                               f"NumPy's, {x!r}, is not followed; pass arrays and numbers")
        return repr(x)


@contextlib.contextmanager
def named_variables(note=lambda frame, event, called: None):
    """A block in which every recorded value learns the name of a variable that holds it.

    Python calls us whenever a function returns; its variables are looked at then. `note`
    hears of every call.
    """
    before = sys.getprofile()

    def look(frame, event, argument):
        if event == "return" and not frame.f_code.co_filename.startswith(
                (*BETWEEN, HOME)):
            for name, value in frame.f_locals.items():
                if type(value) in STAND_INS and name != "self" and value.node.name is None:
                    value.node.name = name
        elif event in ("call", "c_call"):
            note(frame, event, argument)
    if before is None:                  # a profiler that is at work is left alone
        sys.setprofile(look)
    try:
        yield
    finally:
        if before is None:
            sys.setprofile(None)
