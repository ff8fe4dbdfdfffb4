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
stands there is replaced by a parameter of its shape and dtype, or not at all. A buffer is a
plain array, part of the state, that `register_buffer` puts into an attribute and the module
writes in place. Missing on purpose: hooks before forward and on the way back.
"""
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minigrad.dictionary import MODULES
from minigrad.html_tables import html_table
from minigrad.nn import states
from minigrad.nn.attributes import check_buffer, check_kept, flat
from minigrad.spellings import explaining, name_elsewhere, names_here
from minigrad.tensors import Tensor

Self = TypeVar("Self", bound="Module")


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
    training: bool = True               # what `train` and `eval` switch
    _buffers: Mapping[str, bool] = {}   # the names of buffers: whether they are saved
    _hooks: tuple = ()                  # what register_forward_hook was given, in order

    @explaining
    def __init__(self) -> None:
        super().__init__()              # of another base class, if there is one

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes; write it in a subclass. Called as module(x)."""
        raise NotImplementedError(f"{type(self).__name__} has no method forward; write"
                                  " def forward(self, x)")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        out = self.forward(*inputs, **options)
        for hook in self._hooks:
            other = hook(self, inputs, out)
            out = out if other is None else other
        return out

    def __setattr__(self, name: str, value: Any) -> None:
        owner, old = f"{type(self).__name__}.{name}", vars(self).get(name)
        check_kept(owner, old, value)
        if name in self._buffers and isinstance(old, np.ndarray):
            check_buffer(owner, old, value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        check_kept(f"{type(self).__name__}.{name}", vars(self).get(name), None)
        super().__delattr__(name)

    __dir__ = names_here

    # --- parts ---------------------------------------------------------------------------
    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """(name, parameter) in the order of assignment; one that is shared comes once."""
        return _once((name, x) for name, x in self._parts() if isinstance(x, Tensor))

    def parameters(self) -> list[Tensor]:
        """The parameters in the order of assignment; one that is shared comes once."""
        return [parameter for _, parameter in self.named_parameters()]

    def num_parameters(self) -> int:
        """How many numbers the parameters hold."""
        return sum(parameter._data.size for parameter in self.parameters())

    def named_buffers(self) -> list[tuple[str, NDArray]]:
        """(name, buffer), of the modules below as well."""
        return _once((f"{prefix}{name}", getattr(module, name))
                     for prefix, module in _walk(self) for name in module._buffers
                     if getattr(module, name) is not None)

    def buffers(self) -> list[NDArray]:
        """The buffers, of the modules below as well."""
        return [buffer for _, buffer in self.named_buffers()]

    def named_children(self) -> list[tuple[str, "Module"]]:
        """(name, module) of what stands directly in it; one that is shared comes once."""
        return _once((name, x) for name, x in self._shown() if isinstance(x, Module))

    def children(self) -> list["Module"]:
        """The modules that stand directly in it."""
        return [child for _, child in self.named_children()]

    def named_modules(self) -> list[tuple[str, "Module"]]:
        """(name, module) of itself, called "", and all below; a shared one comes once."""
        return _once((prefix[:-1], module) for prefix, module in _walk(self))

    def modules(self) -> list["Module"]:
        """Itself and all modules below it."""
        return [module for _, module in self.named_modules()]

    def register_buffer(self, name: str, tensor: ArrayLike | None,
                        persistent: bool = True) -> None:
        """Keep a copy of an array as self.name: part of the state, but not trained.

        It is written in place, as self.name[...] = values; persistent: whether it is saved.
        """
        self._buffers = {**self._buffers, name: persistent}
        vars(self)[name] = None if tensor is None else np.array(
            np.asarray(tensor))

    # --- states and modes ----------------------------------------------------------------
    @explaining
    def zero_grad(self) -> None:
        """Set the grad of every parameter to None."""
        for parameter in self.parameters():
            parameter.grad = None

    def state_dict(self) -> dict[str, NDArray]:
        """Copies of all parameters and buffers by name, of a shared one under each of its
        names; later training does not change them."""
        return states.values_of(dict(self._parts()))

    def load_state_dict(self, state: Mapping[str, Any],
                        strict: bool = True) -> states.Incompatible | None:
        """Copy `state` into parameters and buffers: all of it, or nothing and an error.

        It may be another library's, of arrays or tensors. With strict=False other names
        than the module's are passed over, and returned: missing_keys, unexpected_keys.
        """
        found = states.load(dict(self._parts()), state, strict)
        return None if strict else found

    def train(self: Self, mode: bool = True) -> Self:
        """Let it and all modules below work as in training, or with False as in use."""
        return self._switch(mode)

    def eval(self: Self) -> Self:
        """Let it and all modules below work as in use: no dropout, fixed statistics."""
        return self._switch(False)

    def _switch(self: Self, mode: bool) -> Self:
        for module in self.modules():
            module.training = bool(mode)
        return self

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Let all parameters want gradients, or with False none: they are frozen."""
        for parameter in self.parameters():
            parameter.requires_grad = bool(requires_grad)
        return self

    def apply(self: Self, fn: Callable[["Module"], Any]) -> Self:
        """Call fn with every module below, and then with itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def register_forward_hook(self, hook: Callable) -> "Handle":
        """Call hook(module, inputs, output) after each forward, with the inputs as a tuple;
        what it returns, unless None, takes the output's place. The handle's remove() ends
        it."""
        if not callable(hook):
            raise TypeError(f"register_forward_hook: came {type(hook).__name__}; needed a"
                            " function of (module, inputs, output)")
        own = functools.partial(hook)       # another object each time
        self._hooks = (*self._hooks, own)
        return Handle(self, own)

    # --- how it looks --------------------------------------------------------------------
    def __repr__(self) -> str:
        lines = [f"({name}): {getattr(part, '__name__', repr(part))}".replace("\n", "\n  ")
                 for name, part in self._shown()]
        if not lines:
            return f"{type(self).__name__}({self._settings()})"
        return "\n  ".join([f"{type(self).__name__}(", *lines]) + "\n)"

    def _repr_html_(self) -> str:
        named = self.named_parameters()
        total = f"{self.num_parameters():,} numbers in {len(named)} parameters"
        return html_table(("parameter", "dtype", "shape"), [
            (name, p.dtype, p.shape) for name, p in named], f"{self!r}\n{total}")

    def _attributes(self) -> Iterator[tuple[str, Any]]:
        """What is searched for parameters and modules, by name."""
        return iter(vars(self).items())

    def _shown(self) -> list[tuple[str, Any]]:
        """What its text lists, by name."""
        return [(name, value) for name, value in flat(self._attributes())
                if isinstance(value, Module)]

    def _settings(self) -> str:
        return ""

    def _parts(self) -> Iterator[tuple[str, Any]]:
        """(name, parameter or saved buffer), of the modules below as well; a shared one
        comes under each of its names."""
        yield from _parts_of(self, "", ())


class Handle:
    """A hook of a module; remove() takes it away."""

    def __init__(self, module: Module, hook: Callable) -> None:
        self.module, self.hook = module, hook

    def remove(self) -> None:
        """Take the hook away, if it is still there."""
        self.module._hooks = tuple(h for h in self.module._hooks if h is not self.hook)


name_elsewhere(Module, MODULES)


def _parts_of(module: Module, prefix: str, above: tuple) -> Iterator[tuple[str, Any]]:
    if any(module is x for x in above):     # a module that refers to its owner
        return
    for name, value in flat(module._attributes(), prefix):
        if isinstance(value, Module):
            yield from _parts_of(value, f"{name}.", (*above, module))
        elif isinstance(value, Tensor) and value.is_leaf:
            yield name, value
        elif module._buffers.get(name[len(prefix):]) and value is not None:
            yield name, value


def _walk(module: Module, prefix: str = "",
          seen: set[int] | None = None) -> Iterator[tuple[str, Module]]:
    """(what the names in it begin with, module), itself first, each once."""
    seen = set() if seen is None else seen
    if id(module) not in seen:
        seen.add(id(module))
        yield prefix, module
        for name, child in flat(module._attributes(), prefix):
            if isinstance(child, Module):
                yield from _walk(child, f"{name}.", seen)


def _once(named: Any) -> list[tuple[str, Any]]:
    """The pairs (name, value) without those whose value has come already."""
    found: dict[int, tuple[str, Any]] = {}
    for name, value in named:
        found.setdefault(id(value), (name, value))
    return list(found.values())
