"""What of a model and an optimizer a run can change: read out, and brought back."""
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.nn.attributes import flat
from optim.optimizers.optimizer import Optimizer


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


def state_of_optimizer(optimizer: Any) -> dict[str, Any]:
    """Its state_dict, in which a schedule is what it has observed, if anything: no file
    holds the code of a function."""
    state = optimizer.state_dict()
    return state | {"param_groups": [{name: without_code(value) for name, value in
                                      group.items()} for group in state["param_groups"]]}


def restore_optimizer(optimizer: Any, state: dict[str, Any]) -> None:
    """Bring back what state_of_optimizer gave; schedules are the optimizer's own."""
    groups = [{name: with_code(value, own.get(name)) for name, value in group.items()}
              for group, own in zip(state["param_groups"], optimizer.param_groups)]
    optimizer.load_state_dict(state | {"param_groups": groups})


def without_code(value: Any) -> Any:
    """A hyperparameter as plain data."""
    if isinstance(value, tuple):
        return tuple(map(without_code, value))
    return {"observed": [dict(part.state) for part in parts_of(value)]} if (
        callable(value)) else value


def with_code(value: Any, own: Any) -> Any:
    """What without_code was given, if `own` is that schedule, perhaps in another state."""
    if isinstance(value, tuple) and isinstance(own, tuple):
        return tuple(map(with_code, value, own))
    if not isinstance(value, dict):
        return value
    for part, observed in zip(parts_of(own), value["observed"]):
        part.state = dict(observed)
    return own


def parts_of(schedule: Any) -> list[Any]:
    """The schedules that it is made of; none of a plain function."""
    return schedule.parts() if hasattr(schedule, "parts") else []


def generators_in(model: nn.Module, optimizer: Any) -> dict[str, np.random.Generator]:
    """{name: generator} of those that stand in attributes of modules or the optimizer."""
    owners = [*model.named_modules(), ("optimizer", optimizer)]
    return {f"{owner}.{name}": value for owner, thing in owners
            for name, value in flat(vars(thing).items())
            if isinstance(value, np.random.Generator)}


def settings_of(optimizer: Optimizer) -> dict[str, Any]:
    """The hyperparameters of the first group, as they stand there."""
    return {name: value for name, value in optimizer.param_groups[0].items()
            if name != "params"}


def schedules_of(optimizer: Optimizer) -> list[Any]:
    """What in the groups waits to observe how the run goes, each once."""
    found = {id(value): value for group in optimizer.param_groups
             for value in group.values() if getattr(value, "observes", False)}
    return [*found.values()]


def rates(optimizer: Optimizer) -> dict[str, float]:
    """{"lr": the rate of the step just taken}, if there is one and it changes."""
    lr = optimizer.param_groups[0].get("lr")
    return {"lr": float(lr(max(1, optimizer.t)))} if callable(lr) else {}
