"""A trained network in an .npz file, readable by NumPy alone."""
import json
import os
import zipfile
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.saving import in_archive
from minigrad.whole_files import whole_file
from optim.training.architectures import rebuilt
from optim.training.preparing import Preparation
from optim.training.tasks import Task

PARAMETER = "parameter/"


def save(path: str | os.PathLike[str], model: nn.Module, settings: dict[str, Any],
         preparation: Preparation, task: Task, **curves: Any) -> None:
    """Write parameters, settings, what new rows need, and curves; the file appears whole or
    not at all."""
    prepared = {"preparation": preparation.as_data(), "task": task.as_data()}
    entries = {"settings": np.array(json.dumps(settings, default=int)),
               "prepared": np.array(json.dumps(prepared)), **curves}
    entries |= {PARAMETER + name: v for name, v in model.state_dict().items()}
    with whole_file(path) as file:
        np.savez(file, **entries)


def restore(path: str | os.PathLike[str],
            model: nn.Module | None = None) -> tuple[nn.Module, dict[str, Any]]:
    """The trained model and the settings in a file that Training.save wrote.

    A model that was not made from a name must be given: one of the same shape, which takes
    the saved parameters. Raises ValueError if the file holds no training, or if its model
    is needed and missing.
    """
    arrays = entries_of(path)
    settings = json.loads(str(arrays["settings"]))
    state = {name.removeprefix(PARAMETER): array for name, array in arrays.items()
             if name.startswith(PARAMETER)}
    if model is None:
        if settings["model"] is None:
            raise ValueError(f"{path}: its model was not made from a name; needed"
                             " restore(path, model) with a model of the same shape")
        model = rebuilt(settings["model"])
    model.load_state_dict(state)
    return model, settings


def entries_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The arrays in a file that Training.save wrote; ValueError if it is none."""
    needed = "needed a file that Training.save wrote"
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such file; {needed}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not an .npz file; {needed}")
    arrays = in_archive(path)
    if "settings" not in arrays:
        raise ValueError(f"{path}: has no entry settings; {needed}")
    return arrays


def prepared_in(arrays: dict[str, Any], path: Any) -> tuple[Preparation, Task]:
    """How new rows become features, and what outputs mean, in such a file's arrays."""
    if "prepared" not in arrays:
        raise ValueError(f"{path}: was saved by an earlier version, without what new rows "
                         "need; train and save it anew")
    found = json.loads(str(arrays["prepared"]))
    task = found["task"]
    return Preparation.from_data(found["preparation"]), Task(
        **(task | {"classes": tuple(task["classes"])}))
