"""What the user calls a tensor: by a module's names, or by the variables of a frame."""
from collections.abc import Iterable, Mapping
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
    for name, x in variables.items():
        if isinstance(x, Tensor) and not name.startswith("_"):
            found.setdefault(id(x), name)
    whole = modules_in(variables)
    for name, module in whole.items():
        for inside, x in module.named_parameters():
            found.setdefault(id(x), inside if len(whole) == 1 else f"{name}.{inside}")
    return found


def modules_in(variables: Mapping) -> dict[str, Module]:
    """The modules among the variables that are no part of another one there."""
    modules = {name: x for name, x in variables.items() if isinstance(x, Module)}
    inside = {id(part) for x in modules.values() for part in x.modules() if part is not x}
    found: dict[int, tuple[str, Module]] = {}
    for name, x in modules.items():
        if id(x) not in inside:
            found.setdefault(id(x), (name, x))
    return dict(found.values())


def left_out(modules: Iterable[Module], called: Mapping[int, str], steps: Mapping
             ) -> list[str]:
    """The names of parameters that want a gradient and are not among the steps, of modules
    of which others are."""
    names = []
    for module in modules:
        parameters = [x for x in module.parameters() if x.requires_grad]
        if any(id(x) in steps for x in parameters):
            names += [called.get(id(x), "a parameter") for x in parameters
                      if id(x) not in steps]
    return list(dict.fromkeys(names))
