"""What may be wrong with a training: a line for each sign of it, and what to do."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optim.training.tables import Tables


def symptoms(data: Tables, loss: NDArray, metrics: dict[str, NDArray],
             settings: dict[str, Any]) -> tuple[str, ...]:
    """The hints that a training calls for, seen from its data and its curves."""
    return ()
