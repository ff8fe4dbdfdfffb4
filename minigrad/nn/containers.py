"""Modules in a list, one after the other, or by name."""
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any

from minigrad.nn.modules import Module


class ModuleList(Module, MutableSequence):
    """A list of modules (or functions); indexing, append and so on as of a list.

    >>> import numpy as np
    >>> len(ModuleList([np.negative, np.abs])[:1])
    1
    """

    def __init__(self, modules: Iterable[Any] = ()) -> None:
        self.layers = [self._layer(module) for module in modules]

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: Any) -> Any:
        found = self.layers[index]
        return self._of(found) if isinstance(index, slice) else found

    def __setitem__(self, index: Any, value: Any) -> None:
        many = isinstance(index, slice)
        self.layers[index] = [self._layer(x) for x in value] if many else self._layer(value)

    def __delitem__(self, index: Any) -> None:
        del self.layers[index]

    def insert(self, index: int, value: Any) -> None:
        """Put a module before the one of that index."""
        self.layers.insert(index, self._layer(value))

    def _of(self, modules: list) -> "ModuleList":
        return type(self)(modules)

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        return ((str(i), module) for i, module in enumerate(self.layers))

    def _shown(self) -> list[tuple[str, Any]]:
        return list(self._attributes())

    def _layer(self, module: Any) -> Any:
        """The module, or TypeError for what cannot be called as one."""
        if isinstance(module, type):
            raise TypeError(f"{type(self).__name__}: came the class {module.__name__};"
                            f" needed one of it: {module.__name__}()")
        if not callable(module):
            cure = ("Sequential(*layers.values()) for a dict; names are those of attributes"
                    " of a Module" if isinstance(module, Mapping) else
                    "Sequential(*layers) for a list")
            raise TypeError(f"{type(self).__name__}: came a {type(module).__name__}; needed"
                            f" modules or functions: {cure}")
        return module


class Sequential(ModuleList):
    """Modules (or functions) one after the other: most networks.

    >>> import numpy as np
    >>> model = Sequential(np.negative, np.abs)
    >>> model[1] = np.square
    >>> model(-2.0)
    np.float64(4.0)
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__(modules)

    def forward(self, x: Any) -> Any:
        """The last module of ... of the first module of x."""
        for module in self.layers:
            x = module(x)
        return x

    def _of(self, modules: list) -> "Sequential":
        return type(self)(*modules)


class ModuleDict(Module, MutableMapping):
    """Modules by name; indexing, items and so on as of a dict.

    >>> import numpy as np
    >>> heads = ModuleDict({"mean": np.mean})
    >>> heads["sum"] = np.sum
    >>> [*heads], heads["sum"](np.ones(3))
    (['mean', 'sum'], np.float64(3.0))
    """

    def __init__(self, modules: Mapping[str, Any] | None = None) -> None:
        self.named: dict[str, Any] = {}
        self.update(modules or {})

    __eq__, __hash__ = object.__eq__, object.__hash__       # a module is none but itself

    def __len__(self) -> int:
        return len(self.named)

    def __iter__(self) -> Iterator[str]:
        return iter(self.named)

    def __getitem__(self, name: str) -> Any:
        return self.named[name]

    def __setitem__(self, name: str, module: Any) -> None:
        if not (isinstance(name, str) and callable(module)) or isinstance(module, type):
            raise TypeError(f"ModuleDict: came {name!r}: {type(module).__name__}; needed a"
                            " name and a module or function")
        if not name or "." in name:     # names of parts within parts are joined by it
            raise KeyError(f"ModuleDict: came the name {name!r}; needed one without '.'")
        self.named[name] = module

    def __delitem__(self, name: str) -> None:
        del self.named[name]

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        return iter(self.named.items())

    def _shown(self) -> list[tuple[str, Any]]:
        return list(self.named.items())
