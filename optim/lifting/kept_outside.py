"""What an optimizer of a library remembers elsewhere than where it should.

On itself, on its class, in its groups, in lists, and where its functions look.
"""
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim.lifting.graph import Leak

DEEPEST = 9
PLAIN = bool, int, float, str, list, dict


def kept_outside(kind: type, parts: Mapping[str, Any], library: str,
                 counts: Callable[[str], bool] = lambda name: False) -> dict[str, Any]:
    """The numbers, texts and arrays below some parts of an optimizer and below the classes
    that are not its library's; but for what counts, by its name."""
    found: dict[str, Any] = {}

    def visit(name: str, x: Any, depth: int) -> None:
        if isinstance(x, (bool, str, int, float, type(None))):
            if not counts(name):
                found[name] = x
        elif hasattr(x, "__array__"):
            array = x.detach() if hasattr(x, "detach") else x
            found[name] = np.asarray(array).ravel().tolist()
        elif isinstance(x, types.FunctionType) and depth < DEEPEST:
            visit(name, [x.__defaults__, x.__kwdefaults__], depth + 1)
            visit(name, inspect.getclosurevars(x).nonlocals, depth + 1)
            visit(name, {k: part for k, part in inspect.getclosurevars(x).globals.items()
                         if isinstance(part, PLAIN) or hasattr(part, "__array__")
                         and not isinstance(part, type)}, depth + 1)
        elif isinstance(x, (dict, list, tuple)) and depth < DEEPEST:
            items = x.items() if isinstance(x, dict) else enumerate(x)
            for k, part in [*items]:
                if k != "params":
                    visit(f"{name}.{k}", part, depth + 1)
        elif depth < DEEPEST and hasattr(x, "__dict__") and not isinstance(
                x, (type, types.ModuleType)):
            visit(name, vars(x), depth + 1)
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] != library and base is not object:
            visit(base.__name__, {k: x for k, x in vars(base).items()
                                  if not k.startswith("__")}, 0)
    for name, x in parts.items():
        visit(name, x, 0)
    return found


def compare_memory(who: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise Leak if what an optimizer keeps outside of its state has changed."""
    for name in after:
        if name not in before or repr(before[name]) != repr(after[name]):
            raise Leak(f"{who}: {name} changes from step to step, and is neither a number "
                       "nor a tensor of its state, so that it is not remembered")
