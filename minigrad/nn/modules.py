"""Modules: a function together with the parameters it uses.

    >>> from minigrad.nn import Linear, ReLU, Sequential
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
inside a list, tuple or dict; one frozen by `requires_grad = False` stays a parameter. What
stands there is replaced by a parameter of its shape and dtype, or not at all. Missing on
purpose: registration, hooks, train and eval.
"""
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.dictionary import MODULES
from minigrad.html_tables import html_table
from minigrad.spellings import explaining, name_elsewhere, names_here
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

    @explaining
    def __init__(self) -> None:
        super().__init__()              # of another base class, if there is one

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes; write it in a subclass. Called as module(x)."""
        raise NotImplementedError(f"{type(self).__name__} has no method forward; write"
                                  " def forward(self, x)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    def __setattr__(self, name: str, value: Any) -> None:
        _check_kept(f"{type(self).__name__}.{name}", vars(self).get(name), value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        _check_kept(f"{type(self).__name__}.{name}", vars(self).get(name), None)
        super().__delattr__(name)

    __dir__ = names_here

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
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: came {type(state).__name__}; needed a dict"
                            " as of state_dict(), or np.load(path) of an .npz file")
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
        lines = [f"({name}): {getattr(part, '__name__', repr(part))}".replace("\n", "\n  ")
                 for name, part in self._children()]
        if not lines:
            return f"{type(self).__name__}({self._settings()})"
        return "\n  ".join([f"{type(self).__name__}(", *lines]) + "\n)"

    def _repr_html_(self) -> str:
        named = self.named_parameters()
        total = f"{sum(p.size for _, p in named):,} numbers in {len(named)} parameters"
        return html_table(("parameter", "dtype", "shape"), [
            (name, p.dtype, p.shape) for name, p in named], f"{self!r}\n{total}")

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """What is searched for parameters, by name."""
        return iter(vars(self).items())

    def _children(self) -> list[tuple[str, Any]]:
        """What stands in it, by name."""
        return [(name, value) for name, value in _flat(self._attributes(), "")
                if isinstance(value, Module)]

    def _settings(self) -> str:
        return ""


name_elsewhere(Module, MODULES)


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


def _check_kept(name: str, old: Any, new: Any) -> None:
    """Raise TypeError if a parameter or module that stands in `old` vanished from `new`."""
    if old is None or old is new:
        return
    after = dict(_flat(iter([(name, new)]), ""))
    for path, part in _flat(iter([(name, old)]), ""):
        other = after.get(path)
        if isinstance(part, Module) and part.parameters():
            if not (other is None or callable(other)):
                raise TypeError(f"{path} is a module, so its parameters would be lost: came"
                                f" {_kind(other)}; needed a module or a function")
        elif isinstance(part, Tensor) and part.is_leaf and not _stands_for(other, part):
            raise TypeError(
                f"{path} is a parameter, {_kind(part)}, and would be lost: came"
                f" {_kind(new if other is None else other)}; write its values with"
                " mg.no_grad(): p[...] = values, or by load_state_dict; in its place only a"
                " tensor of that shape and dtype: mg.tensor(..., requires_grad=True)")


def _stands_for(new: Any, parameter: Tensor) -> bool:
    """Whether a value may take a parameter's place; a frozen one is left to other tensors.
    """
    if not parameter.requires_grad:
        return new is None or isinstance(new, Tensor)
    return (isinstance(new, Tensor) and new.is_leaf and new.requires_grad
            and (new.shape, new.dtype) == (parameter.shape, parameter.dtype))


def _kind(x: Any) -> str:
    """What an error calls a value."""
    if isinstance(x, Tensor) and not x.is_leaf:
        return "the result of a computation"
    return " ".join(map(str, [type(x).__name__, getattr(x, "dtype", ""),
                              getattr(x, "shape", "")])).strip()


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
