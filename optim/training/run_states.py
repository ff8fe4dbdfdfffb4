"""What of a model and an optimizer a run can change: read out, and brought back."""
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.nn.attributes import flat


def state_of_model(model: nn.Module) -> dict[str, Any]:
    """Copies of parameters and buffers, also those that are not saved; what is frozen, and
    what is in training."""
    saved = model.state_dict()
    return {"saved": saved,
            "unsaved": {name: np.array(buffer) for name, buffer in model.named_buffers()
                        if name not in saved},
            "wanted": [p.requires_grad for p in model.parameters()],
            "training": [module.training for module in model.modules()]}


def restore_model(model: nn.Module, state: dict[str, Any]) -> None:
    """Bring back what state_of_model gave."""
    model.load_state_dict(state["saved"])
    for name, buffer in model.named_buffers():
        if name in state["unsaved"]:
            buffer[...] = state["unsaved"][name]
    for parameter, wanted in zip(model.parameters(), state["wanted"], strict=True):
        parameter.requires_grad = wanted
    for module, training in zip(model.modules(), state["training"], strict=True):
        module.training = training


def generators_in(model: nn.Module, optimizer: Any) -> dict[str, np.random.Generator]:
    """{name: generator} of those that stand in attributes of modules or the optimizer."""
    owners = [*model.named_modules(), ("optimizer", optimizer)]
    return {f"{owner}.{name}": value for owner, thing in owners
            for name, value in flat(vars(thing).items())
            if isinstance(value, np.random.Generator)}
