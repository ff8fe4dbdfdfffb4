"""Schedules as plain data, for files: dicts, lists, numbers and texts."""
from typing import Any

import numpy as np

from optim.hints import did_you_mean
KINDS: dict[str, Any] = {}              # each kind of schedule by its name


def as_data(x: Any) -> Any:
    """What holds schedules, as opt.state_dict()["param_groups"], as JSON can hold it.

    from_data is the way back, but that tuples are lists then.

    Raises TypeError for a function that is no schedule.

    >>> from optim.schedules import exponential
    >>> as_data(exponential(0.1, factor=0.5))["numbers"]
    {'start': 0.1, 'factor': 0.5}
    """
    if hasattr(x, "saved"):
        return x.saved()
    if isinstance(x, dict):
        return {key: as_data(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [as_data(value) for value in x]
    if callable(x):
        raise TypeError(
            f"as_data: came {x!r:.80}, whose code no file holds; make a kind of schedule "
            "of it: put @optim.schedules.schedule above def decay(t, start): ..., and pass "
            "decay(0.1)")
    return x.item() if isinstance(x, np.generic) else x


def from_data(x: Any) -> Any:
    """What as_data was given: the schedules in it are made again, in their states.

    Raises ValueError for a kind of schedule that is not known, or for other numbers.

    >>> from_data({"schedule": "constant", "numbers": {"start": 0.1}, "state": {}})
    constant(0.1)
    """
    if isinstance(x, list):
        return [from_data(value) for value in x]
    if not isinstance(x, dict):
        return x
    inside = {key: from_data(value) for key, value in x.items()}
    if "schedule" not in x:
        return inside
    name, numbers = x["schedule"], inside.get("numbers")
    if name not in KINDS:
        raise ValueError(f"from_data: no kind of schedule is called {name!r};"
                         f"{did_you_mean(str(name), KINDS)} if it is one of your own, "
                         "import the module that makes it first")
    if not isinstance(numbers, dict):
        raise ValueError(f"from_data: the numbers of {name} came as {numbers!r:.80}; needs "
                         "what as_data gave")
    made = KINDS[name](*numbers.pop("parts", ()), **numbers)
    state = inside.get("state")
    if not isinstance(state, dict) or state.keys() != made.state.keys():
        raise ValueError(f"from_data: the state of {name} came as {state!r:.80}; needs "
                         f"{', '.join(made.state) or 'none'}")
    made.state.update(state)
    return made
