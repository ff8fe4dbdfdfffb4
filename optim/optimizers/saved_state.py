"""Whether a saved state_dict belongs to an optimizer, before anything of it is loaded."""
from typing import Any

import numpy as np

from optim.optimizers.arena import Place, Record

Saved = dict[str, Any]


def matching(saved: Saved, own: Saved,
             places: list[Place]) -> tuple[int, list[dict[str, Any]], list[Record]]:
    """t, each group's hyperparameters and each parameter's record in `saved`.

    `own` is the state_dict of the optimizer that shall take them. Raises ValueError if
    they are of different rules, groups, names, shapes or dtypes.
    """
    agree("keys", set(saved), set(own))
    agree("rule", saved["rule"], own["rule"])
    agree("number of groups", len(saved["param_groups"]), len(own["param_groups"]))
    groups = [dict(group) for group in saved["param_groups"]]
    for k, (group, mine) in enumerate(zip(groups, own["param_groups"])):
        agree(f"keys of group {k}", set(group), set(mine))
        agree(f"parameters of group {k}", list(group.pop("params")), mine["params"])
        names = list(group.pop("names"))
        if None not in names + mine["names"]:
            agree(f"names in group {k}", names, mine["names"])
    agree("parameters with a state", set(saved["state"]), set(own["state"]))
    records = [fitting(place, saved["state"][i], own["state"][i])
               for i, place in enumerate(places)]
    return fitting("the optimizer", {"t": saved["t"]}, {"t": 0})["t"], groups, records


def fitting(what: object, record: Record, own: Record) -> Record:
    """A saved record, if its states are of the kinds, shapes and dtypes of our own."""
    agree(f"states of {what}", set(record), set(own))
    result = {}
    for name, needed in own.items():
        value = np.asarray(record[name])
        kinds = [(array.dtype, array.shape) for array in (value, np.array(needed))]
        agree(f"{name} of {what}", *kinds)
        result[name] = value if isinstance(needed, np.ndarray) else value.item()
    agree(f"whether t of {what} is negative", result["t"] < 0, False)
    return result


def agree(what: str, came: Any, needed: Any) -> None:
    """Raise ValueError unless what came is what is needed."""
    if came != needed:
        raise ValueError(f"load_state_dict: {what}: came {came}, needs {needed}")
