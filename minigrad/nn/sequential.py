"""Modules one after the other: most networks."""
from collections.abc import Iterator, MutableSequence
from typing import Any

from minigrad.nn.modules import Module


class Sequential(Module, MutableSequence):
    """Modules (or functions) one after the other; indexing, append and so on as of a list.

    >>> import numpy as np
    >>> model = Sequential(np.negative, np.abs)
    >>> model[1] = np.square
    >>> model(-2.0)
    np.float64(4.0)
    """

    def __init__(self, *modules: Any) -> None:
        self.modules = [_layer(module) for module in modules]

    def forward(self, x: Any) -> Any:
        """The last module of ... of the first module of x."""
        for module in self.modules:
            x = module(x)
        return x

    def __len__(self) -> int:
        return len(self.modules)

    def __getitem__(self, index: Any) -> Any:
        found = self.modules[index]
        return Sequential(*found) if isinstance(index, slice) else found

    def __setitem__(self, index: Any, value: Any) -> None:
        many = isinstance(index, slice)
        self.modules[index] = [_layer(x) for x in value] if many else _layer(value)

    def __delitem__(self, index: Any) -> None:
        del self.modules[index]

    def insert(self, index: int, value: Any) -> None:
        """Put a module before the one of that index."""
        self.modules.insert(index, _layer(value))

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        return ((str(i), module) for i, module in enumerate(self.modules))

    def _children(self) -> list[tuple[str, Any]]:
        return list(self._attributes())


def _layer(module: Any) -> Any:
    """The module, or TypeError for what cannot be called as one."""
    if isinstance(module, type):
        raise TypeError(f"Sequential: came the class {module.__name__}; needed one of it:"
                        f" {module.__name__}()")
    if not callable(module):
        raise TypeError(f"Sequential: came a {type(module).__name__}; needed modules or"
                        " functions: Sequential(*layers) for a list")
    return module
