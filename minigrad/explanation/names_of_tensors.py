"""What the user calls a tensor: by a module's names, or by the variables of a frame."""
from collections.abc import Mapping
from typing import Any

from minigrad.nn.modules import Module
from minigrad.tensors import Tensor


def names_in(outer: Mapping, inner: Mapping, names: Any = None) -> dict[int, str]:
    """{id of a tensor: its name}; given names come first, then those of variables."""
    found: dict[int, str] = {}
    if isinstance(names, Module):
        found = {id(x): name for name, x in names.named_parameters()}
    elif isinstance(names, Mapping):
        found = {id(x): str(name) for name, x in names.items()}
    elif names is not None:
        raise TypeError(f"explain: names came as {type(names).__name__}, needs a module or "
                        "{name: tensor}")
    variables = {**outer, **inner}
    modules = [(name, x) for name, x in variables.items() if isinstance(x, Module)]
    whole = [(name, x) for name, x in modules if not any(
        x is part for _, other in modules if other is not x for part in parts(other))]
    for name, x in variables.items():
        if isinstance(x, Tensor) and not name.startswith("_"):
            found.setdefault(id(x), name)
    for name, module in whole:
        for inside, x in module.named_parameters():
            found.setdefault(id(x), inside if len(whole) == 1 else f"{name}.{inside}")
    return found


def parts(module: Module) -> list[Module]:
    """The modules inside a module, at any depth."""
    return [x for _, x in module.named_modules()][1:] if hasattr(
        module, "named_modules") else []
