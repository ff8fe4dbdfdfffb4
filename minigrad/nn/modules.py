"""Modules: a function together with the parameters it uses.

    >>> from minigrad.nn import Linear, ReLU
    >>> model = Sequential(Linear(64, 32, rng=0), ReLU(), Linear(32, 10, rng=1))
    >>> model
    Sequential(
      (0): Linear(in_features=64, out_features=32, bias=True)
      (1): ReLU()
      (2): Linear(in_features=32, out_features=10, bias=True)
    )
    >>> [name for name, _ in model.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']

A parameter is a `mg.tensor(..., requires_grad=True)` that stands in an attribute, also
inside a list, tuple or dict; one frozen by `requires_grad = False` stays a parameter.
Missing on purpose: registration, hooks, train and eval.
"""
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.tensors import Tensor
from minigrad.writes import write


class Module:
    """Subclass it, keep parameters and modules in attributes, and write `forward`.

    >>> from minigrad.tensors import tensor
    >>> class Shift(Module):
    ...     def __init__(self):
    ...         self.by = tensor([1., 2.], requires_grad=True)
    ...     def forward(self, x):
    ...         return x + self.by
    >>> Shift()(np.zeros(2)), Shift().state_dict()
    (tensor([1., 2.], made by add), {'by': array([1., 2.])})
    """

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes; write it in a subclass. Called as module(x)."""
        raise NotImplementedError(f"{type(self).__name__} has no method forward; write"
                                  " def forward(self, x)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """(name, parameter) in the order of assignment; one that is shared comes once."""
        found: dict[int, tuple[str, Tensor]] = {}
        for name, value in _walk(self, "", set()):
            found.setdefault(id(value), (name, value))
        return list(found.values())

    def parameters(self) -> list[Tensor]:
        """The parameters in the order of assignment; one that is shared comes once."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the grad of every parameter to None."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, NDArray]:
        """Copies of all parameters by name; later training does not change them."""
        return {name: p._data.copy() for name, p in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copy `state` into the parameters: all of it, or nothing and an error."""
        parameters = dict(self.named_parameters())
        missing = [name for name in parameters if name not in state]
        unexpected = [name for name in state if name not in parameters]
        if missing or unexpected:
            raise KeyError(f"load_state_dict: missing {missing}, unexpected {unexpected};"
                           f" needed exactly {list(parameters)}")
        values = [_fitting(name, p, state[name]) for name, p in parameters.items()]
        for parameter, value in zip(parameters.values(), values):
            write(parameter, value)

    def __repr__(self) -> str:
        lines = [f"({name}): {module!r}".replace("\n", "\n  ")
                 for name, module in self._children()]
        if not lines:
            return f"{type(self).__name__}({self._settings()})"
        return "\n  ".join([f"{type(self).__name__}(", *lines]) + "\n)"

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """What is searched for parameters, by name."""
        return iter(vars(self).items())

    def _children(self) -> list[tuple[str, "Module"]]:
        return [(name, value) for name, value in _flat(self._attributes(), "")
                if isinstance(value, Module)]

    def _settings(self) -> str:
        return ""


class Sequential(Module):
    """Modules (or functions) one after the other; len() and indexing as of a list.

    >>> Sequential(np.negative, np.abs)(-2.0)
    np.float64(2.0)
    """

    def __init__(self, *modules: Any) -> None:
        self.modules = list(modules)

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

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        return ((str(i), module) for i, module in enumerate(self.modules))


def _flat(items: Iterator[tuple[str, Any]], prefix: str) -> Iterator[tuple[str, Any]]:
    """(dotted name, value), with lists, tuples and dicts opened."""
    for name, value in items:
        if isinstance(value, (list, tuple)):
            yield from _flat(((str(i), v) for i, v in enumerate(value)), f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from _flat(((str(k), v) for k, v in value.items()), f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _walk(module: Module, prefix: str, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    if id(module) in seen:                  # shared, or a module that refers to its owner
        return
    seen.add(id(module))
    for name, value in _flat(module._attributes(), prefix):
        if isinstance(value, Module):
            yield from _walk(value, f"{name}.", seen)
        elif isinstance(value, Tensor) and value.is_leaf:
            yield name, value


def _fitting(name: str, parameter: Tensor, value: Any) -> NDArray:
    value = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
    if value.shape != parameter.shape:
        raise ValueError(f"load_state_dict: {name} has shape {value.shape}; needed"
                         f" {parameter.shape}")
    if not np.can_cast(value.dtype, parameter.dtype, "same_kind"):
        raise TypeError(f"load_state_dict: {name} is {value.dtype}; needed numbers for"
                        f" {parameter.dtype}")
    try:
        with np.errstate(over="raise"):
            return value.astype(parameter.dtype)
    except FloatingPointError:
        raise ValueError(f"load_state_dict: {name} has numbers too large for"
                         f" {parameter.dtype}") from None
