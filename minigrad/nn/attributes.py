"""What stands in a module's attributes, and what may not vanish from there."""
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minigrad.tensors import Tensor


def flat(items: Iterable[tuple[str, Any]], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted name, value), with lists, tuples and dicts opened.

    >>> [*flat([("a", 1), ("b", [2, {"c": 3}])])]
    [('a', 1), ('b.0', 2), ('b.1.c', 3)]
    """
    for name, value in items:
        if isinstance(value, (list, tuple)):
            yield from flat(((str(i), v) for i, v in enumerate(value)), f"{prefix}{name}.")
        elif isinstance(value, dict):
            yield from flat(((str(k), v) for k, v in value.items()), f"{prefix}{name}.")
        else:
            yield prefix + name, value


def check_kept(name: str, old: Any, new: Any) -> None:
    """Raise TypeError if a parameter or module that stands in `old` vanished from `new`."""
    if old is None or old is new:
        return
    after = dict(flat([(name, new)]))
    for path, part in flat([(name, old)]):
        other = after.get(path)
        if hasattr(part, "named_parameters") and part.named_parameters():
            if not (other is None or callable(other)):
                raise TypeError(f"{path} is a module, so its parameters would be lost: came"
                                f" {kind(other)}; needed a module or a function")
        elif isinstance(part, Tensor) and part.is_leaf and not _stands_for(other, part):
            raise TypeError(
                f"{path} is a parameter, {kind(part)}, and would be lost: came"
                f" {kind(new if other is None else other)}; write its values with"
                " mg.no_grad(): p[...] = values, or by load_state_dict; in its place only a"
                " tensor of that shape and dtype: mg.tensor(..., requires_grad=True)")


def check_buffer(name: str, old: np.ndarray, new: Any) -> None:
    """Raise TypeError if what comes in a buffer's place is no array like it."""
    like = isinstance(new, np.ndarray) and (new.shape, new.dtype) == (old.shape, old.dtype)
    if not like:
        last = name.rpartition(".")[2]
        raise TypeError(f"{name} is a buffer, {kind(old)}: came {kind(new)}; write into it"
                        f" by self.{last}[...] = values, or register_buffer another")


def _stands_for(new: Any, parameter: Tensor) -> bool:
    """Whether a value may take a parameter's place; a frozen one is left to other tensors.
    """
    if not parameter.requires_grad:
        return new is None or isinstance(new, Tensor)
    return (isinstance(new, Tensor) and new.is_leaf and new.requires_grad
            and (new.shape, new.dtype) == (parameter.shape, parameter.dtype))


def kind(x: Any) -> str:
    """What an error calls a value."""
    if isinstance(x, Tensor) and not x.is_leaf:
        return "the result of a computation"
    return " ".join(map(str, [type(x).__name__, getattr(x, "dtype", ""),
                              getattr(x, "shape", "")])).strip()
