"""What the caller calls the tensors: by a model, by given names, by its variables."""
from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad.guards import INSIDE
from minigrad.nn.attributes import flat
from minigrad.nn.modules import Module
from minigrad.tensors import Tensor

LARGEST = 1000                      # of the lists that are looked into


def variables(frame: Any) -> dict[str, Any]:
    """The variables of the nearest caller outside this package, its own before globals."""
    while INSIDE[frame.f_code.co_filename] and frame.f_back:
        frame = frame.f_back
    return {**frame.f_globals, **frame.f_locals}


def named(name: str, thing: Any) -> list[tuple[str, Any]]:
    """(name, Tensor or array) of one variable and of what stands in it."""
    if isinstance(thing, (Tensor, np.ndarray)):
        return [(name, thing)]
    if isinstance(thing, Module):
        return [(f"{name}.{part}", x) for part, x in thing.named_parameters()]
    if type(thing) in (list, tuple, dict) and len(thing) <= LARGEST:
        return [(path, x) for path, part in flat([(name, thing)])
                if path != name for path, x in named(path, part)]
    if isinstance(getattr(thing, "__dict__", None), dict) and not isinstance(thing, type):
        return [(f"{name}.{key}", x) for key, x in vars(thing).items()
                if isinstance(x, Tensor)]
    return []


class Names:
    """Names for tensors, the user's where there are some, else v1, v2, ..."""

    def __init__(self, model: Any, names: Mapping[str, Any] | None, found: dict) -> None:
        self.tensors: dict[int, str] = {}
        self.arrays: dict[tuple, dict[str, np.ndarray]] = {}
        self.kept: list[Any] = []
        if model is not None:
            self.take((path, x) for path, x in model.named_parameters())
        for name, thing in (names or {}).items():
            self.take(named(str(name), thing))
        for name, thing in found.items():
            if not name.startswith("_") and name not in ("In", "Out"):
                self.take(named(name, thing))
        self.taken = {*self.tensors.values(),
                      *(name for group in self.arrays.values() for name in group)}
        self.count = 0

    def take(self, pairs: Any) -> None:
        """Remember the first name of each."""
        for name, x in pairs:
            if isinstance(x, Tensor):
                self.tensors.setdefault(id(x), name)
                self.kept.append(x)
            elif x.size > 1:
                self.arrays.setdefault((x.shape, x.dtype), {})[name] = x

    def of(self, x: Any) -> str:
        """The user's name for a Tensor, or for the one array that is equal; else ""."""
        if isinstance(x, Tensor):
            return self.tensors.get(id(x), "")
        equal = [name for name, other in self.arrays.get((x.shape, x.dtype), {}).items()
                 if np.array_equal(x, other, equal_nan=x.dtype.kind == "f")]
        return equal[0] if len(equal) == 1 else ""

    def free(self) -> str:
        """The next of v1, v2, ... that no variable has."""
        self.count += 1
        while f"v{self.count}" in self.taken:
            self.count += 1
        return f"v{self.count}"
