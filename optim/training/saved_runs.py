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

PARAMETER = "parameter/"


def save(path: str | os.PathLike[str], model: nn.Module, settings: dict[str, Any],
         **curves: Any) -> None:
    """Write parameters, settings and curves; the file appears whole or not at all."""
    entries = {"settings": np.array(json.dumps(settings, default=int)), **curves}
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
    needed = "needed a file that Training.save wrote"
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path}: no such file; {needed}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not an .npz file; {needed}")
    arrays = in_archive(path)
    if "settings" not in arrays:
        raise ValueError(f"{path}: has no entry settings; {needed}")
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
